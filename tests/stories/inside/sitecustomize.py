"""Leaks that can only be built in inside the provider: Python imports this where PYTHONPATH names its folder."""

import os
import sys
import threading
import time

LEAKS = os.environ.get("STORIES_LEAKS", "").split()


def _swell() -> None:
    kept = []
    while True:
        kept.append(b"x" * 2_000_000)
        time.sleep(0.1)


if "serve" in sys.orig_argv:
    if "memory" in LEAKS:
        threading.Thread(target=_swell, daemon=True).start()
    if "log" in LEAKS:
        print('{"level": "error", "event": "built in"}', file=sys.stderr, flush=True)  # noqa: T201  as a traceback would come
