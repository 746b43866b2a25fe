"""Faults of what is published: keys and metadata."""

import json
from collections.abc import Callable
from dataclasses import replace

from idp.protocol.signing_keys import ALGORITHMS
from idp.sandbox.faults.entry import Answer, Change, Endpoint, Fault, Surroundings
from idp.sandbox.faults.forging import Claims
from idp.sandbox.faults.id_tokens import read_json
from idp.sandbox.faults.signed import FOREIGN_ISSUER


def _in_document(change: Callable[[Claims, Surroundings], Claims]) -> Change:
    def change_document(answer: Answer, here: Surroundings) -> Answer | None:
        document = read_json(answer)
        return None if document is None else replace(answer, body=json.dumps(change(document, here)).encode())

    return change_document


def _without_signing_keys(document: Claims, here: Surroundings) -> Claims:
    signing = set()
    for algorithm in ALGORITHMS:
        try:
            signing.add(here.keys.load_active_key(algorithm).kid)
        except KeyError:
            continue
    return {**document, "keys": [key for key in document["keys"] if key["kid"] not in signing]}


def _with(name: str, value: str) -> Change:
    return _in_document(lambda document, _: {**document, name: value})


def _without(name: str) -> Change:
    return _in_document(lambda document, _: {member: value for member, value in document.items() if member != name})


_JWKS, _DISCOVERY = (Endpoint.JWKS,), (Endpoint.DISCOVERY,)

FAULTS = (
    Fault(
        "jwks-stale",
        _JWKS,
        "The keys that sign now are not in the JWKS: it is as old as if nobody had read it since the last rotation.",
        "does not find the key, reads the JWKS again at most once, refuses, and keeps its other visitors from asking each time.",
        "OpenID Connect Core 1.0 section 10.1.1",
        _in_document(_without_signing_keys),
    ),
    Fault(
        "jwks-empty",
        _JWKS,
        "The JWKS holds no key.",
        "refuses what nobody's key can verify.",
        "RFC 7517 section 5",
        _in_document(lambda document, _: {**document, "keys": []}),
    ),
    Fault(
        "discovery-wrong-issuer",
        _DISCOVERY,
        f"The metadata are those of another issuer, {FOREIGN_ISSUER}.",
        "compares issuer with the one that it was configured for, and uses nothing of the document.",
        "OpenID Connect Discovery 1.0 section 4.3",
        _with("issuer", FOREIGN_ISSUER),
    ),
    Fault(
        "discovery-without-jwks-uri",
        _DISCOVERY,
        "The metadata do not say where the keys are.",
        "refuses: no ID token could be verified.",
        "OpenID Connect Discovery 1.0 section 3",
        _without("jwks_uri"),
    ),
)
