"""Guarantee 12: logs hold no token, code, password, phone, birth date or name, at DEBUG included."""

import json
import logging
import subprocess
import sys
import traceback
from pathlib import Path
from typing import Any

import pytest

from idp.runtime import redact
from idp.runtime.logs import LineFormatter

PERSONAL = {
    "token": "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJqb2UifQ.c2lnbmF0dXJl",
    "access_token": "kQ3_vU8-aZ1xW5bN7mC9dE2fG4hJ6kL8pR0sT3uV5wY",
    "code": "482913",
    "password": "Préau-2026!",
    "phone": "+33639980001",
    "birth_date": "2012-04-12",
    "family_name": "DUPONT",
    "identifiant": "j.dupont4271",
}

SAY_EVERYTHING = f"""
import json, logging, structlog
from idp.runtime import configure_logs
configure_logs("debug")
personal = json.loads({json.dumps(json.dumps(PERSONAL))})
ours = structlog.get_logger("preau.tests")
ours.debug("an activation went on", **personal, account=7, members=[personal], more={{"inner": personal}})
ours.info("sent to +33 6 39 98 00 01, code 482913, born 12/04/2012", reference="ABCD2345", thing=object())
try:
    try:
        raise ValueError("DUPONT Joe, 06 39 98 00 01")
    except ValueError as error:
        raise OSError(13, "Permission denied") from error
except OSError:
    ours.exception("it failed")
    logging.getLogger("preau.adapters").exception("it failed for +33639980001")
for name in ("authlib.oauth2", "joserfc", "sqlalchemy.engine.Engine", "urllib3.connectionpool", "werkzeug", "anybody.else"):
    for level in (logging.DEBUG, logging.INFO, logging.WARNING):
        words = "warned" if level == logging.WARNING else "DUPONT"
        logging.getLogger(name).log(level, "%s: %r", words, dict(code="482913", token="kQ3_vU8-aZ1xW5bN7mC9dE2fG4"))
logging.getLogger("preau.adapters").debug("from below")
"""


@pytest.fixture(scope="module")
def lines() -> list[dict[str, Any]]:
    done = subprocess.run([sys.executable, "-c", SAY_EVERYTHING], capture_output=True, text=True, check=True)  # noqa: S603  our own program
    assert done.stdout == ""
    return [json.loads(line) for line in done.stderr.splitlines()]


def test_nothing_personal_is_in_any_line(lines: list[dict[str, Any]]) -> None:
    said = json.dumps(lines, ensure_ascii=False)
    for value in (*PERSONAL.values(), "Joe", "39 98 00 01", "12/04/2012", "kQ3_"):
        assert value not in said, value


def test_nothing_personal_is_in_a_log_for_a_terminal_either() -> None:
    program = SAY_EVERYTHING.replace('configure_logs("debug")', 'configure_logs("debug", "text")')
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)  # noqa: S603  our own program
    for value in (*PERSONAL.values(), "Joe", "39 98 00 01", "12/04/2012", "kQ3_"):
        assert value not in done.stderr, value
    lines = done.stderr.splitlines()
    assert " debug   an activation went on " in lines[0]
    assert "account=7" in lines[0]
    assert "    builtins.PermissionError: Permission denied" in lines


UNCAUGHT = """
import threading
from idp.runtime import configure_logs
configure_logs()
def fail():
    raise ValueError("DUPONT Joe, 06 39 98 00 01")
thread = threading.Thread(target=fail)
thread.start()
thread.join()
fail()
"""


def test_an_exception_that_nobody_caught_is_told_without_its_words() -> None:
    done = subprocess.run([sys.executable, "-c", UNCAUGHT], capture_output=True, text=True, check=False)  # noqa: S603  our own program
    assert done.returncode == 1
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert [(line["level"], line["exception"][0]) for line in lines] == [("critical", "builtins.ValueError")] * 2
    assert "DUPONT" not in done.stderr


def test_a_traceback_that_the_server_wrote_out_loses_its_words() -> None:
    try:
        try:
            {}["DUPONT"]
        except KeyError as error:
            raise ValueError("DUPONT Joe\n  born: 12/04/2012\nMARTIN: a second line") from error
    except ValueError:
        said = f"Application callable raised an exception\n{traceback.format_exc()}"
    record = logging.LogRecord("_granian", logging.ERROR, "", 0, said, None, None)
    line = json.loads(LineFormatter().format(record))
    assert line["event"] == "Application callable raised an exception"
    assert [told for told in line["exception"] if not told.startswith("  ")] == ["KeyError", "ValueError"]
    assert any(
        told.endswith("test_a_traceback_that_the_server_wrote_out_loses_its_words") for told in line["exception"]
    )
    assert not [word for word in ("DUPONT", "Joe", "born", "MARTIN:") if word in json.dumps(line)]


def test_what_support_needs_is_there(lines: list[dict[str, Any]]) -> None:
    assert lines[0]["account"] == 7
    assert lines[0]["level"] == "debug"
    assert lines[0]["timestamp"].endswith("Z")
    assert lines[1]["reference"] == "ABCD2345"
    assert lines[1]["thing"] == "<object>"
    assert lines[1]["event"] == "sent to [removed], code [removed], born [removed]"


@pytest.mark.parametrize("line", [2, 3])
def test_an_exception_is_its_classes_and_its_lines_without_its_words(lines: list[dict[str, Any]], line: int) -> None:
    told = lines[line]["exception"]
    assert told[0] == "builtins.PermissionError: Permission denied"
    assert told[1].startswith("  <string>:")
    assert "builtins.ValueError" in told


def test_libraries_speak_from_warning_up_and_we_from_debug(lines: list[dict[str, Any]]) -> None:
    theirs = [line for line in lines if line.get("logger", "preau").split(".")[0] != "preau"]
    assert len(theirs) == 6
    assert {line["level"] for line in theirs} == {"warning"}
    assert [line["event"] for line in lines if line.get("logger") == "preau.adapters"][-1] == "from below"


@pytest.mark.parametrize(
    "text",
    [
        "06 39 98 00 01",
        "0639980001",
        "+33 6 39 98 00 01",
        "+262639980001",
        "06.39.98.00.01",
        "12/04/2012",
        "2012-04-12",
        "482913",
        "j.dupont4271",
        "joe@example.org",
        "Bearer abc.def",
        "eyJhbGciOiJub25lIn0.e30.",
        "code=abc",
        "password: 'x'",
        "'client_secret': 'x'",
        "0123456789abcdef0123456789abcdef",
    ],
)
def test_what_looks_personal_is_blanked(text: str) -> None:
    assert redact(f"before {text} after").replace("'", "").strip() == "before [removed] after"


@pytest.mark.parametrize(
    "text",
    [
        "listening on 127.0.0.1:8400",
        "worker 12 ended after 3500 ms",
        "the activation_kinship_contested_by_guardian event",
        "RFC 6749 section 4.1.2",
        "0.1.0",
    ],
)
def test_what_an_operator_needs_is_kept(text: str) -> None:
    assert redact(text) == text


def test_our_formatter_leaves_the_handlers_of_tests_alone(caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    # Logs are set up by the process that serves, never by an import.
    del tmp_path
    logging.getLogger("preau").warning("seen")
    assert [record.message for record in caplog.records] == ["seen"]
