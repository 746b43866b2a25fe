"""Rows to begin from."""

from dataclasses import replace
from datetime import datetime, timedelta

from idp.adapters.stores import SqlStores, SqlUnit
from idp.journeys.rows import AccessTokenRow, ActivationRow, CodeRow, InteractionRow, RefreshTokenRow, SessionRow


def add_account(stores: SqlStores, now: datetime, number: int = 1) -> int:
    """Add an account and return its id."""
    with stores.writing() as desk:
        added = desk.accounts.add_account(
            identifiant=f"j.dupont{number:04}",
            subject_seed=f"seed {number}",
            password_hash="encoded",
            family_name="DUPONT",
            given_name="Joe",
            at=now,
        )
    assert added is not None
    return added


def session_of(account_id: int, now: datetime, sid: str = "sid") -> SessionRow:
    """Return a session that begins now."""
    return SessionRow(
        id=sid,
        secret_hash=f"secret of {sid}",
        account_id=account_id,
        auth_time=now,
        acr="responsable",
        amr=("pwd",),
        touched_at=now,
        expires_at=now + timedelta(hours=8),
    )


def code_of(live: SessionRow, now: datetime, code_hash: str = "code") -> CodeRow:
    """Return a code of a session."""
    return CodeRow(
        code_hash=code_hash,
        family="family",
        client_id="ent",
        session_id=live.id,
        account_id=live.account_id,
        redirect_uri="https://ent.example/retour",
        scope="openid profile",
        nonce="nonce",
        code_challenge=None,
        acr=live.acr,
        amr=live.amr,
        auth_time=live.auth_time,
        issued_at=now,
        expires_at=now + timedelta(minutes=1),
    )


def load_token(desk: SqlUnit, token_hash: str) -> AccessTokenRow | None:
    """Return a token that was kept."""
    found = desk.accounts.load_token_holder(token_hash)
    return None if found is None else found[0]


def token_of(code: CodeRow, now: datetime, token_hash: str = "token") -> AccessTokenRow:  # noqa: S107  no secret
    """Return an access token of a code's family."""
    return AccessTokenRow(
        token_hash=token_hash,
        family=code.family,
        client_id=code.client_id,
        session_id=code.session_id,
        account_id=code.account_id,
        scope=code.scope,
        auth_time=code.auth_time,
        issued_at=now,
        expires_at=now + timedelta(minutes=10),
    )


def token_of_client(now: datetime, token_hash: str = "machine") -> AccessTokenRow:  # noqa: S107  no secret
    """Return an access token that stands for its client alone."""
    return AccessTokenRow(
        token_hash=token_hash,
        family="family of a machine",
        client_id="machine",
        session_id=None,
        account_id=None,
        scope="canteen.read",
        auth_time=None,
        issued_at=now,
        expires_at=now + timedelta(minutes=10),
        audience="https://canteen.example/api",
    )


def refresh_token_of(
    code: CodeRow,
    now: datetime,
    token_hash: str = "refresh",  # noqa: S107  no secret
    *,
    offline: bool = False,
) -> RefreshTokenRow:
    """Return a refresh token of a code's family."""
    return RefreshTokenRow(
        token_hash=token_hash,
        family=code.family,
        client_id=code.client_id,
        session_id=code.session_id,
        account_id=code.account_id,
        scope=code.scope,
        offline=offline,
        acr=code.acr,
        amr=code.amr,
        auth_time=code.auth_time,
        issued_at=now,
        expires_at=now + timedelta(hours=8),
        resources=code.resources,
    )


def activation(now: datetime) -> ActivationRow:
    """Return an activation at its first turn."""
    return ActivationRow(
        id="activation",
        browser_hash="browser",
        former_browser_hash=None,
        turn=0,
        step="identity",
        reference="REFERENC",
        interaction_id=None,
        state=b"DUPONT typed this",
        last_answer=b"and this was answered",
        created_at=now,
        touched_at=now,
        expires_at=now + timedelta(hours=2),
    )


def interaction(now: datetime) -> InteractionRow:
    """Return a request that waits for a person."""
    return InteractionRow(
        id="interaction",
        handle_hash="handle",
        browser_hash="browser",
        client_id="ent",
        request=b'{"state": "a state of the client"}',
        profile=None,
        turn=0,
        last_answer=None,
        session_id=None,
        created_at=now,
        expires_at=now + timedelta(hours=2),
        step_up=b'{"session_id": "a state of a second proof"}',
        page="/mon-compte",
    )


def add_session_with_grants(stores: SqlStores, now: datetime) -> CodeRow:
    """Add an account, its session, a code and an access token."""
    live = session_of(add_account(stores, now), now)
    code = code_of(live, now)
    with stores.writing() as desk:
        desk.sessions.add_session(live)
        desk.grants.add_code(code)
        desk.grants.add_access_token(token_of(code, now))
        desk.sessions.note_client(live.id, "ent", now)
    return replace(code)
