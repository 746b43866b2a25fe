"""What only a browser shows of single pages: the dark, focus, and the comforts that the script adds."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from idp.journeys.answers import GoTo, Profile, PupilLine, Respond, Step
from idp.protocol.authorization_response import AuthorizationResponse
from tests.web.conftest import Site
from tests.web.looking import PHONE, assert_axe_finds_nothing, open_details, show

pytestmark = pytest.mark.browser

DARK = (
    "sign-in-wrong",
    "profile",
    "code-resent",
    "kinship-mismatch",
    "not-mine",
    "password-faults",
    "done",
    "client-refused",
    "consent-long",
    "accounts",
    "step-up-wrong",
)


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    context = chromium.new_context(viewport=PHONE)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


@pytest.fixture
def scriptless(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(viewport=PHONE, java_script_enabled=False)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("name", DARK)
def test_axe_finds_nothing_in_the_dark(page: Page, site: Site, name: str) -> None:
    page.emulate_media(color_scheme="dark")
    show(page, site, name)
    open_details(page)
    assert_axe_finds_nothing(page, "rule", ["color-contrast", "link-in-text-block"])


def test_the_first_stop_of_the_keyboard_leads_to_the_content(page: Page, site: Site) -> None:
    show(page, site, "sign-in")
    page.keyboard.press("Tab")
    skip = page.locator("a.evitement")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_without_script_a_sentence_says_how_to_print(scriptless: Page, site: Site) -> None:
    show(scriptless, site, "done")
    expect(scriptless.get_by_text("Pour imprimer, utilisez le menu de votre navigateur.")).to_be_visible()


def test_without_script_a_line_tells_when_all_rules_are_met(scriptless: Page, site: Site) -> None:
    show(scriptless, site, "password")
    line = scriptless.get_by_text("Toutes les règles sont respectées")
    scriptless.locator("#mot-de-passe").fill("zebre-7-lune")
    expect(line).to_be_hidden()
    scriptless.locator("#mot-de-passe").fill("Zébre-7-lune")
    expect(line).to_be_visible()


@pytest.mark.parametrize("sign", "!?@#$%&'()*+,-.:;")
def test_without_script_each_special_character_counts(scriptless: Page, site: Site, sign: str) -> None:
    show(scriptless, site, "password")
    scriptless.locator("#mot-de-passe").fill(f"Zebre7lune{sign}")
    expect(scriptless.get_by_text("Toutes les règles sont respectées")).to_be_visible()


def test_saying_no_hides_the_date_of_that_pupil_alone_without_script(scriptless: Page, site: Site) -> None:
    show(scriptless, site, "kinship")
    scriptless.get_by_text("Je ne suis pas le représentant légal de cet élève").nth(1).click()
    expect(scriptless.locator("#jour-1")).to_be_visible()
    expect(scriptless.locator("#jour-2")).to_be_hidden()
    expect(scriptless.locator("#jour-3")).to_be_visible()


def test_a_form_works_without_script(scriptless: Page, site: Site) -> None:
    show(scriptless, site, "code")
    scriptless.locator("#code").fill("482 913")
    site.world.activation.answer = GoTo(Step.KINSHIP)
    site.world.activation.calls.clear()
    scriptless.get_by_role("button", name="Continuer").click()
    assert site.world.activation.calls[0] == ("code", None, "0-abc", "482 913")
    # The redirect was followed: the journey was asked for the page that it named.
    assert site.world.activation.calls[1] == ("show", None, Step.KINSHIP)


def test_enter_in_a_field_presses_the_main_button(page: Page, site: Site) -> None:
    show(page, site, "code")
    site.world.activation.calls.clear()
    page.locator("#code").fill("482913")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert site.world.activation.calls[0][0] == "code"


def test_a_password_is_shown_hidden_and_hidden_again_when_it_leaves(page: Page, site: Site) -> None:
    show(page, site, "sign-in")
    field = page.locator("#password")
    page.get_by_role("button", name="Afficher le mot de passe").click()
    expect(field).to_have_attribute("type", "text")
    button = page.get_by_role("button", name="Masquer le mot de passe")
    expect(button).to_be_focused()
    page.evaluate("document.querySelector('form').addEventListener('submit', (event) => event.preventDefault())")
    page.locator("#bouton_valider").click()
    expect(field).to_have_attribute("type", "password")
    expect(page.locator("#bouton_valider")).to_have_text("Un instant…")
    expect(page.locator("#bouton_valider")).to_have_attribute("aria-disabled", "true")


def test_rules_are_ticked_and_the_strength_comes_from_the_server(page: Page, site: Site) -> None:
    show(page, site, "password")
    page.clock.install()
    page.locator("#mot-de-passe").fill("zebre-lune")
    states = page.locator("#regles li").evaluate_all("lines => lines.map((line) => line.dataset.etat)")
    assert states == ["non", "oui", "non", "oui", "oui"]
    expect(page.locator("#regles li").first).to_have_text("À faire : Doit contenir 1 majuscule", use_inner_text=False)
    with page.expect_response("**/solidite"):
        page.clock.fast_forward(1001)
    expect(page.locator(".solidite")).to_have_attribute("data-niveau", "3")
    expect(page.locator(".solidite strong")).to_have_text("Fort")
    expect(page.locator("p[role=status]")).to_have_text("3 règles sur 5. Solidité : fort")


def test_without_the_servers_answer_there_is_no_strength(page: Page, site: Site) -> None:
    page.route("**/solidite", lambda route: route.abort())
    show(page, site, "password")
    page.clock.install()
    page.locator("#mot-de-passe").fill("Zebre-7-lune")
    page.clock.fast_forward(1001)
    expect(page.locator("p[role=status]")).to_have_text("5 règles sur 5.")
    expect(page.locator(".solidite")).to_be_hidden()


def test_a_date_pasted_into_the_first_field_fills_the_three(page: Page, context: BrowserContext, site: Site) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    show(page, site, "kinship")
    page.evaluate("navigator.clipboard.writeText(' 03/09/2014 ')")
    page.locator("#jour-2").focus()
    page.keyboard.press("Control+V")
    typed = [page.locator(f"#{part}-2").input_value() for part in ("jour", "mois", "annee")]
    assert typed == ["03", "09", "2014"]
    assert page.locator("#jour-1").input_value() == ""


def test_the_identifiant_is_copied_and_said(page: Page, context: BrowserContext, site: Site) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    show(page, site, "already-active")
    page.get_by_role("button", name="Copier l'identifiant").click()
    expect(page.locator("p[role=status]")).to_have_text("Identifiant copié.")
    assert page.evaluate("navigator.clipboard.readText()") == "j.dupont4271"


def test_the_printed_sheet_holds_the_name_the_identifiant_and_the_address(page: Page, site: Site) -> None:
    show(page, site, "done")
    page.emulate_media(media="print")
    expect(page.get_by_text("Simulateur, données fictives.")).to_be_visible()
    expect(page.locator("p.papier").first).to_be_visible()
    expect(page.locator("#identifiant")).to_be_visible()
    expect(page.get_by_text("http://localhost:8402/")).to_be_visible()
    expect(page.get_by_role("button", name="Imprimer cette page")).to_be_hidden()


def test_the_wait_before_another_sms_counts_down_in_the_button(page: Page, site: Site) -> None:
    page.clock.install()
    show(page, site, "code")
    button = page.locator("[data-renvoi]")
    expect(button).to_have_text("Envoyer un nouveau code (dans 42 s)")
    page.clock.run_for(2000)
    expect(button).to_have_text("Envoyer un nouveau code (dans 40 s)")
    page.clock.run_for(41000)
    expect(button).to_have_text("Envoyer un nouveau code")
    expect(page.locator("p[role=status]")).to_have_text("Vous pouvez demander un nouveau code.")


def test_a_letter_outside_the_first_font_file_brings_the_second(page: Page, site: Site) -> None:
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url.rpartition("/")[2]))
    site.world.activation.show_page(Step.KINSHIP, pupils=(PupilLine(1, "Ayşe", "YıLDıZ"),))
    page.goto(f"{site.base}/activation/enfants")
    page.evaluate("document.fonts.ready")
    assert "latin-ext-700.woff2" in fetched
    assert "latin-ext-400.woff2" not in fetched


def test_the_redirect_to_the_ent_after_the_form_is_not_blocked(page: Page, site: Site) -> None:
    elsewhere = site.base.replace("localhost", "127.0.0.1")
    site.world.sign_in.show_page(Profile.RESPONSABLE, form_action_uri=f"{elsewhere}/aide")
    page.goto(f"{site.base}/connexion?d=h4ndle&profil=responsable")
    site.world.sign_in.answer = Respond(AuthorizationResponse(f"{elsewhere}/aide", (("code", "abc"),)))
    page.locator("#bouton_valider").click()
    page.wait_for_url(f"{elsewhere}/aide?code=abc")


def test_a_redirect_to_a_foreign_place_after_the_form_is_blocked(page: Page, site: Site) -> None:
    elsewhere = site.base.replace("localhost", "127.0.0.1")
    site.world.sign_in.show_page(Profile.RESPONSABLE)
    page.goto(f"{site.base}/connexion?d=h4ndle&profil=responsable")
    site.world.sign_in.answer = Respond(AuthorizationResponse(f"{elsewhere}/aide", (("code", "abc"),)))
    with page.expect_console_message(lambda message: "form-action" in message.text):
        page.locator("#bouton_valider").click()
    assert page.url.startswith(site.base)


def come_back_by_form(page: Page, site: Site) -> str:
    """Sign in for a client that wants a form; return where that form goes."""
    elsewhere = site.base.replace("localhost", "127.0.0.1")
    site.world.sign_in.show_page(Profile.RESPONSABLE, form_action_uri=f"{elsewhere}/received")
    page.goto(f"{site.base}/connexion?d=h4ndle&profil=responsable")
    params = (("code", 'a&b"<c>'), ("state", "é 1"))
    site.world.sign_in.answer = Respond(AuthorizationResponse(f"{elsewhere}/received", params, "form_post"))
    page.locator("#bouton_valider").click()
    return f"{elsewhere}/received"


def test_the_form_that_brings_the_answer_back_sends_itself_to_another_site(page: Page, site: Site) -> None:
    page.wait_for_url(come_back_by_form(page, site))
    assert page.locator("body").inner_text() == "code=a%26b%22%3Cc%3E&state=%C3%A9+1"


def test_without_script_a_button_brings_the_answer_back(scriptless: Page, site: Site) -> None:
    there = come_back_by_form(scriptless, site)
    expect(scriptless.locator("h1")).to_have_text("Un instant…")
    scriptless.get_by_role("button", name="Continuer").click()
    scriptless.wait_for_url(there)


def test_a_form_of_this_page_may_go_to_the_client_and_to_no_other_site(page: Page, site: Site) -> None:
    page.route("**/preau.js", lambda route: route.abort())
    come_back_by_form(page, site)
    page.get_by_role("button", name="Continuer").wait_for()
    with page.expect_console_message(lambda message: "form-action" in message.text):
        page.evaluate("document.forms[0].action = 'http://127.0.0.2:9/'; document.forms[0].submit()")
    assert page.url.startswith(site.base)
