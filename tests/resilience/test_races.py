"""Fifty at once, on a real server with two web processes: one winner, nothing doubled, and nobody sees an error of ours (guarantee 9)."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from random import Random
from typing import TypeVar

import pytest
import requests

from tests.journeys.people import JOE, PASSWORD, activate, identifiant_in, reach_code, reach_password
from tests.journeys.visits import bring_back_code, come_from, sign_in
from tests.resilience.house import House
from tests.support.browser import Browser
from tests.support.page import Page
from tests.support.relying_party import VERIFIER, RelyingParty, answer_in

Made = TypeVar("Made")
AT_ONCE = 50
FORM = {"grant_type": "authorization_code", "redirect_uri": RelyingParty("").redirect_uri, "code_verifier": VERIFIER}


@pytest.fixture
def browser(house: House) -> Browser:
    return Browser(house.base)


@pytest.fixture
def ent(house: House) -> RelyingParty:
    return RelyingParty(house.base)


@pytest.fixture(autouse=True)
def _sound(house: House) -> Iterator[None]:
    """Whatever raced, nothing is half done afterwards, and no worker met an error."""
    written = len(house.log.read_text(encoding="utf-8"))
    yield
    assert house.violations() == []
    new = house.log.read_text(encoding="utf-8")[written:]
    assert "locked" not in new
    assert "Traceback" not in new, new[-4000:]


def at_once(acts: list[Callable[[], Made]]) -> list[Made]:
    with ThreadPoolExecutor(len(acts)) as pool:
        return [one.result() for one in [pool.submit(act) for act in acts]]


def doubles(browser: Browser, count: int = AT_ONCE) -> list[Browser]:
    """Return browsers with the same cookies: one person who presses again and again."""
    made = [Browser(browser.base) for _ in range(count)]
    for one in made:
        one.http.cookies.update(browser.http.cookies)
        one.page = browser.page
    return made


def press(browsers: list[Browser], control: str, values: dict[str, str]) -> list[Page]:
    """Send the form that each browser shows, all at once."""
    forms = [one.prepare(control, values) for one in browsers]
    pages = at_once([lambda one=one, form=form: one.send(*form) for one, form in zip(browsers, forms, strict=True)])
    assert {page.status for page in pages} <= {200, 303}, [page.status for page in pages]
    return pages


def test_of_fifty_exchanges_one_wins_and_the_replays_kill_what_it_minted(
    house: House, browser: Browser, ent: RelyingParty
) -> None:
    code = bring_back_code(ent, browser, activate(browser, house.sandbox, JOE))
    answers = at_once([lambda: RelyingParty(house.base).exchange(code)] * AT_ONCE)
    assert sorted(answer.status_code for answer in answers) == [200] + [400] * (AT_ONCE - 1)
    assert {answer.json()["error"] for answer in answers if answer.status_code == 400} == {"invalid_grant"}
    [token] = [answer.json()["access_token"] for answer in answers if answer.status_code == 200]
    assert ent.userinfo(token).status_code == 401


def test_forty_nine_thieves_around_one_owner_kill_nothing(house: House, browser: Browser, ent: RelyingParty) -> None:
    code = bring_back_code(ent, browser, activate(browser, house.sandbox, JOE))
    base = house.base

    def foreign() -> requests.Response:
        return RelyingParty(base, client_id="other", client_secret="secret-of-the-other").exchange(code)

    def guessing() -> requests.Response:
        return RelyingParty(base, client_secret="guessed").exchange(code)

    def nobody() -> requests.Response:
        return requests.post(f"{base}/idp/profile/oidc/token", data={**FORM, "code": code}, timeout=20)

    def without_verifier() -> requests.Response:
        return RelyingParty(base).exchange(code, code_verifier="another-verifier-of-forty-three-characters-00000")

    thieves = [foreign, guessing, nobody, without_verifier]
    crowd = [thieves[number % 4] for number in range(AT_ONCE - 1)]
    crowd.insert(AT_ONCE // 2, lambda: ent.exchange(code))
    answers = at_once(crowd)
    [token] = [answer.json()["access_token"] for answer in answers if answer.status_code == 200]
    assert {answer.status_code for answer in answers} == {200, 400, 401}
    late = at_once(thieves * 3)
    assert {answer.status_code for answer in late} == {400, 401}
    assert RelyingParty(base).userinfo(token).status_code == 200, "the owner's token lives"


def test_fifty_refreshes_in_two_processes_bring_one_successor(house: House, browser: Browser) -> None:
    stays = RelyingParty(house.base, "stays", "secret-of-the-one-that-stays", "http://localhost:8405/retour")
    tokens = stays.exchange(bring_back_code(stays, browser, activate(browser, house.sandbox, JOE))).json()
    ask = [lambda: RelyingParty(house.base, stays.client_id, stays.client_secret).refresh(tokens["refresh_token"])]
    answers = at_once(ask * AT_ONCE)
    assert [answer.status_code for answer in answers] == [200] * AT_ONCE
    assert len({answer.json()["refresh_token"] for answer in answers}) == 1


def test_of_fifty_browsers_with_one_request_uri_one_is_led_to_the_sign_in_page(house: House, ent: RelyingParty) -> None:
    address = ent.pushed_uri(acr_values="responsable")
    browsers = [Browser(house.base) for _ in range(AT_ONCE)]
    pages = at_once([lambda one=one: one.open(address) for one in browsers])
    assert sorted(page.status for page in pages) == [200] + [400] * (AT_ONCE - 1)
    assert {page.h1 for page in pages} == {"Je me connecte", "Cette page a déjà servi"}


def test_of_fifty_browsers_of_one_person_with_one_request_uri_one_brings_a_code(
    house: House, browser: Browser, ent: RelyingParty
) -> None:
    bring_back_code(ent, browser, activate(browser, house.sandbox, JOE))
    crowd, address = doubles(browser), ent.pushed_uri()
    pages = at_once([lambda one=one: one.open(address) for one in crowd])
    assert sorted(page.status for page in pages) == [303] + [400] * (AT_ONCE - 1)
    [there] = [one.left_to for one in crowd if one.left_to]
    assert ent.exchange(answer_in(there)["code"]).status_code == 200


def test_a_request_uri_opened_fifty_times_in_one_browser_is_one_sign_in_page(
    browser: Browser, ent: RelyingParty
) -> None:
    browser.open(ent.authorization_uri())  # it has its cookie
    crowd, address = doubles(browser), ent.pushed_uri(acr_values="responsable")
    pages = at_once([lambda one=one: one.open(address) for one in crowd])
    assert {page.status for page in pages} == {200}
    assert len({page.url for page in pages}) == 1


def test_a_security_code_sent_fifty_times_is_used_once(house: House, browser: Browser) -> None:
    reach_code(browser, JOE)
    pages = press(doubles(browser), "code", {"code": house.sandbox.code(JOE.e164)})
    assert {page.h1 for page in pages} == {pages[0].h1}
    assert pages[0].form("lien-1")
    assert house.sandbox.events().count("activation.code-accepted") == 1


def test_fifty_guesses_at_once_are_five_tries(house: House, browser: Browser) -> None:
    reach_code(browser, JOE)
    right = house.sandbox.code(JOE.e164)
    guesses = [f"{number:06}" for number in Random(1).sample(range(1_000_000), AT_ONCE + 1)]
    guesses = [guess for guess in guesses if guess != right][:AT_ONCE]
    browsers = doubles(browser)
    forms = [one.prepare("code", {"code": guess}) for one, guess in zip(browsers, guesses, strict=True)]
    pages = at_once([lambda one=one, form=form: one.send(*form) for one, form in zip(browsers, forms, strict=True)])
    assert all(page.status < 500 for page in pages)
    assert house.sandbox.events().count("activation.code-wrong") <= 5
    for _ in range(6):  # one after the other now, until no try is left
        if "code" in {name for form in browser.refresh().forms for name in form.controls}:
            browser.fill("code", {"code": guesses[0]})
    assert house.sandbox.events().count("activation.code-wrong") == 5
    assert house.sandbox.events().count("activation.locked") == 1


def test_a_password_sent_fifty_times_makes_one_account(house: House, browser: Browser) -> None:
    reach_password(browser, house.sandbox, JOE)
    pages = press(doubles(browser), "mot-de-passe", {"mot-de-passe": PASSWORD, "confirmation": PASSWORD})
    assert {page.h1 for page in pages} == {"Votre compte a été activé avec succès"}
    assert house.sandbox.events().count("activation.account-made") == 1
    texts = [message["text"] for message in house.sandbox.messages(JOE.e164) if "est activé" in message["text"]]
    assert len(texts) == 1
    assert all(page.says(identifiant_in(texts[0])) for page in pages)


def test_two_browsers_of_one_person_that_finish_at_once_make_one_account(house: House, browser: Browser) -> None:
    other = Browser(house.base)
    for one in (browser, other):
        reach_password(one, house.sandbox, JOE)
    crowd = doubles(browser, AT_ONCE // 2) + doubles(other, AT_ONCE // 2)
    pages = press(crowd, "mot-de-passe", {"mot-de-passe": PASSWORD, "confirmation": PASSWORD})
    assert {page.h1 for page in pages} == {"Votre compte a été activé avec succès", "Votre compte est déjà activé"}
    assert house.sandbox.events().count("activation.account-made") == 1


def test_fifty_browsers_sign_in_at_once(house: House, browser: Browser) -> None:
    identifiant = activate(browser, house.sandbox, JOE)

    def arrive(number: int) -> str:
        one = Browser(house.base)
        come_from(RelyingParty(house.base), one, state=f"state-of-browser-{number}")
        sign_in(one, identifiant)
        answer = answer_in(one.left_to)
        assert answer["state"] == f"state-of-browser-{number}"
        return str(RelyingParty(house.base).exchange(answer["code"]).json()["access_token"])

    tokens = at_once([lambda number=number: arrive(number) for number in range(AT_ONCE)])
    assert len(set(tokens)) == AT_ONCE
    assert house.sandbox.events().count("sign-in.accepted") == AT_ONCE


def test_a_sign_in_sent_fifty_times_opens_one_session_and_brings_one_code(
    house: House, browser: Browser, ent: RelyingParty
) -> None:
    identifiant = activate(browser, house.sandbox, JOE)
    come_from(ent, browser)
    crowd = doubles(browser)
    press(crowd, "j_username", {"j_username": identifiant, "j_password": PASSWORD})
    codes = {answer_in(one.left_to)["code"] for one in crowd if one.left_to}
    assert len(codes) == 1
    assert house.sandbox.events().count("sign-in.accepted") == 1


def test_another_text_asked_for_fifty_times_is_one_text(house: House, browser: Browser) -> None:
    reach_code(browser, JOE)
    house.sandbox.advance(seconds=61)
    browser.refresh()
    press(doubles(browser), "Envoyer un nouveau code", {})
    assert len(house.sandbox.messages(JOE.e164)) == 2
