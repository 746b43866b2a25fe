"""What an authorization request must be. Everything here comes from `authorize-params` as FranceConnect checks them: a closed list."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from franceconnect_bridge.simulator.errors import REDIRECTS, ReturnedError, ShownError
from franceconnect_bridge.simulator.providers import PROVIDERS, Provider, find_provider
from franceconnect_bridge.simulator.scopes import DATA_SCOPES, IDENTITY_SCOPES
from franceconnect_bridge.simulator.settings import Client, is_web_address
from franceconnect_bridge.simulator.state import Simulator
from franceconnect_bridge.simulator.store import AuthorizationRequest

NONCE_LENGTH = 22
LEVEL = "eidas1"
_KNOWN_LEVELS = ("eidas1", "eidas2", "eidas3")
_REQUIRED = ("response_type", "client_id", "redirect_uri", "scope", "acr_values", "nonce", "state")
_OPTIONAL = ("prompt", "claims", "idp_hint", "ui_locales")
_PROMPTS = frozenset({"login", "consent"})
_IN_FRAGMENT = frozenset({"token", "id_token"})


def read_request(simulator: Simulator, sent: Mapping[str, Sequence[str]]) -> AuthorizationRequest:
    """Return a request that FranceConnect would take.

    Args:
        simulator: Whose rules.
        sent: Parameters, each with every value that was given.

    Raises:
        ShownError: Nobody can be sent back: the answer is a page.
        ReturnedError: The service is told on its callback, whose address `find_return` has checked by then.
    """
    parameters = check_parameters(sent, lenient=simulator.settings.lenient)
    client, redirect_uri = find_return(simulator, parameters)
    _check_response_type(parameters["response_type"])
    scopes = _read_scopes(client, parameters["scope"])
    acr = _read_level(parameters["acr_values"])
    asks_amr = _read_claims(client, parameters.get("claims", ""))
    return AuthorizationRequest(
        client=client,
        redirect_uri=redirect_uri,
        scopes=scopes,
        acr=acr,
        nonce=parameters["nonce"],
        state=parameters["state"],
        asks_amr=asks_amr,
        hinted=_read_hint(client, parameters.get("idp_hint", "")),
    )


def check_parameters(sent: Mapping[str, Sequence[str]], *, lenient: bool) -> dict[str, str]:
    """Return each parameter with its one value.

    Raises:
        ShownError: Y030007, with every reason, which FranceConnect does not tell.
    """
    known = (*_REQUIRED, *_OPTIONAL)
    reasons = [f"{name} : paramètre refusé, la liste est fermée" for name in sent if name not in known and not lenient]
    reasons += [f"{name} : donné {len(values)} fois" for name, values in sent.items() if len(values) > 1]
    single = {name: values[0] for name, values in sent.items() if name in known}
    reasons += [f"{name} : manque ou vide" for name in _REQUIRED if not single.get(name)]
    reasons += [
        reason for name, is_right, reason in _FORMS if single.get(name) is not None and not is_right(single[name])
    ]
    if reasons:
        raise ShownError("Y030007", *reasons)
    return single


def _is_prompt(text: str) -> bool:
    words = text.split(" ")
    return set(words) <= _PROMPTS and len(words) == len(set(words))


def _is_json_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False


_FORMS: tuple[tuple[str, Callable[[str], bool], str], ...] = (
    (
        "nonce",
        lambda text: not text or len(text) >= NONCE_LENGTH,
        f"nonce : trop court, il faut {NONCE_LENGTH} caractères ou plus",
    ),
    ("redirect_uri", lambda text: not text or is_web_address(text), "redirect_uri : n'est pas une adresse web"),
    ("prompt", _is_prompt, "prompt : seuls login, consent, ou les deux, sont acceptés"),
    ("claims", _is_json_object, "claims : n'est pas un objet JSON"),
)


def find_return(simulator: Simulator, parameters: Mapping[str, str]) -> tuple[Client, str]:
    """Return the client and the address of its callback, once both are known to belong together.

    Raises:
        ShownError: Y04EA6EF or Y04C013C.
    """
    client = simulator.find_client(parameters["client_id"])
    if client is None:
        raise ShownError("Y04EA6EF", "client_id : ce client est inconnu ici, ou inactif")
    redirect_uri = parameters["redirect_uri"]
    if redirect_uri not in client.redirect_uris:
        raise ShownError("Y04C013C", f"redirect_uri : {redirect_uri[:200]}", *_expected(client.redirect_uris))
    return client, redirect_uri


def _expected(uris: Sequence[str]) -> list[str]:
    return [f"enregistrée : {uri}" for uri in uris]


def _check_response_type(text: str) -> None:
    if text != "code":
        fragment = bool(_IN_FRAGMENT & set(text.split()))
        raise ReturnedError("unsupported_response_type", REDIRECTS["unsupported_response_type"], fragment=fragment)


def _read_scopes(client: Client, text: str) -> tuple[str, ...]:
    """Return the scopes that are known; others are passed over.

    Raises:
        ReturnedError: One is known and not granted to this client, or `openid` is missing.
    """
    asked = tuple(dict.fromkeys(text.split()))
    if "openid" not in asked:
        raise ReturnedError("invalid_request", "openid scope must be requested when using the acr_values parameter")
    known = [scope for scope in asked if scope in IDENTITY_SCOPES or scope in DATA_SCOPES]
    if any(scope not in client.scopes for scope in known):
        raise ReturnedError("invalid_scope", REDIRECTS["invalid_scope"])
    return tuple(known)


def _read_level(text: str) -> str:
    """Return the level that will be reached: the lowest of those asked for, or the platform's when none is known.

    Raises:
        ReturnedError: That level is not this platform's.
    """
    known = sorted(set(text.split()) & set(_KNOWN_LEVELS))
    level = known[0] if known else LEVEL
    if level != LEVEL:
        raise ReturnedError(
            "invalid_acr",
            f"acr_value is not valid, should be equal one of these values, expected {LEVEL}, got {level}",
        )
    return level


def _read_claims(client: Client, text: str) -> bool:
    """Tell whether `amr` is asked for in the ID token.

    Raises:
        ShownError: Y100009; this client may not have it.
    """
    document: dict[str, Any] = json.loads(text) if text else {}
    wanted = document.get("id_token")
    asks = isinstance(wanted, dict) and "amr" in wanted
    if asks and not client.amr:
        raise ShownError("Y100009", "claims : ce client n'a pas le droit à amr")
    return asks


def _read_hint(client: Client, uid: str) -> Provider | None:
    """Return the provider that the service chose beforehand.

    Raises:
        ReturnedError: It is none of those that it may name.
    """
    if not uid:
        return None
    allowed = client.allowed_idp_hints or tuple(provider.uid for provider in PROVIDERS if provider.available)
    provider = find_provider(uid)
    if provider is None or uid not in allowed:
        raise ReturnedError("invalid_idp_hint", REDIRECTS["invalid_idp_hint"])
    return provider
