"""The handout as PDF, read by PDFium, its codes by ZXing."""

import pytest

from idp.guide.facts import HandoutError
from idp.guide.pdf import render_pdf
from tests.guide.handouts import ENT, LONG_ADDRESS, LONG_NAME, SIGN_IN, ReadPdf, make_handout, read_pdf

WARNING = "Simulateur, données fictives. Service de test, sans lien avec l'État."


@pytest.fixture(scope="module")
def pdf() -> ReadPdf:
    return read_pdf(render_pdf(make_handout(is_test=True)))


def test_a_camera_reads_both_codes(pdf: ReadPdf) -> None:
    assert pdf.codes == {SIGN_IN, ENT}


def test_both_addresses_are_written_and_lead_there(pdf: ReadPdf) -> None:
    assert pdf.links == {SIGN_IN, ENT}
    assert SIGN_IN in pdf.text
    assert ENT in pdf.text.replace(" ", "")  # on two lines


def test_it_is_one_sheet_of_paper(pdf: ReadPdf) -> None:
    assert pdf.pages == 2


def test_its_text_is_text_with_accents_and_both_procedures(pdf: ReadPdf) -> None:
    assert "Collège Élisabeth-Badinter Activez votre compte parent" in pdf.text
    first, second = pdf.text.index("Procédure 1 : par SMS"), pdf.text.index("Procédure 2 : avec FranceConnect")
    assert first < pdf.text.index("puis « Je n'ai pas de compte ».") < second
    assert second < pdf.text.index("C'est bien vous ? Choisissez « Continuer sur Education Nationale ».")
    assert pdf.text.count("Simulateur, données fictives.") == 2, "on each page"


def test_it_has_a_title_a_language_and_bookmarks(pdf: ReadPdf) -> None:
    assert pdf.title == "Activez votre compte parent - Collège Élisabeth-Badinter"
    assert pdf.language == "fr"
    assert [one.replace("\u00a0", " ") for one in pdf.bookmarks] == [
        "Activez votre compte parent",
        "Procédure 1 : par SMS",
        "Procédure 2 : avec FranceConnect",
        "Les fois suivantes",
        "Vous n'y arrivez pas ?",
    ]


def test_it_is_tagged_and_every_picture_says_what_it_shows(pdf: ReadPdf) -> None:
    assert pdf.is_tagged
    kinds = [kind for kind, _ in pdf.tags]
    assert (kinds.count("H1"), kinds.count("H2"), kinds.count("H3")) == (1, 4, 12)
    figures = [words for kind, words in pdf.tags if kind == "Figure"]
    assert len(figures) == 14
    assert all(figures)


def test_each_step_is_read_before_its_picture(pdf: ReadPdf) -> None:
    order = [kind for kind, words in pdf.tags if kind == "H3" or (kind == "Figure" and words.startswith("Page"))]
    assert order == ["H3", "Figure"] * 12


@pytest.mark.parametrize(
    ("language", "spoken", "warning", "words"),
    [
        (
            "facile",
            "fr",
            "Simulateur, données fictives.",
            "Écrivez votre nom et votre prénom. Écrivez votre numéro de téléphone portable.",
        ),
        ("en", "en", "Simulator, fictional data.", "Is it you? Choose « Continuer sur Education Nationale »."),
    ],
)
def test_other_languages_are_whole_too(language: str, spoken: str, warning: str, words: str) -> None:
    read = read_pdf(render_pdf(make_handout(language=language, is_test=True)))
    assert read.text.count(warning) == read.pages
    assert read.codes == {f"{SIGN_IN}/?langue={language}", ENT}
    assert read.language == spoken
    assert words in read.text
    assert "span" not in read.text
    assert not [alternative for _, alternative in read.tags if "span" in alternative]
    assert read.pages <= 4


def test_each_procedure_has_a_side_of_its_own() -> None:
    for is_test in (True, False):
        read = read_pdf(render_pdf(make_handout(is_test=is_test)))
        assert read.second_page.removeprefix(f"{WARNING} ").startswith("Procédure 2 : avec FranceConnect")


def test_a_name_in_other_letters_is_printed() -> None:
    assert "Lycée français Святая Ольга" in read_pdf(render_pdf(make_handout("Lycée français Святая Ольга"))).text


def test_the_same_handout_gives_the_same_bytes_on_any_day(pdf: ReadPdf) -> None:
    assert pdf.dates == {""}
    assert render_pdf(make_handout()) == render_pdf(make_handout())


def test_without_franceconnect_it_is_still_whole() -> None:
    read = read_pdf(render_pdf(make_handout(has_franceconnect=False)))
    assert read.codes == {SIGN_IN, ENT}
    assert "Vous n'y arrivez pas ?" in read.text
    assert "FranceConnect" not in read.text


def test_the_longest_name_and_addresses_still_fit_and_are_still_read() -> None:
    read = read_pdf(
        render_pdf(make_handout(LONG_NAME, LONG_ADDRESS.replace("ent.", "idp."), LONG_ADDRESS, is_test=True))
    )
    assert read.codes == {LONG_ADDRESS, LONG_ADDRESS.replace("ent.", "idp.")}
    assert LONG_NAME in read.text
    assert read.pages <= 4


@pytest.mark.parametrize(
    "name", ["<b>#Collège</b>", '"); #panic("x', '#include "/etc/passwd"', "$x$ *gras* _x_ `a` [b] @c \\ // d"]
)
def test_signs_of_markup_in_a_name_are_printed_as_they_are(name: str) -> None:
    read = read_pdf(render_pdf(make_handout(name)))
    assert name in read.text
    assert read.title == f"Activez votre compte parent - {name}"


def test_a_sign_that_no_font_has_is_refused_in_one_sentence() -> None:
    with pytest.raises(HandoutError) as refusal:
        render_pdf(make_handout("École \U00013080"))
    assert str(refusal.value).startswith("The PDF cannot be made: ")
    assert "\n" not in str(refusal.value)
