"""Which pages the pictures of the school's handout (`preau guide`) show, and the words that each of them had when it was taken.

The browser tests that walk the two procedures hold the kept words against those of the page, so that a picture that no longer looks
like its page is a test that fails.
"""

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page

PICTURES = Path(__file__).parents[2] / "idp" / "guide" / "pictures"
# What differs from one walk to the next.
_CHANGING = (
    (re.compile(r"\bj\.dupont\d+"), "j.dupont4271"),
    (re.compile(r"(Lettre par lettre.*?), \d, \d, \d, \d$"), r"\1, 4, 2, 7, 1"),
    (re.compile(r"\s*\(dans\s\d+\ss\)"), ""),
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
    Shot("activation-4-mot-de-passe", "mot-de-passe", first="p:has-text('Idée')", ringed="form .bouton"),
    Shot("activation-5-identifiant", "identifiant", first=".succes", ringed="dl:has(dd[translate=no])"),
    Shot("franceconnect-choix", "choix-du-compte"),
    Shot("franceconnect-information", "informations", ringed="#bouton_continuer"),
    Shot("franceconnect-telephone", "telephone", first="p:has-text('Indiquez le numéro')", ringed="#telephone"),
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


def assert_pictures_are_fresh(name: str, page: Page) -> None:
    """Assert that the handout's pictures of this page, if it has any, show the words that the page has now."""
    for shot in SHOTS:
        if shot.page == name:
            kept = Counter((PICTURES / f"{shot.name}.txt").read_text(encoding="utf-8").splitlines())
            # Children stand in an order of their own.
            now = Counter(read_words(page))
            assert kept == now, f"{shot.name} shows an older page ({[*(kept - now), *(now - kept)]}): make pictures"
