"""Faults of userinfo, plain or signed."""

from collections.abc import Callable
from dataclasses import replace

from idp.protocol.client import Client
from idp.sandbox.faults.entry import Answer, Change, Endpoint, Fault, Surroundings
from idp.sandbox.faults.forging import ClaimsChange, Forge, open_jwt, replacing, with_claims
from idp.sandbox.faults.id_tokens import read_json, write_json
from idp.sandbox.faults.signed import faults_of, wrong_anywhere

_JWT = "application/jwt"
_SUCCESS = "OpenID Connect Core 1.0 section 5.3.2"
_CHECKED = "OpenID Connect Core 1.0 section 5.3.4"


def is_readable(client: Client) -> str:
    """Say why userinfo cannot be changed."""
    if client.userinfo_encrypted_response_alg:
        return "its userinfo is encrypted for its own key: nobody here can open it to change it"
    return ""


def is_signed(client: Client) -> str:
    """Say why there is no signature to spoil."""
    if not client.userinfo_signed_response_alg:
        return "its userinfo is plain JSON: register userinfo_signed_response_alg for signatures to go wrong"
    return is_readable(client)


def in_signed_userinfo(forge: Forge) -> Change:
    """Change userinfo where it is a signed JWT."""

    def change(answer: Answer, here: Surroundings) -> Answer | None:
        if answer.status != 200 or not answer.content_type.startswith(_JWT):
            return None
        opened = open_jwt(answer.body.decode())
        forged = forge(opened, here) if opened else None
        return None if forged is None else replace(answer, body=forged.encode())

    return change


def in_userinfo(change: ClaimsChange) -> Change:
    """Change the claims of userinfo, plain or signed."""
    in_signed = in_signed_userinfo(with_claims(change))

    def change_either(answer: Answer, here: Surroundings) -> Answer | None:
        if answer.content_type.startswith(_JWT):
            return in_signed(answer, here)
        told = read_json(answer)
        changed = None if told is None else change(dict(told), here)
        return None if changed is None else write_json(answer, changed)

    return change_either


def _paragraph(of: str) -> str:
    return _CHECKED if of == "signature" else _SUCCESS


def _fault(name: str, about: str, sound: str, text: str, change: ClaimsChange, fits: Callable[[Client], str]) -> Fault:
    return Fault(name, (Endpoint.USERINFO,), about, sound, text, in_userinfo(change), fits)


FAULTS = (
    _fault(
        "userinfo-wrong-sub",
        "Userinfo speaks of somebody else than the ID token.",
        "compares sub with that of the ID token, and uses nothing of it.",
        _SUCCESS,
        replacing(sub="somebody-else"),
        is_readable,
    ),
    _fault(
        "userinfo-without-sub",
        "Userinfo does not say of whom it speaks: there is no sub.",
        "uses nothing of it: sub is always there.",
        _SUCCESS,
        replacing(sub=None),
        is_readable,
    ),
    *faults_of("userinfo", Endpoint.USERINFO, wrong_anywhere(_paragraph), in_signed_userinfo, is_signed),
)
