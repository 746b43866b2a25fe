"""What a tester does to a fictional person in one call: activate, remove, lock, unlock, let a code run out.

The rules and the stores are those of the parents' own pages: what is left behind is what they would have left.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from idp.journeys.account_removal import remove_account
from idp.journeys.activation_account import AccountParts
from idp.journeys.activation_kinship import KinshipSteps
from idp.journeys.activation_linked import LinkingSteps
from idp.journeys.activation_pages import Visit
from idp.journeys.activation_password import PasswordSteps
from idp.journeys.activation_state import ActivationState
from idp.journeys.answers import Fault, PupilAnswer, Step, TypedDate
from idp.journeys.dates_ceilings import dates_quota_key
from idp.journeys.login_ceilings import SignInCeilings
from idp.journeys.new_password import NewPassword
from idp.journeys.phone_changes import PhoneChanges
from idp.journeys.policy import ActivationPolicy
from idp.journeys.ports import ClientRegistry, Clock, PasswordHasher, PasswordJudge, Secrets, Stores, UnitOfWork
from idp.journeys.rehearsal_recoveries import expire_recovery_codes, free_recoveries
from idp.journeys.rows import ActivationRow, AuditEvent
from idp.journeys.session_end import SessionEnd
from idp.journeys.turns import LostRace
from idp.people.persons import PersonOutcome, find_person, group_persons
from idp.people.records import Account, Guardian, Kinship, KinshipState

_SESSION_ENDED = "session.ended"  # as after a logout that a person asked for
_SID = re.compile(r"[0-9a-f]{32}")
_ATTEMPTS = 3  # at what another browser keeps changing


class Reason(StrEnum):
    """Why nothing was done."""

    NOBODY = "nobody"
    CONFLICT = "conflict"
    INVALID = "invalid"


class RehearsalRefusedError(Exception):
    """Nothing was done. The text says why, and what would be right, to a developer."""

    def __init__(self, reason: Reason, text: str) -> None:
        super().__init__(text)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Wanted:
    """An account that a tester wants.

    Attributes:
        phone: E.164 number that the school knows.
        password: As it will be typed.
        identifiant: Of the account; "" draws one.
        names: Family name and first name, as they would be typed; None where one person alone has this number.
    """

    phone: str
    password: str
    identifiant: str = ""
    names: tuple[str, str] | None = None


class Rehearsal:
    """Does in one step what people do in several."""

    def __init__(
        self,
        *,
        stores: Stores,
        clock: Clock,
        secrets: Secrets,
        hasher: PasswordHasher,
        judge: PasswordJudge,
        clients: ClientRegistry,
        policy: ActivationPolicy,
        ceilings: SignInCeilings,
    ) -> None:
        self._stores = stores
        self._clock = clock
        self._secrets = secrets
        self._ceilings = ceilings
        self._ends = SessionEnd(clients, secrets)
        parts = AccountParts(secrets, policy)
        linking = LinkingSteps(secrets, parts, self._ends, policy.session_lifetime)
        self._kinship = KinshipSteps(parts, linking, policy)
        self._new_password = NewPassword(judge=judge, hasher=hasher, session_end=self._ends, policy=policy)
        self._phones = PhoneChanges(policy)
        self._password = PasswordSteps(self._new_password, self._kinship, parts)

    def activate(self, wanted: Wanted) -> str:
        """Make the account of a person, proving every link that nobody contested, and return its identifiant.

        Neither the text with the code nor its ceilings are part of it.

        Raises:
            RehearsalRefusedError: Nobody has this phone, it is not clear who is meant, she has an account, or the pages would refuse.
        """
        with self._stores.reading() as desk:
            visit = self._begin(desk, wanted)
            faults = self._password.read_password(visit, wanted.password, wanted.password)
        if faults:
            raise RehearsalRefusedError(Reason.INVALID, f"The password is refused: {faults[0].code}")
        password_hash = self._new_password.hash(wanted.password)  # outside any transaction
        for _ in range(_ATTEMPTS):
            try:
                with self._stores.writing() as desk:
                    return self._finish(self._begin(desk, wanted), wanted.identifiant, password_hash)
            except LostRace:
                continue
        raise RehearsalRefusedError(Reason.CONFLICT, "Somebody else is activating this person at this very moment")

    def expire_codes(self, phone: str) -> int:
        """Let the security codes that were sent to a number run out now, and return how many did."""

        def expire(state: ActivationState, now: datetime) -> bool:
            if state.phone != phone or state.code_expires_at is None or state.code_expires_at <= now:
                return False
            state.code_expires_at = now
            return True

        with self._stores.writing() as desk:
            return self._change_activations(desk, expire) + expire_recovery_codes(desk, phone, self._clock.now())

    def confirm_phone(self, phone: str) -> int:
        """Take the office's word for a number that an import changed, and return how many records have it."""
        with self._stores.writing() as desk:
            return self._phones.confirm(desk, phone, self._clock.now())

    def lock(self, identifiant: str) -> None:
        """Refuse every password for an account, as after many wrong ones from everywhere, until the ceiling opens again by itself.

        Raises:
            RehearsalRefusedError: Nobody has this identifiant.
        """
        with self._stores.writing() as desk:
            account = load_account(desk, identifiant)
            desk.quotas.fill(self._ceilings.shared_ceiling(account.identifiant), now=self._clock.now())

    def unlock(self, identifiant: str, address: str) -> None:
        """Forget wrong passwords and wrong birth dates of a person, and let her activations and recoveries go on.

        Args:
            identifiant: Hers.
            address: The network address from which wrong passwords are forgotten, besides those that count from everywhere.

        Raises:
            RehearsalRefusedError: Nobody has this identifiant.
        """
        with self._stores.writing() as desk:
            account = load_account(desk, identifiant)
            self._ceilings.forget_refusals(desk, account.identifiant, address)
            holder = desk.accounts.load_holder(account.id)
            ids = {guardian.id for guardian in holder.guardians} if holder else set()
            for guardian_id in sorted(ids):
                desk.quotas.forget(dates_quota_key(guardian_id))

            def free(state: ActivationState, now: datetime) -> bool:
                if state.locked_until is None or not ids.intersection(state.guardian_ids):
                    return False
                state.locked_until = now
                return True

            self._change_activations(desk, free)
            free_recoveries(desk, account.identifiant, self._clock.now())

    def demand_identity(self, identifiant: str) -> None:
        """Have « Confirmation de l'identité » come after the password at the next sign-in of a person, whatever the policy.

        Raises:
            RehearsalRefusedError: Nobody has this identifiant.
        """
        with self._stores.writing() as desk:
            account = load_account(desk, identifiant)
            desk.accounts.ask_identity(account.id)
            desk.ledger.record(AuditEvent("identity.demanded", account_id=account.id), self._clock.now())

    def remove(self, identifiant: str) -> None:
        """Remove an account: its sessions end and their ENTs are told; what it proved is declared again, what was contested stays so.

        Raises:
            RehearsalRefusedError: Nobody has this identifiant.
        """
        with self._stores.writing() as desk:
            account = load_account(desk, identifiant)
            remove_account(desk, account, self._ends, self._clock.now())

    def end_sessions(self, identifiant: str) -> int:
        """End every session of a person, revoke all of her tokens, tell her ENTs, and return how many sessions ended.

        Raises:
            RehearsalRefusedError: Nobody has this identifiant.
        """
        with self._stores.writing() as desk:
            account = load_account(desk, identifiant)
            now = self._clock.now()
            ended = self._ends.end_all(desk, account.id, now)
            if ended:
                desk.ledger.record(AuditEvent(_SESSION_ENDED, account_id=account.id), now)
            return ended

    def end_session(self, session_id: str) -> int:
        """End one session, tell its ENTs, and return 1; 0 when it had ended before.

        Raises:
            RehearsalRefusedError: There is no such session.
        """
        with self._stores.writing() as desk:
            live = desk.sessions.load_session_by_id(session_id) if _SID.fullmatch(session_id) else None
            if live is None:
                raise RehearsalRefusedError(Reason.NOBODY, "There is no session with this sid")
            now = self._clock.now()
            if self._ends.end(desk, live, now) is None:
                return 0
            desk.ledger.record(AuditEvent(_SESSION_ENDED, account_id=live.account_id), now)
            return 1

    # --- one activation ------------------------------------------------------------------------------------------------------------

    def _begin(self, desk: UnitOfWork, wanted: Wanted) -> Visit:
        """Return the activation of a person who has typed her code: everything is still to be proved."""
        guardians = _find_guardians(desk, wanted)
        ids = [guardian.id for guardian in guardians]
        accounts = desk.accounts.load_by_guardians(ids)
        if accounts:
            raise RehearsalRefusedError(
                Reason.CONFLICT, f"This person has an account already: {accounts[0].identifiant}. Remove it first"
            )
        links = [link for link in desk.people.load_kinships(ids) if link.state is not KinshipState.CONTESTED]
        if not links:
            raise RehearsalRefusedError(
                Reason.CONFLICT, "This person is no legal guardian of any pupil, or contested every link"
            )
        now = self._clock.now()
        proved = [link.id for link in links]
        state = ActivationState(phone=wanted.phone, guardian_ids=ids, kinship_ids=proved, proved_ids=proved)
        row = ActivationRow(
            id=self._secrets.identifier(),
            browser_hash="",
            former_browser_hash=None,
            turn=0,
            step=Step.KINSHIP,
            reference=self._secrets.reference(),
            interaction_id=None,
            state=b"",
            last_answer=None,
            created_at=now,
            touched_at=now,
            expires_at=now,
        )
        return Visit(desk, row, state, now)

    def _finish(self, visit: Visit, identifiant: str, password_hash: str) -> str:
        """Answer for each pupil as her guardian would, and make the account."""
        if identifiant:
            if not visit.desk.accounts.reserve_identifiant(identifiant, visit.now):
                raise RehearsalRefusedError(
                    Reason.CONFLICT, "This identifiant was given before, and none is given twice"
                )
            visit.state.identifiant = identifiant
        outcome = self._kinship.submit_kinship(visit, [_claim(link) for link in visit.load_kinships()])
        if outcome.step == Step.PASSWORD:
            outcome = self._password.set_password(visit, password_hash)
        if outcome.step != Step.DONE:
            raise RehearsalRefusedError(
                Reason.CONFLICT, f"The pages would refuse: {_say(outcome.faults) or outcome.step}"
            )
        return visit.state.identifiant

    def _change_activations(self, desk: UnitOfWork, change: Callable[[ActivationState, datetime], bool]) -> int:
        """Change what activations under way remember; one that its browser changes at this moment is left to it."""
        now = self._clock.now()
        changed = 0
        for row in desk.activations.load_activations(now):
            state = ActivationState.from_bytes(row.state)
            if change(state, now):
                row.state = state.to_bytes()
                changed += desk.activations.save_activation(row, expected_turn=row.turn)
        return changed


