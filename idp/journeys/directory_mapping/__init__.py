"""From a record of a directory file to what is kept of it: which attribute is which, and what makes a record unusable.

Each kind of file has its own words, and its own file here: `aaf2d` and `aaf1d` (which share `aaf`), `siecle` and `csv_table`; `shared` is
what all of them need. docs/reference/directory-formats.md is the same in prose, with what is known and what is a guess.

A record that replaces another (addRequest) is read alone. A modification (modifyRequest, AAF only) changes only what it gives: what it does
not give stays as it was kept. Two values that are kept are made from several attributes:

- the mobile number is the first usable one of its attributes (second degree: ENTPersonMobileSMS, then each `mobile`). A modification that
  gives one of them is read alone, since what the other one held is not kept; one that gives neither leaves the number;
- the given names are the first name followed by ENTPersonAutresPrenoms; a modification of one leaves the other.
"""

from collections.abc import Iterable

from idp.journeys.directory_mapping import aaf, csv_table, siecle
from idp.journeys.directory_mapping.aaf1d import AAF_1D
from idp.journeys.directory_mapping.aaf2d import AAF_2D
from idp.journeys.directory_mapping.shared import JOINTURE, UnusableRecord
from idp.journeys.directory_ports import Entry, Kind, Origin, SourceRecord

__all__ = [
    "JOINTURE",
    "UnusableRecord",
    "ine_values",
    "mobile_values",
    "read_academy",
    "read_entry",
    "read_school_jointure",
]


def read_entry(record: SourceRecord, before: Entry | None, *, fiction: bool) -> Entry:
    """Return what is to be kept of a record.

    Args:
        record: An addRequest or a modifyRequest of one of the kinds of `Kind`.
        before: What is kept now, for a modifyRequest; None for an addRequest.
        fiction: Whether numbers of fiction are mobiles: on test instances only.

    Raises:
        UnusableRecord: Something that must be there is missing, malformed or too long.
    """
    if record.origin is Origin.AAF_2D:
        return aaf.read_entry(record, before, AAF_2D, fiction=fiction)
    if record.origin is Origin.AAF_1D:
        return aaf.read_entry(record, before, AAF_1D, fiction=fiction)
    if record.origin is Origin.SIECLE:
        return siecle.read_entry(record, fiction=fiction)
    return csv_table.read_entry(record, fiction=fiction)


def read_academy(record: SourceRecord) -> str:
    """Return the academy that a school's record names by its code, else by its name; "" when it names none.

    Raises:
        UnusableRecord: It names something that is no academy.
    """
    return aaf.read_academy(record)


def read_school_jointure(record: SourceRecord) -> str:
    """Return how a pupil's record names its school, "" when it does not, or with something that cannot be an id.

    It is the school's jointure in AAF and its UAI in a CSV, which knows nothing else of it: as `PupilEntry.school_jointure`.
    """
    name = csv_table.UAI if record.origin is Origin.CSV else aaf.SCHOOL_OF_PUPIL
    values = record.attributes.get(name, ())
    return values[0] if values and JOINTURE.fullmatch(values[0]) else ""


def mobile_values(record: SourceRecord) -> Iterable[str]:
    """Return every value of a guardian's record where a person's number may be written, kept or not: landlines too."""
    if record.kind != Kind.GUARDIAN:
        return ()
    names = _PHONE_ATTRIBUTES[record.origin]
    return [value for name in names for value in record.attributes.get(name, ())]


def ine_values(record: SourceRecord) -> Iterable[str]:
    """Return every value of a pupil's record where an INE may be written."""
    return record.attributes.get(csv_table.INE if record.origin is Origin.CSV else aaf.INE, ())


_PHONE_ATTRIBUTES = {
    Origin.AAF_2D: AAF_2D.mobiles + AAF_2D.other_phones,
    Origin.AAF_1D: AAF_1D.mobiles + AAF_1D.other_phones,
    Origin.SIECLE: siecle.PHONES,
    Origin.CSV: csv_table.PHONES,
}
