"""The whole way in, and what the service gets."""

import re

import pytest

from tests.simulator.world import (
    AFTER_LOGOUT,
    ISSUER,
    OTHER_CALLBACK,
    Browser,
    Hand,
    Service,
    callback,
    error_code,
    unverified,
    words,
)


def test_a_parent_signs_in_and_the_service_gets_her_identity(service: Service, browser: Browser) -> None:
    request = service.request(scope="openid identite_pivot preferred_username email")
    choice = browser.authorize(request)
    assert "Connexion en cours sur Education Nationale" in words(choice)
    consent = browser.prove(browser.choose(choice), "marie-helene")
    assert "Vous allez vous connecter en tant que\u00a0: Marie-Hélène LE GOFF" in words(consent)
    back = callback(browser.submit(consent))
    assert (back["state"], back["iss"]) == (request["state"], ISSUER)
    tokens = service.redeem(back["code"]).get_json()
    claims = service.verify(service.userinfo(tokens["access_token"]).text)
    told = {name: claims[name] for name in claims.keys() - {"sub", "aud", "exp", "iat", "iss"}}
    assert told == {
        "given_name": "Marie-Hélène",
        "given_name_array": ["Marie-Hélène"],
        "family_name": "LE GOFF",
        "preferred_username": "MARTIN",
        "birthdate": "1979-02-03",
        "gender": "female",
        "birthplace": "29232",
        "birthcountry": "99100",
        "email": "marie-helene@personne.example",
    }


def test_the_known_test_person_is_there(service: Service, browser: Browser) -> None:
    tokens = service.redeem(browser.come_back(service.request(scope="openid identite_pivot"))["code"]).get_json()
    claims = service.verify(service.userinfo(tokens["access_token"]).text)
    assert claims["given_name_array"] == ["Angela", "Claire", "Louise"]
    assert (claims["family_name"], claims["birthdate"], claims["birthplace"]) == ("DUBOIS", "1962-08-24", "75107")


def test_the_id_token_holds_exactly_what_franceconnect_puts_there(service: Service, browser: Browser) -> None:
    token = service.redeem(browser.come_back(service.request())["code"]).get_json()["id_token"]
    claims = service.verify(token)
    assert set(claims) == {"sub", "auth_time", "acr", "nonce", "aud", "exp", "iat", "iss"}
    assert (claims["acr"], claims["nonce"], claims["aud"], claims["iss"]) == ("eidas1", "n" * 32, "preau", ISSUER)
    assert claims["exp"] == claims["iat"] + 60
    assert set(unverified(token, 0)) == {"alg", "kid"}


def test_the_token_answer_has_five_members(service: Service, browser: Browser) -> None:
    tokens = service.redeem(browser.come_back(service.request())["code"]).get_json()
    assert set(tokens) == {"access_token", "expires_in", "id_token", "scope", "token_type"}
    assert (tokens["expires_in"], tokens["scope"], tokens["token_type"]) == (
        60,
        "openid given_name family_name",
        "Bearer",
    )


def test_userinfo_is_a_signed_jwt_of_the_same_subject(service: Service, browser: Browser) -> None:
    tokens = service.redeem(browser.come_back(service.request())["code"]).get_json()
    answer = service.userinfo(tokens["access_token"])
    assert answer.headers["Content-Type"].partition(";")[0] == "application/jwt"
    claims = service.verify(answer.text)
    assert set(claims) == {"sub", "aud", "exp", "iat", "iss", "given_name", "given_name_array", "family_name"}
    assert claims["sub"] == service.verify(tokens["id_token"])["sub"]


def test_each_client_has_its_own_algorithm_and_its_own_subject(
    service: Service, private: Service, browser: Browser
) -> None:
    ours = service.redeem(browser.come_back(service.request())["code"]).get_json()["id_token"]
    answer = browser.submit(browser.authorize(private.request()), accord="1")
    back = callback(answer, OTHER_CALLBACK)
    theirs = private.redeem(back["code"]).get_json()["id_token"]
    assert (unverified(ours, 0)["alg"], unverified(theirs, 0)["alg"]) == ("ES256", "RS256")
    subs = {service.verify(ours)["sub"], private.verify(theirs)["sub"]}
    assert len(subs) == 2
    assert all(re.fullmatch(r"[0-9a-f]{64}v1", sub) for sub in subs)


