"""Import the school's directory: read every record, keep what it says, and account for each one.

**Two readings.** The files are read twice, and nothing is written during the first, which finds out whether the import may be done at
all: a file that is refused, real data on a test instance, an academy that cannot be told.

**Which academy.** Records of pupils and guardians name no academy, and a jointure means nothing outside one. It is, in this order:

1. the `academy` of the policy (an option of the command);
2. the one that the schools' records (EtabEducNat) of the same import name;
3. the one of the schools that are known already and that the pupils' records name (ENTPersonStructRattach).

None of these, or several academies in the first of them that says something: the import is refused and says so. Nothing is guessed. Under a
given academy, a school's record that names another one is rejected.

**What is done.** An addRequest replaces all that is kept of a record, a modifyRequest what it gives, a deleteRequest marks a record absent:
nothing is ever erased, so that a contest outlives the link (guarantee 3 of docs/security.md). A record that says what is kept already is
unchanged: importing a file twice changes nothing. A record that cannot be used is rejected with file, line and reason, and the rest goes
on. Records of kinds that signing in does not need (staff, subjects) are skipped: they are not counted as read.

**One transaction per batch** of records of one kind: a run that is interrupted is run again.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field

from idp.journeys.directory_mapping import (
    JOINTURE,
    UnusableRecord,
    ine_values,
    mobile_values,
    read_academy,
    read_entry,
    read_school_jointure,
)
from idp.journeys.directory_ports import (
    DirectoryBatch,
    DirectoryStore,
    Entry,
    Kind,
    Operation,
    RecordState,
    RejectedRecord,
    SourceRecord,
)
from idp.journeys.ports import Clock
from idp.people.academies import normalise_academy
from idp.people.fiction import is_plausible_ine
from idp.people.phones import is_fictional, parse_directory_mobile

_KINDS = frozenset(Kind)


class ImportRefused(Exception):  # noqa: N818  the name says what happened
    """The import may not be done, and nothing was written; its text is one sentence for whoever asked for it."""


@dataclass(frozen=True, slots=True)
class ImportPolicy:
    """How to import.

    Attributes:
        test_instance: Numbers of fiction are mobiles, and real data is refused (guarantee 18 of docs/security.md).
        academy: National code, "" to read it from the files.
        force_real_data: The operator said in words that real data may enter a test instance.
        batch_size: Records in one transaction.
    """

    test_instance: bool
    academy: str = ""
    force_real_data: bool = False
    batch_size: int = 500


@dataclass(slots=True)
class ImportReport:
    """The account of an import: what was read is what was added, modified, deleted, left unchanged or rejected."""

    academy: str
    read: int = 0
    added: int = 0
    modified: int = 0
    deleted: int = 0
    unchanged: int = 0
    rejected: int = 0
    skipped: dict[str, int] = field(default_factory=dict)  # by kind; not part of what was read
    incomplete_files: list[str] = field(default_factory=list)  # cut short or ill-formed: their end was not read

    @property
    def balanced(self) -> bool:
        """Whether every record read is accounted for."""
        return self.read == self.added + self.modified + self.deleted + self.unchanged + self.rejected

    @property
    def clean(self) -> bool:
        """Whether nothing was rejected: the command's exit status."""
        return self.rejected == 0

    def to_json(self) -> str:
        """Return the report as JSON."""
        return json.dumps(asdict(self), ensure_ascii=False)


FileEntry = SourceRecord | RejectedRecord
Source = Callable[[], Iterable[FileEntry]]
"""Begins a new reading of the files each time it is called."""


def run_import(
    source: Source,
    store: DirectoryStore,
    clock: Clock,
    policy: ImportPolicy,
    *,
    on_reject: Callable[[RejectedRecord], None],
    on_progress: Callable[[ImportReport], object],
) -> ImportReport:
    """Import directory files.

    Args:
        source: The files' records, read twice.
        store: Where the directory is kept.
        clock: For the run's beginning and end.
        policy: How to import.
        on_reject: Called with each rejected record, once its transaction is done.
        on_progress: Called after each transaction with the report so far, which is not to be changed.

    Raises:
        ImportRefused: Real data on a test instance, or an academy that cannot be told. Nothing was written.
        RejectedFile: A file that is no directory file, or a hostile one. Nothing was written.
    """
    academy = _survey(source(), store, policy)
    report = ImportReport(academy)
    desk = _Desk(store, policy, academy, report, on_reject)
    run_id = store.begin_run(clock.now())
    for batch in _batches(desk.usable(source()), policy.batch_size):
        desk.keep(batch)
        on_progress(report)
    if not report.balanced:
        raise RuntimeError(f"the import's account does not balance: {report.to_json()}")
    store.end_run(run_id, clock.now(), report.to_json())
    return report


