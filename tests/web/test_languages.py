"""In which language a page is, and the switch that leads to the same page in another."""

import re
from html import unescape

import pytest
from flask.testing import FlaskClient

from idp.journeys.answers import Fault, GoTo, Notice, Profile, PupilLine, Step, TypedIdentity
from idp.web.languages import LANGUAGES
from tests.web.world import STATES, State, World

PASSING = {"fc-recognised", "fc-leaving", "signed-out-onward", "form-post"}
"""States that go on by themselves: nobody has the time to choose."""
STAYING = [state for state in STATES if state.name not in PASSING]
WORDS = {"fr": "Données personnelles", "facile": "Données personnelles", "en": "Personal data"}
COOKIE = "preau_idp_langue"
SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}


def spoken(html: str) -> tuple[str, str]:
    found = re.search(r'<html lang="([^"]+)" data-langue="([^"]+)">', html)
    assert found
    return found[1], found[2]


def links(html: str) -> dict[str, str]:
    """Return where the switch leads, by language."""
    nav = re.search(r'<nav class="langues".*?</nav>', html, re.DOTALL)
    assert nav
    found = [unescape(href) for href in re.findall(r'href="([^"]+)"', nav[0])]
    return {href.rpartition("langue=")[2]: href for href in found}


# --- which one ---------------------------------------------------------------------------------------------------------------------


def test_a_page_is_french_for_whoever_said_nothing(client: FlaskClient) -> None:
    response = client.get("/aide", headers={"Accept-Language": "en"})
    assert spoken(response.text) == ("fr", "fr")
    assert "Set-Cookie" not in response.headers


@pytest.mark.parametrize(("code", "lang"), [("fr", "fr"), ("facile", "fr"), ("en", "en")])
def test_the_address_says_the_language_and_the_browser_remembers_it(client: FlaskClient, code: str, lang: str) -> None:
    response = client.get(f"/aide?langue={code}")
    assert spoken(response.text) == (lang, code)
    assert response.headers["Set-Cookie"].startswith(f"{COOKIE}={code}; ")
    assert spoken(client.get("/accessibilite").text) == (lang, code)
    assert WORDS[code] in client.get("/accessibilite").text


def test_what_is_remembered_is_not_set_again(client: FlaskClient) -> None:
    client.get("/aide?langue=en")
    assert "Set-Cookie" not in client.get("/aide?langue=en").headers
    assert "Set-Cookie" not in client.get("/aide").headers


def test_the_cookie_has_the_flags_of_the_others_and_lasts_half_a_year() -> None:
    client = World(secure=True).build().test_client()
    cookie = client.get("/aide?langue=en", base_url="https://idp.example").headers["Set-Cookie"]
    assert re.sub(r"Expires=[^;]+; ", "", cookie) == (
        f"__Host-{COOKIE}=en; Max-Age=15552000; Secure; HttpOnly; Path=/; SameSite=Lax"
    )


@pytest.mark.parametrize("asked", ["de", "", "EN", "site.en", "../en", "fr-x-facile"])
def test_a_language_that_there_is_not_changes_nothing(client: FlaskClient, asked: str) -> None:
    client.get("/aide?langue=facile")
    response = client.get("/aide", query_string={"langue": asked})
    assert spoken(response.text) == ("fr", "facile")
    assert "Set-Cookie" not in response.headers


@pytest.mark.parametrize("value", ["de", "site.de", "site.", "en; x", "site.site.en"])
def test_a_cookie_that_is_none_of_ours_says_nothing(client: FlaskClient, value: str) -> None:
    assert spoken(client.get("/aide", headers={"Cookie": f"{COOKIE}={value}"}).text)[1] in {"fr", "en"}
    client.set_cookie(COOKIE, "nothing")
    assert spoken(client.get("/aide").text) == ("fr", "fr")


def test_a_redirect_remembers_what_its_address_says(client: FlaskClient, world: World) -> None:
    world.activation.answer = GoTo(Step.CODE)
    response = client.get("/activation/identite?langue=en")
    assert response.status_code == 303
    world.activation.show_page(Step.CODE)
    assert spoken(client.get(response.headers["Location"]).text) == ("en", "en")


