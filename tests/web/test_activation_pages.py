"""What the activation pages read from a form, and what they make of each answer of the journey."""

import pytest
from flask.testing import FlaskClient

from idp.journeys.answers import (
    ActivationPage,
    Fault,
    Forged,
    GoTo,
    Left,
    Lost,
    Notice,
    PupilAnswer,
    PupilLine,
    Shown,
    Step,
    TypedDate,
    TypedIdentity,
)
from tests.web.world import REFERENCE, STATES, State, World

COOKIE = "preau_idp_activation"
PLACES = {
    Step.IDENTITY: "/activation/identite",
    Step.CODE: "/activation/code",
    Step.KINSHIP: "/activation/enfants",
    Step.NOT_MINE: "/activation/enfants/confirmation",
    Step.NOBODY_LEFT: "/activation/aucun-eleve",
    Step.PASSWORD: "/activation/mot-de-passe",
    Step.DONE: "/activation/termine",
    Step.ALREADY_ACTIVE: "/activation/deja-active",
    Step.LOCKED: "/activation/trop-d-essais",
    Step.PHONE: "/activation/telephone",
    Step.LINKED: "/activation/relie",
    Step.OTHER_IDENTITY: "/activation/autre-identite",
    Step.FRANCECONNECT_ONLY: "/activation/par-franceconnect",
    Step.CONTRADICTED: "/activation/a-verifier",
}


def text(html: str) -> str:
    return html.replace("\u00a0", " ").replace("&#39;", "'")


@pytest.mark.parametrize("step", list(Step))
def test_each_step_has_its_own_address(client: FlaskClient, world: World, step: Step) -> None:
    world.activation.answer = GoTo(step)
    response = client.get("/activation")
    assert (response.status_code, response.headers["Location"]) == (303, PLACES[step])
    client.get(PLACES[step])
    assert world.activation.calls[-1] == ("show", None, step)


def test_the_link_from_the_sign_in_page_brings_the_request_along(client: FlaskClient, world: World) -> None:
    client.get("/activation?d=h4ndle")
    assert world.activation.calls == [("open", None, "h4ndle")]


def test_a_new_secret_goes_into_the_cookie(client: FlaskClient, world: World) -> None:
    world.activation.answer = GoTo(Step.IDENTITY, cookie="s3cret")
    response = client.get("/activation")
    assert response.headers["Set-Cookie"] == f"{COOKIE}=s3cret; HttpOnly; Path=/; SameSite=Lax"
    client.get("/activation/identite")
    assert world.activation.calls[-1] == ("show", "s3cret", Step.IDENTITY)


def test_the_identity_form_is_read_as_typed(client: FlaskClient, world: World) -> None:
    form = {"jeton": "0-abc", "nom": " Le Goff ", "prenom": "Marie", "indicatif": "+262", "telephone": "0692 00 00 00"}
    client.post("/activation/identite", data=form)
    identity = TypedIdentity(" Le Goff ", "Marie", "+262", "0692 00 00 00")
    assert world.activation.calls == [("identity", None, "0-abc", identity, "127.0.0.1")]


@pytest.mark.parametrize(
    ("path", "form", "call"),
    [
        ("/code", {"code": "482 913"}, ("code", None, "0-abc", "482 913")),
        ("/code/renvoi", {}, ("resend", None, "0-abc", "127.0.0.1")),
        ("/enfants/confirmation", {"reponse": "oui"}, ("not-mine", None, "0-abc", True)),
        ("/enfants/confirmation", {"reponse": "non"}, ("not-mine", None, "0-abc", False)),
        ("/enfants/confirmation", {}, ("not-mine", None, "0-abc", False)),
        ("/mot-de-passe", {"mot-de-passe": " a b ", "confirmation": "c"}, ("password", None, "0-abc", " a b ", "c")),
        ("/deja-active", {}, ("new-password", None, "0-abc")),
        ("/annuler", {}, ("cancel", None, "0-abc")),
    ],
)
def test_each_form_reaches_its_act(
    client: FlaskClient, world: World, path: str, form: dict[str, str], call: tuple[object, ...]
) -> None:
    client.post(f"/activation{path}", data={"jeton": "0-abc", **form})
    assert world.activation.calls == [call]


def test_a_form_without_any_field_still_reaches_the_journey(client: FlaskClient, world: World) -> None:
    client.post("/activation/identite")
    assert world.activation.calls == [("identity", None, "", TypedIdentity(), "127.0.0.1")]


