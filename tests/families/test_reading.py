"""A document is read with every fault at once: the place, the value, and what would be right."""

from datetime import date

import pytest

from idp.journeys.families.document import FamiliesRefused, line_of
from idp.journeys.families.reading import read_document, read_values
from tests.families.documents import TEXT, changed, document, faults_of


def test_a_document_is_read_as_it_is_written() -> None:
    read = document()
    assert [one.name for one in read.schools] == ["Collège des Platanes", "École du Petit-Pont"]
    [family] = read.families
    paul, anne = family.guardians
    assert (paul.given_names, paul.account and paul.account.identifiant) == (("Paul", "Marie"), "p.arbre1101")
    assert paul.franceconnect is not None
    assert paul.franceconnect.linked
    assert (anne.account, anne.records[0].degree) == (None, 2)
    assert family.pupils[0].birth_date == date(2013, 2, 11)
    assert [link.legal for link in family.pupils[0].guardians] == [True, False]


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        ("degree = 2", "degree = 3", "families.toml, line 8: schools[0].degree = 3 must be one of: 1, 2."),
        ("degree = 2", "degree = true", "families.toml, line 8: schools[0].degree = true must be one of: 1, 2."),
        ('academy = "8"', "academy = 8", 'families.toml, line 7: schools[0].academy = 8 must be one of: "1", "2"'),
        (
            "birth_date = 2013-02-11",
            'birth_date = "2013-02-30"',
            'families.toml, line 53: families[0].pupils[0].birth_date = "2013-02-30" must be a date, 2012-04-12.',
        ),
        (
            "birth_date = 2013-02-11",
            "birth_date = 2013-02-11T00:00:00",
            'families.toml, line 53: families[0].pupils[0].birth_date = "2013-02-11 00:00:00" must be a date',
        ),
        (
            'relation = "father"',
            'relation = "dad"',
            'families.toml, line 55: families[0].pupils[0].guardians[0].relation = "dad" must be one of: "mother", "father"',
        ),
        ("legal = false", "legal = 0", "families[0].pupils[0].guardians[1].legal = 0 must be true or false."),
        (
            'given_names = ["Anne"]',
            'given_names = "Anne"',
            'families[0].guardians[1].given_names = "Anne" must be a list of texts.',
        ),
        (
            'given_names = ["Anne"]',
            "given_names = []",
            "families[0].guardians[1].given_names = [] must be a list of texts.",
        ),
        ('family_name = "ARBRE"', 'family_name = "AR\\nBRE"', "must be a text of one line, of at most 500 characters."),
        ('key = "anne"\n', "", "families.toml, line 39: families[0].guardians[1].key is missing: a text of one line"),
        (
            'key = "anne"',
            'key = "anne"\nkez = 1',
            "families.toml, line 41: families[0].guardians[1].kez is not known here: key, title,",
        ),
        (
            'account = { identifiant = "p.arbre1101", password = "Cartable-Bleu-42" }',
            "account = 1",
            "account = 1 must be a table.",
        ),
        ("[[families]]", "[families]", 'families = {"key": "arbre"'),
        ("title =", "title", "families.toml: the text is not TOML: "),
    ],
)
def test_what_is_wrong_with_one_member_is_said_with_its_line(before: str, after: str, sentence: str) -> None:
    said = faults_of(changed((before, after)))
    assert len(said) == 1, said
    assert sentence in said[0]


def test_every_fault_is_said_at_once() -> None:
    said = faults_of(changed(("degree = 2", "degree = 3"), ('key = "anne"\n', ""), ("legal = false", 'legal = "no"')))
    assert len(said) == 3


def test_a_password_is_never_repeated() -> None:
    [said] = faults_of(changed(('"Cartable-Bleu-42"', "42000000000")))
    assert said == (
        "families.toml, line 27: families[0].guardians[0].account.password must be a text of one line, of at most 500 characters."
    )


def test_nor_where_it_stands_in_the_place_of_its_table() -> None:
    guardian = {"key": "a", "title": "Mme", "family_name": "A", "given_names": ["Lou"], "account": "Cartable-Bleu-42"}
    with pytest.raises(FamiliesRefused) as refused:
        read_values({"families": [{"key": "a", "guardians": [guardian]}]}, "the body")
    assert str(refused.value) == "the body: families[0].guardians[0].account must be a table."


def test_a_long_value_is_cut() -> None:
    [said] = faults_of(changed(('town = "Val-Préau"', f'town = "{"x" * 501}"')))
    assert f'town = "{"x" * 59}… must be' in said


def test_an_empty_text_is_a_document_of_nothing() -> None:
    assert document("").families == ()


def test_json_is_read_too_with_dates_as_texts_and_no_lines() -> None:
    pupil = {"key": "lou", "family_name": "A", "given_name": "Lou", "birth_date": "2013-02-11", "school": "c"}
    read = read_values({"families": [{"key": "a", "pupils": [pupil]}]}, "the request")
    assert read.families[0].pupils[0].birth_date == date(2013, 2, 11)
    with pytest.raises(FamiliesRefused) as refused:
        read_values({"families": [{"pupils": [pupil]}]}, "the request")
    [fault] = refused.value.faults
    assert str(fault).startswith("the request: families[0].key is missing")


def test_lines_are_found_beside_texts_and_lists_that_look_like_headers() -> None:
    text = """\
about = "[[schools]]"
[[schools]] # the first
key = "a]]"
name = "A"
uai = "9997001I"
academy = "8"
degree = 2

[[families]]
key = "f"
guardians = [
  { key = "x", family_name = "[[x]]",
    given_names = ["Y"] },
  # key = "z"
]
pupils = []
"""
    read = read_document(text.replace('family_name = "[[x]]",\n   ', 'family_name = "[[x]]",'), "one")
    assert [line_of(read.lines, at) for at in (("about",), ("schools", 0), ("schools", 0, "uai"))] == [1, 2, 5]
    assert line_of(read.lines, ("families", 0, "guardians", 0, "family_name")) == 11
    assert line_of(read.lines, ("families", 0, "pupils")) == 15
    assert line_of(read.lines, ("nothing",)) == 0


def test_a_text_of_several_lines_hides_no_line_that_follows() -> None:
    said = faults_of("x = '''\n[[schools]]\nkey = 1\n'''\n[[schools]]\nkey = 2\n")
    assert any(sentence.startswith("families.toml, line 6: schools[0].key = 2 must be") for sentence in said), said


def test_nested_lists_count_in_each_parent() -> None:
    text = (
        TEXT
        + '\n[[families]]\nkey = "other"\n\n[[families.guardians]]\nkey = "z"\nfamily_name = "Z"\ngiven_names = 1\n'
    )
    [said] = faults_of(text)
    line = text.splitlines().index("given_names = 1") + 1
    assert said.startswith(f"families.toml, line {line}: families[1].guardians[0].given_names = 1 must be")
