"""What can be wrong with anything that is signed: the ID token, signed userinfo, the logout token."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from idp.sandbox.faults.entry import Change, Endpoint, Fault, Fits
from idp.sandbox.faults.forging import (
    Forge,
    replace_claims,
    signed_with_public_key,
    unsigned,
    with_unknown_kid,
    with_wrong_signature,
)

FOREIGN_ISSUER = "https://another-issuer.example"
FOREIGN_CLIENT = "another-client"


class Wrong(NamedTuple):
    """One thing that is wrong with a JWT: name, what it is, what a sound client does, the paragraph, what makes it."""

    name: str
    about: str
    sound: str
    text: str
    forge: Forge


def wrong_anywhere(check: Callable[[str], str]) -> list[Wrong]:
    """Return what is wrong with any kind of them.

    Args:
        check: Given ``iss``, ``aud`` or ``signature``, returns the paragraph that asks for its check.
    """
    return [
        Wrong(
            "wrong-iss",
            f"names another issuer, {FOREIGN_ISSUER}, under a good signature.",
            "compares iss with the issuer that it was configured for, letter for letter, and refuses.",
            check("iss"),
            replace_claims(iss=FOREIGN_ISSUER),
        ),
        Wrong(
            "wrong-aud",
            f"is for another client, {FOREIGN_CLIENT}, under a good signature.",
            "looks for its own client_id in aud, and refuses.",
            check("aud"),
            replace_claims(aud=FOREIGN_CLIENT),
        ),
        Wrong(
            "wrong-signature",
            "has the signature of another text under a kid that is published.",
            "verifies the signature, and refuses.",
            check("signature"),
            with_wrong_signature,
        ),
        Wrong(
            "unsigned",
            "says alg none, and has no signature.",
            "takes the algorithm that it is registered for and no other, never none, and refuses.",
            "RFC 8725 section 3.2",
            unsigned,
        ),
        Wrong(
            "hs256",
            "says HS256, with the public key as secret: whoever lets the header choose the algorithm finds the signature good.",
            "takes the algorithm that it is registered for and no other, and refuses.",
            "RFC 8725 sections 2.1 and 3.1",
            signed_with_public_key,
        ),
        Wrong(
            "unknown-kid",
            "names a key that nobody publishes.",
            "reads the JWKS again once, does not find the key, and refuses; it does not try the others.",
            "OpenID Connect Core 1.0 section 10.1.1",
            with_unknown_kid,
        ),
    ]


def faults_of(
    prefix: str, endpoint: Endpoint, wrongs: Iterable[Wrong], in_answer: Callable[[Forge], Change], fits: Fits
) -> tuple[Fault, ...]:
    """Return the entries of what is wrong with one kind.

    Args:
        prefix: Begins the names.
        endpoint: Where it goes out.
        wrongs: What is wrong.
        in_answer: Makes a change of an answer of a change of the JWT in it.
        fits: Whether such a JWT goes to a client.
    """
    subject = f"The {prefix.replace('id-token', 'ID token').replace('-', ' ')}"
    return tuple(
        Fault(
            f"{prefix}-{wrong.name}", (endpoint,), f"{subject} {wrong.about}", wrong.sound, wrong.text,
            in_answer(wrong.forge), fits,
        )
        for wrong in wrongs
    )  # fmt: skip
