"""Documents taken into a test instance: their records as an import takes them, their accounts as an activation leaves them.

**Order.** First the records that the files held when the accounts were activated; then the accounts; then what imports brought since. Each
import is `directory_import.run_import`, with its rules and its refusals; each account is written by the stores that an activation writes
by, in one transaction with what a reset gives back (`seed`).

**Again.** A second load changes nothing: records say what is known already, and an account that is there is left as it is, whatever its
person did since. A reset brings it back to the document.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from idp.journeys.directory_desk import DirectoryStore
from idp.journeys.directory_ports import Kind
from idp.journeys.families.armed import FaultJudge, arm_faults
from idp.journeys.families.civil import civil_identity, simulated_sub
from idp.journeys.families.document import (
    Account,
    DocumentFault,
    FamiliesDocument,
    FamiliesRefused,
    Family,
    Guardian,
    When,
)
from idp.journeys.families.importing import import_records
from idp.journeys.families.proof import find_records
from idp.journeys.families.records import (
    ByAcademy,
    guardian_records,
    links_of,
    origin_of,
    pupil_id,
    records_after,
    records_before,
)
from idp.journeys.families.removing import note_families
from idp.journeys.families.rules import find_faults
from idp.journeys.families.seed import SeedAccount, SeedState, give_back, lock
from idp.journeys.franceconnect_proof import ProvedIdentity
from idp.journeys.login_ceilings import SignInCeilings
from idp.journeys.policy import SignInPolicy
from idp.journeys.ports import Clock, PasswordHasher, Secrets, Stores, UnitOfWork
from idp.journeys.turns import LostRace
from idp.people.passwords import normalise_password
from idp.people.phones import parse_directory_mobile
from idp.people.records import Guardian as KnownGuardian
from idp.people.records import Kinship, KinshipState

_ATTEMPTS = 2


@dataclass(frozen=True, slots=True)
class FamiliesPolicy:
    """What depends on the instance.

    Attributes:
        franceconnect_issuer: Of the simulator that its parents come from, "" without FranceConnect.
        franceconnect_client_id: Its name there.
        sign_in: The ceilings that a locked account has reached.
        faults_strike: Whether there is a control API, which lets faults meet answers.
    """

    franceconnect_issuer: str
    franceconnect_client_id: str
    sign_in: SignInPolicy
    faults_strike: bool = True


@dataclass(slots=True)
class FamiliesReport:
    """What a load did."""

    added: int = 0  # records of the directory
    changed: int = 0
    unchanged: int = 0
    made: list[str] = field(default_factory=list)  # identifiants
    kept: list[str] = field(default_factory=list)
    armed: list[str] = field(default_factory=list)  # keys of faults
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Person:
    """A guardian who did something."""

    document: FamiliesDocument
    family: Family
    guardian: Guardian

    @property
    def key(self) -> str:
        return f"{self.family.key}/{self.guardian.key}"


@dataclass(frozen=True, slots=True)
class _Former:
    """What a guardian's state is made from, besides the document and the directory.

    Attributes:
        encoded: The password's hash, None for no password.
        mark: By which the same password is known again.
        links: Links that were confirmed, of a family from which a pupil has left: the directory tells of them no more.
        guardians: The records of these links.
    """

    encoded: str | None = None
    mark: str = ""
    links: tuple[int, ...] = ()
    guardians: tuple[int, ...] = ()


class FamiliesLoader:
    """Takes documents in. For test instances alone: whoever builds one has made sure."""

    def __init__(
        self,
        *,
        stores: Stores,
        directory: DirectoryStore,
        clock: Clock,
        secrets: Secrets,
        hasher: PasswordHasher,
        is_common: Callable[[str], bool],
        judge: FaultJudge,
        policy: FamiliesPolicy,
    ) -> None:
        self._stores = stores
        self._directory = directory
        self._clock = clock
        self._secrets = secrets
        self._hasher = hasher
        self._is_common = is_common
        self._judge = judge
        self._policy = policy
        self._ceilings = SignInCeilings(secrets, policy.sign_in)

    def load(self, documents: Sequence[FamiliesDocument]) -> FamiliesReport:
        """Take documents in, all together.

        Args:
            documents: As `reading.read_document` returns them; their clients are the settings' business.

        Raises:
            FamiliesRefused: Faults of the documents, and nothing was written; or people who are there already keep an account from being
                made, and the records were.
            ImportUnderWay: Another process imports.
        """
        if faults := find_faults(documents, self._is_common, self._judge):
            raise FamiliesRefused(*faults)
        report = FamiliesReport()
        note_families(documents, self._stores)  # first: what is stopped half way can be taken out too
        self._import(records_before(documents, leavers=self._wants_leavers(documents)), report)
        people = [one for document in documents for one in _people(document)]
        if faults := [fault for one in people for fault in self._settle(one, report)]:
            raise FamiliesRefused(*faults)
        self._import(records_after(documents), report)
        self._arm(documents, report)
        self._note_as_known(report.made)
        return report

    def _arm(self, documents: Sequence[FamiliesDocument], report: FamiliesReport) -> None:
        if self._policy.faults_strike:
            report.armed += arm_faults(documents, self._stores, self._clock)
            return
        report.notes += [
            f"Fault {one.key} was not armed: this instance has no control API, without which none strikes."
            for document in documents
            for one in document.faults
        ]

    # --- the directory -------------------------------------------------------------------------------------------------------------

    def _wants_leavers(self, documents: Sequence[FamiliesDocument]) -> bool:
        """Tell whether those who left must be there for a moment: to be known at all, or for an account that is not made yet."""
        for document in documents:
            leavers = [(family, pupil) for family, pupil in document.pupils() if pupil.when == When.LEFT]
            for family, pupil in leavers:
                school = document.school(pupil.school)
                if school is None:
                    continue
                with self._directory.writing() as desk:
                    key = pupil_id(family, pupil)
                    if not desk.load_states(Kind.PUPIL, school.academy, origin_of(school.degree), [key]):
                        return True
            held = {family.key for family, _ in leavers}
            for one in _people(document):
                if one.family.key in held and one.guardian.account and not self._is_there(one.guardian):
                    return True
        return False

    def _note_as_known(self, identifiants: Sequence[str]) -> None:
        """Send no text for what is part of the document: the child that an import added since."""
        with self._stores.writing() as desk:
            for identifiant in identifiants:
                account = desk.accounts.load_by_identifiant(identifiant)
                if account is not None and account.has_news:
                    desk.children.renew_news(account.id, self._clock.now())

    def _is_there(self, guardian: Guardian) -> bool:
        if guardian.account is None:
            return False
        with self._stores.reading() as desk:
            return desk.accounts.load_by_identifiant(guardian.account.identifiant) is not None

    def _import(self, records: ByAcademy, report: FamiliesReport) -> None:
        done = import_records(
            {academy: [record for _, record in some] for academy, some in records.items()}, self._directory, self._clock
        )
        report.added += done.added
        report.changed += done.changed
        report.unchanged += done.unchanged

    # --- what people did -----------------------------------------------------------------------------------------------------------

    def _settle(self, one: _Person, report: FamiliesReport) -> list[DocumentFault]:
        """Make what a guardian did, and keep it for resets."""
        has_franceconnect = bool(self._policy.franceconnect_issuer)
        account = one.guardian.account
        if account and not account.password and not has_franceconnect:
            report.notes.append(
                f"{account.identifiant} was not made: this instance has no FranceConnect, its only way in."
            )
            one = replace(one, guardian=replace(one.guardian, account=None))
        former = self._look_back(one)  # before the transaction: nobody waits for argon2 in one
        for _ in range(_ATTEMPTS):
            try:
                with self._stores.writing() as desk:
                    return self._settle_in(desk, one, former, report)
            except LostRace:
                continue  # perhaps another replica takes the same document in: the next look sees its account
        problem = "cannot be made: its identifiant, its record or its identity at FranceConnect is another account's"
        return [one.document.fault(one.guardian.at, problem)]

    def _look_back(self, one: _Person) -> _Former:
        """Return what was kept of a guardian before; a password is hashed where it is another one."""
        account = one.guardian.account
        if account is None:
            return _Former()
        with self._stores.reading() as desk:
            state = desk.seed.load(one.key)
        kept = SeedState.from_json(state).account if state else None
        former = _Former()
        if kept and any(pupil.when == When.LEFT for pupil in one.family.pupils):
            former = _Former(links=kept.confirmed_ids, guardians=kept.guardian_ids)
        if not account.password:
            return former
        password = normalise_password(account.password)
        mark = self._secrets.keyed_hash("families-password", f"{account.identifiant}\n{password}")
        encoded = kept.password_hash if kept and kept.password_mark == mark else self._hasher.hash(password)
        return replace(former, encoded=encoded, mark=mark)

    def _settle_in(
        self, desk: UnitOfWork, one: _Person, former: _Former, report: FamiliesReport
    ) -> list[DocumentFault]:
        account, now = one.guardian.account, self._clock.now()
        phone = parse_directory_mobile(one.guardian.phone, fiction=True)
        holders = desk.people.load_guardians_by_mobile(phone.e164 if phone else "")
        found: Sequence[KnownGuardian] = [record for record in holders if self._is_hers(one, record)]
        if account:
            found, why = find_records(one.guardian, holders)
            if why or not all(self._is_hers(one, record) for record in found):
                why = why or "another guardian's record is taken for hers"
                return [one.document.fault(account.at, f"cannot be made, beside those who are known already: {why}")]
        links = desk.people.load_kinships([record.id for record in found])
        contested, proved = self._split_links(one, links)
        kept = {*former.guardians, *(link.guardian_id for link in proved)}
        attached = [record for record in found if record.id in kept]
        if account and not attached:
            return [
                one.document.fault(account.at, "cannot be made: no link that it needs stands in the directory any more")
            ]
        state = SeedState(
            one.key,
            tuple(link.id for link in contested),
            self._write_account(account, one.guardian, former, attached, proved) if account else None,
        )
        desk.seed.keep(state.key, state.to_json())
        if state.account is None or account is None:
            fresh = tuple(link.id for link in contested if link.state is not KinshipState.CONTESTED)
            give_back(desk, replace(state, contested_ids=fresh), now)
            return []
        if self._holds(desk, state.account):
            report.kept.append(account.identifiant)
            self._lock_again(desk, state.account)
            return []
        give_back(desk, state, now)
        report.made.append(account.identifiant)
        return []

    def _is_hers(self, one: _Person, record: KnownGuardian) -> bool:
        own = guardian_records(one.document, one.family, one.guardian)
        return any(
            (record.academy, record.origin, record.jointure)
            == (mine.academy, origin_of(mine.degree).value, mine.jointure)
            for mine in own
        )

    def _holds(self, desk: UnitOfWork, account: SeedAccount) -> bool:
        held = desk.accounts.load_by_guardians(account.guardian_ids)
        return any(one.identifiant == account.identifiant for one in held)

    def _lock_again(self, desk: UnitOfWork, account: SeedAccount) -> None:
        now = self._clock.now()
        if account.locks and self._ceilings.load_wait(desk, account.identifiant, "", None, now) is None:
            lock(desk, account, now)

    def _split_links(self, one: _Person, links: Sequence[Kinship]) -> tuple[list[Kinship], list[Kinship]]:
        """Return the links that she contested, and those that she proved; one that came later is neither."""
        stated = {pupil_id(one.family, pupil): (pupil, link) for pupil, link in links_of(one.family, one.guardian)}
        contested, proved = [], []
        for link in links:
            pupil, said = stated.get(link.pupil.jointure, (None, None))
            if said is not None and said.contested:
                contested.append(link)
            elif pupil is not None and pupil.when != When.LATER:
                proved.append(link)
        return contested, proved

    def _write_account(
        self,
        account: Account,
        guardian: Guardian,
        former: _Former,
        attached: Sequence[KnownGuardian],
        proved: Sequence[Kinship],
    ) -> SeedAccount:
        first = attached[0]
        return SeedAccount(
            identifiant=account.identifiant,
            # The same after each reset, and in every database with this master key.
            subject_seed=self._secrets.keyed_hash("families-subject", account.identifiant),
            password_hash=former.encoded,
            password_mark=former.mark,
            family_name=first.family_name,
            given_name=first.given_names[0],
            phone=first.mobile.e164 if first.mobile else "",
            guardian_ids=tuple(record.id for record in attached),
            confirmed_ids=tuple(sorted({*former.links, *(link.id for link in proved)})),
            link=self._write_link(guardian),
            locks=self._write_locks(account.identifiant) if account.locked else (),
        )

    def _write_link(self, guardian: Guardian) -> tuple[str, ...]:
        person, issuer = guardian.franceconnect, self._policy.franceconnect_issuer
        if person is None or not person.linked or not issuer:
            return ()
        sub = simulated_sub(person, self._policy.franceconnect_client_id)
        status = ProvedIdentity(issuer, sub, civil_identity(person), "", self._clock.now()).civil_status
        return issuer, sub, self._secrets.keyed_hash("franceconnect-identity", status)

    def _write_locks(self, identifiant: str) -> tuple[tuple[str, int, int], ...]:
        ceiling = self._ceilings.shared_ceiling(identifiant)
        return ((ceiling.key, ceiling.limit, int(ceiling.window.total_seconds())),)


def _people(document: FamiliesDocument) -> Iterator[_Person]:
    """Yield who activated an account or contested a link."""
    for family, guardian in document.guardians():
        if guardian.account or any(link.contested for _, link in links_of(family, guardian)):
            yield _Person(document, family, guardian)
