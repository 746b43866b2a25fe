"""`make fuzz`: the properties again and again, each time from another seed, until the time is up or one of them fails."""

import os
import random
import subprocess
import sys
import time

_WHERE = ["tests/properties", "tests/people"]


def main(seconds: float) -> int:
    """Run whole passes until `seconds` have gone by; the last one may end a little later.

    Returns:
        0, or the exit code of the pass that failed, whose seed is printed.
    """
    ends = time.monotonic() + seconds
    passes = 0
    while passes == 0 or time.monotonic() < ends:
        seed = random.SystemRandom().randrange(2**32)
        passes += 1
        sys.stdout.write(f"pass {passes}, seed {seed}\n")
        sys.stdout.flush()
        words = ["-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", f"--hypothesis-seed={seed}", *_WHERE]
        done = subprocess.run(  # noqa: S603  our own tests
            [sys.executable, *words], env={**os.environ, "PREAU_HYPOTHESIS": "fuzz"}, check=False
        )
        if done.returncode:
            sys.stdout.write(f"again: PREAU_HYPOTHESIS=fuzz python {' '.join(words)}\n")
            return done.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1])))
