"""The words of every mail, letter for letter, and the form in which the outbox keeps them."""

import json
import re
from datetime import UTC, date, datetime

import pytest

from idp.journeys import mails
from idp.journeys.mail_texts import FRAMES, TEXTS
from idp.journeys.mails import Mail, read_body
from idp.people.emails import parse_email

EVENING = datetime(2026, 11, 23, 21, 5)  # noqa: DTZ001  a wall clock's reading
AT = datetime(2026, 11, 23, 20, 5, 1, 42, tzinfo=UTC)
JOE = parse_email("joe@famille.example")
LINK = "https://preau.example/e-mail/confirmer?lien=abc"

WORDS = {
    "C1": (
        mails.mail_confirm_address(LINK, EVENING),
        "Confirmez votre adresse e-mail",
        (
            f"Pour confirmer cette adresse, ouvrez ce lien : {LINK}. Il marche jusqu'au 23 novembre 2026, 21 h 05. Vous pouvez l'ouvrir "
            "sur un autre appareil. Vous n'avez rien demandé ? Ne faites rien : l'adresse ne sera pas enregistrée."
        ),
    ),
    "C2": (
        mails.mail_choose_password(LINK),
        "Choisissez un nouveau mot de passe",
        (
            f"Pour choisir un nouveau mot de passe, ouvrez ce lien : {LINK}. Il marche 30 minutes et une seule fois. "
            "Vous n'avez rien demandé ? Ne faites rien, votre mot de passe ne change pas."
        ),
    ),
    "C3": (
        mails.mail_password_changed(EVENING, LINK),
        "Votre mot de passe a changé",
        (
            "Votre mot de passe a été changé le 23 novembre 2026 à 21 h 05. Vos autres appareils ont été déconnectés. "
            f"Ce n'est pas vous ? Appelez le secrétariat de l'école et choisissez un nouveau mot de passe : {LINK}."
        ),
    ),
    "C3, a first one": (
        mails.mail_password_added(EVENING, LINK),
        "Votre compte a un mot de passe",
        (
            "Un mot de passe a été ajouté à votre compte le 23 novembre 2026 à 21 h 05. Vos autres appareils ont été déconnectés. "
            f"Ce n'est pas vous ? Appelez le secrétariat de l'école et choisissez un nouveau mot de passe : {LINK}."
        ),
    ),
    "C4": (
        mails.mail_address_changing(EVENING),
        "Votre adresse e-mail va changer",
        (
            "Une autre adresse a été demandée pour votre compte le 23 novembre 2026. "
            "Ce n'est pas vous ? Connectez-vous et annulez, ou appelez le secrétariat."
        ),
    ),
    "number": (
        mails.mail_number_changed(EVENING),
        "Votre numéro de portable a changé",
        (
            "L'école a changé le numéro de portable de votre compte le 23 novembre 2026. "
            "Ce n'est pas vous ? Appelez le secrétariat de l'école."
        ),
    ),
    "C5": (
        mails.mail_identifiant("j.dupont4271"),
        "Votre identifiant",
        "Votre identifiant : j.dupont4271. Nous n'envoyons jamais de mot de passe.",
    ),
    "C6 linked": (
        mails.mail_franceconnect_linked(EVENING),
        "FranceConnect est relié à votre compte",
        (
            "Depuis le 23 novembre 2026, FranceConnect peut ouvrir votre compte. "
            "Ce n'est pas vous ? Appelez le secrétariat de l'école."
        ),
    ),
    "C6 unlinked": (
        mails.mail_franceconnect_unlinked(EVENING),
        "FranceConnect n'est plus relié à votre compte",
        (
            "Depuis le 23 novembre 2026, FranceConnect ne peut plus ouvrir votre compte. "
            "Ce n'est pas vous ? Appelez le secrétariat de l'école."
        ),
    ),
    "C7 unused": (
        mails.mail_account_closing(date(2027, 1, 1), unused_months=30),
        "Votre compte sera fermé le 1er janvier 2027",
        "Vous ne l'avez pas utilisé depuis 30 mois. Pour le garder, connectez-vous avant cette date.",
    ),
    "C7 asked": (
        mails.mail_account_closing(date(2026, 12, 23)),
        "Votre compte sera fermé le 23 décembre 2026",
        "Vous l'avez demandé. Pour le garder, connectez-vous avant cette date.",
    ),
    "C8": (
        mails.mail_kinship_contested(LINK),
        "Un lien avec un élève est contesté",
        f"Une personne a indiqué ne pas être le représentant légal d'un élève. Ouvrez l'espace du secrétariat : {LINK}.",
    ),
}


