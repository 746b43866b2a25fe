"""Import the school's directory: read every record, keep what it says, and account for each one.

**Two readings.** The files are read twice, and nothing is written during the first (`directory_survey`), which finds out whether the
import may be done at all: a file that is refused, real data on a test instance, an academy that cannot be told, too much that would change
of a school (`directory_brakes`). A dry run ends there. When no school's record comes first, the files are looked through once more before,
for their academy.

**Which academy.** Records of pupils and guardians name no academy, and a jointure means nothing outside one. It is, in this order:

1. the `academy` of the policy (an option of the command);
2. the one that the schools' records (EtabEducNat) of the same import name;
3. the one of the schools that are known already and that the pupils' records name (ENTPersonStructRattach), or the links' (UAI).

None of these, or several academies in the first of them that says something: the import is refused and says so. Nothing is guessed. Under a
given academy, a school's record that names another one is rejected.

**What is done.** An addRequest replaces all that is kept of a record, a modifyRequest what it gives, a deleteRequest marks a record absent:
nothing is ever erased, so that a contest outlives the link (guarantee 3 of docs/security.md). A record that says what is kept already is
unchanged: importing a file twice changes nothing. A record that cannot be used is rejected with file, line and reason, and the rest goes
on. Records of kinds that signing in does not need (staff, subjects) are skipped: they are not counted as read.

**A full export** is also believed in what it does not say: pupils of its schools that it no longer holds become absent, and so do guardians
whose links concern these schools only, and the links that it stated. A file that could not be read to its end, or a record whose id could
not be read, takes that away: the import says so and does only what the files say.

**One transaction per batch** of records of one kind and one origin: a run that is interrupted is run again. One import at a time.
"""

from collections.abc import Callable, Mapping

from idp.journeys.directory_academy import FileEntry, ImportRefused, Source, find_academy
from idp.journeys.directory_brakes import ImportStopped, check_brakes
from idp.journeys.directory_desk import DirectoryStore, DirectorySurvey
from idp.journeys.directory_plan import batches, plan_batch
from idp.journeys.directory_ports import Kind, Origin, RejectedRecord
from idp.journeys.directory_report import ImportReport
from idp.journeys.directory_survey import Findings, ImportPolicy, Watch, count_plan, survey_files, usable_records
from idp.journeys.ports import Clock

__all__ = ["FileEntry", "ImportPolicy", "ImportRefused", "ImportReport", "ImportStopped", "Source", "run_import"]

_FIRST_LOOK = 8
"""Batches after which the database takes note of its growth, and again each time that they have doubled."""


def believe_full(stated: Mapping[str, bool | None]) -> tuple[bool, str]:
    """Tell whether files are a full export of their schools.

    Args:
        stated: By a file's name, whether it says that it holds all that its school has; None when nothing says so.

    Returns:
        Whether all of them say so; and a sentence for whoever imports when some do and others do not, or say nothing.
    """
    if all(stated.values()):
        return True, ""
    silent = sorted(name for name, full in stated.items() if full is None)
    if silent:
        more = f" and {len(silent) - 1} more" if len(silent) > 1 else ""
        return False, (
            f"Nothing says whether {silent[0]}{more} holds all that a school has: only what it says is done, and nothing becomes absent."
            " --full or --delta says which it is."
        )
    mixed = any(stated.values())
    return False, "Full exports and deltas are mixed: nothing becomes absent." if mixed else ""


