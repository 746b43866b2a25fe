"""The pictures of the school's handout (`preau guide`), taken from the real pages by `make pictures`."""

import subprocess
import sys
from io import BytesIO
from pathlib import Path

import pypdfium2
from PIL import Image
from playwright.sync_api import Browser, Locator, Page

from tests.browser.conftest import Demo
from tests.browser.guide_words import PICTURES, SHOTS, Shot, in_each_language, read_words
from tests.browser.story import activate, come_from_the_ent
from tests.browser.test_franceconnect_story import identify, prove
from tests.journeys.people import ANGELA, JOE

WIDTH, HEIGHT = 390, 500
"""Of each picture, in CSS pixels of the page: all alike, so that steps stand in rows."""
_SETTINGS = """
issuer = "https://preau.example"
test_instance = true

[franceconnect]
issuer = "https://fc.example/api/v2"
client_id = "preau"
client_secret = "a-fictional-secret-of-franceconnect"
"""
# Its digits are drawn by lot: the picture has those of the example on the sign-in page, and is the same at each taking.
_SAME_IDENTIFIANT = """() => document.querySelectorAll('main dd').forEach(one => {
  const text = document.createTreeWalker(one, NodeFilter.SHOW_TEXT)
  while (text.nextNode()) text.currentNode.data = text.currentNode.data.replace(/j\\.dupont\\d+/, 'j.dupont4271')
})"""
_DENSITY = 2
_COLOURS = 32
_BEFORE, _AFTER = 16, 11
"""White around what a picture begins or ends with; the ring takes nine pixels of it."""


def take_pictures(demo: Demo, chromium: Browser, folder: Path = PICTURES) -> None:
    """Walk both procedures, and write a WebP and a text for each shot."""
    context = chromium.new_context(
        viewport={"width": WIDTH, "height": 844}, locale="fr-FR", device_scale_factor=_DENSITY, color_scheme="light"
    )
    page = context.new_page()

    def see(name: str, seen: Page) -> None:
        for shot in SHOTS:
            for language in in_each_language(shot, seen) if shot.page == name else ():
                place = folder / language / shot.name
                place.parent.mkdir(parents=True, exist_ok=True)
                place.with_suffix(".webp").write_bytes(_compress(_take(seen, shot)))
                place.with_suffix(".txt").write_text("\n".join(read_words(seen)) + "\n", encoding="utf-8")

    demo.sandbox.reset()
    come_from_the_ent(demo, page)
    activate(demo, page, JOE, see)
    demo.sandbox.reset()
    context.clear_cookies()
    come_from_the_ent(demo, page)
    identify(page, "test", "Angela Claire Louise DUBOIS", see)
    prove(demo, page, ANGELA, see)
    context.close()


def draw_handout(place: Path, target: Path) -> None:
    """Draw both pages of the handout of a fictional school, as the command writes it, side by side.

    Args:
        place: A folder for the handout.
        target: The picture.
    """
    settings = place / "guide.toml"
    settings.write_text(_SETTINGS, encoding="utf-8")
    words = [
        "--school",
        "Collège des Marronniers",
        "--ent-address",
        "https://ent.example",
        "--office-phone",
        "04 65 71 00 00",
    ]
    command = [sys.executable, "-m", "idp.cli", "--config", str(settings), "guide", "--output", str(place), *words]
    subprocess.run(command, check=True)  # noqa: S603  our own command
    pages = [page.render(scale=1.25).to_pil() for page in pypdfium2.PdfDocument(place / "guide.pdf")]
    sheet = Image.new("RGB", (sum(one.width for one in pages) + 60, pages[0].height + 40), "#888")
    for place_in_row, one in enumerate(pages):
        sheet.paste(one, (20 + place_in_row * (one.width + 20), 20))
    sheet.quantize(64, dither=Image.Dither.NONE).save(target, optimize=True)


def _take(page: Page, shot: Shot) -> bytes:
    page.evaluate(_SAME_IDENTIFIANT)
    if shot.ringed:
        _ring(page.locator(shot.ringed).first, on=True)
    page.evaluate("scrollTo(0, 0)")
    box = page.locator(shot.last or shot.first).first.bounding_box()
    assert box is not None, f"{shot.name}: the page lacks it"
    top = box["y"] + box["height"] + _AFTER - HEIGHT if shot.last else box["y"] - _BEFORE
    bottom = page.evaluate("document.querySelector('main').getBoundingClientRect().bottom")
    top = max(0.0, min(top, bottom - HEIGHT))
    png = page.screenshot(clip={"x": 0, "y": top, "width": WIDTH, "height": HEIGHT}, full_page=True)
    if shot.ringed:
        _ring(page.locator(shot.ringed).first, on=False)
    return png


def _ring(control: Locator, *, on: bool) -> None:
    style = "5px solid #C2410C" if on else ""
    control.evaluate("(one, style) => { one.style.outline = style; one.style.outlineOffset = '4px' }", style)


def _compress(png: bytes) -> bytes:
    """Return the same picture in few colours, as the pages have few: a tenth of the size, and letters stay sharp."""
    with Image.open(BytesIO(png)) as picture:
        few = picture.convert("RGB").quantize(_COLOURS, dither=Image.Dither.NONE)
    out = BytesIO()
    few.convert("RGB").save(out, "WEBP", lossless=True, quality=100, method=6)
    return out.getvalue()
