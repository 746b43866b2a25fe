"""Sessions of fictional people: who is signed in, and how a tester ends it."""

from collections.abc import Sequence
from typing import Any

from idp.journeys.person_reports import PersonReports
from idp.journeys.rehearsal import Rehearsal
from idp.people.identifiants import is_identifiant, normalise_identifiant
from idp.sandbox.operations import Asked, Operation, Parameter
from idp.sandbox.people_api import NOBODY, NOBODY_SENTENCE, SESSION, told_as_problems, write_session
from idp.sandbox.problems import Problem
from idp.sandbox.values import NUMBER, document_of, list_of

_WHOSE = Parameter("identifiant", "Of this person.", "j.dupont2031", required=True)


def session_operations(rehearsal: Rehearsal, reports: PersonReports) -> Sequence[Operation]:
    """Return the calls about sessions."""

    def load(asked: Asked) -> list[dict[str, Any]]:
        with told_as_problems():
            return [write_session(one) for one in reports.load_sessions(_read_whose(asked))]

    def end_all(asked: Asked) -> dict[str, int]:
        with told_as_problems():
            return {"ended": rehearsal.end_sessions(_read_whose(asked))}

    def end(asked: Asked) -> dict[str, int]:
        with told_as_problems():
            return {"ended": rehearsal.end_session(asked.path["sid"])}

    ended = document_of({"ended": NUMBER})
    return (
        Operation(
            "GET",
            "/sessions",
            load,
            "List the sessions of a person, the newest first, ended ones included.",
            list_of(SESSION),
            query=(_WHOSE,),
            refusals=NOBODY,
        ),
        Operation(
            "DELETE",
            "/sessions",
            end_all,
            "End every session of a person, and revoke all of her tokens. Her ENTs are told.",
            ended,
            query=(_WHOSE,),
            refusals=NOBODY,
        ),
        Operation(
            "DELETE",
            "/sessions/{sid}",
            end,
            "End one session, and revoke its tokens but offline ones. Its ENTs are told.",
            ended,
            refusals={404: "There is no such session."},
        ),
    )


def _read_whose(asked: Asked) -> str:
    identifiant = normalise_identifiant(asked.query["identifiant"])
    if not is_identifiant(identifiant):
        raise Problem(404, NOBODY_SENTENCE)
    return identifiant
