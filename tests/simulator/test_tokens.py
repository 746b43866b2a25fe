"""Token and userinfo: exactly the members and claims of FranceConnect, its lifetimes, its errors."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from joserfc import jwt
from joserfc.errors import BadSignatureError
from joserfc.jwk import ECKey, KeySet

from franceconnect_bridge.simulator.settings import Client
from tests.simulator.service import (
    BASE,
    IDENTITY,
    ISSUER,
    NONCE,
    REDIRECT_URI,
    SECRET,
    Visit,
    header_of,
    make_visit,
    payload_of,
)

KEY = ECKey.generate_key("P-256", {"kid": "ours"}, private=True)
ASSERTING = Client(
    "asserting",
    "Signataire",
    (REDIRECT_URI,),
    jwks={"keys": [KEY.as_dict(private=False)]},
    signed_response_alg="RS256",
    entity_id="preau",
)
TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def verified(visit: Visit, token: str) -> dict[str, Any]:
    keys = KeySet.import_key_set(visit.app.test_client().get("/api/v2/jwks", base_url=BASE).get_json())
    return dict(jwt.decode(token, keys, algorithms=["ES256", "RS256"]).claims)


def test_a_token_answer_has_five_members_and_the_id_token_eight_claims(visit: Visit) -> None:
    status, told = visit.redeem(visit.sign_in()["code"])
    assert (status, sorted(told)) == (200, ["access_token", "expires_in", "id_token", "scope", "token_type"])
    assert (told["expires_in"], told["token_type"], told["scope"]) == (60, "Bearer", IDENTITY)
    assert sorted(header_of(told["id_token"])) == ["alg", "kid"], "no typ"
    claims = verified(visit, told["id_token"])
    assert sorted(claims) == ["acr", "aud", "auth_time", "exp", "iat", "iss", "nonce", "sub"]
    assert (claims["iss"], claims["aud"], claims["nonce"], claims["acr"]) == (ISSUER, "preau", NONCE, "eidas1")
    assert claims["exp"] - claims["iat"] == 60


def test_userinfo_is_a_signed_jwt_of_what_was_asked(visit: Visit) -> None:
    _, told = visit.redeem(visit.sign_in()["code"])
    status, text = visit.userinfo(told["access_token"])
    assert status == 200
    claims = verified(visit, text)
    assert claims["sub"] == payload_of(told["id_token"])["sub"]
    assert {name: claims[name] for name in claims if name not in {"sub", "exp", "iat"}} == {
        "aud": "preau",
        "iss": ISSUER,
        "given_name": "Angela Claire Louise",
        "given_name_array": ["Angela", "Claire", "Louise"],
        "family_name": "DUBOIS",
        "gender": "female",
        "birthdate": "1962-08-24",
        "birthplace": "75107",
        "birthcountry": "99100",
    }


def test_a_scope_brings_its_claims_and_no_other(visit: Visit) -> None:
    def told(login: str, scope: str) -> dict[str, Any]:
        browser = Visit(visit.app)
        _, tokens = browser.redeem(browser.sign_in(login, scope=scope)["code"])
        claims = payload_of(browser.userinfo(tokens["access_token"])[1])
        return {name: value for name, value in claims.items() if name not in {"sub", "aud", "iss", "exp", "iat"}}

    assert told("test", "openid") == {}
    assert told("test", "openid email") == {"email": "001@famille.example"}
    assert sorted(told("elif", "openid profile")) == [
        "birthdate", "family_name", "gender", "given_name", "given_name_array", "preferred_username",
    ]  # fmt: skip
    assert "preferred_username" not in told("elif", "openid identite_pivot"), "not since version 2"
    assert told("elif", "openid birth") == {"birthplace": "", "birthcountry": "99208"}
    assert told("étranger_présumé_né_jour", "openid birthdate idp_birthdate") == {
        "birthdate": "1992-11-01",
        "idp_birthdate": "1992-11-00",
    }
    assert told("étranger_présumé_né_jour_et_mois", "openid birthdate") == {"birthdate": "1992-01-01"}
    assert told("test", "openid idp_id") == {"idp_id": "11111111-1111-4111-8111-111111111111"}


def test_amr_is_told_when_it_is_asked_for(visit: Visit) -> None:
    code = visit.sign_in(claims='{"id_token":{"amr":{"essential":true}}}')["code"]
    _, told = visit.redeem(code)
    assert payload_of(told["id_token"])["amr"] == ["fc", "pwd"]


def test_a_subject_is_of_one_person_at_one_entity(visit: Visit) -> None:
    def sub(visit: Visit, login: str, **changes: str) -> str:
        browser = Visit(visit.app)
        _, told = browser.redeem(browser.sign_in(login)["code"], **changes)
        return str(payload_of(told["id_token"])["sub"])

    angela = sub(visit, "test")
    assert len(angela) == 66
    assert angela.endswith("v1")
    assert sub(visit, "test") == angela
    assert sub(visit, "joe") != angela
    assert sub(make_visit(), "test") == angela, "it outlives a restart"
    visit.control(
        "PUT", "/persons/test", {**visit.control("GET", "/persons").get_json()["persons"][0], "family_name": "X"}
    )
    assert sub(visit, "test") != angela, "a new civil status is a new subject"


@pytest.mark.parametrize(
    ("changes", "status", "error", "description"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client", "client authentication failed (invalid secret provided)"),
        ({"client_id": "nobody"}, 401, "invalid_client", "client authentication failed (client not found)"),
        ({"client_secret": None}, 401, "invalid_client", "client authentication failed (invalid secret provided)"),
        ({"code": None}, 400, "invalid_request", "missing required parameter 'code' (undefined)"),
        ({"redirect_uri": None}, 400, "invalid_request", "missing required parameter 'redirect_uri' (undefined)"),
        ({"grant_type": None}, 400, "invalid_request", "missing required parameter 'grant_type' (undefined)"),
        (
            {"grant_type": "refresh_token"},
            400,
            "unsupported_grant_type",
            "unsupported grant_type requested (undefined)",
        ),
        ({"code": "x"}, 400, "invalid_grant", "grant request is invalid (authorization code not found)"),
        ({"code_verifier": "v" * 43}, 400, "invalid_grant", "grant request is invalid (PKCE verification failed)"),
        (
            {"redirect_uri": "http://localhost:8400/"},
            400,
            "invalid_grant",
            "grant request is invalid (authorization code redirect_uri mismatch)",
        ),
    ],
)
def test_a_token_request_is_refused_in_franceconnects_words_and_burns_nothing(
    visit: Visit, changes: dict[str, str | None], status: int, error: str, description: str
) -> None:
    code = visit.sign_in()["code"]
    answered, told = visit.redeem(**{"code": code, **changes})  # type: ignore[arg-type]
    assert (answered, told["error"], told["error_description"]) == (status, error, description)
    assert "?code=Y04" in told["error_uri"]
    assert visit.redeem(code)[0] == 200


def test_http_basic_is_no_way_to_be_a_client(visit: Visit) -> None:
    code = visit.sign_in()["code"]
    of_code = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT_URI}
    for form in (of_code, {**of_code, "client_id": "preau", "client_secret": SECRET}):
        answer = visit.app.test_client().post("/api/v2/token", auth=("preau", SECRET), data=form, base_url=BASE)
        assert (answer.status_code, answer.get_json()["error"]) == (401, "invalid_client")
    assert visit.redeem(code)[0] == 200


@pytest.mark.parametrize("path", ["token", "token/revocation"])
def test_a_parameter_twice_is_refused(visit: Visit, path: str) -> None:
    body = f"grant_type=authorization_code&grant_type=x&client_id=preau&client_secret={SECRET}&token=x"
    answer = visit.app.test_client().post(
        f"/api/v2/{path}", data=body, content_type="application/x-www-form-urlencoded", base_url=BASE
    )
    told = answer.get_json()
    assert (answer.status_code, told["error"]) == (400, "invalid_request")
    assert "twice" in told["error_description"]


def test_a_lenient_simulator_passes_over_a_code_verifier() -> None:
    visit = make_visit(refuses_unknown_parameters=False)
    assert visit.redeem(visit.sign_in()["code"], code_verifier="v" * 43)[0] == 200


def test_a_second_use_of_a_code_takes_the_token_away(visit: Visit) -> None:
    code = visit.sign_in()["code"]
    token = visit.redeem(code)[1]["access_token"]
    assert visit.userinfo(token)[0] == 200
    assert visit.redeem(code)[0] == 400
    assert visit.userinfo(token)[0] == 401


def test_a_code_is_used_once_and_lives_thirty_seconds(visit: Visit) -> None:
    code = visit.sign_in()["code"]
    assert visit.redeem(code)[0] == 200
    assert (
        visit.redeem(code)[1]["error_description"] == "grant request is invalid (authorization code already consumed)"
    )
    code = visit.sign_in()["code"]
    visit.control("PUT", "/clock", {"advance_seconds": 30})
    assert visit.redeem(code)[1]["error_description"] == "grant request is invalid (authorization code is expired)"


def test_of_twenty_exchanges_one_wins(visit: Visit) -> None:
    code = visit.sign_in()["code"]
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: visit.redeem(code)[0], range(20)))
    assert sorted(answers) == [200] + [400] * 19


def test_an_access_token_lives_sixty_seconds_and_comes_in_the_header_alone(visit: Visit) -> None:
    _, told = visit.redeem(visit.sign_in()["code"])
    token = told["access_token"]
    client = visit.app.test_client()
    assert client.get(f"/api/v2/userinfo?access_token={token}", base_url=BASE).get_json()["error_description"] == (
        "no access token provided (no access token provided)"
    )
    assert client.post("/api/v2/userinfo", data={"access_token": token}, base_url=BASE).status_code == 405
    assert visit.userinfo(token)[0] == 200
    visit.control("PUT", "/clock", {"advance_seconds": 60})
    status, text = visit.userinfo(token)
    assert (status, json.loads(text)["error"]) == (401, "invalid_token")


def test_a_revoked_token_opens_nothing(visit: Visit) -> None:
    _, told = visit.redeem(visit.sign_in()["code"])
    form = {"token": told["access_token"], "client_id": "preau", "client_secret": "preau-simulateur-secret-de-test"}
    assert visit.app.test_client().post("/api/v2/token/revocation", data=form, base_url=BASE).status_code == 200
    assert visit.userinfo(told["access_token"])[0] == 401


def assertion(**changes: object) -> str:
    claims = {
        "iss": "asserting", "sub": "asserting", "aud": f"{ISSUER}/token", "exp": 10**10, "jti": "one", **changes,
    }  # fmt: skip
    told = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode({"alg": "ES256", "kid": "ours"}, told, KEY)


def redeem_asserted(visit: Visit, code: str, signed: str) -> tuple[int, dict[str, Any]]:
    return visit.redeem(code, client_id=None, client_secret=None, client_assertion_type=TYPE, client_assertion=signed)


def test_a_client_may_sign_an_assertion_and_gets_its_own_algorithm() -> None:
    visit = make_visit(clients=(ASSERTING,))
    soon = _soon(visit)
    code = visit.sign_in(client_id="asserting")["code"]
    for changes, detail in (
        ({"aud": "https://elsewhere.example"}, "the assertion's aud is not this token endpoint"),
        ({"iss": "preau"}, "the assertion's iss is not the client"),
        ({"exp": soon - 3600}, "the assertion has run out"),
        ({"exp": soon + 86400}, "the assertion lives too long"),
        ({"jti": None}, "the assertion has no jti"),
        ({"sub": "nobody"}, "client not found, or without keys"),
    ):
        status, told = redeem_asserted(visit, code, assertion(**{"exp": soon, **changes}))
        assert (status, told["error_description"]) == (401, f"client authentication failed ({detail})")
    stranger = ECKey.generate_key("P-256", {"kid": "ours"}, private=True)
    forged = jwt.encode({"alg": "ES256", "kid": "ours"}, {"sub": "asserting"}, stranger)
    assert redeem_asserted(visit, code, forged)[0] == 401
    assert redeem_asserted(visit, code, "no.jwt")[0] == 401
    status, told = redeem_asserted(visit, code, assertion(exp=soon, aud=[ISSUER]))
    assert status == 200
    assert header_of(told["id_token"])["alg"] == "RS256"
    assert payload_of(told["id_token"])["aud"] == "asserting"
    again = redeem_asserted(visit, code, assertion(exp=soon, aud=[ISSUER]))
    assert again[1]["error_description"] == "client authentication failed (the assertion was used before)"


def _soon(visit: Visit) -> int:
    code = visit.sign_in()["code"]
    return int(payload_of(visit.redeem(code)[1]["id_token"])["iat"]) + 60


def test_clients_of_one_entity_see_one_subject() -> None:
    visit = make_visit(clients=(ASSERTING,))
    _, told = visit.redeem(visit.sign_in()["code"])
    mine = payload_of(told["id_token"])["sub"]
    code = visit.sign_in(client_id="asserting")["code"]
    _, told = redeem_asserted(visit, code, assertion(exp=_soon(visit), jti="two"))
    assert payload_of(told["id_token"])["sub"] == mine


def test_keys_rotate_and_the_former_ones_stay_published_once(visit: Visit) -> None:
    _, before = visit.redeem(visit.sign_in()["code"])
    visit.control("POST", "/keys/rotate")
    _, after = visit.redeem(visit.sign_in()["code"])
    assert header_of(before["id_token"])["kid"] != header_of(after["id_token"])["kid"]
    assert verified(visit, before["id_token"])
    assert verified(visit, after["id_token"])
    published = visit.app.test_client().get("/api/v2/jwks", base_url=BASE).get_json()["keys"]
    assert len(published) == 4
    assert not [key for key in published if "d" in key], "no private part"


def test_no_two_starts_publish_different_keys_under_one_name() -> None:
    def kids(visit: Visit) -> set[str]:
        keys = visit.app.test_client().get("/api/v2/jwks", base_url=BASE).get_json()["keys"]
        return {key["kid"] for key in keys}

    assert kids(make_visit()).isdisjoint(kids(make_visit())), (
        "a client that kept the keys must see that these are others"
    )


def test_keys_can_change_under_their_name(visit: Visit) -> None:
    before = visit.redeem(visit.sign_in()["code"])[1]["id_token"]
    assert verified(visit, before)
    assert visit.control("POST", "/keys/rotate", {"same_kid": True}).status_code == 200
    after = visit.redeem(visit.sign_in()["code"])[1]["id_token"]
    assert header_of(after)["kid"] == header_of(before)["kid"]
    assert verified(visit, after)
    with pytest.raises(BadSignatureError):
        verified(visit, before)


def test_discovery_is_franceconnects_and_at_another_host_servers_stay_there() -> None:
    visit = make_visit(backchannel_hosts=("fc:8401",))
    client = visit.app.test_client()
    path = "/api/v2/.well-known/openid-configuration"
    told = client.get(path, base_url=BASE).get_json()
    assert told["issuer"] == ISSUER
    assert told["token_endpoint"] == f"{ISSUER}/token"
    assert told["token_endpoint_auth_methods_supported"] == ["client_secret_post", "private_key_jwt"]
    assert told["authorization_response_iss_parameter_supported"] is True
    inside = client.get(path, base_url="http://fc:8401").get_json()
    moved = {name for name in told if told[name] != inside[name]}
    assert moved == {"token_endpoint", "userinfo_endpoint", "jwks_uri", "revocation_endpoint"}
    assert inside["token_endpoint"] == "http://fc:8401/api/v2/token"
    spoofed = client.get(path, base_url="http://evil.example").get_json()
    assert spoofed == told, "a Host header that nobody allowed changes nothing"
