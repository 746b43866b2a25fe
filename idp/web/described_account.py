"""Describes the pages of « Mon compte » and of somebody's children, as `described_pages` does the others."""

from idp.journeys.account_answers import AccountNotice
from idp.protocol.described import Here
from idp.protocol.openapi import JSON, TEXT, Answer, Operation, Parameter, Schema, members
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


def describe_own_account(here: Here) -> list[Operation]:
    """Return the pages of the account itself."""
    beside = here.cookies("session", "visit", "known", "accounts")
    shown = {200: SHOWN, 303: ONWARD, 429: LOCKED}
    taken = {**shown, 403: FORGED, 422: FAULTS}
    onward = Parameter("vers", "query", description="Which page of the account comes next.")
    told = Parameter("avis", "query", {"type": "string", "enum": [str(one) for one in AccountNotice]})
    password = members({**TOKEN, "actuel": TEXT}, "jeton")
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
        *(read(f"/mon-compte/{path}", name, reads, shown, *beside) for path, name, reads, _, _ in forms),
        *(
            send(f"/mon-compte/{path}", f"submit_{name}", does, taken, members({**TOKEN, **fields}, "jeton"), beside)
            for path, name, _, does, fields in forms
        ),
        read("/mon-compte/donnees", "own_data", "What the copy of somebody's data holds", shown, *beside),
        read("/mon-compte/donnees/copie", "copy_data", "The copy", {**shown, 200: copy}, *beside),
        read("/mon-compte/historique", "history", "What happened to the account", shown, *beside),
        read("/mon-compte/reste-ouvert", "kept", "Says that the account stays open", shown, HANDLE, *beside),
        read("/mon-compte", "own_account", "What somebody's account holds", shown, told, *beside),
        read("/mon-compte/confirmation", "prove_again", "Asks for the password again", shown, onward, *beside),
        send("/mon-compte/confirmation", "submit_proof", "The password", taken, password, (onward, *beside)),
    ]


def describe_identity_check(here: Here) -> list[Operation]:
    """Return the pages of « Confirmation de l'identité »."""
    shown = {200: SHOWN, 303: ONWARD, 400: LOST, 429: LOCKED}
    beside = (HANDLE, *here.cookies("visit", "session"))
    form = members({**TOKEN, **dict.fromkeys(("jour", "mois", "annee"), TEXT)}, "jeton")
    taken = {**shown, 403: FORGED, 422: FAULTS}
    return [
        read("/identite", "identity_check", "Asks for one child's birth date", shown, *beside),
        send("/identite", "confirm_identity", "The date", taken, form, (*beside, *here.cookies("known"))),
    ]


def describe_my_children(here: Here) -> list[Operation]:
    """Return the pages of « Mes enfants »."""
    beside = here.cookies("session", "visit")
    shown = {200: SHOWN, 303: ONWARD}
    told = Parameter("avis", "query", {"type": "string", "enum": [str(one) for one in AccountNotice]})
    link = Parameter("child", "path", {**TEXT, "minLength": 1}, required=True)
    bare = members(TOKEN, "jeton")
    contest = "/mon-compte/enfants/{child}/contester"
    number = Parameter("number", "path", {**TEXT, "minLength": 1}, required=True)
    undo = "/mon-compte/enfants/regroupement/{number}/annuler"
    other = members({**TOKEN, "autre-identifiant": TEXT, "autre-mot-de-passe": TEXT}, "jeton")
    known = here.cookies("known")
    return [
        read("/mon-compte/enfants", "my_children", "The children of an account", shown, told, *beside),
        read(contest, "ask_contest_child", "Whether a child is really not hers", shown, link, *beside),
        send(contest, "contest_child", "It is not", {303: ONWARD, 403: FORGED}, bare, (link, *beside)),
        read("/mon-compte/enfants/regroupement", "group_accounts", "Another account of hers", shown, *beside),
        send(
            "/mon-compte/enfants/regroupement",
            "submit_group",
            "Its identifiant and password",
            {**shown, 403: FORGED, 422: FAULTS, 429: LOCKED},
            other,
            (*beside, *known),
        ),
        read(undo, "ask_ungroup", "Whether to take it out again", shown, number, *beside),
        send(undo, "ungroup_accounts", "Takes it out", {303: ONWARD, 403: FORGED}, bare, (number, *beside)),
    ]


def describe_children(here: Here) -> list[Operation]:
    """Return the pages of the children whom an import added."""
    shown = {200: SHOWN, 303: ONWARD, 400: LOST, 429: LOCKED}
    taken = {**shown, 403: FORGED, 422: FAULTS}
    beside = (HANDLE, *here.cookies("visit", "session"))
    bare, answered = members(TOKEN, "jeton"), members({**TOKEN, "reponse": LINK}, "jeton")
    return [
        read("/enfants", "new_children", "Children that an import added", shown, *beside),
        send("/enfants", "submit_new_children", "Whose they are", taken, CHILDREN, beside),
        send("/enfants/pas-les-miens", "contest_new_children", "Whether some are really not", taken, answered, beside),
        send("/enfants/plus-tard", "leave_new_children", "Goes on without them", taken, bare, beside),
    ]


def describe_email(here: Here) -> list[Operation]:
    """Return the pages of the e-mail address."""
    beside = here.cookies("session", "visit")
    there = {200: SHOWN, 303: ONWARD}
    done = {303: ONWARD, 403: FORGED, 429: LOCKED}
    typed = members({**TOKEN, "email": TEXT}, "jeton")
    gone = {410: Answer("The link was used, has run out, or was replaced by a later one.", REFUSAL)}
    secret = Parameter("l", "query", description="The secret of a mailed link.")
    pressed = members({"l": TEXT}, "l")
    return [
        read("/mon-compte/e-mail", "email", "The e-mail address of an account", {**there, 429: LOCKED}, *beside),
        send("/mon-compte/e-mail", "ask_email", "Another address", {**done, 422: FAULTS}, typed, beside),
        send("/mon-compte/e-mail/renvoi", "resend_email", "Another mail", done, members(TOKEN, "jeton"), beside),
        send(
            "/mon-compte/e-mail/annulation", "cancel_email", "No other address", done, members(TOKEN, "jeton"), beside
        ),
        read(
            "/e-mail/confirmer", "email_link", "Opens a mailed link, and changes nothing", {200: SHOWN, **gone}, secret
        ),
        send("/e-mail/confirmer", "confirm_email", "Confirms the address", {303: ONWARD, **gone}, pressed, ()),
        read("/e-mail/confirmee", "email_confirmed", "The address is confirmed", {200: SHOWN}),
    ]


def describe_own_franceconnect(here: Here) -> list[Operation]:
    """Return the pages of FranceConnect in an account."""
    beside = here.cookies("session", "visit", "known", "accounts")
    shown = {200: SHOWN, 303: ONWARD, 429: LOCKED}
    form = members(TOKEN, "jeton")
    token = Parameter("jeton", "query", description="What the page was shown with.")
    there = "/mon-compte/franceconnect"
    return [
        read(there, "own_franceconnect", "FranceConnect in an account", shown, *beside),
        send(there, "remove_franceconnect", "Removes it", {**shown, 403: FORGED}, form, beside),
        read(f"{there}/ajout", "add_franceconnect", "To FranceConnect, to link it", shown, token, *beside),
    ]
