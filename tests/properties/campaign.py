"""`make fuzz`: the properties again and again, each time from another seed, until the time is up or one of them fails."""

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
        chosen = ["--hypothesis-profile=fuzz", f"--hypothesis-seed={seed}"]
        words = ["-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *chosen, *_WHERE]
        done = subprocess.run([sys.executable, *words], check=False)  # noqa: S603  our own tests
        if done.returncode:
            sys.stdout.write(f"again: python {' '.join(words)}\n")
            return done.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1])))
