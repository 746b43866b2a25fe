"""What is described is what the code reads: names are looked for in its text, and in the forms that the protocol is handed."""

import ast
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from idp.mount_franceconnect import _COOKIE as BRIDGE_COOKIE
from idp.protocol import client_endpoint, introspection_rfc7662, revocation_rfc7009, token_endpoint_rfc6749
from idp.protocol.client_assertion_rfc7523 import ASSERTION_TYPE
from idp.protocol.client_metadata import check_client_metadata
from idp.web.cookies import Cookies
from tests.description.conftest import Described
from tests.protocol.surroundings import SECRET
from tests.protocol.test_client_authentication_rfc6749 import basic
from tests.protocol.test_client_registration_rfc7591 import RULES
from tests.protocol.test_introspection_rfc7662 import Shelf as IntrospectionShelf
from tests.protocol.test_refresh_token_rfc6749 import RIGHT as RIGHT_REFRESH
from tests.protocol.test_refresh_token_rfc6749 import surroundings
from tests.protocol.test_revocation_rfc7009 import Shelf as RevocationShelf
from tests.protocol.test_token_endpoint_rfc6749 import RIGHT as RIGHT_CODE

ROOT = Path(__file__).parents[2]
PLACES = {
    "request.args": "query",
    "request.form": "form",
    "form": "form",
    "request.headers": "header",
    "sent": "query",
    "draft.params": "query",
}
OF_HTTP = {"Authorization"}  # section 4.8.12.1: described as security
COOKIES = {**{name: one.name for name, one in vars(Cookies(secure=False)).items()}, "franceconnect": BRIDGE_COOKIE}


class _Reader(ast.NodeVisitor):
    """Notes every name that a file reads from a request."""

    def __init__(self) -> None:
        self.read: set[tuple[str, str]] = set()

    def visit_Call(self, node: ast.Call) -> None:
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Attribute(attr=cookie), attr="read")) if cookie in COOKIES:
                self.read.add(("cookie", COOKIES[cookie]))
            case ast.Call(func=ast.Attribute(value=whose, attr="get" | "getlist"), args=[ast.Constant(value=name), *_]):
                self._note(whose, name)
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id="draft"), attr="one" | "words" | "has_sent"), args=[name]
            ):
                self.read.add(("query", ast.literal_eval(name)))
            case ast.Call(func=ast.Name(id="_only"), args=[ast.Constant(value=name)]):
                self.read.add(("query", name))
            case ast.Call(func=ast.Attribute(attr="read_session")):
                self.read.add(("cookie", COOKIES["session"]))
            case ast.Call(func=ast.Attribute(value=ast.Attribute(attr="cookies"), attr="get")):
                self.read.add(("cookie", COOKIES["franceconnect"]))
        self.generic_visit(node)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        if isinstance(node.slice, ast.Constant):
            self._note(node.value, node.slice.value)
        self.generic_visit(node)

    def visit_Compare(self, node: ast.Compare) -> None:
        if isinstance(node.left, ast.Constant) and isinstance(node.ops[0], ast.In | ast.NotIn):
            self._note(node.comparators[0], node.left.value)
        self.generic_visit(node)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        match node.values:
            case [ast.Constant(value=str(begins)), ast.FormattedValue(value=ast.Name(id="number"))]:
                self.read.add(("form", f"^{begins}[0-9]+$"))

    def _note(self, whose: ast.expr, name: Any) -> None:
        place = PLACES.get(ast.unparse(whose))
        if place and isinstance(name, str):
            self.read.add((place, name))


def read_by(*files: str) -> set[tuple[str, str]]:
    reader = _Reader()
    for file in files:
        reader.visit(ast.parse((ROOT / file).read_text(encoding="utf-8")))
    return {one for one in reader.read if one[1] not in OF_HTTP}


def operations(document: Mapping[str, Any], *paths: str) -> list[dict[str, Any]]:
    """Return the operations at these paths, or below those that end with `*`."""
    return [
        operation
        for path, at in document["paths"].items()
        for operation in at.values()
        if any(path == one or (one.endswith("*") and path.startswith(one[:-1])) for one in paths)
    ]


def described_at(document: Mapping[str, Any], *paths: str) -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    for operation in operations(document, *paths):
        found |= {(one["in"], one["name"]) for one in operation.get("parameters", ()) if one["in"] != "path"}
        for body in operation.get("requestBody", {}).get("content", {}).values():
            found |= {("form", name) for name in body["schema"].get("properties", ())}
            found |= {("form", name) for name in body["schema"].get("patternProperties", ())}
    return found


