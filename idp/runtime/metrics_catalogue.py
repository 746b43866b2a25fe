"""Every number that Préau counts, with its labels and what they may say. `docs/reference/metrics.md` is written from this file.

A label's values are a closed list or the program's own words (a route's template): never anything that a request brought.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

OTHER = "other"

# Event of the audit trail: what it says of a journey. Tests keep it complete.
JOURNEY_EVENTS: Mapping[str, tuple[str, str, str]] = {
    "activation.identity": ("activation", "identity", "accepted"),  # or refused: see `journey_labels`
    "activation.sms-ceiling": ("activation", "sms", "refused"),
    "activation.sms-country-refused": ("activation", "sms", "refused"),
    "activation.code-accepted": ("activation", "code", "accepted"),
    "activation.code-wrong": ("activation", "code", "refused"),
    "activation.kinship-proved": ("activation", "kinship", "accepted"),
    "activation.kinship-contested": ("activation", "kinship", "contested"),
    "activation.nothing-stands": ("activation", "kinship", "nothing-left"),
    "activation.dates-wrong": ("activation", "kinship", "refused"),
    "activation.already-active": ("activation", "kinship", "already-active"),
    "activation.locked": ("activation", "any", "locked"),
    "activation.account-made": ("activation", "password", "accepted"),
    "account.password-changed": ("account", "password", "accepted"),
    "activation.franceconnect-only": ("activation", "kinship", "refused"),
    "account.password-added": ("account", "password", "accepted"),
    "account.proof-accepted": ("account", "proof", "accepted"),
    "account.proof-refused": ("account", "proof", "refused"),
    "account.franceconnect-removed": ("account", "link", "removed"),
    "account.data-copied": ("account", "data", "accepted"),
    "account.devices-ended": ("account", "session", "accepted"),
    "account.closing-asked": ("account", "closing", "accepted"),
    "account.closing-cancelled": ("account", "closing", "cancelled"),
    "consent.withdrawn": ("account", "consent", "accepted"),
    "recovery.identifiant-asked": ("recovery", "identity", "accepted"),  # or refused: see `journey_labels`
    "recovery.asked": ("recovery", "identity", "accepted"),
    "recovery.sms-ceiling": ("recovery", "sms", "refused"),
    "recovery.sms-country-refused": ("recovery", "sms", "refused"),
    "recovery.code-accepted": ("recovery", "code", "accepted"),
    "recovery.code-wrong": ("recovery", "code", "refused"),
    "recovery.link-opened": ("recovery", "link", "accepted"),
    "recovery.link-gone": ("recovery", "link", "refused"),
    "recovery.date-accepted": ("recovery", "kinship", "accepted"),
    "recovery.date-wrong": ("recovery", "kinship", "refused"),
    "recovery.no-child": ("recovery", "kinship", "nothing-left"),
    "recovery.nothing-stands": ("recovery", "any", "nothing-left"),
    "recovery.locked": ("recovery", "any", "locked"),
    "directory.phone-confirmed": ("account", "phone", "accepted"),
    "account.removed": ("account", "account", "removed"),
    "account.grouped": ("account", "link", "accepted"),
    "account.group-refused": ("account", "link", "refused"),
    "account.ungrouped": ("account", "link", "cancelled"),
    "identity.confirmed": ("identity", "kinship", "accepted"),
    "identity.date-wrong": ("identity", "kinship", "refused"),
    "identity.locked": ("identity", "kinship", "locked"),
    "identity.demanded": ("identity", "account", "sent"),
    "children.proved": ("children", "kinship", "accepted"),
    "children.contested": ("children", "kinship", "contested"),
    "children.dates-wrong": ("children", "kinship", "refused"),
    "children.locked": ("children", "kinship", "locked"),
    "children.later": ("children", "kinship", "cancelled"),
    "children.added-told": ("children", "sms", "sent"),
    "children.removed-told": ("children", "sms", "sent"),
    "account.closing-announced": ("account", "account", "announced"),
    "franceconnect.recognised": ("franceconnect", "identity", "accepted"),
    "franceconnect.signed-in": ("sign-in", "franceconnect", "accepted"),
    "franceconnect.linked": ("franceconnect", "link", "accepted"),
    "franceconnect.other-identity": ("franceconnect", "link", "refused"),
    "franceconnect.contradicted": ("franceconnect", "link", "contradicted"),
    "franceconnect.cancelled": ("franceconnect", "identity", "cancelled"),
    "franceconnect.refused": ("franceconnect", "identity", "refused"),
    "franceconnect.unavailable": ("franceconnect", "identity", "unavailable"),
    "franceconnect.untrusted": ("franceconnect", "identity", "untrusted"),
    "franceconnect.misconfigured": ("franceconnect", "identity", "misconfigured"),
    "sign-in.accepted": ("sign-in", "password", "accepted"),
    "sign-in.account-chosen": ("sign-in", "account", "accepted"),
    "sign-in.refused": ("sign-in", "password", "refused"),
    "consent.given": ("sign-in", "consent", "accepted"),
    "consent.refused": ("sign-in", "consent", "refused"),
    "step-up.sms-sent": ("sign-in", "second-proof", "sent"),
    "step-up.sms-ceiling": ("sign-in", "second-proof", "refused"),
    "step-up.accepted": ("sign-in", "second-proof", "accepted"),
    "step-up.code-wrong": ("sign-in", "second-proof", "refused"),
    "step-up.declined": ("sign-in", "second-proof", "cancelled"),
    "tokens.issued": ("exchange", "token", "accepted"),
    "code.replayed": ("exchange", "token", "replayed"),
    "tokens.issued-to-client": ("exchange", "client-token", "accepted"),
    "tokens.refreshed": ("exchange", "refresh", "accepted"),
    "token.revoked": ("exchange", "token", "revoked"),
    "refresh-token.replayed": ("exchange", "refresh", "replayed"),
    "client.registered": ("client", "registration", "accepted"),
    "client.changed": ("client", "metadata", "accepted"),
    "client.secret-rotated": ("client", "secret", "accepted"),
    "client.removed": ("client", "registration", "removed"),
    "session.ended": ("logout", "session", "accepted"),
    "account.email-asked": ("account", "email", "sent"),
    "account.email-sent-again": ("account", "email", "sent"),
    "account.email-ceiling": ("account", "email", "refused"),
    "account.email-cancelled": ("account", "email", "cancelled"),
    "account.email-confirmed": ("account", "email", "accepted"),
    "sms.given-up": ("message", "sms", "given-up"),
    "mail.given-up": ("message", "mail", "given-up"),
    "logout.told": ("logout", "client", "accepted"),
    "logout.not-told": ("logout", "client", "not-told"),
}


# What the audit trail says where somebody was found; anything else is a refusal, on the same page.
_FOUND: Mapping[str, str] = {
    "activation.identity": "match",
    "recovery.identifiant-asked": "told",
    "recovery.asked": "told",
}


def journey_labels(event: str, details: Mapping[str, object]) -> tuple[str, str, str]:
    """Return journey, step and outcome of an event of the audit trail."""
    labels = JOURNEY_EVENTS.get(event, (OTHER, OTHER, OTHER))
    if event in _FOUND and details.get("outcome") != _FOUND[event]:
        return (*labels[:2], "refused")
    return labels


@dataclass(frozen=True, slots=True)
class Measure:
    """One family of numbers.

    Attributes:
        kind: ``counter`` only grows, ``gauge`` goes up and down, ``histogram`` counts durations by their length.
        meaning: One sentence.
        labels: For each label, what it may say.
        buckets: Upper bounds in seconds, of a histogram.
        live: Of a gauge: the sum over the processes that are alive. Otherwise it is read when somebody asks.
    """

    name: str
    kind: Literal["counter", "gauge", "histogram"]
    meaning: str
    labels: Mapping[str, str]
    buckets: tuple[float, ...] = ()
    live: bool = False


_PAGE_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
_WAIT_BUCKETS = (0.001, 0.005, 0.025, 0.1, 0.5, 2.5)
_HASH_BUCKETS = (0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)

REQUESTS = Measure(
    "preau_request_seconds",
    "histogram",
    "Time to answer a request. `_count` counts requests.",
    {
        "route": "the template of the route, `/idp/profile/oidc/token` for example; `(no such page)`",
        "method": "`GET`, `HEAD`, `POST`, `PUT`, `PATCH`, `DELETE`, `OPTIONS`; `(other)`",
        "status": "`2xx`, `3xx`, `4xx`, `5xx`",
    },
    _PAGE_BUCKETS,
)
GATE_WAIT = Measure(
    "preau_run_gate_wait_seconds",
    "histogram",
    "Wait for the run gate, of requests that found it taken. Those that did not wait are not counted.",
    {},
    _WAIT_BUCKETS,
)
JOURNEYS = Measure(
    "preau_journey_events_total",
    "counter",
    "What happened in journeys, counted when the line of the audit trail that says so is committed.",
    {
        "journey": "`activation`, `sign-in`, `franceconnect`, `exchange`, `logout`, `account`, `recovery`, `children`, `identity`, "
        "`message`: one that will never arrive",
        "step": "`identity`, `sms`, `code`, `kinship`, `password`, `franceconnect`, `link`, `account`, `consent`, `second-proof`, "
        "`token`, `session`, `phone`, `mail`, `email`, `proof`, `closing`, `data`, "
        "`client`: an ENT that is to be told; `any`",
        "outcome": "`accepted`, `refused`, `contested`, `contradicted`, `already-active`, `nothing-left`, `locked`, `replayed`, "
        "`cancelled`, `sent`, `unavailable`, `untrusted`, `misconfigured`, `not-told`, `given-up`",
    },
)
MESSAGES = Measure(
    "preau_messages_total",
    "counter",
    "Tries to send a message of the outbox.",
    {
        "channel": "`sms`; `mail`; `logout`: an ENT is told that somebody signed out",
        "outcome": "`sent`; `later`: will be tried again; `given-up`",
    },
)
UPSTREAM = Measure(
    "preau_upstream_seconds",
    "histogram",
    "Time that calls to other services took.",
    {
        "upstream": "the name that the program gives it: `sms`, `mail`, `logout`",
        "outcome": "`answered`; `failed`: no answer, or one that says no",
    },
    _PAGE_BUCKETS,
)
HASH_WAITING = Measure(
    "preau_password_hash_waiting", "gauge", "Passwords that wait for their turn to be checked.", {}, live=True
)
HASH_RUNNING = Measure("preau_password_hash_running", "gauge", "Passwords being checked.", {}, live=True)
HASH_SECONDS = Measure(
    "preau_password_hash_seconds", "histogram", "Work of checking a password, without the wait.", {}, _HASH_BUCKETS
)
DATABASE_ERRORS = Measure(
    "preau_database_errors_total",
    "counter",
    "Statements that the database refused or did not answer.",
    {"kind": "`disconnected`, `operational`, `integrity`, `other`"},
)
OUTBOX_MESSAGES = Measure(
    "preau_outbox_messages",
    "gauge",
    "Messages of the outbox. The same for each process group on one database: take the highest.",
    {"state": "`waiting`; `due`: of those, to be sent now"},
)
OUTBOX_AGE = Measure(
    "preau_outbox_oldest_due_seconds", "gauge", "For how long the oldest due message has been waiting; 0: none is.", {}
)
OUTBOX_READABLE = Measure("preau_outbox_readable", "gauge", "1 when the database said so just now, else 0.", {})
PROCESSES = Measure("preau_processes", "gauge", "Processes alive.", {"role": "`parent`, `web`, `outbox`"})
RESIDENT = Measure(
    "preau_process_resident_bytes", "gauge", "Memory of the largest process of a role.", {"role": "the same"}
)
BUILD = Measure("preau_build_info", "gauge", "Always 1.", {"version": "Préau's", "python": "Python's"})

COUNTED: tuple[Measure, ...] = (
    *(REQUESTS, GATE_WAIT, JOURNEYS, MESSAGES, UPSTREAM),
    *(HASH_WAITING, HASH_RUNNING, HASH_SECONDS, DATABASE_ERRORS),
)
READ_WHEN_ASKED: tuple[Measure, ...] = (OUTBOX_MESSAGES, OUTBOX_AGE, OUTBOX_READABLE, PROCESSES, RESIDENT, BUILD)
