#!/bin/bash
# `make wheel`: build the wheel, install it in a virtual environment of its own, and run the suite of examples/pytest there, as a vendor would.
set -euo pipefail
cd "$(dirname "$0")/../.."
bin=$PWD/.venv/bin
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT

echo "== build"
"$bin"/hatchling build -t wheel -d "$place/dist" > /dev/null
wheel=$(ls "$place"/dist/*.whl)
# What the product runs on, by its lock; pytest and what it needs, by the other one.
"$bin"/python - "$place/pytest.lock" <<'PYTHON'
import re
import sys
from pathlib import Path

wanted = ("pytest", "pytest-xdist", "execnet", "iniconfig", "packaging", "pluggy", "pygments")
blocks = re.finditer(r"^([a-z0-9-]+)==.*\n(?:    .*\n)*", Path("requirements-dev.lock").read_text(), re.MULTILINE)
kept = {block[1]: block[0] for block in blocks if block[1] in wanted}
assert len(kept) == len(wanted), kept.keys()
Path(sys.argv[1]).write_text("".join(kept.values()))
PYTHON

echo "== install"
python3 -m venv "$place/venv"
pip() { "$place"/venv/bin/python -m pip install --quiet --disable-pip-version-check "$@"; }
pip --require-hashes --only-binary :all: -r requirements.lock
pip --no-deps "$wheel"
"$place"/venv/bin/preau --version
"$place"/venv/bin/preau families list > "$place/cases"
[ "$(wc -l < "$place/cases")" -ge 30 ] || { echo "the wheel lacks cases" >&2; exit 1; }
PREAU_ISSUER=http://localhost:8400 PREAU_TEST_INSTANCE=true "$place"/venv/bin/preau guide \
  --school École --ent-address https://ent.example --output "$place/guide" > /dev/null
[ -s "$place/guide/guide.html" ] && [ -s "$place/guide/guide.pdf" ] || { echo "the wheel lacks the handout" >&2; exit 1; }
"$place"/venv/bin/python -c 'import importlib.util as u, sys; sys.exit(u.find_spec("pytest") is not None)' \
  || { echo "pytest came with the product" >&2; exit 1; }
pip --require-hashes --only-binary :all: -r "$place/pytest.lock"

echo "== the suite of an ENT's vendor"
cp -r examples/pytest "$place/suite"
cd "$place/suite"
"$place"/venv/bin/python -m pytest -q -n "${WORKERS:-2}" "$@"
