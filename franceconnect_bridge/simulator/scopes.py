"""Which scopes there are, and what each makes of a person."""

import base64
import hashlib
import re
from collections.abc import Iterable
from typing import Any

from franceconnect_bridge.simulator.persons import Person

_IDENTITY = ("given_name", "given_name_array", "family_name", "birthdate", "gender")
_CLAIMS_OF = {
    "openid": (),
    "profile": (*_IDENTITY, "preferred_username"),
    "birth": ("birthplace", "birthcountry"),
    "identite_pivot": (*_IDENTITY, "birthplace", "birthcountry"),
    "given_name": ("given_name", "given_name_array"),
    "family_name": ("family_name",),
    "gender": ("gender",),
    "birthdate": ("birthdate",),
    "birthplace": ("birthplace",),
    "birthcountry": ("birthcountry",),
    "preferred_username": ("preferred_username",),
    "email": ("email",),
    "idp_birthdate": ("idp_birthdate",),
    "idp_id": ("idp_id",),
    "amr": (),
}
IDENTITY_SCOPES = tuple(_CLAIMS_OF)
"""What a service may be allowed, and all that ours is."""
DATA_SCOPES = (
    "dgfip_rfr",
    "cnam_paiements_ij",
    "cnous_statut_boursier",
    "mesri_statut",
    "mi_siv_carte_grise",
    "cnaf_quotient_familial",
)
"""Known, and granted to nobody here: data of other administrations."""

LABELS = {
    "family_name": "Nom de naissance",
    "preferred_username": "Nom d'usage",
    "given_name": "Prénom(s)",
    "gender": "Sexe",
    "birthdate": "Date de naissance",
    "birthplace": "Lieu de naissance",
    "birthcountry": "Pays de naissance",
    "email": "Adresse e-mail",
    "idp_birthdate": "Date de naissance selon le fournisseur",
    "idp_id": "Fournisseur choisi",
}
"""In the order of the information page."""

_BIRTHDATE = re.compile(r"[0-9]{4}-(?:(?:0[1-9]|1[0-2])-(?:0[0-9]|[12][0-9]|3[01])|00-00)")
_COMMUNE = re.compile(r"(?:[0-9]{2}|2[AB])[0-9]{3}")
_COUNTRY = re.compile(r"99[0-9]{3}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_FRANCE = "99100"
_LONGEST_NAME = 256
_SECRET = "simulateur"  # noqa: S105  not one: subs stay the same when the simulator starts again


def claims_of(scopes: Iterable[str]) -> set[str]:
    """Return the claims that these scopes ask for."""
    return {claim for scope in scopes for claim in _CLAIMS_OF.get(scope, ())}


def labels_of(scopes: Iterable[str]) -> list[str]:
    """Return what the information page says is transmitted, in French."""
    asked = claims_of(scopes)
    return [label for claim, label in LABELS.items() if claim in asked]


def describe(person: Person, provider_uid: str, scopes: Iterable[str]) -> dict[str, Any]:
    """Return the claims of userinfo about a person: the civil register's, and her provider's where it has none."""
    known = {
        "given_name": " ".join(person.given_names),
        "given_name_array": list(person.given_names),
        "family_name": person.family_name,
        "birthdate": _registered_birthdate(person),
        "gender": person.gender,
        "birthplace": person.birthplace if person.birthcountry == _FRANCE else "",
        "birthcountry": person.birthcountry,
        "email": person.email,
        "idp_birthdate": person.birthdate,
        "idp_id": provider_uid,
    }
    if person.preferred_username:
        known["preferred_username"] = person.preferred_username
    asked = claims_of(scopes)
    return {claim: value for claim, value in known.items() if claim in asked}


def missing_data(person: Person) -> list[str]:
    """Return the names of what a provider must tell and does not, or tells in another form."""
    rules = {
        "given_name": 0 < len(" ".join(person.given_names)) <= _LONGEST_NAME,
        "family_name": 0 < len(person.family_name) <= _LONGEST_NAME,
        "birthdate": bool(_BIRTHDATE.fullmatch(person.birthdate)),
        "gender": person.gender in ("male", "female", "unspecified"),
        "birthplace": person.birthcountry != _FRANCE or bool(_COMMUNE.fullmatch(person.birthplace)),
        "birthcountry": bool(_COUNTRY.fullmatch(person.birthcountry)),
        "email": bool(_EMAIL.fullmatch(person.email)),
    }
    return [name for name, is_right in rules.items() if not is_right]


def pairwise_sub(person: Person, entity_id: str) -> str:
    """Return the subject of a person for the services of one entity: 64 hexadecimal digits and `v1`, whatever her provider."""
    birthplace = person.birthplace if person.birthcountry == _FRANCE else ""
    identity = " ".join(person.given_names) + person.family_name + _registered_birthdate(person) + person.gender
    digest = hashlib.sha256(f"{identity}{birthplace}{person.birthcountry}".encode()).digest()
    text = f"{entity_id}{base64.b64encode(digest).decode()}{_SECRET}"
    return f"{hashlib.sha256(text.encode()).hexdigest()}v1"


def _registered_birthdate(person: Person) -> str:
    """The register writes 01 for a day or a month that nobody knows."""
    return person.birthdate.replace("-00", "-01")