def test_a_site_is_heard_until_the_browser_closes(client: FlaskClient) -> None:
    response = client.get("/aide?ui_locales=de+en-GB+fr")
    assert spoken(response.text) == ("en", "en")
    assert response.headers["Set-Cookie"] == f"{COOKIE}=site.en; HttpOnly; Path=/; SameSite=Lax"
    assert spoken(client.get("/aide").text) == ("en", "en")
    # Another site, another language; a site that asks for none changes nothing.
    assert spoken(client.get("/aide?ui_locales=fr-x-facile").text) == ("fr", "facile")
    assert spoken(client.get("/aide?ui_locales=de").text) == ("fr", "facile")


def test_a_site_is_not_heard_over_the_person(client: FlaskClient) -> None:
    client.get("/aide?ui_locales=en")
    client.get("/aide?langue=fr")
    response = client.get("/aide?ui_locales=en")
    assert spoken(response.text) == ("fr", "fr")
    assert "Set-Cookie" not in response.headers
    assert spoken(client.get("/aide?ui_locales=fr&langue=en").text) == ("en", "en")


def test_a_site_that_asks_for_french_costs_no_cookie(client: FlaskClient) -> None:
    assert "Set-Cookie" not in client.get("/aide?ui_locales=fr").headers


@pytest.mark.parametrize("code", ["facile", "en"])
def test_error_pages_speak_the_language_too(client: FlaskClient, code: str) -> None:
    client.get(f"/aide?langue={code}")
    for path, status in (("/nulle-part", 404), ("/activation/code", 400), ("/refused/our-fault", 500)):
        response = client.get(path)
        assert (response.status_code, spoken(response.text)[1]) == (status, code)
    assert client.post("/aide").status_code == 405
    assert spoken(client.post("/aide").text)[1] == code


# --- the switch ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", STAYING, ids=lambda state: state.name)
def test_the_switch_of_a_page_leads_to_the_same_page_in_each_language(
    client: FlaskClient, world: World, state: State
) -> None:
    state.prepare(world)
    french = client.get(state.path)
    found = links(french.text)
    assert list(found) == [one.code for one in LANGUAGES]
    for language in LANGUAGES:
        response = client.get(found[language.code])
        assert response.status_code == french.status_code
        assert spoken(response.text) == (language.spoken, language.code)
        assert len(re.findall(r'hreflang="[^"]*" aria-current="true"', response.text)) == 1  # a tab may be current too
        assert f'hreflang="{language.tag}" aria-current="true">{language.name}</a>' in response.text
        # The same forms lead to the same places.
        assert re.findall(r'action="([^"]+)"', response.text) == re.findall(r'action="([^"]+)"', french.text)
        assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("name", sorted(PASSING))
def test_a_page_that_goes_on_by_itself_has_no_switch(client: FlaskClient, name: str) -> None:
    state = next(state for state in STATES if state.name == name)
    client.get("/aide?langue=en")
    html = client.get(state.path).text
    assert "langues" not in html
    assert spoken(html) == ("en", "en")


def test_the_switch_keeps_what_is_in_the_address_and_nothing_of_what_was_sent(
    client: FlaskClient, world: World
) -> None:
    world.sign_in.show_page(Profile.RESPONSABLE, faults=(Fault("username", "wrong"),))
    response = client.post(
        "/connexion?d=h4ndle&profil=responsable",
        data={"jeton": "0-abc", "j_username": "j.dupont4271", "j_password": "Zebre-7-lune"},
    )
    assert response.status_code == 422
    assert links(response.text)["en"] == "/connexion?d=h4ndle&profil=responsable&langue=en"


@pytest.mark.parametrize(
    ("posted", "page"),
    [
        ("/activation/identite", "/activation/identite"),
        ("/activation/code/renvoi", "/activation/code"),
        ("/activation/enfants/confirmation", "/activation/enfants/confirmation"),
        ("/confirmation/envoi?d=h4ndle", "/confirmation?d=h4ndle"),
        ("/confirmation/sans?d=h4ndle", "/confirmation?d=h4ndle"),
        ("/accord?d=h4ndle", "/accord?d=h4ndle"),
    ],
)
def test_after_a_form_the_switch_leads_to_the_page_where_the_form_stood(
    client: FlaskClient, posted: str, page: str
) -> None:
    # The journeys answer « lost »: the page is there all the same, and none of its addresses is the form's alone.
    href = links(client.post(posted, data={"jeton": "0-abc"}).text)["en"]
    assert href == f"{page}{'&' if '?' in page else '?'}langue=en"


