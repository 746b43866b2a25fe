"""The end of a session: its tokens die, and each ENT that was given some is told in the background, in the same transaction."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from idp.journeys.claims import subject_for
from idp.journeys.held_sessions import MOST_BESIDE, HeldSecrets, join
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

    def make_room(
        self,
        desk: UnitOfWork,
        held: HeldSecrets,
        account_id: int,
        asking: str | None,
        at: datetime,
        *,
        keeps_others: bool = False,
    ) -> str | None:
        """End the sessions over which another one is opened in the same browser, and return its cookie of the accounts beside.

        None: as it is.

        Args:
            desk: The transaction.
            held: What the browser holds.
            account_id: Who signs in now.
            asking: The client for which she does. When she is the same person, it is not told: it gets new tokens at this moment,
                and one that looks at `sub` alone would end what it has just begun.
            at: The present moment.
            keeps_others: Whether other persons' sessions stay, because the client lets people choose among accounts.
        """
        found = self._load(desk, held)
        staying = _staying(found, account_id, at) if keeps_others else {}
        # In one order, whichever is the current one: two windows of a browser do not wait for one another.
        for former in sorted((row for secret, row in found.items() if secret not in staying), key=lambda row: row.id):
            if desk.sessions.end_session(former.id, at):
                spared = asking if former.account_id == account_id else None
                self._tell(desk, former.account_id, [former.id], at, spared=spared)
        return join(staying) if staying or held.beside else None

    def find_staying(self, desk: UnitOfWork, held: HeldSecrets, account_id: int, at: datetime) -> str | None:
        """Return what `make_room` answered when it kept others; for a POST that comes twice."""
        staying = _staying(self._load(desk, held), account_id, at)
        return join(staying) if staying or held.beside else None

    def _load(self, desk: UnitOfWork, held: HeldSecrets) -> dict[str, SessionRow]:
        found = {
            secret: desk.sessions.load_session(self._secrets.keyed_hash("session", secret)) for secret in held.secrets
        }
        return {secret: row for secret, row in found.items() if row is not None}

    def end_all(self, desk: UnitOfWork, account_id: int, at: datetime, *, keeping: str | None = None) -> int:
        """End every session of an account, and forget what was allowed in its name: somebody else may have done so.

        Returns the number of sessions that ended.

        Args:
            desk: The transaction.
            account_id: Whose.
            at: The present moment.
            keeping: `sid` of the one that goes on, None for none.
        """
        ended = desk.sessions.end_account_sessions(account_id, at, keeping=keeping)
        desk.consents.forget_account_consents(account_id)
        if ended:
            self._tell(desk, account_id, ended, at)
        return len(ended)

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


def _staying(found: Mapping[str, SessionRow], account_id: int, at: datetime) -> dict[str, SessionRow]:
    """Return the sessions of other persons that are not over, as many as a browser may hold beside the current one."""
    others = [
        (secret, row)
        for secret, row in found.items()
        if row.account_id != account_id and row.ended_at is None and at < row.expires_at
    ]
    return dict(others[:MOST_BESIDE])
