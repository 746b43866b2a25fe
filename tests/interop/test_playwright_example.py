"""The browser tests of examples/playwright, by Playwright for Node, as a vendor runs them: against the demo's provider and ENT."""

import json
import os
import subprocess
from pathlib import Path

from tests.browser.conftest import Demo, running_demo
from tests.interop.conftest import node
from tests.support.chromium import chromium_path

SUITE = Path(__file__).parents[2] / "examples/playwright"
TESTS = 8


def test_every_test_of_the_playwright_example_passes_against_the_demo(tmp_path: Path) -> None:
    with running_demo(tmp_path, "localhost", "localhost", "localhost") as demo:
        told = _run(demo, tmp_path)
    counts = {name: told["stats"][name] for name in ("expected", "unexpected", "flaky", "skipped")}
    assert counts == {"expected": TESTS, "unexpected": 0, "flaky": 0, "skipped": 0}, json.dumps(told, indent=1)


def _run(demo: Demo, folder: Path) -> dict[str, dict[str, int]]:
    done = subprocess.run(  # noqa: S603  the example's own suite
        [node(), "node_modules/@playwright/test/cli.js", "test", "--reporter", "json", "--output", folder / "results"],
        cwd=SUITE,
        env={**os.environ, "PREAU_ADDRESS": demo.idp, "ENT_ADDRESS": demo.ent, "PREAU_CHROMIUM": chromium_path()},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.stdout, done.stderr
    told: dict[str, dict[str, int]] = json.loads(done.stdout)
    return told
