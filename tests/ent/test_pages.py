"""What a person reads on T0 to T6, and how the ENT keeps the door."""

import re
from typing import Any

import pytest
from flask import Response as FlaskResponse

from tests.ent.conftest import Person, World, csrf_of, words
from tests.ent.provider import JOE

PATHS = ["/", "/choix", "/personnel", "/informations", "/diagnostic", "/nulle-part"]


def sign_in_as(world: World, person: Person, **claims: Any) -> Any:
    world.provider.person = {name: value for name, value in {**JOE, **claims}.items() if value is not None}
    return person.sign_in()


def choose(person: Person, **form: str) -> Any:
    return person.send("/choix", csrf=csrf_of(person.open("/choix")), follow=False, **form)


# --- T0, T1, T2 -----------------------------------------------------------------------------------------------------------------------


def test_t0_invites_to_sign_in(joe: Person) -> None:
    page = joe.open("/")
    text = words(page)
    assert "Bienvenue sur l'ENT Marronnier" in text
    assert "Notes, cahier de textes et messages de l'école. Ceci est un portail d'exemple." in text
    assert '<a class="bouton" href="/choix">Se connecter</a>' in page.text
    assert "Changer de profil" not in text


def test_t1_asks_as_whom_with_nothing_chosen_beforehand(joe: Person) -> None:
    page = joe.open("/choix")
    for text in (
        "Vous voulez vous connecter à l'ENT en tant que\u00a0:",
        "Élève ou parent",
        "Personnel",
        "Se souvenir de mon choix",
        "Ne cochez pas sur un appareil partagé.",
        "Continuer",
    ):
        assert text in words(page)
    assert " checked" not in page.text


def test_t1_without_a_profile_says_so_in_the_summary_and_beside_the_field_and_keeps_the_rest(joe: Person) -> None:
    page = joe.send("/choix", csrf=csrf_of(joe.open("/choix")), souvenir="1")
    assert page.status_code == 422
    assert words(page).count("Choisissez votre profil.") == 2
    assert "Il y a 1 erreur à corriger" in words(page)
    assert "<title>Erreur\u00a0: " in page.text
    assert re.search(r'id="souvenir"[^>]* checked', page.text)


def test_a_family_goes_to_the_provider_and_staff_read_where_they_sign_in(joe: Person) -> None:
    assert choose(joe, profil="famille").headers["Location"] == "/connexion"
    page = joe.open(choose(joe, profil="personnel").headers["Location"])
    assert "Vous travaillez dans l'école" in words(page)
    assert "Les personnels se connectent par le guichet académique, pas ici." in words(page)


def test_a_profile_that_does_not_exist_is_refused(joe: Person) -> None:
    assert choose(joe, profil="https://evil.example").status_code == 422


@pytest.mark.parametrize(("profile", "path"), [("famille", "/connexion"), ("personnel", "/personnel")])
def test_a_remembered_choice_goes_straight_on_and_can_be_changed(joe: Person, profile: str, path: str) -> None:
    choose(joe, profil=profile, souvenir="1")
    page = joe.open("/")
    assert f'<a class="bouton" href="{path}">Se connecter</a>' in page.text
    assert '<a href="/choix">Changer de profil</a>' in page.text
    assert re.search(rf'value="{profile}" required checked', joe.open("/choix").text)


def test_a_choice_is_not_remembered_unasked_and_is_forgotten_when_no_longer_asked(joe: Person) -> None:
    choose(joe, profil="famille")
    assert "preau_ent_choice" not in joe.http.cookies
    choose(joe, profil="famille", souvenir="1")
    assert joe.http.cookies["preau_ent_choice"] == "famille"
    choose(joe, profil="famille")
    assert "preau_ent_choice" not in joe.http.cookies


def test_a_choice_cookie_that_somebody_wrote_is_ignored(joe: Person) -> None:
    page = joe.open("/", headers={"Cookie": "preau_ent_choice=https://evil.example"})
    assert 'href="/choix">Se connecter' in page.text
    assert "evil" not in page.text


def test_a_form_of_another_page_or_of_yesterday_changes_nothing(joe: Person) -> None:
    page = joe.send("/choix", profil="personnel", souvenir="1", csrf="forged")
    assert page.status_code == 403
    assert "Rien n'a été envoyé." in words(page)
    assert "preau_ent_choice" not in joe.http.cookies
    assert re.search(r'value="personnel" required checked', page.text)


# --- T3 -------------------------------------------------------------------------------------------------------------------------------


