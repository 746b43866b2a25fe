"""`python -m tests.house.run_serve SETTINGS [WEB] [OUTBOX] [BEGIN]`: our server around the smallest application."""

import sys
from pathlib import Path
from unittest import mock

from idp.serve import ServerError, begin_child, load_function, serve
from idp.settings import load_settings

HEADER_SECONDS = 1  # a test waits for it


def main(path: str, web: str = "create_app", outbox: str = "", begin: str = "") -> int:
    try:
        begins = load_function(f"tests.house.tiny_app:{begin}") if begin else begin_child
        with mock.patch("idp.serve.HEADER_SECONDS", HEADER_SECONDS), mock.patch("idp.serve.begin_child", begins):
            serve(
                load_settings(Path(path)),
                web=f"tests.house.tiny_app:{web}",
                outbox=f"tests.house.tiny_app:{outbox}" if outbox else None,
                check=lambda _settings: None,
            )
    except ServerError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
