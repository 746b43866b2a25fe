"""« Mes appareils »: the sessions that are open, and the end of all others (`docs/journeys/own_account.md`)."""

from datetime import timedelta

from idp.journeys.account_answers import AtHome, DeviceLine, DevicesPage
from idp.journeys.account_forms import AccountForms
from idp.journeys.answers import Forged
from idp.journeys.local_time import paris_time
from idp.journeys.ports import Clock, Secrets, Stores
from idp.journeys.rows import AuditEvent
from idp.journeys.session_end import SessionEnd

_FORM = "other-devices"


class OwnDevices:
    """The page and its form."""

    def __init__(
        self, *, stores: Stores, clock: Clock, secrets: Secrets, session_end: SessionEnd, session_idle: timedelta
    ) -> None:
        self._stores = stores
        self._clock = clock
        self._session_end = session_end
        self._session_idle = session_idle
        self._forms = AccountForms(secrets)

    def show(self, home: AtHome) -> DevicesPage:
        """Return the sessions that are open, this one first."""
        now = self._clock.now()
        with self._stores.reading() as desk:
            found = desk.sessions.load_open_sessions(home.live.account_id, now, used_since=now - self._session_idle)
        lines = [
            DeviceLine(one.device, paris_time(one.auth_time), paris_time(one.touched_at), one.id == home.live.id)
            for one in found
        ]
        return DevicesPage(
            self._forms.make_token(home.live, _FORM), tuple(sorted(lines, key=lambda one: not one.is_this))
        )

    def end_others(self, home: AtHome, form_token: str) -> Forged | None:
        """End every other session, revoke what was issued, tell the ENTs, and drop an e-mail address that waits for its link.

        That address may have been asked for on one of the others, and its link is good wherever it is opened. Twice is once: nothing is
        left to end.

        Args:
            home: Who is there.
            form_token: The form's `jeton`.
        """
        if not self._forms.is_ours(home.live, _FORM, form_token):
            return Forged()
        now = self._clock.now()
        with self._stores.writing() as desk:
            ended = self._session_end.end_all(desk, home.live.account_id, now, keeping=home.live.id)
            dropped = desk.emails.drop_change(home.live.account_id)
            if ended or dropped:
                details: dict[str, str | int | list[int]] = {"sessions": ended}
                if dropped:
                    details["email_change_dropped"] = True
                event = AuditEvent("account.devices-ended", account_id=home.live.account_id, details=details)
                desk.ledger.record(event, now)
        return None
