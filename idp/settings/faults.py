"""What is wrong with the settings, in sentences that never repeat a value."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing to correct.

    Attributes:
        key: the setting, as written in the file: "sandbox.token", "clients[0].redirect_uris".
        problem: what is wrong and what to write instead, without the value (it may be a secret) and without a full stop.
        source: where the value came from: a file's path or a variable's name; "" when it came from nowhere.
        line: of that file, from 1: where the setting stands, or, where it is missing, its table. 0 when nobody can tell.
    """

    key: str
    problem: str
    source: str = ""
    line: int = 0

    def __str__(self) -> str:
        """Return the sentence."""
        place = f"{self.source}, line {self.line}" if self.line else self.source
        origin = f" (from {place})" if place else ""
        return f"{self.key}{origin} {self.problem}."


class SettingsError(Exception):
    """The settings cannot be used. Its text is one line for each fault."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = faults

    def located(self, sources: dict[str, str], default: str) -> "SettingsError":
        """Return the same error, each fault with its source.

        Args:
            sources: the variable that set a key, for keys set by a variable.
            default: where all the other values came from.
        """
        return SettingsError(*(replace(fault, source=_source(fault.key, sources, default)) for fault in self.faults))

    def moved(self, own: int, document: str) -> "SettingsError":
        """Return the same error, its clients beyond the first `own` ones being those of a families document."""

        def move(fault: Fault) -> Fault:
            found = _CLIENT.match(fault.key)
            if found is None or int(found[1]) < own:
                return fault
            return replace(fault, key=f"clients[{int(found[1]) - own}]{fault.key[found.end() :]}", source=document)

        return SettingsError(*map(move, self.faults))

    def numbered(self, find_line: Callable[[str, str], int]) -> "SettingsError":
        """Return the same error, each fault with its line.

        Args:
            find_line: returns the line of a key in a source, 0 where it has none.
        """
        return SettingsError(*(replace(fault, line=find_line(fault.source, fault.key)) for fault in self.faults))


_CLIENT = re.compile(r"clients\[([0-9]+)\]")


def _source(key: str, sources: dict[str, str], default: str) -> str:
    for known, variable in sources.items():
        if key == known or key.startswith((f"{known}.", f"{known}[")):
            return variable
    return default
