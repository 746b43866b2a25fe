"""docs/reference/settings.md, written from the model so that it cannot be wrong."""

import json
from collections.abc import Iterator
from pathlib import Path
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Le
from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from idp.settings.clients import ClientSettings
from idp.settings.levels import LevelSettings
from idp.settings.model import Settings
from idp.settings.resources import ResourceSettings

_HEAD = """# Settings

Written by `preau config reference` (`make docs`) from `idp/settings/`; do not edit it here.

One TOML file (`--config`, else `PREAU_CONFIG`, else `./preau.toml` when there is one), then variables: `PREAU_ISSUER` is `issuer`,
`PREAU_SANDBOX__TOKEN` is `token` of `[sandbox]`, and lists and tables are JSON. A variable wins over the file. Relative paths start at
the working directory. `preau config check` says what is wrong, one sentence each. How to: [configure](../how-to/configure.md).
"""

_TYPES: dict[object, str] = {
    str: "text",
    int: "whole number",
    bool: "true or false",
    Path: "path",
    SecretStr: "secret text",
}


def render_reference() -> str:
    """Return the page, in Markdown."""
    return "\n".join([_HEAD, *_sections()]) + "\n"


def _sections() -> Iterator[str]:
    fields = Settings.model_fields
    groups = {name: field.annotation for name, field in fields.items() if _is_group(field)}
    apart = {*groups, "clients", "resources", "authentication_levels"}
    yield "## At the top of the file\n"
    yield _table({name: field for name, field in fields.items() if name not in apart})
    for name, group in groups.items():
        assert isinstance(group, type)  # noqa: S101  what _is_group found
        yield f"## [{name}]\n\n{group.__doc__}\n"
        yield _table(group.model_fields)
    yield f"## [[authentication_levels]]\n\n{LevelSettings.__doc__}\n"
    yield _table(LevelSettings.model_fields)
    yield f"## [[clients]]\n\n{ClientSettings.__doc__}\n"
    yield _table(ClientSettings.model_fields)
    yield f"## [[resources]]\n\n{ResourceSettings.__doc__}\n"
    yield _table(ResourceSettings.model_fields)


def _is_group(field: FieldInfo) -> bool:
    return isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)


def _table(fields: dict[str, FieldInfo]) -> str:
    rows = "".join(
        f"| `{name}` | {_type(field.annotation)}{_bounds(field)} | {_default(field)} | {field.description or ''} |\n"
        for name, field in fields.items()
    )
    return f"| setting | type | default | meaning |\n|---|---|---|---|\n{rows}"


def _type(annotation: object) -> str:
    if annotation in _TYPES:
        return _TYPES[annotation]
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin in {Union, UnionType}:
        # An empty text may stand for « none ».
        inner = tuple(one for one in inner if one != Literal[""])
        return _type(next(one for one in inner if one is not type(None)))
    if origin is Literal:
        return " or ".join(f"`{one}`" for one in inner)
    if origin in {tuple, frozenset}:
        return f"list of {_type(inner[0])}"
    if origin is dict:
        return f"table of {_type(inner[1])}"
    # Annotated[...]: the text that it is, with its own rules.
    return _type(inner[0]) if inner else "text"


def _bounds(field: FieldInfo) -> str:
    said = {type(rule): rule for rule in field.metadata}
    least, most = said.get(Ge), said.get(Le)
    return f", {least.ge} to {most.le}" if isinstance(least, Ge) and isinstance(most, Le) else ""


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "**required**"
    value: Any = field.get_default(call_default_factory=True)
    if value is None or value in ((), "", {}, frozenset()):
        return "none"
    if isinstance(value, Path):
        value = str(value)
    if isinstance(value, tuple):
        value = list(value)
    return f"`{json.dumps(value, ensure_ascii=False)}`"
