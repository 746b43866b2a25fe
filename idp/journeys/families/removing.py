"""A family taken out of a test instance again: its people leave the directory as by a delta, and nothing is left of what they did.

What it brought is kept in the seed under a key of its own (`seed.family_key`): the document may be gone, or another one by now.
"""

import difflib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from idp.journeys.account_removal import remove_account
from idp.journeys.activation_state import ActivationState
from idp.journeys.directory_desk import DirectoryStore
from idp.journeys.directory_ports import Kind, Operation, Origin, SourceRecord
from idp.journeys.families.document import FamiliesDocument, Family
from idp.journeys.families.importing import import_records
from idp.journeys.families.records import guardian_records, origin_of, pupil_id
from idp.journeys.families.seed import SeedState
from idp.journeys.family_ports import FamilyRecord
from idp.journeys.ports import Clock, Stores, UnitOfWork
from idp.journeys.session_end import SessionEnd
from idp.people.emails import EmailAddress

_FAMILY = "family:"  # no guardian's key has a colon


class FamilyUnknown(Exception):  # noqa: N818  the name says what happened
    """No document brought a family of this name. Its text is a sentence that names those that are near, or all."""

    def __init__(self, name: str, known: Sequence[str]) -> None:
        near = difflib.get_close_matches(name[:100], known, 3)
        there = (
            f"perhaps one of: {', '.join(near)}"
            if near
            else f"there are {', '.join(known)}"
            if known
            else "there is none"
        )
        super().__init__(f"No document brought a family of this name: {there}")


@dataclass(frozen=True, slots=True)
class Removal:
    """What a removal took away: records of the directory, identifiants of accounts, and keys of faults."""

    records: int
    accounts: Sequence[str]
    faults: Sequence[str]


class FamiliesRemover:
    """Takes families out. For test instances alone, as the loader."""

    def __init__(self, *, stores: Stores, directory: DirectoryStore, clock: Clock, ends: SessionEnd) -> None:
        self._stores = stores
        self._directory = directory
        self._clock = clock
        self._ends = ends

    def load_names(self) -> list[str]:
        """Return the families that are there, by name."""
        with self._stores.reading() as desk:
            return _names(desk.seed.load_all())

    def remove(self, name: str) -> Removal:
        """Take a family out: pupils, guardians, whatever accounts they have, with sessions, tokens, texts, mails and faults of these.

        Schools stay. An identifiant that a document gave may be given again.

        Raises:
            FamilyUnknown: No document brought it.
            ImportUnderWay: Another process imports, and nothing was done.
        """
        with self._stores.reading() as desk:
            kept = desk.seed.load(_FAMILY + name)
            if kept is None:
                raise FamilyUnknown(name, _names(desk.seed.load_all()))
        records = SeedState.from_json(kept).records
        done = import_records(_departures(name, records), self._directory, self._clock)
        with self._stores.writing() as desk:
            accounts, faults = self._remove_people(desk, name, records)
        return Removal(done.changed, accounts, faults)

    def _remove_people(
        self, desk: UnitOfWork, name: str, records: Sequence[FamilyRecord]
    ) -> tuple[list[str], list[str]]:
        now = self._clock.now()
        states = [SeedState.from_json(one) for one in desk.seed.load_all()]
        own = [one for one in states if one.key.startswith(f"{name}/")]
        guardian_ids = desk.families.load_guardians(records)
        accounts = desk.accounts.load_by_guardians(guardian_ids)
        emails = [one for account in accounts for one in _emails_of(desk, account.id)]
        for account in accounts:
            remove_account(desk, account, self._ends, now)
        for row in desk.activations.load_activations(now):
            if set(guardian_ids).intersection(ActivationState.from_bytes(row.state).guardian_ids):
                desk.activations.erase_activation(row.id)
        desk.families.forget_answers(guardian_ids)
        desk.families.forget_texts(guardian_ids)
        desk.families.forget_mails([one for one in emails if not desk.emails.load_accounts(one)])
        for seeded in (one.account for one in own if one.account):
            desk.families.release_identifiant(seeded.identifiant)
            for key, *_ in seeded.locks:
                desk.quotas.forget(key)
        gone = {account.identifiant for account in accounts} | {one.account.identifiant for one in own if one.account}
        faults = list(_faults_of(states, gone))
        for state in faults:
            if state.fault:
                desk.standing_faults.disarm(state.fault.key)
        desk.seed.forget([_FAMILY + name, *(one.key for one in (*own, *faults))])
        return [one.identifiant for one in accounts], [one.fault.key for one in faults if one.fault]


def note_families(documents: Sequence[FamiliesDocument], stores: Stores) -> None:
    """Keep what each family of these documents brings, beside what earlier documents brought under its name."""
    for document, family in ((one, family) for one in documents for family in one.families):
        key = _FAMILY + family.key
        with stores.writing() as desk:
            kept = desk.seed.load(key)
            before = SeedState.from_json(kept).records if kept else ()
            records = tuple(dict.fromkeys((*before, *_records_of(document, family))))
            if records != before or kept is None:
                desk.seed.keep(key, SeedState(key, records=records).to_json())


def _names(states: Sequence[dict[str, object]]) -> list[str]:
    return [str(one["key"]).removeprefix(_FAMILY) for one in states if str(one["key"]).startswith(_FAMILY)]


def _records_of(document: FamiliesDocument, family: Family) -> Iterator[FamilyRecord]:
    for guardian in family.guardians:
        for record in guardian_records(document, family, guardian):
            yield Kind.GUARDIAN.value, record.academy, origin_of(record.degree).value, record.jointure
    for pupil in family.pupils:
        school = document.school(pupil.school)
        if school is not None:
            yield Kind.PUPIL.value, school.academy, origin_of(school.degree).value, pupil_id(family, pupil)


def _departures(name: str, records: Sequence[FamilyRecord]) -> dict[str, list[SourceRecord]]:
    """Return what a delta of each academy says when the family leaves."""
    found: dict[str, list[SourceRecord]] = {}
    for kind, academy, origin, jointure in records:
        record = SourceRecord(name, 0, Operation.DELETE, kind, jointure, {}, Origin(origin))
        found.setdefault(academy, []).append(record)
    return found


def _emails_of(desk: UnitOfWork, account_id: int) -> list[EmailAddress]:
    kept = (desk.emails.load_confirmed(account_id), desk.emails.load_change(account_id))
    return [one.email for one in kept if one is not None]


def _faults_of(states: Sequence[SeedState], identifiants: Collection[str]) -> Iterator[SeedState]:
    for one in states:
        if one.fault is not None and one.fault.identifiant in identifiants:
            yield one
