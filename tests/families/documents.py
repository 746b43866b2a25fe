"""A document that is right, and ways to make it wrong."""

from idp.journeys.families.document import FamiliesDocument, FamiliesRefused
from idp.journeys.families.reading import read_document
from idp.journeys.families.rules import find_faults
from idp.sandbox.fault_rules import DocumentFaults

PASSWORD = "Cartable-Bleu-42"
TEXT = """\
title = "A father of two, and his sister"

[[schools]]
key = "college"
name = "Collège des Platanes"
uai = "9997001I"
academy = "8"
degree = 2
town = "Val-Préau"

[[schools]]
key = "ecole"
name = "École du Petit-Pont"
uai = "9997003I"
academy = "10"
degree = 1

[[families]]
key = "arbre"

[[families.guardians]]
key = "paul"
title = "M."
family_name = "ARBRE"
given_names = ["Paul", "Marie"]
phone = "06 39 98 05 01"
account = { identifiant = "p.arbre1101", password = "Cartable-Bleu-42" }

[families.guardians.franceconnect]
login = "paul"
given_names = ["Paul", "Marie"]
family_name = "ARBRE"
gender = "male"
birthdate = "1979-05-00"
birthplace = "75107"
email = "paul@famille.example"
linked = true

[[families.guardians]]
key = "anne"
family_name = "ARBRE"
given_names = ["Anne"]
phone = "06 39 98 05 02"

[[families.guardians.records]]
academy = "8"
degree = 2

[[families.pupils]]
key = "lou"
family_name = "ARBRE"
given_name = "Lou"
birth_date = 2013-02-11
school = "college"
guardians = [
  { guardian = "paul", relation = "father" },
  { guardian = "anne", relation = "relative", legal = false },
]

[[families.pupils]]
key = "max"
family_name = "ARBRE"
given_name = "Max"
birth_date = 2018-09-27
school = "ecole"
guardians = [{ guardian = "paul", relation = "father" }]
"""


def document(text: str = TEXT, name: str = "families.toml") -> FamiliesDocument:
    return read_document(text, name)


def changed(*changes: tuple[str, str], text: str = TEXT) -> str:
    """Return the text with each first one of these replaced; the words must be there."""
    for before, after in changes:
        assert before in text, before
        text = text.replace(before, after, 1)
    return text


def faults_of(*texts: str) -> list[str]:
    """Return what is said of documents that are loaded together, named families.toml, families-1.toml and so on."""
    read, said = [], []
    for place, text in enumerate(texts):
        try:
            read.append(document(text, f"families-{place}.toml" if place else "families.toml"))
        except FamiliesRefused as refusal:
            said += refusal.faults
    said += (
        find_faults(read, lambda password: password.lower() == "bonjour-2024", DocumentFaults(None)) if not said else []
    )
    return [str(fault) for fault in said]
