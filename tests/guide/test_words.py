"""What the handout says: both procedures, in the words of the pages, of one school."""

import re
from collections.abc import Iterable
from dataclasses import asdict

import pytest
from PIL import Image

from idp.guide.facts import HandoutError, HandoutFacts, spell_phone
from idp.guide.words import Handout, Step
from tests.browser.guide_words import PICTURES, SHOTS
from tests.guide.handouts import ENT, LONG_ADDRESS, LONG_NAME, SIGN_IN, make_handout

LANGUAGES = ("fr", "facile", "en")


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


def steps(handout: Handout) -> list[Step]:
    return [step for procedure in handout.procedures for step in procedure.steps]


def labels(sentences: Iterable[str]) -> list[str]:
    """Return what stands in quotes, French ones and English ones."""
    return re.findall("(?:« |“)(.+?)(?: »|”)", plain(" ".join(sentences)))


def words_of_page(picture: str) -> str:
    return " ".join((PICTURES / f"{picture}.txt").read_text(encoding="utf-8").split())


def every_sentence(handout: Handout) -> str:
    return plain(str(asdict(handout)))


def test_both_procedures_are_told_step_by_step() -> None:
    titles = [(plain(one.title), [plain(step.title) for step in one.steps]) for one in make_handout().procedures]
    assert titles == [
        (
            "Procédure 1 : par SMS",
            [
                "Ouvrez la page de connexion",
                "Dites qui vous êtes",
                "Écrivez le code de sécurité",
                "Confirmez le lien avec l'élève",
                "Choisissez votre mot de passe",
                "Notez votre identifiant",
            ],
        ),
        (
            "Procédure 2 : avec FranceConnect",
            [
                "Ouvrez la page de connexion",
                "Choisissez un compte que vous connaissez",
                "Vérifiez votre nom",
                "Donnez votre numéro de portable",
                "Confirmez le lien avec l'élève",
                "Votre compte est activé",
            ],
        ),
    ]


def test_without_franceconnect_there_is_one_procedure_and_no_word_of_it() -> None:
    handout = make_handout(has_franceconnect=False)
    assert [plain(one.title) for one in handout.procedures] == ["La procédure, par SMS"]
    assert "FranceConnect" not in every_sentence(handout)
    assert "deux procédures" not in every_sentence(handout)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_label_in_quotes_stands_on_the_page_of_its_picture_letter_for_letter(language: str) -> None:
    quoted = []
    for step in steps(make_handout(language=language, is_test=True)):
        page = words_of_page(step.picture)
        for label in labels(step.sentences) + labels([step.picture_says]):
            assert label in page, f"{label!r} is not on the page of {step.picture}"
            quoted.append(label)
    assert len(quoted) > 15


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_to_choose_when_something_is_forgotten_stands_on_the_sign_in_page(language: str) -> None:
    handout = make_handout(language=language)
    forgotten = labels(handout.notes[1].sentences)[-2:]
    assert len(forgotten) == 2
    for label in forgotten:
        assert label in words_of_page(handout.procedures[0].steps[0].picture)


def test_a_handout_in_another_language_leads_to_pages_in_it_and_shows_them() -> None:
    french, easy, english = (make_handout(language=one) for one in LANGUAGES)
    assert [one.codes[0].address for one in (french, easy, english)] == [
        SIGN_IN,
        f"{SIGN_IN}/?langue=facile",
        f"{SIGN_IN}/?langue=en",
    ]
    assert [one.spoken for one in (french, easy, english)] == ["fr", "fr", "en"]
    assert english.heading == "Activate your parent account"
    assert {step.picture.partition("/")[0] for step in steps(easy)} == {"fr"}
    assert [step.picture for step in steps(english) if step.picture.startswith("fr/")] == [
        "fr/choix-du-compte",
        "fr/informations",
    ]


