"""The clients of a families document, looked at before any instance names the document."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from idp.settings.client_rules import client_faults
from idp.settings.clients import ClientSettings
from idp.settings.faults import Fault
from idp.settings.load import faults_in


def client_faults_of(clients: Sequence[Mapping[str, Any]]) -> list[tuple[int, str, str]]:
    """Return what is wrong with the clients of a document, as on a test instance without hosts of its own: place, key and problem."""
    found: list[tuple[int, str, str]] = []
    ids: list[object] = []
    for place, given in enumerate(clients):
        key = f"clients[{place}]"
        try:
            faults = client_faults(place, ClientSettings(**given), ())
        except ValidationError as error:
            faults = [replace(fault, key=f"{key}.{fault.key}") for fault in faults_in(error)]
        if given.get("client_id") in ids:
            faults.append(Fault(f"{key}.client_id", "is the same as an earlier client's"))
        ids.append(given.get("client_id"))
        found += [(place, fault.key, fault.problem) for fault in faults]
    return found
