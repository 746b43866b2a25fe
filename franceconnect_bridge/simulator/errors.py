"""Every refusal: pages with a code, errors on the way back, and JSON errors of the token and userinfo endpoints.

Codes and OAuth errors are FranceConnect's own (docs/fidelity-franceconnect.md says how surely each is known); every sentence is ours.
"""

from dataclasses import dataclass

ABORTED = "user authentication aborted"
TURNED_BACK = "User auth aborted"
TECHNICAL = "authentication aborted due to a technical error on the authorization server"


@dataclass(frozen=True, slots=True)
class PageError:
    """A refusal shown at the simulator.

    Attributes:
        code: FranceConnect's.
        status: Of HTTP.
        stage: Where it can be forced (`faults.py`).
        advice: What the person can do, in French.
        meaning: For developers, and for the reference page.
        error: What « Revenir sur » brings back to the service.
        description: The same.
    """

    code: str
    status: int
    stage: str
    advice: str
    meaning: str
    error: str = "server_error"
    description: str = TECHNICAL


_SERVICE = "Revenez sur le service et recommencez. Si cela continue, prévenez le service."
_CHOOSE = "Revenez sur le service, recommencez, et choisissez un autre compte."
_REGISTER = (
    "Les informations de votre compte diffèrent de celles de l'état civil. Vérifiez-les auprès de votre fournisseur, "
    "ou choisissez un autre compte."
)
_LATER = "Attendez quelques minutes, puis recommencez."
_BEGIN = "Revenez sur le service et recommencez la connexion depuis le début."

_PAGES = (
    PageError(
        "Y030007",
        400,
        "authorize",
        _SERVICE,
        "a parameter of the request is missing, malformed or not in the closed list",
    ),
    PageError("Y04EA6EF", 400, "authorize", _SERVICE, "the client is unknown or inactive"),
    PageError("Y04C013C", 400, "authorize", _SERVICE, "the redirect_uri is not registered, letter for letter"),
    PageError("Y04A8220", 400, "authorize", _SERVICE, "the sector identifier of the client cannot be read"),
    PageError("Y100009", 400, "authorize", _SERVICE, "the claim amr was asked for, and the client may not have it"),
    PageError("Y020017", 400, "verify", _CHOOSE, "the identity provider is disabled"),
    PageError("Y020019", 400, "verify", _CHOOSE, "the identity provider is unknown"),
    PageError("Y020021", 400, "verify", _BEGIN, "the identity provider came back without a state"),
    PageError("Y020022", 403, "verify", _BEGIN, "the identity provider came back with another state"),
    PageError("Y020023", 400, "verify", _CHOOSE, "the service does not take this identity provider"),
    PageError("Y020026", 502, "verify", _LATER, "the token endpoint of the identity provider failed"),
    PageError("Y020027", 502, "verify", _LATER, "the userinfo endpoint of the identity provider failed"),
    PageError("Y020029", 502, "verify", _LATER, "the identity provider's token could not be used"),
    PageError("Y020030", 502, "verify", _LATER, "the identity provider's userinfo could not be used"),
    PageError(
        "Y600006",
        400,
        "verify",
        "Il manque une information dans votre compte. Complétez-le, ou choisissez un autre compte.",
        "the identity provider's identity is incomplete or malformed",
    ),
    PageError("Y100001", 400, "verify", _CHOOSE, "the identity provider's level is below the level asked for"),
    PageError("Y100002", 400, "verify", _CHOOSE, "the identity provider's level is not supported"),
    PageError("Y100018", 400, "verify", _CHOOSE, "the identity provider's level is not allowed"),
    PageError("Y010004", 403, "verify", _REGISTER, "civil register: a near match only", "access_denied", ABORTED),
    PageError("Y010006", 403, "verify", _REGISTER, "civil register: several persons match", "access_denied", ABORTED),
    PageError(
        "Y010007", 403, "verify", _REGISTER, "civil register: found with the usage name only", "access_denied", ABORTED
    ),
    PageError("Y010008", 403, "verify", _REGISTER, "civil register: nobody found", "access_denied", ABORTED),
    PageError("Y010009", 400, "verify", _LATER, "civil register: the question was rejected"),
    PageError("Y010011", 502, "verify", _LATER, "civil register: no answer in time"),
    PageError("Y010012", 502, "verify", _LATER, "civil register: unreachable"),
    PageError("Y010013", 502, "verify", _LATER, "civil register: an unexpected status"),
    PageError(
        "Y010015",
        403,
        "verify",
        "L'état civil indique que cette personne est décédée. Si c'est une erreur, adressez-vous à votre mairie.",
        "civil register: the person is deceased",
        "access_denied",
        ABORTED,
    ),
    PageError(
        "Y180001",
        403,
        "verify",
        "Vous avez désactivé votre accès. Réactivez-le dans votre espace, puis recommencez.",
        "the person disabled her account",
        "access_denied",
        ABORTED,
    ),
    PageError(
        "Y100011",
        403,
        "verify",
        "Vous avez bloqué ce fournisseur. Choisissez un autre compte.",
        "the person blocked this identity provider",
        "access_denied",
        ABORTED,
    ),
    PageError(
        "Y190001",
        401,
        "verify",
        _BEGIN,
        "the browser has no live session here (30 minutes, or cookies refused)",
        "access_denied",
        ABORTED,
    ),
    PageError(
        "Y420001",
        400,
        "verify",
        _BEGIN,
        "the page was reached in an order that the journey does not know (back, refresh, old tab)",
        "access_denied",
        ABORTED,
    ),
    PageError(
        "Y420002", 400, "verify", _BEGIN, "the same, while the session is at another step", "access_denied", ABORTED
    ),
    PageError("Y470001", 401, "verify", _BEGIN, "the form's csrfToken is wrong", "access_denied", ABORTED),
    PageError("Y470002", 400, "verify", _BEGIN, "the form's csrfToken is missing", "access_denied", ABORTED),
    PageError("Y270001", 400, "verify", _CHOOSE, "the person has no e-mail address to be told at"),
    PageError("Y270002", 502, "verify", _LATER, "the notification could not be sent"),
    PageError(
        "Y04CFAEF",
        400,
        "logout",
        "Vous pouvez fermer cette page. Si vous partagez cet appareil, fermez aussi le navigateur.",
        "the post_logout_redirect_uri is not registered",
    ),
    PageError(
        "Y100019",
        400,
        "logout",
        "Vous n'étiez plus connecté ici. Vous pouvez fermer cette page.",
        "the browser that signs out has no live session",
    ),
    PageError(
        "Y040001",
        400,
        "logout",
        "Vous pouvez fermer cette page.",
        "the id_token_hint is none of ours, or is another client's; the catch-all of the protocol engine",
    ),
)

