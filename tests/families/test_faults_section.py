"""The faults of a document: what is said of each that could strike nothing, with its place."""

import pytest

from idp.journeys.families.document import FamiliesDocument
from idp.journeys.families.reading import read_values
from idp.journeys.families.rules import find_faults
from idp.protocol.client import Client
from idp.sandbox.fault_rules import MOST_ARMED, DocumentFaults
from tests.families.documents import TEXT, faults_of

FAULT = """
[[faults]]
key = "late"
fault = "slow"
times = "always"
client_id = "ours"
identifiant = "p.arbre1101"
endpoint = "token"
seconds = 2.5
"""
CLIENT = '\n[[clients]]\nclient_id = "ours"\n'


def test_a_fault_that_can_strike_is_told_nothing() -> None:
    assert faults_of(TEXT + FAULT + CLIENT) == []


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        ('"slow"', '"slaw"', 'faults[0].fault = "slaw" is no fault\'s name'),
        ('"slow"', '"slaw"', "Perhaps one of: slow."),
        ('key = "late"', 'key = "too late"', 'faults[0].key = "too late" must be 1 to 64 letters'),
        ('key = "late"\n', "", "faults[0].key is missing"),
        ('"always"', "0", 'faults[0].times = 0 must be a whole number from 1 to 1000000, or "always"'),
        ('"always"', "true", "faults[0].times = true must be"),
        ('"always"', '"often"', 'faults[0].times = "often" must be'),
        ("2.5", '"long"', 'faults[0].seconds = "long" must be a number of seconds'),
        ("2.5", "1000", "faults[0].seconds = 1000 cannot be: seconds must be a number from 0.1 to"),
        ("2.5", "nan", "faults[0].seconds = NaN cannot be: seconds must be a number from 0.1 to"),
        ('"slow"', '"http-503"', "faults[0].seconds = 2.5 cannot be: seconds is for slow alone"),
        ('"token"', '"tokken"', 'faults[0].endpoint = "tokken" cannot be: slow bites at: '),
        ('"token"', '"jwks"', 'faults[0].client_id = "ours" cannot be: client_id is known only at: '),
        ('"token"', '"par"', 'faults[0].identifiant = "p.arbre1101" cannot be: identifiant is known only at: '),
        (
            '"p.arbre1101"\nendpoint',
            '"p.arbre1102"\nendpoint',
            'faults[0].identifiant = "p.arbre1102" is no account\'s of these documents: there are "p.arbre1101"',
        ),
    ],
)
def test_a_fault_that_can_strike_nothing_is_told_with_its_line(before: str, after: str, sentence: str) -> None:
    assert before in FAULT
    said = [one for one in faults_of(TEXT + FAULT.replace(before, after) + CLIENT) if sentence in one]
    assert len(said) == 1, faults_of(TEXT + FAULT.replace(before, after) + CLIENT)
    line = int(said[0].removeprefix("families.toml, line ").split(":")[0])
    assert line > TEXT.count("\n")


def test_a_key_stands_for_one_fault_of_all_documents() -> None:
    [said] = faults_of(TEXT + FAULT, FAULT.replace('identifiant = "p.arbre1101"\n', ""))
    assert said.startswith('families-1.toml, line 3: faults[0].key = "late" is there already, in line ')


def test_no_more_may_be_armed_than_an_instance_reads() -> None:
    many = "".join(f'[[faults]]\nkey = "f{number}"\nfault = "http-503"\n' for number in range(MOST_ARMED + 1))
    [said] = faults_of(many)
    assert (
        said
        == f"families.toml, line {MOST_ARMED * 3 + 1}: faults[{MOST_ARMED}] is one too many: {MOST_ARMED} may be armed at once."
    )


def judged(client_id: str, *known: str, brought: str = "") -> list[str]:
    values = {"faults": [{"key": "late", "fault": "http-503", "client_id": client_id}]}
    document: FamiliesDocument = read_values(values | ({"clients": [{"client_id": brought}]} if brought else {}), "it")
    clients = {one: Client(client_id=one, client_name=one, redirect_uris=()) for one in known}
    return [str(one) for one in find_faults([document], lambda _: False, DocumentFaults(clients.get))]


def test_a_client_is_one_of_the_instance_or_one_that_the_document_brings() -> None:
    assert judged("ours", "ours") == []
    assert judged("ours", brought="ours") == []
    [said] = judged("ours", "another", brought="a-third")
    assert said.startswith('it: faults[0].client_id = "ours" cannot be: No client has this client_id')