@pytest.mark.parametrize(
    "path", ["//evil.example/x", "///evil.example", "/\\evil.example", "/%5Cevil.example", "/%2F/x"]
)
def test_the_switch_never_leads_to_another_host(client: FlaskClient, path: str) -> None:
    for href in links(client.get(path).text).values():
        assert re.match(r"/[^/\\]", href), href


def test_a_name_in_the_address_stays_text(client: FlaskClient) -> None:
    html = client.get("/aide", query_string={"d": '"><script>alert(1)</script>'}).text
    assert "<script>alert" not in html
    assert links(html)["en"] == "/aide?d=%22%3E%3Cscript%3Ealert%281%29%3C%2Fscript%3E&langue=en"


# --- the switch with a script: what was typed comes along -----------------------------------------------------------------------------


def test_what_was_typed_comes_along_and_nothing_is_sent(client: FlaskClient, world: World) -> None:
    world.activation.show_page(Step.IDENTITY, identity=TypedIdentity("AVANT", "", "+33", ""))
    typed = {"nom": "DUPONT <b>", "prenom": "Joe", "indicatif": "+590", "telephone": "06 39", "jeton": "0-abc"}
    response = client.post("/activation/identite?langue=en", data=typed, headers=SAME_ORIGIN)
    assert response.status_code == 200
    assert spoken(response.text) == ("en", "en")
    assert 'value="DUPONT &lt;b&gt;"' in response.text
    assert 'value="Joe"' in response.text
    assert 'value="06 39"' in response.text
    assert '<option value="+590" selected>' in response.text
    assert response.text.count(" selected") == 1
    assert [call[0] for call in world.activation.calls] == ["show"]
    assert response.headers["Set-Cookie"].startswith(f"{COOKIE}=en; ")


def test_answers_and_dates_come_along(client: FlaskClient, world: World) -> None:
    world.activation.show_page(Step.KINSHIP, pupils=(PupilLine(1, "Léa", "DUPONT"), PupilLine(2, "Tom", "DUPONT")))
    typed = {"lien-1": "oui", "jour-1": "3", "mois-1": "mars", "annee-1": "2014", "lien-2": "non"}
    html = client.post("/activation/enfants?langue=facile", data=typed, headers=SAME_ORIGIN).text
    assert re.findall(r'id="([^"]+)"[^>]* checked', html) == ["mine-1", "not-mine-2"]
    assert re.findall(r'name="(?:jour|mois|annee)-1"[^>]*value="([^"]+)"', html) == ["3", "mars", "2014"]


def test_a_recoverys_way_and_its_date_come_along(client: FlaskClient, world: World) -> None:
    states = {state.name: state for state in STATES}
    states["recovery-identifiant"].prepare(world)
    typed = {"identifiant": "j.dupont4271", "moyen": "mail"}
    address = states["recovery-identifiant"].path + "?langue=en"
    html = client.post(address, data=typed, headers=SAME_ORIGIN).text
    assert 'value="j.dupont4271"' in html
    assert re.findall(r'id="([^"]+)"[^>]* checked', html) == ["moyen-mail"]
    states["recovery-date"].prepare(world)
    address = states["recovery-date"].path.partition("?")[0] + "?langue=en"
    html = client.post(address, data={"jour": "3", "mois": "09", "annee": "2014"}, headers=SAME_ORIGIN).text
    assert re.findall(r'name="(?:jour|mois|annee)"[^>]*value="([^"]+)"', html) == ["3", "09", "2014"]


