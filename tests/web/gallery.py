"""Pictures of every page, to be looked at: `python -m tests.web.gallery FOLDER [NAME...]`."""

import sys
import threading
from pathlib import Path
from typing import Literal

from werkzeug.serving import make_server

from tests.support.chromium import running_chromium
from tests.web.world import STATES, World

_WIDTHS = (390, 1280)
_SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


def main(folder: Path, names: list[str]) -> None:
    """Write one PNG for each state, width and colour scheme."""
    folder.mkdir(parents=True, exist_ok=True)
    world = World()
    server = make_server("127.0.0.1", 0, world.build(), threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with running_chromium() as browser:
        for scheme in _SCHEMES:
            for width in _WIDTHS:
                page = browser.new_page(viewport={"width": width, "height": 844}, color_scheme=scheme)
                for state in STATES:
                    if names and state.name not in names:
                        continue
                    state.prepare(world)
                    page.goto(f"http://localhost:{server.server_port}{state.path}")
                    page.screenshot(path=folder / f"{state.name}-{width}-{scheme}.png", full_page=True)
                page.close()
    server.shutdown()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
