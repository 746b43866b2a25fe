"""Clients: those of the settings are shown, the others are registered, changed and removed as `preau client` does it."""

from collections.abc import Mapping, Sequence
from typing import Any

from idp.journeys.client_office import ClientOffice, Enrolled
from idp.journeys.rows import RegisteredClientRow
from idp.protocol.client_endpoint import RequestRefusedError
from idp.protocol.client_metadata import RegistrationRules, check_client_metadata
from idp.protocol.consent import POLICIES
from idp.sandbox.operations import Asked, Operation
from idp.sandbox.problems import Problem
from idp.sandbox.values import TEXT, TEXT_OR_NONE, document_of, list_of, one_of, write_moment

Configured = Mapping[str, Mapping[str, Any]]
"""What the settings say of each of their clients, its secret excepted, by client_id."""

_FROM = one_of("settings", "operator", "registration")
_LINE = document_of({"client_id": TEXT, "client_name": TEXT, "from": _FROM})
_METADATA = {
    "type": "object",
    "description": "Members by the names of RFC 7591 section 2, and consent: whether people are asked before it is told of them.",
    "properties": {"consent": one_of(*POLICIES)},
}
_CLIENT = {
    **_METADATA,
    "properties": {"client_id": TEXT, "from": _FROM, "consent": one_of(*POLICIES)},
    "required": ["client_id", "from"],
}
_WITH_SECRET = {
    **_METADATA,
    "properties": {"client_id": TEXT, "client_secret": TEXT_OR_NONE, "consent": one_of(*POLICIES)},
    "required": ["client_id", "client_secret"],
}
_REFUSALS = {404: "There is no such client.", 409: "It stands in the settings, and is changed there."}


def client_operations(office: ClientOffice, rules: RegistrationRules, configured: Configured) -> Sequence[Operation]:
    """Return the calls about clients."""
    return _Clients(office, rules, configured).operations()


class _Clients:
    def __init__(self, office: ClientOffice, rules: RegistrationRules, configured: Configured) -> None:
        self._office = office
        self._rules = rules
        self._configured = configured

    def operations(self) -> Sequence[Operation]:
        unfit = {422: "What is said of the client is not right."}
        return (
            Operation(
                "GET",
                "/clients",
                self.load_all,
                "List every client: those of the settings, then the others, the oldest first.",
                list_of(_LINE),
            ),
            Operation(
                "POST",
                "/clients",
                self.add,
                "Register a client. Its secret is told this once.",
                _WITH_SECRET,
                body=_METADATA,
                status=201,
                refusals=unfit,
            ),
            Operation(
                "GET",
                "/clients/{client_id}",
                self.load,
                "Tell what is registered of a client, its secret excepted.",
                _CLIENT,
                refusals={404: _REFUSALS[404]},
            ),
            Operation(
                "PUT",
                "/clients/{client_id}",
                self.change,
                "Replace what is registered of a client. A secret is told when it is new.",
                _WITH_SECRET,
                body=_METADATA,
                refusals={**_REFUSALS, **unfit},
            ),
            Operation(
                "POST",
                "/clients/{client_id}/rotate-secret",
                self.rotate_secret,
                "Give a client another secret. The former one is refused from now on.",
                _WITH_SECRET,
                refusals={**_REFUSALS, 409: "It stands in the settings, or has no secret."},
            ),
            Operation(
                "DELETE",
                "/clients/{client_id}",
                self.remove,
                "Forget a client, and revoke its codes and its tokens.",
                refusals=_REFUSALS,
            ),
        )

    def load_all(self, _asked: Asked) -> list[dict[str, Any]]:
        found = [(key, one["client_name"], "settings") for key, one in self._configured.items()]
        found += [(row.client_id, row.metadata["client_name"], _origin(row)) for row in self._office.load_all()]
        return [dict(zip(("client_id", "client_name", "from"), one, strict=True)) for one in found]

    def load(self, asked: Asked) -> dict[str, Any]:
        client_id = _client_id(asked)
        if client_id in self._configured:
            return {**self._configured[client_id], "from": "settings"}
        row = self._office.load(client_id) or _refuse_unknown()
        issued_at = write_moment(row.issued_at)
        return {"client_id": client_id, **row.metadata, "client_id_issued_at": issued_at, "from": _origin(row)}

    def add(self, asked: Asked) -> dict[str, Any]:
        added = self._office.enrol(self._check(asked), changes_itself=False)
        if added is None:
            raise RuntimeError("there is no ceiling for a tester")
        return _write(added)

    def change(self, asked: Asked) -> dict[str, Any]:
        self._refuse_configured(asked)
        metadata = self._check(asked)
        return _write(self._office.change(_client_id(asked), metadata) or _refuse_unknown())

    def rotate_secret(self, asked: Asked) -> dict[str, Any]:
        self._refuse_configured(asked)
        row = self._office.load(_client_id(asked)) or _refuse_unknown()
        renewed = self._office.rotate_secret(row.client_id)
        if renewed is None:
            raise Problem(409, f"It has no secret: it is registered for {row.metadata['token_endpoint_auth_method']}")
        return _write(renewed)

    def remove(self, asked: Asked) -> None:
        self._refuse_configured(asked)
        if not self._office.remove(_client_id(asked)):
            _refuse_unknown()

    def _check(self, asked: Asked) -> dict[str, Any]:
        if not isinstance(asked.body, dict):
            raise Problem(422, "The body must be a JSON object with the members of RFC 7591 section 2")
        sent = dict(asked.body)
        consent = sent.pop("consent", POLICIES[0])
        if consent not in POLICIES:
            raise Problem(422, f"consent must be one of: {', '.join(POLICIES)}")
        try:
            # Not the client's own word: what registers by itself cannot say it.
            return {**check_client_metadata(sent, self._rules), "consent": consent}
        except RequestRefusedError as refusal:
            raise Problem(422, refusal.description) from None

    def _refuse_configured(self, asked: Asked) -> None:
        if _client_id(asked) in self._configured:
            raise Problem(409, "This client stands in the settings: change it there")


def _client_id(asked: Asked) -> str:
    client_id = asked.path["client_id"]
    return client_id if client_id.isprintable() else _refuse_unknown()  # no database keeps a NUL


def _refuse_unknown() -> Any:
    raise Problem(404, "There is no such client: see GET /sandbox/v1/clients")


def _origin(row: RegisteredClientRow) -> str:
    return "operator" if row.registration_token_hash is None else "registration"


def _write(client: Enrolled) -> dict[str, Any]:
    return {"client_id": client.row.client_id, "client_secret": client.client_secret, **client.row.metadata}
