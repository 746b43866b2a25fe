"""Families made by one call: the document that a file holds in TOML, as JSON; and taken out by another."""

from collections.abc import Mapping, Sequence
from typing import Any

from idp.journeys.directory_desk import ImportUnderWay
from idp.journeys.families.document import FamiliesDocument, FamiliesRefused
from idp.journeys.families.loading import FamiliesLoader, FamiliesReport
from idp.journeys.families.reading import read_values
from idp.journeys.families.removing import FamiliesRemover, FamilyUnknown
from idp.sandbox.operations import Asked, Operation
from idp.sandbox.problems import Problem
from idp.sandbox.values import NUMBER, TEXT, document_of, list_of

_NAME = "the body"  # what its faults are told of
_LOADED = document_of(
    {
        "added": NUMBER,
        "changed": NUMBER,
        "unchanged": NUMBER,
        "made": list_of(TEXT),
        "kept": list_of(TEXT),
        "armed": list_of(TEXT),
        "notes": list_of(TEXT),
    }
)


_REMOVED = document_of({"records": NUMBER, "accounts": list_of(TEXT), "faults": list_of(TEXT)})
_BUSY = {409: "A directory import is under way: ask again."}


def family_operations(loader: FamiliesLoader, remover: FamiliesRemover) -> Sequence[Operation]:
    """Return the calls that take a families document in, and its families out again."""

    def load(asked: Asked) -> dict[str, Any]:
        document = _read(asked.body)
        try:
            return _write(loader.load([document]))
        except FamiliesRefused as refusal:
            raise _refuse(refusal) from None
        except ImportUnderWay as busy:
            raise Problem(409, str(busy)) from None

    def load_names(_asked: Asked) -> list[str]:
        return remover.load_names()

    def remove(asked: Asked) -> dict[str, Any]:
        try:
            removal = remover.remove(asked.path["name"])
        except FamilyUnknown as unknown:
            raise Problem(404, str(unknown)) from None
        except ImportUnderWay as busy:
            raise Problem(409, str(busy)) from None
        return {"records": removal.records, "accounts": list(removal.accounts), "faults": list(removal.faults)}

    return (
        Operation("GET", "/families", load_names, "List the families that documents brought.", list_of(TEXT)),
        Operation(
            "POST",
            "/families",
            load,
            "Take schools and families in, with the accounts that they have: a families document, as JSON.",
            _LOADED,
            body={"type": "object", "description": "Members and values as in docs/reference/families.md."},
            status=201,
            refusals={
                **_BUSY,
                422: "Something in the document is not right: `faults` holds a sentence for each.",
            },
        ),
        Operation(
            "DELETE",
            "/families/{name}",
            remove,
            "Take a family out: its people, their accounts, sessions, tokens, texts and faults. Schools stay.",
            _REMOVED,
            refusals={404: "No document brought a family of this name.", **_BUSY},
        ),
    )


def _read(body: Any) -> FamiliesDocument:
    """Return the document that was sent.

    Raises:
        Problem: 422.
    """
    if not isinstance(body, Mapping):
        raise Problem(
            422, "The body must be a JSON object with the members of a families document, for example schools"
        )
    if "clients" in body:
        raise Problem(422, "Clients of a document are read when the provider starts: register one with POST /clients")
    try:
        return read_values(body, _NAME)
    except FamiliesRefused as refusal:
        raise _refuse(refusal) from None
    except RecursionError:  # deep enough to be read, and too deep to be shown in a fault
        raise Problem(422, "The body is nested too deep for a families document") from None


def _refuse(refusal: FamiliesRefused) -> Problem:
    faults = [str(fault) for fault in refusal.faults]
    return Problem(422, faults[0], members={"faults": faults})


def _write(report: FamiliesReport) -> dict[str, Any]:
    return {
        "added": report.added,
        "changed": report.changed,
        "unchanged": report.unchanged,
        "made": report.made,
        "kept": report.kept,
        "armed": report.armed,
        "notes": report.notes,
    }
