"""An e-mail address is asked for, its link is mailed, and whoever opens the link makes it the account's."""

from typing import Any

import pytest

from tests.journeys.people import ANGELA, JOE, PASSWORD, kinship_values, reach_kinship
from tests.journeys.visits import sign_in
from tests.support.browser import Browser
from tests.support.page import Page
from tests.support.sandbox import Sandbox
from tests.support.server import RunningServer

HOME, PAGE = "/mon-compte", "/mon-compte/e-mail"
INFORMATION, ADDRESS, PROOF = "Mes informations", "Mon adresse e-mail", "Confirmez que c'est vous"
CONFIRM, CONFIRMED, GONE = (
    "Confirmez votre adresse e-mail",
    "Votre adresse e-mail est confirmée",
    "Ce lien n'est plus valable",
)
NEW, OTHER = "joe.dupont@famille.example", "joe@maison.example"
WAITS = "Vous devez confirmer votre adresse e-mail."
SENT, TOO_SOON = "Regardez vos mails.", "Un mail est déjà parti."


@pytest.fixture
def joe(sandbox: Sandbox) -> str:
    return str(sandbox.activate(JOE.e164, PASSWORD)["identifiant"])


@pytest.fixture
def home(browser: Browser, joe: str) -> Browser:
    """Return a browser in which Joe has just signed in."""
    reach(browser, joe)
    return browser


@pytest.fixture
def telephone(server: RunningServer, sandbox: Sandbox) -> Browser:
    """Return another device, on which nobody is signed in."""
    del sandbox
    return Browser(server.base)


def reach(browser: Browser, identifiant: str, page: str = PAGE, password: str = PASSWORD) -> Page:
    browser.open(page)
    browser.open(browser.page.link("Responsable d'élève"))
    return sign_in(browser, identifiant, password)


def ask(browser: Browser, email: str = NEW) -> Page:
    if browser.page.h1 != ADDRESS:
        browser.open(PAGE)
    return browser.fill("email", {"email": email})


def mails(sandbox: Sandbox, to: str) -> list[dict[str, Any]]:
    """Return the mails to an address, newest first."""
    return [one for one in sandbox.messages(to) if one["channel"] == "mail"]


def link(sandbox: Sandbox, to: str = NEW) -> str:
    """Return the link of the newest mail to an address."""
    [found] = mails(sandbox, to)[0]["links"]
    return str(found)


def confirm(browser: Browser, address: str) -> Page:
    """Open a mailed link and press its button."""
    page = browser.open(address)
    assert (page.status, page.h1) == (200, CONFIRM), page.text
    return browser.fill("Confirmer mon adresse")


def give(browser: Browser, sandbox: Sandbox, email: str) -> None:
    """Give the account a confirmed address."""
    ask(browser, email)
    assert confirm(browser, link(sandbox, email)).h1 == CONFIRMED


# --- the whole story ------------------------------------------------------------------------------------------------------------------


def test_an_address_is_the_accounts_once_its_link_was_opened_on_another_device(
    home: Browser, telephone: Browser, sandbox: Sandbox
) -> None:
    assert home.open(HOME).says("Donner une adresse e-mail")
    page = ask(home)
    assert (page.h1, page.says(SENT)) == (INFORMATION, True)
    assert page.says(WAITS)
    assert page.says(f"{NEW}, à confirmer")
    assert page.says("Renvoyer le mail")
    assert page.says("Donner une autre adresse e-mail"), "one was given already"
    [mail] = mails(sandbox, NEW)
    assert mail["subject"] == "[Simulateur] Confirmez votre adresse e-mail"
    assert mail["links"][0] in mail["text"]
    page = confirm(telephone, link(sandbox))
    assert (page.status, page.h1) == (200, CONFIRMED)
    assert telephone.refresh().h1 == CONFIRMED
    page = home.open(HOME)
    assert page.says(f"{NEW}, confirmée")
    assert not page.says(WAITS)
    assert sandbox.events(event="account.email-asked") == ["account.email-asked"]
    assert sandbox.events(event="account.email-confirmed") == ["account.email-confirmed"]


