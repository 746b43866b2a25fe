"""The words of the pages, all of them: up to date, without jargon, in short sentences."""

import re

import pytest
from babel.messages.pofile import read_po

from idp.web.error_pages import _CAUSES
from tests.web.catalogue import FRENCH, TEMPLATE, build_catalogue

JARGON = (
    "authentification", "session", "requête", "identité pivot", "callback", "token", "jeton",
    "valider le formulaire", "invalide", "erreur 4", "erreur 5",
)  # fmt: skip
LONGEST = 15
# Sentences that the guide or the reference of the pages fixes letter for letter.
FIXED = (
    "En France, un numéro de portable en a 10",
    "Si l'école connaît votre nom et ce numéro",
    "Si un compte existe avec ce nom et ce numéro",
    "C'est la personne qui a l'autorité parentale",
    "FranceConnect permet de se connecter à un service public",
)


def sentences() -> list[str]:
    found: list[str] = []
    for message in build_catalogue():
        found += [message.id] if isinstance(message.id, str) else message.id
    # Written for developers, shown inside « Pour les développeurs » only.
    return [text for text in found if text and text not in _CAUSES.values()]


@pytest.mark.parametrize("path", [TEMPLATE, FRENCH], ids=["messages.pot", "fr"])
def test_the_catalogue_holds_the_words_of_the_pages(path: object) -> None:
    with open(str(path), "rb") as file:  # noqa: PTH123  read_po wants the open file
        kept = {message.id for message in read_po(file)}
    assert kept == {message.id for message in build_catalogue()}, "run: python -m tests.web.catalogue"


@pytest.mark.parametrize("word", JARGON)
def test_no_page_uses_jargon(word: str) -> None:
    assert [text for text in sentences() if re.search(rf"\b{word}", text, re.IGNORECASE)] == []


def test_sentences_have_fifteen_words_at_most() -> None:
    long = []
    for text in sentences():
        for sentence in re.split(r"(?<=[.?!]) (?=[A-ZÉÀÇ«])", text):
            words = re.findall(r"[\w%()+]+", re.sub(r"<[^>]+>|'", "", sentence))
            if len(words) > LONGEST and not sentence.startswith(FIXED):
                long.append(sentence)
    assert long == []


def test_apostrophes_are_straight_and_spaces_plain_in_the_sources() -> None:
    assert [text for text in sentences() if re.search("[\u2019\u00a0\u202f]", text)] == []


def test_every_high_sign_has_its_space() -> None:
    # Hours, addresses and the list of special characters are values and not in here.
    assert [text for text in sentences() if re.search(r"[^\s][?!;](\s|$)|[^\s\d]:\s|«\S|\S»", text)] == []


def test_people_are_addressed_as_vous() -> None:
    assert [text for text in sentences() if re.search(r"\b(tu|toi|ton|tes)\b", text, re.IGNORECASE)] == []
