"""The translations: nothing in doubt, nothing lost on the way, easy where they must be, and what pages read is what was written."""

import re
from collections.abc import Iterator

import pytest
from babel.messages.catalog import Message

from idp.web.catalogues import load_catalogue, one_by_one
from idp.web.error_pages import _CAUSES
from tests.web.catalogue import TRANSLATED, build_catalogue, compiled, read, source
from tests.web.test_catalogue import JARGON

EASY = 10
# The reference of the pages gives this one letter for letter.
FIXED = ("Il faut : 1 grande lettre (A), 1 petite lettre (a)",)
LABELS_OF_THE_GUIDE = (
    "Je me connecte avec FranceConnect", "Identifiant oublié", "Mot de passe oublié", "Je n'ai pas de compte", "Continuer",
    "Je confirme mon identité", "Nom", "Prénom", "Je renseigne mon n° de téléphone portable", "N° de téléphone portable", "Indicatif",
    "Activation du compte", "Un code de sécurité a été envoyé", "Je saisis le code de sécurité reçu par SMS", "Code de sécurité",
    "Je confirme mon lien avec les élèves", "Je suis le représentant légal de cet élève", "Né le", "JJ MM AAAA",
    "Je ne suis pas le représentant légal de cet élève", "Aide à la création de mot de passe sécurisé", "Doit contenir 1 majuscule",
    "Doit contenir 1 minuscule", "Doit contenir 1 chiffre", "Doit contenir 8 caractères minimum", "Mot de passe", "Fort",
    "Confirmation du nouveau mot de passe", "Votre compte a été activé avec succès", "Votre identifiant", "Responsable d'élève", "Élève",
    "Qu'est-ce que FranceConnect ?", "Finissez d'activer votre compte", "Se connecter", "Envoyer un nouveau code",
)  # fmt: skip
SAME_IN_ENGLISH = {
    "Date",
    "FranceConnect",
    "+33 France",
    "+352 Luxembourg",
    "+377 Monaco",
    "+596 Martinique",
    "%(n)s minute",
    "%(n)s minutes",
}
FRENCH_WORDS = re.compile(r"\b(le|la|les|des|une|vous|votre|est|pas|pour|avec|du|et|sur|dans)\b", re.IGNORECASE)
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w+\}")
QUOTED_FRENCH = re.compile(r'<span lang="fr">[^<]*</span>|\(représentant légal\)')


def messages(language: str) -> list[Message]:
    return [message for message in read(language) if message.id]


def pairs(language: str) -> Iterator[tuple[str, str]]:
    """Yield (French, translation), the forms of a plural one by one."""
    for message in messages(language):
        if isinstance(message.id, str):
            yield message.id, str(message.string or "")
        else:
            yield from zip(message.id, message.string, strict=True)


def sentences(text: str) -> list[str]:
    return [part for part in re.split(r"(?<=[.?!;]) |\n", text) if part]


@pytest.mark.parametrize("language", TRANSLATED)
def test_what_pages_read_is_what_was_written(language: str) -> None:
    assert source(language).with_suffix(".mo").read_bytes() == compiled(read(language)), "run: make translations"


@pytest.mark.parametrize("language", TRANSLATED)
def test_no_translation_is_in_doubt(language: str) -> None:
    assert [message.id for message in messages(language) if message.fuzzy] == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_value_has_its_place(language: str) -> None:
    wrong = [
        (french, translated)
        for french, translated in pairs(language)
        if translated and sorted(PLACEHOLDER.findall(french)) != sorted(PLACEHOLDER.findall(translated))
    ]
    assert wrong == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_no_translation_breaks_out_of_an_attribute_or_brings_markup(language: str) -> None:
    left = [(french, QUOTED_FRENCH.sub("", translated)) for french, translated in pairs(language)]
    assert [french for french, translated in left if re.search(r'[<>&"]', translated)] == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_apostrophes_are_straight_and_spaces_plain_in_the_translations(language: str) -> None:
    assert [text for _, text in pairs(language) if re.search("[\u2018\u2019\u00a0\u202f]|  |^ | $", text)] == []


# --- English ---------------------------------------------------------------------------------------------------------------------------


def test_nothing_english_was_left_french() -> None:
    left = []
    for french, english in pairs("en"):
        told = QUOTED_FRENCH.sub("", english)
        if (french == english and french not in SAME_IN_ENGLISH) or FRENCH_WORDS.search(told):
            left.append(english)
    assert left == []


@pytest.mark.parametrize(
    "word",
    [
        "invalid", "please", "authentication", "session", "login", "log in", "credentials", "submit", "token", "user ID", "click",
        r"\w+n't", r"\w+'(re|ve|ll)", "it's", "color", "recognize", "cancelled by", "student", "mobile phone code",
    ],
)  # fmt: skip
def test_english_is_plain_and_british(word: str) -> None:
    for_parents = [text for french, text in pairs("en") if french not in _CAUSES.values()]
    assert [text for text in for_parents if re.search(rf"\b{word}\b", text, re.IGNORECASE)] == []


@pytest.mark.parametrize(
    ("french", "english"),
    [
        (r"\bidentifiants?\b", r"\busernames?\b"),
        ("code de sécurité", "security code"),
        ("représentant légal", r"legal guardian \(représentant légal\)"),
        ("secrétariat", "school office"),
        (r"\bélèves?\b", r"\b(pupils?|pupil's|parent)\b|responsible for"),
        (r"\bENT\b", r"school portal \(ENT\)"),
        ("annuaire", "school records"),
    ],
)
def test_english_says_the_words_of_school_in_one_way(french: str, english: str) -> None:
    said = [
        pair
        for pair in pairs("en")
        if re.search(french, pair[0], re.IGNORECASE if french != r"\bENT\b" else 0)
        and not re.search(english, pair[1], re.IGNORECASE)
    ]
    assert [pair for pair in said if pair[0] not in ALLOWED_OTHERWISE] == []


