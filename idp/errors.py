"""The error catalogue: every way a request can be refused, in three voices.

The OAuth code is for the client, the French sentence for the parent, the note for support and developers. `docs/errors.md` is generated
from here, and a test keeps it complete. Imports nothing of ours; every room may import it.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Error:
    """One entry of the catalogue."""

    key: str  # stable name, in logs and in docs/errors.md
    status: int  # HTTP status of the page or of the JSON answer
    title: str  # H1 of the page, French; "" where only a client reads the answer
    sentences: str  # what a person reads, French; "" where only a client reads the answer
    note: str  # for support and developers, English
    oauth: str = ""  # `error` member of RFC 6749 and its companions; "" where no client is involved


_SITE_TITLE = "Nous ne pouvons pas ouvrir cette page"
_SITE_SENTENCES = "Le site d'où vous venez est mal réglé. Ce n'est pas votre faute. Prévenez ce site avec la référence."

CATALOGUE: tuple[Error, ...] = (
    # Pages of the identity provider.
    Error(
        "step-lost",
        400,
        "Votre démarche s'est arrêtée",
        "Trop de temps est passé, ou votre navigateur refuse les cookies. Rien n'est perdu : recommencez, il faut 3 minutes.",
        "No step of a journey belongs to this browser: its cookie is missing, too old, or the journey ended in another tab. "
        "Or the client was removed, or gave up the place to answer.",
    ),
    Error(
        "form-too-old",
        403,
        "Cette page était ouverte depuis trop longtemps",
        "Rien n'a été envoyé.",
        "The form's token is missing or was not made for this browser and this step (CSRF protection).",
    ),
    Error(
        "franceconnect-unavailable",
        503,
        "FranceConnect ne répond pas",
        "Le problème ne vient pas de vous. Attendez quelques minutes, ou connectez-vous avec votre identifiant.",
        "FranceConnect did not answer, is spared after failures, refused our client or failed a check; the audit trail has which.",
    ),
    Error(
        "franceconnect-refused",
        403,
        "FranceConnect n'a pas pu confirmer votre identité",
        "Vérifiez vos informations sur le compte que vous avez choisi. Ou activez votre compte par SMS.",
        "FranceConnect said that it could not confirm the person's identity: civil register, identity provider, or her own account there.",
    ),
    Error(
        "too-many-tries",
        429,
        "Il y a eu trop d'essais",
        "Pour protéger les comptes, attendez avant de recommencer. Pressé ? Appelez le secrétariat avec la référence.",
        "A ceiling was reached; Retry-After says when it opens again.",
    ),
    Error(
        "link-gone",
        410,
        "Ce lien n'est plus valable",
        "Il a déjà servi, ou il est trop ancien. Demandez-en un nouveau.",
        "The mailed link was used, has run out, or was replaced by a later one.",
    ),
    Error(
        "bad-request",
        400,
        "Cette page n'a pas pu être envoyée",
        "Revenez en arrière et réessayez.",
        "The request is malformed; the log has the cause under the reference.",
        "invalid_request",
    ),
    Error(
        "not-found",
        404,
        "Cette page n'existe pas",
        "Vérifiez l'adresse.",
        "No such path.",
    ),
    Error(
        "method-not-allowed",
        405,
        "Cette page n'existe pas",
        "Vérifiez l'adresse.",
        "The path exists and does not take this HTTP method; Allow lists those that it takes.",
    ),
    Error(
        "host-unknown",
        421,
        "Cette page n'existe pas",
        "Vérifiez l'adresse.",
        "The Host header is neither the issuer's nor listed in public_hosts.",
    ),
    Error(
        "body-too-large",
        413,
        "Cette page n'a pas pu être envoyée",
        "Il y a trop de texte. Revenez en arrière et réessayez.",
        "The body is longer than 64 kB.",
    ),
    Error(
        "length-missing",
        411,
        "Cette page n'a pas pu être envoyée",
        "Revenez en arrière et réessayez.",
        "The body was sent in chunks: send it whole, with Content-Length.",
        "invalid_request",
    ),
    Error(
        "headers-too-long",
        431,
        "Cette page n'a pas pu être ouverte",
        "Il y a trop de texte dans l'adresse. Ou votre navigateur garde trop de cookies de ce site : effacez-les.",
        "Address and headers are longer than 32 kB. Where the server notices first, or finds more than a hundred headers, it says 431 "
        "without words.",
    ),
    Error(
        "our-fault",
        500,
        "Quelque chose n'a pas marché",
        "Le problème vient de nous. Réessayez.",
        "An exception was not handled; the log has it under the reference.",
    ),
    Error(
        "service-unavailable",
        503,
        "Le service est en panne un moment",
        "Réessayez dans quelques minutes. Ce que vous avez déjà confirmé est gardé.",
        "The database or a part of the service does not answer; Retry-After says when to try again.",
    ),
    Error(
        "too-busy",
        503,
        "Il y a trop de monde en ce moment",
        "Réessayez dans un instant. Ce que vous avez déjà confirmé est gardé.",
        "This process has as many requests as it admits (requests_at_once); Retry-After says when to try again.",
        "temporarily_unavailable",
    ),
    # Shown to the person, never redirected: the client or where to send the answer is not known (RFC 6749 section 4.1.2.1).
    Error(
        "client-id-missing",
        400,
        _SITE_TITLE,
        _SITE_SENTENCES,
        "The request has no client_id, or has it twice.",
        "invalid_request",
    ),
    Error(
        "client-unknown",
        400,
        _SITE_TITLE,
        _SITE_SENTENCES,
        "No client is registered with this client_id.",
        "invalid_client",
    ),
    Error(
        "redirect-uri-missing",
        400,
        _SITE_TITLE,
        _SITE_SENTENCES,
        "The request has no redirect_uri, or has it twice (OpenID Connect Core 1.0 section 3.1.2.1: required).",
        "invalid_request",
    ),
    Error(
        "redirect-uri-unregistered",
        400,
        _SITE_TITLE,
        _SITE_SENTENCES,
        "The redirect_uri is not, character for character, one that the client registered (RFC 9700 section 2.1).",
        "invalid_request",
    ),
    Error(
        "request-object-invalid",
        400,
        _SITE_TITLE,
        _SITE_SENTENCES,
        "The request object (the parameter request, or what stands at request_uri) is not one that this client signed for this issuer, "
        "and no registered redirect_uri stands beside it (RFC 9101 section 7).",
        "invalid_request_object",
    ),
    Error(
        "request-uri-unknown",
        400,
        "Cette page a déjà servi",
        "Revenez sur le site d'où vous venez, et recommencez.",
        "The request_uri is unknown, expired, used before, or another client's (RFC 9126 section 4).",
        "invalid_request_uri",
    ),
    Error(
        "post-logout-redirect-uri-unregistered",
        400,
        _SITE_TITLE,
        _SITE_SENTENCES,
        "The post_logout_redirect_uri is not one that the client registered, or no client could be told from a valid "
        "id_token_hint or client_id (OpenID Connect RP-Initiated Logout 1.0 section 3).",
        "invalid_request",
    ),
    Error(
        "id-token-hint-invalid",
        400,
        _SITE_TITLE,
        _SITE_SENTENCES,
        "The id_token_hint is not an ID token of this issuer for this client "
        "(OpenID Connect RP-Initiated Logout 1.0 section 2).",
        "invalid_request",
    ),
)


def load_error(key: str) -> Error:
    """Return the entry named `key`.

    Raises:
        KeyError: The catalogue has no such entry.
    """
    for error in CATALOGUE:
        if error.key == key:
            return error
    raise KeyError(key)
