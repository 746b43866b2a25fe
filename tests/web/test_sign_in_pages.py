"""The sign-in pages: two doors, one form, and the way back to the ENT."""

import pytest
from flask.testing import FlaskClient

from idp.journeys.answers import AskPerson, Fault, Forged, Lost, Profile, Respond, SignedInHere
from idp.protocol.authorization_response import AuthorizationResponse
from tests.web.world import World

RETURN = "https://ent.example:8443/retour?code=abc&state=xyz"
RETURNING = AuthorizationResponse("https://ent.example:8443/retour", (("code", "abc"), ("state", "xyz")))


def text(html: str) -> str:
    return html.replace("\u00a0", " ").replace("&#39;", "'")


def policy(response_headers: str, directive: str = "form-action") -> list[str]:
    directives = dict(part.strip().partition(" ")[::2] for part in response_headers.split(";"))
    return directives[directive].split()


def test_the_root_leads_to_the_sign_in_page(client: FlaskClient) -> None:
    response = client.get("/")
    assert (response.status_code, response.headers["Location"]) == (303, "/connexion")


@pytest.mark.parametrize(
    ("query", "handle", "profile"),
    [
        ("", "", None),
        ("?d=h4ndle", "h4ndle", None),
        ("?d=h4ndle&profil=responsable", "h4ndle", Profile.RESPONSABLE),
        ("?profil=eleve", "", Profile.ELEVE),
        ("?profil=directeur", "", None),
    ],
)
def test_the_address_says_which_request_and_which_door(
    client: FlaskClient, world: World, query: str, handle: str, profile: Profile | None
) -> None:
    client.set_cookie("preau_idp_visit", "v1sit")
    client.set_cookie("preau_idp_session", "s3ssion")
    client.get(f"/connexion{query}")
    assert world.sign_in.calls == [("show", "v1sit", "s3ssion", handle, profile)]


def test_the_form_goes_to_the_journey_as_typed(client: FlaskClient, world: World) -> None:
    client.set_cookie("preau_idp_visit", "v1sit")
    client.set_cookie("preau_idp_session", "s3ssion")
    client.post(
        "/connexion?d=h4ndle&profil=responsable",
        data={"jeton": "0-abc", "j_username": "j.dupont4271", "j_password": " Zèbre "},
    )
    assert world.sign_in.calls == [
        ("submit", "v1sit", "h4ndle", Profile.RESPONSABLE, "0-abc", "j.dupont4271", " Zèbre ", "127.0.0.1", "s3ssion")
    ]


def test_the_two_doors_keep_the_request(client: FlaskClient, world: World) -> None:
    world.sign_in.show_page(None)
    html = client.get("/connexion?d=h4ndle").text
    assert 'id="bouton_responsable" href="/connexion?profil=responsable&amp;d=h4ndle"' in html
    assert 'id="bouton_eleve" href="/connexion?profil=eleve&amp;d=h4ndle"' in html


def test_testers_find_the_stable_ids(client: FlaskClient, world: World) -> None:
    world.sign_in.show_page(Profile.RESPONSABLE)
    html = client.get("/connexion?d=h4ndle&profil=responsable").text
    assert '<input id="username" name="j_username"' in html
    assert '<input id="password" name="j_password"' in html
    assert 'id="bouton_valider"' in html
    assert "/activation?d=h4ndle" in html
    assert "/identifiant-oublie?d=h4ndle" in html
    assert "/mot-de-passe-oublie?d=h4ndle" in html


def test_a_pupil_is_not_offered_the_parents_ways(client: FlaskClient, world: World) -> None:
    world.sign_in.show_page(Profile.ELEVE)
    html = client.get("/connexion?profil=eleve").text
    assert "Je n'ai pas de compte" not in text(html)
    assert "Votre identifiant et votre mot de passe provisoire sont sur la lettre" in html


