"""Requests of the protocol, as its endpoints read them."""

from urllib.parse import urlencode

from flask import request, url_for
from werkzeug.datastructures import MultiDict


def pairs(values: "MultiDict[str, str]") -> list[tuple[str, str]]:
    """Return names and values as they were sent, repeated ones included."""
    return list(values.items(multi=True))


def as_get(endpoint: str) -> str:
    """Return the address of an endpoint with the form's parameters as its query."""
    return f"{url_for(endpoint)}?{urlencode(pairs(request.form))}"
