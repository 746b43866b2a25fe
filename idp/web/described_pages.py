"""Describes the pages of parents, their forms, and what machines ask beside the standards (OpenAPI Specification 3.1.1).

Forms are described as far as they are read. Which page comes next is the journey's to say: docs/journeys tells it.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from idp.journeys.account_answers import AccountNotice
from idp.journeys.answers import Notice, Profile, Step
from idp.journeys.franceconnect_proof import FranceConnectRefusal
from idp.journeys.recovery_answers import LINK_DOOR, PASSWORD_DOOR, Channel, RecoveryStep
from idp.people.phones import COUNTRY_CODES
from idp.protocol.described import CLIENTS, DOCUMENTS, Here, describe_document, too_many
from idp.protocol.openapi import FORM, HTML, JSON, TEXT, Answer, Operation, Parameter, Schema, members, refer
from idp.protocol.rp_initiated_logout import PARAMETERS as LOGOUT_PARAMETERS
from idp.web.activation import PATHS as ACTIVATION_PATHS
from idp.web.help import PAGES as HELP_PAGES
from idp.web.recovery import CANCEL, NAMES_DOOR, RESEND
from idp.web.recovery import PATHS as RECOVERY_PATHS

PARENTS = "parents"
DESCRIPTION_PATH = "/openapi.json"
_PAGE: dict[str, Schema] = {HTML: TEXT}
_REFUSAL: dict[str, Schema] = {HTML: TEXT, JSON: refer("Refusal")}
_TOKEN: dict[str, Schema] = {"jeton": {**TEXT, "description": "What the form was shown with."}}
_HANDLE = Parameter("d", "query", description="Which sign-in page.")
_NOTICE = Parameter("avis", "query", {"type": "string", "enum": [str(one) for one in Notice]})
_PROFILE = Parameter("profil", "query", {"type": "string", "enum": [str(one) for one in Profile]})
_DEVICE = Parameter("User-Agent", "header", description="By which a device is told from another in « Mon compte ».")
_PHONE: dict[str, Schema] = {
    "indicatif": {"type": "string", "enum": [value for value, _ in COUNTRY_CODES]},
    "telephone": TEXT,
}
_LINK: Schema = {"type": "string", "enum": ["oui", "non"]}
_CHILDREN: Schema = {
    **members(_TOKEN, "jeton"),
    "patternProperties": {
        "^lien-[0-9]+$": _LINK,
        **{f"^{part}-[0-9]+$": TEXT for part in ("jour", "mois", "annee")},
    },
}

_SHOWN = Answer("The page.", _PAGE, may_have=("Set-Cookie",))
_ONWARD = Answer("To another page, or on to the ENT.", _PAGE, ("Location",), may_have=("Set-Cookie",))
_LOST = Answer("Nothing of this browser waits here.", _REFUSAL, may_have=("Set-Cookie",))
_FORGED = Answer("The form was not shown to this browser.", _REFUSAL)
_FAULTS = Answer("The form again, with what to mend.", _PAGE, may_have=("Set-Cookie",))
_GONE = Answer("The link of a mail has served, or has run out.", _REFUSAL)
_LOCKED = Answer("Too many tries.", _REFUSAL, ("Retry-After",), may_have=("Set-Cookie",))


def _get(path: str, name: str, summary: str, answers: dict[int, Answer], *parameters: Parameter) -> Operation:
    return Operation("get", path, name, summary, PARENTS, answers, parameters)


def _post(
    path: str, name: str, summary: str, answers: dict[int, Answer], form: Schema, parameters: Sequence[Parameter]
) -> Operation:
    return Operation("post", path, name, summary, PARENTS, answers, parameters, {FORM: form})


def _sign_in(here: Here) -> list[Operation]:
    cookies = here.cookies("visit", "session")
    form = members({**_TOKEN, "j_username": TEXT, "j_password": TEXT}, "jeton")
    shown = {200: _SHOWN, 303: _ONWARD, 400: _LOST}
    return [
        _get("/", "home", "To the sign-in page", {303: _ONWARD}),
        _get(
            "/connexion", "sign_in", "The sign-in page", {**shown, 429: _LOCKED}, _HANDLE, _PROFILE, _NOTICE, *cookies
        ),
        _post(
            "/connexion",
            "submit_sign_in",
            "Identifiant and password",
            {**shown, 403: _FORGED, 422: _FAULTS, 429: _LOCKED},
            form,
            (_HANDLE, _PROFILE, _NOTICE, _DEVICE, *cookies, *here.cookies("known", "accounts")),
        ),
    ]


def _activation(here: Here) -> list[Operation]:
    cookies = here.cookies("activation", "session", "accounts")
    shown = {200: _SHOWN, 303: _ONWARD, 400: _LOST, 429: _LOCKED}
    pages = [
        _get(f"/activation{path}", f"show_{step.name.lower()}", f"Activation: {path[1:]}", shown, _NOTICE, *cookies)
        for step, path in ACTIVATION_PATHS.items()
    ]
    forms = [
        _post(
            f"/activation{path}",
            f"submit_{name}",
            f"Activation: the form of {path[1:]}",
            {**shown, 403: _FORGED, 422: _FAULTS},
            fields,
            # At the end of one that FranceConnect began, a session is opened.
            (_NOTICE, *((_DEVICE,) if name in {"kinship", "not_mine"} else ()), *cookies),
        )
        for path, name, fields in _activation_forms()
    ]
    begin = _get("/activation", "begin_activation", "Begins the activation", shown, _HANDLE, _NOTICE, *cookies)
    office = _get(
        "/activation/appeler-le-secretariat", "call_office", "Whom to call", shown, _NOTICE, *here.cookies("activation")
    )
    return [begin, office, *pages, *forms]


def _activation_forms() -> list[tuple[str, str, Schema]]:
    """Return path, name and fields of each form."""

    def at(step: Step, fields: dict[str, Schema]) -> tuple[str, str, Schema]:
        return ACTIVATION_PATHS[step], step.name.lower(), members({**_TOKEN, **fields}, "jeton")

    return [
        at(Step.IDENTITY, {"nom": TEXT, "prenom": TEXT, **_PHONE}),
        at(Step.PHONE, _PHONE),
        at(Step.CODE, {"code": TEXT}),
        ("/code/renvoi", "resend", members(_TOKEN, "jeton")),
        (*at(Step.KINSHIP, {})[:2], _CHILDREN),
        at(Step.NOT_MINE, {"reponse": _LINK}),
        at(Step.PASSWORD, {"mot-de-passe": TEXT, "confirmation": TEXT}),
        at(Step.ALREADY_ACTIVE, {}),
        ("/annuler", "cancel", members(_TOKEN, "jeton")),
    ]


def _recovery(here: Here) -> list[Operation]:
    cookies = here.cookies("recovery")
    shown = {200: _SHOWN, 303: _ONWARD, 400: _LOST, 410: _GONE, 429: _LOCKED}
    doors = [
        _get(NAMES_DOOR, "forgotten_identifiant", "Begins to look for an identifiant", shown, _HANDLE, *cookies),
        _get(PASSWORD_DOOR, "forgotten_password", "Begins a new password", shown, _HANDLE, *cookies),
        _get(LINK_DOOR, "open_recovery_link", "The link of a mail", shown, Parameter("l", "query"), *cookies),
    ]
    pages = [
        _get(path, f"show_recovery_{step.name.lower()}", f"Recovery: {path[1:]}", shown, _NOTICE, *cookies)
        for step, path in RECOVERY_PATHS.items()
    ]
    taken = {**shown, 403: _FORGED, 422: _FAULTS}
    forms = [
        _post(
            path,
            f"submit_recovery_{name}",
            f"Recovery: the form of {path[1:]}",
            taken,
            members({**_TOKEN, **fields}, "jeton"),
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
    shown = {200: _SHOWN, 303: _ONWARD, 400: _LOST}
    beside = (_HANDLE, *here.cookies("visit", "session"))
    form = members({**_TOKEN, "choix": _LINK}, "jeton")
    return [
        _get("/accord", "consent", "What an ENT would be told", shown, *beside),
        _post("/accord", "submit_consent", "Whether it may be told", {**shown, 403: _FORGED}, form, beside),
    ]


def _accounts(here: Here) -> list[Operation]:
    shown = {200: _SHOWN, 303: _ONWARD, 400: _LOST}
    beside = (_HANDLE, *here.cookies("visit", "session", "accounts"))
    form = members({**_TOKEN, "compte": TEXT}, "jeton")
    return [
        _get("/comptes", "accounts", "The accounts of this browser", shown, *beside),
        _post("/comptes", "choose_account", "With which one to go on", {**shown, 403: _FORGED}, form, beside),
    ]


def _step_up(here: Here) -> list[Operation]:
    shown = {200: _SHOWN, 303: _ONWARD, 400: _LOST, 429: _LOCKED}
    taken = {**shown, 403: _FORGED, 422: _FAULTS}
    beside = (_HANDLE, *here.cookies("visit", "session"))
    bare, coded = members(_TOKEN, "jeton"), members({**_TOKEN, "code": TEXT}, "jeton")
    return [
        _get("/confirmation", "step_up", "A second proof", shown, *beside),
        _post("/confirmation", "submit_step_up", "The code of the text", taken, coded, beside),
        _post("/confirmation/envoi", "send_step_up", "Has a text sent", taken, bare, beside),
        _post("/confirmation/sans", "decline_step_up", "Goes on without", taken, bare, beside),
    ]


def _own_account(here: Here) -> list[Operation]:
    beside = here.cookies("session", "visit", "known", "accounts")
    shown = {200: _SHOWN, 303: _ONWARD, 429: _LOCKED}
    taken = {**shown, 403: _FORGED, 422: _FAULTS}
    onward = Parameter("vers", "query", description="Which page of the account comes next.")
    told = Parameter("avis", "query", {"type": "string", "enum": [str(one) for one in AccountNotice]})
    password = members({**_TOKEN, "actuel": TEXT}, "jeton")
    new: dict[str, Schema] = {"mot-de-passe": TEXT, "confirmation": TEXT}
    copy = Answer("Everything that is held on her.", {JSON: members({"format": TEXT})}, ("Content-Disposition",))
    forms: tuple[tuple[str, str, str, str, dict[str, Schema]], ...] = (
        ("appareils", "devices", "Where the account is open", "Ends the other sessions", {}),
        ("fermeture", "closing", "Before an account closes", "Asks for the end of the account", {"compris": TEXT}),
        (
            "mot-de-passe",
            "own_password",
            "Asks for a new password",
            "The current and the new one",
            {"actuel": TEXT, **new},
        ),
        ("mot-de-passe/ajout", "first_password", "Asks for a first password", "A first password", new),
        ("sites", "consents", "What sites are told", "Withdraws what a site is told", {"site": TEXT}),
    )
    return [
        *(_get(f"/mon-compte/{path}", name, reads, shown, *beside) for path, name, reads, _, _ in forms),
        *(
            _post(f"/mon-compte/{path}", f"submit_{name}", does, taken, members({**_TOKEN, **fields}, "jeton"), beside)
            for path, name, _, does, fields in forms
        ),
        _get("/mon-compte/donnees", "own_data", "What the copy of somebody's data holds", shown, *beside),
        _get("/mon-compte/donnees/copie", "copy_data", "The copy", {**shown, 200: copy}, *beside),
        _get("/mon-compte/historique", "history", "What happened to the account", shown, *beside),
        _get("/mon-compte/reste-ouvert", "kept", "Says that the account stays open", shown, _HANDLE, *beside),
        _get("/mon-compte", "own_account", "What somebody's account holds", shown, told, *beside),
        _get("/mon-compte/confirmation", "prove_again", "Asks for the password again", shown, onward, *beside),
        _post("/mon-compte/confirmation", "submit_proof", "The password", taken, password, (onward, *beside)),
    ]


def _identity_check(here: Here) -> list[Operation]:
    shown = {200: _SHOWN, 303: _ONWARD, 400: _LOST, 429: _LOCKED}
    beside = (_HANDLE, *here.cookies("visit", "session"))
    form = members({**_TOKEN, **dict.fromkeys(("jour", "mois", "annee"), TEXT)}, "jeton")
    taken = {**shown, 403: _FORGED, 422: _FAULTS}
    return [
        _get("/identite", "identity_check", "Asks for one child's birth date", shown, *beside),
        _post("/identite", "confirm_identity", "The date", taken, form, (*beside, *here.cookies("known"))),
    ]


def _my_children(here: Here) -> list[Operation]:
    beside = here.cookies("session", "visit")
    shown = {200: _SHOWN, 303: _ONWARD}
    told = Parameter("avis", "query", {"type": "string", "enum": [str(one) for one in AccountNotice]})
    link = Parameter("child", "path", {**TEXT, "minLength": 1}, required=True)
    bare = members(_TOKEN, "jeton")
    contest = "/mon-compte/enfants/{child}/contester"
    number = Parameter("number", "path", {**TEXT, "minLength": 1}, required=True)
    undo = "/mon-compte/enfants/regroupement/{number}/annuler"
    other = members({**_TOKEN, "autre-identifiant": TEXT, "autre-mot-de-passe": TEXT}, "jeton")
    known = here.cookies("known")
    return [
        _get("/mon-compte/enfants", "my_children", "The children of an account", shown, told, *beside),
        _get(contest, "ask_contest_child", "Whether a child is really not hers", shown, link, *beside),
        _post(contest, "contest_child", "It is not", {303: _ONWARD, 403: _FORGED}, bare, (link, *beside)),
        _get("/mon-compte/enfants/regroupement", "group_accounts", "Another account of hers", shown, *beside),
        _post(
            "/mon-compte/enfants/regroupement",
            "submit_group",
            "Its identifiant and password",
            {**shown, 403: _FORGED, 422: _FAULTS, 429: _LOCKED},
            other,
            (*beside, *known),
        ),
        _get(undo, "ask_ungroup", "Whether to take it out again", shown, number, *beside),
        _post(undo, "ungroup_accounts", "Takes it out", {303: _ONWARD, 403: _FORGED}, bare, (number, *beside)),
    ]


def _children(here: Here) -> list[Operation]:
    shown = {200: _SHOWN, 303: _ONWARD, 400: _LOST, 429: _LOCKED}
    taken = {**shown, 403: _FORGED, 422: _FAULTS}
    beside = (_HANDLE, *here.cookies("visit", "session"))
    bare, answered = members(_TOKEN, "jeton"), members({**_TOKEN, "reponse": _LINK}, "jeton")
    return [
        _get("/enfants", "new_children", "Children that an import added", shown, *beside),
        _post("/enfants", "submit_new_children", "Whose they are", taken, _CHILDREN, beside),
        _post("/enfants/pas-les-miens", "contest_new_children", "Whether some are really not", taken, answered, beside),
        _post("/enfants/plus-tard", "leave_new_children", "Goes on without them", taken, bare, beside),
    ]


def _email(here: Here) -> list[Operation]:
    beside = here.cookies("session", "visit")
    there = {200: _SHOWN, 303: _ONWARD}
    done = {303: _ONWARD, 403: _FORGED, 429: _LOCKED}
    typed = members({**_TOKEN, "email": TEXT}, "jeton")
    gone = {410: Answer("The link was used, has run out, or was replaced by a later one.", _REFUSAL)}
    secret = Parameter("l", "query", description="The secret of a mailed link.")
    pressed = members({"l": TEXT}, "l")
    return [
        _get("/mon-compte/e-mail", "email", "The e-mail address of an account", {**there, 429: _LOCKED}, *beside),
        _post("/mon-compte/e-mail", "ask_email", "Another address", {**done, 422: _FAULTS}, typed, beside),
        _post("/mon-compte/e-mail/renvoi", "resend_email", "Another mail", done, members(_TOKEN, "jeton"), beside),
        _post(
            "/mon-compte/e-mail/annulation", "cancel_email", "No other address", done, members(_TOKEN, "jeton"), beside
        ),
        _get(
            "/e-mail/confirmer", "email_link", "Opens a mailed link, and changes nothing", {200: _SHOWN, **gone}, secret
        ),
        _post("/e-mail/confirmer", "confirm_email", "Confirms the address", {303: _ONWARD, **gone}, pressed, ()),
        _get("/e-mail/confirmee", "email_confirmed", "The address is confirmed", {200: _SHOWN}),
    ]


def _logout(here: Here) -> list[Operation]:
    known = dict.fromkeys(LOGOUT_PARAMETERS, TEXT)
    form = members({**_TOKEN, "choix": _LINK, **known}, "jeton")
    answers = {200: _SHOWN, 303: _ONWARD, 403: _FORGED}
    return [
        _post(
            "/deconnexion", "confirm_logout", "Whether to sign out", answers, form, here.cookies("session", "accounts")
        )
    ]


def _help(here: Here) -> list[Operation]:
    del here
    return [_get(path, name, "A page to read", {200: _SHOWN}, _HANDLE) for path, (name, _) in HELP_PAGES.items()]


def _own_franceconnect(here: Here) -> list[Operation]:
    beside = here.cookies("session", "visit", "known", "accounts")
    shown = {200: _SHOWN, 303: _ONWARD, 429: _LOCKED}
    form = members(_TOKEN, "jeton")
    token = Parameter("jeton", "query", description="What the page was shown with.")
    there = "/mon-compte/franceconnect"
    return [
        _get(there, "own_franceconnect", "FranceConnect in an account", shown, *beside),
        _post(there, "remove_franceconnect", "Removes it", {**shown, 403: _FORGED}, form, beside),
        _get(f"{there}/ajout", "add_franceconnect", "To FranceConnect, to link it", shown, token, *beside),
    ]


def describe_franceconnect(here: Here) -> list[Operation]:
    """Return the pages around FranceConnect, which are there where the settings name one."""
    gone = Answer("FranceConnect does not answer.", _REFUSAL, may_have=("Retry-After",))
    refused = Answer("FranceConnect did not confirm an identity.", _REFUSAL)
    shown = {200: _SHOWN, 303: _ONWARD, 400: _LOST}
    told = tuple(Parameter(name, "query") for name in ("state", "code", "iss", "error", "error_description"))
    visit, bridge = here.cookies("visit", "session", "accounts"), here.cookies("franceconnect")
    return [
        *_own_franceconnect(here),
        _get(
            "/franceconnect/debut",
            "leave_for_franceconnect",
            "To FranceConnect",
            {**shown, 429: _LOCKED, 503: gone},
            _HANDLE,
            *visit,
            *bridge,
        ),
        _get(
            "/franceconnect/retour",
            "come_back_from_franceconnect",
            "Back from FranceConnect",
            {**shown, 403: refused, 503: gone},
            *told,
            _DEVICE,
            *visit,
            *bridge,
        ),
        _get(
            "/franceconnect/refus",
            "say_franceconnects_refusal_again",
            "Why there is no identity, in another language",
            {303: _ONWARD, 400: _LOST, 403: refused, 503: gone},
            _HANDLE,
            Parameter("refus", "query", {"type": "string", "enum": [str(one) for one in FranceConnectRefusal]}),
            *here.cookies("session"),
        ),
        _get("/franceconnect/continuer", "go_on_from_franceconnect", "On to the ENT", shown, _HANDLE, *visit),
        _get(
            "/franceconnect/deconnecte",
            "signed_out_of_franceconnect",
            "Back from FranceConnect's logout",
            shown,
            Parameter("state", "query"),
            *here.cookies("leaving"),
        ),
        _post(
            "/franceconnect/pas-moi",
            "not_me",
            "Forgets who was recognised",
            {**shown, 403: _FORGED},
            members(_TOKEN, "jeton"),
            here.cookies("activation", "session"),
        ),
    ]


def _strength(here: Here) -> list[Operation]:
    del here
    refused = Answer("Not asked by our own page, or nothing to judge.", {JSON: refer("Refusal")})
    told = members({"niveau": {"type": "integer", "enum": [1, 2, 3]}}, "niveau")
    asked_by = tuple(Parameter(name, "header") for name in ("Sec-Fetch-Site", "Origin"))
    answers = {200: Answer("How strong.", {JSON: told}), 400: refused, 403: refused, 429: too_many(CLIENTS)}
    post = _post(
        "/solidite", "strength", "How strong a password is", answers, members({"mot-de-passe": TEXT}), asked_by
    )
    return [replace(post, tag=DOCUMENTS)]


def _assets(here: Here) -> list[Operation]:
    del here
    types = ("text/css", "text/javascript", "image/svg+xml", "font/woff2", "text/plain")
    file = Answer("The file.", dict.fromkeys(types, TEXT), may_have=("Content-Encoding",))
    names = tuple(Parameter(name, "path", {**TEXT, "minLength": 1}, required=True) for name in ("version", "name"))
    answers = {200: file, 404: Answer("There is no such file.", _REFUSAL)}
    zipped = Parameter("Accept-Encoding", "header")
    return [_get("/static/{version}/{name}", "asset", "Style, script, font", answers, *names, zipped)]


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
    _own_account,
    _identity_check,
    _my_children,
    _children,
    _email,
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