@pytest.mark.parametrize("faults", [(), (Fault("username", "wrong"),)])
def test_without_franceconnect_no_page_speaks_of_it(faults: tuple[Fault, ...]) -> None:
    world = World(franceconnect_enabled=False)
    world.sign_in.show_page(Profile.RESPONSABLE, faults=faults)
    assert "FranceConnect" not in world.build().test_client().get("/connexion?profil=responsable").text


def test_with_franceconnect_a_wrong_pair_reminds_of_it() -> None:
    world = World(franceconnect_enabled=True)
    world.sign_in.show_page(Profile.RESPONSABLE, faults=(Fault("username", "wrong"),))
    html = text(world.build().test_client().get("/connexion?profil=responsable").text)
    assert "Choisissez « Je me connecte avec FranceConnect »." in html


def test_a_wrong_pair_marks_both_fields_and_keeps_the_identifiant_only(client: FlaskClient, world: World) -> None:
    world.sign_in.show_page(Profile.RESPONSABLE, identifiant="j.dupont4271", faults=(Fault("username", "wrong"),))
    response = client.post("/connexion?profil=responsable", data={"j_username": "x", "j_password": "Zebre-7"})
    assert response.status_code == 422
    assert response.text.count('aria-invalid="true"') == 2
    assert 'value="j.dupont4271"' in response.text
    assert "Zebre" not in response.text


def test_slowed_is_429_with_the_wait(client: FlaskClient, world: World) -> None:
    world.sign_in.show_page(
        Profile.RESPONSABLE, faults=(Fault("username", "slowed", {"minutes": 15}),), retry_after=900
    )
    response = client.post("/connexion?profil=responsable")
    assert (response.status_code, response.headers["Retry-After"]) == (429, "900")


def test_the_way_back_is_a_303_with_the_session(client: FlaskClient, world: World) -> None:
    world.sign_in.answer = Respond(RETURNING, session_cookie="s3ssion")
    response = client.post("/connexion?d=h4ndle&profil=responsable")
    assert (response.status_code, response.headers["Location"]) == (303, RETURN)
    assert response.headers["Set-Cookie"] == "preau_idp_session=s3ssion; HttpOnly; Path=/; SameSite=Lax"


@pytest.mark.parametrize(
    ("uri", "source"),
    [
        (RETURN, "https://ent.example:8443"),
        ("http://localhost:8402/retour", "http://localhost:8402"),
        ("http://[::1]:8402/retour", "http://[::1]:8402"),
        ("fr.example.app:/retour", "fr.example.app:"),
        ("https://user:pass@ent.example/x", "https://ent.example"),
        ("https://ent-hêtre.example/x", "https://xn--ent-htre-o1a.example"),
    ],
)
def test_the_form_may_end_at_the_origin_of_the_request_and_nowhere_else(
    client: FlaskClient, world: World, uri: str, source: str
) -> None:
    world.sign_in.show_page(Profile.RESPONSABLE, form_action_uri=uri)
    response = client.get("/connexion?d=h4ndle&profil=responsable")
    assert policy(response.headers["Content-Security-Policy"]) == ["'self'", source]
    world.sign_in.show_page(Profile.RESPONSABLE)
    response = client.get("/connexion?d=h4ndle&profil=responsable")
    assert policy(response.headers["Content-Security-Policy"]) == ["'self'"]


@pytest.mark.parametrize(
    "uri", ["https://a;script-src *", "https://*/x", "https:///x", "https://a<x>/", f"https://{'é' * 64}/"]
)
def test_a_strange_target_never_reaches_the_policy(client: FlaskClient, world: World, uri: str) -> None:
    world.sign_in.show_page(Profile.RESPONSABLE, form_action_uri=uri)
    response = client.get("/connexion?profil=responsable")
    assert policy(response.headers["Content-Security-Policy"]) == ["'self'"]


