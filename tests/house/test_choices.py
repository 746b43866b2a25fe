"""What an operator chose, in the terms of those who use it."""

from datetime import timedelta

import pytest

from idp.choices import longest_use_of_a_signature
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
