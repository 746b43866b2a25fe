"""Faults of the answer that a browser brings back to the client, as a redirect or as a form."""

from dataclasses import replace

from idp.sandbox.faults.entry import Answer, Change, Endpoint, Fault, Params, Surroundings
from idp.sandbox.faults.signed import FOREIGN_ISSUER

_ERRORS = {
    "access_denied": "RFC 6749 section 4.1.2.1",
    "invalid_request": "RFC 6749 section 4.1.2.1",
    "unauthorized_client": "RFC 6749 section 4.1.2.1",
    "unsupported_response_type": "RFC 6749 section 4.1.2.1",
    "invalid_scope": "RFC 6749 section 4.1.2.1",
    "server_error": "RFC 6749 section 4.1.2.1",
    "temporarily_unavailable": "RFC 6749 section 4.1.2.1",
    "interaction_required": "OpenID Connect Core 1.0 section 3.1.2.6",
    "login_required": "OpenID Connect Core 1.0 section 3.1.2.6",
    "account_selection_required": "OpenID Connect Core 1.0 section 3.1.2.6",
    "consent_required": "OpenID Connect Core 1.0 section 3.1.2.6",
    "invalid_request_uri": "OpenID Connect Core 1.0 section 3.1.2.6",
    "invalid_request_object": "OpenID Connect Core 1.0 section 3.1.2.6",
    "request_not_supported": "OpenID Connect Core 1.0 section 3.1.2.6",
    "request_uri_not_supported": "OpenID Connect Core 1.0 section 3.1.2.6",
    "registration_not_supported": "OpenID Connect Core 1.0 section 3.1.2.6",
    "unmet_authentication_requirements": "OpenID Connect Core Error Code unmet_authentication_requirements 1.0 section 3",
    "invalid_target": "RFC 8707 section 2",
}
_SOUND_ERROR = (
    "shows that nobody signed in, with a way to try again by hand; it does not send the browser back by itself."
)


def _without(name: str) -> Change:
    def change(answer: Answer, here: Surroundings) -> Answer | None:
        del here
        left = tuple(pair for pair in answer.params if pair[0] != name)
        return None if left == answer.params else replace(answer, params=left)

    return change


def _with_other(name: str, value: str) -> Change:
    def change(answer: Answer, here: Surroundings) -> Answer | None:
        del here
        if name not in dict(answer.params):
            return None
        return replace(answer, params=tuple((one, value if one == name else was) for one, was in answer.params))

    return change


def _with_error(error: str) -> Change:
    def change(answer: Answer, here: Surroundings) -> Answer | None:
        del here
        if "code" not in dict(answer.params):
            return None
        told: Params = (("error", error), ("error_description", "This fault was armed."))
        place = [name for name, _ in answer.params].index("code")
        return replace(answer, params=(*answer.params[:place], *told, *answer.params[place + 1 :]))

    return change


def _fault(name: str, about: str, sound: str, text: str, change: Change) -> Fault:
    return Fault(f"redirect-{name}", (Endpoint.AUTHORIZATION,), about, sound, text, change)


FAULTS = (
    _fault(
        "without-state",
        "The browser comes back without state.",
        "refuses: the answer may be one that somebody else made.",
        "RFC 6749 section 10.12",
        _without("state"),
    ),
    _fault(
        "wrong-state",
        "The browser comes back with another state.",
        "refuses a state that it did not give to this browser.",
        "RFC 6749 section 10.12",
        _with_other("state", "a-state-of-another-browser"),
    ),
    _fault(
        "without-iss",
        "The browser comes back without iss, although discovery announces one.",
        "refuses: the answer may come from another provider.",
        "RFC 9207 section 2.4",
        _without("iss"),
    ),
    _fault(
        "wrong-iss",
        f"The browser comes back with the iss of another provider, {FOREIGN_ISSUER}.",
        "compares iss with the issuer to which it sent the browser, and refuses before it sends the code anywhere.",
        "RFC 9207 section 2.4",
        _with_other("iss", FOREIGN_ISSUER),
    ),
    _fault(
        "without-code",
        "The browser comes back without a code, and without an error.",
        "refuses: there is nothing to redeem.",
        "RFC 6749 section 4.1.2",
        _without("code"),
    ),
    _fault(
        "wrong-code",
        "The browser comes back with a code that was never given.",
        "sends it once, is told invalid_grant, and says that the sign-in did not work.",
        "RFC 6749 sections 4.1.3 and 5.2",
        _with_other("code", "a-code-that-was-never-given"),
    ),
    *(
        _fault(
            f"error-{error.replace('_', '-')}",
            f"The browser comes back with error={error}, and without a code.",
            _SOUND_ERROR,
            text,
            _with_error(error),
        )
        for error, text in _ERRORS.items()
    ),
)
