"""What the directory import asks of the database."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from idp.journeys.directory_ports import Entry, Kind, LinkRecordEntry, Origin, PupilKey, RejectedRecord, StatedLink


@dataclass(frozen=True, slots=True)
class RecordState:
    """What is known of a record without reading it whole."""

    digest: str
    present: bool
    school_jointure: str = ""  # of a pupil


@dataclass(frozen=True, slots=True)
class StatementKey:
    """What tells one statement of a guardian's side from another, among those of one academy and origin."""

    guardian_jointure: str
    pupil_key: PupilKey
    pupil_value: str
    pupil_uai: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record was read."""

    file: str
    line: int


@dataclass(frozen=True, slots=True)
class KnownSchool:
    """What a school of an academy holds now, to measure a change by."""

    phones: int  # guardians with a mobile number and a present link to one of its pupils
    links: int  # present links of its pupils


@dataclass(frozen=True, slots=True)
class Leavers:
    """What a full export no longer holds of one school."""

    school_jointure: str
    pupils: int
    links: int
    phones: int


@dataclass(frozen=True, slots=True)
class WaitingLink:
    """A link that is not made yet. Record ids only."""

    academy: str
    origin: Origin
    guardian_jointure: str
    pupil_key: PupilKey
    pupil_value: str  # "" for names: no personal data
    pupil_uai: str
    homonyms: bool  # two pupils share these names or this id; False: no such pupil is known
    file: str
    line: int


class DirectoryReading(Protocol):
    """What an import asks of the directory, batch by batch. A batch holds records of one kind and one origin."""

    def load_states(self, kind: Kind, academy: str, origin: Origin, jointures: Sequence[str]) -> dict[str, RecordState]:
        """Return the state of those of these records that are known, by jointure."""

    def load_entries(self, kind: Kind, academy: str, origin: Origin, jointures: Sequence[str]) -> dict[str, Entry]:
        """Return those of these records that are present, as their latest record says, by jointure."""

    def load_statements(
        self, academy: str, origin: Origin, guardian_jointures: Sequence[str]
    ) -> dict[StatementKey, StatedLink]:
        """Return the links that records of links state for these guardians, by key."""

    def load_schools_of_guardians(
        self, academy: str, origin: Origin, guardian_jointures: Sequence[str]
    ) -> dict[str, set[str]]:
        """Return the jointures of the schools of the pupils to whom these guardians have present links."""


class DirectoryBatch(DirectoryReading, Protocol):
    """One transaction of an import."""

    def save(
        self, kind: Kind, academy: str, origin: Origin, entries: Sequence[tuple[Entry, str, Place]], at: datetime
    ) -> None:
        """Keep these records (each jointure once) with their digests, new or known, and mark them present.

        A pupil's links become those that the entry states; so do the statements of a guardian's own record. What guardians confirmed or
        contested is never touched (guarantee 3 of docs/security.md). A link is present while either side states it and neither end is
        absent. A mobile number that changes is dated; when an account holds the record, the ledger and the person are
        told (`journeys.phone_changes`).
        """

    def mark_absent(self, kind: Kind, academy: str, origin: Origin, jointures: Sequence[str]) -> None:
        """Mark these pupils or guardians, and their links, absent. Nothing is erased."""

    def withdraw_statements(self, academy: str, origin: Origin, keys: Sequence[StatementKey]) -> None:
        """Note that these links are no longer stated by a record of their own."""


class DirectorySurvey(DirectoryReading, Protocol):
    """The readings of one import: what was seen in its files is remembered outside the directory, and forgotten with the import."""

    def note_seen(self, kind: Kind | None, origin: Origin | None, keys: Sequence[str]) -> None:
        """Remember that the files hold these records.

        Args:
            kind: None for a record whose kind could not be read.
            origin: None for a record whose origin could not be read.
            keys: Jointures; for a link, what `statement_name` returns.
        """

    def note_own(self, origin: Origin, schools: Sequence[str], uais: Sequence[str]) -> None:
        """Say which schools the files of an origin are about: by jointure for pupils, by UAI for stated links."""

    def measure_leavers(self, academy: str, origin: Origin) -> list[Leavers]:
        """Return what the files no longer hold of their own schools, without changing anything."""

    def load_absent_pupils(self, academy: str, origin: Origin, limit: int) -> list[str]:
        """Return some present pupils of the files' own schools that the files do not hold; [] once there is none."""

    def load_absent_guardians(self, academy: str, origin: Origin, after: str, limit: int) -> list[str]:
        """Return some present guardians that the files do not hold, with links to pupils of the files' own schools and to no others.

        Args:
            academy: Whose records.
            origin: Of which files.
            after: Only jointures above it, in their order.
            limit: At most so many.
        """

    def load_absent_statements(self, academy: str, origin: Origin, limit: int) -> list[StatementKey]:
        """Return some links stated for the files' own schools that the files do not hold; [] once there is none."""