def test_no_password_and_no_code_comes_back_whoever_sends_it(client: FlaskClient, world: World) -> None:
    world.sign_in.show_page(Profile.RESPONSABLE)
    typed = {"j_username": "j.dupont4271", "j_password": "Zebre-7-lune"}
    html = client.post("/connexion?d=h&langue=en", data=typed, headers=SAME_ORIGIN).text
    assert 'value="j.dupont4271"' in html
    assert "Zebre" not in html
    world.activation.show_page(Step.CODE)
    assert "482913" not in client.post("/activation/code?langue=en", data={"code": "482913"}, headers=SAME_ORIGIN).text
    world.activation.show_page(Step.PASSWORD, identifiant="j.dupont4271")
    typed = {"mot-de-passe": "Zebre-7-lune", "confirmation": "Zebre-7-lune"}
    assert "Zebre" not in client.post("/activation/mot-de-passe?langue=en", data=typed, headers=SAME_ORIGIN).text


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {}])
def test_another_site_types_nothing_into_our_forms(client: FlaskClient, world: World, headers: dict[str, str]) -> None:
    world.sign_in.show_page(Profile.RESPONSABLE)
    html = client.post("/connexion?d=h&langue=en", data={"j_username": "m.allory"}, headers=headers).text
    assert "m.allory" not in html
    assert [call[0] for call in world.sign_in.calls] == ["show"]


def test_an_address_without_a_page_is_not_the_switchs_and_does_what_it_does(client: FlaskClient, world: World) -> None:
    world.activation.show_page(Step.CODE)
    response = client.post("/activation/code/renvoi?langue=en", data={"jeton": "0-abc"}, headers=SAME_ORIGIN)
    assert spoken(response.text) == ("en", "en")
    assert [call[0] for call in world.activation.calls] == ["resend"]


# --- words ------------------------------------------------------------------------------------------------------------------------------


def test_easy_french_has_one_sentence_on_each_line_and_french_spaces(client: FlaskClient, world: World) -> None:
    world.activation.show_page(Step.IDENTITY)
    html = client.get("/activation/identite?langue=facile").text
    assert "Qui êtes-vous\u00a0?\nÉcrivez votre nom.\nÉcrivez votre prénom.\n" in html


def test_english_has_no_french_spaces(client: FlaskClient, world: World) -> None:
    world.activation.show_page(Step.KINSHIP, pupils=(PupilLine(1, "Léa", "DUPONT"),), notice=Notice.ALREADY_DONE)
    html = client.get("/activation/enfants?langue=en").text
    assert "\u00a0" not in html
    assert "DD MM YYYY" in html
    assert "legal guardian (représentant légal)" in html


def test_the_two_sentences_of_a_notice_stand_on_two_lines_in_easy_french(client: FlaskClient, world: World) -> None:
    world.activation.show_page(Step.KINSHIP, pupils=(PupilLine(1, "Léa", "DUPONT"),), notice=Notice.ALREADY_DONE)
    html = client.get("/activation/enfants?langue=facile").text
    assert "Cette étape est déjà faite.</strong>\nContinuez ici." in html


def test_the_lines_of_easy_french_are_kept_in_paragraphs_lists_and_descriptions(client: FlaskClient) -> None:
    sheet = re.search(r'href="([^"]*preau[^"]*\.css[^"]*)"', client.get("/aide").text)
    assert sheet
    assert "[data-langue=facile] :is(p,li,dd){white-space:pre-line}" in client.get(sheet[1]).text


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.name)
def test_no_line_of_easy_french_holds_two_sentences(client: FlaskClient, world: World, state: State) -> None:
    state.prepare(world)
    html = client.get(f"{state.path}{'&' if '?' in state.path else '?'}langue=facile").text
    main = re.sub(
        r"<details>\s*<summary>Pour les développeurs.*?</details>", "", html.partition("<main")[2], flags=re.DOTALL
    )
    without_links = re.sub(r"<a .*?</a>", "", main, flags=re.DOTALL)
    for _, text in re.findall(r"<(p|li|dd)\b[^>]*>(.*?)</\1>", without_links, re.DOTALL):
        lines = unescape(re.sub(r"<[^>]+>", "", text.replace("<br>", "\n"))).splitlines()
        assert [line for line in lines if re.search(r"[.?!][ \u00a0]+[A-ZÀÉÊ]", line)] == []


def test_what_is_pressed_stands_as_close_in_easy_french_as_elsewhere(client: FlaskClient) -> None:
    assert "[data-langue=facile] .actes{white-space:normal}" in client.get("/static/0/preau.css").text
