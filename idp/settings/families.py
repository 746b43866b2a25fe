"""Settings of families as code, and the clients that a families document brings."""

import tomllib
from pathlib import Path
from typing import Any

from pydantic import Field

from idp.adapters.case_library import chosen_cases, load_case
from idp.settings.faults import Fault, SettingsError
from idp.settings.values import Group


class FamiliesSettings(Group):
    """[Families as code](families.md): documents that a test instance takes in at each start."""

    file: Path | None = Field(default=None, description="A document of your own. Its clients are added to those below.")
    cases: tuple[str, ...] = Field(
        default=(), description="[Named cases](cases.md) of the library. `all`: every one of them."
    )

    @property
    def asked(self) -> bool:
        """Whether there is anything to take in."""
        return self.file is not None or bool(self.cases)

    def load_texts(self) -> list[tuple[str, str]]:
        """Return the documents' names and texts.

        Raises:
            OSError: The file cannot be read.
            UnicodeDecodeError: It is not UTF-8.
            KeyError: There is no such case.
        """
        own = [(str(self.file), self.file.read_text(encoding="utf-8"))] if self.file else []
        return own + [(f"{name}.toml", load_case(name)) for name in chosen_cases(self.cases)]


def load_clients_of_document(file: Any) -> list[dict[str, Any]]:
    """Return `[[clients]]` of a families document; they are checked as those of the settings.

    Args:
        file: As the settings have it, before anybody looked at it.

    Raises:
        SettingsError: The document cannot be read.
    """
    if not isinstance(file, str | Path) or not str(file):
        return []
    try:
        clients = tomllib.loads(Path(file).read_text(encoding="utf-8")).get("clients", [])
    except OSError as error:
        why = (error.strerror or "no reason given").lower()
        raise SettingsError(Fault("families.file", f"names {file}, which cannot be read: {why}")) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(Fault("families.file", f"names {file}, which is not TOML: {error}")) from None
    except RecursionError:
        raise SettingsError(Fault("families.file", f"names {file}, which is nested too deep")) from None
    return clients if isinstance(clients, list) else []