def test_the_former_address_stays_until_the_link_is_opened_and_is_told_of_the_change(
    home: Browser, telephone: Browser, sandbox: Sandbox
) -> None:
    give(home, sandbox, OTHER)
    page = ask(home)
    assert page.says(f"{OTHER}, confirmée")
    assert page.says(f"{NEW}, à confirmer")
    told = mails(sandbox, OTHER)[0]
    assert told["subject"] == "[Simulateur] Votre adresse e-mail va changer"
    assert "Connectez-vous et annulez" in told["text"]
    assert NEW not in told["text"], "whoever reads the former mailbox does not learn the new one"
    assert told["links"] == []
    confirm(telephone, link(sandbox))
    page = home.open(HOME)
    assert page.says(f"{NEW}, confirmée")
    assert not page.says(OTHER)


def test_a_first_address_tells_nobody_else(home: Browser, sandbox: Sandbox) -> None:
    ask(home)
    assert [one["to"] for one in sandbox.messages("") if one["channel"] == "mail"] == [NEW]


def test_every_telephone_is_told_of_an_address_once_it_is_the_accounts(
    home: Browser, telephone: Browser, sandbox: Sandbox
) -> None:
    """A first address has no former one that could be told; whoever found Joe's session open may have planted it."""
    before = len(sandbox.messages(JOE.e164))
    ask(home)
    assert len(sandbox.messages(JOE.e164)) == before
    confirm(telephone, link(sandbox))
    [text] = sandbox.messages(JOE.e164)[: len(sandbox.messages(JOE.e164)) - before]
    assert str(text["text"]).startswith(
        "Une adresse e-mail est enregistrée pour votre compte parent. Ce n'est pas vous ?"
    )
    assert NEW not in str(text["text"])


def test_a_change_that_was_not_mine_is_cancelled_and_its_link_is_worth_nothing(
    home: Browser, telephone: Browser, sandbox: Sandbox
) -> None:
    give(home, sandbox, OTHER)
    ask(home)
    stolen = link(sandbox)
    page = home.fill("Annuler ce changement d'adresse")
    assert page.says("Le changement est annulé.")
    assert page.says(f"{OTHER}, confirmée")
    assert not page.says(NEW)
    assert telephone.open(stolen).status == 410
    assert sandbox.events(event="account.email-cancelled") == ["account.email-cancelled"]


# --- the link -------------------------------------------------------------------------------------------------------------------------


def test_opening_a_link_changes_nothing_however_often_a_scanner_does_it(
    home: Browser, telephone: Browser, sandbox: Sandbox
) -> None:
    ask(home)
    for _ in range(3):
        assert telephone.open(link(sandbox)).h1 == CONFIRM
    assert telephone.http.head(link(sandbox), timeout=20).status_code == 200
    assert home.open(HOME).says(f"{NEW}, à confirmer")
    assert sandbox.events(event="account.email-confirmed") == []
    assert confirm(telephone, link(sandbox)).h1 == CONFIRMED


def test_a_link_is_good_once_and_a_button_pressed_twice_is_told_the_same_twice(
    home: Browser, telephone: Browser, sandbox: Sandbox
) -> None:
    ask(home)
    telephone.open(link(sandbox))
    twice = telephone.prepare("Confirmer mon adresse")
    for _ in range(2):
        assert telephone.send(*twice).h1 == CONFIRMED
    assert sandbox.events(event="account.email-confirmed") == ["account.email-confirmed"]
    page = telephone.open(link(sandbox))
    assert (page.status, page.h1) == (410, GONE)
    assert page.says("Il a déjà servi, ou il est trop ancien.")
    sandbox.advance(minutes=6)
    assert telephone.send(*twice).status == 410


def test_a_link_that_was_used_opens_nothing_after_the_next_address(
    home: Browser, telephone: Browser, sandbox: Sandbox
) -> None:
    ask(home)
    telephone.open(link(sandbox))
    used = telephone.prepare("Confirmer mon adresse")
    telephone.send(*used)
    give(home, sandbox, OTHER)
    assert telephone.send(*used).status == 410
    assert home.open(HOME).says(f"{OTHER}, confirmée")