def as_form(names: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    """Return query parameters as fields of the form that may be sent in their place."""
    return {("form", name) for place, name in names if place == "query"}


PAGES = {
    "sign in": (["idp/web/sign_in.py"], ["/", "/connexion"]),
    "activation": (["idp/web/activation.py", "idp/web/pupil_answers.py"], ["/activation*"]),
    "consent": (["idp/web/consent.py"], ["/accord"]),
    "accounts": (["idp/web/accounts.py"], ["/comptes"]),
    "step up": (["idp/web/step_up.py"], ["/confirmation*"]),
    "identity check": (["idp/web/identity_check.py"], ["/identite"]),
    "my children": (
        ["idp/web/my_children.py", "idp/web/grouping.py", "idp/web/account_gate.py"],
        ["/mon-compte/enfants*"],
    ),
    "new children": (["idp/web/children.py", "idp/web/pupil_answers.py"], ["/enfants*"]),
    "franceconnect": (["idp/web/franceconnect.py", "franceconnect_bridge/routes.py"], ["/franceconnect/*"]),
    "help": (["idp/web/help.py"], ["/aide", "/accessibilite", "/franceconnect"]),
    "recovery": (["idp/web/recovery.py"], ["/identifiant-oublie*", "/mot-de-passe-oublie*"]),
    "strength": (["idp/web/strength.py", "idp/web/headers.py"], ["/solidite"]),
    "cors": (["idp/web/tokens.py", "idp/web/cors.py"], ["/idp/profile/oidc/userinfo"]),
}


@pytest.mark.parametrize("name", PAGES)
def test_pages_read_what_is_described(everything: Described, name: str) -> None:
    files, paths = PAGES[name]
    read = read_by(*files)
    if name == "cors":
        read |= {("form", "access_token")}  # idp/protocol/bearer_rfc6750.py
    assert described_at(everything.document, *paths) == read


def test_authorization_reads_what_is_described(everything: Described) -> None:
    of_protocol = {
        one
        for path in (ROOT / "idp/protocol").glob("*.py")
        for one in read_by(f"idp/protocol/{path.name}")
        if path.name in {"authorization_checks.py", "claims_parameter.py", "id_token_hint.py"}
        or path.name.startswith(("request_object", "resource_indicators"))
    } | {("query", "resource"), ("query", "request_uri")}
    web = {one for one in read_by("idp/web/authorize.py") if one[0] == "cookie"}
    described = described_at(everything.document, "/idp/profile/oidc/authorize")
    assert described == of_protocol | as_form(of_protocol) | web
    pushed = described_at(everything.document, "/idp/profile/oidc/par")
    authentication = {("form", name) for name in client_endpoint.AUTHENTICATION_PARAMETERS}
    assert pushed == as_form(of_protocol - {("query", "request_uri")}) | authentication | {("header", "DPoP")}


def test_logout_reads_what_is_described(everything: Described) -> None:
    protocol, page = read_by("idp/protocol/rp_initiated_logout.py"), read_by("idp/web/logout.py")
    cookies = {one for one in page if one[0] == "cookie"}
    described = described_at(everything.document, "/idp/profile/Logout")
    assert described == protocol | as_form(protocol) | cookies
    assert described_at(everything.document, "/deconnexion") == as_form(protocol) | page


class Recorded(dict[str, str]):
    """A form that notes which names are asked for."""

    asked: set[str]

    def get(self, name: str, default: Any = None) -> Any:
        self.asked.add(name)
        return super().get(name, default)

    def __getitem__(self, name: str) -> str:
        self.asked.add(name)
        return super().__getitem__(name)

    def __contains__(self, name: object) -> bool:
        self.asked.add(str(name))
        return super().__contains__(name)


@pytest.mark.parametrize("endpoint", ["token", "revoke", "introspect"])
def test_clients_forms_are_read_as_described(
    everything: Described, endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: set[str] = set()
    read_form = client_endpoint.read_client_form

    def read(params: Any, known: Any) -> Recorded:
        form = Recorded(read_form(params, known))
        form.asked = asked
        return form

    for module in (token_endpoint_rfc6749, client_endpoint):
        monkeypatch.setattr(module, "read_client_form", read)
    ways: list[tuple[str | None, dict[str, str]]] = [
        (basic("ent", SECRET), {}),
        (None, {"client_id": "ent", "client_secret": SECRET}),
        (None, {"client_assertion_type": ASSERTION_TYPE, "client_assertion": "not one"}),
    ]
    token = {"token": "the token", "token_type_hint": "refresh_token"}
    for header, proof in ways:
        if endpoint == "token":
            for right in (RIGHT_CODE, RIGHT_REFRESH):
                token_endpoint_rfc6749.answer_token_request(header, [*right.items(), *proof.items()], surroundings())
        elif endpoint == "revoke":
            revocation_rfc7009.answer_revocation_request(header, [*token.items(), *proof.items()], RevocationShelf())
        else:
            introspection_rfc7662.answer_introspection_request(
                header, [*token.items(), *proof.items()], IntrospectionShelf()
            )
    if endpoint == "token" and 'name == "resource"' in Path(token_endpoint_rfc6749.__file__).read_text("utf-8"):
        asked.add("resource")  # RFC 8707 section 2: taken out before the form is read, because it may be repeated
    described = described_at(everything.document, f"/idp/profile/oidc/{endpoint}")
    assert {name for place, name in described if place == "form"} == asked


def test_client_metadata_are_described_as_they_are_checked(everything: Described) -> None:
    schema = everything.document["components"]["schemas"]["ClientMetadata"]["properties"]
    looked_at: set[str] = set()
    for name in [*schema, "made_up", "software_statement"]:
        try:
            check_client_metadata({name: object()}, RULES)  # of no kind that JSON has
        except client_endpoint.RequestRefusedError as refusal:
            if refusal.description.startswith(f"{name} "):
                looked_at.add(name)
    assert looked_at == set(schema)
