"""The documented errors: pages with a code, answers on the callback, JSON of the endpoints that servers call.

The codes are FranceConnect's; the sentences are ours (docs/fidelity-franceconnect.md says how surely each code is known).
"""

from dataclasses import dataclass
from types import MappingProxyType

_TRY_AGAIN = "Revenez au service et recommencez. Si cela continue, attendez quelques minutes."
_OTHER_ACCOUNT = "Choisissez un autre compte, ou vérifiez vos informations auprès de celui que vous avez utilisé."
_NOT_YOUR_FAULT = (
    "Ce n'est pas votre faute : le service d'où vous venez est mal réglé. Prévenez-le avec le code de cette page."
)
_ABORTED = "user authentication aborted"
_TECHNICAL = "authentication aborted due to a technical error on the authorization server"


@dataclass(frozen=True, slots=True)
class PageError:
    """A page of FranceConnect from which one comes back by a link, or not at all.

    Attributes:
        code: Shown on the page.
        status: Of HTTP.
        advice: What the person can do, in French.
        meaning: For developers, in English.
        error: What the link « Revenir sur… » carries to the service, where the service is known.
        description: Its `error_description`.
    """

    code: str
    status: int
    advice: str
    meaning: str
    error: str = "server_error"
    description: str = _TECHNICAL


def _denied(code: str, meaning: str, advice: str = _OTHER_ACCOUNT) -> PageError:
    return PageError(code, 403, advice, meaning, "access_denied", _ABORTED)


_ALL = (
    PageError("Y030007", 400, _NOT_YOUR_FAULT, "A parameter of the authorization request is missing, malformed or not on the closed list."),
    PageError("Y04EA6EF", 400, _NOT_YOUR_FAULT, "The client is not registered, or is not active."),
    PageError("Y04C013C", 400, _NOT_YOUR_FAULT, "The redirect_uri is not registered for this client, letter for letter."),
    PageError("Y04A8220", 400, _NOT_YOUR_FAULT, "The sector identifier of the client cannot be read."),
    PageError("Y04CFAEF", 400, _NOT_YOUR_FAULT, "The post_logout_redirect_uri is not registered for this client."),
    PageError("Y100019", 400, "Vous pouvez fermer cette page.", "A logout without a live session of FranceConnect in this browser."),
    PageError("Y020017", 400, _OTHER_ACCOUNT, "The identity provider is switched off."),
    PageError("Y020019", 400, _TRY_AGAIN, "The identity provider is not known."),
    PageError("Y020021", 400, _TRY_AGAIN, "The identity provider came back without a state."),
    PageError("Y020022", 403, _TRY_AGAIN, "The identity provider came back with another state."),
    PageError("Y020023", 400, _OTHER_ACCOUNT, "The service does not take this identity provider."),
    PageError("Y020026", 502, _OTHER_ACCOUNT, "The identity provider's token endpoint failed."),
    PageError("Y020027", 502, _OTHER_ACCOUNT, "The identity provider's userinfo endpoint failed."),
    PageError("Y020029", 502, _OTHER_ACCOUNT, "The identity provider's token cannot be used."),
    PageError("Y020030", 502, _OTHER_ACCOUNT, "The identity provider's userinfo cannot be used."),
    PageError("Y600006", 400, _OTHER_ACCOUNT, "The identity provider gave an incomplete or malformed identity."),
    PageError("Y100001", 400, _OTHER_ACCOUNT, "The identity provider reached a lower level than was asked."),
    PageError("Y100002", 400, _OTHER_ACCOUNT, "The identity provider's level is not supported."),
    PageError("Y100018", 400, _OTHER_ACCOUNT, "The identity provider's level is not allowed."),
    PageError("Y100009", 400, _NOT_YOUR_FAULT, "The client asks for the claim amr, and may not."),
    _denied("Y100011", "The person has blocked this identity provider for her account."),
    _denied("Y010004", "Civil register: an identity that is close, and not the same."),
    _denied("Y010006", "Civil register: several persons."),
    _denied("Y010007", "Civil register: found with the usage name only."),
    _denied("Y010008", "Civil register: nobody."),
    PageError("Y010009", 400, _TRY_AGAIN, "Civil register: the request was rejected."),
    PageError("Y010011", 502, _TRY_AGAIN, "Civil register: no answer in time."),
    PageError("Y010012", 502, _TRY_AGAIN, "Civil register: out of reach."),
    PageError("Y010013", 502, _TRY_AGAIN, "Civil register: an answer that cannot be used."),
    _denied("Y010015", "Civil register: the person has died.", "Contactez la mairie de naissance si c'est une erreur."),
    _denied("Y180001", "The account was switched off at the person's request."),
    PageError("Y190001", 401, _TRY_AGAIN, "The session of FranceConnect is over, or another browser's."),
    PageError("Y420001", 400, _TRY_AGAIN, "A step was skipped, or done twice: back button, refresh, second tab."),
    PageError("Y420002", 400, _TRY_AGAIN, "The same, while the session is at another step."),
    PageError("Y270001", 400, _OTHER_ACCOUNT, "There is no e-mail address to tell the person at."),
    PageError("Y270002", 502, _TRY_AGAIN, "The notification could not be sent."),
    PageError("Y470001", 401, _TRY_AGAIN, "The form's csrfToken is another session's."),
    PageError("Y470002", 400, _TRY_AGAIN, "The form has no csrfToken."),
    PageError("Y000400", 500, _TRY_AGAIN, "The simulator itself failed; its log says where. This code is ours."),
)  # fmt: skip
PAGES = MappingProxyType({error.code: error for error in _ALL})
"""By code."""

