"""Answers of a control API, held against what it says of itself."""

import re
from typing import Any

from werkzeug.test import TestResponse

from tests.support.schemas import find_fault


class ControlDescription:
    """A description in OpenAPI.

    Args:
        document: As the control API gives it.
    """

    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document

    def check(self, method: str, path: str, answer: TestResponse) -> None:
        """Fail where a call that is described answers as it says nowhere; calls that are not described are nobody's business here."""
        call = self._find_call(method, path)
        if call is None:
            return
        described = call["responses"].get(str(answer.status_code))
        assert described, f"{method} {path} answers with {answer.status_code}, which is not described: {answer.text}"
        if "content" not in described:
            assert answer.data == b""
            return
        [(kind, content)] = described["content"].items()
        assert answer.mimetype == kind
        schema = content["schema"]
        if "$ref" in schema:
            schema = self._document["components"]["schemas"]["Problem"]
        assert find_fault(answer.get_json(), schema) is None

    def _find_call(self, method: str, path: str) -> dict[str, Any] | None:
        paths = self._document["paths"]
        with_names = (
            there for there in paths if re.fullmatch(re.sub(r"\\\{[a-z_]+\\\}", "[^/]+", re.escape(there)), path)
        )
        found = path if path in paths else next(with_names, None)
        call: dict[str, Any] | None = paths[found].get(method.lower()) if found else None
        return call
