"""What FranceConnect answers to programs at /token, /userinfo and /token/revocation, with its codes."""

import json
from datetime import UTC, datetime
from threading import Thread
from typing import Any

import pytest
from flask import Flask
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey
from werkzeug.test import TestResponse

from franceconnect_bridge.simulator.settings import Client
from tests.simulator.world import BASE, CALLBACK, ISSUER, PRIVATE, Browser, Hand, Service, simulator

KEY = ECKey.generate_key("P-256", {"kid": "cle-du-service"})
SIGNER = Client(
    client_id="signataire",
    name="Service qui signe",
    redirect_uris=(CALLBACK,),
    post_logout_redirect_uris=("http://localhost:8400/sorti",),
    token_endpoint_auth_method="private_key_jwt",
    public_key=json.dumps({"keys": [KEY.as_dict(private=False)]}),
)
NOW = 1_930_000_000
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def told(answer: TestResponse) -> tuple[int, str, str]:
    """Status, OAuth error and FranceConnect's code; what every such answer has is checked on the way."""
    document = answer.get_json()
    assert set(document) == {"error", "error_description", "error_uri"}
    assert document["error_description"].endswith(")")
    assert answer.headers["Cache-Control"] == "no-store"
    code = document["error_uri"].split("code=")[1].split("&")[0]
    return answer.status_code, document["error"], code


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"client_secret": "faux"}, (401, "invalid_client", "Y0434A7B")),
        ({"client_secret": None}, (401, "invalid_client", "Y040001")),
        ({"client_id": "inconnu"}, (401, "invalid_client", "Y040001")),
        ({"client_id": None, "client_secret": None}, (400, "invalid_request", "Y040001")),
        ({"grant_type": None}, (400, "invalid_request", "Y040001")),
        ({"grant_type": "refresh_token"}, (400, "unsupported_grant_type", "Y040001")),
        ({"code": None}, (400, "invalid_request", "Y048017B")),
        ({"code": "inconnu"}, (400, "invalid_grant", "Y049E20B")),
        ({"redirect_uri": None}, (400, "invalid_request", "Y040001")),
        ({"redirect_uri": f"{CALLBACK}/"}, (400, "invalid_grant", "Y04F8199")),
        ({"code_verifier": "v" * 43}, (400, "invalid_grant", "Y040001")),
    ],
)
def test_a_token_request_that_is_wrong_is_told_why(
    service: Service, browser: Browser, changes: dict[str, str | None], expected: tuple[int, str, str]
) -> None:
    code = browser.come_back(service.request())["code"]
    refused = service.redeem(**{"code": code, **changes})  # type: ignore[arg-type]  # a code of None is the point
    assert told(refused) == expected
    # Nothing was used up by the refusal.
    assert service.redeem(code).status_code == 200


def test_basic_authentication_is_not_taken(app: Flask, service: Service, browser: Browser) -> None:
    form = {
        "grant_type": "authorization_code",
        "code": browser.come_back(service.request())["code"],
        "redirect_uri": CALLBACK,
    }
    answer = app.test_client().post("/api/v2/token", base_url=BASE, data=form, auth=("preau", service.secret))
    assert told(answer) == (401, "invalid_client", "Y040001")


@pytest.mark.parametrize(
    "body",
    [
        {"json": {"grant_type": "authorization_code"}},
        {"data": "grant_type=a&grant_type=b", "content_type": "application/x-www-form-urlencoded"},
    ],
)
def test_a_body_that_is_no_form_or_repeats_a_parameter_is_refused(app: Flask, body: dict[str, Any]) -> None:
    answer = app.test_client().post("/api/v2/token", base_url=BASE, **body)
    assert told(answer) == (400, "invalid_request", "Y040001")


def test_tokens_are_asked_for_by_post_alone(app: Flask) -> None:
    assert app.test_client().get("/api/v2/token", base_url=BASE).status_code == 405
    assert app.test_client().post("/api/v2/userinfo", base_url=BASE).status_code == 405


@pytest.mark.parametrize(("age", "status"), [(29.5, 200), (30, 400)])
def test_a_code_lives_30_seconds(service: Service, browser: Browser, hand: Hand, age: float, status: int) -> None:
    hand.call("PUT", "/clock", {"freeze": True})
    code = browser.come_back(service.request())["code"]
    hand.advance(age)
    answer = service.redeem(code)
    assert answer.status_code == status
    if status == 400:
        assert told(answer) == (400, "invalid_grant", "Y043F0A8")


def test_a_code_is_used_once_and_the_second_use_takes_the_token_away(service: Service, browser: Browser) -> None:
    code = browser.come_back(service.request())["code"]
    token = service.redeem(code).get_json()["access_token"]
    assert service.userinfo(token).status_code == 200
    assert told(service.redeem(code)) == (400, "invalid_grant", "Y0416228")
    assert told(service.userinfo(token)) == (401, "invalid_token", "Y040001")


def test_of_many_who_redeem_one_code_at_once_one_wins(service: Service, browser: Browser) -> None:
    code = browser.come_back(service.request())["code"]
    statuses: list[int] = []
    threads = [Thread(target=lambda: statuses.append(service.redeem(code).status_code)) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200, *[400] * 11]


def test_a_code_is_of_one_client(service: Service, private: Service, browser: Browser) -> None:
    code = browser.come_back(service.request())["code"]
    assert told(private.redeem(code)) == (400, "invalid_grant", "Y040001")