PAGES = {page.code: page for page in _PAGES}
"""By code."""

REDIRECTS = {
    "access_denied": TURNED_BACK,
    "invalid_request": "the request is missing a required parameter",
    "invalid_scope": "requested scope is not allowed",
    "invalid_acr": "acr_value is not valid, should be equal one of these values, expected eidas1, got eidas2",
    "invalid_idp_hint": "An idp_hint was provided but is not allowed",
    "unsupported_response_type": "unsupported response_type requested",
    "server_error": TECHNICAL,
    "temporarily_unavailable": "the authorization server is temporarily unable to handle the request",
}
"""Errors that come back on the callback, with the description that each has when it is forced."""


class ShownError(Exception):
    """The browser gets an error page.

    Attributes:
        page: Which.
        reasons: What was sent and what was expected, in French, for developers. No value of a secret.
    """

    def __init__(self, code: str, *reasons: str) -> None:
        super().__init__(code)
        self.page = PAGES[code]
        self.reasons = reasons


class ReturnedError(Exception):
    """The browser goes back to the service with an error (RFC 6749 section 4.1.2.1)."""

    def __init__(self, error: str, description: str, *, fragment: bool = False) -> None:
        super().__init__(error)
        self.error = error
        self.description = description
        self.fragment = fragment


@dataclass(frozen=True, slots=True)
class JsonError:
    """An error of the token or userinfo endpoint.

    Attributes:
        code: FranceConnect's; Y040001 where its own code is not known.
        status: Of HTTP.
        error: OAuth's.
        description: With its detail in brackets.
    """

    code: str
    status: int
    error: str
    description: str


_AUTHENTICATION = "client authentication failed"
_GRANT = "grant request is invalid"
JSON_ERRORS = {
    "wrong-secret": JsonError("Y0434A7B", 401, "invalid_client", f"{_AUTHENTICATION} (invalid secret provided)"),
    "unknown-client": JsonError("Y040001", 401, "invalid_client", f"{_AUTHENTICATION} (client not found)"),
    "wrong-method": JsonError(
        "Y040001",
        401,
        "invalid_client",
        f"{_AUTHENTICATION} (the registered client token_endpoint_auth_method does not match the provided auth mechanism)",
    ),
    "wrong-assertion": JsonError("Y040001", 401, "invalid_client", f"{_AUTHENTICATION} (invalid client assertion)"),
    "no-client": JsonError(
        "Y040001", 400, "invalid_request", "no client authentication mechanism provided (no client_id)"
    ),
    "bad-body": JsonError(
        "Y040001", 400, "invalid_request", "only application/x-www-form-urlencoded bodies, each parameter once (body)"
    ),
    "no-grant-type": JsonError(
        "Y040001", 400, "invalid_request", "missing required parameter 'grant_type' (undefined)"
    ),
    "wrong-grant-type": JsonError(
        "Y040001", 400, "unsupported_grant_type", "unsupported grant_type requested (undefined)"
    ),
    "no-code": JsonError("Y048017B", 400, "invalid_request", "missing required parameter 'code' (undefined)"),
    "no-redirect-uri": JsonError(
        "Y040001", 400, "invalid_request", "missing required parameter 'redirect_uri' (undefined)"
    ),
    "unknown-code": JsonError("Y049E20B", 400, "invalid_grant", f"{_GRANT} (authorization code not found)"),
    "used-code": JsonError("Y0416228", 400, "invalid_grant", f"{_GRANT} (authorization code already consumed)"),
    "old-code": JsonError("Y043F0A8", 400, "invalid_grant", f"{_GRANT} (authorization code is expired)"),
    "other-client": JsonError("Y040001", 400, "invalid_grant", f"{_GRANT} (client mismatch)"),
    "other-redirect-uri": JsonError(
        "Y04F8199", 400, "invalid_grant", f"{_GRANT} (authorization code redirect_uri mismatch)"
    ),
    "pkce": JsonError("Y040001", 400, "invalid_grant", f"{_GRANT} (PKCE verification failed)"),
    "no-token": JsonError("Y04146A2", 401, "invalid_token", "no access token provided (no access token provided)"),
    "wrong-token": JsonError("Y040001", 401, "invalid_token", "invalid token provided (access token not found)"),
}
"""By a name of our own."""


class AnsweredError(Exception):
    """A program gets a JSON error."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.json = JSON_ERRORS[name]
