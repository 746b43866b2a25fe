"""The tester's side of the control API."""

from typing import Any

import requests


class Sandbox:
    """Reads the simulated phone, moves the clock, reads the ledger, goes back to the seed."""

    def __init__(self, base: str, token: str = "") -> None:
        self._base = f"{base}/sandbox/v1"
        self._http = requests.Session()
        self._http.trust_env = False
        self._http.headers["X-Preau-Sandbox"] = "1"
        if token:
            self._http.headers["Authorization"] = f"Bearer {token}"

    def messages(self, to: str) -> list[dict[str, Any]]:
        """Return the messages to this number, newest first."""
        return self._ask("GET", "messages", params={"to": to})

    def code(self, to: str) -> str:
        """Return the security code of the newest message to this number."""
        return str(self.messages(to)[0]["text"])[:6]

    def advance(self, *, minutes: float = 0, seconds: float = 0) -> None:
        """Move the clock forward."""
        self._ask("PUT", "clock", json={"advance_seconds": minutes * 60 + seconds})

    def set_clock(self, moment: str) -> None:
        """Set the clock to a moment of ISO 8601."""
        self._ask("PUT", "clock", json={"now": moment})

    def pass_days(self, days: float) -> dict[str, Any]:
        """Move the clock forward, purge, and return what that did, but for what it found nothing of."""
        self.advance(seconds=days * 86_400)
        return self.purge()

    def purge(self, **query: str) -> dict[str, Any]:
        """Do what `preau purge` does, and return what that did, but for what it found nothing of."""
        told: dict[str, Any] = self._ask("POST", "purge", params=query)
        return {name: count for name, count in told.items() if count}

    def audit(self, **filters: str) -> list[dict[str, Any]]:
        """Return the audit lines, oldest first."""
        return self._ask("GET", "audit", params=filters)

    def events(self, **filters: str) -> list[str]:
        """Return the names of the audit lines, oldest first."""
        return [line["event"] for line in self.audit(**filters)]

    def make_up(self, identifiant: str, **claims: Any) -> None:
        """Give a person these claims, in place of all former ones."""
        self._ask("PUT", f"persons/{identifiant}/claims", json=claims)

    def arm(self, fault: str, **more: Any) -> int:
        """Arm a fault and return its id."""
        return int(self._ask("POST", "faults", json={"fault": fault, **more})["id"])

    def faults(self) -> list[dict[str, Any]]:
        """Return what is armed, used up or not."""
        return self._ask("GET", "faults")

    def disarm(self, armed: int) -> None:
        """Disarm one fault."""
        self._ask("DELETE", f"faults/{armed}")

    def disarm_all(self) -> None:
        """Disarm every fault."""
        self._ask("DELETE", "faults")

    def activate(self, phone: str, password: str, **more: str) -> dict[str, Any]:
        """Activate an account in one call, and return how the person stands."""
        told: dict[str, Any] = self._ask("POST", "people/activate", json={"phone": phone, "password": password, **more})
        return told

    def person(self, identifiant: str) -> dict[str, Any]:
        """Return how the holder of an account stands."""
        told: dict[str, Any] = self._ask("GET", f"people/{identifiant}")
        return told

    def people(self, phone: str) -> list[dict[str, Any]]:
        """Return how everybody with this number stands."""
        told: list[dict[str, Any]] = self._ask("GET", "people", params={"phone": phone})
        return told

    def do(self, method: str, path: str, **body: Any) -> Any:
        """Make another call and return its document."""
        return self._ask(method, path, json=body)

    def refusal(self, method: str, path: str, body: Any = None) -> tuple[int, str]:
        """Make a call that is refused, and return its status and its sentence."""
        answer = self._http.request(method, f"{self._base}/{path}", timeout=20, json=body)
        assert answer.headers["Content-Type"] == "application/problem+json", f"{answer.status_code} {answer.text}"
        return answer.status_code, str(answer.json()["detail"])

    def reset(self) -> None:
        """Go back to the seed."""
        self._ask("POST", "reset")

    def _ask(self, method: str, path: str, **more: Any) -> Any:
        answer = self._http.request(method, f"{self._base}/{path}", timeout=20, **more)
        assert answer.ok, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None