def test_a_link_runs_out_after_a_day_as_the_mail_says(home: Browser, telephone: Browser, sandbox: Sandbox) -> None:
    sandbox.set_clock("2031-03-14T08:30:00Z")
    reach(home, _identifiant(sandbox))
    ask(home)
    text = mails(sandbox, NEW)[0]["text"].replace("\u00a0", " ")
    assert "Il marche jusqu'au 15 mars 2031, 9 h 30." in text
    sandbox.set_clock("2031-03-15T08:29:00Z")
    assert telephone.open(link(sandbox)).h1 == CONFIRM
    pressed_late = telephone.prepare("Confirmer mon adresse")
    sandbox.set_clock("2031-03-15T08:31:00Z")
    page = telephone.send(*pressed_late)
    assert (page.status, page.h1) == (410, GONE)
    assert telephone.open(link(sandbox)).status == 410
    assert telephone.page.link("Demander un nouveau lien").endswith(PAGE)
    assert sandbox.events(event="account.email-confirmed") == []


def _identifiant(sandbox: Sandbox) -> str:
    return str(sandbox.people(JOE.e164)[0]["identifiant"])


@pytest.mark.parametrize("secret", ["", "x", "x" * 43, "x" * 5000, "' OR 1=1", "%00", "é"])
def test_a_link_that_was_never_sent_is_over(browser: Browser, secret: str) -> None:
    page = browser.open(f"/e-mail/confirmer?l={secret}")
    assert (page.status, page.h1) in {(410, GONE), (400, "Cette page n'a pas pu être envoyée")}
    assert page.status == 410 or secret == "%00"


def test_a_form_without_its_secret_confirms_nothing(home: Browser, telephone: Browser) -> None:
    ask(home)
    for values in ({}, {"l": ""}, {"l": "x"}):
        assert telephone.send(f"{telephone.base}/e-mail/confirmer", values).status == 410
    assert home.open(HOME).says(f"{NEW}, à confirmer")


def test_a_mail_program_that_takes_the_full_stop_into_the_link_does_no_harm(
    home: Browser, telephone: Browser, sandbox: Sandbox
) -> None:
    ask(home)
    assert confirm(telephone, f"{link(sandbox)}.").h1 == CONFIRMED


def test_nobody_learns_a_links_secret_from_the_page_or_the_log(
    home: Browser, telephone: Browser, sandbox: Sandbox, server: RunningServer
) -> None:
    ask(home)
    secret = link(sandbox).partition("?l=")[2]
    assert len(secret) >= 43, "256 bits"
    page = telephone.open(link(sandbox))
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["Cache-Control"] == "no-store"
    elsewhere = [address for _, address in page.links if not address.startswith((page.url, f"{page.url}&langue="))]
    assert not any(secret in address for address in elsewhere)
    assert NEW not in page.html, "whoever looks over a shoulder"
    page = telephone.fill("Confirmer mon adresse")
    assert secret not in page.url
    assert secret not in page.html
    assert secret not in server.log.read_text(encoding="utf-8")
    assert NEW not in server.log.read_text(encoding="utf-8")


# --- another mail ---------------------------------------------------------------------------------------------------------------------


def test_another_mail_brings_another_link_and_the_former_one_is_over(
    home: Browser, telephone: Browser, sandbox: Sandbox
) -> None:
    ask(home)
    first = link(sandbox)
    sandbox.advance(seconds=61)
    page = home.fill("Renvoyer le mail")
    assert (page.h1, page.says(SENT)) == (INFORMATION, True)
    assert len(mails(sandbox, NEW)) == 2
    assert link(sandbox) != first
    assert telephone.open(first).status == 410
    assert confirm(telephone, link(sandbox)).h1 == CONFIRMED
    assert sandbox.events(event="account.email-sent-again") == ["account.email-sent-again"]


def test_the_next_mail_waits_for_a_minute_and_says_so(home: Browser, sandbox: Sandbox) -> None:
    ask(home)
    sandbox.advance(seconds=59)
    page = home.fill("Renvoyer le mail")
    assert (page.h1, page.says(TOO_SOON)) == (INFORMATION, True)
    assert ask(home).says(TOO_SOON), "nor by asking for the same address again"
    assert len(mails(sandbox, NEW)) == 1
    sandbox.advance(seconds=2)
    assert home.fill("Renvoyer le mail").says(SENT)
    assert len(mails(sandbox, NEW)) == 2


@pytest.mark.parametrize(
    ("button", "event", "said"),
    [
        ("Renvoyer le mail", "account.email-sent-again", "Regardez vos mails."),
        ("Annuler ce changement d'adresse", "account.email-cancelled", "Le changement est annulé."),
    ],
)
def test_a_button_pressed_twice_does_its_act_once(
    home: Browser, sandbox: Sandbox, button: str, event: str, said: str
) -> None:
    ask(home)
    sandbox.advance(seconds=61)
    twice = home.prepare(button)
    for _ in range(2):
        assert home.send(*twice).says(said)
    assert sandbox.events(event=event) == [event]


