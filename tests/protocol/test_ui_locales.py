"""OpenID Connect Core 1.0 section 3.1.2.1, `ui_locales`; RFC 4647 section 3.4, lookup."""

import pytest

from idp.protocol.ui_locales import UI_LOCALES, choose_ui_locale


@pytest.mark.parametrize(
    ("wanted", "chosen"),
    [
        ("fr", "fr"),
        ("en", "en"),
        ("fr-x-facile", "fr-x-facile"),
        ("EN-gb", "en"),
        ("fr-CA", "fr"),
        ("fr-x-simple", "fr"),
        ("FR-X-Facile", "fr-x-facile"),
        ("en-Latn-GB-x-school", "en"),
        ("de en fr", "en"),
        ("de-AT fr-x-facile en", "fr-x-facile"),
        ("fr en", "fr"),
    ],
)
def test_the_first_language_wanted_that_the_pages_speak_is_chosen(wanted: str, chosen: str) -> None:
    assert choose_ui_locale(wanted.split()) == chosen


@pytest.mark.parametrize("wanted", ["", "de", "de it-CH", "x", "x-facile", "-", "--fr", "e-n", "frx", "en_GB", "*"])
def test_no_language_wanted_is_spoken_and_that_is_no_error(wanted: str) -> None:
    assert choose_ui_locale(wanted.split()) is None


def test_each_language_of_the_pages_is_found_by_its_own_tag() -> None:
    assert [choose_ui_locale([tag]) for tag in UI_LOCALES] == list(UI_LOCALES)
