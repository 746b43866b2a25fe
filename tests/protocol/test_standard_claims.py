"""OpenID Connect Core 1.0 sections 5.1, 5.1.1 and 5.4."""

from datetime import date
from typing import Any

import pytest

from idp.protocol.standard_claims import SCOPE_CLAIMS, ClaimRefusedError, check_standard_claims

TODAY = date(2031, 3, 4)
ADDRESS = {
    "formatted": "3 rue du Préau\n38000 Grenoble",
    "street_address": "3 rue du Préau",
    "locality": "Grenoble",
    "region": "Isère",
    "postal_code": "38000",
    "country": "France",
}
EVERYTHING = {
    "name": "Joe Dupont",
    "middle_name": "Noël",
    "nickname": "Jo",
    "preferred_username": "j.dupont",
    "profile": "https://joe.example/moi",
    "picture": "https://joe.example/moi.png",
    "website": "http://joe.example",
    "gender": "male",
    "birthdate": "1984-02-29",
    "zoneinfo": "Europe/Paris",
    "locale": "fr-FR",
    "updated_at": 1_900_000_000,
    "email": "joe@famille.example",
    "email_verified": True,
    "address": ADDRESS,
    "phone_number": "+33639980001",
    "phone_number_verified": False,
}


def refusal(claims: object) -> str:
    with pytest.raises(ClaimRefusedError) as refused:
        check_standard_claims(claims, TODAY)
    return str(refused.value)


def test_every_standard_claim_of_the_right_type_is_taken_as_it_is() -> None:
    assert check_standard_claims(EVERYTHING, TODAY) == EVERYTHING
    assert check_standard_claims({}, TODAY) == {}


def test_the_scopes_of_section_5_4_release_every_claim_but_the_names_that_the_school_knows() -> None:
    assert [name for names in SCOPE_CLAIMS.values() for name in names] == list(EVERYTHING)
    assert SCOPE_CLAIMS["email"] == ("email", "email_verified")
    assert SCOPE_CLAIMS["address"] == ("address",)
    assert SCOPE_CLAIMS["phone"] == ("phone_number", "phone_number_verified")


@pytest.mark.parametrize(
    "claims",
    [
        {"birthdate": "0000-02-29"}, {"birthdate": "1984"}, {"birthdate": "1850-01-01"}, {"birthdate": "2031-03-04"}, {"birthdate": "2031"},
        {"updated_at": 0}, {"updated_at": 1311280970.5}, {"locale": "en_US"}, {"locale": "fr"}, {"zoneinfo": "America/Argentina/Ushuaia"},
        {"zoneinfo": "Etc/GMT+2"}, {"phone_number": "+1 (425) 555-1212"}, {"phone_number": "+1 (604) 555-1234;ext=5678"},
        {"address": {"country": "France"}}, {"address": {"formatted": "a\r\nb"}}, {"gender": "autre"}, {"name": "Zoé"},
        {"nickname": "x" * 1000},
    ],
)  # fmt: skip
def test_other_forms_of_the_text_are_taken_too(claims: dict[str, Any]) -> None:
    assert check_standard_claims(claims, TODAY) == claims


@pytest.mark.parametrize("sent", [None, [], "name", 1, [["name", "Joe"]]])
def test_what_is_no_object_is_refused(sent: object) -> None:
    assert refusal(sent) == "The body must be a JSON object with claims by name"


@pytest.mark.parametrize("name", ["given_name", "family_name"])
def test_what_the_school_knows_is_not_made_up(name: str) -> None:
    assert refusal({name: "Joe"}) == f"{name} is what the school knows: it is told as the directory has it"


@pytest.mark.parametrize("name", ["sub", "shoe_size", "FrEduCtRefId", "Name", "name#fr", "", "_claim_names"])
def test_an_unknown_claim_is_refused_with_the_known_ones(name: str) -> None:
    assert refusal({"nickname": "Jo", name: "x"}).startswith("Unknown claim. Known here: name, middle_name, nickname, ")


@pytest.mark.parametrize(
    "value", [None, "", "  ", "null", 1, True, ["Joe"], {}, "x" * 1001, "a\u0000b", "\ud800", "a\u202eb", "a\nb"]
)
@pytest.mark.parametrize("name", ["name", "middle_name", "nickname", "preferred_username", "gender"])
def test_a_text_is_neither_blank_nor_null_nor_anything_that_cannot_be_shown(name: str, value: object) -> None:
    assert refusal({name: value}).startswith(f"{name} must be a text that is not blank")


@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        "joe.example",
        "/moi",
        "ftp://joe.example/",
        "javascript:alert(1)",
        "https://",
        "https://[joe",
        "https://a b/",
        1,
    ],
)
@pytest.mark.parametrize("name", ["profile", "picture", "website"])
def test_an_address_on_the_web_is_one(name: str, value: object) -> None:
    assert refusal({name: value}) == f"{name} must be a web address that starts with https:// or http://"


@pytest.mark.parametrize("value", ["true", 1, 0, None, "yes"])
@pytest.mark.parametrize("name", ["email_verified", "phone_number_verified"])
def test_whether_it_was_verified_is_a_boolean(name: str, value: object) -> None:
    assert refusal({name: value}) == f"{name} must be true or false"


@pytest.mark.parametrize(
    "value",
    [
        "29/02/1984", "1984-2-29", "1983-02-29", "1984-02", "1849-12-31", "1849", "0000", "0000-13-01", "2031-03-05", "2032", "",
        "1984-02-29T00:00:00Z", "١٩٨٤", 1984, None,
    ],
)  # fmt: skip
def test_a_birthdate_is_a_day_a_day_without_its_year_or_a_year_that_was(value: object) -> None:
    assert refusal({"birthdate": value}).startswith("birthdate must be YYYY-MM-DD, 0000-MM-DD or YYYY, from 1850 until")


@pytest.mark.parametrize("value", ["1311280970", "2011-07-21", True, None, -1, float("nan"), float("inf"), 10**12])
def test_updated_at_is_a_number_of_seconds(value: object) -> None:
    assert refusal({"updated_at": value}) == "updated_at must be a number of seconds since 1970"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("email", "joe"), ("email", "joe@"), ("email", "@famille.example"), ("email", "joe @famille.example"), ("email", "a@b@c"),
        ("email", "a@b\u0000"), ("email", None), ("zoneinfo", "Paris, France"), ("zoneinfo", "+01:00"), ("zoneinfo", 1),
        ("locale", "fr-"), ("locale", "f"), ("locale", "français"), ("locale", ["fr"]), ("phone_number", "06 39 98 00 01"),
        ("phone_number", "+33"), ("phone_number", "+33639980001;ext="), ("phone_number", 33639980001),
    ],
)  # fmt: skip
def test_what_has_a_form_of_its_own_is_held_to_it(name: str, value: object) -> None:
    assert refusal({name: value}).startswith(f"{name} must be ")


@pytest.mark.parametrize(
    "value",
    [
        None, "3 rue du Préau", [], {}, {"city": "Grenoble"}, {"country": None}, {"postal_code": 38000}, {"country": ""},
        {"formatted": "a\u0000b"}, {"country": "France", "region": "null"}, {"address": ADDRESS},
    ],
)  # fmt: skip
def test_an_address_is_an_object_of_texts(value: object) -> None:
    assert refusal({"address": value}).startswith("address must be an object of texts, with any of: formatted, ")


@pytest.mark.parametrize("name", sorted(EVERYTHING))
def test_no_value_is_quoted(name: str) -> None:
    assert "Secret-4271" not in refusal({name: ["Secret-4271"]})