def test_a_form_that_is_sent_twice_asks_once(home: Browser, sandbox: Sandbox) -> None:
    home.open(PAGE)
    twice = home.prepare("email", {"email": NEW})
    for _ in range(2):
        assert home.send(*twice).says(SENT)
    assert len(mails(sandbox, NEW)) == 1
    assert sandbox.events(event="account.email-asked") == ["account.email-asked"]


def test_an_address_whose_link_ran_out_is_no_more_shown_and_its_button_says_so(
    home: Browser, sandbox: Sandbox, joe: str
) -> None:
    ask(home)
    late = home.prepare("Renvoyer le mail")
    sandbox.advance(minutes=24 * 60 + 1)
    page = reach(home, joe, HOME)
    assert not page.says(NEW)
    assert page.says("Pas d'adresse e-mail.")
    assert home.send(*late).status == 403, "of a session that has ended"
    assert mails(sandbox, NEW)[1:] == []


# --- what was typed -------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Écrivez votre adresse e-mail."),
        ("   ", "Écrivez votre adresse e-mail."),
        ("joe", "Cette adresse est incomplète. Exemple : nom@exemple.fr"),
        ("joe@famille", "Cette adresse est incomplète. Exemple : nom@exemple.fr"),
        ("a@b.example, c@d.example", "Cette adresse est incomplète. Exemple : nom@exemple.fr"),
        ("joe@famille.example\r\nBcc: x@y.example", "Cette adresse est incomplète. Exemple : nom@exemple.fr"),
        ("zoé@famille.example", "Écrivez cette adresse sans accent. Exemple : nom@exemple.fr"),
        (f"{'l' * 60}@{'d' * 60}.{'d' * 60}.{'d' * 60}.{'d' * 20}.fr", "Cette adresse est trop longue."),
    ],
)
def test_what_is_no_address_is_said_and_stays_in_the_field(
    home: Browser, sandbox: Sandbox, typed: str, said: str
) -> None:
    page = ask(home, typed)
    assert (page.status, page.h1, page.summary) == (422, ADDRESS, [said])
    assert page.form("email").values["email"].split() == typed.split()
    assert [one for one in sandbox.messages("") if one["channel"] == "mail"] == []
    assert ask(home).says(SENT)


def test_the_address_that_is_the_accounts_already_is_told_to_be(home: Browser, sandbox: Sandbox) -> None:
    give(home, sandbox, NEW)
    page = ask(home, "Joe.Dupont@FAMILLE.example")
    assert page.summary == ["C'est déjà l'adresse e-mail de votre compte."]
    assert len(mails(sandbox, NEW)) == 1


def test_an_address_that_is_another_accounts_gets_the_same_page_and_the_same_mail(
    home: Browser, other_browser: Browser, sandbox: Sandbox
) -> None:
    """A stranger cannot find out whose mailbox it is; a couple may have one for two."""
    give(home, sandbox, NEW)
    angela = str(sandbox.activate(ANGELA.e164, PASSWORD)["identifiant"])
    reach(other_browser, angela)
    used = ask(other_browser, NEW)
    sandbox.advance(seconds=61)
    free = ask(other_browser, OTHER)
    assert used.text.replace(NEW, OTHER) == free.text
    assert [one["subject"] for one in mails(sandbox, NEW)] == [mails(sandbox, OTHER)[0]["subject"]] * 2
    sandbox.advance(seconds=61)
    ask(other_browser, NEW)
    confirm(other_browser, link(sandbox))
    assert other_browser.open(HOME).says(f"{NEW}, confirmée")
    assert home.open(HOME).says(f"{NEW}, confirmée"), "and it is still the other's too"


# --- ceilings -------------------------------------------------------------------------------------------------------------------------


