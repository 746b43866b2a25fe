"""What `make stories` searches with: each of its eyes sees what it is there for."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.stories import watch
from tests.stories.watch import Watch


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    (tmp_path / "provider.log").write_text('{"level": "info", "event": "request"}\n', encoding="utf-8")
    return tmp_path / "preau.toml"


def complaints(settings: Path) -> list[str]:
    """Return what is wrong at the end of a worker's stories, but for its database, which is not there."""
    found: list[str] = Watch("http://localhost:8400", settings).conclude()["wrong"]
    return [sentence for sentence in found if not sentence.startswith("preau db check: ")]


def test_a_process_is_found_by_its_mark_whoever_its_parent_is() -> None:
    orphan = "[sys.executable, '-c', 'input()'], start_new_session=True, stdout=-3, stderr=-3"
    program = f"import subprocess, sys; print(subprocess.Popen({orphan}).pid)"
    environ = {**os.environ, "STORIES_RUN": "of-this-test"}
    read, write = os.pipe()
    done = subprocess.run(  # noqa: S603  our own command
        [sys.executable, "-W", "ignore", "-c", program],
        env=environ,
        stdin=read,
        capture_output=True,
        text=True,
        check=True,
    )
    assert set(watch.marked("STORIES_RUN=of-this-test")) == {int(done.stdout)}
    assert watch.marked("STORIES_RUN=of-another") == {}
    os.close(read)
    os.close(write)  # it ends


def test_a_port_is_open_while_somebody_listens_on_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert watch.still_open({port}) == {port}
    assert watch.still_open({port}) == set()


def test_a_quiet_provider_has_nothing_against_it(settings: Path) -> None:
    assert complaints(settings) == []


@pytest.mark.parametrize(
    "line", ['{"level": "error", "event": "x"}', "Traceback (most recent call last):", '{"a": 1}', "7"]
)
def test_an_error_in_the_log_is_told(settings: Path, line: str) -> None:
    with settings.with_name("provider.log").open("a", encoding="utf-8") as log:
        log.write(f"{line}\n")
    assert complaints(settings) == [f"its log says: {line}"]


def test_a_database_that_cannot_be_checked_is_told(settings: Path) -> None:
    (told,) = [one for one in Watch("http://localhost:8400", settings).conclude()["wrong"] if "db check" in one]
    assert str(settings) in told


def test_files_that_stay_open_are_told_when_the_first_stories_are_over(settings: Path) -> None:
    watching = Watch("http://localhost:8400", settings)
    for _ in range(watch.WARM):
        watching.note_story()
    kept = [settings.with_name("provider.log").open("rb") for _ in range(watch.MOST_FILES + 1)]
    (told,) = [one for one in watching.conclude()["wrong"] if "open files" in one]
    assert told.startswith("the worker's open files grew by 9, from ")
    for one in kept:
        one.close()


def test_a_process_that_ended_meanwhile_is_told(settings: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        watching = Watch("http://localhost:8400", settings)
        child.communicate(b"\n")
        assert any(one.startswith("a process came or went: ") for one in watching.conclude()["wrong"])