def test_pupils_are_read_in_the_order_of_the_page(client: FlaskClient, world: World) -> None:
    form = {
        "jeton": "0-abc",
        "lien-2": "non", "jour-2": "", "mois-2": "", "annee-2": "",
        "jour-1": "3", "mois-1": "mars", "annee-1": "14", "lien-1": "oui",
        "jour-3": "", "mois-3": "", "annee-3": "",
    }  # fmt: skip
    client.post("/activation/enfants", data=form)
    assert world.activation.calls[0][3] == [
        PupilAnswer(True, TypedDate("3", "mars", "14")),
        PupilAnswer(False, TypedDate()),
        PupilAnswer(None, TypedDate()),
    ]


def test_a_form_that_names_a_million_pupils_is_cut(client: FlaskClient, world: World) -> None:
    client.post("/activation/enfants", data={f"lien-{number}": "oui" for number in range(1, 201)})
    assert len(world.activation.calls[0][3]) == 50


def test_a_refusal_is_the_same_page_with_422_and_what_was_typed(client: FlaskClient, world: World) -> None:
    world.activation.show_page(
        Step.IDENTITY,
        identity=TypedIdentity('DU"PONT', "Joe", "+596", "06"),
        faults=(Fault("nom", "sign"),),
    )
    response = client.post("/activation/identite")
    html = text(response.text)
    assert response.status_code == 422
    assert 'value="DU&#34;PONT"' in response.text
    assert '<option value="+596" selected>' in html
    assert "<title>Erreur : Je confirme mon identité (étape 1 sur 5) - Préau</title>" in html
    assert html.count("Votre nom contient un chiffre ou un signe. Vérifiez-le.") == 2
    assert 'aria-describedby="nom-e" aria-invalid="true"' in html
    assert html.count('aria-invalid="true"') == 1


def test_passwords_are_never_shown_again(client: FlaskClient, world: World) -> None:
    world.activation.show_page(Step.PASSWORD, faults=(Fault("confirmation", "differs"),), rules_met=(True,) * 5)
    response = client.post("/activation/mot-de-passe", data={"mot-de-passe": "Zebre-7-lune", "confirmation": "Zebre-8"})
    assert "Zebre" not in response.text
    assert "Pour votre sécurité, écrivez de nouveau les deux mots de passe." in response.text


def test_a_locked_activation_says_how_long_to_wait(client: FlaskClient, world: World) -> None:
    world.activation.show_page(Step.LOCKED, retry_after=890, reference=REFERENCE)
    response = client.get("/activation/trop-d-essais")
    assert (response.status_code, response.headers["Retry-After"]) == (429, "890")
    assert "attendez 15 minutes avant de recommencer" in text(response.text)
    assert REFERENCE in response.text
    assert "date de naissance" not in response.text


def test_a_lock_by_dates_says_what_the_school_can_check(client: FlaskClient, world: World) -> None:
    world.activation.show_page(Step.LOCKED, retry_after=60, locked_by_dates=True)
    assert "L'école peut vérifier la date de naissance enregistrée." in client.get("/activation/trop-d-essais").text


def test_a_notice_travels_in_the_address_by_name_alone(client: FlaskClient, world: World) -> None:
    world.activation.answer = GoTo(Step.CODE, notice=Notice.NEW_CODE_SENT)
    location = client.post("/activation/code/renvoi").headers["Location"]
    assert location == "/activation/code?avis=new-code-sent"
    world.activation.show_page(Step.CODE)
    assert "Un nouveau SMS est parti." in client.get(location).text


def test_the_wait_before_another_sms_is_counted_when_the_page_is_shown(client: FlaskClient, world: World) -> None:
    world.activation.show_page(Step.CODE, resend_in=17)
    assert "dans 17 secondes." in client.get("/activation/code?avis=code-on-its-way").text
    world.activation.show_page(Step.CODE, resend_in=0)
    assert "Un SMS est déjà parti." not in client.get("/activation/code?avis=code-on-its-way").text


def test_an_unknown_notice_says_nothing(client: FlaskClient, world: World) -> None:
    world.activation.show_page(Step.CODE)
    response = client.get("/activation/code?avis=<script>")
    assert response.status_code == 200
    assert 'class="avis' not in response.text


def test_leaving_forgets_the_cookie_and_returns_to_the_request(client: FlaskClient, world: World) -> None:
    client.set_cookie(COOKIE, "s3cret")
    world.activation.answer = Left("h4ndle")
    response = client.post("/activation/annuler", data={"jeton": "0-abc"})
    assert response.headers["Location"] == "/connexion?d=h4ndle"
    assert f"{COOKIE}=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0;" in response.headers["Set-Cookie"]