ALLOWED_OTHERWISE = {
    "Choisissez « Élève ou parent ».",  # what the portal's page says
    "Que vous êtes responsable d'élève",
}


# --- easy French -----------------------------------------------------------------------------------------------------------------------


def test_easy_sentences_have_ten_words_at_most() -> None:
    long = []
    for french, easy in pairs("facile"):
        if french in _CAUSES.values():
            continue
        for sentence in sentences(easy):
            words = re.findall(r"[\w%()+{}.-]*\w[\w%()+{}.-]*", sentence.replace("'", ""))
            if len(words) > EASY and not sentence.startswith(FIXED):
                long.append(sentence)
    assert long == []


@pytest.mark.parametrize(
    "word", [*JARGON, "SMS sera", "ne .* plus valable", "incorrect", "facultative", "afin", "veuillez", "merci de"]
)
def test_easy_french_has_no_jargon(word: str) -> None:
    easy = [text for french, text in pairs("facile") if french not in _CAUSES.values()]
    assert [text for text in easy if re.search(rf"\b{word}", text, re.IGNORECASE)] == []


def test_easy_french_has_no_chains_and_no_abbreviations() -> None:
    easy = [text for french, text in pairs("facile") if french not in _CAUSES.values()]
    found = [
        text for text in easy if re.search(r"\b(Si|si) (l'|vous|rien|elle|il)|\bmin\b\.?\)|\betc\b|\bp\. ex", text)
    ]
    assert [text for text in found if not text.startswith("Si vous êtes une femme")] == []


@pytest.mark.parametrize("label", LABELS_OF_THE_GUIDE)
def test_what_the_guide_quotes_is_the_same_in_easy_french(label: str) -> None:
    assert dict(pairs("facile"))[label] == label


@pytest.mark.parametrize(
    "text",
    [
        "Qui êtes-vous ? / Écrivez votre nom. / Écrivez votre prénom. / C'est le nom du parent. / Ce n'est pas le nom de l'enfant.",
        "Écrivez votre numéro de téléphone portable. / L'école doit connaître ce numéro. / Le numéro a changé ? Appelez l'école.",
        "Regardez votre téléphone. / Vous recevez un SMS.",
        "Dans le SMS, il y a un code. / Le code a 6 chiffres. / Écrivez le code ici. / Le code marche 30 minutes.",
        "Vous n'avez pas de code ? / Lisez le SMS : il dit quoi faire. / Ou appelez l'école.",
        "C'est votre enfant ? / Choisissez : Je suis le représentant légal. / Le représentant légal décide pour l'enfant.",
        "C'est souvent le père ou la mère. / Écrivez le jour, le mois et l'année de naissance. / Ce n'est pas votre enfant ?",
        "Ce n'est pas votre enfant ? / Choisissez : Je ne suis pas le représentant légal.",
        "Inventez un mot de passe. / Le mot de passe est secret. / Il faut : 1 grande lettre (A), 1 petite lettre (a), 1 chiffre (2), 1",
        "Il faut au moins 8 lettres, chiffres ou signes. / Écrivez le mot de passe 2 fois. / Ne le donnez à personne.",
        "C'est fini. / Votre compte marche. / Voici votre identifiant",
        "Écrivez-le sur un papier. / Vous en avez besoin pour vous connecter.",
        "Le code n'est pas bon. / Regardez le dernier SMS. / Il reste %(n)s essais.",
    ],
)
def test_the_texts_of_the_reference_are_there_letter_for_letter(text: str) -> None:
    assert any(text.replace(" / ", " ") in easy for _, easy in pairs("facile"))


# --- what reads them ---------------------------------------------------------------------------------------------------------------------


def test_each_sentence_stands_on_its_own_line() -> None:
    set_in_type = one_by_one("Le code a 6 chiffres. Écrivez-le ici. « Ici » ? Oui : 06 39 98 00 01.")
    assert set_in_type.replace("\u00a0", " ").split("\n") == [
        "Le code a 6 chiffres.", "Écrivez-le ici.", "« Ici » ?", "Oui : 06 39 98 00 01.",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("language", "n", "words"),
    [
        ("fr", 0, "%(n)s minute"), ("fr", 1, "%(n)s minute"), ("fr", 2, "%(n)s minutes"),
        ("facile", 0, "%(n)s minute"), ("facile", 1, "%(n)s minute"), ("facile", 2, "%(n)s minutes"),
        ("en", 0, "%(n)s minutes"), ("en", 1, "%(n)s minute"), ("en", 2, "%(n)s minutes"),
    ],
)  # fmt: skip
def test_plurals_agree_as_each_language_wants(language: str, n: int, words: str) -> None:
    assert load_catalogue(language).look_up_plural("%(n)s minute", "%(n)s minutes", n) == words


def test_a_sentence_without_a_translation_is_said_in_french() -> None:
    assert (
        load_catalogue("en").look_up("Une phrase que personne n'a traduite.") == "Une phrase que personne n'a traduite."
    )


# --- nothing is missing ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_sentence_of_the_pages_is_translated(language: str) -> None:
    written = {message.id: message.string for message in messages(language)}
    asked = [message.id for message in build_catalogue() if message.id]

    def is_there(msgid: str | tuple[str, ...]) -> bool:
        said = written.get(msgid, "")
        return bool(said) if isinstance(said, str) else all(said)

    assert [msgid for msgid in asked if not is_there(msgid)] == [], (
        "run: make translations, and translate what is empty"
    )
    assert [msgid for msgid in written if msgid not in set(asked)] == [], "run: make translations"
