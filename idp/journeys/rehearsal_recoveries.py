"""What a tester does to recoveries under way: let their codes run out, let somebody who is locked go on."""

from collections.abc import Callable
from datetime import datetime

from idp.journeys.ports import UnitOfWork
from idp.journeys.recovery_state import RecoveryState


def expire_recovery_codes(desk: UnitOfWork, phone: str, now: datetime) -> int:
    """Let the codes that were sent to a number run out now, and return how many did."""

    def expire(state: RecoveryState) -> bool:
        if not state.code_hash or state.phone != phone or state.expires_at is None or state.expires_at <= now:
            return False
        state.expires_at = now
        return True

    return _change(desk, now, expire)


def free_recoveries(desk: UnitOfWork, identifiant: str, now: datetime) -> int:
    """Let recoveries of an account that are locked go on, and return how many were."""

    def free(state: RecoveryState) -> bool:
        if state.identifiant != identifiant or state.locked_until is None or state.locked_until <= now:
            return False
        state.locked_until = now
        return True

    return _change(desk, now, free)


def _change(desk: UnitOfWork, now: datetime, change: Callable[[RecoveryState], bool]) -> int:
    """Change what recoveries remember; one that its browser changes at this moment is left to it."""
    changed = 0
    for row in desk.recoveries.load_recoveries(now):
        state = RecoveryState.from_bytes(row.state)
        if change(state):
            row.state = state.to_bytes()
            changed += desk.recoveries.save_recovery(row, expected_turn=row.turn)
    return changed
