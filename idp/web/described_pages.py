"""Describes the pages of parents, their forms, and what machines ask beside the standards (OpenAPI Specification 3.1.1).

Forms are described as far as they are read. Which page comes next is the journey's to say: docs/journeys tells it.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace

from idp.journeys.answers import Notice, Profile, Step
from idp.journeys.franceconnect_proof import FranceConnectRefusal
from idp.journeys.recovery_answers import LINK_DOOR, PASSWORD_DOOR, Channel, RecoveryStep
from idp.people.phones import COUNTRY_CODES
from idp.protocol.described import CLIENTS, DOCUMENTS, Here, describe_document, too_many
from idp.protocol.openapi import JSON, TEXT, Answer, Operation, Parameter, Schema, members, refer
from idp.protocol.rp_initiated_logout import PARAMETERS as LOGOUT_PARAMETERS
from idp.web.activation import PATHS as ACTIVATION_PATHS
from idp.web.described_account import (
    describe_children,
    describe_email,
    describe_identity_check,
    describe_my_children,
    describe_own_account,
    describe_own_franceconnect,
)
from idp.web.described_parts import (
    CHILDREN,
    FAULTS,
    FORGED,
    HANDLE,
    LINK,
    LOCKED,
    LOST,
    ONWARD,
    REFUSAL,
    SHOWN,
    TOKEN,
    read,
    send,
)
from idp.web.help import PAGES as HELP_PAGES
from idp.web.recovery import CANCEL, NAMES_DOOR, RESEND
from idp.web.recovery import PATHS as RECOVERY_PATHS

DESCRIPTION_PATH = "/openapi.json"
_NOTICE = Parameter("avis", "query", {"type": "string", "enum": [str(one) for one in Notice]})
_PROFILE = Parameter("profil", "query", {"type": "string", "enum": [str(one) for one in Profile]})
_DEVICE = Parameter("User-Agent", "header", description="By which a device is told from another in « Mon compte ».")
_PHONE: dict[str, Schema] = {
    "indicatif": {"type": "string", "enum": [value for value, _ in COUNTRY_CODES]},
    "telephone": TEXT,
}
_GONE = Answer("The link of a mail has served, or has run out.", REFUSAL)


def _sign_in(here: Here) -> list[Operation]:
    cookies = here.cookies("visit", "session")
    form = members({**TOKEN, "j_username": TEXT, "j_password": TEXT}, "jeton")
    shown = {200: SHOWN, 303: ONWARD, 400: LOST}
    return [
        read("/", "home", "To the sign-in page", {303: ONWARD}),
        read("/connexion", "sign_in", "The sign-in page", {**shown, 429: LOCKED}, HANDLE, _PROFILE, _NOTICE, *cookies),
        send(
            "/connexion",
            "submit_sign_in",
            "Identifiant and password",
            {**shown, 403: FORGED, 422: FAULTS, 429: LOCKED},
            form,
            (HANDLE, _PROFILE, _NOTICE, _DEVICE, *cookies, *here.cookies("known", "accounts")),
        ),
    ]


def _activation(here: Here) -> list[Operation]:
    cookies = here.cookies("activation", "session", "accounts")
    shown = {200: SHOWN, 303: ONWARD, 400: LOST, 429: LOCKED}
    pages = [
        read(f"/activation{path}", f"show_{step.name.lower()}", f"Activation: {path[1:]}", shown, _NOTICE, *cookies)
        for step, path in ACTIVATION_PATHS.items()
    ]
    forms = [
        send(
            f"/activation{path}",
            f"submit_{name}",
            f"Activation: the form of {path[1:]}",
            {**shown, 403: FORGED, 422: FAULTS},
            fields,
            # At the end of one that FranceConnect began, a session is opened.
            (_NOTICE, *((_DEVICE,) if name in {"kinship", "not_mine"} else ()), *cookies),
        )
        for path, name, fields in _activation_forms()
    ]
    begin = read("/activation", "begin_activation", "Begins the activation", shown, HANDLE, _NOTICE, *cookies)
    office = read(
        "/activation/appeler-le-secretariat", "call_office", "Whom to call", shown, _NOTICE, *here.cookies("activation")
    )
    return [begin, office, *pages, *forms]


def _activation_forms() -> list[tuple[str, str, Schema]]:
    """Return path, name and fields of each form."""

    def at(step: Step, fields: dict[str, Schema]) -> tuple[str, str, Schema]:
        return ACTIVATION_PATHS[step], step.name.lower(), members({**TOKEN, **fields}, "jeton")

    return [
        at(Step.IDENTITY, {"nom": TEXT, "prenom": TEXT, **_PHONE}),
        at(Step.PHONE, _PHONE),
        at(Step.CODE, {"code": TEXT}),
        ("/code/renvoi", "resend", members(TOKEN, "jeton")),
        (*at(Step.KINSHIP, {})[:2], CHILDREN),
        at(Step.NOT_MINE, {"reponse": LINK}),
        at(Step.PASSWORD, {"mot-de-passe": TEXT, "confirmation": TEXT}),
        at(Step.ALREADY_ACTIVE, {}),
        ("/annuler", "cancel", members(TOKEN, "jeton")),
    ]


def _recovery(here: Here) -> list[Operation]:
    cookies = here.cookies("recovery")
    shown = {200: SHOWN, 303: ONWARD, 400: LOST, 410: _GONE, 429: LOCKED}
    doors = [
        read(NAMES_DOOR, "forgotten_identifiant", "Begins to look for an identifiant", shown, HANDLE, *cookies),
        read(PASSWORD_DOOR, "forgotten_password", "Begins a new password", shown, HANDLE, *cookies),
        read(LINK_DOOR, "open_recovery_link", "The link of a mail", shown, Parameter("l", "query"), *cookies),
    ]
    pages = [
        read(path, f"show_recovery_{step.name.lower()}", f"Recovery: {path[1:]}", shown, _NOTICE, *cookies)
        for step, path in RECOVERY_PATHS.items()
    ]
    taken = {**shown, 403: FORGED, 422: FAULTS}
    forms = [
        send(
            path,
            f"submit_recovery_{name}",
            f"Recovery: the form of {path[1:]}",
            taken,
            members({**TOKEN, **fields}, "jeton"),
            (_NOTICE, *cookies),
        )
        for path, name, fields in _recovery_forms()
    ]
    return [*doors, *pages, *forms]


def _recovery_forms() -> list[tuple[str, str, dict[str, Schema]]]:
    """Return path, name and fields of each form."""

    def at(step: RecoveryStep, fields: dict[str, Schema]) -> tuple[str, str, dict[str, Schema]]:
        return RECOVERY_PATHS[step], step.name.lower(), fields

    channel: Schema = {"type": "string", "enum": [str(one) for one in Channel]}
    return [
        at(RecoveryStep.NAMES, {"nom": TEXT, "prenom": TEXT, **_PHONE}),
        at(RecoveryStep.ADDRESS, {"nom": TEXT, "prenom": TEXT, "email": TEXT}),
        at(RecoveryStep.IDENTIFIANT, {"identifiant": TEXT, "moyen": channel}),
        at(RecoveryStep.CODE, {"code": TEXT}),
        at(RecoveryStep.LINK, {}),
        at(RecoveryStep.DATE, {"jour": TEXT, "mois": TEXT, "annee": TEXT}),
        at(RecoveryStep.PASSWORD, {"mot-de-passe": TEXT, "confirmation": TEXT}),
        (RESEND, "resend", {}),
        (CANCEL, "cancel", {}),
    ]


def _consent(here: Here) -> list[Operation]:
    shown = {200: SHOWN, 303: ONWARD, 400: LOST}
    beside = (HANDLE, *here.cookies("visit", "session"))
    form = members({**TOKEN, "choix": LINK}, "jeton")
    return [
        read("/accord", "consent", "What an ENT would be told", shown, *beside),
        send("/accord", "submit_consent", "Whether it may be told", {**shown, 403: FORGED}, form, beside),
    ]


def _accounts(here: Here) -> list[Operation]:
    shown = {200: SHOWN, 303: ONWARD, 400: LOST}
    beside = (HANDLE, *here.cookies("visit", "session", "accounts"))
    form = members({**TOKEN, "compte": TEXT}, "jeton")
    return [
        read("/comptes", "accounts", "The accounts of this browser", shown, *beside),
        send("/comptes", "choose_account", "With which one to go on", {**shown, 403: FORGED}, form, beside),
    ]


def _step_up(here: Here) -> list[Operation]:
    shown = {200: SHOWN, 303: ONWARD, 400: LOST, 429: LOCKED}
    taken = {**shown, 403: FORGED, 422: FAULTS}
    beside = (HANDLE, *here.cookies("visit", "session"))
    bare, coded = members(TOKEN, "jeton"), members({**TOKEN, "code": TEXT}, "jeton")
    return [
        read("/confirmation", "step_up", "A second proof", shown, *beside),
        send("/confirmation", "submit_step_up", "The code of the text", taken, coded, beside),
        send("/confirmation/envoi", "send_step_up", "Has a text sent", taken, bare, beside),
        send("/confirmation/sans", "decline_step_up", "Goes on without", taken, bare, beside),
    ]


def _logout(here: Here) -> list[Operation]:
    known = dict.fromkeys(LOGOUT_PARAMETERS, TEXT)
    form = members({**TOKEN, "choix": LINK, **known}, "jeton")
    answers = {200: SHOWN, 303: ONWARD, 403: FORGED}
    return [
        send(
            "/deconnexion", "confirm_logout", "Whether to sign out", answers, form, here.cookies("session", "accounts")
        )
    ]


def _help(here: Here) -> list[Operation]:
    del here
    return [read(path, name, "A page to read", {200: SHOWN}, HANDLE) for path, (name, _) in HELP_PAGES.items()]


def describe_franceconnect(here: Here) -> list[Operation]:
    """Return the pages around FranceConnect, which are there where the settings name one."""
    gone = Answer("FranceConnect does not answer.", REFUSAL, may_have=("Retry-After",))
    refused = Answer("FranceConnect did not confirm an identity.", REFUSAL)
    shown = {200: SHOWN, 303: ONWARD, 400: LOST}
    told = tuple(Parameter(name, "query") for name in ("state", "code", "iss", "error", "error_description"))
    visit, bridge = here.cookies("visit", "session", "accounts"), here.cookies("franceconnect")
    return [
        *describe_own_franceconnect(here),
        read(
            "/franceconnect/debut",
            "leave_for_franceconnect",
            "To FranceConnect",
            {**shown, 429: LOCKED, 503: gone},
            HANDLE,
            *visit,
            *bridge,
        ),
        read(
            "/franceconnect/retour",
            "come_back_from_franceconnect",
            "Back from FranceConnect",
            {**shown, 403: refused, 503: gone},
            *told,
            _DEVICE,
            *visit,
            *bridge,
        ),
        read(
            "/franceconnect/refus",
            "say_franceconnects_refusal_again",
            "Why there is no identity, in another language",
            {303: ONWARD, 400: LOST, 403: refused, 503: gone},
            HANDLE,
            Parameter("refus", "query", {"type": "string", "enum": [str(one) for one in FranceConnectRefusal]}),
            *here.cookies("session"),
        ),
        read("/franceconnect/continuer", "go_on_from_franceconnect", "On to the ENT", shown, HANDLE, *visit),
        read(
            "/franceconnect/deconnecte",
            "signed_out_of_franceconnect",
            "Back from FranceConnect's logout",
            shown,
            Parameter("state", "query"),
            *here.cookies("leaving"),
        ),
        send(
            "/franceconnect/pas-moi",
            "not_me",
            "Forgets who was recognised",
            {**shown, 403: FORGED},
            members(TOKEN, "jeton"),
            here.cookies("activation", "session"),
        ),
    ]


def _strength(here: Here) -> list[Operation]:
    del here
    refused = Answer("Not asked by our own page, or nothing to judge.", {JSON: refer("Refusal")})
    told = members({"niveau": {"type": "integer", "enum": [1, 2, 3]}}, "niveau")
    asked_by = tuple(Parameter(name, "header") for name in ("Sec-Fetch-Site", "Origin"))
    answers = {200: Answer("How strong.", {JSON: told}), 400: refused, 403: refused, 429: too_many(CLIENTS)}
    post = send("/solidite", "strength", "How strong a password is", answers, members({"mot-de-passe": TEXT}), asked_by)
    return [replace(post, tag=DOCUMENTS)]


def _assets(here: Here) -> list[Operation]:
    del here
    types = ("text/css", "text/javascript", "image/svg+xml", "font/woff2", "text/plain")
    file = Answer("The file.", dict.fromkeys(types, TEXT), may_have=("Content-Encoding",))
    names = tuple(Parameter(name, "path", {**TEXT, "minLength": 1}, required=True) for name in ("version", "name"))
    answers = {200: file, 404: Answer("There is no such file.", REFUSAL)}
    zipped = Parameter("Accept-Encoding", "header")
    return [read("/static/{version}/{name}", "asset", "Style, script, font", answers, *names, zipped)]


def _health(here: Here) -> list[Operation]:
    del here
    status = {"status": TEXT}
    alive = Answer("This process answers.", {JSON: members(status, "status")})
    checks = members({**status, "checks": {"type": "object", "additionalProperties": TEXT}}, "status")
    ready = Answer("All that a request needs is there.", {JSON: checks})
    not_ready = Answer("Something is missing.", {JSON: {"anyOf": [checks, refer("Refusal")]}}, ("Retry-After",))
    return [
        Operation("get", "/healthz", "healthz", "Alive?", DOCUMENTS, {200: alive}),
        Operation("get", "/readyz", "readyz", "Ready?", DOCUMENTS, {200: ready, 503: not_ready}),
    ]


def _description(here: Here) -> list[Operation]:
    del here
    document = members({"openapi": TEXT, "paths": {"type": "object"}}, "openapi", "paths")
    return [describe_document(DESCRIPTION_PATH, "description", "This document", document)]


PAGES: tuple[Callable[[Here], Iterable[Operation]], ...] = (
    _sign_in,
    _activation,
    _recovery,
    _consent,
    _accounts,
    _step_up,
    describe_own_account,
    describe_identity_check,
    describe_my_children,
    describe_children,
    describe_email,
    _logout,
    _help,
    _strength,
    _assets,
    _health,
    _description,
)


def describe_pages(here: Here) -> list[Operation]:
    """Return what every provider has beside the endpoints of the standards."""
    return [operation for part in PAGES for operation in part(here)]
