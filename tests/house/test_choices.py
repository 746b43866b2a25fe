"""What an operator chose, in the terms of those who use it."""

from datetime import UTC, datetime, timedelta

import pytest

from idp.adapters.secrets import MasterKey
from idp.choices import build_registered_client, longest_use_of_a_signature
from idp.journeys.rows import RegisteredClientRow
from idp.settings import ClientSettings, Settings, TokenSettings

_A_DAY = 86_400  # seconds: longer than any session


@pytest.mark.parametrize("lives", [{"id_token_seconds": _A_DAY}, {"access_token_seconds": _A_DAY}])
def test_a_key_stays_published_while_the_longest_lived_token_of_any_client_may_be_verified(
    lives: dict[str, int],
) -> None:
    ent = ClientSettings(
        client_id="ent",
        client_name="ENT Marronnier",
        client_secret="a-secret-of-the-ent",
        redirect_uris=("https://ent.example.org/retour",),
    )
    of_all = Settings(issuer="https://idp.example.org", clients=(ent,), tokens=TokenSettings(**lives))
    of_one = Settings(
        issuer="https://idp.example.org", clients=(ent, ent.model_copy(update={"client_id": "other", **lives}))
    )
    of_none = Settings(issuer="https://idp.example.org", clients=(ent,))
    assert longest_use_of_a_signature(of_all) == longest_use_of_a_signature(of_one) == timedelta(days=1)
    assert longest_use_of_a_signature(of_none) == timedelta(hours=of_none.sign_in.session_hours) < timedelta(days=1)


def test_what_a_client_said_of_itself_is_what_the_protocol_knows() -> None:
    shown = {"logo_uri": "https://ent.example.org/logo.svg", "tos_uri": "https://ent.example.org/regles"}
    metadata = {
        "client_name": "ENT Sureau",
        "redirect_uris": ["https://ent.example.org/retour"],
        "scope": "openid",
        "token_endpoint_auth_method": "client_secret_basic",
        "default_acr_values": ["responsable"],
        **shown,
    }
    issued = datetime(2031, 3, 4, tzinfo=UTC)
    row = RegisteredClientRow("sureau", "kept elsewhere", "kept elsewhere", metadata, issued)
    client = build_registered_client(row, Settings(issuer="https://idp.example.org"), MasterKey(b"k" * 32))
    assert (client.default_acr_values, client.pkce) == (("responsable",), "if_sent")
    assert (client.logo_uri, client.shown_logo_uri, client.tos_uri) == (shown["logo_uri"], *shown.values())
