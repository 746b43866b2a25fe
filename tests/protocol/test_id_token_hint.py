"""OpenID Connect Core 1.0 section 3.1.2.1: `id_token_hint`. What is an ID token of ours is also shown by test_rp_initiated_logout.py."""

import json

import pytest

from idp.protocol.authorization_request import RedirectedError
from tests.protocol.surroundings import NESTED_HEADER, signing_key
from tests.protocol.test_authorization_request_rfc6749 import check, refused
from tests.protocol.test_rp_initiated_logout import UNSIGNED, hint, signed_with_the_public_key


def test_the_person_of_the_hint_is_asked_for_though_it_has_expired() -> None:
    assert check(id_token_hint=hint()).subjects == ("a subject",)
    assert check(id_token_hint="").subjects is None
    es256 = hint(header={"alg": "ES256", "kid": "ES256-0"}, key=signing_key("ES256").key)
    assert check(id_token_hint=es256).subjects == ("a subject",)


@pytest.mark.parametrize(
    "foreign",
    [
        "garbage",
        UNSIGNED,
        NESTED_HEADER,
        signed_with_the_public_key(),
        hint(key=signing_key("RS256", 1).key),
        hint(iss="https://other.example"),
        hint(header={"typ": "at+jwt"}),
        hint(header={"typ": "logout+jwt"}),
        hint(aud="tablet"),
        hint(aud=["tablet"]),
        hint(aud=None),
        hint(sub=None),
    ],
)
def test_what_is_no_id_token_of_ours_for_this_client_is_refused_and_not_repeated(foreign: str) -> None:
    refusal = refused(id_token_hint=foreign)
    assert refusal.error == "invalid_request"
    assert refusal.description.startswith("id_token_hint must be an ID token")
    assert "tablet" not in refusal.description


def test_a_hint_belongs_to_the_client_that_it_was_issued_to() -> None:
    assert check(client_id="tablet", id_token_hint=hint(aud="tablet")).subjects == ("a subject",)


def test_a_hint_and_a_claim_that_name_two_people_are_refused() -> None:
    def asking_for(subject: str) -> str:
        return json.dumps({"id_token": {"sub": {"value": subject}}})

    assert check(id_token_hint=hint(), claims=asking_for("a subject")).subjects == ("a subject",)
    with pytest.raises(RedirectedError, match="invalid_request"):
        check(id_token_hint=hint(), claims=asking_for("another"))
