"""What becomes of each record of a batch: decided here, in both readings; written by the second one alone."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from idp.journeys.directory_desk import (
    DirectoryReading,
    Place,
    RecordState,
    StatementKey,
    statement_key,
    statement_name,
)
from idp.journeys.directory_mapping import JOINTURE, UnusableRecord, read_academy, read_entry
from idp.journeys.directory_ports import (
    Entry,
    GuardianEntry,
    Kind,
    LinkRecordEntry,
    Operation,
    Origin,
    PupilEntry,
    PupilKey,
    RejectedRecord,
    SourceRecord,
    StatedLink,
)


class Outcome(StrEnum):
    """What becomes of a record that is not rejected: the names of the report's counts."""

    ADDED = "added"
    MODIFIED = "modified"
    DELETED = "deleted"
    UNCHANGED = "unchanged"


@dataclass(slots=True)
class OwnSchools:
    """The schools that an import may touch.

    Attributes:
        uais: The UAI of each school, by its jointure; grows with the schools of the files.
        known: UAIs of those of the academy that the database knew before the import.
        given: UAIs of those whose own record is in the files.
        named: UAIs of those that the files' pupils name; None while they are still being read.
    """

    uais: dict[str, str]
    known: frozenset[str] = frozenset()
    given: set[str] = field(default_factory=set)
    named: set[str] | None = None

    def check(self, before: str, after: str) -> None:
        """Check that a pupil's record may be touched.

        Args:
            before: The school that the pupil is known in, "" for a new pupil; a jointure, or a UAI where a file knows nothing else.
            after: The school of the record, likewise.

        Raises:
            UnusableRecord: The pupil is one of another school.
        """
        before, after = self.uai(before), self.uai(after)
        if self.given:
            foreign = any(one in self.known and one not in self.given for one in (before, after))
        else:
            foreign = bool(before) and before != after and self.named is not None and before not in self.named
        if foreign:
            raise UnusableRecord("a pupil of a school that is not one of this import's")

    def uai(self, school: str) -> str:
        """Return the UAI of a school, or its jointure while no record of it is known."""
        return self.uais.get(school, school)


@dataclass(frozen=True, slots=True)
class Rules:
    """What the decisions of one import depend on, besides the records."""

    academy: str
    fiction: bool
    schools: OwnSchools


@dataclass(slots=True)
class BatchPlan:
    """What becomes of the records of one batch."""

    kind: Kind
    origin: Origin
    saved: list[tuple[Entry, str, Place]] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    withdrawn: list[StatementKey] = field(default_factory=list)
    counts: Counter[Outcome] = field(default_factory=Counter)
    rejects: list[RejectedRecord] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)  # every record's name, rejected ones included
    states: dict[str, RecordState] = field(default_factory=dict)
    schools: set[str] = field(default_factory=set)  # named by usable pupils, by jointure
    uais: set[str] = field(default_factory=set)  # named by usable links
    statements: dict[StatementKey, StatedLink] = field(default_factory=dict)  # of records of links, as they were


def batches(records: Iterable[SourceRecord], size: int) -> Iterator[list[SourceRecord]]:
    """Group records in their order; a group holds one kind and one origin, and each record of a person or school once."""
    batch: list[SourceRecord] = []
    seen: set[str] = set()
    for record in records:
        other = bool(batch) and (record.kind, record.origin) != (batch[0].kind, batch[0].origin)
        again = record.kind != Kind.LINK and record.jointure in seen
        if other or again or len(batch) >= size:
            yield batch
            batch, seen = [], set()
        batch.append(record)
        seen.add(record.jointure)
    if batch:
        yield batch


def plan_batch(reading: DirectoryReading, batch: Sequence[SourceRecord], rules: Rules) -> BatchPlan:
    """Decide what becomes of each record of a batch, which holds one kind and one origin."""
    plan = BatchPlan(Kind(batch[0].kind), batch[0].origin)
    if plan.kind is Kind.LINK:
        _plan_links(reading, batch, rules, plan)
        return plan
    plan.seen = [record.jointure for record in batch]
    plan.states = reading.load_states(plan.kind, rules.academy, plan.origin, plan.seen)
    changed = [record.jointure for record in batch if record.operation is Operation.MODIFY]
    before = reading.load_entries(plan.kind, rules.academy, plan.origin, changed) if changed else {}
    for record in batch:
        try:
            outcome = _decide(record, before.get(record.jointure), rules, plan)
        except UnusableRecord as why:
            plan.rejects.append(_rejected(record, why))
        else:
            plan.counts[outcome] += 1
    return plan


