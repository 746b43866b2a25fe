"""What the end of an activation is made of: links that stand, records that an account gets, an identifiant, texts and audit lines."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from idp.journeys import messages
from idp.journeys.activation_pages import Visit
from idp.journeys.mails import Mail
from idp.journeys.policy import ActivationPolicy
from idp.journeys.ports import Secrets
from idp.journeys.rows import AuditEvent, Message
from idp.journeys.telling import Telling
from idp.journeys.turns import LostRace
from idp.people.identifiants import compose_identifiant, identifiant_stem
from idp.people.records import Account, Guardian, Kinship, KinshipState


class AccountParts:
    """The parts that SMS and FranceConnect share. Each runs inside the step's one transaction."""

    def __init__(self, secrets: Secrets, policy: ActivationPolicy) -> None:
        self._secrets = secrets
        self._policy = policy
        self._telling = Telling(policy)

    def load_standing(self, visit: Visit) -> list[Kinship]:
        """Return the links that were proved and that nobody has contested since."""
        return [link for link in visit.load_links(visit.state.proved_ids) if link.state is not KinshipState.CONTESTED]

    def attach_proved(self, visit: Visit, account_id: int, *, is_new: bool = False) -> None:
        """Give an account the guardian records and the links that were proved and stand.

        Args:
            visit: The request.
            account_id: Whose they become.
            is_new: The account was just made: a record that somebody's account holds meanwhile ends the attempt, or two browsers that
                finish at once would each make an account, one of them without any record.

        Raises:
            LostRace: Another browser gave one of the records to an account, or contested one of the links, at the same moment.
        """
        links = self.load_standing(visit)
        held = set() if is_new else {guardian.id for guardian in self._load_held(visit)}
        for guardian_id in sorted({link.guardian_id for link in links} - held):
            if not visit.desk.accounts.attach_guardian(account_id, guardian_id, visit.now):
                raise LostRace
        if visit.desk.people.confirm_kinships([link.id for link in links], visit.now) != len(links):
            raise LostRace

    def make_account(self, visit: Visit, password_hash: str | None) -> int:
        """Make the account with everything that was proved, and return its id.

        Raises:
            LostRace: The same form, sent twice, made it at the same moment; or another browser was as fast.
        """
        state = visit.state
        guardian = self.load_guardians(visit)[0]
        account_id = visit.desk.accounts.add_account(
            identifiant=state.identifiant,
            subject_seed=self._secrets.token(),
            password_hash=password_hash,
            family_name=guardian.family_name,
            given_name=guardian.given_names[0],
            at=visit.now,
            language=state.language,
        )
        if account_id is None:
            raise LostRace
        state.account_id = account_id
        self.attach_proved(visit, account_id, is_new=True)
        return account_id

    def is_franceconnects_alone(self, visit: Visit, account: Account) -> bool:
        """Tell whether FranceConnect is the only way into an account: a phone and dates do not open another one."""
        return account.password_hash is None and visit.desk.franceconnect.load_link_of_account(account.id) is not None

    def load_wait(self, visit: Visit, account_id: int) -> datetime | None:
        """Return until when the number that was proved recovers nothing, as an import brought it lately (guarantee 7); None: it may."""
        way = visit.desk.recoveries.load_way_back(account_id, visit.now)
        if way is None:
            return None
        numbers = way.sort_numbers(self._policy.sms_countries, self._policy.phone_change_wait, visit.now)
        return numbers.find_wait(visit.state.phone)

    def reserve_identifiant(self, visit: Visit) -> str:
        """Draw four digits until the identifiant was never given.

        Raises:
            RuntimeError: Every draw was taken: more than a few thousand people share this name.
        """
        guardian = visit.desk.people.load_guardians(visit.state.guardian_ids)[0]
        stem = identifiant_stem(guardian.given_names[0], guardian.family_name)
        for _ in range(self._policy.identifiant_tries):
            value = compose_identifiant(stem, self._secrets.digits(4))
            if visit.desk.accounts.reserve_identifiant(value, visit.now):
                return value
        raise RuntimeError("no free identifiant was drawn")

    def load_guardians(self, visit: Visit) -> list[Guardian]:
        """Return the records with a proved link first: the account takes its name from one of these."""
        proved = {link.guardian_id for link in visit.load_links(visit.state.proved_ids)}
        guardians = visit.desk.people.load_guardians(visit.state.guardian_ids)
        return sorted(guardians, key=lambda guardian: guardian.id not in proved)

    def send(self, visit: Visit, body: str) -> None:
        """Text the phone that was proved."""
        text = messages.marked(body, test_instance=self._policy.fiction)
        visit.desk.outbox.put(Message("sms", visit.state.phone, text), at=visit.now)

    def tell_elsewhere(self, visit: Visit, account_id: int, say: Callable[[str], tuple[str, Mail]]) -> None:
        """Tell the confirmed address and the other numbers of an account what the phone that was proved is told in its own words.

        Args:
            visit: The request.
            account_id: Whose; one that was made now has neither.
            say: Returns the text and the mail in a language.
        """
        holder = visit.desk.accounts.load_holder(account_id)
        if holder is None:
            return
        text, mail = say(holder.account.language)
        others = tuple(one for one in holder.guardians if one.mobile and one.mobile.e164 != visit.state.phone)
        self._telling.text(visit.desk, replace(holder, guardians=others), text, visit.now)
        self._telling.mail(visit.desk, account_id, mail, visit.now)

    def record(self, visit: Visit, event: str, account_id: int | None = None, **details: str | int | list[int]) -> None:
        """Write one line of the audit trail."""
        visit.desk.ledger.record(
            AuditEvent(
                event,
                reference=visit.row.reference,
                account_id=account_id,
                details={"guardians": visit.state.guardian_ids, **details},
            ),
            visit.now,
        )

    def _load_held(self, visit: Visit) -> tuple[Guardian, ...]:
        """Return the person's guardian records that an account holds already."""
        holders = (
            visit.desk.accounts.load_holder(account.id)
            for account in visit.desk.accounts.load_by_guardians(visit.state.guardian_ids)
        )
        return tuple(guardian for holder in holders if holder is not None for guardian in holder.guardians)
