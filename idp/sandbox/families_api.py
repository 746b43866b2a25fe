"""Families made by one call: the document that a file holds in TOML, as JSON."""

from collections.abc import Mapping, Sequence
from typing import Any

from idp.journeys.directory_desk import ImportUnderWay
from idp.journeys.families.document import FamiliesDocument, FamiliesRefused
from idp.journeys.families.loading import FamiliesLoader, FamiliesReport
from idp.journeys.families.reading import read_values
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


def family_operations(loader: FamiliesLoader) -> Sequence[Operation]:
    """Return the call that takes a families document in."""

    def load(asked: Asked) -> dict[str, Any]:
        document = _read(asked.body)
        try:
            return _write(loader.load([document]))
        except FamiliesRefused as refusal:
            raise _refuse(refusal) from None
        except ImportUnderWay as busy:
            raise Problem(409, str(busy)) from None

    return (
        Operation(
            "POST",
            "/families",
            load,
            "Take schools and families in, with the accounts that they have: a families document, as JSON.",
            _LOADED,
            body={"type": "object", "description": "Members and values as in docs/reference/families.md."},
            status=201,
            refusals={
                409: "A directory import is under way: ask again.",
                422: "Something in the document is not right: `faults` holds a sentence for each.",
            },
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
