"""A client registers, and later reads, changes or removes what it said of itself."""

import hmac
from dataclasses import dataclass

from idp.journeys.client_office import ClientOffice, Enrolled
from idp.journeys.ports import Secrets
from idp.journeys.rows import RegisteredClientRow
from idp.protocol.bearer_rfc6750 import read_bearer_token, refuse_token
from idp.protocol.client_endpoint import ClientAnswer
from idp.protocol.client_management_rfc7592 import answer_delete_request, answer_read_request, answer_update_request
from idp.protocol.client_metadata import Metadata, RegistrationRules
from idp.protocol.client_registration import RegisteredClient, answer_registration_request
from idp.protocol.discovery import REGISTRATION_PATH


@dataclass(frozen=True, slots=True)
class RegistrationPolicy:
    """Who may register, and how many.

    Attributes:
        initial_access_token_hash: Keyed hash, purpose "initial-access-token", of what must be shown; "" where anybody may.
        most_clients: Clients from which on no other may.
        rules: What a client may say of itself.
    """

    initial_access_token_hash: str
    most_clients: int
    rules: RegistrationRules


class Registration:
    """What a client does about its own registration."""

    def __init__(self, office: ClientOffice, secrets: Secrets, policy: RegistrationPolicy) -> None:
        self._office = office
        self._secrets = secrets
        self._policy = policy

    def register(self, authorization: str | None, content_type: str, body: bytes, base: str) -> ClientAnswer:
        """Answer a client registration request.

        Args:
            authorization: The Authorization header.
            content_type: Of the body, without parameters.
            body: The body.
            base: Scheme, host and port at which the client has reached us.
        """
        return answer_registration_request(authorization, content_type, body, self._at(base))

    def read(self, authorization: str | None, client_id: str, base: str) -> ClientAnswer:
        """Answer a client read request; arguments as above."""
        return answer_read_request(authorization, client_id, self._at(base))

    def replace(
        self, authorization: str | None, client_id: str, content_type: str, body: bytes, base: str
    ) -> ClientAnswer:
        """Answer a client update request; arguments as above."""
        return answer_update_request(authorization, client_id, content_type, body, self._at(base))

    def remove(self, authorization: str | None, client_id: str, base: str) -> ClientAnswer:
        """Answer a client delete request; arguments as above."""
        return answer_delete_request(authorization, client_id, self._at(base))

    def _at(self, base: str) -> "_Request":
        return _Request(self._office, self._secrets, self._policy, base)


class _Request:
    """Implements the ports of `protocol.client_registration` and `protocol.client_management_rfc7592` for one request."""

    def __init__(self, office: ClientOffice, secrets: Secrets, policy: RegistrationPolicy, base: str) -> None:
        self._office = office
        self._secrets = secrets
        self._policy = policy
        self._base = base
        self.rules = policy.rules
        self._row: RegisteredClientRow | None = None

    def locate(self, client_id: str) -> str:
        return f"{self._base}{REGISTRATION_PATH}/{client_id}"

    def check_initial_access(self, authorization: str | None) -> None:
        wanted = self._policy.initial_access_token_hash
        if not wanted:
            return
        given = self._secrets.keyed_hash("initial-access-token", read_bearer_token(authorization))
        if not hmac.compare_digest(given, wanted):
            raise refuse_token()

    def enrol(self, metadata: Metadata) -> RegisteredClient | None:
        enrolled = self._office.enrol(metadata, changes_itself=True, at_most=self._policy.most_clients)
        return None if enrolled is None else _tell(enrolled, enrolled.registration_access_token)

    def load(self, client_id: str, registration_access_token: str) -> RegisteredClient | None:
        row = self._row = self._office.load(client_id)
        if row is None or not self._office.is_token(row, registration_access_token):
            return None
        return _tell(Enrolled(row, None, ""), registration_access_token)

    def is_secret(self, client: RegisteredClient, client_secret: str) -> bool:
        del client
        return self._row is not None and self._office.is_secret(self._row, client_secret)

    def replace(self, client: RegisteredClient, metadata: Metadata) -> RegisteredClient | None:
        changed = self._office.change(client.client_id, metadata)
        return None if changed is None else _tell(changed, client.registration_access_token)

    def remove(self, client: RegisteredClient) -> bool:
        return self._office.remove(client.client_id)


def _tell(enrolled: Enrolled, registration_access_token: str) -> RegisteredClient:
    return RegisteredClient(
        client_id=enrolled.row.client_id,
        issued_at=int(enrolled.row.issued_at.timestamp()),
        metadata=enrolled.row.metadata,
        registration_access_token=registration_access_token,
        client_secret=enrolled.client_secret,
    )
