"""The first reading of an import: nothing is written, everything that could forbid it is looked for, and what would change is measured."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from idp.journeys.directory_academy import AcademySigns, FileEntry, ImportRefused, Source
from idp.journeys.directory_brakes import Measure
from idp.journeys.directory_desk import DirectoryStore, DirectorySurvey
from idp.journeys.directory_mapping import JOINTURE, ine_values, mobile_values
from idp.journeys.directory_plan import BatchPlan, Outcome, OwnSchools, Rules, batches, plan_batch
from idp.journeys.directory_ports import (
    Kind,
    Operation,
    Origin,
    RejectedRecord,
    SchoolEntry,
    SourceRecord,
)
from idp.journeys.directory_report import ImportReport
from idp.people.fiction import is_plausible_ine
from idp.people.phones import is_fictional, parse_directory_mobile

_KINDS = frozenset(Kind)


@dataclass(frozen=True, slots=True)
class ImportPolicy:
    """How to import.

    Attributes:
        test_instance: Numbers of fiction are mobiles, and real data is refused (guarantee 18 of docs/security.md).
        academy: National code, "" to read it from the files.
        force_real_data: The operator said in words that real data may enter a test instance.
        full: The files are a full export of their schools: what they no longer hold becomes absent.
        uais: The schools that the files' names and first lines give.
        note: What whoever imports must read of `full`, "" for nothing.
        confirm_changes: The operator looked at a change that the brakes would stop.
        dry_run: Nothing is written: the account says what would be.
        batch_size: Records in one transaction.
    """

    test_instance: bool
    academy: str = ""
    force_real_data: bool = False
    full: bool = False
    uais: frozenset[str] = frozenset()
    note: str = ""
    confirm_changes: bool = False
    dry_run: bool = False
    batch_size: int = 500


@dataclass(frozen=True, slots=True)
class Watch:
    """Who is told of what happens.

    Attributes:
        on_reject: Called with each rejected record, once its transaction is done.
        on_progress: Called after each batch of either reading with the report so far, which is not to be changed.
    """

    on_reject: Callable[[RejectedRecord], object]
    on_progress: Callable[[ImportReport], object]


@dataclass(slots=True)
class Findings:
    """What the first reading found.

    Attributes:
        report: The account of what the import would do.
        rules: What the decisions of the second reading depend on.
        origins: The kinds of records that the files hold of each origin.
    """

    report: ImportReport
    rules: Rules
    origins: dict[Origin, set[Kind]] = field(default_factory=dict)


def survey_files(
    source: Source, store: DirectoryStore, survey: DirectorySurvey, policy: ImportPolicy, academy: str, watch: Watch
) -> Findings:
    """Read everything once.

    Args:
        source: The files' records.
        store: Where the directory is kept.
        survey: What the files hold is noted there.
        policy: How to import.
        academy: Whose files they are.
        watch: Told of progress; of rejected records in a dry run alone, since the second reading tells them again.

    Raises:
        ImportRefused: Real data on a test instance, or files of several academies.
    """
    return _Surveyor(store, survey, policy, academy, watch).read(source)


class _Surveyor:
    def __init__(
        self, store: DirectoryStore, survey: DirectorySurvey, policy: ImportPolicy, academy: str, watch: Watch
    ) -> None:
        uais = store.load_school_uais(academy)
        rules = Rules(academy, policy.test_instance, OwnSchools(uais, known=frozenset(uais.values())))
        self._store = store
        self._survey = survey
        self._policy = policy
        self._watch = watch
        self._signs = AcademySigns(store, policy.batch_size)
        self._report = ImportReport(academy, dry_run=policy.dry_run, full=policy.full)
        self._report.notes += [policy.note] if policy.note else []
        self._measure = Measure(self._report, uais)
        self._found = Findings(self._report, rules)
        self._named: dict[Origin, set[str]] = {}
        self._uais: dict[Origin, set[str]] = {}
        self._nameless = 0  # rejected records whose id could not be read

    def read(self, source: Source) -> Findings:
        """Read the files, and return what was found."""
        records = usable_records(self._look_at(source()), self._report, self._reject)
        for batch in batches(records, self._policy.batch_size):
            plan = plan_batch(self._survey, batch, self._found.rules)
            self._note(plan)
            count_plan(plan, self._report, self._reject)
            self._measure.add(self._survey, plan, self._found.rules)
            self._watch.on_progress(self._report)
        if not self._policy.academy:
            self._signs.academy()
        own = self._found.rules.schools
        own.named = {own.uai(one) for schools in self._named.values() for one in schools}
        self._believe_or_not()
        if self._report.full:
            for origin in self._found.origins:
                self._note_own(origin)
            self._measure.add_leavers(self._survey, self._found.rules, self._found.origins)
            self._report.absent = sum(school.pupils_absent for school in self._report.schools.values())
        self._measure.compare(self._store, self._report.academy)
        return self._found

    def _look_at(self, entries: Iterable[FileEntry]) -> Iterator[FileEntry]:
        looks_for_real_data = self._policy.test_instance and not self._policy.force_real_data
        for entry in entries:
            if isinstance(entry, SourceRecord):
                if looks_for_real_data and entry.operation is not Operation.DELETE:
                    _check_fictional(entry)
                if not self._policy.academy:
                    self._signs.note(entry)
            elif JOINTURE.fullmatch(entry.jointure):
                self._survey.note_seen(None, None, [entry.jointure])
            else:
                self._nameless += 1
            yield entry

    def _note(self, plan: BatchPlan) -> None:
        self._found.origins.setdefault(plan.origin, set()).add(plan.kind)
        if self._policy.full:
            self._survey.note_seen(plan.kind, plan.origin, plan.seen)
        self._named.setdefault(plan.origin, set()).update(plan.schools)
        self._uais.setdefault(plan.origin, set()).update(plan.uais)
        for entry, _, _ in plan.saved:
            if isinstance(entry, SchoolEntry):
                self._measure.uais[entry.jointure] = entry.uai
        if plan.kind is Kind.SCHOOL:
            own = self._found.rules.schools
            own.given.update(own.uai(one) for one in plan.seen)

    def _note_own(self, origin: Origin) -> None:
        """Note the schools of a full export: those that usable records name, and those that the files themselves are about."""
        known = self._measure.uais
        uais = (self._uais.get(origin, set()) | self._policy.uais) - {""}
        named = self._named.get(origin, set())
        # A spreadsheet names a school by its UAI, and says of no other whether it is whole.
        about = named or uais
        schools = about | {jointure for jointure, uai in known.items() if uai in about}
        self._survey.note_own(origin, sorted(schools), sorted(uais))

    def _believe_or_not(self) -> None:
        """Take a full export at its word only when all of it could be read."""
        report = self._report
        if report.full and (report.incomplete_files or self._nameless):
            report.full = False
            what = (
                f"{', '.join(report.incomplete_files)} could not be read to its end"
                if report.incomplete_files
                else f"{self._nameless} records have no id that can be read"
            )
            report.notes.append(f"This is a full export, but {what}: nothing that it does not hold becomes absent.")

    def _reject(self, reject: RejectedRecord) -> None:
        if self._policy.dry_run:
            self._watch.on_reject(reject)


def usable_records(
    entries: Iterable[FileEntry], report: ImportReport, on_reject: Callable[[RejectedRecord], object]
) -> Iterator[SourceRecord]:
    """Yield the records that can be looked up; reject or skip the others, and count them in the report."""
    for entry in entries:
        if isinstance(entry, RejectedRecord):
            report.read += 1
            report.rejected += 1
            if entry.ends_file:
                report.incomplete_files.append(entry.file)
            on_reject(entry)
        elif entry.kind not in _KINDS:
            report.skipped[entry.kind] = report.skipped.get(entry.kind, 0) + 1
        else:
            report.read += 1
            if entry.kind == Kind.LINK or JOINTURE.fullmatch(entry.jointure):
                yield entry
            else:
                report.rejected += 1
                on_reject(RejectedRecord(entry.file, entry.line, "no usable id (jointure)"))


def count_plan(plan: BatchPlan, report: ImportReport, on_reject: Callable[[RejectedRecord], object]) -> None:
    """Add one batch to the account."""
    for outcome in Outcome:
        setattr(report, outcome.value, getattr(report, outcome.value) + plan.counts[outcome])
    for reject in plan.rejects:
        report.rejected += 1
        on_reject(reject)


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
