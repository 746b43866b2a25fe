"""Leave: end the session of this browser, asked by an ENT or by the person (`docs/journeys/logout.md`)."""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field

from idp.journeys.answers import Forged
from idp.journeys.ports import ClientRegistry, Clock, Secrets, SigningKeys, Stores
from idp.journeys.rows import AuditEvent, SessionRow
from idp.journeys.session_end import SessionEnd
from idp.protocol.front_channel_logout import front_channel_address
from idp.protocol.rp_initiated_logout import LogoutRequest, check_logout_request


@dataclass(frozen=True, slots=True)
class AskLogout:
    """Ask the person: « Voulez-vous vous déconnecter ? ». The request's parameters travel in the form and are checked again."""

    form_token: str
    ent_name: str
    return_uri: str
    params: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Frame:
    """What the browser loads to sign out of an ENT (OpenID Connect Front-Channel Logout 1.0 section 2)."""

    ent_name: str
    uri: str


@dataclass(frozen=True, slots=True)
class SignedOut:
    """The session is over. `return_uri` is where the ENT wants the browser, "" for our own page.

    `still_open` names the ENTs that were given tokens in the session and that nothing reaches: neither their server is told, nor does
    the browser load one of `frames` for them.
    """

    return_uri: str = ""
    still_open: tuple[str, ...] = ()
    frames: tuple[Frame, ...] = ()
    id_token: str = field(
        default="", repr=False
    )  # ends the session at FranceConnect, "" where it was not opened through it


@dataclass(frozen=True, slots=True)
class Stay:
    """The person chose to stay signed in."""


LogoutAnswer = AskLogout | SignedOut | Stay | Forged
_CARRIED = ("client_id", "post_logout_redirect_uri", "state")


class Logout:
    """OpenID Connect RP-Initiated Logout 1.0, and our own « Se déconnecter »."""

    def __init__(
        self,
        *,
        issuer: str,
        stores: Stores,
        clock: Clock,
        secrets: Secrets,
        clients: ClientRegistry,
        keys: SigningKeys,
    ) -> None:
        self._issuer = issuer
        self._stores = stores
        self._clock = clock
        self._secrets = secrets
        self._clients = clients
        self._keys = keys
        self._session_end = SessionEnd(clients, secrets)

    def begin(self, params: Sequence[tuple[str, str]], session: str | None) -> LogoutAnswer:
        """End the session at once where the hint names it; ask the person otherwise.

        Args:
            params: The logout request, as sent.
            session: Value of the session cookie.

        Raises:
            ShownError: The hint is not ours, or the place to go is not registered.
        """
        request = self._check(params)
        live = self._load(session)
        if live is None:
            return SignedOut(request.return_uri)
        if request.hinted_sid == live.id:
            return self._end(live, request)
        carried = {name: value for name, value in reversed(params) if name in _CARRIED}
        if request.client is not None:
            carried["client_id"] = request.client.client_id  # the hint named it
        return AskLogout(
            form_token=self._form_token(live),
            ent_name=request.client.client_name if request.client else "",
            return_uri=request.return_uri,
            params=tuple(carried.items()),
        )

    def confirm(
        self, params: Sequence[tuple[str, str]], session: str | None, form_token: str, *, leave: bool
    ) -> LogoutAnswer:
        """Do what the person answered.

        Args:
            params: The logout request, as the form carried it.
            session: Value of the session cookie.
            form_token: The form's `jeton`.
            leave: « Me déconnecter » rather than « Rester connecté ».

        Raises:
            ShownError: The place to go is not registered.
        """
        request = self._check(params)
        live = self._load(session)
        if live is None:
            return SignedOut(request.return_uri)
        if not hmac.compare_digest(form_token.encode(), self._form_token(live).encode()):
            return Forged()
        return self._end(live, request) if leave else Stay()

    def _check(self, params: Sequence[tuple[str, str]]) -> LogoutRequest:
        has_hint = any(name == "id_token_hint" and value for name, value in params)
        return check_logout_request(
            params,
            issuer=self._issuer,
            keys=self._keys.load_published_keys() if has_hint else (),
            load_client=self._clients.load_client,
        )

    def _load(self, session: str | None) -> SessionRow | None:
        """Return the session of this browser. One that lies idle may be ended like any other."""
        if not session:
            return None
        with self._stores.reading() as desk:
            row = desk.sessions.load_session(self._secrets.keyed_hash("session", session))
        return row if row is not None and row.ended_at is None and self._clock.now() < row.expires_at else None

    def _end(self, live: SessionRow, request: LogoutRequest) -> SignedOut:
        now = self._clock.now()
        asked_by = request.client.client_id if request.client else None
        with self._stores.writing() as desk:
            id_token = desk.franceconnect.load_id_token(live.id) or ""
            clients = self._session_end.end(desk, live, now)
            if clients is None:
                return SignedOut(request.return_uri, id_token=id_token)
            desk.ledger.record(AuditEvent("session.ended", account_id=live.account_id, client_id=asked_by), now)
        return SignedOut(
            request.return_uri,
            still_open=tuple(
                one.client_name
                for one in clients
                if one.client_id != asked_by and not one.backchannel_logout_uri and not one.frontchannel_logout_uri
            ),
            frames=tuple(
                Frame(one.client_name, front_channel_address(one, issuer=self._issuer, session_id=live.id))
                for one in clients
                if one.frontchannel_logout_uri
            ),
            id_token=id_token,
        )

    def _form_token(self, live: SessionRow) -> str:
        return self._secrets.keyed_hash("logout-form", live.id)