def test_t3_greets_and_names_the_children_with_class_and_school(joe: Person) -> None:
    text = words(joe.sign_in())
    assert "Bonjour Joe DUPONT" in text
    assert re.search(
        r"Vous suivez\u00a0: Léa DUPONT Classe\u00a0: 3e B Collège des Tilleuls Tom DUPONT Classe\u00a0: 6e A", text
    )
    assert "Se déconnecter" in text
    assert "Diagnostic" in text


@pytest.mark.parametrize(
    "ref_ids",
    [
        ["{AAF}8||123456"],
        ["{AAF}008|anything|123456"],
        "{AAF}08||123456",
        ["{AAF}99||1", "{AAF}08||123456"],
        ["AAF5", "{AAF}08|123456", 12, None, "{AAF}08||123456", "{AAF}8||123456"],
    ],
)
def test_one_known_reference_is_enough_however_it_is_written(world: World, joe: Person, ref_ids: Any) -> None:
    assert "Léa DUPONT" in words(sign_in_as(world, joe, FrEduCtRefId=ref_ids))


@pytest.mark.parametrize("affiliation", ["resp2d", ["resp2d"], None, []])
def test_the_affiliation_may_be_an_array_a_bare_text_or_absent(world: World, joe: Person, affiliation: Any) -> None:
    assert "Léa DUPONT" in words(sign_in_as(world, joe, FrEduCtPersonAffiliation=affiliation))


def test_a_parent_without_any_child_left_is_told_what_to_do(world: World, joe: Person) -> None:
    text = words(sign_in_as(world, joe, FrEduCtPersonAffiliation=None, FrEduCtRefId=None))
    assert "L'ENT ne vous connaît pas encore" in text
    assert "Léa DUPONT" not in text


def test_a_guardian_without_a_pupil_reads_whom_to_ask(world: World, joe: Person) -> None:
    text = words(sign_in_as(world, joe, given_name="Angela", family_name="DUBOIS", FrEduCtRefId=["{AAF}10||888"]))
    assert "Bonjour Angela DUBOIS" in text
    assert "L'école n'a pas encore indiqué d'élève pour votre compte." in text
    assert "Vous suivez" not in text


def test_a_name_that_the_provider_does_not_release_comes_from_the_directory(world: World, joe: Person) -> None:
    assert "Bonjour Joe DUPONT" in words(sign_in_as(world, joe, given_name=None, family_name=""))


def test_a_name_with_markup_is_only_text(world: World, joe: Person) -> None:
    page = sign_in_as(world, joe, given_name="<script>alert(1)</script>")
    assert "<script" not in page.text


def test_several_accounts_are_told_apart_by_the_school(world: World, joe: Person) -> None:
    page = sign_in_as(world, joe, FrEduCtRefId=["{AAF}10||777", "{AAF}08||123456", "{AAF}10||777"])
    assert "Choisissez le compte pour vous connecter" in words(page)
    assert re.search("Lycée de la Fontaine Zoé DUPONT Collège des Tilleuls Léa DUPONT, Tom DUPONT", words(page))
    assert page.text.count('name="compte"') == 2
    home = joe.send("/compte", csrf=csrf_of(page), compte="0")
    assert "Zoé DUPONT" in words(home)
    assert "Léa DUPONT" not in words(home)
    again = joe.open("/compte")
    assert "Tom DUPONT" in words(joe.send("/compte", csrf=csrf_of(again), compte="1"))


@pytest.mark.parametrize(("form", "status"), [({"compte": "2"}, 400), ({"compte": "-1"}, 400), ({}, 400)])
def test_an_account_that_is_not_ones_own_cannot_be_chosen(
    world: World, joe: Person, form: dict[str, str], status: int
) -> None:
    page = sign_in_as(world, joe, FrEduCtRefId=["{AAF}10||777", "{AAF}08||123456"])
    assert joe.send("/compte", csrf=csrf_of(page), **form).status_code == status
    assert joe.send("/compte", csrf="forged", compte="0").status_code == 403
    assert joe.open("/").url.endswith("/compte")


def test_a_stranger_has_no_account_to_choose(joe: Person) -> None:
    assert "Bienvenue" in words(joe.open("/compte"))
    assert "Bienvenue" in words(joe.send("/compte", compte="0"))