def test_the_subject_is_the_same_whatever_the_provider(service: Service) -> None:
    def sub(browser: Browser, provider: str) -> str:
        page = browser.prove(browser.choose(browser.authorize(service.request()), provider), "joe")
        return str(service.verify(service.redeem(callback(browser.submit(page))["code"]).get_json()["id_token"])["sub"])

    assert sub(Browser(service.app), "Impôts fictifs") == sub(Browser(service.app), "Poste fictive")


def test_a_request_may_be_posted(service: Service, browser: Browser) -> None:
    assert "Connexion en cours" in words(browser.post("/api/v2/authorize", **service.request()))


def test_signing_out_goes_through_its_steps_and_back_with_the_state(service: Service, browser: Browser) -> None:
    hint = service.redeem(browser.come_back(service.request())["code"]).get_json()["id_token"]
    first = browser.open("/api/v2/session/end", id_token_hint=hint, post_logout_redirect_uri=AFTER_LOGOUT, state="xyz")
    second = browser.submit(first)
    back = browser.submit(second)
    assert back.headers["Location"] == f"{AFTER_LOGOUT}?state=xyz"
    # Nobody is signed in any more: the choice of an account is asked again.
    assert "Choisissez un compte" in words(browser.authorize(service.request()))


def test_without_a_way_back_a_page_says_that_one_is_out(service: Service, browser: Browser) -> None:
    hint = service.redeem(browser.come_back(service.request())["code"]).get_json()["id_token"]
    page = browser.submit(browser.submit(browser.open("/api/v2/session/end", id_token_hint=hint)))
    assert "Vous êtes déconnecté" in words(page)


def test_the_id_token_that_signs_out_may_be_old(service: Service, browser: Browser, hand: Hand) -> None:
    hint = service.redeem(browser.come_back(service.request())["code"]).get_json()["id_token"]
    hand.advance(1500)
    assert "Étape 1 sur 2" in words(browser.open("/api/v2/session/end", id_token_hint=hint))


@pytest.mark.parametrize("login", ["TEST", " test ", "présumé_né_jour"])
def test_case_accents_and_spaces_of_a_login_do_not_matter(service: Service, browser: Browser, login: str) -> None:
    assert "en tant que" in words(browser.reach_consent(service.request(), login))


def test_a_wrong_password_is_said_on_the_same_page_and_the_login_stays(service: Service, browser: Browser) -> None:
    page = browser.prove(browser.choose(browser.authorize(service.request())), "joe", "1234")
    assert page.status_code == 422
    assert "Identifiant ou mot de passe incorrect." in words(page)
    assert 'value="joe"' in page.text
    assert "en tant que" in words(browser.prove(page, "joe"))


def test_cancelling_at_the_provider_leads_back_to_the_choice(service: Service, browser: Browser) -> None:
    page = browser.choose(browser.authorize(service.request()), "Poste fictive")
    uid = page.request.path.rsplit("/", 1)[1]
    choice = browser.open(f"/fournisseur/{uid}/annuler")
    assert "La connexion avec Poste fictive n'a pas abouti." in words(choice)
    assert "en tant que" in words(browser.prove(browser.choose(choice)))


def test_that_is_not_me_goes_back_to_the_service_and_forgets_who_was_signed_in(
    service: Service, browser: Browser
) -> None:
    page = browser.reach_consent(service.request())
    link = re.search(r'id="pas-vous" href="([^"]+)"', page.text)
    assert link
    back = callback(browser.open(link[1]))
    assert (back["error"], back["error_description"]) == ("access_denied", "User auth aborted")
    assert "Choisissez un compte" in words(browser.authorize(service.request()))


def test_a_double_click_is_sent_to_the_same_place(service: Service, browser: Browser) -> None:
    page = browser.reach_consent(service.request())
    assert callback(browser.submit(page)) == callback(browser.submit(page))


def test_a_page_of_another_browser_is_refused(service: Service, browser: Browser) -> None:
    page = browser.reach_consent(service.request())
    stranger = Browser(service.app)
    assert error_code(stranger.submit(page)) == "Y190001"