def test_a_finished_activation_leads_to_the_parents_door_with_a_notice(client: FlaskClient, world: World) -> None:
    world.activation.answer = Left("", Notice.FINISHED)
    assert client.get("/activation/termine").headers["Location"] == "/connexion?profil=responsable&avis=finished"


def test_a_lost_step_is_a_page_that_begins_again_and_drops_no_cookie(client: FlaskClient, world: World) -> None:
    world.activation.answer = Lost()
    response = client.get("/activation/code")
    assert response.status_code == 400
    assert "Votre démarche s'est arrêtée" in text(response.text)
    assert 'href="/activation"' in response.text
    # A late answer in one tab would otherwise erase the secret that another tab was just given.
    assert "Set-Cookie" not in response.headers


@pytest.mark.parametrize(
    ("path", "again"), [("/activation/code", "/activation/code"), ("/activation/code/renvoi", "/activation")]
)
def test_a_forged_form_is_refused_and_the_page_can_be_loaded_again(
    client: FlaskClient, world: World, path: str, again: str
) -> None:
    world.activation.answer = Forged()
    response = client.post(path)
    assert response.status_code == 403
    assert "Rien n'a été envoyé." in text(response.text)
    assert f'href="{again}">Recharger la page' in response.text


def test_the_way_out_through_the_office_has_the_reference_of_the_activation(client: FlaskClient, world: World) -> None:
    world.activation.show_page(Step.CODE, reference=REFERENCE)
    response = client.get("/activation/appeler-le-secretariat")
    assert response.status_code == 200
    assert REFERENCE in response.text
    assert "« Mon numéro de portable ou mon nom est à corriger dans l'annuaire. »" in text(response.text)
    world.activation.answer = GoTo(Step.KINSHIP)
    assert client.get("/activation/appeler-le-secretariat").headers["Location"] == "/activation/enfants"


def test_no_school_is_shown_before_the_dates_are_right(client: FlaskClient, world: World) -> None:
    world.activation.show_page(Step.KINSHIP, pupils=(PupilLine(1, "Léa", "DUPONT"),))
    html = client.get("/activation/enfants").text
    assert "Léa DUPONT" in html
    assert "Collège" not in html


def test_no_radio_is_chosen_beforehand(client: FlaskClient, world: World) -> None:
    world.activation.show_page(Step.KINSHIP, pupils=(PupilLine(1, "Léa", "DUPONT"),))
    assert "checked" not in client.get("/activation/enfants").text


def test_a_known_and_an_unknown_person_read_the_same_page(client: FlaskClient, world: World) -> None:
    # Everything on the page of the code comes from what was typed: nothing in ActivationPage tells the two apart.
    page = ActivationPage(Step.CODE, "0-abc", masked_phone="+33 6 •• •• •• 01", phone_ending="01")
    world.activation.answer = Shown(page)
    first = client.get("/activation/code").text
    assert client.get("/activation/code").text == first


NAMED = {"not-mine", "not-mine-several", "kinship", "kinship-mismatch", "done"}


@pytest.mark.parametrize("state", [state for state in STATES if state.name in NAMED], ids=lambda state: state.name)
def test_titles_name_nobody(client: FlaskClient, world: World, state: State) -> None:
    state.prepare(world)
    title = client.get(state.path).text.partition("<title>")[2].partition("</title>")[0]
    assert "DUPONT" not in title.upper()
    assert title.endswith(" - Préau")


def test_a_name_cannot_bring_markup_into_the_page(client: FlaskClient, world: World) -> None:
    world.activation.show_page(Step.KINSHIP, pupils=(PupilLine(1, "<b>Léa", "O'DUPONT&"),))
    html = client.get("/activation/enfants").text
    assert "<b>" not in html
    assert "&lt;b&gt;Léa O&#39;DUPONT&amp;" in html


def test_a_new_password_for_an_active_account_has_its_own_words(client: FlaskClient, world: World) -> None:
    world.activation.show_page(Step.PASSWORD, resets_password=True)
    html = client.get("/activation/mot-de-passe").text
    assert "<h1>Je choisis un nouveau mot de passe</h1>" in html
    assert ">Enregistrer</button>" in html
    world.activation.show_page(Step.DONE, resets_password=True)
    assert "<h1>Votre nouveau mot de passe est enregistré</h1>" in client.get("/activation/termine").text
