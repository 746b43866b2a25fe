"""Which pages the pictures of the school's handout (`preau guide`) show, and the words that each of them had when it was taken.

The browser tests that walk the two procedures hold the kept words against those of the page, so that a picture that no longer looks
like its page is a test that fails.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page

PICTURES = Path(__file__).parents[2] / "idp" / "guide" / "pictures"
FRANCECONNECT_S_OWN = frozenset({"franceconnect-choix", "franceconnect-information"})
"""Its pages are French alone."""
# What differs from one walk to the next.
_CHANGING = (
    (re.compile(r"\bj\.dupont\d+"), "j.dupont4271"),
    (re.compile(r"((?:Lettre par lettre|Letter by letter).*?), \d, \d, \d, \d$"), r"\1, 4, 2, 7, 1"),
    (re.compile(r"\s*\((?:dans|in)\s\d+\ss\)"), ""),
    (re.compile(r"\s+"), " "),
)


@dataclass(frozen=True)
class Shot:
    """Which part of a page is shown.

    Args:
        page: Its name in the walk.
        name: The picture's.
        first: Selector of what the picture begins with; "" where it ends with `last`.
        last: Selector of what it ends with.
        ringed: Selector of the control to use, which gets a ring; "" for none.
    """

    page: str
    name: str
    first: str = "main > *"
    last: str = ""
    ringed: str = ""


SHOTS = (
    Shot("connexion", "je-n-ai-pas-de-compte", last=".volet", ringed=".volet .bouton"),
    Shot("connexion", "je-me-connecte-avec-franceconnect", ringed="a.bouton:has-text('FranceConnect')"),
    Shot("activation-1-identite", "identite"),
    Shot("activation-2-code", "code", last="#code", ringed="#code"),
    Shot("activation-3-enfants", "enfants", first=".carte", ringed="label:has(#mine-1)"),
    Shot("activation-4-mot-de-passe", "mot-de-passe", first=".regles + p", ringed="form .bouton"),
    Shot("activation-5-identifiant", "identifiant", first=".succes", ringed="dl:has(dd[translate=no])"),
    Shot("franceconnect-choix", "choix-du-compte"),
    Shot("franceconnect-information", "informations", ringed="#bouton_continuer"),
    Shot("franceconnect-telephone", "telephone", first="p:has(+ #indicatif-a)", ringed="#telephone"),
    Shot("franceconnect-enfants", "enfants-franceconnect", first=".carte", ringed="label:has(#mine-1)"),
    Shot("franceconnect-relie", "compte-active", first=".succes"),
)


def read_words(page: Page) -> list[str]:
    """Return the lines that a page shows, without what differs from one walk to the next."""
    lines = []
    for line in page.inner_text("main").splitlines():
        for changing, fixed in _CHANGING:
            line = changing.sub(fixed, line)
        if line.strip():
            lines.append(line.strip())
    return lines


def in_each_language(shot: Shot, page: Page) -> Iterator[str]:
    """Show the page in each language that the picture is taken in, and in French again at the end.

    A page that is asked for again is the same step.
    """
    yield "fr"
    if shot.page in FRANCECONNECT_S_OWN:
        return
    here = re.sub(r"[?&]langue=\w+$", "", page.url)
    asking = f"{here}{'&' if '?' in here else '?'}langue="
    page.goto(f"{asking}en")
    yield "en"
    page.goto(f"{asking}fr")


def assert_pictures_are_fresh(name: str, page: Page) -> None:
    """Assert that the handout's pictures of this page, if it has any, show the words that the page has now."""
    for shot in SHOTS:
        if shot.page == name:
            for language in in_each_language(shot, page):
                text = (PICTURES / language / f"{shot.name}.txt").read_text(encoding="utf-8")
                # Children stand in an order of their own.
                kept, now = Counter(text.splitlines()), Counter(read_words(page))
                gone, come = [*(kept - now)], [*(now - kept)]
                assert kept == now, f"{language}/{shot.name} shows {gone} where the page has {come}: make pictures"
