"""A code becomes tokens, a token becomes claims; and what is tried against it."""

from concurrent.futures import ThreadPoolExecutor

from tests.journeys.people import JOE, activate
from tests.journeys.visits import bring_back_code, come_from, sign_in
from tests.support.browser import Browser
from tests.support.relying_party import RelyingParty, answer_in, unverified_claims
from tests.support.sandbox import Sandbox


def test_a_code_replayed_by_its_owner_is_refused_and_kills_what_it_minted(
    browser: Browser, sandbox: Sandbox, ent: RelyingParty
) -> None:
    identifiant = activate(browser, sandbox, JOE)
    come_from(ent, browser)
    sign_in(browser, identifiant)
    code = answer_in(browser.left_to)["code"]
    tokens = ent.exchange(code).json()
    replay = ent.exchange(code)
    assert (replay.status_code, replay.json()["error"]) == (400, "invalid_grant")
    assert ent.userinfo(tokens["access_token"]).status_code == 401


def test_a_code_that_comes_after_the_sign_out_is_refused_and_nobody_is_said_to_have_replayed_it(
    browser: Browser, sandbox: Sandbox, ent: RelyingParty
) -> None:
    identifiant = activate(browser, sandbox, JOE)
    hint = ent.exchange(bring_back_code(ent, browser, identifiant)).json()["id_token"]
    browser.open(ent.authorization_uri())
    code = answer_in(browser.left_to)["code"]
    browser.open(f"/idp/profile/Logout?id_token_hint={hint}")
    late = ent.exchange(code)
    assert (late.status_code, late.json()["error"]) == (400, "invalid_grant")
    assert "code.replayed" not in sandbox.events()


def test_a_code_tried_by_a_stranger_stays_good_for_its_owner(
    browser: Browser, sandbox: Sandbox, ent: RelyingParty
) -> None:
    identifiant = activate(browser, sandbox, JOE)
    come_from(ent, browser)
    sign_in(browser, identifiant)
    code = answer_in(browser.left_to)["code"]
    assert RelyingParty(ent.base, client_secret="guessed").exchange(code).status_code == 401
    assert ent.exchange(code, code_verifier="another-verifier-of-forty-three-characters-00000").status_code == 400
    assert ent.exchange(code, redirect_uri="http://localhost:8402/other").status_code == 400
    assert ent.exchange(code).status_code == 200


def test_a_code_is_good_for_sixty_seconds(browser: Browser, sandbox: Sandbox, ent: RelyingParty) -> None:
    identifiant = activate(browser, sandbox, JOE)
    come_from(ent, browser)
    sign_in(browser, identifiant)
    sandbox.advance(seconds=61)
    assert ent.exchange(answer_in(browser.left_to)["code"]).json()["error"] == "invalid_grant"


def test_fifty_exchanges_of_one_code_make_one_token_and_the_replays_kill_it(
    browser: Browser, sandbox: Sandbox, ent: RelyingParty
) -> None:
    code = bring_back_code(ent, browser, activate(browser, sandbox, JOE))
    parties = [RelyingParty(ent.base) for _ in range(50)]
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda one: one.exchange(code), parties))
    won = [answer.json() for answer in answers if answer.status_code == 200]
    assert [answer.json()["error"] for answer in answers if answer.status_code != 200] == ["invalid_grant"] * 49
    assert len(won) == 1
    assert ent.userinfo(won[0]["access_token"]).status_code == 401


def test_an_access_token_lives_ten_minutes(browser: Browser, sandbox: Sandbox, ent: RelyingParty) -> None:
    tokens = ent.exchange(bring_back_code(ent, browser, activate(browser, sandbox, JOE))).json()
    assert tokens["expires_in"] == 600
    sandbox.advance(seconds=590)
    assert ent.userinfo(tokens["access_token"]).status_code == 200
    sandbox.advance(seconds=10)
    refused = ent.userinfo(tokens["access_token"])
    assert refused.status_code == 401
    assert 'error="invalid_token"' in refused.headers["WWW-Authenticate"]


def test_two_ents_know_a_parent_under_two_names(browser: Browser, sandbox: Sandbox, ent: RelyingParty) -> None:
    identifiant = activate(browser, sandbox, JOE)
    here = ent.exchange(bring_back_code(ent, browser, identifiant)).json()
    tablet = RelyingParty(ent.base, client_id="tablet", client_secret="", redirect_uri="http://127.0.0.1:8403/retour")
    come_from(tablet, browser)
    there = tablet.exchange_as_public_client(answer_in(browser.left_to)["code"]).json()
    subjects = {str(ent.userinfo(one["access_token"]).json()["sub"]) for one in (here, there)}
    assert len(subjects) == 2


def test_a_client_gets_in_its_id_token_what_its_policy_says(
    browser: Browser, sandbox: Sandbox, ent: RelyingParty
) -> None:
    identifiant = activate(browser, sandbox, JOE)
    plain = unverified_claims(ent.exchange(bring_back_code(ent, browser, identifiant)).json()["id_token"])
    assert set(plain) == {"iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "sid", "at_hash"}
    rich = RelyingParty(
        ent.base, client_id="rich", client_secret="secret-of-the-rich", redirect_uri="http://localhost:8404/"
    )
    come_from(rich, browser)
    tokens = rich.exchange(answer_in(browser.left_to)["code"]).json()
    claims = unverified_claims(tokens["id_token"])
    assert claims["FrEduCtPersonAffiliation"] == ["resp2d"]
    assert "given_name" not in claims, "omitted for this client"
    assert claims["sub"] == "GRENOBLE-7100001"
    assert "given_name" not in rich.userinfo(tokens["access_token"]).json()


def test_the_date_of_connection_is_that_of_the_clocks_of_paris(
    browser: Browser, sandbox: Sandbox, ent: RelyingParty
) -> None:
    identifiant = activate(browser, sandbox, JOE)
    sandbox.set_clock("2031-07-14T22:30:15.250Z")
    tokens = ent.exchange(bring_back_code(ent, browser, identifiant)).json()
    told = ent.userinfo(tokens["access_token"]).json()["FrEduCtDateConnexion"]
    assert told.startswith("2031-07-15 00:30:1")
