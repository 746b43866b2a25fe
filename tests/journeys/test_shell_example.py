"""examples/shell/sign-in.sh: a parent, a service and a tester, all of them curl, against a provider that runs."""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.server import RunningServer, running_server

SCRIPT = Path(__file__).parents[2] / "examples/shell/sign-in.sh"
TOKEN = "token-of-the-control-api"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PREAU_SANDBOX__TOKEN", TOKEN)
        with running_server(tmp_path_factory.mktemp("shell")) as running:
            yield running


def run_script(server: RunningServer, script: Path = SCRIPT, **variables: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(  # noqa: S603  our own example
        [str(script), server.base],
        env={"PATH": os.environ["PATH"], "LC_ALL": "C", **variables},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def documents(text: str) -> list[dict[str, Any]]:
    """Return the JSON objects that were printed."""
    return [json.loads(found) for found in re.findall(r"^\{$.*?^\}$", text, re.DOTALL | re.MULTILINE)]


def test_the_script_prints_the_claims_of_joe(server: RunningServer) -> None:
    done = run_script(server, PREAU_SANDBOX_TOKEN=TOKEN)
    assert (done.returncode, done.stderr) == (0, "")
    id_token, userinfo = documents(done.stdout)
    assert (id_token["iss"], id_token["acr"]) == (server.base, "responsable")
    assert (userinfo["given_name"], userinfo["family_name"]) == ("Joe", "DUPONT")
    assert userinfo["sub"] == id_token["sub"]


def test_it_begins_at_the_seed_each_time_and_plays_another_parent(server: RunningServer) -> None:
    for _ in range(2):
        done = run_script(server, PREAU_SANDBOX_TOKEN=TOKEN, PREAU_PHONE="+33639980002")
        assert done.returncode == 0, done.stderr
        assert documents(done.stdout)[1]["family_name"] == "DUBOIS"


def test_without_the_token_it_says_what_the_provider_said(server: RunningServer) -> None:
    done = run_script(server)
    assert (done.returncode, done.stdout) == (1, "")
    assert "/sandbox/v1/reset did not work: {" in done.stderr
    assert "Authorization: Bearer" in done.stderr


def test_a_number_that_the_school_does_not_know_is_said(server: RunningServer) -> None:
    done = run_script(server, PREAU_SANDBOX_TOKEN=TOKEN, PREAU_PHONE="+33639980099")
    assert (done.returncode, done.stdout) == (1, "")
    assert "/sandbox/v1/people/activate did not work: {" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("j_password=$password", "j_password=Autre-Mot-99", "nobody was sent back: "),
        ("code_verifier=$verifier", "code_verifier=$(random)", "/token did not work: {"),
        ('"nonce=$nonce"', '"nonce=$(random)"', "the ID token is of another sign-in: {"),
    ],
)
def test_a_sign_in_that_goes_wrong_prints_no_claims(
    server: RunningServer, tmp_path: Path, right: str, wrong: str, said: str
) -> None:
    sound, broken = SCRIPT.read_text(encoding="utf-8"), tmp_path / "sign-in.sh"
    assert right in sound
    broken.write_text(sound.replace(right, wrong), encoding="utf-8")
    broken.chmod(0o755)
    done = run_script(server, broken, PREAU_SANDBOX_TOKEN=TOKEN)
    assert (done.returncode, done.stdout) == (1, "")
    assert said in done.stderr
