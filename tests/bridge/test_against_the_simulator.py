"""The bridge and the simulator over HTTP: the happy path, every fault with what it means, and who may bring an answer back."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from franceconnect_bridge.breaker import Breaker
from franceconnect_bridge.ports import Refusal
from tests.bridge.conftest import mount_at
from tests.bridge.mounted import Mounted
from tests.simulator.service import AFTER_LOGOUT, BASE, ISSUER, Visit


def sign_in(mounted: Mounted, visit: Visit, login: str = "test", prompt: str = "") -> dict[str, str]:
    """Go through FranceConnect as a person does and return what comes back."""
    page = visit.open(mounted.begin(prompt=prompt))
    if visit.answered or not page.forms:
        return visit.answered
    if not page.h1.startswith("Vous allez vous connecter"):
        page = visit.submit(page, "uid", "Impôts fictifs")
        page = visit.submit(page, "login", login=login, password="123")
    visit.submit(page, "uid")
    return visit.answered


def refusal_of(mounted: Mounted) -> Refusal:
    [(refusal, context, _)] = mounted.noted.refusals
    assert context == "the request"
    assert mounted.noted.proofs == []
    return refusal


def test_an_identity_is_verified_and_handed_over_once(mounted: Mounted, visit: Visit) -> None:
    answered = sign_in(mounted, visit)
    assert mounted.come_back(answered) == 200
    [proof] = mounted.noted.proofs
    assert (proof.issuer, proof.context, proof.acr) == (ISSUER, "the request", "eidas1")
    assert proof.sub.endswith("v1")
    assert (proof.identity.family_name, proof.identity.given_names) == ("DUBOIS", ("Angela", "Claire", "Louise"))
    assert str(proof.identity.birthdate) == "1962-08-24"
    assert mounted.come_back(answered) == 400, "replayed"
    assert [refusal for refusal, _, _ in mounted.noted.refusals] == [Refusal.LOST]
    assert mounted.noted.calls == ["discovery", "token", "jwks", "userinfo"]


def test_keys_and_discovery_are_kept_and_read_again_for_an_unknown_kid(mounted: Mounted, visit: Visit) -> None:
    for _ in range(2):
        visit.answered = {}
        assert mounted.come_back(sign_in(mounted, visit)) == 200
    assert mounted.noted.calls.count("jwks") == mounted.noted.calls.count("discovery") == 1
    visit.control("POST", "/keys/rotate")
    visit.answered = {}
    assert mounted.come_back(sign_in(mounted, visit)) == 200
    assert mounted.noted.calls.count("jwks") == 2


def test_a_new_key_under_the_old_name_is_read_before_anybody_is_refused(mounted: Mounted, visit: Visit) -> None:
    mounted.come_back(sign_in(mounted, visit))
    visit.control("POST", "/keys/rotate", {"same_kid": True})
    visit.answered = {}
    assert mounted.come_back(sign_in(mounted, visit)) == 200
    assert mounted.noted.calls.count("jwks") == 2


@pytest.mark.parametrize("endpoint", ["token", "userinfo", "jwks", "discovery"])
def test_a_connection_that_is_cut_is_no_answer(mounted: Mounted, visit: Visit, endpoint: str) -> None:
    visit.arm(f"{endpoint}-cut", count=2)
    answered = sign_in(mounted, visit)
    if answered:
        mounted.come_back(answered)
    assert refusal_of(mounted) is Refusal.UNAVAILABLE


def test_exactly_what_franceconnect_takes_is_sent(mounted: Mounted) -> None:
    sent = parse_qs(urlsplit(mounted.begin(prompt="login")).query)
    assert sorted(sent) == [
        "acr_values", "client_id", "nonce", "prompt", "redirect_uri", "response_type", "scope", "state",
    ]  # fmt: skip
    assert sent["prompt"] == ["login"]
    for name in ("state", "nonce"):
        assert sent[name][0].isalnum()
        assert 32 <= len(sent[name][0]) <= 64
    assert "prompt" not in parse_qs(urlsplit(mounted.begin()).query)


def test_rs256_is_verified_too(visit: Visit) -> None:
    mounted = mount_at(visit, client_id="rs256", client_secret="s" * 20, signed_response_alg="RS256")
    assert mounted.come_back(sign_in(mounted, visit)) == 200
    assert mounted.noted.proofs[0].identity.family_name == "DUBOIS"


def test_amr_is_told_when_it_is_asked_for(visit: Visit) -> None:
    mounted = mount_at(visit, asks_amr=True)
    mounted.come_back(sign_in(mounted, visit))
    assert mounted.noted.proofs[0].amr == ("fc", "pwd")


@pytest.mark.parametrize(
    ("fault", "refusal"),
    [
        ("access_denied", Refusal.CANCELLED),
        ("refused", Refusal.REFUSED),
        ("invalid_request", Refusal.MISCONFIGURED),
        ("invalid_scope", Refusal.MISCONFIGURED),
        ("invalid_acr", Refusal.MISCONFIGURED),
        ("invalid_idp_hint", Refusal.MISCONFIGURED),
        ("unsupported_response_type", Refusal.MISCONFIGURED),
        ("server_error", Refusal.UNAVAILABLE),
        ("temporarily_unavailable", Refusal.UNAVAILABLE),
        ("callback-without-iss", Refusal.UNTRUSTED),
        ("callback-wrong-iss", Refusal.UNTRUSTED),
        ("callback-without-code", Refusal.UNTRUSTED),
        ("token-500", Refusal.UNAVAILABLE),
        ("token-502", Refusal.UNAVAILABLE),
        ("token-503", Refusal.UNAVAILABLE),
        ("token-html", Refusal.UNTRUSTED),
        ("token-truncated", Refusal.UNTRUSTED),
        ("token-redirect", Refusal.UNTRUSTED),
        ("token-huge", Refusal.UNAVAILABLE),
        ("token-invalid-grant", Refusal.LOST),
        ("token-invalid-client", Refusal.MISCONFIGURED),
        ("id-token-unsigned", Refusal.UNTRUSTED),
        ("id-token-wrong-signature", Refusal.UNTRUSTED),
        ("id-token-unknown-kid", Refusal.UNTRUSTED),
        ("id-token-other-alg", Refusal.UNTRUSTED),
        ("id-token-wrong-iss", Refusal.UNTRUSTED),
        ("id-token-wrong-aud", Refusal.UNTRUSTED),
        ("id-token-expired", Refusal.UNTRUSTED),
        ("id-token-wrong-sub", Refusal.UNTRUSTED),
        ("id-token-wrong-nonce", Refusal.UNTRUSTED),
        ("id-token-without-nonce", Refusal.UNTRUSTED),
        ("id-token-low-acr", Refusal.UNTRUSTED),
        ("id-token-without-acr", Refusal.UNTRUSTED),
        ("userinfo-html", Refusal.UNTRUSTED),
        ("userinfo-truncated", Refusal.UNTRUSTED),
        ("userinfo-json", Refusal.UNTRUSTED),
        ("userinfo-invalid-token", Refusal.UNTRUSTED),
        ("userinfo-unsigned", Refusal.UNTRUSTED),
        ("userinfo-wrong-signature", Refusal.UNTRUSTED),
        ("userinfo-unknown-kid", Refusal.UNTRUSTED),
        ("userinfo-other-alg", Refusal.UNTRUSTED),
        ("userinfo-wrong-iss", Refusal.UNTRUSTED),
        ("userinfo-wrong-aud", Refusal.UNTRUSTED),
        ("userinfo-expired", Refusal.UNTRUSTED),
        ("userinfo-wrong-sub", Refusal.UNTRUSTED),
        ("userinfo-without-claim", Refusal.UNTRUSTED),
        ("userinfo-odd-claim", Refusal.UNTRUSTED),
        ("jwks-html", Refusal.UNTRUSTED),
        ("jwks-truncated", Refusal.UNTRUSTED),
        ("jwks-empty", Refusal.UNTRUSTED),
        ("discovery-wrong-issuer", Refusal.UNTRUSTED),
        ("discovery-html", Refusal.UNTRUSTED),
    ],
)
def test_a_fault_gives_no_identity_and_says_what_it_means(
    mounted: Mounted, visit: Visit, fault: str, refusal: Refusal
) -> None:
    visit.arm(fault)
    answered = sign_in(mounted, visit)
    if answered:
        mounted.come_back(answered)
    assert refusal_of(mounted) is refusal


@pytest.mark.parametrize("endpoint", ["userinfo", "jwks", "discovery"])
@pytest.mark.parametrize("kind", ["500", "503", "redirect", "huge"])
def test_what_may_be_asked_twice_is_asked_twice(mounted: Mounted, visit: Visit, endpoint: str, kind: str) -> None:
    visit.arm(f"{endpoint}-{kind}")
    assert mounted.come_back(sign_in(mounted, visit)) == 200
    visit.answered = {}
    fresh = mount_at(visit)
    visit.arm(f"{endpoint}-{kind}", count=2)
    answered = sign_in(fresh, visit)
    if answered:
        fresh.come_back(answered)
    assert refusal_of(fresh) is Refusal.UNAVAILABLE


def test_an_answer_that_comes_too_late_is_not_waited_for_twice(visit: Visit) -> None:
    mounted = mount_at(visit, timeout_seconds=0.3)
    visit.arm("userinfo-slow", seconds=2)
    mounted.come_back(sign_in(mounted, visit))
    assert refusal_of(mounted) is Refusal.UNAVAILABLE
    assert mounted.noted.calls.count("userinfo") == 1


def test_all_calls_of_one_callback_have_one_time(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("franceconnect_bridge.client._CALLBACK_SECONDS", 0.5)
    mounted = mount_at(visit)
    visit.arm("token-slow", seconds=2)
    mounted.come_back(sign_in(mounted, visit))
    assert refusal_of(mounted) is Refusal.UNAVAILABLE


def test_who_brings_an_answer_from_elsewhere_burns_nothing(mounted: Mounted, visit: Visit) -> None:
    answered = sign_in(mounted, visit)
    stranger = mounted.app.test_client()
    assert mounted.come_back(answered, stranger) == 400
    stranger.set_cookie("preau_idp_franceconnect", "guessed", domain="localhost")
    assert mounted.come_back(answered, stranger) == 400
    for changes in ({"state": "x" * 43}, {"state": ""}):
        assert mounted.come_back({**answered, **changes}) == 400
    assert {refusal for refusal, _, _ in mounted.noted.refusals} == {Refusal.LOST}
    assert mounted.come_back(answered) == 200, "its owner's is still good"


def test_a_sign_in_that_took_too_long_is_lost(mounted: Mounted, visit: Visit) -> None:
    answered = sign_in(mounted, visit)
    mounted.clock.offset = timedelta(minutes=31)
    assert mounted.come_back(answered) == 400
    assert mounted.noted.refusals[0][0] is Refusal.LOST


def test_tokens_of_clocks_that_differ_a_little_are_taken(mounted: Mounted, visit: Visit) -> None:
    for seconds in (-25, 25):
        visit.answered = {}
        mounted.clock.offset = timedelta(seconds=seconds)
        assert mounted.come_back(sign_in(mounted, visit)) == 200


def test_a_full_bulkhead_is_said_at_once_and_the_breaker_stays_closed(mounted: Mounted, visit: Visit) -> None:
    answered = sign_in(mounted, visit)
    mounted.noted.full = True
    mounted.come_back(answered)
    assert refusal_of(mounted) is Refusal.UNAVAILABLE
    mounted.noted.full = False
    visit.answered = {}
    assert mounted.come_back(sign_in(mounted, visit)) == 200


def test_after_failures_calls_are_spared_and_then_tried_again() -> None:
    now = [0.0]
    breaker = Breaker(failures=2, pause=10, now=lambda: now[0])
    breaker.note_failure()
    assert breaker.allows()
    breaker.note_failure()
    assert not breaker.allows()
    now[0] = 10
    assert breaker.allows(), "one tries"
    assert not breaker.allows(), "the others wait"
    breaker.note_not_made()
    assert breaker.allows(), "in the place of the one that was not made"
    breaker.note_success()
    assert breaker.allows()


def test_an_answer_that_makes_no_sense_is_an_answer(mounted: Mounted, visit: Visit) -> None:
    for _ in range(6):
        visit.answered = {}
        visit.arm("token-html")
        mounted.come_back(sign_in(mounted, visit))
    visit.answered = {}
    assert mounted.come_back(sign_in(mounted, visit)) == 200


def test_a_person_is_led_out_of_franceconnect_with_a_hint_and_a_state(mounted: Mounted, visit: Visit) -> None:
    mounted.come_back(sign_in(mounted, visit))
    [proof] = mounted.noted.proofs
    address = mounted.bridge.franceconnect.end_session_uri(id_token=proof.id_token, state="of-ours")
    assert address.startswith(f"{BASE}/api/v2/session/end?")
    page = visit.open(address)
    visit.submit(page, "cle")
    assert visit.answered == {"to": AFTER_LOGOUT, "state": "of-ours"}


def test_nothing_personal_is_in_what_the_log_gets(mounted: Mounted, visit: Visit) -> None:
    for fault in ("userinfo-odd-claim", "id-token-wrong-nonce", "token-invalid-client", "userinfo-wrong-sub"):
        visit.answered = {}
        visit.arm(fault)
        answered = sign_in(mounted, visit)
        mounted.come_back(answered)
        assert answered["code"] not in mounted.noted.refusals[-1][2]
    words = " ".join(detail for _, _, detail in mounted.noted.refusals)
    assert not any(name in words for name in ("DUBOIS", "Angela", "1962", "v1", "eyJ"))
