"""Fictional people: how they stand, and what a tester does to them in one call."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from flask import request

from idp.journeys.person_reports import Counter, PersonReport, PersonReports, SessionReport
from idp.journeys.rehearsal import Reason, Rehearsal, RehearsalRefusedError, Wanted
from idp.people.identifiants import is_identifiant, normalise_identifiant
from idp.people.records import Guardian, Kinship, KinshipState
from idp.sandbox.operations import Asked, Operation, Parameter
from idp.sandbox.problems import Problem
from idp.sandbox.values import (
    FLAG,
    MOMENT,
    MOMENT_OR_NONE,
    NUMBER,
    TEXT,
    TEXT_OR_NONE,
    document_of,
    list_of,
    one_of,
    read_members,
    read_number,
    write_moment,
    write_moment_or_none,
)

_RECORD = document_of(
    {
        "id": NUMBER,
        "academy": TEXT,
        "origin": TEXT,
        "jointure": TEXT,
        "family_name": TEXT,
        "birth_name": TEXT,
        "given_names": list_of(TEXT),
        "phone": TEXT_OR_NONE,
    }
)
_CHILD = document_of(
    {
        "given_name": TEXT,
        "family_name": TEXT,
        "birth_date": {"type": "string", "format": "date"},
        "jointure": TEXT,
        "school": TEXT_OR_NONE,
        "uai": TEXT_OR_NONE,
        "link": one_of(*KinshipState),
    }
)
SESSION = document_of(
    {
        "sid": TEXT,
        "auth_time": MOMENT,
        "acr": TEXT,
        "amr": list_of(TEXT),
        "expires_at": MOMENT,
        "ended_at": MOMENT_OR_NONE,
        "clients": list_of(TEXT),
    }
)
_COUNTER = document_of(
    {"what": one_of("passwords", "birth-dates"), "used": NUMBER, "limit": NUMBER, "locks": FLAG, "until": MOMENT}
)
_PERSON = document_of(
    {
        "identifiant": TEXT_OR_NONE,
        "family_name": TEXT,
        "given_name": TEXT,
        "has_password": FLAG,
        "franceconnect": FLAG,
        "records": list_of(_RECORD),
        "children": list_of(_CHILD),
        "sessions": list_of(SESSION),
        "wrong": list_of(_COUNTER),
        "phones_waiting": list_of(document_of({"phone": TEXT, "until": MOMENT})),
    }
)
_STATUS = {Reason.NOBODY: 404, Reason.CONFLICT: 409, Reason.INVALID: 422}
NOBODY = {404: "Nobody has this identifiant."}
NOBODY_SENTENCE = "No account has this identifiant: activate it first"


@contextmanager
def told_as_problems() -> Iterator[None]:
    """Answer a refusal of the journeys as a problem.

    Raises:
        Problem: 404, 409 or 422.
    """
    try:
        yield
    except RehearsalRefusedError as refusal:
        raise Problem(_STATUS[refusal.reason], str(refusal)) from None


def read_identifiant(asked: Asked) -> str:
    """Return the identifiant of the path, as it is kept.

    Raises:
        Problem: 404; what has not its form is nobody's.
    """
    identifiant = normalise_identifiant(asked.path["identifiant"])
    if not is_identifiant(identifiant):
        raise Problem(404, NOBODY_SENTENCE)
    return identifiant


def people_operations(rehearsal: Rehearsal, reports: PersonReports) -> Sequence[Operation]:
    """Return the calls about people."""

    def load_by_phone(asked: Asked) -> list[dict[str, Any]]:
        return [_write(one) for one in reports.load_by_phone(read_number(asked.query["phone"]))]

    def load(asked: Asked) -> dict[str, Any]:
        with told_as_problems():
            return _write(reports.load(read_identifiant(asked)))

    def activate(asked: Asked) -> dict[str, Any]:
        wanted = _read_wanted(asked)
        with told_as_problems():
            return _write(reports.load(rehearsal.activate(wanted)))

    def expire(asked: Asked) -> dict[str, int]:
        sent = read_members(asked, {"phone": str}, {})
        return {"expired": rehearsal.expire_codes(read_number(sent["phone"], status=422))}

    def confirm(asked: Asked) -> dict[str, int]:
        sent = read_members(asked, {"phone": str}, {})
        return {"confirmed": rehearsal.confirm_phone(read_number(sent["phone"], status=422))}

    def lock(asked: Asked) -> dict[str, Any]:
        return _change(asked, rehearsal.lock)

    def unlock(asked: Asked) -> dict[str, Any]:
        return _change(asked, lambda identifiant: rehearsal.unlock(identifiant, request.remote_addr or ""))

    def _change(asked: Asked, act: Callable[[str], None]) -> dict[str, Any]:
        with told_as_problems():
            act(read_identifiant(asked))
            return _write(reports.load(read_identifiant(asked)))

    def remove(asked: Asked) -> None:
        with told_as_problems():
            rehearsal.remove(read_identifiant(asked))

    return (
        Operation(
            "GET",
            "/people",
            load_by_phone,
            "Tell how everybody stands whose number the school knows to be this one, with an account or without.",
            list_of(_PERSON),
            query=(Parameter("phone", "E.164 number.", "%2B33639980001", required=True),),
        ),
        Operation(
            "POST",
            "/people/activate",
            activate,
            "Activate an account in one call, proving every link that nobody contested.",
            _PERSON,
            body=document_of(
                {"phone": TEXT, "password": TEXT}, {"identifiant": TEXT, "family_name": TEXT, "given_name": TEXT}
            ),
            status=201,
            refusals={
                404: "Nobody has this number and these names.",
                409: "She has an account, several people could be meant, or the identifiant was given before.",
                422: "The body is not right, or the password is refused.",
            },
        ),
        Operation(
            "POST",
            "/people/expire-code",
            expire,
            "Let the security codes that were sent to a number run out now.",
            document_of({"expired": NUMBER}),
            body=document_of({"phone": TEXT}),
            refusals={422: "The body is not right."},
        ),
        Operation(
            "POST",
            "/people/confirm-phone",
            confirm,
            "Confirm, as the school's office would, a number that an import changed: it recovers accounts at once.",
            document_of({"confirmed": NUMBER}),
            body=document_of({"phone": TEXT}),
            refusals={422: "The body is not right."},
        ),
        Operation(
            "GET", "/people/{identifiant}", load, "Tell how the holder of an account stands.", _PERSON, refusals=NOBODY
        ),
        Operation(
            "DELETE",
            "/people/{identifiant}",
            remove,
            "Remove an account. Its ENTs are told that its sessions end; its links are declared again.",
            refusals=NOBODY,
        ),
        Operation(
            "POST",
            "/people/{identifiant}/lock",
            lock,
            "Refuse every password, as after many wrong ones, in browsers where this person never signed in.",
            _PERSON,
            refusals=NOBODY,
        ),
        Operation(
            "POST",
            "/people/{identifiant}/identity-check",
            lambda asked: _change(asked, rehearsal.demand_identity),
            "Have one child's birth date asked for after the password at the next sign-in, whatever the policy.",
            _PERSON,
            refusals=NOBODY,
        ),
        Operation(
            "POST",
            "/people/{identifiant}/unlock",
            unlock,
            "Forget wrong passwords (from everywhere, and from the caller's address) and wrong birth dates.",
            _PERSON,
            refusals=NOBODY,
        ),
    )


def _read_wanted(asked: Asked) -> Wanted:
    sent = read_members(
        asked, {"phone": str, "password": str}, {"identifiant": str, "family_name": str, "given_name": str}
    )
    identifiant = sent.get("identifiant", "")
    if identifiant and not is_identifiant(identifiant):
        raise Problem(422, "identifiant must be a letter, a dot, letters and four digits, for example j.dupont0001")
    if ("family_name" in sent) != ("given_name" in sent):
        raise Problem(422, "family_name and given_name go together")
    names = (sent["family_name"], sent["given_name"]) if "family_name" in sent else None
    return Wanted(read_number(sent["phone"], status=422), sent["password"], identifiant, names)


def _write(report: PersonReport) -> dict[str, Any]:
    account = report.account
    first = report.guardians[0] if report.guardians else None
    return {
        "identifiant": account.identifiant if account else None,
        "family_name": account.family_name if account else first.family_name if first else "",
        "given_name": account.given_name if account else first.given_names[0] if first else "",
        "has_password": account is not None and account.password_hash is not None,
        "franceconnect": report.by_franceconnect,
        "records": [_write_record(one) for one in report.guardians],
        "children": [_write_child(one) for one in report.links],
        "sessions": [write_session(one) for one in report.sessions],
        "wrong": [_write_counter(one) for one in report.counters],
        "phones_waiting": [{"phone": phone, "until": write_moment(until)} for phone, until in report.waiting],
    }


def _write_record(guardian: Guardian) -> dict[str, Any]:
    return {
        "id": guardian.id,
        "academy": guardian.academy,
        "origin": guardian.origin,
        "jointure": guardian.jointure,
        "family_name": guardian.family_name,
        "birth_name": guardian.birth_name,
        "given_names": list(guardian.given_names),
        "phone": guardian.mobile.e164 if guardian.mobile else None,
    }


def _write_child(link: Kinship) -> dict[str, Any]:
    return {
        "given_name": link.pupil.given_name,
        "family_name": link.pupil.family_name,
        "birth_date": link.pupil.birth_date.isoformat(),
        "jointure": link.pupil.jointure,
        "school": link.school.name if link.school else None,
        "uai": link.school.uai if link.school else None,
        "link": link.state.value,
    }


def write_session(session: SessionReport) -> dict[str, Any]:
    """Return a session as the control API writes it."""
    row = session.row
    return {
        "sid": row.id,
        "auth_time": write_moment(row.auth_time),
        "acr": row.acr,
        "amr": list(row.amr),
        "expires_at": write_moment(row.expires_at),
        "ended_at": write_moment_or_none(row.ended_at),
        "clients": list(session.clients),
    }


def _write_counter(counter: Counter) -> dict[str, Any]:
    return {
        "what": counter.what,
        "used": counter.used,
        "limit": counter.limit,
        "locks": counter.locks,
        "until": write_moment(counter.until),
    }
