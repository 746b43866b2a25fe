"""Pictures of the whole story, as it looks on the real pages: `python -m tests.browser.pictures FOLDER`."""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page

from tests.browser.conftest import Demo, running_demo
from tests.browser.story import tell_story
from tests.journeys.people import JOE
from tests.support.chromium import running_chromium

_LOOKS = (("", 390, "light"), ("-dark", 390, "dark"), ("-wide", 1280, "light"), ("-wide-dark", 1280, "dark"))


def main(folder: Path) -> None:
    """Write one PNG for each page of the story and each look."""
    folder.mkdir(parents=True, exist_ok=True)
    directory = Path(tempfile.mkdtemp())
    with running_demo(directory, "localhost", "localhost") as demo, running_chromium() as chromium:
        for suffix, width, scheme in _LOOKS:
            demo.sandbox.reset()
            _walk(demo, chromium, folder, suffix, width, scheme)


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
    page.get_by_role("link", name="Diagnostic").click()
    see("ent-diagnostic", page)
    page.goto(f"{demo.idp}/sandbox/messages")
    see("telephone-simule", page)
    page.goto(f"{demo.idp}/idp/profile/Logout")
    see("deconnexion", page)
    page.get_by_role("button", name="Me déconnecter").click()
    see("deconnecte", page)
    page.goto(f"{demo.idp}/idp/profile/oidc/authorize?client_id=inconnu")
    see("erreur-client", page)
    context.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
