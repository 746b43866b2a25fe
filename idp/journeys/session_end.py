"""The end of a session: its tokens die, and each ENT that was given some is told in the background, in the same transaction."""

from collections.abc import Sequence
from datetime import datetime

from idp.journeys.claims import subject_for
from idp.journeys.logout_notice import LogoutNotice
from idp.journeys.ports import ClientRegistry, Secrets, UnitOfWork
from idp.journeys.rows import SessionRow
from idp.protocol.client import Client


class SessionEnd:
    """Ends sessions, whatever the reason (OpenID Connect Back-Channel Logout 1.0 sections 2.3 and 2.5).

    Every client of the session is told, the one that asked for the logout too: the text makes no exception, and its answer to the
    browser and its server may be two programs.
    """

    def __init__(self, clients: ClientRegistry, secrets: Secrets) -> None:
        self._clients = clients
        self._secrets = secrets

    def end(self, desk: UnitOfWork, live: SessionRow, at: datetime) -> tuple[Client, ...] | None:
        """End one session and return the clients that were given tokens in it; None when it had ended before.

        Args:
            desk: The transaction.
            live: The session.
            at: The present moment.
        """
        if not desk.sessions.end_session(live.id, at):
            return None
        return self._tell(desk, live.account_id, [live.id], at)

    def replace(self, desk: UnitOfWork, secret: str | None, account_id: int, asking: str | None, at: datetime) -> None:
        """End the session over which another one is opened in the same browser.

        Args:
            desk: The transaction.
            secret: Value of the session cookie, None without one.
            account_id: Who signs in now.
            asking: The client for which she does. When she is the same person, it is not told: it gets new tokens at this moment,
                and one that looks at `sub` alone would end what it has just begun.
            at: The present moment.
        """
        former = desk.sessions.load_session(self._secrets.keyed_hash("session", secret)) if secret else None
        if former is None or not desk.sessions.end_session(former.id, at):
            return
        self._tell(desk, former.account_id, [former.id], at, spared=asking if former.account_id == account_id else None)

    def end_all(self, desk: UnitOfWork, account_id: int, at: datetime) -> None:
        """End every session of an account, and forget what was allowed in its name: somebody else may have done so.

        Args:
            desk: The transaction.
            account_id: Whose.
            at: The present moment.
        """
        ended = desk.sessions.end_account_sessions(account_id, at)
        desk.consents.forget_account_consents(account_id)
        if ended:
            self._tell(desk, account_id, ended, at)

    def _tell(
        self, desk: UnitOfWork, account_id: int, session_ids: Sequence[str], at: datetime, *, spared: str | None = None
    ) -> tuple[Client, ...]:
        """Write the notices and return the clients. After the end: who exchanges a code meanwhile is either seen here, or refused."""
        given = [
            (session_id, client)
            for session_id, client_id in desk.sessions.load_session_clients(session_ids)
            if (client := self._clients.load_client(client_id)) is not None
        ]
        to_tell = [(sid, one) for sid, one in given if one.backchannel_logout_uri and one.client_id != spared]
        holder = desk.accounts.load_holder(account_id) if to_tell else None
        for session_id, client in to_tell:
            subject = subject_for(client, holder, self._secrets) if holder else None
            notice = LogoutNotice(client.client_id, session_id, subject, account_id)
            desk.outbox.put(notice.to_message(), at=at)
        return tuple(client for _, client in given)