# --- T4, T5, T6 -----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "ref_ids", [["{AAF}99||1"], [], None, "x", 12, ["{AAF}08||"], ["{AAF}08||123456|x"], ["AAF08||123456"]]
)
def test_t4_somebody_unknown_here_reads_what_to_do_with_a_reference(world: World, joe: Person, ref_ids: Any) -> None:
    page = sign_in_as(world, joe, FrEduCtRefId=ref_ids)
    assert page.status_code == 403
    text = words(page)
    assert "L'ENT ne vous connaît pas encore" in text
    assert "Votre compte est bon, mais l'ENT n'a pas encore reçu votre nom de l'école. Réessayez demain." in text
    assert re.search("Sinon, appelez le secrétariat. Référence\u00a0: [2-9A-HJ-NP-Z]{8} ", text)
    assert page.text.count(">Se déconnecter<") == 1


def test_the_reference_of_t4_is_on_the_diagnostic_page_and_in_the_logs(
    world: World, joe: Person, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "ent_client")
    text = words(sign_in_as(world, joe, FrEduCtRefId=["{AAF}99||1"]))
    found = re.search("Référence\u00a0: ([2-9A-Z]{8})", text)
    assert found
    assert found[1] in words(joe.open("/diagnostic"))
    assert any(getattr(record, "fields", {}).get("reference") == found[1] for record in caplog.records)


def test_t5_starts_again_and_keeps_the_detail_for_developers(joe: Person) -> None:
    page = joe.open("/retour?state=x")
    assert "La connexion n'a pas abouti" in words(page)
    assert '<a class="bouton" href="/choix">Recommencer</a>' in page.text
    assert "state" not in words(page)


def test_signing_out_ends_both_sessions_and_comes_back_to_t6(world: World, joe: Person) -> None:
    page = joe.sign_in()
    out = joe.send("/deconnexion", csrf=csrf_of(page))
    assert "Vous êtes déconnecté de l'ENT" in words(out)
    assert out.url.startswith(world.ent + "/deconnecte?state=")
    (asked,) = world.provider.logout_requests
    assert asked["id_token_hint"] == world.provider.id_tokens[0]
    assert asked["post_logout_redirect_uri"] == world.ent + "/deconnecte"
    assert "Bienvenue" in words(joe.open("/"))


def test_the_local_session_ends_before_the_provider_is_asked(world: World, joe: Person) -> None:
    page = joe.sign_in()
    joe.send("/deconnexion", csrf=csrf_of(page), follow=False)
    assert world.provider.logout_requests == []
    assert "Bienvenue" in words(joe.open("/"))


def test_nobody_is_signed_out_by_another_page(joe: Person) -> None:
    joe.sign_in()
    assert joe.send("/deconnexion", csrf="forged").status_code == 403
    assert joe.open("/deconnexion").status_code == 405
    assert "Bonjour" in words(joe.open("/"))


@pytest.mark.parametrize("query", ["", "?state=", "?state=forged", "?state=%ED%A0%80"])
def test_t6_needs_the_state_of_this_browser(joe: Person, query: str) -> None:
    page = joe.sign_in()
    assert "Bonjour" in words(joe.open("/deconnecte" + query))
    joe.send("/deconnexion", csrf=csrf_of(page), follow=False)
    assert "Bienvenue" in words(joe.open("/deconnecte" + query))


def test_t6_can_be_refreshed_and_another_browser_cannot_use_its_address(world: World, joe: Person) -> None:
    out = joe.send("/deconnexion", csrf=csrf_of(joe.sign_in()))
    assert "Vous êtes déconnecté" in words(joe.open(out.url))
    assert "Bienvenue" in words(world.person().open(out.url))


def test_signing_out_twice_is_harmless(joe: Person) -> None:
    csrf = csrf_of(joe.sign_in())
    joe.send("/deconnexion", csrf=csrf)
    assert "Bienvenue" in words(joe.send("/deconnexion", csrf=csrf))


@pytest.mark.parametrize("trouble", ["gone", "without an endpoint", "bent"])
def test_a_provider_that_cannot_be_told_is_said_so(world: World, joe: Person, trouble: str) -> None:
    world.rebuild(session_seconds=7200)
    page = joe.sign_in()
    world.clock.advance(minutes=61)  # the metadata will be read again
    if trouble == "gone":
        world.provider.break_at = {"discovery": FlaskResponse("", 503)}
    url = "https://evil.example/out" if trouble == "bent" else None
    world.provider.bend_metadata = lambda it: {
        name: value for name, value in {**it, "end_session_endpoint": url}.items() if value
    }
    out = joe.send("/deconnexion", csrf=csrf_of(page))
    assert "Vous êtes déconnecté de l'ENT" in words(out)
    assert "Le compte des familles n'a pas répondu. Fermez aussi le navigateur." in words(out)
    assert "Bienvenue" in words(joe.open("/"))


