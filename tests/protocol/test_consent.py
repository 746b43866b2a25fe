"""OpenID Connect Core 1.0 sections 3.1.2.1 (`prompt`), 3.1.2.4 and 11: when a person is asked."""

from dataclasses import replace

import pytest

from idp.protocol.authorization_request import AuthorizationRequest
from idp.protocol.consent import POLICIES, Consent, consent_asked_by, is_consent_needed, may_ask_consent
from tests.protocol.surroundings import ENT

OPENID = frozenset({"openid"})
PROFILE = frozenset({"openid", "profile"})


def request(*scope: str, **more: tuple[str, ...]) -> AuthorizationRequest:
    return AuthorizationRequest("ent", "https://ent.example/retour", scope=("openid", *scope), **more)  # type: ignore[arg-type]  # the tuples among its members


def needed(policy: str, asked: AuthorizationRequest, given: Consent | None = None) -> bool:
    return is_consent_needed(replace(ENT, consent=policy), asked, lambda: given)


@pytest.mark.parametrize(
    ("policy", "given", "asks"),
    [
        ("none", None, False),
        ("none", Consent(PROFILE), False),
        ("remembered", None, True),
        ("remembered", Consent(PROFILE), False),
        ("remembered", Consent(OPENID), True),
        ("always", None, True),
        ("always", Consent(PROFILE), True),
    ],
)
def test_the_clients_policy_and_what_was_given_decide(policy: str, given: Consent | None, *, asks: bool) -> None:
    assert needed(policy, request("profile"), given) is asks
    assert may_ask_consent(replace(ENT, consent=policy), request("profile")) is (policy != "none")


@pytest.mark.parametrize("policy", POLICIES)
def test_prompt_consent_asks_whatever_the_policy_and_whatever_was_given(policy: str) -> None:
    asked = request("profile", prompt=("consent",))
    assert needed(policy, asked, Consent(PROFILE))
    assert may_ask_consent(replace(ENT, consent=policy), asked)


def test_only_where_it_counts_what_was_given_is_read() -> None:
    def read() -> Consent | None:
        raise AssertionError("a statement for nothing")

    for policy in ("none", "always"):
        is_consent_needed(replace(ENT, consent=policy), request(), read)
    is_consent_needed(replace(ENT, consent="remembered"), request(prompt=("consent",)), read)


@pytest.mark.parametrize("member", ["userinfo_claims", "id_token_claims"])
def test_claims_asked_for_one_by_one_are_given_one_by_one(member: str) -> None:
    asked = request(**{member: ("nickname",)})
    assert consent_asked_by(asked) == Consent(OPENID, frozenset({"nickname"}))
    assert needed("remembered", asked, Consent(OPENID))
    assert not needed("remembered", asked, Consent(OPENID, frozenset({"nickname", "email"})))


def test_offline_access_is_given_like_any_scope() -> None:
    assert needed("remembered", request("offline_access"), Consent(OPENID))
    assert not needed("remembered", request("offline_access"), Consent(OPENID | {"offline_access"}))


def test_two_consents_together_cover_both() -> None:
    both = Consent(PROFILE).joined_with(Consent(OPENID, frozenset({"email"})))
    assert both == Consent(PROFILE, frozenset({"email"}))
    assert both.covers(Consent(PROFILE))
    assert not Consent(PROFILE).covers(both)


def test_one_server_is_not_another_though_their_scopes_have_one_name() -> None:
    there, elsewhere = (request("read", resources=(one,)) for one in ("urn:here", "urn:elsewhere"))
    given = consent_asked_by(there)
    assert given == Consent(frozenset({"openid", "read"}), resources=frozenset({"urn:here"}))
    assert not needed("remembered", there, given)
    assert needed("remembered", elsewhere, given)
    both = given.joined_with(consent_asked_by(elsewhere))
    assert both.resources == {"urn:here", "urn:elsewhere"}
    assert not needed("remembered", elsewhere, both)