class DirectoryStore(Protocol):
    """Where the directory is kept."""

    def importing(self) -> AbstractContextManager[DirectorySurvey]:
        """The one import of this database, from its first reading to its end.

        Raises:
            ImportUnderWay: Another process imports.
        """

    def writing(self) -> AbstractContextManager[DirectoryBatch]:
        """One transaction: commits at the end, rolls back on an exception, and lets others write before the next one."""

    def look_at_growth(self) -> None:
        """Let the database take note of how much was written, before it is asked about all of it."""

    def settle_links(self, academy: str, batch_size: int, at: datetime) -> None:
        """Make the links that guardians' sides state and whose pupil is known, and unmake those whose statement or pupil is gone.

        One transaction for each batch; what is made depends on what is kept, and not on the order in which it came.

        Args:
            academy: Whose.
            batch_size: Statements in one transaction.
            at: The present moment.
        """

    def load_school_academies(self, jointures: Sequence[str], uais: Sequence[str] = ()) -> set[str]:
        """Return the academies of the known schools with these jointures or UAIs."""

    def load_school_uais(self, academy: str) -> dict[str, str]:
        """Return the UAI of each known school of an academy, by jointure."""

    def measure_schools(self, academy: str, jointures: Sequence[str]) -> dict[str, KnownSchool]:
        """Return what these schools hold now, by jointure."""

    def count_statements(self, academy: str) -> dict[tuple[str, str], int]:
        """Return how many links guardians' sides state, by state (`linked`, `waiting`, `homonyms`) and UAI."""

    def load_homonyms(self, academy: str) -> Iterator[RejectedRecord]:
        """Yield the stated links that two pupils could be meant by, as records that are rejected for that reason."""

    def load_waiting(self) -> Iterator[WaitingLink]:
        """Yield the links that are not made yet."""

    def begin_run(self, at: datetime) -> int:
        """Note that an import begins, and return the run's id."""

    def end_run(self, run_id: int, at: datetime, report: str) -> None:
        """Note that an import ended.

        Args:
            run_id: As `begin_run` gave it.
            at: When.
            report: JSON of `journeys.directory_report.ImportReport`.
        """


class ImportUnderWay(Exception):  # noqa: N818  the name says what happened
    """Another import of this database runs now; its text is one sentence."""


def statement_key(entry: LinkRecordEntry) -> StatementKey:
    """Return the key of a link that is a record of its own."""
    link = entry.link
    return StatementKey(entry.guardian_jointure, link.pupil_key, kept_value(link), link.pupil_uai)


def kept_value(link: StatedLink) -> str:
    """Return what is kept of a statement's pupil: an id as it is, names as a hash."""
    return hash_names(link.pupil_value) if link.pupil_key is PupilKey.NAMES else link.pupil_value


def hash_names(folded: str) -> str:
    """Return a hash of folded names joined by "|": of one length, and told in no list."""
    return hashlib.sha256(folded.encode()).hexdigest()


def statement_name(key: StatementKey) -> str:
    """Return one text for a key: no two keys have the same."""
    return f"{key.guardian_jointure}\n{key.pupil_key.value}\n{key.pupil_value}\n{key.pupil_uai}"
