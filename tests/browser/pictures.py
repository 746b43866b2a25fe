"""Pictures of the whole story, as it looks on the real pages: `python -m tests.browser.pictures FOLDER [all]`.

Without `all`: what docs/ shows, the pages on a phone and on a wide screen in the light, the README's picture made of some of them,
and the pictures of the school's handout.
"""

import sys
import tempfile
from base64 import b64encode
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page

from tests.browser.conftest import Demo, running_demo
from tests.browser.guide_pictures import draw_handout, take_pictures
from tests.browser.second_day_pictures import show_second_day
from tests.browser.story import See, come_from_the_ent, tell_story
from tests.browser.test_franceconnect_story import prove
from tests.journeys.people import ANGELA, JOE
from tests.support.chromium import follow, running_chromium

_PHONE = ("", 390, "light")
_DARK_PHONE = ("-dark", 390, "dark")
_WIDE = ("-wide", 1280, "light")
_LOOKS = (_PHONE, _DARK_PHONE, _WIDE, ("-wide-dark", 1280, "dark"))
_COLOURS = 96  # enough for flat pages and smooth letters: a third of the weight
_README = (
    "activation-1-identite",
    "activation-2-code-dark",
    "activation-3-enfants",
    "activation-4-mot-de-passe-dark",
    "activation-5-identifiant",
)


def main(folder: Path, *, every_look: bool) -> None:
    """Write one PNG for each page of the story and each look."""
    folder.mkdir(parents=True, exist_ok=True)
    directory = Path(tempfile.mkdtemp())
    with running_demo(directory, "localhost", "localhost", "localhost") as demo, running_chromium() as chromium:
        for suffix, width, scheme in _LOOKS if every_look else (_PHONE, _DARK_PHONE, _WIDE):
            demo.sandbox.reset()
            _walk(demo, chromium, folder, suffix, width, scheme)
        if not every_look:
            take_pictures(demo, chromium)
            draw_handout(directory, folder / "guide.png")
        _put_side_by_side(chromium, [folder / f"{name}.png" for name in _README], folder / "activation.png")
    if not every_look:
        for picture in folder.glob("*-dark.png"):
            picture.unlink()
    for picture in folder.glob("*.png"):
        with Image.open(picture) as taken:
            taken.convert("RGB").quantize(_COLOURS, dither=Image.Dither.NONE).save(picture, optimize=True)


def _put_side_by_side(chromium: Browser, pictures: list[Path], target: Path) -> None:
    page = chromium.new_page(viewport={"width": 1600, "height": 700}, device_scale_factor=1)
    images = "".join(
        f'<div style="width:300px;height:660px;overflow:hidden;border:1px solid #888;border-radius:14px">'
        f'<img src="data:image/png;base64,{b64encode(picture.read_bytes()).decode()}" style="width:300px"></div>'
        for picture in pictures
    )
    page.set_content(f'<body style="margin:20px;background:#fff;display:flex;gap:14px">{images}</body>')
    page.wait_for_function("[...document.images].every(image => image.complete && image.naturalWidth)")
    page.screenshot(path=target)
    page.close()


def _walk(demo: Demo, chromium: Browser, folder: Path, suffix: str, width: int, scheme: str) -> None:
    context = chromium.new_context(
        viewport={"width": width, "height": 844},
        color_scheme="dark" if scheme == "dark" else "light",
        locale="fr-FR",
    )
    page = context.new_page()

    def see(name: str, seen: Page) -> None:
        seen.screenshot(path=folder / f"{name}{suffix}.png", full_page=True)

    tell_story(demo, page, JOE, see)
    follow(page, page.get_by_role("link", name="Diagnostic"))
    see("ent-diagnostic", page)
    page.goto(f"{demo.idp}/sandbox/messages")
    see("telephone-simule", page)
    page.goto(f"{demo.idp}/idp/profile/Logout")
    see("deconnexion", page)
    follow(page, page.get_by_role("button", name="Me déconnecter"))
    see("deconnecte", page)
    page.goto(f"{demo.idp}/idp/profile/oidc/authorize?client_id=inconnu")
    see("erreur-client", page)
    demo.sandbox.reset()
    context.clear_cookies()
    _travel(demo, page, see)
    show_second_day(demo, page, see)
    context.close()


def _travel(demo: Demo, page: Page, see: See) -> None:
    """Procedure 2."""
    come_from_the_ent(demo, page)
    follow(page, page.get_by_role("link", name="Je me connecte avec FranceConnect"))
    see("franceconnect-choix", page)
    follow(page, page.get_by_role("button", name="Impôts fictifs"))
    see("franceconnect-fournisseur", page)
    page.fill("#login", "test")
    page.fill("#password", "123")
    follow(page, page.locator("#bouton_valider"))
    see("franceconnect-information", page)
    follow(page, page.locator("#bouton_continuer"))
    see("franceconnect-telephone", page)
    prove(demo, page, ANGELA)
    see("franceconnect-relie", page)


if __name__ == "__main__":
    main(Path(sys.argv[1]), every_look="all" in sys.argv[2:])
