"""The handout as one HTML file, opened from a folder without a network."""

import re
from collections.abc import Callable
from html import unescape
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Request

from idp.guide.html import render_html
from tests.guide.handouts import ENT, LONG_ADDRESS, LONG_NAME, SIGN_IN, make_handout, read_pdf
from tests.support.chromium import assert_accessible, assert_narrow

Open = Callable[[str], Page]


@pytest.fixture
def open_file(chromium: Browser, tmp_path: Path) -> Open:
    """Return a function that opens a text as a file in Chromium, where it must ask for nothing else."""

    def open_one(text: str) -> Page:
        file = tmp_path / "guide.html"
        file.write_text(text, encoding="utf-8")
        page = chromium.new_page(viewport={"width": 390, "height": 844})

        def hear(request: Request) -> None:
            assert request.url.startswith(("data:", "file:")), request.url

        page.on("request", hear)
        page.goto(file.as_uri())
        return page

    return open_one


def test_it_is_one_file_without_a_script() -> None:
    text = render_html(make_handout())
    assert text.startswith('<!DOCTYPE html>\n<html lang="fr" data-langue="fr">')
    assert not re.search(r"<script|<link|<iframe|@import|javascript:", text, re.IGNORECASE)
    fetched = re.findall(r"""(?:src|srcset|url)[=(]["']?([a-z]+:)""", text)
    assert set(fetched) == {"data:"}
    assert len(text) < 500_000


@pytest.mark.browser
def test_it_is_accessible_and_narrow_and_every_picture_is_seen(open_file: Open) -> None:
    page = open_file(render_html(make_handout(is_test=True)))
    assert_accessible(page)
    assert_narrow(page)
    assert page.title() == "Activez votre compte parent - Collège Élisabeth-Badinter"
    pictures = page.evaluate("[...document.images].map(one => [one.naturalWidth > 0, one.alt])")
    assert len(pictures) == 14
    assert all(seen and alt for seen, alt in pictures)
    page.set_viewport_size({"width": 1280, "height": 900})
    assert_accessible(page)
    tops = page.evaluate(
        "[...document.querySelectorAll('.etapes img')].map(one => Math.round(one.getBoundingClientRect().top))"
    )
    assert [len(set(tops[row : row + 3])) for row in range(0, 12, 3)] == [1, 1, 1, 1], (
        "pictures of a row stand in a line"
    )
    page.close()


def test_french_inside_english_is_told_to_screen_readers_and_is_no_markup_in_a_picture_s_words() -> None:
    text = render_html(make_handout(language="en"))
    assert text.startswith('<!DOCTYPE html>\n<html lang="en" data-langue="en">')
    assert 'Choose <span lang="fr">« Continuer sur Education Nationale »</span>.' in text
    assert not [words for words in re.findall('alt="([^"]*)"', text) if "span" in unescape(words)]


@pytest.mark.browser
def test_easy_french_has_each_sentence_on_its_own_line(open_file: Open) -> None:
    page = open_file(render_html(make_handout(language="facile")))
    said = page.inner_text(".etapes li:nth-child(2) .dire p").replace("\u00a0", " ")
    assert said.splitlines() == [
        "Écrivez votre nom et votre prénom.",
        "Écrivez votre numéro de téléphone portable.",
        "Ce n'est pas le nom de l'enfant.",
    ]
    assert_accessible(page)
    page.close()


@pytest.mark.browser
def test_it_prints_on_one_sheet_and_a_camera_reads_both_codes(open_file: Open) -> None:
    page = open_file(render_html(make_handout(is_test=True)))
    read = read_pdf(page.pdf(prefer_css_page_size=True))
    page.close()
    assert read.pages == 2
    assert read.codes == {SIGN_IN, ENT}
    assert read.text.count("Simulateur, données fictives.") == 2, "on each page"


@pytest.mark.browser
def test_each_procedure_is_printed_on_a_side_of_its_own(open_file: Open) -> None:
    page = open_file(render_html(make_handout()))
    read = read_pdf(page.pdf(prefer_css_page_size=True))
    page.close()
    assert read.second_page.startswith("Procédure 2 : avec FranceConnect")


@pytest.mark.browser
def test_the_longest_name_and_address_break_no_line_and_no_step(open_file: Open) -> None:
    page = open_file(render_html(make_handout(LONG_NAME, LONG_ADDRESS, LONG_ADDRESS)))
    assert_narrow(page)
    read = read_pdf(page.pdf(prefer_css_page_size=True))
    page.close()
    assert read.pages <= 4
    assert read.codes == {LONG_ADDRESS}


def test_both_addresses_are_written_beside_their_codes_and_lead_there() -> None:
    text = render_html(make_handout())
    for address in (SIGN_IN, ENT):
        assert f'<a href="{address}">{address}</a>' in unescape(text)


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>", '" onload="alert(1)', "</title><img src=x onerror=alert(1)>", "{{ 7 * 7 }}"]
)
def test_markup_in_a_name_is_escaped(name: str) -> None:
    text = render_html(make_handout(name))
    assert name not in text or name == "{{ 7 * 7 }}"
    assert unescape(text).count(name) == 2, "in the title and above the heading"
