"""A document held against a JSON Schema: the keywords that our own descriptions use, and no other."""

from typing import Any

_KINDS: dict[str, type | tuple[type, ...]] = {
    "object": dict, "array": list, "string": str, "integer": int, "number": (int, float), "boolean": bool,
    "null": type(None),
}  # fmt: skip
_KNOWN = {
    "type", "properties", "required", "additionalProperties", "items", "enum", "const", "format", "description",
    "minProperties", "maxProperties",
}  # fmt: skip


def find_fault(document: Any, schema: dict[str, Any], at: str = "$") -> str | None:
    """Return what is wrong with a document, or None."""
    assert set(schema) <= _KNOWN, f"a keyword that this helper does not know: {set(schema) - _KNOWN}"
    kinds = schema.get("type")
    if kinds is not None:
        kinds = [kinds] if isinstance(kinds, str) else kinds
        if not any(_is_of_kind(document, kind) for kind in kinds):
            return f"{at} is {type(document).__name__}, not {kinds}"
    if "enum" in schema and document not in schema["enum"]:
        return f"{at} is {document!r}, none of {schema['enum']}"
    if "const" in schema and document != schema["const"]:
        return f"{at} is {document!r}, not {schema['const']!r}"
    if isinstance(document, dict):
        return _find_fault_in_members(document, schema, at)
    if isinstance(document, list):
        return next(
            (
                fault
                for place, one in enumerate(document)
                if (fault := find_fault(one, schema["items"], f"{at}[{place}]"))
            ),
            None,
        )
    return None


def _find_fault_in_members(document: dict[str, Any], schema: dict[str, Any], at: str) -> str | None:
    members = schema.get("properties", {})
    missing = [name for name in schema.get("required", ()) if name not in document]
    if missing:
        return f"{at} has no {missing}"
    unknown = [name for name in document if name not in members]
    if unknown and schema.get("additionalProperties") is False:
        return f"{at} has {unknown}, which the schema does not name"
    named = ((name, value) for name, value in document.items() if name in members)
    return next((fault for name, value in named if (fault := find_fault(value, members[name], f"{at}.{name}"))), None)


def _is_of_kind(document: Any, kind: str) -> bool:
    return isinstance(document, _KINDS[kind]) and (not isinstance(document, bool) or kind == "boolean")