# --- the first reading ------------------------------------------------------------------------------------------------------------


def _survey(entries: Iterable[FileEntry], store: DirectoryStore, policy: ImportPolicy) -> str:
    """Read everything once and return the academy of the import.

    Raises:
        ImportRefused: As `run_import` says.
    """
    given = _given_academy(policy)
    looks_for_real_data = policy.test_instance and not policy.force_real_data
    named: set[str] = set()
    known = _KnownAcademies(store, policy.batch_size)
    for entry in entries:
        if isinstance(entry, RejectedRecord) or entry.operation is Operation.DELETE:
            continue
        if looks_for_real_data:
            _check_fictional(entry)
        if entry.kind == Kind.SCHOOL:
            named |= _named_academy(entry)
        elif entry.kind == Kind.PUPIL:
            known.note_school(read_school_jointure(entry))
    academy = given or _only(named) or _only(known.load())
    if not academy:
        raise ImportRefused(
            "The academy of these files cannot be told: give the schools' file (EtabEducNat) in the same import, or name the academy."
        )
    return academy


class _KnownAcademies:
    """The academies of schools that are known already, asked for in batches so that memory stays bounded."""

    def __init__(self, store: DirectoryStore, batch_size: int) -> None:
        self._store = store
        self._batch_size = batch_size
        self._schools: set[str] = set()
        self._academies: set[str] = set()

    def note_school(self, jointure: str) -> None:
        self._schools.add(jointure)
        if len(self._schools) >= self._batch_size:
            self.load()

    def load(self) -> set[str]:
        self._academies |= self._store.load_school_academies(sorted(self._schools - {""}))
        self._schools.clear()
        return self._academies


def _given_academy(policy: ImportPolicy) -> str:
    try:
        return normalise_academy(policy.academy) if policy.academy else ""
    except ValueError as error:
        raise ImportRefused(f"{error}.") from None


def _named_academy(record: SourceRecord) -> set[str]:
    try:
        academy = read_academy(record)
    except UnusableRecord:
        return set()  # rejected by the second reading, which says so
    return {academy} if academy else set()


def _only(academies: set[str]) -> str:
    if len(academies) > 1:
        listed = ", ".join(sorted(academies, key=int))
        raise ImportRefused(
            f"These files concern several academies ({listed}): import each academy's files alone, or name one."
        )
    return next(iter(academies), "")


def _check_fictional(record: SourceRecord) -> None:
    """Refuse data that may be real.

    Raises:
        ImportRefused: A mobile number that is no number of fiction, or an INE that could be one.
    """
    what = ""
    numbers = (parse_directory_mobile(value, fiction=True) for value in mobile_values(record))
    if any(number is not None and not is_fictional(number) for number in numbers):
        what = "a mobile number"
    elif any(map(is_plausible_ine, ine_values(record))):
        what = "an INE"
    if what:
        raise ImportRefused(
            f"{record.file}, line {record.line}, holds {what} that may be real. This is a test instance, for fictional data only:"
            " nothing was imported."
        )


# --- the second reading -----------------------------------------------------------------------------------------------------------


def _batches(records: Iterable[SourceRecord], size: int) -> Iterator[list[SourceRecord]]:
    """Group records in their order; a group holds one kind, and each record once."""
    batch: list[SourceRecord] = []
    seen: set[str] = set()
    for record in records:
        if batch and (len(batch) >= size or record.kind != batch[0].kind or record.jointure in seen):
            yield batch
            batch, seen = [], set()
        batch.append(record)
        seen.add(record.jointure)
    if batch:
        yield batch


