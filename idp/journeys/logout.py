"""Leave: end the sessions of this browser, asked by an ENT or by the person (`docs/journeys/logout.md`)."""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field

from idp.journeys.answers import Forged
from idp.journeys.held_sessions import HeldSecrets
from idp.journeys.ports import ClientRegistry, Clock, Secrets, SigningKeys, Stores
from idp.journeys.rows import AuditEvent, SessionRow
from idp.journeys.session_end import SessionEnd
from idp.protocol.client import Client
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

    def begin(
        self, params: Sequence[tuple[str, str]], session: str | None, accounts: str | None = None
    ) -> LogoutAnswer:
        """End the sessions of this browser at once where the hint names one of them; ask the person otherwise.

        Args:
            params: The logout request, as sent.
            session: Value of the session cookie.
            accounts: Value of the cookie of the accounts beside: whoever signs out leaves nobody signed in.

        Raises:
            ShownError: The hint is not ours, or the place to go is not registered.
        """
        request = self._check(params)
        held = self._load(session, accounts)
        if not held:
            return SignedOut(request.return_uri)
        if request.hinted_sid in {one.id for one in held}:
            return self._end(held, request)
        carried = {name: value for name, value in reversed(params) if name in _CARRIED}
        if request.client is not None:
            carried["client_id"] = request.client.client_id  # the hint named it
        return AskLogout(
            form_token=self._form_token(held),
            ent_name=request.client.client_name if request.client else "",
            return_uri=request.return_uri,
            params=tuple(carried.items()),
        )

    def confirm(
        self,
        params: Sequence[tuple[str, str]],
        session: str | None,
        form_token: str,
        *,
        leave: bool,
        accounts: str | None = None,
    ) -> LogoutAnswer:
        """Do what the person answered.

        Args:
            params: The logout request, as the form carried it.
            session: Value of the session cookie.
            form_token: The form's `jeton`.
            leave: « Me déconnecter » rather than « Rester connecté ».
            accounts: Value of the cookie of the accounts beside.

        Raises:
            ShownError: The place to go is not registered.
        """
        request = self._check(params)
        held = self._load(session, accounts)
        if not held:
            return SignedOut(request.return_uri)
        if not hmac.compare_digest(form_token.encode(), self._form_token(held).encode()):
            return Forged()
        return self._end(held, request) if leave else Stay()

    def _check(self, params: Sequence[tuple[str, str]]) -> LogoutRequest:
        has_hint = any(name == "id_token_hint" and value for name, value in params)
        return check_logout_request(
            params,
            issuer=self._issuer,
            keys=self._keys.load_published_keys() if has_hint else (),
            load_client=self._clients.load_client,
        )

    def _load(self, session: str | None, accounts: str | None) -> list[SessionRow]:
        """Return the sessions of this browser, the current one first. One that lies idle may be ended like any other."""
        held = HeldSecrets.of(session, accounts)
        if not held.secrets:
            return []
        with self._stores.reading() as desk:
            found = [desk.sessions.load_session(self._secrets.keyed_hash("session", one)) for one in held.secrets]
        now = self._clock.now()
        return [row for row in found if row is not None and row.ended_at is None and now < row.expires_at]

    def _end(self, held: Sequence[SessionRow], request: LogoutRequest) -> SignedOut:
        now = self._clock.now()
        asked_by = request.client.client_id if request.client else None
        ended: list[tuple[SessionRow, Client]] = []
        with self._stores.writing() as desk:
            id_tokens = [desk.franceconnect.load_id_token(live.id) or "" for live in held]
            # In one order, as when somebody signs in over them.
            for live in sorted(held, key=lambda row: row.id):
                clients = self._session_end.end(desk, live, now)
                if clients is None:
                    continue
                ended += [(live, one) for one in clients]
                desk.ledger.record(AuditEvent("session.ended", account_id=live.account_id, client_id=asked_by), now)
        still_open = (
            one.client_name
            for _, one in ended
            if one.client_id != asked_by and not one.backchannel_logout_uri and not one.frontchannel_logout_uri
        )
        return SignedOut(
            request.return_uri,
            still_open=tuple(dict.fromkeys(still_open)),
            frames=tuple(
                Frame(one.client_name, front_channel_address(one, issuer=self._issuer, session_id=live.id))
                for live, one in ended
                if one.frontchannel_logout_uri
            ),
            id_token=next((token for token in id_tokens if token), ""),
        )

    def _form_token(self, held: Sequence[SessionRow]) -> str:
        return self._secrets.keyed_hash("logout-form", " ".join(live.id for live in held))
