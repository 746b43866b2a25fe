"""Stores of sessions, of what clients were given in them, and of clients. Contract suites as for `ports`."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from idp.journeys.rows import (
    AccessTokenRow,
    CodeRow,
    FranceConnectLink,
    GivenConsent,
    RefreshTokenRow,
    RegisteredClientRow,
    SessionRow,
)
from idp.protocol.consent import Consent


class SessionStore(Protocol):
    """Signed-in browsers."""

    def load_session(self, secret_hash: str) -> SessionRow | None:
        """Return the session with this secret, ended ones included."""

    def load_session_by_id(self, session_id: str) -> SessionRow | None:
        """Return the session with this `sid`, ended ones included."""

    def add_session(self, row: SessionRow) -> None:
        """Keep a new session."""

    def touch_session(self, session_id: str, at: datetime) -> bool:
        """Remember that the session was used; False when it has ended."""

    def prove_more(
        self, session_id: str, amr: Sequence[str], at: datetime, *, former: str, secret_hash: str, anew: bool = False
    ) -> bool:
        """Give a session more methods, proved at this moment, and another secret; False when it has ended or has another one already.

        Args:
            session_id: The session.
            amr: All its methods.
            at: The present moment.
            former: Hash of the secret with which it was read: a new one is derived from that, and somebody else may hold it.
            secret_hash: Of its new secret.
            anew: Whether what a sign-in proves was proved again: the moment of the sign-in is then this one too.
        """

    def load_form_answer(self, session_id: str) -> tuple[int, str | None]:
        """Return the turn of the forms of « Mon compte » in this session, and the latest answer."""

    def keep_form_answer(self, session_id: str, answer: str, *, expected_turn: int) -> bool:
        """Keep the answer to a form and pass on to the next turn; False when another POST won, or when the session has ended."""

    def ask_session(self, session_id: str, asks: Sequence[str]) -> None:
        """Replace what a session is asked before it goes on."""

    def answer_question(self, session_id: str, asks: Sequence[str], *, former: str, secret_hash: str) -> bool:
        """Replace what a session is asked, and its secret, for an answer that proved something; arguments and answer as above."""

    def end_session(self, session_id: str, at: datetime) -> bool:
        """End a session, revoke its codes and its tokens but offline ones; False when it had ended before."""

    def end_account_sessions(self, account_id: int, at: datetime, *, keeping: str | None = None) -> list[str]:
        """End every session of an account, revoke its codes and all of its tokens, and return the ids of those that ended.

        `keeping` names one that goes on with its codes and access tokens; its refresh tokens die all the same.
        """

    def load_account_sessions(self, account_id: int) -> list[SessionRow]:
        """Return the sessions of an account, ended ones included, the newest first."""

    def load_open_sessions(self, account_id: int, now: datetime, *, used_since: datetime) -> list[SessionRow]:
        """Return the sessions of an account that are live, the one used last first, fifty at most."""

    def note_client(self, session_id: str, client_id: str, at: datetime) -> None:
        """Remember that this client was given tokens in this session."""

    def load_session_clients(self, session_ids: Sequence[str]) -> list[tuple[str, str]]:
        """Return session and client of each client that was given tokens in one of these sessions."""


class GrantStore(Protocol):
    """Codes, access tokens and refresh tokens, as keyed hashes."""

    def add_code(self, row: CodeRow) -> None:
        """Keep a new authorization code."""

    def load_code(self, code_hash: str) -> CodeRow | None:
        """Return a code, used and expired ones included."""

    def consume_code(self, code_hash: str, at: datetime) -> bool:
        """Mark a code used by one conditional UPDATE; False when somebody else was first."""

    def revoke_family(self, family: str, at: datetime) -> None:
        """Revoke the code and every token that was minted from it, those of concurrent losers included."""

    def add_access_token(self, row: AccessTokenRow) -> None:
        """Keep a new access token."""

    def load_access_token(self, token_hash: str) -> AccessTokenRow | None:
        """Return an access token, revoked and expired ones included."""

    def revoke_access_token(self, token_hash: str, at: datetime) -> None:
        """Revoke one access token; what else was minted with it stays good."""

    def add_refresh_token(self, row: RefreshTokenRow) -> None:
        """Keep a new refresh token."""

    def load_refresh_token(self, token_hash: str) -> RefreshTokenRow | None:
        """Return a refresh token, used, expired and revoked ones included."""

    def consume_refresh_token(self, token_hash: str, at: datetime) -> bool:
        """Mark a refresh token used by one conditional UPDATE; False when somebody else was first, or when it was revoked meanwhile."""

    def hold_refresh_token(self, token_hash: str) -> bool:
        """Keep a refresh token from being revoked before this transaction ends; False when it is revoked already."""

    def revoke_person_grants(self, account_id: int, client_id: str, at: datetime) -> None:
        """Revoke every code and token of a client that stands for this person."""

    def revoke_client_grants(self, client_id: str, at: datetime) -> None:
        """Revoke every code and token of a client."""


class ConsentStore(Protocol):
    """What persons allowed clients to be told."""

    def load_consent(self, account_id: int, client_id: str) -> Consent | None:
        """Return what a person allowed a client, None for nothing yet."""

    def load_account_consents(self, account_id: int) -> list[GivenConsent]:
        """Return what a person allowed, the newest first, a hundred at most."""

    def forget_consent(self, account_id: int, client_id: str) -> bool:
        """Forget what a person allowed a client; False where that is nothing."""

    def save_consent(self, account_id: int, client_id: str, consent: Consent, at: datetime) -> None:
        """Keep what a person allows a client, in place of what she allowed before."""

    def forget_account_consents(self, account_id: int) -> None:
        """Forget what a person allowed, whomever."""

    def forget_client_consents(self, client_id: str) -> None:
        """Forget what a client was allowed, by whomever."""


class RegisteredClientStore(Protocol):
    """Clients that no settings file names."""

    def load_client(self, client_id: str) -> RegisteredClientRow | None:
        """Return the client with this id."""

    def load_clients(self) -> list[RegisteredClientRow]:
        """Return every client, oldest first."""

    def is_public_origin(self, origin: str) -> bool:
        """Tell whether a redirect URI of one without a secret has this origin."""

    def add_client(self, row: RegisteredClientRow, *, at_most: int | None = None) -> bool:
        """Keep a new client; False when there are `at_most` already, whoever else adds some at this moment."""

    def save_client(self, row: RegisteredClientRow, *, expected_revision: int) -> bool:
        """Write every column but the id and the time; False when the client has gone, or somebody else changed it since."""

    def remove_client(self, client_id: str) -> bool:
        """Forget a client; False when somebody else did."""


class FranceConnectStore(Protocol):
    """Accounts that FranceConnect signs in, and sign-ins under way there."""

    def load_link(self, issuer: str, sub: str) -> FranceConnectLink | None:
        """Return the link of an identity."""

    def load_link_of_account(self, account_id: int) -> FranceConnectLink | None:
        """Return the link of an account."""

    def load_link_of_identity(self, issuer: str, identity_hash: str) -> FranceConnectLink | None:
        """Return a link of somebody with the same civil status."""

    def add_link(self, link: FranceConnectLink) -> bool:
        """Link an identity; False when it, or the account, is linked already: nobody is rebound."""

    def remove_link(self, account_id: int) -> bool:
        """Remove the link of an account that has a password; False when there is none, or no other way in."""

    def put_sign_in(self, key: str, value: bytes, expires_at: datetime) -> None:
        """Keep a sign-in under way, under a key that was never used."""

    def take_sign_in(self, key: str, now: datetime) -> bytes | None:
        """Return a sign-in under way and forget it: one winner of many."""

    def keep_id_token(self, session_id: str, id_token: str) -> None:
        """Keep what ends this session at FranceConnect."""

    def load_id_token(self, session_id: str) -> str | None:
        """Return what ends this session at FranceConnect, None when it was not opened through it."""