class _Desk:
    """The second reading: what becomes of each record, and its account."""

    def __init__(
        self,
        store: DirectoryStore,
        policy: ImportPolicy,
        academy: str,
        report: ImportReport,
        on_reject: Callable[[RejectedRecord], None],
    ) -> None:
        self._store = store
        self._policy = policy
        self._academy = academy
        self._report = report
        self._on_reject = on_reject

    def usable(self, entries: Iterable[FileEntry]) -> Iterator[SourceRecord]:
        """Yield the records that can be looked up; reject or skip the others."""
        report = self._report
        for entry in entries:
            if isinstance(entry, RejectedRecord):
                report.read += 1
                if entry.ends_file:
                    report.incomplete_files.append(entry.file)
                self._reject(entry)
            elif entry.kind not in _KINDS:
                report.skipped[entry.kind] = report.skipped.get(entry.kind, 0) + 1
            else:
                report.read += 1
                if JOINTURE.fullmatch(entry.jointure):
                    yield entry
                else:
                    self._reject(RejectedRecord(entry.file, entry.line, "no usable id (jointure)"))

    def keep(self, batch: Sequence[SourceRecord]) -> None:
        """Keep one batch of records of one kind in one transaction."""
        kind = Kind(batch[0].kind)
        rejects: list[RejectedRecord] = []
        with self._store.writing() as desk:
            jointures = [record.jointure for record in batch]
            states = desk.load_states(kind, self._academy, jointures)
            before = self._load_before(desk, kind, batch)
            saved: list[tuple[Entry, str]] = []
            gone: list[str] = []
            counts = {"added": 0, "modified": 0, "deleted": 0, "unchanged": 0}
            for record in batch:
                try:
                    outcome = self._decide(record, states.get(record.jointure), before, saved, gone)
                except UnusableRecord as why:
                    rejects.append(RejectedRecord(record.file, record.line, str(why), record.jointure))
                else:
                    counts[outcome] += 1
            desk.save(kind, self._academy, saved)
            desk.mark_absent(kind, self._academy, gone)
        # Told only once the transaction is done.
        for outcome, count in counts.items():
            setattr(self._report, outcome, getattr(self._report, outcome) + count)
        for reject in rejects:
            self._reject(reject)

    def _load_before(self, desk: DirectoryBatch, kind: Kind, batch: Sequence[SourceRecord]) -> dict[str, Entry]:
        changed = [record.jointure for record in batch if record.operation is Operation.MODIFY]
        return desk.load_entries(kind, self._academy, changed) if changed else {}

    def _decide(
        self,
        record: SourceRecord,
        state: RecordState | None,
        before: dict[str, Entry],
        saved: list[tuple[Entry, str]],
        gone: list[str],
    ) -> str:
        """Say what becomes of a record, and put it where it is to be written.

        Raises:
            UnusableRecord: It is to be rejected.
        """
        if record.operation is Operation.DELETE:
            return _delete(record, state, gone)
        if record.operation is Operation.MODIFY and record.jointure not in before:
            raise UnusableRecord("modification of a record that is not known")
        self._check_academy(record)
        entry = read_entry(record, before.get(record.jointure), fiction=self._policy.test_instance)
        digest = _digest(entry)
        if state is not None and state.present and state.digest == digest:
            return "unchanged"
        saved.append((entry, digest))
        return "modified" if state is not None and state.present else "added"

    def _check_academy(self, record: SourceRecord) -> None:
        if record.kind == Kind.SCHOOL:
            named = read_academy(record)
            if named not in {"", self._academy}:
                raise UnusableRecord(f"a school of academy {named} in an import for academy {self._academy}")

    def _reject(self, reject: RejectedRecord) -> None:
        self._report.rejected += 1
        self._on_reject(reject)


def _delete(record: SourceRecord, state: RecordState | None, gone: list[str]) -> str:
    if record.kind == Kind.SCHOOL:
        raise UnusableRecord("a school is not deleted: its pupils and guardians are, one by one")
    if state is None:
        raise UnusableRecord("deletion of a record that is not known")
    if not state.present:
        return "unchanged"
    gone.append(record.jointure)
    return "deleted"


def _digest(entry: Entry) -> str:
    """Return a hash of all that is kept of a record, links included."""
    return hashlib.sha256(json.dumps(asdict(entry), default=str, sort_keys=True).encode()).hexdigest()
