"""The one object that everything hangs from."""

from collections.abc import Iterable

from franceconnect_bridge.simulator.clock import MovableClock
from franceconnect_bridge.simulator.faults import Faults
from franceconnect_bridge.simulator.keys import Keys
from franceconnect_bridge.simulator.persons import Person, Persons
from franceconnect_bridge.simulator.settings import Client, Settings
from franceconnect_bridge.simulator.store import Store


class Simulator:
    """One simulated FranceConnect.

    Attributes:
        settings: What it was told.
        clock: Its time.
        persons: Who can sign in.
        faults: What shall go wrong.
        keys: What it signs with.
        store: What it remembers.
    """

    def __init__(self, settings: Settings, people: Iterable[Person]) -> None:
        self.settings = settings
        self.clock = MovableClock()
        self.persons = Persons(people)
        self.faults = Faults()
        self.keys = Keys()
        self.store = Store(self.clock)
        self._clients = {client.client_id: client for client in settings.clients}

    def find_client(self, client_id: str) -> Client | None:
        """Return an active client."""
        client = self._clients.get(client_id)
        return client if client is not None and client.active else None

    def reset(self) -> None:
        """Go back to the start: faults, persons, browsers and tokens are forgotten, the clock is right. Keys stay."""
        self.faults.clear()
        self.persons.reset()
        self.store.clear()
        self.clock.reset()
