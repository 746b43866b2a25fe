"""« Je préfère recevoir un e-mail »: the identifiant goes to the confirmed address of an account with these names, and nowhere else."""

import pytest

from tests.journeys.people import ANGELA, JOE, PASSWORD, Parent, identity_values
from tests.journeys.test_email_address import NEW, OTHER, ask, confirm, give, link, mails, reach
from tests.support.browser import Browser
from tests.support.page import Page
from tests.support.sandbox import Sandbox

DAYS_TO_WAIT = 3
EVENT = "recovery.identifiant-asked"


@pytest.fixture
def joe(browser: Browser, sandbox: Sandbox) -> str:
    """Return the identifiant of Joe, whose address was confirmed long enough ago."""
    identifiant = str(sandbox.activate(JOE.e164, PASSWORD)["identifiant"])
    reach(browser, identifiant)
    give(browser, sandbox, NEW)
    sandbox.advance(minutes=DAYS_TO_WAIT * 24 * 60 + 1)
    return identifiant


def open_form(browser: Browser) -> Page:
    page = browser.open("/connexion?profil=responsable")
    page = browser.open(page.link("Identifiant oublié"))
    page = browser.open(page.link("Je préfère recevoir un e-mail"))
    assert page.h1 == "Identifiant oublié", page.text
    return page


def write(browser: Browser, parent: Parent = JOE, email: str = NEW, **changes: str) -> Page:
    typed = {"nom": parent.family_name, "prenom": parent.given_name, "email": email, **changes}
    return browser.fill("email", typed, button="Recevoir mon identifiant")


def forget(browser: Browser, parent: Parent = JOE, email: str = NEW, **changes: str) -> Page:
    """Ask for the identifiant by mail."""
    open_form(browser)
    return write(browser, parent, email, **changes)


def told(sandbox: Sandbox) -> list[tuple[str, str]]:
    """Return outcome and channel of each line of the audit trail."""
    return [(line["details"]["outcome"], line["details"].get("by", "")) for line in sandbox.audit(event=EVENT)]


def test_joe_gets_his_identifiant_by_mail(other_browser: Browser, sandbox: Sandbox, joe: str) -> None:
    texts, before = len(sandbox.messages(JOE.e164)), len(mails(sandbox, NEW))
    page = forget(other_browser)
    assert (page.status, page.h1) == (200, "Regardez vos messages")
    assert page.says("Si un compte a ce nom et cette adresse, un e-mail vient de partir.")
    assert page.says(f"Adresse : {NEW}"), "what was typed"
    assert joe not in page.html
    [mail, *_] = mails(sandbox, NEW)
    assert mail["subject"] == "[Simulateur] Votre identifiant"
    assert f"Votre identifiant : {joe}." in mail["text"].replace("\u00a0", " ").replace("\u202f", " ")
    assert (len(mails(sandbox, NEW)), len(sandbox.messages(JOE.e164))) == (before + 1, texts), "one mail, and no text"
    assert told(sandbox) == [("told", "mail")]
    [line] = sandbox.audit(event=EVENT)
    assert line["account_id"] is not None
    assert other_browser.open(page.link("Revenir à la connexion")).h1 in {"Je me connecte", "Je sélectionne mon profil"}


def test_the_address_is_taken_in_any_case_and_the_mail_goes_where_it_was_confirmed(
    other_browser: Browser, sandbox: Sandbox, joe: str
) -> None:
    forget(other_browser, email=NEW.upper())
    assert joe in mails(sandbox, NEW)[0]["text"]
    assert mails(sandbox, NEW.upper()) == []


UNTOLD: dict[str, dict[str, str]] = {
    "an address of nobody": {"email": "inconnu@famille.example"},
    "another name": {"nom": "DURAND"},
    "another first name": {"prenom": "Ada"},
}


@pytest.mark.parametrize("changes", UNTOLD.values(), ids=UNTOLD)
def test_whoever_knows_half_of_it_reads_the_same_page_and_nobody_is_written_to(
    other_browser: Browser, sandbox: Sandbox, joe: str, changes: dict[str, str]
) -> None:
    right = forget(other_browser).text
    before = len(mails(sandbox, NEW))
    other_browser.open("/identifiant-oublie")
    page = forget(other_browser, **changes)
    asked = changes.get("email", NEW)
    assert page.text == right.replace(NEW, asked)
    assert len(mails(sandbox, NEW)) == before
    assert asked == NEW or mails(sandbox, asked) == [], "strangers could have anybody written to"
    assert told(sandbox)[-1] == ("nobody", "mail")
    assert sandbox.audit(event=EVENT)[-1]["account_id"] is None
    assert joe not in page.html


def test_a_stranger_who_knows_name_and_phone_has_nothing_sent_to_a_mailbox_of_his_own(
    other_browser: Browser, sandbox: Sandbox, joe: str
) -> None:
    del joe
    page = open_form(other_browser)
    assert "telephone" not in page.form("email").values
    write(other_browser, email="stranger@ailleurs.example", telephone=JOE.number, indicatif="+33")
    assert mails(sandbox, "stranger@ailleurs.example") == []
    assert told(sandbox) == [("nobody", "mail")]


