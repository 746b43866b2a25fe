"""Ask a person whether an ENT may be told what it asks, where its registration or its request wants that (`docs/journeys/consent.md`)."""

from urllib.parse import urlsplit

from idp.journeys.answers import AskPerson, ConsentAnswer, ConsentPage, Forged, Lost, PersonStep
from idp.journeys.authorization import Authorization
from idp.journeys.claims import Releases
from idp.journeys.ports import Clock, Secrets, Stores, UnitOfWork
from idp.journeys.rows import AuditEvent, SessionRow
from idp.journeys.turns import LastAnswer, LostRace, Outcome, Turns, repeated
from idp.journeys.waiting import Waiting
from idp.protocol.consent import consent_asked_by
from idp.protocol.resource import Resources

_GIVEN = "consent-given"
_REFUSED = "consent-refused"
_ACCESS_DENIED = ("access_denied", "The person does not allow what this request asks.")
_OFFLINE_ACCESS = "offline_access"


class Consent:
    """The page « Donnez-vous votre accord ? » and what is answered there."""

    def __init__(
        self,
        *,
        authorization: Authorization,
        stores: Stores,
        clock: Clock,
        secrets: Secrets,
        releases: Releases,
        resources: Resources,
    ) -> None:
        self._authorization = authorization
        self._stores = stores
        self._clock = clock
        self._secrets = secrets
        self._releases = releases
        self._resources = resources
        self._turns = Turns(secrets)

    def show(self, browser: str | None, session: str | None, handle: str) -> ConsentAnswer:
        """Return the page; where the request waits for something else, or for nothing any more, what the dispatcher says.

        Args:
            browser: Value of the visit cookie.
            session: Value of the session cookie.
            handle: The `d` parameter.
        """
        answer = self._authorization.resume(browser, handle, session)
        if not isinstance(answer, AskPerson) or answer.step is not PersonStep.CONSENT:
            return answer
        with self._stores.reading() as desk:
            waiting = self._authorization.find(desk, browser, handle)
            live = self._authorization.load_live_session(desk, session)
            page = None if waiting is None or live is None else self._page(desk, waiting, live)
        return page or AskPerson(handle)

    def submit(
        self, browser: str | None, session: str | None, handle: str, form_token: str, *, allows: bool
    ) -> ConsentAnswer:
        """Take the person's answer and go on with the ENT's request.

        Args:
            browser: Value of the visit cookie.
            session: Value of the session cookie. The form is good for the person to whom it was shown.
            handle: The `d` parameter.
            form_token: The form's `jeton`.
            allows: « Autoriser » rather than « Refuser ».
        """
        with self._stores.reading() as desk:
            waiting = self._authorization.find(desk, browser, handle)
            if waiting is None or waiting.request is None:
                return Lost()
            live = self._authorization.load_live_session(desk, session)
            if live is None or session is None:
                return AskPerson(handle)
            turn = self._turns.read_form_token(_form_of(waiting, live), form_token)
            if turn is None:
                return Forged()
            digest = self._turns.digest(waiting.row.id, "consent", (live.id, _GIVEN if allows else _REFUSED))
            last = repeated(waiting.row.last_answer, turn=turn, digest=digest, now=self._clock.now())
            if last is not None:
                return self._repeat(desk, waiting, live, session, allows=allows)
            due = self._authorization.find_due(desk, waiting, live)
            if isinstance(due, PersonStep) and due is not PersonStep.CONSENT:
                return AskPerson(handle, step=due)
        try:
            return self._accept(waiting, live, session, turn, digest, allows=allows)
        except LostRace:
            return self.show(browser, session, handle)

    def _accept(
        self, waiting: Waiting, live: SessionRow, session: str, turn: int, digest: str, *, allows: bool
    ) -> ConsentAnswer:
        """Keep what she answered, and go on in the same transaction.

        Raises:
            LostRace: Another POST won the turn, or the session has ended meanwhile.
        """
        now = self._clock.now()
        row = waiting.row
        code = self._derive_code(waiting, live, row.turn, session)
        row.turn += 1
        row.last_answer = LastAnswer(turn, digest, now, Outcome(_GIVEN if allows else _REFUSED)).to_bytes()
        with self._stores.writing() as desk:
            # The request before the session, as who signs in over it holds them.
            if not desk.interactions.save_interaction(row, expected_turn=row.turn - 1):
                raise LostRace
            if not desk.sessions.touch_session(live.id, now):
                raise LostRace
            if not allows:
                self._record(desk, waiting, live, "consent.refused")
                return self._authorization.refuse(waiting, *_ACCESS_DENIED)
            self._remember(desk, waiting, live)
            self._record(desk, waiting, live, "consent.given")
            return self._authorization.conclude(desk, waiting, live, code, now, consented=True)

    def _remember(self, desk: UnitOfWork, waiting: Waiting, live: SessionRow) -> None:
        """Keep what is allowed from now on, with what was allowed before."""
        at = waiting.standing(live)
        if at.client.consent != "remembered":
            return
        allowed = consent_asked_by(at.request)
        before = desk.consents.load_consent(live.account_id, at.client.client_id)
        allowed = before.joined_with(allowed) if before else allowed
        desk.consents.save_consent(live.account_id, at.client.client_id, allowed, self._clock.now())

    def _repeat(
        self, desk: UnitOfWork, waiting: Waiting, live: SessionRow, session: str, *, allows: bool
    ) -> ConsentAnswer:
        """Answer a doubled POST like the first."""
        if not allows:
            return self._authorization.refuse(waiting, *_ACCESS_DENIED)
        code = self._derive_code(waiting, live, waiting.row.turn - 1, session)
        return self._authorization.repeat(desk, waiting, live, code)

    def _record(self, desk: UnitOfWork, waiting: Waiting, live: SessionRow, event: str) -> None:
        asked = consent_asked_by(waiting.standing(live).request)
        details: dict[str, str | int | list[int]] = {"scope": " ".join(sorted(asked.scope))}
        if asked.claims:
            details["claims"] = " ".join(sorted(asked.claims))
        if asked.resources:
            details["resources"] = " ".join(sorted(asked.resources))
        desk.ledger.record(
            AuditEvent(event, account_id=live.account_id, client_id=waiting.row.client_id, details=details),
            self._clock.now(),
        )

    def _page(self, desk: UnitOfWork, waiting: Waiting, live: SessionRow) -> ConsentPage | None:
        """Return the page, None when the account has gone."""
        at = waiting.standing(live)
        holder = desk.accounts.load_holder(live.account_id)
        if holder is None:
            return None
        asked = consent_asked_by(at.request)
        return ConsentPage(
            handle=waiting.handle,
            form_token=self._turns.form_token(_form_of(waiting, live), waiting.row.turn),
            ent_name=at.client.client_name,
            ent_host=urlsplit(at.request.redirect_uri).hostname or "",
            person_name=f"{holder.account.given_name} {holder.account.family_name}",
            told=self._releases.names_told(at.client, holder, " ".join(at.request.scope), live.auth_time, asked.claims),
            reaches=tuple(found.name for one in at.request.resources if (found := self._resources.load(one))),
            stays=_OFFLINE_ACCESS in at.request.scope,
            remembered=at.client.consent == "remembered",
            logo_uri=at.client.shown_logo_uri,
            policy_uri=at.client.policy_uri,
            tos_uri=at.client.tos_uri,
            form_action_uri=at.request.redirect_uri,
        )

    def _derive_code(self, waiting: Waiting, live: SessionRow, turn: int, session: str) -> str:
        """Return the code of the turn that a POST won, derived from what this browser alone holds: a doubled POST gets the same."""
        return self._secrets.keyed_hash("code-secret", f"{waiting.row.id}:{turn}:consent:{live.id}:{session}")


def _form_of(waiting: Waiting, live: SessionRow) -> str:
    """A form is shown to one person: what she left open is no answer of whoever signed in after her."""
    return f"{waiting.row.id}:{live.id}"