CALLBACK_ERRORS = MappingProxyType(
    {
        "access_denied": "User auth aborted",
        "invalid_request": "openid scope must be requested when using the acr_values parameter",
        "invalid_scope": "requested scope is not allowed",
        "invalid_acr": "acr_value is not valid, should be equal one of these values, expected eidas1, got eidas2",
        "invalid_idp_hint": "An idp_hint was provided but is not allowed",
        "unsupported_response_type": "unsupported response_type requested",
        "server_error": _TECHNICAL,
        "temporarily_unavailable": "the authorization server is currently unable to handle the request",
    }
)
"""Documented `error` of the callback, with its `error_description`."""

_DOCUMENTATION = "https://docs.partenaires.franceconnect.gouv.fr/fs/fs-technique/fs-technique-erreurs/"


@dataclass(frozen=True, slots=True)
class EndpointError(Exception):
    """A refusal of the token or userinfo endpoint.

    Attributes:
        status: Of HTTP.
        error: As RFC 6749 section 5.2 and RFC 6750 section 3.1 name it.
        description: FranceConnect's text, with its detail in brackets.
        code: FranceConnect's own.
    """

    status: int
    error: str
    description: str
    code: str

    def to_json(self, reference: str) -> dict[str, str]:
        """Return the body."""
        uri = f"{_DOCUMENTATION}?code={self.code}&id={reference}"
        return {"error": self.error, "error_description": self.description, "error_uri": uri}


def invalid_client(detail: str) -> EndpointError:
    """The client is not who it says."""
    return EndpointError(401, "invalid_client", f"client authentication failed ({detail})", "Y0434A7B")


def missing_parameter(name: str) -> EndpointError:
    """A parameter of the token request is not there."""
    return EndpointError(400, "invalid_request", f"missing required parameter '{name}' (undefined)", "Y048017B")


def malformed_request(detail: str) -> EndpointError:
    """The request cannot be read as one."""
    return EndpointError(400, "invalid_request", f"invalid request ({detail})", "Y040001")


def unsupported_grant_type() -> EndpointError:
    """Only `authorization_code` is known."""
    return EndpointError(400, "unsupported_grant_type", "unsupported grant_type requested (undefined)", "Y048017B")


def invalid_grant(detail: str, code: str) -> EndpointError:
    """The authorization code opens nothing."""
    return EndpointError(400, "invalid_grant", f"grant request is invalid ({detail})", code)


CODE_UNKNOWN = ("authorization code not found", "Y049E20B")
CODE_CONSUMED = ("authorization code already consumed", "Y0416228")
CODE_EXPIRED = ("authorization code is expired", "Y043F0A8")
PKCE = ("PKCE verification failed", "Y040001")
REDIRECT_URI_DIFFERS = ("authorization code redirect_uri mismatch", "Y04F8199")
TOKEN_UNKNOWN = EndpointError(401, "invalid_token", "invalid token provided (access token not found)", "Y040001")
TOKEN_MISSING = EndpointError(401, "invalid_token", "no access token provided (no access token provided)", "Y04146A2")