def test_an_address_that_waits_for_its_link_brings_nothing(
    browser: Browser, other_browser: Browser, sandbox: Sandbox, joe: str
) -> None:
    """An ex-partner at an open computer asks for his own address: it is worth nothing before its link is opened, nor three days after."""
    reach(browser, joe)
    ask(browser, OTHER)
    forget(other_browser, email=OTHER)
    assert told(sandbox) == [("nobody", "mail")]
    confirm(browser, link(sandbox, OTHER))
    before = len(mails(sandbox, OTHER))
    forget(other_browser, email=OTHER)
    assert told(sandbox)[-1] == ("address-too-new", "mail")
    [mail, *_] = mails(sandbox, OTHER)
    assert (mail["subject"], len(mails(sandbox, OTHER))) == (
        "[Simulateur] Votre identifiant\u00a0: réessayez plus tard",
        before + 1,
    )
    assert joe not in mail["text"]
    sandbox.advance(minutes=DAYS_TO_WAIT * 24 * 60 + 1)
    forget(other_browser, email=OTHER)
    assert joe in mails(sandbox, OTHER)[0]["text"]
    forget(other_browser, email=NEW)
    assert told(sandbox)[-1] == ("nobody", "mail"), "the former address is nobody's"


def test_of_two_persons_with_one_mailbox_each_is_told_her_own_identifiant(
    browser: Browser, other_browser: Browser, sandbox: Sandbox, joe: str
) -> None:
    angela = str(sandbox.activate(ANGELA.e164, PASSWORD)["identifiant"])
    reach(other_browser, angela)
    ask(other_browser, NEW)
    confirm(other_browser, link(sandbox))
    sandbox.advance(minutes=DAYS_TO_WAIT * 24 * 60 + 1)
    forget(browser, ANGELA)
    assert angela in mails(sandbox, NEW)[0]["text"]
    assert joe not in mails(sandbox, NEW)[0]["text"]
    forget(browser, JOE)
    assert joe in mails(sandbox, NEW)[0]["text"]
    assert told(sandbox) == [("told", "mail")] * 2


def test_on_a_shared_phone_the_mail_goes_to_one_mailbox_and_no_text_is_sent(
    other_browser: Browser, sandbox: Sandbox, joe: str
) -> None:
    """Whoever holds the family's phone sees nothing of it."""
    before = sandbox.messages(JOE.e164)
    forget(other_browser)
    assert joe in mails(sandbox, NEW)[0]["text"]
    assert sandbox.messages(JOE.e164) == before


def test_five_mails_an_hour_and_ten_a_day_to_an_address_known_or_not(
    other_browser: Browser, sandbox: Sandbox, joe: str
) -> None:
    del joe
    for email in (NEW, "inconnu@famille.example"):
        for number in range(6):
            page = forget(other_browser, email=email)
            assert page.status == (200 if number < 5 else 429), (email, number)
        assert page.h1 == "Il y a eu trop d'essais"
        assert sandbox.audit(event="recovery.sms-ceiling")[-1]["details"]["ceiling"] == "recovery-who-hour"
        other_browser.http.cookies.clear()
    assert len([one for one in mails(sandbox, NEW) if one["subject"].endswith("Votre identifiant")]) == 5


FAULTS: dict[str, tuple[dict[str, str], str]] = {
    "no address": ({"email": " "}, "Écrivez votre adresse e-mail."),
    "half an address": ({"email": "joe@famille"}, "Cette adresse est incomplète."),
    "no name": ({"nom": ""}, "Écrivez votre nom"),
}


@pytest.mark.parametrize(("changes", "said"), FAULTS.values(), ids=FAULTS)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_sent(
    other_browser: Browser, sandbox: Sandbox, changes: dict[str, str], said: str
) -> None:
    page = forget(other_browser, **changes)
    assert (page.status, page.h1) == (422, "Identifiant oublié")
    assert page.says(said)
    assert page.form("email").values["prenom"] == JOE.given_name, "what was typed stays"
    assert told(sandbox) == []


def test_one_goes_from_one_page_to_the_other_and_corrects(other_browser: Browser, sandbox: Sandbox, joe: str) -> None:
    page = forget(other_browser, email="joe.dupond@famille.example")
    page = other_browser.open(page.link("Corriger mes informations"))
    assert page.form("email").values["email"] == "joe.dupond@famille.example"
    page = write(other_browser)
    assert joe in mails(sandbox, NEW)[0]["text"]
    page = other_browser.open(page.link("Je préfère recevoir un SMS"))
    assert page.form("nom").values["nom"] == JOE.family_name
    other_browser.fill("nom", identity_values(JOE), button="Recevoir mon identifiant")
    assert joe in sandbox.messages(JOE.e164)[0]["text"]
    page = other_browser.open("/identifiant-oublie/envoye")
    assert page.says("ce numéro")
    assert not page.says(NEW)


def test_a_doubled_form_writes_one_mail(other_browser: Browser, sandbox: Sandbox, joe: str) -> None:
    del joe
    open_form(other_browser)
    typed = {"nom": JOE.family_name, "prenom": JOE.given_name, "email": NEW}
    twice = other_browser.prepare("email", typed, button="Recevoir mon identifiant")
    before = len(mails(sandbox, NEW))
    for _ in range(2):
        assert other_browser.send(*twice).h1 == "Regardez vos messages"
    assert len(mails(sandbox, NEW)) == before + 1
