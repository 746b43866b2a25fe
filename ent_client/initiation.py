"""A sign-in that another site begins: what it may ask of us (OpenID Connect Core 1.0, 4).

Anybody may send a browser here. So the provider is ours or nobody, and the page that follows is one of ours by its full address:
compared with a list, never parsed, never followed.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from ent_client.exchange import RefusedError
from ent_client.settings import Settings

PARAMETERS = ("iss", "login_hint", "target_link_uri")
HOME = "/"
PAGES = (HOME, "/compte", "/diagnostic", "/informations")
LONGEST_HINT = 255


class Initiation(NamedTuple):
    """What was asked: whom the provider should expect (empty for anybody), and the page of ours to show afterwards."""

    login_hint: str
    target: str


def read_initiation(settings: Settings, sent: Mapping[str, Sequence[str]]) -> Initiation:
    """Read the three parameters.

    Args:
        settings: which provider and which addresses are ours.
        sent: each parameter with every value that came.

    Raises:
        RefusedError: when one is missing, comes twice, or asks for what is not ours.
    """
    values = {}
    for name in PARAMETERS:
        several = sent.get(name, ())
        if len(several) > 1:
            raise RefusedError(f"« {name} » est venu {len(several)} fois.")
        values[name] = several[0] if several else ""
    if values["iss"] != settings.issuer:
        raise RefusedError(f"« iss » n'est pas {settings.issuer}, seul fournisseur de cet ENT.")
    if len(values["login_hint"]) > LONGEST_HINT:
        raise RefusedError(f"« login_hint » dépasse {LONGEST_HINT} caractères.")
    pages = {"": HOME, settings.base_url: HOME, **{settings.base_url + page: page for page in PAGES}}
    if values["target_link_uri"] not in pages:
        raise RefusedError("« target_link_uri » n'est pas l'adresse d'une page de cet ENT.")
    return Initiation(values["login_hint"], pages[values["target_link_uri"]])
