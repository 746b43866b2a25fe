"""What may not be in a document, though each member is right in itself."""

import pytest

from franceconnect_bridge.simulator.persons import Person
from idp.journeys.families.civil import simulated_sub
from tests.families.documents import PASSWORD, TEXT, changed, document, faults_of

PAUL = "families[0].guardians[0]"


def test_a_document_that_is_right_is_told_nothing() -> None:
    assert faults_of(TEXT) == []


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        # Fictional only.
        (
            'phone = "06 39 98 05 01"',
            'phone = "06 12 34 56 78"',
            f'families.toml, line 26: {PAUL}.phone = "06 12 34 56 78" may be somebody\'s: write a number from 06 39 98 00 00',
        ),
        ('phone = "06 39 98 05 01"', 'phone = "01 23"', f'{PAUL}.phone = "01 23" may be somebody\'s'),
        (
            "degree = 2\n\n[[families.pupils]]",
            'degree = 2\nphone = "0612345678"\n\n[[families.pupils]]',
            'families[0].guardians[1].records[0].phone = "0612345678" may be somebody\'s',
        ),
        (
            'uai = "9997001I"',
            'uai = "0381234A"',
            'schools[0].uai = "0381234A" may be a real school\'s: write 999, four digits and I, O or Q',
        ),
        ('uai = "9997001I"\n', "", 'schools[0].uai = "" may be a real school\'s'),
        (
            'school = "college"',
            'school = "college"\nine = "0712345678A"',
            'families[0].pupils[0].ine = "0712345678A" may be somebody\'s: write FICTIF- and four to nine digits',
        ),
        ("paul@famille.example", "paul@laposte.net", f"{PAUL}.franceconnect.email"),
        # Keys and references.
        ('key = "anne"', 'key = "paul"', f'{PAUL}.key = "paul" is given 2 times: each must be another one'),
        ('key = "max"', 'key = "lou"', 'families[0].pupils[1].key = "lou" is given 2 times'),
        ('key = "ecole"', 'key = "college"', 'schools[1].key = "college" is given 2 times'),
        ('uai = "9997003I"', 'uai = "9997001I"', 'schools[1].uai = "9997001I" is given 2 times'),
        ('guardian = "anne"', 'guardian = "paul"', 'families[0].pupils[0].guardians[1].guardian = "paul" is given 2 times'),
        (
            'school = "ecole"',
            'school = "lycee"',
            'families[0].pupils[1].school = "lycee" is no school\'s key: there are "college", "ecole".',
        ),
        (
            'guardian = "anne"',
            'guardian = "annie"',
            'families[0].pupils[0].guardians[1].guardian = "annie" is no guardian\'s key of this family: there are "paul", "anne".',
        ),
        ('key = "arbre"', 'key = ""', "families[0].key must not be empty"),
        ("degree = 2\ntown", "degree = 2\nlisted = false\ntown", "schools[0].uai must be left out, because listed = false"),
        ('key = "anne"', 'key = "an ne"', 'guardians[1].key = "an ne" must be 1 to 64 letters, digits, hyphens, dots or underscores'),
        ('key = "arbre"', f'key = "{"x" * 65}"', "must be 1 to 64 letters, digits, hyphens, dots or underscores"),
        (
            "[[families.guardians.records]]",
            '[[families.guardians.records]]\nacademy = "8"\ndegree = 2\n\n[[families.guardians.records]]',
            'guardians[1].records[0].academy = "8, degree 2" is given 2 times',
        ),
        # What files would not bring.
        ("degree = 2\n\n[[families.pupils]]", 'degree = 2\njointure = "a b"\n\n[[families.pupils]]', "rejects: no usable id (jointure)"),
        ('family_name = "ARBRE"', f'family_name = "{"X" * 101}"', "makes a record that an import rejects"),
        (
            '\n[[families.guardians]]\nkey = "anne"',
            '\n[[families.guardians]]\nkey = "eve"\nfamily_name = "E"\ngiven_names = ["E"]\n\n[[families.guardians]]\nkey = "anne"',
            "families[0].guardians[1] has no pupil: say in records which academy and degree know her",
        ),
        # What journeys would not make.
        (
            "p.arbre1101",
            "paul.arbre1",
            f'{PAUL}.account.identifiant = "paul.arbre1" must be p.arbre and four digits, as the journeys give it.',
        ),
        ("p.arbre1101", "p.arbre110", 'identifiant = "p.arbre110" must be p.arbre and four digits'),
        (PASSWORD, "court", f"{PAUL}.account.password must have 8 characters or more, with an upper"),
        (PASSWORD, "Bonjour-2024", f"{PAUL}.account.password is one of the most used passwords"),
        (PASSWORD, "Arbre-Lou-2024", f"{PAUL}.account.password may not hold a name of the family"),
        (
            'password = "Cartable-Bleu-42" }\n\n[families.guardians.franceconnect]',
            'locked = true }\n\n[families.guardians.franceconnect]',
            f"{PAUL}.account.locked needs password: it is wrong passwords that lock",
        ),
        ("1979-05-00", "1979-5", 'franceconnect.birthdate = "1979-5" must be a date, 1984-03-02, whose day or month may be 00'),
        ("1979-05-00", "1979-02-30", 'franceconnect.birthdate = "1979-02-30" must be a date'),
        ("1979-05-00", "2013-02-11", f"{PAUL}.account could not have been activated: not born before a pupil"),
        (
            'gender = "male"\nbirthdate',
            'gender = "female"\nbirthdate',
            f"{PAUL}.account could not have been activated: civility and gender differ",
        ),
        (
            'family_name = "ARBRE"\ngender',
            'family_name = "CHENE"\ngender',
            f"{PAUL}.account could not have been activated: family name differs",
        ),
        (
            'phone = "06 39 98 05 01"\n',
            "",
            f"{PAUL}.account needs the guardian's phone: a code is sent to it",
        ),
        (
            'relation = "relative", legal = false',
            'relation = "relative", legal = false, contested = true',
            "families[0].pupils[0].guardians[1].contested needs a legal guardian with a phone: nobody else is ever asked",
        ),
    ],
)  # fmt: skip
def test_it_is_said_with_its_line_its_value_and_what_would_be_right(before: str, after: str, sentence: str) -> None:
    said = faults_of(changed((before, after)))
    if not sentence:
        assert said == []
        return
    assert any(sentence in one for one in said), said
    assert all(one.startswith("families.toml, line ") for one in said), said