def load_account(desk: UnitOfWork, identifiant: str) -> Account:
    """Return the account with this identifiant.

    Raises:
        RehearsalRefusedError: There is none.
    """
    account = desk.accounts.load_by_identifiant(identifiant)
    if account is None:
        raise RehearsalRefusedError(Reason.NOBODY, "No account has this identifiant: activate it first")
    return account


def _find_guardians(desk: UnitOfWork, wanted: Wanted) -> Sequence[Guardian]:
    holders = desk.people.load_guardians_by_mobile(wanted.phone)
    if wanted.names is None:
        persons = group_persons(holders)
        if len(persons) > 1:
            raise RehearsalRefusedError(
                Reason.CONFLICT, "Several people have this number: say family_name and given_name"
            )
        if persons:
            return persons[0]
    else:
        verdict = find_person(holders, *wanted.names)
        if verdict.outcome is PersonOutcome.SEVERAL:
            raise RehearsalRefusedError(
                Reason.CONFLICT, "Several people could be meant: the pages would send to the office"
            )
        if verdict.guardians:
            return verdict.guardians
    raise RehearsalRefusedError(Reason.NOBODY, "The school knows nobody with this number and these names")


def _claim(link: Kinship) -> PupilAnswer:
    born = link.pupil.birth_date
    return PupilAnswer(mine=True, date=TypedDate(str(born.day), str(born.month), str(born.year)))


def _say(faults: Sequence[Fault]) -> str:
    return ", ".join(f"{fault.control} {fault.code}" for fault in faults)
