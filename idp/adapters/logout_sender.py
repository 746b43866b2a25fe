"""What tells relying parties that somebody signed out (OpenID Connect Back-Channel Logout 1.0 section 2.5)."""

import ssl
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

import requests
from sqlalchemy.exc import SQLAlchemyError
from urllib3.exceptions import HTTPError

from idp.adapters.address_guard import AddressGuard
from idp.adapters.cut_off import CutOffAdapter, open_session
from idp.adapters.sending import NeverSent, NotSentYet
from idp.adapters.sparing import Sparing
from idp.journeys.logout_notice import LogoutNotice
from idp.journeys.ports import ClientRegistry, Clock, Secrets, SigningKeys
from idp.protocol.back_channel_logout import RpAnswer, mint_logout_token, read_answer
from idp.protocol.client import Client

TIMEOUT_SECONDS = 5.0


class LogoutSender:
    """Makes a logout token and posts it to the client. `adapters.messages` tries again where that may help.

    Args:
        issuer: Ours.
        clients: Whom to tell, and where.
        keys: What signs.
        clock: The time, as tokens tell it.
        secrets: Makes each token's `jti`.
        timeout: Longest wait for a connection, and again for each part of the answer, in seconds. All of it may take twice as long.
        around: Entered for each call: bounds how many there are at once, with a `ConnectionError`.
        guard: What says where addresses may lead that stand in no settings file; those that do are the operator's word.
        tls: Whom to trust besides the usual authorities; None: nobody.
    """

    def __init__(
        self,
        *,
        issuer: str,
        clients: ClientRegistry,
        keys: SigningKeys,
        clock: Clock,
        secrets: Secrets,
        timeout: float = TIMEOUT_SECONDS,
        around: Callable[[], AbstractContextManager[None]] = nullcontext,
        guard: AddressGuard | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._issuer = issuer
        self._clients = clients
        self._keys = keys
        self._clock = clock
        self._secrets = secrets
        self._timeout = timeout
        self._around = around
        self._guard = guard or AddressGuard()
        self._anywhere = AddressGuard(is_free_host=lambda _: True)
        self._tls = tls
        self._sparing = Sparing()

    def send(self, recipient: str, body: str) -> None:
        """Tell the client `recipient` what the notice in `body` says.

        Raises:
            NotSentYet: No answer, one that says neither yes nor no, or no key to sign with at this moment.
            NeverSent: The client refused the token, or is no longer there to be told.
        """
        notice = LogoutNotice.from_message(recipient, body)
        client = self._clients.load_client(notice.client_id)
        if client is None or not client.backchannel_logout_uri:
            raise NeverSent("the client has no address to be told at any more")
        if not self._sparing.may_be_asked(client.client_id):
            raise NotSentYet("the client did not answer a moment ago")
        began = time.monotonic()
        status = self.post(client, self._mint(client, notice))
        if time.monotonic() - began > self._timeout:
            # Whatever it said in the end: at its pace, it would hold up the others.
            self._sparing.note_silence(client.client_id)
        else:
            self._sparing.note_answer(client.client_id)
        match read_answer(status):
            case RpAnswer.REFUSED:
                raise NeverSent(f"the client refused with status {status}")
            case RpAnswer.UNCLEAR:
                raise NotSentYet(f"the client answered with status {status}")
            case RpAnswer.DONE:
                return

    def _mint(self, client: Client, notice: LogoutNotice) -> str:
        try:
            key = self._keys.load_active_key(client.id_token_signed_response_alg)
        except (KeyError, ValueError, SQLAlchemyError):
            raise NotSentYet("no key can be opened to sign with") from None
        return mint_logout_token(
            client,
            issuer=self._issuer,
            subject=notice.subject,
            session_id=notice.session_id,
            jti=self._secrets.identifier(),
            now=self._clock.now(),
            key=key,
        )

    def post(self, client: Client, token: str) -> int:
        """Return the status. The body of the answer is not read: it could be endless, and nothing in it is needed."""
        try:
            guard = self._anywhere if client.in_settings else self._guard
            with (
                self._around(),
                open_session(CutOffAdapter(guard, self._tls)) as session,
                session.post(
                    client.backchannel_logout_uri,
                    data={"logout_token": token},
                    timeout=self._timeout,
                    allow_redirects=False,  # the token is for this place alone
                    stream=True,
                ) as answer,
            ):
                return answer.status_code
        except (
            requests.RequestException,
            HTTPError,
            UnicodeError,
        ) as failure:  # the last: a host that no name can have
            self._sparing.note_silence(client.client_id)
            # Without its cause: requests' own sentences hold the address, and with it perhaps a key of the client's.
            raise NotSentYet(f"the client did not answer ({type(failure).__name__})") from None
        except ConnectionError as failure:
            raise NotSentYet(f"no place for the call ({type(failure).__name__})") from None