def run_import(
    source: Source,
    store: DirectoryStore,
    clock: Clock,
    policy: ImportPolicy,
    *,
    on_reject: Callable[[RejectedRecord], object],
    on_progress: Callable[[ImportReport], object],
) -> ImportReport:
    """Import directory files.

    Args:
        source: The files' records, read twice.
        store: Where the directory is kept.
        clock: For the run's beginning and end.
        policy: How to import.
        on_reject: Called with each rejected record, once its transaction is done.
        on_progress: Called after each batch of either reading with the report so far, which is not to be changed.

    Raises:
        ImportRefused: Real data on a test instance, or an academy that cannot be told. Nothing was written.
        ImportStopped: Too much of a school would change. Nothing was written.
        ImportUnderWay: Another process imports. Nothing was written.
        RejectedFile: A file that is no directory file, or a hostile one. Nothing was written.
    """
    with store.importing() as survey:
        academy = find_academy(source, store, policy.academy, policy.batch_size)
        watch = Watch(on_reject, on_progress)
        found = survey_files(source, store, survey, policy, academy, watch)
        if policy.dry_run:
            return found.report
        if not policy.confirm_changes:
            check_brakes(found.report)
        run_id = store.begin_run(clock.now())
        report = _Writer(store, clock, policy, found, watch).write(source, survey)
        store.end_run(run_id, clock.now(), report.to_json())
        return report


class _Writer:
    """The second reading."""

    def __init__(
        self, store: DirectoryStore, clock: Clock, policy: ImportPolicy, found: Findings, watch: Watch
    ) -> None:
        self._store = store
        self._clock = clock
        self._policy = policy
        self._found = found
        self._watch = watch
        self._rules = found.rules
        first = found.report
        self._report = ImportReport(first.academy, full=first.full, notes=first.notes, schools=first.schools)

    def write(self, source: Source, survey: DirectorySurvey) -> ImportReport:
        """Keep what the files say, make what was waiting, and return the account."""
        report = self._report
        records = usable_records(source(), report, self._watch.on_reject)
        for written, batch in enumerate(batches(records, self._policy.batch_size), start=1):
            with self._store.writing() as desk:
                plan = plan_batch(desk, batch, self._rules)
                desk.save(plan.kind, report.academy, plan.origin, plan.saved, self._clock.now())
                desk.mark_absent(plan.kind, report.academy, plan.origin, plan.gone)
                desk.withdraw_statements(report.academy, plan.origin, plan.withdrawn)
            # Told only once the transaction is done.
            count_plan(plan, report, self._watch.on_reject)
            self._watch.on_progress(report)
            if written >= _FIRST_LOOK and written.bit_count() == 1:
                self._store.look_at_growth()
        self._store.look_at_growth()
        if report.full:
            for origin, kinds in self._found.origins.items():
                self._mark_leavers(survey, origin, kinds)
        self._store.settle_links(report.academy, self._policy.batch_size, self._clock.now())
        _count_statements(self._store, report)
        for one in self._store.load_homonyms(report.academy):
            self._watch.on_reject(one)
        if not report.balanced:
            raise RuntimeError(f"the import's account does not balance: {report.to_json()}")
        return report

    def _mark_leavers(self, survey: DirectorySurvey, origin: Origin, kinds: set[Kind]) -> None:
        """Mark absent what a full export no longer holds, by the kinds of records that it holds at all."""
        academy, size, report = self._report.academy, self._policy.batch_size, self._report
        if Kind.PUPIL in kinds:
            while gone := survey.load_absent_pupils(academy, origin, size):
                with self._store.writing() as desk:
                    desk.mark_absent(Kind.PUPIL, academy, origin, gone)
                report.absent += len(gone)
                self._watch.on_progress(report)
        after = ""
        while Kind.GUARDIAN in kinds and (gone := survey.load_absent_guardians(academy, origin, after, size)):
            after = gone[-1]
            with self._store.writing() as desk:
                desk.mark_absent(Kind.GUARDIAN, academy, origin, gone)
            report.absent += len(gone)
            self._watch.on_progress(report)
        while Kind.LINK in kinds and (keys := survey.load_absent_statements(academy, origin, size)):
            with self._store.writing() as desk:
                desk.withdraw_statements(academy, origin, keys)
            report.absent += len(keys)
            self._watch.on_progress(report)


def _count_statements(store: DirectoryStore, report: ImportReport) -> None:
    """Count the links of the guardians' side as they stand."""
    for (state, uai), count in store.count_statements(report.academy).items():
        setattr(report, state, getattr(report, state) + count)
        if state != "linked":
            school = report.school(uai)
            setattr(school, state, count)
