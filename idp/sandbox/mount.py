"""The control API tied to one world."""

from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from flask import Blueprint, Response, request

from idp.adapters.armed_faults import ArmedFaults
from idp.adapters.clock import TestClock
from idp.adapters.delivery_faults import DeliveryFaults
from idp.adapters.extra_claims import ExtraClaims
from idp.adapters.key_rotation import KeyRotation
from idp.adapters.ledger import LedgerReader
from idp.adapters.message_reader import MessageReader
from idp.adapters.recorded_exchanges import RecordedExchanges
from idp.adapters.reset import back_to_seed
from idp.adapters.snapshots import Snapshots
from idp.adapters.stores import SqlStores
from idp.sandbox.audit_api import audit_operations
from idp.sandbox.claims_api import claims_operations
from idp.sandbox.clients_api import client_operations
from idp.sandbox.clock_api import clock_operations
from idp.sandbox.deliveries_api import delivery_operations
from idp.sandbox.families_api import family_operations
from idp.sandbox.fault_board import FaultBoard, FaultWorld
from idp.sandbox.fault_hook import FaultHook
from idp.sandbox.faults_api import FaultDesk, fault_operations
from idp.sandbox.faults_page import add_faults_page
from idp.sandbox.guard import build_guard
from idp.sandbox.keys_api import key_operations
from idp.sandbox.messages_api import Waits, message_operations
from idp.sandbox.openapi import add_page, with_description
from idp.sandbox.operations import PREFIX, Operation, mount_operations
from idp.sandbox.people_api import people_operations
from idp.sandbox.phone import add_phone
from idp.sandbox.problems import Problem, respond_problem
from idp.sandbox.recorder_api import recorder_operations
from idp.sandbox.reset_api import reset_operations
from idp.sandbox.retention_api import retention_operations
from idp.sandbox.sessions_api import session_operations
from idp.sandbox.snapshots_api import snapshot_operations
from idp.sandbox.tools import Tools


class SecretText(Protocol):
    """A setting that does not show itself in logs."""

    def get_secret_value(self) -> str:
        """Return it."""


class SandboxChoices(Protocol):
    """The settings of the control API."""

    @property
    def token(self) -> SecretText | None:
        """What callers must send."""

    @property
    def recorder(self) -> bool:
        """Whether requests are recorded."""


class WorldSettings(Protocol):
    """The settings that the control API reads."""

    @property
    def test_instance(self) -> bool:
        """Whether people and time are fictional here."""

    @property
    def origin(self) -> str:
        """Scheme, host and port of the issuer."""

    @property
    def accepted_hosts(self) -> Collection[str]:
        """Values of the Host header that are answered, in lower case."""

    @property
    def sandbox(self) -> SandboxChoices:
        """The control API's own."""


class Gate(Protocol):
    """What lets one request of a process run at a time."""

    def left(self) -> AbstractContextManager[None]:
        """Let others run during a long wait."""


class SandboxWorld(FaultWorld, Protocol):
    """What the control API works on."""

    @property
    def settings(self) -> WorldSettings:
        """The settings."""

    @property
    def stores(self) -> SqlStores:
        """The database."""

    @property
    def gate(self) -> Gate:
        """Left while an answer is held back."""

    @property
    def rotation(self) -> KeyRotation:
        """What rotates the signing keys."""

    @property
    def waits(self) -> Waits:
        """Where a request may wait."""


def sandbox_blueprint(world: SandboxWorld, tools: Tools) -> Blueprint:
    """Return the control API and the simulated phone, under `/sandbox`.

    Args:
        world: What it works on.
        tools: What does the work.

    Raises:
        ValueError: This is no test instance: nothing here may ever touch real persons' accounts.
    """
    settings = world.settings
    if not settings.test_instance:
        raise ValueError("the control API is for test instances")
    token = settings.sandbox.token
    blueprint = Blueprint("sandbox", __name__, url_prefix=PREFIX, template_folder="templates")
    check = build_guard(settings.accepted_hosts, token.get_secret_value() if token else None)

    @blueprint.before_request
    def guard() -> None:
        check(request)

    @blueprint.after_request
    def keep_to_ourselves(response: Response) -> Response:
        # A page of another origin may not even load it as a script or an image. And no Access-Control-Allow-Origin, ever.
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        response.headers["Cache-Control"] = "no-store"
        return response

    blueprint.register_error_handler(Problem, respond_problem)
    board = FaultBoard(ArmedFaults(world.stores.engine), world)
    desk = FaultDesk(board)
    operations = with_description(list_operations(world, tools, desk), settings.origin)
    mount_operations(blueprint, operations)
    add_page(blueprint, operations)
    add_faults_page(blueprint, desk)
    FaultHook(board, world.gate.left).install(blueprint)
    add_phone(blueprint, MessageReader(world.stores.engine, world.secrets))
    return blueprint


def list_operations(world: SandboxWorld, tools: Tools, desk: FaultDesk) -> Sequence[Operation]:
    """Return every call, in the order in which they are described."""
    engine = world.stores.engine
    clock = TestClock(engine)
    return (
        *message_operations(MessageReader(engine, world.secrets), world.waits),
        *delivery_operations(DeliveryFaults(engine, world.secrets)),
        *clock_operations(clock, tools.siblings),
        *people_operations(tools.rehearsal, tools.persons),
        *family_operations(tools.families, tools.remover),
        *claims_operations(ExtraClaims(engine), clock),
        *session_operations(tools.rehearsal, tools.persons),
        *client_operations(tools.clients, tools.rules, tools.configured),
        *audit_operations(LedgerReader(engine)),
        *key_operations(world.rotation),
        *recorder_operations(RecordedExchanges(engine), is_there=world.settings.sandbox.recorder),
        *snapshot_operations(Snapshots(engine, clock), clock, tools.siblings),
        *fault_operations(desk),
        *retention_operations(tools.retention),
        *reset_operations(lambda: back_to_seed(engine, world.secrets), tools.siblings),
    )
