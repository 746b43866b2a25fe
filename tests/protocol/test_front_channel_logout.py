"""OpenID Connect Front-Channel Logout 1.0 section 2."""

from dataclasses import replace
from urllib.parse import parse_qsl, urlsplit

import pytest

from idp.protocol.front_channel_logout import front_channel_address, is_where_codes_go
from tests.protocol.surroundings import ENT, ISSUER


def address(uri: str, *, required: bool) -> str:
    client = replace(ENT, frontchannel_logout_uri=uri, frontchannel_logout_session_required=required)
    return front_channel_address(client, issuer=ISSUER, session_id="a session")


def test_without_the_need_for_a_session_the_registered_address_is_loaded_to_the_letter() -> None:
    assert address("https://ent.example/sortie?a=1", required=False) == "https://ent.example/sortie?a=1"


@pytest.mark.parametrize(
    ("uri", "kept"),
    [
        ("https://ent.example/sortie", []),
        ("https://ent.example/sortie?tenant=a%20b&tenant=c", [("tenant", "a b"), ("tenant", "c")]),
    ],
)
def test_issuer_and_session_are_added_together_and_the_query_is_kept(uri: str, kept: list[tuple[str, str]]) -> None:
    told = address(uri, required=True)
    assert told.startswith(uri)
    assert parse_qsl(urlsplit(told).query) == [*kept, ("iss", ISSUER), ("sid", "a session")]


@pytest.mark.parametrize(
    "uri",
    [
        "https://ent.example/elsewhere?on=the&same=host",
        "https://ent.example:443/",
        "https://ENT.example/",
    ],
)
def test_an_address_at_the_place_of_a_redirect_uri_is_accepted(uri: str) -> None:
    assert is_where_codes_go(uri, ["https://other.example/", "https://ent.example/retour"])


@pytest.mark.parametrize(
    "uri",
    [
        "http://ent.example/",
        "http://ent.example:443/",
        "https://sub.ent.example/",
        "https://ent.example:8443/",
        "https://ent.example.evil.example/",
        "https://evil.example/https://ent.example/",
    ],
)
def test_an_address_with_another_scheme_host_or_port_is_not(uri: str) -> None:
    assert not is_where_codes_go(uri, ["https://ent.example/retour"])
