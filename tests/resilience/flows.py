"""The five flows that are killed in their middle, each with what must be true afterwards."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from subprocess import PIPE, Popen
from sys import executable
from typing import Any

from sqlalchemy import Engine, select, text

from idp.adapters.consistency import find_violations
from idp.adapters.directory_tables import guardian, kinship, pupil, school
from idp.adapters.links import Link
from idp.adapters.secrets import MasterKey
from idp.adapters.stores import SqlUnit, make_engine
from idp.adapters.tables import metadata, op_session
from idp.journeys.rows import Message
from tests.journeys.people import ANGELA, JOE
from tests.resilience.gateway import Gateway
from tests.resilience.house import OTHER_REDIRECT_URI, House, preau, write_settings
from tests.resilience.persons import Person
from tests.support.relying_party import RelyingParty, unverified_claims
from tests.support.server import free_port

_SOME_DAY = datetime(2031, 3, 14, tzinfo=UTC)
TEXTS = 6
SIGN_INS = 3
Flow = Callable[[], None]


class Story:
    """A flow of one house: `prepare`, then `run` while somebody is killed, then `check`."""

    roles: tuple[str, ...] = ("web", "web", "outbox", "parent")

    def __init__(self, house: House, whim: Random) -> None:
        self.house = house
        self.whim = whim

    def prepare(self) -> None:
        """Go back to the seed."""
        self.house.settle()
        self.house.sandbox.reset()
        self.house.gateway.forget()

    def run(self) -> None:
        """Do what people do, until it is done."""
        raise NotImplementedError

    def check(self) -> None:
        """Assert that nothing that was confirmed is lost, and that nothing is half done."""
        self.house.settle()
        self.house.assert_sound()


class ActivationStory(Story):
    """From « Je n'ai pas de compte » to the identifiant."""

    def run(self) -> None:
        self.person = Person(self.house, JOE, self.whim)
        self.identifiant = self.person.activate()

    def check(self) -> None:
        super().check()
        assert set(self.person.told) == {self.identifiant}
        announced = [one for one in self.house.gateway.taken(JOE.e164) if self.identifiant in one]
        assert announced, "the new account is announced"
        # The password that she chose opens the account that she was shown.
        assert Person(self.house, JOE, self.whim).sign_in(self.identifiant)
        violations = self.house.violations()
        assert not violations, violations


class SignInStory(Story):
    """From the ENT to a token, in one browser after another."""

    def prepare(self) -> None:
        super().prepare()
        self.person = Person(self.house, ANGELA, self.whim)
        self.identifiant = self.person.activate()
        self.house.drain()

    def run(self) -> None:
        for _ in range(SIGN_INS):
            self.person.take_another_browser()
            self.person.sign_in(self.identifiant)

    def check(self) -> None:
        super().check()
        ent = RelyingParty(self.house.base)
        answers = [ent.userinfo(token) for token in self.person.tokens]
        # A lease that was waited out on the tester's clock is half the life of a token.
        assert [answer.status_code for answer in answers] == [200] * len(answers)


class SendingStory(Story):
    """A few texts leave."""

    roles = ("outbox", "outbox", "outbox", "parent")

    def run(self) -> None:
        with self.house.stores.writing() as desk:
            for number in range(TEXTS):
                desk.outbox.put(Message("sms", JOE.e164, f"texte {number}"), at=self.house.clock.now())
        self._fail_to_write()
        self.house.drain()

    def _fail_to_write(self) -> None:
        """Roll a fact back, with the text that would have announced it."""
        with self.house.engine.connect() as connection:
            unit = SqlUnit(Link(connection, repeats=False), self.house.secrets)
            unit.outbox.put(Message("sms", JOE.e164, "texte de trop"), at=self.house.clock.now())
            connection.rollback()

    def check(self) -> None:
        super().check()
        assert set(self.house.gateway.taken()) == {f"texte {number}" for number in range(TEXTS)}


