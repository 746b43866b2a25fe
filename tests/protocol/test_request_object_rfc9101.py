"""RFC 9101 sections 4 to 7, 10.5 and 10.8; OpenID Connect Core 1.0 sections 6.1 and 6.2."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws
from joserfc.jwk import ECKey, OctKey, RSAKey

from idp.protocol.authorization_checks import check_authorization_request
from idp.protocol.authorization_request import AuthorizationRequest, RedirectedError, ShownError
from idp.protocol.client import Client
from idp.protocol.client_documents import Document, DocumentUnavailableError
from idp.protocol.pushed_authorization_rfc9126 import answer_pushed_request
from tests.protocol.surroundings import ENT, ISSUER, NESTED_HEADER, NOW, signing_key
from tests.protocol.test_authorization_request_rfc6749 import RIGHT, RULES
from tests.protocol.test_client_assertion_rfc7523 import EC, OTHER, RSA, sign
from tests.protocol.test_client_assertion_rfc7523 import claims_of as assertion_claims

SIGNS = replace(ENT, keys=(ECKey.import_key(EC.as_dict(private=False)), RSAKey.import_key(RSA.as_dict(private=False))))
HELD = replace(SIGNS, client_id="held", require_signed_request_object=True)
SECONDS = int(NOW.timestamp())
OUTSIDE = {"client_id": "ent", "response_type": "code", "scope": "openid"}
TYPE = "oauth-authz-req+jwt"


def inside(**changes: Any) -> dict[str, Any]:
    usual = {**RIGHT, "iss": "ent", "aud": ISSUER, "exp": SECONDS + 60}
    return {name: value for name, value in {**usual, **changes}.items() if value is not None}


def sign_as_written(claims: dict[str, Any]) -> str:
    """Sign JSON with its escapes, as libraries write it that keep to ASCII."""
    return jws.serialize_compact({"alg": "ES256", "kid": "ec"}, json.dumps(claims), EC)


def ask(request: str, client: Client = SIGNS, **outside: str) -> AuthorizationRequest:
    rules = replace(RULES, load_client={"ent": client, "held": HELD}.get, claim_names=("given_name",))
    return check_authorization_request([*{**OUTSIDE, "request": request, **outside}.items()], rules)


def refused(request: str, client: Client = SIGNS, **outside: str) -> RedirectedError:
    """Return the refusal, which goes to the registered place that stands outside."""
    with pytest.raises(RedirectedError) as raised:
        ask(request, client, **{"redirect_uri": RIGHT["redirect_uri"], "state": "outer", **outside})
    assert raised.value.request.redirect_uri == RIGHT["redirect_uri"]
    return raised.value


@pytest.mark.parametrize("kind", [None, "JWT", "jwt", TYPE, "application/oauth-authz-req+jwt"])
@pytest.mark.parametrize(("key", "algorithm"), [(EC, "ES256"), (RSA, "RS256"), (RSA, "PS256")])
def test_what_the_client_signed_is_its_request(key: Any, algorithm: str, kind: str | None) -> None:
    asked = ask(sign(inside(max_age=60, claims={"userinfo": {"given_name": None}}), key, algorithm, typ=kind))
    assert asked == AuthorizationRequest(
        client_id="ent",
        redirect_uri=RIGHT["redirect_uri"],
        scope=("openid", "profile"),
        state="a state",
        nonce="a nonce",
        code_challenge=RIGHT["code_challenge"],
        max_age=60,
        userinfo_claims=("given_name",),
    )


def test_what_stands_inside_takes_the_place_of_all_that_stands_outside() -> None:
    asked = ask(
        sign(inside(state=None)),
        redirect_uri="https://evil.example/",
        state="outer",
        nonce="outer",
        prompt="none",
        response_mode="form_post",
        scope="openid ect.scope.cnx",
    )
    assert (asked.redirect_uri, asked.nonce, asked.state) == (RIGHT["redirect_uri"], "a nonce", None)
    assert (asked.prompt, asked.response_mode, asked.scope) == ((), "query", ("openid", "profile"))


def test_a_key_that_stands_inside_binds_the_code_and_one_that_stands_outside_does_not() -> None:
    thumbprint, other = "t" * 43, "o" * 43
    assert ask(sign(inside(dpop_jkt=thumbprint)), dpop_jkt=other).dpop_jkt == thumbprint
    assert ask(sign(inside()), dpop_jkt=other).dpop_jkt is None
    assert refused(sign(inside(dpop_jkt="x"))).error == "invalid_request"


def test_the_client_stands_outside_and_the_rest_need_not() -> None:
    rules = replace(RULES, load_client={"ent": SIGNS}.get)
    assert check_authorization_request([("client_id", "ent"), ("request", sign(inside()))], rules).state == "a state"
    with pytest.raises(ShownError, match="client-id-missing"):
        check_authorization_request([("request", sign(inside()))], rules)


@pytest.mark.parametrize(
    ("request_object", "words"),
    [
        ("a.b.c", "no signed JWT"),
        ("e30.e30.", "no signed JWT"),
        (jws.serialize_compact({"alg": "ES256", "kid": "ec"}, "[" * 9000, EC), "signature"),
        (f"{'W1tb' * 3000}.e30.eA", "no signed JWT"),
        (NESTED_HEADER, "no signed JWT"),
        ("x" * 17_000, "too long"),
        (sign(inside(), OTHER), "signature"),
        (sign(inside(), kid="unknown"), "No registered key"),
        (sign(inside(), OctKey.import_key("s" * 32), "HS256"), "must be signed with"),
        ("eyJhbGciOiJub25lIn0.e30.", "must be signed with"),
        (sign(inside(iss=None)), "iss"),
        (sign(inside(iss="other")), "iss"),
        (sign(inside(aud=None)), "aud"),
        (sign(inside(aud="https://other.example")), "aud"),
        (sign(inside(aud=["https://other.example"])), "aud"),
        (sign(inside(client_id=None)), "client_id"),
        (sign(inside(client_id="other")), "client_id"),
        (sign(inside(response_type="code id_token")), "response_type"),
        (sign(inside(exp=SECONDS - 60)), "expired"),
        (sign(inside(exp="soon")), "exp"),
        (sign(inside(exp=True)), "exp"),
        (sign(inside(nbf=SECONDS + 61)), "nbf"),
        (sign(inside(iat=SECONDS + 61)), "iat"),
        (sign(inside(request="a.b.c")), "neither request nor request_uri"),
        (sign(inside(request_uri="https://ent.example/r")), "neither request nor request_uri"),
        (sign(inside(state=["a"])), "state"),
        (sign(inside(scope=["openid"])), "scope"),
        (sign(inside(nonce="a\x00b")), "no character"),
        (sign_as_written(inside(state="\ud800")), "no character"),
        (sign(inside(max_age=1.5)), "max_age"),
        (sign(inside(prompt=True)), "prompt"),
        (sign(inside(state={"a": "b"})), "state"),
    ],
)
def test_an_object_that_is_worth_nothing_is_refused_and_not_quoted(request_object: str, words: str) -> None:
    refusal = refused(request_object)
    assert refusal.error == "invalid_request_object"
    assert words in refusal.description
    assert refusal.request.state == "outer"
    assert "other" not in refusal.description


@pytest.mark.parametrize("changes", [{"exp": None}, {"exp": SECONDS - 59}, {"iat": SECONDS}, {"aud": ["x", ISSUER]}])
def test_an_object_that_is_good_enough_is_taken(changes: dict[str, Any]) -> None:
    assert ask(sign(inside(**changes))).state == "a state"


def test_a_jwt_that_was_signed_for_something_else_is_no_request() -> None:
    """Section 10.8: a client assertion, our own ID token, any JWT with a type of its own."""
    assertion = assertion_claims(aud=ISSUER)
    assert "client assertion" in refused(sign(assertion)).description
    assert "client assertion" in refused(sign({**inside(), **assertion})).description
    ours = signing_key("ES256")
    assert "No registered key" in refused(sign(inside(), ours.key, typ=None)).description
    for kind in ("at+jwt", "logout+jwt", ""):
        assert "typ" in refused(sign(inside(), typ=kind)).description


def test_the_checks_of_any_request_follow() -> None:
    with pytest.raises(RedirectedError) as raised:
        ask(sign(inside(code_challenge_method="plain")))
    assert (raised.value.error, raised.value.request.state) == ("invalid_request", "a state")
    with pytest.raises(ShownError, match="redirect-uri-unregistered"):
        ask(sign(inside(redirect_uri="https://evil.example/")), redirect_uri=RIGHT["redirect_uri"])


@pytest.mark.parametrize("outside", [{}, {"redirect_uri": "https://evil.example/"}])
def test_where_no_registered_place_stands_outside_the_refusal_is_shown(outside: dict[str, str]) -> None:
    with pytest.raises(ShownError, match="request-object-invalid") as raised:
        ask(sign(inside(), OTHER), **outside)
    assert raised.value.sent["request"] == "The signature of the request object is wrong."


def test_a_registered_algorithm_is_the_only_one() -> None:
    strict = replace(SIGNS, request_object_signing_alg="PS256")
    assert ask(sign(inside(), RSA, "PS256"), strict).state == "a state"
    assert "must be signed with PS256" in refused(sign(inside()), strict).description


def test_a_client_without_keys_signs_nothing() -> None:
    assert "No registered key" in refused(sign(inside()), ENT).description


def test_a_client_that_must_sign_is_refused_without_and_served_with() -> None:
    rules = replace(RULES, load_client={"held": HELD}.get)
    with pytest.raises(RedirectedError) as raised:
        check_authorization_request([*{**RIGHT, "client_id": "held"}.items()], rules)
    assert raised.value.error == "invalid_request"
    assert "request object" in raised.value.description
    assert ask(sign(inside(client_id="held", iss="held")), client_id="held").client_id == "held"


def test_an_object_sent_twice_is_refused() -> None:
    rules = replace(RULES, load_client={"ent": SIGNS}.get)
    twice = [*RIGHT.items(), ("request", sign(inside())), ("request", sign(inside(state="b")))]
    with pytest.raises(RedirectedError, match="invalid_request"):
        check_authorization_request(twice, rules)


# --- section 5.2, OpenID Connect Core 1.0 section 6.2: by reference -------------------------------------------------------------------

REFERENCE = "https://ent.example/request.jwt#GkurKxf5T0Y-mnPFCHqWOMiZi4VS138cQO_V7PZHAdM"
REFERS = replace(SIGNS, request_uris=(REFERENCE, "https://ent.example/autre"))


@dataclass
class Web:
    """Holds what stands at addresses, and notes which were asked for."""

    documents: dict[str, Document]
    asked: list[str] = field(default_factory=list)

    def fetch(self, address: str) -> Document:
        self.asked.append(address)
        if address not in self.documents:
            raise DocumentUnavailableError("answers with status 404")
        return self.documents[address]


def stands(body: str, media_type: str = "application/jwt") -> Web:
    return Web({"https://ent.example/request.jwt": Document(body.encode(), media_type)})


def refer(web: Web, client: Client = REFERS, *, reference: str = REFERENCE, **outside: str) -> AuthorizationRequest:
    rules = replace(RULES, load_client={"ent": client}.get, fetch=web.fetch)
    return check_authorization_request([*{**OUTSIDE, "request_uri": reference, **outside}.items()], rules)


def refused_reference(web: Web, client: Client = REFERS, **outside: str) -> RedirectedError:
    with pytest.raises(RedirectedError) as raised:
        refer(web, client, **{"redirect_uri": RIGHT["redirect_uri"], "state": "outer", **outside})
    assert (raised.value.request.redirect_uri, raised.value.request.state) == (RIGHT["redirect_uri"], "outer")
    return raised.value


@pytest.mark.parametrize("kind", ["application/jwt", "application/oauth-authz-req+jwt"])
def test_a_request_that_stands_at_a_registered_address_is_fetched_without_the_fragment(kind: str) -> None:
    web = stands(f"{sign(inside())}\n", kind)
    assert refer(web, state="outer").state == "a state"
    assert web.asked == ["https://ent.example/request.jwt"]


@pytest.mark.parametrize(
    "reference",
    [
        "https://ent.example/request.jwt",
        "https://ent.example/request.jwt#another",
        "https://ent.example/request.jwt?a=1#GkurKxf5T0Y-mnPFCHqWOMiZi4VS138cQO_V7PZHAdM",
        "https://evil.example/request.jwt",
        "http://169.254.169.254/latest/meta-data/",
        "file:///etc/passwd",
        "urn:example:x",
    ],
)
def test_an_address_that_is_not_registered_letter_for_letter_is_never_asked(reference: str) -> None:
    web = stands(sign(inside()))
    refusal = refused_reference(web, reference=reference)
    assert (refusal.error, web.asked) == ("invalid_request_uri", [])
    assert "registered" in refusal.description


def test_nothing_is_fetched_for_a_client_that_is_unknown_or_registered_no_address() -> None:
    web = stands(sign(inside()))
    assert refused_reference(web, SIGNS).error == "invalid_request_uri"
    with pytest.raises(ShownError, match="client-unknown"):
        refer(web, client_id="other")
    assert web.asked == []


@pytest.mark.parametrize(
    ("web", "words"),
    [
        (Web({}), "was not read: it answers with status 404."),
        (stands(sign(inside()), "text/html"), "application/jwt or application/oauth-authz-req+jwt"),
        (stands(sign(inside()), ""), "application/jwt or application/oauth-authz-req+jwt"),
        (stands("é"), "no JWT"),
        (stands(" "), "no JWT"),
    ],
)
def test_an_address_that_returns_an_error_or_invalid_data_is_an_invalid_request_uri(web: Web, words: str) -> None:
    refusal = refused_reference(web)
    assert refusal.error == "invalid_request_uri"
    assert words in refusal.description


@pytest.mark.parametrize(
    "body", ["a.b.c", "x" * 17_000, sign(inside(), OTHER), sign(inside(aud="https://other.example"))]
)
def test_an_object_that_is_worth_nothing_is_invalid_wherever_it_stood(body: str) -> None:
    assert refused_reference(stands(body)).error == "invalid_request_object"


def test_request_and_request_uri_exclude_one_another_and_neither_counts() -> None:
    web = stands(sign(inside()))
    refusal = refused_reference(web, request=sign(inside(state="b")))
    assert (refusal.error, web.asked) == ("invalid_request", [])
    assert "exclude one another" in refusal.description


def test_a_reference_sent_twice_is_refused_and_not_followed() -> None:
    web = stands(sign(inside()))
    rules = replace(RULES, load_client={"ent": REFERS}.get, fetch=web.fetch)
    with pytest.raises(RedirectedError, match="invalid_request"):
        check_authorization_request([*RIGHT.items(), *[("request_uri", REFERENCE)] * 2], rules)
    assert web.asked == []


def test_without_a_registered_place_outside_the_person_is_shown_why() -> None:
    for outside in ({}, {"redirect_uri": "https://evil.example/"}):
        with pytest.raises(ShownError, match="request-object-invalid") as raised:
            refer(Web({}), **outside)
        assert "was not read" in raised.value.sent["request_uri"]


def test_a_client_that_must_sign_may_do_so_by_reference() -> None:
    assert refer(stands(sign(inside())), replace(REFERS, require_signed_request_object=True)).state == "a state"


def test_a_reference_is_not_pushed_and_not_followed() -> None:
    web = stands(sign(inside()))
    rules = replace(RULES, load_client={"ent": REFERS}.get, fetch=web.fetch)
    pushed = [*RIGHT.items(), ("request_uri", REFERENCE)]
    with pytest.raises(RedirectedError, match="invalid_request") as raised:
        check_authorization_request(pushed, rules, is_pushed=True)
    assert ("must not be pushed" in raised.value.description, web.asked) == (True, [])


class KnowsOne:
    """Takes whoever comes for the client that signs."""

    def authenticate(self, authorization: str | None, form: Mapping[str, str]) -> tuple[Client, str]:
        del authorization, form
        return SIGNS, "private_key_jwt"


@pytest.mark.parametrize(
    ("request_object", "status", "error"),
    [
        (sign(inside()), 201, None),
        (sign(inside(), OTHER), 400, "invalid_request_object"),
        (sign(inside(redirect_uri="https://evil.example/")), 400, "invalid_request"),
    ],
)
def test_an_object_may_be_pushed(request_object: str, status: int, error: str | None) -> None:
    """RFC 9126 section 3."""
    kept: list[AuthorizationRequest] = []

    def keep(request: AuthorizationRequest) -> str:
        kept.append(request)
        return "the-reference"

    answer = answer_pushed_request(
        None,
        [("request", request_object), ("state", "outer")],
        replace(RULES, load_client={"ent": SIGNS}.get),
        desk=KnowsOne(),
        keep=keep,
    )
    assert (answer.status, answer.body.get("error")) == (status, error)
    assert [one.state for one in kept] == (["a state"] if status == 201 else [])
    if error == "invalid_request_object":
        assert answer.body["error_description"] == "The signature of the request object is wrong."


@given(name=st.sampled_from([*RIGHT, "prompt", "max_age", "claims", "exp", "sub", "registration"]), value=st.data())
def test_whatever_is_signed_it_is_read_or_refused(name: str, value: st.DataObject) -> None:
    anything = value.draw(
        st.none() | st.booleans() | st.integers() | st.text(st.characters(), max_size=9) | st.lists(st.text(max_size=3), max_size=2)
        | st.dictionaries(st.text(max_size=3), st.text(max_size=3), max_size=2)
    )  # fmt: skip
    try:
        asked = ask(sign_as_written({**inside(), name: anything}))
    except (RedirectedError, ShownError):
        return
    asked.to_json().encode()