def test_a_mailbox_gets_five_such_mails_a_day_whoever_asks(
    home: Browser, other_browser: Browser, sandbox: Sandbox
) -> None:
    ask(home)
    for _ in range(4):
        sandbox.advance(seconds=61)
        home.fill("Renvoyer le mail")
    sandbox.advance(seconds=61)
    page = home.fill("Renvoyer le mail")
    assert page.says("Trop de mails ont été demandés aujourd'hui.")
    angela = str(sandbox.activate(ANGELA.e164, PASSWORD)["identifiant"])
    reach(other_browser, angela)
    page = ask(other_browser)
    assert (page.status, page.summary) == (422, ["Trop de mails ont été demandés aujourd'hui. Réessayez demain."])
    assert len(mails(sandbox, NEW)) == 5
    lines = sandbox.audit(event="account.email-ceiling")
    assert [line["details"] for line in lines] == [{"ceiling": "mail-address-day"}] * 2
    assert ask(other_browser, OTHER).says(SENT), "another mailbox has its own"


def test_an_account_asks_for_ten_a_day_and_again_the_next_day(home: Browser, sandbox: Sandbox, joe: str) -> None:
    for number in range(10):
        assert ask(home, f"joe{number}@famille.example").says(SENT), number
    page = ask(home, "joe10@famille.example")
    assert page.summary == ["Trop de mails ont été demandés aujourd'hui. Réessayez demain."]
    assert [line["details"] for line in sandbox.audit(event="account.email-ceiling")] == [
        {"ceiling": "mail-account-day"}
    ]
    sandbox.advance(minutes=24 * 60)
    reach(home, joe)
    assert ask(home, "joe10@famille.example").says(SENT)


# --- who may --------------------------------------------------------------------------------------------------------------------------


def test_an_address_is_asked_for_after_a_proof_of_now_alone(home: Browser, sandbox: Sandbox) -> None:
    """Somebody else at a telephone on which Joe is signed in, for example one who knows the birth dates of his children."""
    home.open(PAGE)
    form = home.prepare("email", {"email": NEW})
    sandbox.advance(minutes=20)
    assert home.open(PAGE).h1 == PROOF
    assert home.send(*form).h1 == PROOF
    assert mails(sandbox, NEW) == []
    assert home.fill("actuel", {"actuel": PASSWORD}).h1 == ADDRESS
    assert ask(home).says(SENT)


def test_cancelling_and_another_mail_need_no_proof_of_now(home: Browser, sandbox: Sandbox) -> None:
    ask(home)
    sandbox.advance(minutes=20)
    assert home.open(HOME).h1 == INFORMATION
    assert home.fill("Renvoyer le mail").says(SENT)
    assert home.fill("Annuler ce changement d'adresse").says("Le changement est annulé.")


@pytest.mark.parametrize("path", [PAGE, f"{PAGE}/renvoi", f"{PAGE}/annulation"])
def test_a_form_of_nobody_or_of_another_session_does_nothing(
    home: Browser, other_browser: Browser, telephone: Browser, sandbox: Sandbox, joe: str, path: str
) -> None:
    ask(home)
    sandbox.advance(seconds=61)
    home.open(PAGE)
    controls = {
        PAGE: "email",
        f"{PAGE}/renvoi": "Renvoyer le mail",
        f"{PAGE}/annulation": "Annuler ce changement d'adresse",
    }
    action, values = home.prepare(controls[path], {"email": OTHER})
    assert telephone.send(action, values).h1 == "Je sélectionne mon profil"
    reach(other_browser, joe)
    for token in (values["jeton"], "", "a-b", "é"):
        page = other_browser.send(action, {**values, "jeton": token})
        assert page.status == 403, token
    assert mails(sandbox, OTHER) == []
    assert len(mails(sandbox, NEW)) == 1
    assert home.open(HOME).says(f"{NEW}, à confirmer")


def test_a_new_password_takes_away_what_the_holder_of_the_former_one_asked_for(
    home: Browser, telephone: Browser, sandbox: Sandbox, server: RunningServer
) -> None:
    """Whoever knew the password asked for an address of his own and waits; the parent then proves herself and chooses another one."""
    ask(home)
    stolen = link(sandbox)
    sandbox.advance(minutes=1)
    parent = Browser(server.base)
    page = reach_kinship(parent, sandbox, JOE)
    parent.fill("lien-1", kinship_values(page, JOE))
    parent.fill("Mot de passe oublié")
    parent.fill("mot-de-passe", {"mot-de-passe": "Trousse-Verte-77", "confirmation": "Trousse-Verte-77"})
    assert telephone.open(stolen).status == 410
    page = reach(telephone, _identifiant(sandbox), HOME, "Trousse-Verte-77")
    assert page.h1 == INFORMATION
    assert not page.says(NEW)
