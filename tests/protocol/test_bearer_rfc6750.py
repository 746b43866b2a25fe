"""RFC 6750 sections 2 and 3, RFC 9449 section 7.1, RFC 9700 section 4.3.2."""

import pytest

from idp.protocol.bearer_rfc6750 import (
    BearerRefusedError,
    read_access_token,
    read_bearer_token,
    refuse_audience,
    refuse_key,
    refuse_token,
)


@pytest.mark.parametrize(
    ("authorization", "form"), [("Bearer abc", []), ("bearer  abc ", []), (None, [("access_token", "abc"), ("x", "y")])]
)
def test_a_token_comes_in_the_header_or_in_the_body(authorization: str | None, form: list[tuple[str, str]]) -> None:
    assert read_access_token(authorization, form) == ("Bearer", "abc")


@pytest.mark.parametrize(
    ("authorization", "form", "error", "status"),
    [
        (None, [], "", 401),
        ("Bearer", [], "invalid_request", 400),
        ("Basic abc", [], "invalid_request", 400),
        ("Bearer abc", [("access_token", "abc")], "invalid_request", 400),
        (None, [("access_token", "a"), ("access_token", "b")], "invalid_request", 400),
    ],
)
def test_anything_else_is_refused(
    authorization: str | None, form: list[tuple[str, str]], error: str, status: int
) -> None:
    with pytest.raises(BearerRefusedError) as raised:
        read_access_token(authorization, form)
    assert (raised.value.error, raised.value.status) == (error, status)
    assert raised.value.challenge.startswith('Bearer realm="preau"')


def test_a_token_that_is_bound_to_a_key_comes_with_a_scheme_of_its_own() -> None:
    assert read_access_token("dpop abc", []) == ("DPoP", "abc")
    with pytest.raises(BearerRefusedError):
        read_bearer_token("dpop abc")
    assert read_bearer_token("Bearer abc") == "abc"
    challenge = refuse_key("Another key.").challenge
    assert challenge.startswith(
        'DPoP realm="preau", error="invalid_token", error_description="Another key.", algs="ES256 '
    )


def test_a_request_without_a_token_is_told_no_error() -> None:
    with pytest.raises(BearerRefusedError) as raised:
        read_access_token(None, [])
    assert raised.value.challenge == 'Bearer realm="preau"'


def test_a_token_that_opens_nothing_is_not_told_why() -> None:
    refusal = refuse_token()
    assert refusal.status == 401
    assert refusal.challenge == (
        'Bearer realm="preau", error="invalid_token", error_description="The token is unknown, expired or revoked."'
    )


@pytest.mark.parametrize("scheme", ["Bearer", "DPoP"])
def test_a_token_for_another_server_is_invalid_here_and_more_scope_would_not_help(scheme: str) -> None:
    """RFC 9068 section 4."""
    refusal = refuse_audience(scheme)
    assert (refusal.status, refusal.error) == (401, "invalid_token")
    assert refusal.challenge.startswith(f'{scheme} realm="preau", error="invalid_token"')
    assert "another server" in refusal.description
