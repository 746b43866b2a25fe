"""Reading the settings: the file, then the environment, then every fault in one go."""

import os
import re
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_settings import EnvSettingsSource
from pydantic_settings.exceptions import SettingsError as SourceError

from idp.settings.families import load_clients_of_document
from idp.settings.faults import Fault, SettingsError
from idp.settings.model import Settings

CONFIG_VARIABLE = "PREAU_CONFIG"
DEFAULT_FILE = Path("preau.toml")
_PREFIX = "PREAU_"

# What pydantic calls a fault, in our words. Its own texts are kept for bounds and choices, which they say well.
_WORDS = {
    "missing": "is missing",
    "extra_forbidden": "is not a setting",
    "int_parsing": "must be a whole number",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "bool_parsing": "must be true or false",
    "bool_type": "must be true or false",
    "string_type": "must be a text",
    "tuple_type": "must be a list",
    "frozen_set_type": "must be a list",
    "dict_type": "must be a table",
    "model_type": "must be a table",
    "model_attributes_type": "must be a table",
    "path_type": "must be a path",
    "string_pattern_mismatch": "must be a plus sign and one to four digits",
}


def load_settings(path: Path | None = None) -> Settings:
    """Read the settings of this process.

    Args:
        path: the file; when None, PREAU_CONFIG, else `preau.toml` when there is one, else the environment alone.

    Raises:
        SettingsError: One sentence for each fault: the key, where it came from, what is wrong. Never a secret's value.
    """
    file = path or _file_of_environment()
    from_file = _read_file(file) if file else {}
    from_variables = _read_variables(os.environ)
    if not file and not from_variables:
        raise SettingsError(
            Fault(str(DEFAULT_FILE), "does not exist here, and neither --config nor PREAU_CONFIG names a settings file")
        )
    given = _over(from_file, from_variables)
    own = given.get("clients", ())
    families = given.get("families")
    document = families.get("file") if isinstance(families, dict) else None
    if brought := load_clients_of_document(document):
        given["clients"] = [*own, *brought]
    sources = {_dotted(name): name for name in os.environ if name.startswith(_PREFIX) and name != CONFIG_VARIABLE}
    try:
        return Settings(**given)
    except ValidationError as error:
        refused = SettingsError(*faults_in(error))
    except SettingsError as error:
        refused = error
    told = refused.located(sources, str(file or "")).moved(len(own), str(document or ""))
    raise told.numbered(_line_finder(*(str(one) for one in (file, document) if one)))


def faults_in(error: ValidationError) -> list[Fault]:
    """Return what pydantic found, in our words and without any value."""
    return [_fault(detail) for detail in error.errors(include_url=False, include_input=False)]


def source_of(key: str, path: Path | None) -> str:
    """Return where a setting that stands at the top of the file comes from: the variable's name, or the file's path.

    Args:
        key: the setting.
        path: as `load_settings` takes it.
    """
    variable = f"{_PREFIX}{key.upper()}"
    return variable if variable in os.environ else str(path or _file_of_environment() or DEFAULT_FILE)


def _line_finder(*files: str) -> Callable[[str, str], int]:
    """Return what finds the line of a setting in one of these files, which are TOML."""
    # Not before something is wrong: a start has no use for it.
    from idp.journeys.families.lines import find_lines

    lines = {file: find_lines(Path(file).read_text(encoding="utf-8")) for file in files}

    def find_line(source: str, key: str) -> int:
        path = tuple(int(part) if part.isdigit() else part for part in re.findall(r"[^.\[\]]+", key))
        known = lines.get(source, {})
        return next((known[path[:length]] for length in range(len(path), 0, -1) if path[:length] in known), 0)

    return find_line


def _file_of_environment() -> Path | None:
    if named := os.environ.get(CONFIG_VARIABLE):
        return Path(named)
    return DEFAULT_FILE if DEFAULT_FILE.is_file() else None


def _read_file(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(
            Fault(str(path), f"cannot be read: {(error.strerror or 'no reason given').lower()}")
        ) from None
    except UnicodeDecodeError:
        raise SettingsError(Fault(str(path), "is not UTF-8 text")) from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(Fault(str(path), f"is not TOML: {error}")) from None
    except RecursionError:
        raise SettingsError(Fault(str(path), "is nested too deep for settings")) from None


def _read_variables(environ: Mapping[str, str]) -> dict[str, Any]:
    known = {name.upper() for name in Settings.model_fields}
    for name in environ:
        head = name.removeprefix(_PREFIX).split("__")[0]
        if name.startswith(_PREFIX) and name != CONFIG_VARIABLE and head.upper() not in known:
            raise SettingsError(Fault(name, "is not the variable of a setting"))
    try:
        return EnvSettingsSource(Settings)()
    except RecursionError:
        raise SettingsError(Fault(f"a variable {_PREFIX}…", "is nested too deep for settings")) from None
    except SourceError as error:
        # pydantic-settings names the field and nothing else; its cause holds the value.
        field = str(error).partition('field "')[2].partition('"')[0]
        raise SettingsError(
            Fault(f"{_PREFIX}{field.upper()}", "is not JSON, as lists and tables must be in a variable")
        ) from None


def _dotted(variable: str) -> str:
    return variable.removeprefix(_PREFIX).lower().replace("__", ".")


def _over(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for name, value in above.items():
        former = merged.get(name)
        merged[name] = _over(former, value) if isinstance(former, dict) and isinstance(value, dict) else value
    return merged


def _fault(detail: Mapping[str, Any]) -> Fault:
    kind = str(detail["type"])
    problem = _WORDS.get(kind)
    if kind == "too_short":  # a list or a secret
        least = int(detail["ctx"]["min_length"])
        problem = "must hold something" if least == 1 else f"must have at least {least} characters"
    if kind == "value_error":
        problem = str(detail["ctx"]["error"])
    if problem is None:
        text = str(detail["msg"])
        # "Input should be greater than 0" -> "should be greater than 0"; "String should have at most 30 characters" likewise.
        problem = text[text.find("should") :] if "should" in text else f"is refused: {text}"
    return Fault(_key(detail["loc"]), problem)


def _key(location: tuple[str | int, ...]) -> str:
    key = ""
    for part in location:
        key += f"[{part}]" if isinstance(part, int) else f".{part}"
    return key.removeprefix(".") or "the settings"
