"""The authorization request, as FranceConnect v2 reads it: a closed list of parameters, then checks in their order.

Order is data: what is refused by a page comes first, what goes back to the service after it.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from franceconnect_bridge.simulator.errors import CALLBACK_ERRORS
from franceconnect_bridge.simulator.providers import PROVIDERS
from franceconnect_bridge.simulator.settings import Client

PARAMETERS = frozenset(
    {
        "response_type", "client_id", "redirect_uri", "scope", "acr_values", "nonce", "state", "prompt", "claims",
        "idp_hint", "ui_locales",
    }
)  # fmt: skip
"""Anything else is the page Y030007: code_challenge, response_mode, login_hint, max_age, request and the rest."""

REQUIRED = ("response_type", "client_id", "redirect_uri", "scope", "acr_values", "nonce", "state")
SHORTEST_NONCE = 22
LEVEL = "eidas1"
_KNOWN_LEVELS = ("eidas1", "eidas2", "eidas3")
_HYBRID = re.compile(r"\b(?:token|id_token)\b")

SCOPES: Mapping[str, tuple[str, ...]] = {
    "openid": (),
    "profile": ("given_name", "given_name_array", "family_name", "birthdate", "gender", "preferred_username"),
    "birth": ("birthplace", "birthcountry"),
    "identite_pivot": (
        "given_name", "given_name_array", "family_name", "birthdate", "gender", "birthplace", "birthcountry",
    ),
    "given_name": ("given_name", "given_name_array"),
    **{
        name: (name,)
        for name in (
            "family_name", "gender", "birthdate", "birthplace", "birthcountry", "preferred_username", "email",
            "idp_birthdate", "idp_id",
        )
    },
    "amr": (),
}  # fmt: skip
"""Claims of each scope; a scope that is neither here nor below is ignored."""

DATA_SCOPES = frozenset(
    {
        "dgfip_rfr", "cnam_paiements_ij", "cnous_statut_boursier", "mesri_statut", "mi_siv_carte_grise",
        "cnaf_quotient_familial",
    }
)  # fmt: skip
"""Some of those that open data of other administrations: known, and granted to nobody here."""


class PageRefusal(Exception):  # noqa: N818  the page's own name is « refusal »
    """A page with a code; nobody is sent back.

    Attributes:
        code: Of the page.
        detail: For developers: what was sent, what was wanted.
    """

    def __init__(self, code: str, detail: str, client: Client | None = None) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.client = client


class CallbackRefusal(Exception):  # noqa: N818  as above
    """An error that goes back to the service (RFC 6749 section 4.1.2.1)."""

    def __init__(self, error: str, description: str, *, fragment: bool = False) -> None:
        super().__init__(description)
        self.error = error
        self.description = description
        self.fragment = fragment


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """A request that passed every check.

    Attributes:
        client: Who asks.
        redirect_uri: Where the answer goes.
        scopes: That were asked for and are known.
        nonce: Comes back in the ID token.
        state: Comes back on the callback.
        asks_amr: Whether the ID token tells `amr`.
        idp_hint: Identity provider to go to at once, "" for the choice.
        skips_information: Whether the information page is left out.
    """

    client: Client
    redirect_uri: str
    scopes: tuple[str, ...]
    nonce: str
    state: str
    asks_amr: bool
    idp_hint: str
    skips_information: bool

    @property
    def claims(self) -> tuple[str, ...]:
        """Names of the identity claims that are told."""
        return tuple(dict.fromkeys(claim for scope in self.scopes for claim in SCOPES[scope]))


Sent = Mapping[str, str]


def read_request(
    pairs: Sequence[tuple[str, str]], clients: Mapping[str, Client], *, strict: bool
) -> tuple[AuthorizationRequest | None, CallbackRefusal | None, Client, Sent]:
    """Take a request through every check.

    Args:
        pairs: Names and values, in order.
        clients: Who is registered.
        strict: Whether the list of parameters is closed.

    Returns:
        The request, or what goes back to the service; then the client and what was sent.

    Raises:
        PageRefusal: It is refused by a page.
    """
    sent = dict(pairs)
    _check_shape(pairs, sent, strict=strict)
    client = clients.get(sent["client_id"])
    if client is None:
        raise PageRefusal(
            "Y04EA6EF", f"client_id {sent['client_id'][:100]!r} is not registered; registered: {', '.join(clients)}"
        )
    if sent["redirect_uri"] not in client.redirect_uris:
        known = ", ".join(client.redirect_uris)
        raise PageRefusal("Y04C013C", f"redirect_uri {sent['redirect_uri'][:300]!r} is not one of: {known}", client)
    asks_amr = _asks_amr(sent)
    if asks_amr and not client.may_ask_amr:
        raise PageRefusal("Y100009", "claims asks for amr, which this client may not have", client)
    try:
        for check in CALLBACK_CHECKS:
            check(sent, client)
    except CallbackRefusal as refusal:
        return None, refusal, client, sent
    scopes = tuple(scope for scope in sent["scope"].split() if scope in SCOPES)
    return (
        AuthorizationRequest(
            client=client,
            redirect_uri=sent["redirect_uri"],
            scopes=scopes,
            nonce=sent["nonce"],
            state=sent["state"],
            asks_amr=asks_amr,
            idp_hint=sent.get("idp_hint", ""),
            skips_information=client.skips_information and sent.get("prompt") == "login",
        ),
        None,
        client,
        sent,
    )


def _check_shape(pairs: Sequence[tuple[str, str]], sent: Sent, *, strict: bool) -> None:
    """The validation that knows no client: everything it refuses is Y030007."""
    names = [name for name, _ in pairs]
    rules: tuple[tuple[Callable[[], bool], str], ...] = (
        (lambda: len(names) == len(set(names)), "a parameter is there twice"),
        (lambda: not strict or PARAMETERS.issuperset(names), _describe_unknown(names)),
        (
            lambda: all(sent.get(name) for name in REQUIRED),
            f"missing: {', '.join(n for n in REQUIRED if not sent.get(n))}",
        ),
        (lambda: _is_uri(sent.get("redirect_uri", "")), "redirect_uri is not a URL"),
        (
            lambda: len(sent.get("nonce", "")) >= SHORTEST_NONCE,
            f"nonce has {len(sent.get('nonce', ''))} characters; at least {SHORTEST_NONCE} are wanted",
        ),
        (lambda: _is_prompt(sent.get("prompt")), "prompt may be login, consent or both"),
        (lambda: _is_claims(sent.get("claims")), "claims is not a JSON object"),
    )
    for holds, wrong in rules:
        if not holds():
            raise PageRefusal("Y030007", wrong)


def _describe_unknown(names: Sequence[str]) -> str:
    unknown = [name[:60] for name in names if name not in PARAMETERS][:10]
    return f"not on the closed list: {', '.join(unknown)}; on it: {', '.join(sorted(PARAMETERS))}"


def _check_response_type(sent: Sent, _client: Client) -> None:
    if sent["response_type"] != "code":
        raise CallbackRefusal(
            "unsupported_response_type",
            CALLBACK_ERRORS["unsupported_response_type"],
            fragment=bool(_HYBRID.search(sent["response_type"])),
        )


def _check_scope(sent: Sent, client: Client) -> None:
    asked = sent["scope"].split()
    if "openid" not in asked:
        raise CallbackRefusal("invalid_request", CALLBACK_ERRORS["invalid_request"])
    granted = {"openid", *(client.scopes or SCOPES)}
    if any(scope in {*SCOPES, *DATA_SCOPES} and scope not in granted for scope in asked):
        raise CallbackRefusal("invalid_scope", CALLBACK_ERRORS["invalid_scope"])


def _check_acr(sent: Sent, _client: Client) -> None:
    """The lowest known level counts; unknown ones are as good as none."""
    known = [level for level in _KNOWN_LEVELS if level in sent["acr_values"].split()]
    if known and known[0] != LEVEL:
        raise CallbackRefusal(
            "invalid_acr",
            f"acr_value is not valid, should be equal one of these values, expected {LEVEL}, got {known[0]}",
        )


def _check_idp_hint(sent: Sent, client: Client) -> None:
    hint = sent.get("idp_hint")
    if hint and hint not in (client.idp_hints or tuple(PROVIDERS)):
        raise CallbackRefusal("invalid_idp_hint", CALLBACK_ERRORS["invalid_idp_hint"])


CALLBACK_CHECKS = (_check_response_type, _check_scope, _check_acr, _check_idp_hint)
"""In refusing order, once the client and its redirect_uri are known."""


def _is_uri(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return bool(parts.scheme and parts.netloc)


def _is_prompt(prompt: str | None) -> bool:
    return prompt is None or (bool(prompt.split()) and {"login", "consent"}.issuperset(prompt.split()))


def _is_claims(claims: str | None) -> bool:
    if claims is None:
        return True
    try:
        return isinstance(json.loads(claims), dict)
    except (ValueError, RecursionError):
        return False


def _asks_amr(sent: Sent) -> bool:
    if "claims" not in sent:
        return False
    of_id_token = json.loads(sent["claims"]).get("id_token")
    return isinstance(of_id_token, dict) and "amr" in of_id_token
