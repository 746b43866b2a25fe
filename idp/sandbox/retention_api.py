"""The purge, as a tester asks for it: a test instance never does it by itself."""

from collections.abc import Mapping, Sequence
from typing import Any

from idp.journeys.retention import PurgeReport, Retention
from idp.sandbox.operations import Asked, Operation, Parameter
from idp.sandbox.problems import Problem
from idp.sandbox.values import FLAG, NUMBER, document_of

_REPORT = document_of(
    {
        "warned": NUMBER,
        "unreachable": NUMBER,
        "closed": NUMBER,
        "ended": NUMBER,
        "kept": NUMBER,
        "audit_lines": NUMBER,
        "messages": NUMBER,
        "postponed": FLAG,
    }
)
_DRY = {"": False, "false": False, "true": True}


def retention_operations(retention: Retention) -> Sequence[Operation]:
    """Return the call that does what `preau purge` does."""

    def purge(asked: Asked) -> Mapping[str, Any]:
        dry = _DRY.get(asked.query.get("dry_run", ""))
        if dry is None:
            raise Problem(400, "dry_run must be true or false")
        return _write(retention.run(dry=dry))

    return (
        Operation(
            "POST",
            "/purge",
            purge,
            "Do by the instance's clock what `preau purge` does: warn of the end of unused accounts, close them, forget old lines.",
            _REPORT,
            query=(Parameter("dry_run", "true: count what would be done, and do nothing.", "true"),),
        ),
    )


def _write(report: PurgeReport) -> dict[str, Any]:
    return {
        "warned": report.warned,
        "unreachable": report.unreachable,
        "closed": report.closed,
        "ended": report.ended,
        "kept": report.kept,
        "audit_lines": report.audit_lines,
        "messages": report.messages,
        "postponed": report.postponed,
    }