def test_an_access_token_lives_60_seconds(service: Service, browser: Browser, hand: Hand) -> None:
    hand.call("PUT", "/clock", {"freeze": True})
    token = service.redeem(browser.come_back(service.request())["code"]).get_json()["access_token"]
    hand.advance(59)
    assert service.userinfo(token).status_code == 200
    hand.advance(1)
    answer = service.userinfo(token)
    assert told(answer) == (401, "invalid_token", "Y040001")
    assert answer.headers["WWW-Authenticate"].startswith('Bearer error="invalid_token"')


def test_userinfo_without_a_token_is_told_so(service: Service) -> None:
    assert told(service.userinfo("")) == (401, "invalid_token", "Y04146A2")


def test_a_token_can_be_revoked_by_its_client_alone(app: Flask, service: Service, private: Service, browser: Browser) -> None:  # fmt: skip
    token = service.redeem(browser.come_back(service.request())["code"]).get_json()["access_token"]
    for who, status in ((private, 200), (service, 401)):
        form = {"client_id": who.client_id, "client_secret": who.secret, "token": token}
        assert app.test_client().post("/api/v2/token/revocation", base_url=BASE, data=form).status_code == 200
        assert service.userinfo(token).status_code == status


def test_services_of_one_entity_see_one_subject() -> None:
    shared = {"entity_id": "une-entite", "scopes": PRIVATE.scopes, "redirect_uris": (CALLBACK,)}
    clients = [
        Client(client_id=name, client_secret="s", name=name, post_logout_redirect_uris=(CALLBACK,), **shared)  # type: ignore[arg-type]
        for name in ("un", "deux")
    ]
    app = simulator(*clients)
    subs = set()
    for client in clients:
        service = Service(app, client.client_id, "s")
        code = Browser(app).come_back(service.request())["code"]
        subs.add(service.verify(service.redeem(code).get_json()["id_token"])["sub"])
    assert len(subs) == 1


# --- private_key_jwt ----------------------------------------------------------------------------------------------------


def assertion(key: ECKey | RSAKey = KEY, alg: str = "ES256", **changes: Any) -> str:
    right = {
        "iss": "signataire",
        "sub": "signataire",
        "aud": f"{ISSUER}/token",
        "iat": NOW,
        "exp": NOW + 60,
        "jti": "un",
    }
    claims = {name: value for name, value in {**right, **changes}.items() if value is not None}
    return jwt.encode({"alg": alg, "kid": "cle-du-service"}, claims, key, algorithms=[alg])


def redeem_with(service: Service, code: str, text: str, **changes: str | None) -> TestResponse:
    signed: dict[str, str | None] = {
        "client_secret": None,
        "client_assertion": text,
        "client_assertion_type": ASSERTION_TYPE,
    }
    return service.redeem(code, **{**signed, **changes})


@pytest.fixture
def signer() -> Service:
    app = simulator(SIGNER, backchannel_hosts=("franceconnect:8401",))
    hand = Hand(app)
    hand.call("PUT", "/clock", {"freeze": True})
    hand.call("PUT", "/clock", {"now": datetime.fromtimestamp(NOW, UTC).isoformat()})
    return Service(app, "signataire")


@pytest.mark.parametrize(
    "audience", [f"{ISSUER}/token", ISSUER, [f"{ISSUER}/token"], "http://franceconnect:8401/api/v2/token"]
)
def test_an_assertion_for_one_of_our_addresses_is_taken(signer: Service, audience: str | list[str]) -> None:
    code = Browser(signer.app).come_back(signer.request())["code"]
    assert redeem_with(signer, code, assertion(aud=audience)).status_code == 200


def test_an_assertion_may_name_the_client_alone(signer: Service) -> None:
    code = Browser(signer.app).come_back(signer.request())["code"]
    assert redeem_with(signer, code, assertion(), client_id=None).status_code == 200


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "https://autre.example/token"},
        {"iss": "autre"},
        {"exp": 1},
        {"exp": None},
        {"exp": 99999999999},
        {"jti": None},
        {"key": ECKey.generate_key("P-256")},
    ],
)
def test_an_assertion_that_is_not_right_is_refused(signer: Service, changes: dict[str, Any]) -> None:
    code = Browser(signer.app).come_back(signer.request())["code"]
    assert told(redeem_with(signer, code, assertion(**changes))) == (401, "invalid_client", "Y040001")


def test_an_assertion_counts_once(signer: Service) -> None:
    browser, text = Browser(signer.app), assertion()
    assert redeem_with(signer, browser.come_back(signer.request())["code"], text).status_code == 200
    again = redeem_with(signer, callback_code(browser, signer), text)
    assert told(again) == (401, "invalid_client", "Y040001")


def callback_code(browser: Browser, service: Service) -> str:
    """Come back a second time, signed in as one is."""
    page = browser.submit(browser.authorize(service.request()))
    return page.headers["Location"].split("code=")[1].split("&")[0]


def test_a_client_that_signs_may_not_send_a_secret_nor_the_other_way_round(signer: Service) -> None:
    code = Browser(signer.app).come_back(signer.request())["code"]
    assert told(redeem_with(signer, code, assertion(), client_secret="s"))[1] == "invalid_client"
    assert told(signer.redeem(code, client_secret="s"))[1] == "invalid_client"
    assert told(redeem_with(signer, code, assertion(), client_assertion_type="autre"))[1] == "invalid_client"
