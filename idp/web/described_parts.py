"""What the descriptions of pages have in common: answers, members of forms, and the two kinds of operations."""

from collections.abc import Sequence

from idp.protocol.openapi import FORM, HTML, JSON, TEXT, Answer, Operation, Parameter, Schema, members, refer

PARENTS = "parents"
PAGE: dict[str, Schema] = {HTML: TEXT}
REFUSAL: dict[str, Schema] = {HTML: TEXT, JSON: refer("Refusal")}
TOKEN: dict[str, Schema] = {"jeton": {**TEXT, "description": "What the form was shown with."}}
HANDLE = Parameter("d", "query", description="Which sign-in page.")
LINK: Schema = {"type": "string", "enum": ["oui", "non"]}
CHILDREN: Schema = {
    **members(TOKEN, "jeton"),
    "patternProperties": {
        "^lien-[0-9]+$": LINK,
        **{f"^{part}-[0-9]+$": TEXT for part in ("jour", "mois", "annee")},
    },
}

SHOWN = Answer("The page.", PAGE, may_have=("Set-Cookie",))
ONWARD = Answer("To another page, or on to the ENT.", PAGE, ("Location",), may_have=("Set-Cookie",))
LOST = Answer("Nothing of this browser waits here.", REFUSAL, may_have=("Set-Cookie",))
FORGED = Answer("The form was not shown to this browser.", REFUSAL)
FAULTS = Answer("The form again, with what to mend.", PAGE, may_have=("Set-Cookie",))
LOCKED = Answer("Too many tries.", REFUSAL, ("Retry-After",), may_have=("Set-Cookie",))


def read(path: str, name: str, summary: str, answers: dict[int, Answer], *parameters: Parameter) -> Operation:
    """Return a page to look at."""
    return Operation("get", path, name, summary, PARENTS, answers, parameters)


def send(
    path: str, name: str, summary: str, answers: dict[int, Answer], form: Schema, parameters: Sequence[Parameter]
) -> Operation:
    """Return a form that is sent."""
    return Operation("post", path, name, summary, PARENTS, answers, parameters, {FORM: form})
