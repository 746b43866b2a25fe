"""docs/tutorial/rehearse-a-story.md, done as it says: each command by a shell, each page by a parent, against the demo."""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import Demo, running_demo
from tests.interop.visitor import Visitor
from tests.support.page import Page

ROOT = Path(__file__).parents[2]
TUTORIAL = (ROOT / "docs/tutorial/rehearse-a-story.md").read_text(encoding="utf-8")
CHAPTERS = {
    int(number): text for number, text in re.findall(r"^## (\d)\. (.*?)(?=^## |\Z)", TUTORIAL, re.MULTILINE | re.DOTALL)
}
IDENTIFIANT = "v.lisiere2031"
UNKNOWN = "L'ENT ne vous connaît pas encore"


class Reader:
    """Does what the page says, in its order.

    Attributes:
        did: Commands that were run.
    """

    def __init__(self, demo: Demo) -> None:
        self._demo = demo
        self._browser = Visitor(demo.idp, demo.ent)
        self.did: list[str] = []

    def run(self, chapter: int) -> str:
        """Run the commands of a chapter, and return what the last one printed."""
        printed = ""
        for block in re.findall(r"```sh\n(.*?)```", CHAPTERS[chapter], re.DOTALL):
            for command in re.sub(r"\\\n\s+", "", block).splitlines():
                printed = self._run(command)
                self.did.append(command)
        return printed

    def run_for_json(self, chapter: int) -> Any:
        """Run the commands of a chapter, and return the document that the last one printed."""
        return json.loads(self.run(chapter))

    def _run(self, command: str) -> str:
        assert "http://localhost:8400" in command or command.startswith(".venv/bin/python ")
        here = command.replace("http://localhost:8400", self._demo.idp)
        done = subprocess.run(  # noqa: S603  our own tutorial's command
            ["/bin/bash", "-c", here.replace(".venv/bin/python", shlex.quote(sys.executable))],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, f"{here}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def sign_in(self) -> Page:
        """Go through the ENT's door, and fill in what is asked."""
        return self._browser.sign_in_at("/connexion", IDENTIFIANT)

    def knock(self) -> Page:
        """Go through the ENT's door, and fill in nothing."""
        return self._browser.visit("/connexion")

    def sign_out(self) -> None:
        """« Se déconnecter » at the ENT."""
        self._browser.fill("csrf")

    def open_diagnostic(self, failed: Page) -> Page:
        """« Diagnostic » of a sign-in that failed."""
        return self._browser.open(failed.link("Diagnostic"))


def test_a_reader_who_does_what_the_tutorial_says_sees_what_it_says(tmp_path: Path) -> None:
    assert sorted(CHAPTERS) == [1, 2, 3, 4, 5, 6, 7, 8]
    with running_demo(tmp_path, "localhost", "localhost", "localhost", "--cases") as demo:
        reader = Reader(demo)
        assert "Vera" in reader.run(2)

        texts = reader.run_for_json(3)
        assert IDENTIFIANT in texts[0]["text"]

        assert reader.sign_in().h1 == UNKNOWN

        assert reader.run_for_json(5)["left"] == 1
        reader.sign_out()
        failed = reader.sign_in()
        assert failed.h1 == "La connexion n'a pas abouti"
        assert "another-issuer" in reader.open_diagnostic(failed).text
        assert reader.knock().h1 == UNKNOWN

        siblings = reader.run_for_json(6)["siblings"]
        assert [one["followed"] for one in siblings] == [True, True]
        assert reader.knock().h1 == "Je sélectionne mon profil"

        lines = reader.run_for_json(7)
        assert [line["event"] for line in lines] == ["sign-in.accepted"] * 2

        (vera,) = reader.run_for_json(8)
        assert (vera["family_name"], vera["identifiant"]) == ("LISIÈRE", None)
        assert demo.sandbox.faults() == []
        assert len(reader.did) == len(re.findall(r"^(?:curl|\.venv)", TUTORIAL, re.MULTILINE))


@pytest.mark.parametrize("words", re.findall(r"« (.*?) »", TUTORIAL.replace("\n", " ")))
def test_what_the_tutorial_quotes_stands_on_a_page(words: str) -> None:
    pages = [path.read_text(encoding="utf-8") for path in ROOT.glob("*/**/templates/**/*.html")]
    assert any(words in page for page in pages), words
