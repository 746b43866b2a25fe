"""RFC 6749 section 2.3, OpenID Connect Core 1.0 section 9."""

import base64
from dataclasses import replace
from urllib.parse import quote_plus

import pytest

from idp.protocol.client import Client
from idp.protocol.client_authentication_rfc6749 import ClientRefusedError, authenticate_client
from tests.protocol.surroundings import ENT, SECRET, TABLET, Surroundings


def basic(client_id: str, secret: str, *, encode: bool = True) -> str:
    joined = f"{quote_plus(client_id)}:{quote_plus(secret)}" if encode else f"{client_id}:{secret}"
    return f"Basic {base64.b64encode(joined.encode()).decode()}"


def authenticate(
    authorization: str | None, form: dict[str, str] | None = None, *, method: str = "any"
) -> tuple[Client, str]:
    here = Surroundings(clients={"ent": replace(ENT, token_endpoint_auth_method=method), "tablet": TABLET})
    return authenticate_client(
        authorization,
        form or {},
        load_client=here.load_client,
        is_secret_right=here.is_secret_right,
        make_rules=here.make_rules,
    )


@pytest.mark.parametrize("method", ["any", "client_secret_basic"])
def test_basic_is_form_encoded_before_base64(method: str) -> None:
    client, used = authenticate(basic("ent", SECRET), method=method)
    assert (client.client_id, used) == ("ent", "client_secret_basic")


def test_a_plus_sign_that_nobody_encoded_is_a_space_and_the_secret_is_wrong() -> None:
    with pytest.raises(ClientRefusedError, match="secret is wrong"):
        authenticate(basic("ent", SECRET, encode=False))


def test_the_scheme_is_read_in_any_case() -> None:
    assert authenticate(basic("ent", SECRET).replace("Basic", "BASIC"))[1] == "client_secret_basic"


def test_the_secret_may_come_in_the_body() -> None:
    assert authenticate(None, {"client_id": "ent", "client_secret": SECRET})[1] == "client_secret_post"


def test_a_public_client_names_itself() -> None:
    assert authenticate(None, {"client_id": "tablet"})[1] == "none"


def test_the_same_client_id_may_stand_in_the_body_too() -> None:
    assert authenticate(basic("ent", SECRET), {"client_id": "ent"})[0].client_id == "ent"


@pytest.mark.parametrize(
    ("authorization", "form", "words"),
    [
        (None, {}, "No client authentication"),
        (None, {"client_id": "nobody"}, "No client is registered"),
        (basic("nobody", SECRET), {}, "No client is registered"),
        (basic("ent", "guessed"), {}, "secret is wrong"),
        (basic("ent", ""), {}, "secret is wrong"),
        (None, {"client_id": "ent", "client_secret": ""}, "secret is wrong"),
        (None, {"client_id": "ent"}, "secret is missing"),
        (basic("ent", SECRET), {"client_secret": SECRET}, "Two ways"),
        (basic("ent", SECRET), {"client_id": "tablet"}, "not that of the Authorization header"),
        ("Bearer abc", {}, "Basic scheme"),
        ("Basic !!!", {}, "base64"),
        ("Basic " + base64.b64encode(b"\xff\xfe").decode(), {}, "base64"),
        ("Basic " + base64.b64encode(b"ent").decode(), {}, "colon"),
    ],
)
def test_a_wrong_proof_is_refused_and_says_what_was_wrong(
    authorization: str | None, form: dict[str, str], words: str
) -> None:
    with pytest.raises(ClientRefusedError, match=words):
        authenticate(authorization, form)


@pytest.mark.parametrize("method", ["client_secret_basic", "none"])
def test_another_method_than_the_registered_one_is_refused(method: str) -> None:
    with pytest.raises(ClientRefusedError, match=f"registered for {method}"):
        authenticate(None, {"client_id": "ent", "client_secret": SECRET}, method=method)


def test_a_public_client_that_shows_a_secret_is_refused() -> None:
    with pytest.raises(ClientRefusedError, match="registered for none"):
        authenticate(basic("tablet", SECRET))
