"""Faults that families documents armed: rows of testers', with the key of the document among their options."""

import json
from datetime import datetime

from sqlalchemy import delete, insert, select

from idp.adapters.links import Link
from idp.adapters.tester_tables import armed_fault
from idp.journeys.fault_ports import StandingFault

KEY = "key"
"""The option that names the fault of a document."""

_OF_TESTERS = select(armed_fault.c.id, armed_fault.c.options).where(armed_fault.c.expires_at.is_(None))
_ARM = insert(armed_fault)


class SqlStandingFaults:
    """Implements `journeys.fault_ports.StandingFaults`."""

    def __init__(self, link: Link) -> None:
        self._link = link

    def arm(self, fault: StandingFault, at: datetime) -> None:
        """Arm a fault with all its times, in place of what is armed under its key."""
        self.disarm(fault.key)
        options = {KEY: fault.key} | ({} if fault.seconds is None else {"seconds": fault.seconds})
        self._link.run(
            _ARM,
            {
                "fault": fault.fault,
                "client_id": fault.client_id,
                "identifiant": fault.identifiant,
                "endpoint": fault.endpoint,
                "options": json.dumps(options),
                "times": fault.times,
                "struck": 0,
                "armed_at": at,
                "expires_at": None,
            },
        )

    def disarm(self, key: str) -> None:
        """Forget what is armed under a key, if anything is. No sign-in is tied to it: those have faults of their own."""
        for row in self._link.run(_OF_TESTERS).all():
            if json.loads(row.options).get(KEY) == key:
                self._link.run(delete(armed_fault).where(armed_fault.c.id == row.id))
