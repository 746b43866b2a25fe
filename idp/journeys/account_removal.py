"""What is left of an account that is taken away, by a tester or because nobody used it: nothing but its line in the audit trail."""

from datetime import datetime

from idp.journeys.activation_state import ActivationState
from idp.journeys.ports import UnitOfWork
from idp.journeys.rows import AuditEvent
from idp.journeys.session_end import SessionEnd
from idp.people.records import Account

ACCOUNT_REMOVED = "account.removed"


def remove_account(desk: UnitOfWork, account: Account, ends: SessionEnd, now: datetime, *, why: str = "") -> None:
    """Remove an account: its sessions end and their ENTs are told; what it proved is declared again, what was contested stays so.

    Args:
        desk: The transaction.
        account: Which.
        ends: What ends sessions.
        now: The present moment.
        why: For the audit trail; "" where a tester asked for it.
    """
    ends.end_all(desk, account.id, now)
    for row in desk.activations.load_activations(now):
        if ActivationState.from_bytes(row.state).account_id == account.id:
            desk.activations.erase_activation(row.id)
    desk.people.unconfirm_kinships(account.id)
    desk.accounts.remove_account(account.id)
    desk.ledger.record(AuditEvent(ACCOUNT_REMOVED, account_id=account.id, details={"why": why} if why else {}), now)