def test_a_page_opened_by_hand_gets_its_own_request_and_keeps_door_and_notice(
    client: FlaskClient, world: World
) -> None:
    world.sign_in.answer = AskPerson("n3w", browser_cookie="v1sit")
    response = client.get("/connexion?profil=responsable&avis=finished")
    assert (response.status_code, response.headers["Location"]) == (
        303,
        "/connexion?d=n3w&profil=responsable&avis=finished",
    )
    assert response.headers["Set-Cookie"].startswith("preau_idp_visit=v1sit;")


def test_signing_in_without_an_ent_shows_where_to_go_after_a_redirect(client: FlaskClient, world: World) -> None:
    world.sign_in.answer = SignedInHere("Joe DUPONT", (("ENT Marronnier", "http://localhost:8402/"),), "s3ssion")
    response = client.post("/connexion?d=h4ndle&profil=responsable")
    assert (response.status_code, response.headers["Location"]) == (303, "/connexion")
    assert response.headers["Set-Cookie"].startswith("preau_idp_session=s3ssion;")
    page = client.get("/connexion")
    assert "Vous êtes connecté" in page.text
    assert 'href="http://localhost:8402/"' in page.text
    assert 'href="/idp/profile/Logout">Se déconnecter' in page.text


def test_a_forged_form_can_be_loaded_again_with_its_request(client: FlaskClient, world: World) -> None:
    world.sign_in.answer = Forged()
    response = client.post("/connexion?d=h4ndle&profil=responsable&_scheme=javascript&_external=1")
    assert response.status_code == 403
    assert 'href="/connexion?d=h4ndle&amp;profil=responsable"' in response.text


def test_a_lost_request_begins_again_at_the_sign_in_page(client: FlaskClient, world: World) -> None:
    world.sign_in.answer = Lost()
    response = client.get("/connexion?d=gone")
    assert response.status_code == 400
    assert 'href="/connexion">Recommencer' in response.text


def test_the_forgotten_links_keep_the_request(client: FlaskClient, world: World) -> None:
    world.sign_in.show_page(Profile.RESPONSABLE)
    html = client.get("/connexion?d=h4ndle&profil=responsable").text
    assert 'href="/identifiant-oublie?d=h4ndle"' in html
    assert 'href="/mot-de-passe-oublie?d=h4ndle"' in html


@pytest.mark.parametrize("profile", [None, Profile.RESPONSABLE, Profile.ELEVE])
def test_what_a_site_shows_of_itself_stands_on_both_pages_and_its_logo_alone_is_loaded(
    client: FlaskClient, world: World, profile: Profile | None
) -> None:
    logo = "https://ent.example:8443/logo;v=1,2.svg?a=b"
    shown = {"policy_uri": "https://ent.example/donnees", "tos_uri": "https://ent.example/regles?a=1&b=2"}
    world.sign_in.show_page(profile, ent_name="ENT Marronnier", logo_uri=logo, **shown)
    response = client.get("/connexion?d=h4ndle")
    assert 'src="https://ent.example:8443/logo;v=1,2.svg?a=b" alt="" referrerpolicy="no-referrer"' in response.text
    assert 'href="https://ent.example/donnees" rel="noopener noreferrer">Ce que ENT Marronnier fait' in response.text
    assert 'href="https://ent.example/regles?a=1&amp;b=2" rel="noopener noreferrer">Les règles de ENT' in response.text
    loaded = ["'self'", "https://ent.example:8443/logo%3Bv%3D1%2C2.svg"]
    assert policy(response.headers["Content-Security-Policy"], "img-src") == loaded


def test_a_site_that_shows_nothing_of_itself_leaves_no_trace(client: FlaskClient, world: World) -> None:
    world.sign_in.show_page(Profile.RESPONSABLE, ent_name="ENT Marronnier")
    response = client.get("/connexion?d=h4ndle")
    assert "enseigne" not in response.text
    assert "Les règles de" not in response.text
    assert policy(response.headers["Content-Security-Policy"], "img-src") == ["'self'"]
