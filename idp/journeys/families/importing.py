"""The records of documents, as an import of their academies' files."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from idp.journeys.directory_desk import DirectoryStore
from idp.journeys.directory_import import ImportPolicy, run_import
from idp.journeys.directory_ports import Kind, RejectedRecord, SourceRecord
from idp.journeys.families.document import DocumentFault, FamiliesRefused
from idp.journeys.ports import Clock

_ORDER = (Kind.SCHOOL, Kind.GUARDIAN, Kind.PUPIL)


@dataclass(slots=True)
class Imported:
    """How many records were written."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0


def import_records(records: Mapping[str, Sequence[SourceRecord]], directory: DirectoryStore, clock: Clock) -> Imported:
    """Take records in, academy by academy.

    Args:
        records: By academy.
        directory: Where they go.
        clock: The time.

    Raises:
        FamiliesRefused: Some were rejected.
        ImportUnderWay: Another process imports.
    """
    done = Imported()
    rejected: list[RejectedRecord] = []
    for academy, some in sorted(records.items(), key=lambda item: int(item[0])):
        # As files bring them: one kind after the other.
        files = sorted(some, key=lambda record: (_ORDER.index(Kind(record.kind)), record.origin))
        one = run_import(
            lambda files=files: iter(files),  # type: ignore[misc]  # read twice, each time from its beginning
            directory,
            clock,
            ImportPolicy(test_instance=True, academy=academy, confirm_changes=True),
            on_reject=rejected.append,
            on_progress=lambda _: None,
        )
        done.added += one.added
        done.changed += one.modified + one.deleted
        done.unchanged += one.unchanged
    if rejected:
        raise FamiliesRefused(
            *(DocumentFault(one.file, one.line, "the record", f"is rejected: {one.reason}") for one in rejected)
        )
    return done