def test_every_fault_is_said_at_once() -> None:
    said = faults_of(
        changed(("06 39 98 05 01", "06 12 34 56 78"), ("9997001I", "0381234A"), ('school = "ecole"', 'school = "x"'))
    )
    assert len(said) == 3


def without_links(word: str) -> str:
    """Paul's links, each with a word more."""
    return TEXT.replace('guardian = "paul", relation = "father"', f'guardian = "paul", relation = "father", {word}')


@pytest.mark.parametrize("word", ["legal = false", "contested = true"])
def test_an_account_needs_a_link_that_stands(word: str) -> None:
    said = faults_of(without_links(word))
    assert any("needs a legal link that is not contested, to a pupil who does not come later" in one for one in said)


def test_an_account_needs_a_pupil_who_was_there() -> None:
    text = TEXT.replace('school = "college"\n', 'school = "college"\nwhen = "later"\n').replace(
        'school = "ecole"\n', 'school = "ecole"\nwhen = "later"\n'
    )
    [said] = faults_of(text)
    assert "there is nothing to prove" in said


def test_an_account_needs_a_way_in() -> None:
    text = changed((', password = "Cartable-Bleu-42"', ""), ("linked = true\n", ""))
    [said] = faults_of(text)
    assert "account.password is missing: give one, or franceconnect with linked = true" in said
    assert faults_of(changed((', password = "Cartable-Bleu-42"', ""))) == []


def test_a_link_with_franceconnect_needs_an_account() -> None:
    text = changed(('account = { identifiant = "p.arbre1101", password = "Cartable-Bleu-42" }\n', ""))
    [said] = faults_of(text)
    assert "franceconnect.linked needs account: what is linked is an account" in said


def test_father_and_son_with_one_name_and_one_phone_have_no_account() -> None:
    text = changed(
        ('given_names = ["Anne"]\nphone = "06 39 98 05 02"', 'given_names = ["Paul"]\nphone = "06 39 98 05 01"')
    )
    [said] = faults_of(text)
    assert f"{PAUL}.account could not have been activated: several records of one directory agree" in said


def test_what_is_loaded_together_is_looked_at_together() -> None:
    other = changed(('key = "arbre"', 'key = "bois"'))
    said = faults_of(TEXT, other)
    assert (
        'families-1.toml, line 27: families[0].guardians[0].account.identifiant = "p.arbre1101" is there already, in line 27'
        in said[0]
    )
    assert "of families.toml" in said[0]
    assert any('franceconnect.login = "paul" is there already' in one for one in said)
    said = faults_of(TEXT, TEXT)
    assert any('families[0].key = "arbre" is there already' in one for one in said)


def test_two_documents_describe_one_school_in_the_same_words() -> None:
    schools = TEXT[: TEXT.index("[[families]]")]
    assert faults_of(TEXT, schools) == []
    [said] = faults_of(TEXT, schools.replace("Platanes", "Tilleuls"))
    assert 'families-1.toml, line 6: schools[0].uai = "9997001I" is described in other words in families.toml' in said


def test_the_simulator_makes_the_subjects_that_the_provider_expects() -> None:
    for birthdate in ("1979-05-00", "1979-05-11"):
        for place, country in (("75107", "99100"), ("75107", "99350"), ("", "99350")):
            text = changed(
                ("1979-05-00", birthdate),
                ('birthplace = "75107"', f'birthplace = "{place}"\nbirthcountry = "{country}"'),
            )
            person = next(one.franceconnect for _, one in document(text).guardians() if one.franceconnect)
            assert person is not None
            theirs = Person(
                login=person.login,
                password=person.password,
                given_names=person.given_names,
                family_name=person.family_name,
                gender=person.gender,
                birthdate=person.birthdate,
                birthplace=person.birthplace,
                birthcountry=person.birthcountry,
                email=person.email,
            )
            assert simulated_sub(person, "preau") == theirs.sub("preau")
            assert simulated_sub(person, "other") == theirs.sub("other")