def test_a_refused_sign_in_is_forgotten_at_sign_out(joe: Person) -> None:
    reference = joe.open("/retour?state=x").url.rsplit("/", 1)[1]
    joe.send("/deconnexion", csrf=csrf_of(joe.sign_in()))
    assert joe.open(f"/diagnostic?reference={reference}").status_code == 404


# --- Diagnostic -------------------------------------------------------------------------------------------------------------------------


def test_diagnostic_shows_each_check_with_its_paragraph_and_the_decoded_token(joe: Person) -> None:
    joe.sign_in()
    text = words(joe.open("/diagnostic"))
    for shown in (
        "Réussi",
        "RFC 9207, 2.4",
        "OpenID Connect Core 1.0, 3.1.3.7 (11)",
        '"kid": "rsa-1"',
        '"sid": "sid-1"',
        "FrEduCtRefId",
    ):
        assert shown in text


def test_diagnostic_shows_nothing_to_a_stranger(world: World, joe: Person) -> None:
    joe.sign_in()
    text = words(world.person().open("/diagnostic"))
    assert "Rien à montrer" in text
    assert "DUPONT" not in text


def test_diagnostic_marks_what_was_not_reached(joe: Person) -> None:
    joe.open("/retour?state=x")
    text = words(joe.open("/diagnostic"))
    assert "Refusé state de ce navigateur" in text
    assert "Non atteint sub de userinfo" in text


# --- every page -------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", PATHS)
def test_every_page_has_its_frame(joe: Person, path: str) -> None:
    page = joe.open(path)
    assert re.search("<title>[^<]+ - ENT Marronnier</title>", page.text)
    assert page.text.count("<h1") == 1
    assert "Simulateur, données fictives. Service de test, sans lien avec l'État." in words(page)
    assert page.text.index("Aller au contenu") < page.text.index("Simulateur, données")
    for text in (
        "Besoin d'aide\u00a0?",
        "Accessibilité\u00a0: non conforme",
        "Données personnelles",
        "Portail d'exemple",
    ):
        assert text in words(page)


@pytest.mark.parametrize("path", [*PATHS, "/healthz"])
def test_every_answer_carries_the_headers(world: World, joe: Person, path: str) -> None:
    headers = joe.open(path).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert f"form-action 'self' {world.provider.origin}" in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("path", PATHS)
def test_no_page_has_a_script_an_inline_style_or_an_address_elsewhere(joe: Person, path: str) -> None:
    text = joe.open(path).text
    assert not re.search(r"<script|style=|<style|\son\w+=", text)
    assert not re.search(r'(?:href|src|action)="(?!/|#)', text)


def test_words_keep_their_no_break_spaces(joe: Person) -> None:
    for path in PATHS:
        assert not re.search(r"[ \n][:;!?»](?:\s|$)|«[ \n]", words(joe.open(path)))


def test_pages_are_light(joe: Person) -> None:
    weight = len(joe.open("/choix").content)
    weight += sum(len(joe.open(f"/static/{name}").content) for name in ("ent.css", "marron.svg"))
    weight += sum(
        len(joe.open(f"/static/fonts/atkinson-hyperlegible-next-latin-{bold}-normal.woff2").content)
        for bold in (400, 700)
    )
    assert weight < 60_000


def test_an_unknown_page_and_a_large_body_get_our_own_page(joe: Person) -> None:
    missing = joe.open("/nulle-part")
    assert missing.status_code == 404
    assert "Cette page n'existe pas Vérifiez l'adresse." in words(missing)
    assert joe.send("/choix", profil="x" * 20_000).status_code == 413


def test_our_own_fault_shows_a_reference_and_no_stack(
    joe: Person, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    page = joe.sign_in()
    csrf = csrf_of(page)
    caplog.set_level("INFO")
    monkeypatch.setattr("ent_client.oidc.Provider.logout_url", lambda *_: 1 / 0)
    broken = joe.send("/deconnexion", csrf=csrf)
    assert broken.status_code == 500
    found = re.search("Référence\u00a0: ([2-9A-Z]{8})", words(broken))
    assert found
    assert "ZeroDivisionError" not in broken.text
    assert any(getattr(record, "fields", {}).get("reference") == found[1] for record in caplog.records)