def _decide(record: SourceRecord, before: Entry | None, rules: Rules, plan: BatchPlan) -> Outcome:
    """Say what becomes of a record of a school, a pupil or a guardian, and put it where it is to be written.

    Raises:
        UnusableRecord: It is to be rejected.
    """
    state = plan.states.get(record.jointure)
    if record.operation is Operation.DELETE:
        return _delete(record, state, rules, plan)
    if record.operation is Operation.MODIFY and before is None:
        raise UnusableRecord("modification of a record that is not known")
    if plan.kind is Kind.SCHOOL:
        _check_academy(record, rules.academy)
    entry = read_entry(record, before, fiction=rules.fiction)
    if isinstance(entry, PupilEntry):
        rules.schools.check(state.school_jointure if state else "", entry.school_jointure)
        plan.schools.add(entry.school_jointure)
    elif isinstance(entry, GuardianEntry):
        for link in entry.links:
            _check_statement(link)
    digest = _digest(entry)
    if state is not None and state.present and state.digest == digest:
        return Outcome.UNCHANGED
    plan.saved.append((entry, digest, Place(record.file, record.line)))
    return Outcome.MODIFIED if state is not None and state.present else Outcome.ADDED


def _delete(record: SourceRecord, state: RecordState | None, rules: Rules, plan: BatchPlan) -> Outcome:
    if plan.kind is Kind.SCHOOL:
        raise UnusableRecord("a school is not deleted: its pupils and guardians are, one by one")
    if state is None:
        raise UnusableRecord("deletion of a record that is not known")
    if plan.kind is Kind.PUPIL:
        rules.schools.check(state.school_jointure, state.school_jointure)
    if not state.present:
        return Outcome.UNCHANGED
    plan.gone.append(record.jointure)
    return Outcome.DELETED


def _plan_links(reading: DirectoryReading, batch: Sequence[SourceRecord], rules: Rules, plan: BatchPlan) -> None:
    read: list[tuple[SourceRecord, LinkRecordEntry]] = []
    for record in batch:
        try:
            entry = read_entry(record, None, fiction=rules.fiction)
            link = _check_link(entry)
        except UnusableRecord as why:
            plan.rejects.append(_rejected(record, why))
        else:
            read.append((record, link))
    guardians = sorted({entry.guardian_jointure for _, entry in read})
    plan.statements = reading.load_statements(rules.academy, plan.origin, guardians) if guardians else {}
    latest = dict(plan.statements)
    saved: dict[StatementKey, tuple[Entry, str, Place]] = {}
    for record, entry in read:
        key = statement_key(entry)
        plan.seen.append(statement_name(key))
        plan.uais.add(entry.link.pupil_uai)
        known = latest.get(key)
        if record.operation is Operation.DELETE:
            saved.pop(key, None)
            latest.pop(key, None)
            if key in plan.statements:
                plan.withdrawn.append(key)
            plan.counts[Outcome.UNCHANGED if known is None else Outcome.DELETED] += 1
        elif known is not None and _weight(known) == _weight(entry.link):
            plan.counts[Outcome.UNCHANGED] += 1
        else:
            saved[key] = (entry, "", Place(record.file, record.line))
            latest[key] = entry.link
            plan.counts[Outcome.ADDED if known is None else Outcome.MODIFIED] += 1
    plan.withdrawn = [key for key in plan.withdrawn if key not in saved]
    plan.saved = list(saved.values())


def _weight(link: StatedLink) -> tuple[str, str, bool]:
    return link.relation, link.legal_level, link.legal


def _check_link(entry: Entry) -> LinkRecordEntry:
    if not isinstance(entry, LinkRecordEntry) or not JOINTURE.fullmatch(entry.guardian_jointure):
        raise UnusableRecord("a link of no usable guardian")
    _check_statement(entry.link)
    return entry


def _check_statement(link: StatedLink) -> None:
    if link.pupil_key is not PupilKey.NAMES and not JOINTURE.fullmatch(link.pupil_value):
        raise UnusableRecord("a link to no usable id of a pupil")


def _check_academy(record: SourceRecord, academy: str) -> None:
    named = read_academy(record)
    if named not in {"", academy}:
        raise UnusableRecord(f"a school of academy {named} in an import for academy {academy}")


def _rejected(record: SourceRecord, why: UnusableRecord) -> RejectedRecord:
    return RejectedRecord(record.file, record.line, str(why), record.jointure)


def _digest(entry: Entry) -> str:
    """Return a hash of all that is kept of a record, links included."""
    return hashlib.sha256(repr(entry).encode("utf-8", "surrogatepass")).hexdigest()