@pytest.mark.parametrize(("mail", "subject", "words"), WORDS.values(), ids=WORDS)
def test_each_mail_says_what_the_reference_says(mail: Mail, subject: str, words: str) -> None:
    assert mail.subject.replace("\u00a0", " ") == subject
    greeting, *body, signature = [one.replace("\u00a0", " ") for one in mail.paragraphs]
    assert (greeting, signature) == ("Bonjour,", "Préau, le compte des familles pour l'école")
    assert " ".join(body) == words


@pytest.mark.parametrize("mail", [one for one, _, _ in WORDS.values()], ids=WORDS)
def test_each_link_stands_in_full_in_the_text_and_no_space_that_a_page_keeps_may_break(mail: Mail) -> None:
    assert mail.links == ((LINK,) if LINK in mail.text else ())
    assert not any(f" {sign}" in mail.text for sign in ":;!?»")


@pytest.mark.parametrize(
    ("months", "said"), [(1, "1 mois"), (11, "11 mois"), (12, "1 an"), (24, "2 ans"), (30, "30 mois")]
)
def test_how_long_an_account_was_not_used_is_said_in_years_where_they_are_whole(months: int, said: str) -> None:
    text = mails.mail_account_closing(date(2027, 1, 1), unused_months=months).text.replace("\u00a0", " ")
    assert f"depuis {said}." in text


def test_a_simulators_mail_says_so_first_in_its_subject_and_first_in_its_text() -> None:
    marked = mails.mail_identifiant("j.dupont4271").marked(test_instance=True)
    assert marked.subject == "[Simulateur] Votre identifiant"
    assert marked.text.startswith(
        "Simulateur, données fictives. Service de test, sans lien avec l'État.\n\nBonjour,\n\n"
    )


def test_a_real_instance_marks_nothing() -> None:
    mail = mails.mail_identifiant("j.dupont4271")
    assert mail.marked(test_instance=False) == mail


@pytest.mark.parametrize("test_instance", [True, False])
def test_what_the_outbox_keeps_is_read_as_it_was_written(test_instance: bool) -> None:
    mail = mails.mail_confirm_address(LINK, EVENING)
    message = mail.to_message(JOE, at=AT, test_instance=test_instance)
    assert (message.channel, message.recipient) == ("mail", "joe@famille.example")
    assert read_body(message.body) == (mail.marked(test_instance=test_instance), AT)
    assert json.loads(message.body)["links"] == [LINK]


def test_a_language_that_has_no_words_for_a_mail_says_it_in_french_and_says_that_it_is_french() -> None:
    mail = mails.mail_identifiant("j.dupont4271", language="eo")
    assert mail == mails.mail_identifiant("j.dupont4271")
    assert (mail.language, mail.html_lang) == ("fr", "fr")


@pytest.mark.parametrize("language", TEXTS)
def test_every_language_has_every_mail_with_the_same_values_in_it(language: str) -> None:
    assert TEXTS[language].keys() == TEXTS["fr"].keys()
    assert language in FRAMES
    for name, text in TEXTS[language].items():
        assert _values_in(text) == _values_in(TEXTS["fr"][name])


def _values_in(text: object) -> set[str]:
    return {part.partition("}")[0] for part in str(text).split("{")[1:]}


# --- easy French and English -----------------------------------------------------------------------------------------------------------


def test_easy_sentences_of_a_mail_have_ten_words_at_most() -> None:
    for mail in TEXTS["facile"].values():
        for paragraph in mail.paragraphs:
            for sentence in re.split(r"(?<=[.?!]) ", paragraph):
                assert len(re.findall(r"[\w{}-]+", sentence.replace("'", ""))) <= 10, sentence


def test_an_english_mail_says_english_dates_and_hours_with_plain_spaces() -> None:
    mail = mails.mail_confirm_address(LINK, EVENING, language="en")
    assert mail.html_lang == "en"
    assert mail.paragraphs[1] == (
        f"To confirm this address, open this link: {LINK}. It works until 23 November 2026, 21:05. "
        "You can open it on another device."
    )
    assert "\u00a0" not in mail.text
    closing = mails.mail_account_closing(date(2027, 1, 1), unused_months=24, language="en")
    assert (closing.subject, closing.paragraphs[1]) == (
        "Your account will be closed on 1 January 2027",
        "You have not used it for 2 years.",
    )


def test_an_easy_mail_is_french_for_a_screen_reader() -> None:
    mail = mails.mail_identifiant("j.dupont4271", language="facile")
    assert (mail.language, mail.html_lang) == ("facile", "fr")
    assert mail.paragraphs[1] == "Votre identifiant\u00a0: j.dupont4271."