class SignOutStory(Story):
    """One browser after another signs out, and the ENT is told of each session."""

    def prepare(self) -> None:
        super().prepare()
        identifiant = Person(self.house, ANGELA, self.whim).activate()
        other = RelyingParty(self.house.base, "other", "secret-of-the-other", OTHER_REDIRECT_URI)
        self.persons = [Person(self.house, ANGELA, self.whim) for _ in range(SIGN_INS)]
        for person in self.persons:
            person.sign_in(identifiant, other)
        self.house.drain()

    def run(self) -> None:
        for person in self.persons:
            person.sign_out()

    def check(self) -> None:
        super().check()
        with self.house.engine.connect() as connection:
            sessions = connection.execute(select(op_session.c.id, op_session.c.ended_at)).all()
        ids = sorted(row.id for row in sessions)
        assert (len(ids), [row.ended_at for row in sessions if row.ended_at is None]) == (SIGN_INS, [])
        assert {unverified_claims(token)["sid"] for token in self.house.gateway.logout_tokens()} == set(ids)
        reported = [line["details"]["session"] for line in self.house.sandbox.audit(event="logout.told")]
        assert sorted(reported) == ids, "each is reported once, however often it was told"


STORIES: dict[str, type[Story]] = {
    "activation": ActivationStory,
    "sign-in": SignInStory,
    "sending": SendingStory,
    "sign-out": SignOutStory,
}


# --- the import: a program of its own, on a database of its own --------------------------------------------------------------------


@dataclass
class Office:
    """Where imports are killed and run again."""

    folder: Path
    settings: Path
    engine: Engine
    files: list[Path]

    @classmethod
    def open(cls, folder: Path, database_url: str, copies: int) -> "Office":
        """Make the tables, and files of `copies` demo schools."""
        settings = write_settings(folder, free_port(), database_url, Gateway(9))
        preau(settings, "init")
        preau(settings, "db", "upgrade")
        preau(settings, "directory", "generate", str(folder / "school"))
        files = sorted((folder / "school").glob("*.xml"))
        for file in files:
            file.write_text(_multiplied(file.read_text(encoding="utf-8"), copies), encoding="utf-8")
        return cls(folder, settings, make_engine(database_url), files)

    def clear(self) -> None:
        """Empty the directory, as before the first import."""
        with self.engine.begin() as connection:
            for table in reversed(metadata.sorted_tables):
                connection.execute(table.delete())

    def begin_import(self) -> "Popen[str]":
        """Start an import and return at once."""
        words = [executable, "-m", "tests.resilience.killing", str(self.settings), "import", *map(str, self.files)]
        return Popen(words, stdout=PIPE, stderr=PIPE, text=True)  # noqa: S603  our own command

    def finish_import(self) -> None:
        """Run an import to its end."""
        with self.begin_import() as process:
            out, err = process.communicate(timeout=60)
        assert process.returncode == 0, f"{out}\n{err}"

    def dump(self) -> dict[str, list[tuple[Any, ...]]]:
        """Return the directory, without row numbers."""
        with self.engine.connect() as connection:
            return {
                table.name: sorted(
                    (tuple(row) for row in connection.execute(select(*(c for c in table.columns if c.name != "id")))),
                    key=repr,
                )
                for table in (school, guardian, pupil, kinship)
            }

    def began(self) -> bool:
        """Tell whether an import noted its beginning."""
        with self.engine.connect() as connection:
            return connection.execute(text("SELECT count(*) FROM import_run")).scalar_one() > 0

    def violations(self) -> list[str]:
        """Return what the checker says."""
        return list(find_violations(self.engine, MasterKey(bytes(32)), _SOME_DAY, keeps_bodies=True))


def _multiplied(document: str, copies: int) -> str:
    """Repeat every record with other ids: the pupils and guardians of `copies` demo schools."""
    head, opening, rest = document.partition("<addRequest>")
    body, closing, tail = (opening + rest).rpartition("</addRequest>")
    records = body + closing
    if "categorieStructure" in records:
        return document
    more = (
        records.replace("72000", f"72{number:03}").replace("71000", f"71{number:03}") for number in range(1, copies)
    )
    return head + records + "\n" + "\n".join(more) + tail
