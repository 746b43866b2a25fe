"""The end of an activation that FranceConnect began: an account that it signs in from now on (guarantee 4).

FranceConnect alone gives nothing: phone, code and birth dates were proved before. The link is keyed by issuer and subject, one for an
account, and nobody is ever rebound.
"""

from datetime import datetime, timedelta

from idp.journeys import messages
from idp.journeys.activation_account import AccountParts
from idp.journeys.activation_pages import Visit
from idp.journeys.answers import Profile, Step
from idp.journeys.franceconnect_proof import ProvedIdentity
from idp.journeys.held_sessions import HeldSecrets
from idp.journeys.local_time import paris_time
from idp.journeys.mails import Mail, mail_franceconnect_linked
from idp.journeys.ports import Secrets
from idp.journeys.rows import AuditEvent, FranceConnectLink, SessionRow
from idp.journeys.session_end import SessionEnd
from idp.journeys.turns import LostRace, Outcome
from idp.people.identity_matching import pupil_contradiction
from idp.people.records import Account

AMR = ("fc",)
"""How somebody proved herself whom FranceConnect recognised; its own `amr` is asked for only where the client may."""


class LinkingSteps:
    """Links an identity with the person's account, made now or long ago, and signs her in."""

    def __init__(
        self, secrets: Secrets, parts: AccountParts, session_end: SessionEnd, session_lifetime: timedelta
    ) -> None:
        self._secrets = secrets
        self._parts = parts
        self._session_end = session_end
        self._session_lifetime = session_lifetime

    def link(self, visit: Visit, proof: ProvedIdentity) -> Outcome:
        """Everything is proved: find the account or make it, link it, open the session.

        Raises:
            LostRace: Another browser linked the identity or the account at the same moment.
        """
        births = [link.pupil.birth_date for link in self._parts.load_standing(visit)]
        why = pupil_contradiction(proof.civil, births)
        if why:
            self._parts.record(visit, "franceconnect.contradicted", reasons=why)
            return Outcome(Step.CONTRADICTED)
        # The link first: what made it was committed with its account, which the second look then sees (READ COMMITTED).
        linked = visit.desk.franceconnect.load_link(proof.issuer, proof.sub)
        accounts = visit.desk.accounts.load_by_guardians(visit.state.guardian_ids)
        if linked is not None and [account.id for account in accounts] == [linked.account_id]:
            return self._finish(visit, proof, accounts[0].id)  # another browser of hers was faster
        if linked is not None or len(accounts) > 1:
            return self._refuse(visit, accounts)
        if accounts:
            return self._link_existing(visit, proof, accounts[0])
        visit.state.identifiant = visit.state.identifiant or self._parts.reserve_identifiant(visit)
        account_id = self._parts.make_account(visit, None)
        self._add_link(visit, proof, account_id)
        self._parts.record(visit, "activation.account-made", account_id, links=visit.state.proved_ids)
        self._parts.send(visit, messages.sms_linked_new(language=visit.state.language))
        return self._finish(visit, proof, account_id)

    def _link_existing(self, visit: Visit, proof: ProvedIdentity, account: Account) -> Outcome:
        """Link an account that was there: whoever else knows its password is out until its owner chooses a new one."""
        held = visit.desk.franceconnect.load_link_of_account(account.id)
        if held is not None and (held.issuer, held.sub) == (proof.issuer, proof.sub):
            return self._finish(visit, proof, account.id)  # another browser of hers was faster, between our two looks
        if held is not None:
            return self._refuse(visit, [account])
        if account.closes_at is not None and not visit.desk.accounts.keep_open(account.id, visit.now):
            return self._refuse(visit, [account])
        self._parts.attach_proved(visit, account.id)
        self._add_link(visit, proof, account.id)
        self._session_end.end_all(visit.desk, account.id, visit.now)
        visit.desk.accounts.set_password(account.id, None, visit.now)
        self._parts.send(visit, messages.sms_linked_existing(language=visit.state.language))
        self._parts.tell_elsewhere(visit, account.id, lambda language: _announce_link(visit.now, language))
        visit.state.identifiant = account.identifiant
        visit.state.resets_password = True
        return self._finish(visit, proof, account.id)

    def _refuse(self, visit: Visit, accounts: list[Account]) -> Outcome:
        """Nobody is rebound: the office, or the way in that there was before."""
        account_id = accounts[0].id if accounts else None
        self._parts.record(visit, "franceconnect.other-identity", account_id, accounts=[one.id for one in accounts])
        return Outcome(Step.OTHER_IDENTITY)

    def _add_link(self, visit: Visit, proof: ProvedIdentity, account_id: int) -> None:
        identity_hash = self._secrets.keyed_hash("franceconnect-identity", proof.civil_status)
        link = FranceConnectLink(proof.issuer, proof.sub, account_id, identity_hash, visit.now)
        if not visit.desk.franceconnect.add_link(link):
            raise LostRace
        self._parts.record(visit, "franceconnect.linked", account_id)

    def _finish(self, visit: Visit, proof: ProvedIdentity, account_id: int) -> Outcome:
        """Sign the person in, over whoever was signed in, and keep what « Ajouter aussi un mot de passe » needs."""
        state = visit.state
        state.account_id = account_id
        state.identifiant = state.identifiant or self._identifiant_of(visit, account_id)
        state.answers = []
        state.done_at = visit.now
        held = HeldSecrets.of(visit.session, visit.accounts)
        self._session_end.make_room(visit.desk, held, account_id, None, visit.now)
        live = SessionRow(
            id=self._secrets.identifier(),
            secret_hash=self._secrets.keyed_hash("session", visit.new_session),
            account_id=account_id,
            auth_time=proof.proved_at,
            acr=Profile.RESPONSABLE,
            amr=AMR,
            touched_at=visit.now,
            expires_at=visit.now + self._session_lifetime,
            device=visit.device,
        )
        visit.desk.sessions.add_session(live)
        visit.desk.franceconnect.keep_id_token(live.id, proof.id_token)
        event = AuditEvent("franceconnect.signed-in", reference=visit.row.reference, account_id=account_id)
        visit.desk.ledger.record(event, proof.proved_at)
        return Outcome(Step.LINKED, proved=True, signs_in=True)

    def _identifiant_of(self, visit: Visit, account_id: int) -> str:
        holder = visit.desk.accounts.load_holder(account_id)
        return holder.account.identifiant if holder else ""


def _announce_link(now: datetime, language: str) -> tuple[str, Mail]:
    mail = mail_franceconnect_linked(paris_time(now), language=language)
    return messages.sms_linked_existing(language=language), mail