def test_a_parent_who_fails_is_told_to_call_the_office_and_what_to_ask() -> None:
    with_number, without = (
        plain(make_handout(office_phone=one).notes[1].sentences[0]) for one in ("04 65 71 00 00", "")
    )
    asks = "Demandez : « Quel numéro de portable avez-vous pour moi ? »"
    assert with_number == f"Appelez le secrétariat de l'école au 04 65 71 00 00. {asks}"
    assert without == f"Appelez le secrétariat de l'école. {asks}"


def test_a_handout_of_a_test_instance_says_so_and_warns_of_real_accounts() -> None:
    test, real = make_handout(is_test=True), make_handout(is_test=False)
    assert test.warning == ("Simulateur, données fictives.", "Service de test, sans lien avec l'État.")
    assert "n'utilisez jamais un vrai compte" in every_sentence(test)
    assert real.warning is None
    assert "Simulateur" not in every_sentence(real)
    assert "impôts" in every_sentence(real)


def test_each_address_is_written_beside_its_code() -> None:
    assert [(one.title, one.address) for one in make_handout().codes] == [
        ("Activer votre compte", SIGN_IN),
        ("Aller sur l'ENT", ENT),
    ]


def test_every_picture_is_used_is_small_and_has_the_words_of_its_page() -> None:
    used = {step.picture for language in LANGUAGES for step in steps(make_handout(language=language))}
    kept = {str(path.relative_to(PICTURES).with_suffix("")) for path in PICTURES.glob("*/*.webp")}
    assert used == kept == {str(path.relative_to(PICTURES).with_suffix("")) for path in PICTURES.glob("*/*.txt")}
    assert {name.partition("/")[2] for name in kept} == {one.name for one in SHOTS}
    sizes = {name: (PICTURES / f"{name}.webp").stat().st_size for name in kept}
    assert max(sizes.values()) < 25_000, sizes
    assert sum(sizes.values()) < 400_000
    for name in kept:
        with Image.open(PICTURES / f"{name}.webp") as picture:
            assert picture.size == (780, 1000), name


@pytest.mark.parametrize(
    ("school", "why"),
    [
        ("", "The school's name is empty."),
        ("   ", "The school's name is empty."),
        ("C" * 300, "The school's name has 300 characters: 120 at most."),
        ("Collège\nA", "The school's name must be one line of letters, digits and signs."),
        ("Collège\tA", "The school's name must be one line of letters, digits and signs."),
        ("Collège \u202eA", "The school's name must be one line of letters, digits and signs."),
        ("Collège \u2028A", "The school's name must be one line of letters, digits and signs."),
        ("Collège \ud800A", "The school's name must be one line of letters, digits and signs."),
        ("Collège \x00A", "The school's name must be one line of letters, digits and signs."),
    ],
)
def test_a_name_that_cannot_be_printed_is_refused_with_the_reason(school: str, why: str) -> None:
    with pytest.raises(HandoutError) as refusal:
        HandoutFacts(school, SIGN_IN, ENT)
    assert str(refusal.value) == why


def test_the_longest_name_and_address_are_taken() -> None:
    assert len(LONG_NAME) == 120
    assert len(LONG_ADDRESS) == 200
    assert HandoutFacts(LONG_NAME, SIGN_IN, LONG_ADDRESS).school == LONG_NAME


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"ent_address": f"{LONG_ADDRESS}x"}, "The ENT's address has 201 characters: 200 at most."),
        ({"office_phone": "0" * 33}, "The office's phone has 33 characters: 32 at most."),
        ({"office_phone": "04\n"}, "The office's phone must be one line of letters, digits and signs."),
    ],
)
def test_other_facts_that_cannot_be_printed_are_refused_with_the_reason(facts: dict[str, str], why: str) -> None:
    with pytest.raises(HandoutError) as refusal:
        make_handout(**facts)
    assert str(refusal.value) == why


@pytest.mark.parametrize(
    ("number", "spelt"),
    [
        ("0465710000", "04 65 71 00 00"),
        ("04.65.71.00.00", "04 65 71 00 00"),
        ("+33465710000", "+33465710000"),
        (" 3620 ", "3620"),
        ("", ""),
    ],
)
def test_a_french_number_is_written_in_pairs(number: str, spelt: str) -> None:
    assert spell_phone(number) == spelt
