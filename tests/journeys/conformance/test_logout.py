"""What the conformance suite asks of logout: `docs/reference/conformance.md`."""

from urllib.parse import urlencode

import pytest
from joserfc import jwt

from tests.journeys.conformance.suite import AFTER, KEY, REDIRECT_URI, Suite
from tests.support.logout_receiver import running_receiver, verify
from tests.support.page import Page
from tests.support.relying_party import unverified_claims

# --- logout ------------------------------------------------------------------------------------------------------------------------------


def leave(suite: Suite, **params: str) -> Page:
    return suite.browser.open(f"{suite.endpoint('end_session_endpoint')}?{urlencode(params)}")


@pytest.fixture
def leaving(suite: Suite) -> tuple[Suite, str]:
    suite.register(post_logout_redirect_uris=[AFTER])
    return suite, str(suite.tokens()["id_token"])


def assert_signed_out(suite: Suite) -> None:
    assert suite.authorize(prompt="none")["error"] == "login_required"


@pytest.mark.parametrize("state", ["state-of-the-logout", ""])
def test_with_the_id_token_the_browser_comes_back_with_state_and_nothing_else(
    leaving: tuple[Suite, str], state: str
) -> None:
    suite, hint = leaving
    leave(suite, id_token_hint=hint, post_logout_redirect_uri=AFTER, **({"state": state} if state else {}))
    assert suite.browser.left_to == (f"{AFTER}?state={state}" if state else AFTER)
    assert_signed_out(suite)


@pytest.mark.parametrize("uri", ["https://other.example/bye", f"{AFTER}?foo=bar"])
def test_another_post_logout_redirect_uri_is_shown_with_its_cause(leaving: tuple[Suite, str], uri: str) -> None:
    suite, hint = leaving
    page = leave(suite, id_token_hint=hint, post_logout_redirect_uri=uri, state="s")
    assert (page.status, suite.browser.left_to) == (400, "")
    assert page.says("post_logout_redirect_uri")


def test_without_a_hint_or_with_one_that_is_not_ours_nobody_is_redirected(leaving: tuple[Suite, str]) -> None:
    suite, hint = leaving
    header = jwt.decode(hint, suite.keys(), algorithms=["RS256"]).header
    forged = jwt.encode(header, unverified_claims(hint), KEY)
    unsigned = f"eyJhbGciOiJub25lIn0.{hint.split('.')[1]}."
    for name, value in (("post_logout_redirect_uri", AFTER), ("id_token_hint", forged), ("id_token_hint", unsigned)):
        page = leave(suite, **{"post_logout_redirect_uri": AFTER, "state": "s", name: value})
        assert (page.status, suite.browser.left_to) == (400, "")
        assert page.says(name), "the cause"


@pytest.mark.parametrize(
    "params", [{}, {"state": "s"}, {"id_token_hint": ""}], ids=["nothing", "state alone", "hint alone"]
)
def test_without_a_place_to_go_the_person_reads_that_she_is_signed_out(
    leaving: tuple[Suite, str], params: dict[str, str]
) -> None:
    suite, hint = leaving
    page = leave(suite, **{name: value or hint for name, value in params.items()})
    if "id_token_hint" not in params:
        assert page.h1 == "Voulez-vous vous déconnecter ?"
        page = suite.browser.fill("Me déconnecter", button="Me déconnecter")
    assert (page.h1, suite.browser.left_to) == ("Vous êtes déconnecté", "")
    assert_signed_out(suite)


def test_the_server_of_a_client_is_told_and_the_browser_comes_back(suite: Suite) -> None:
    with running_receiver() as receiver:
        suite.register(
            post_logout_redirect_uris=[AFTER],
            backchannel_logout_uri=receiver.uri("suite"),
            backchannel_logout_session_required=True,
        )
        hint = suite.tokens()["id_token"]
        leave(suite, id_token_hint=hint, post_logout_redirect_uri=AFTER, state="s")
        assert suite.browser.left_to == f"{AFTER}?state=s"
        [told] = receiver.wait_for("suite")
        claims, of_the_hint = verify(told, suite.base, suite.client["client_id"]), unverified_claims(hint)
    assert (claims["sub"], claims["sid"]) == (of_the_hint["sub"], of_the_hint["sid"])
    assert_signed_out(suite)


def test_a_frame_with_issuer_and_session_is_loaded_before_the_browser_comes_back(suite: Suite) -> None:
    frame = REDIRECT_URI.replace("callback", "frontchannel_logout")
    suite.register(
        post_logout_redirect_uris=[AFTER], frontchannel_logout_uri=frame, frontchannel_logout_session_required=True
    )
    hint = suite.tokens()["id_token"]
    page = leave(suite, id_token_hint=hint, post_logout_redirect_uri=AFTER, state="s")
    loaded = urlencode({"iss": suite.base, "sid": unverified_claims(hint)["sid"]}).replace("&", "&amp;")
    assert f'src="{frame}?{loaded}"' in page.html
    assert f"{AFTER}?state=s" in page.html
    assert_signed_out(suite)
