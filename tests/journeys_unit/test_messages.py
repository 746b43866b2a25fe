"""Every SMS fits in one part, with the longest values, in the alphabet that counts 160."""

import inspect
import re
from collections.abc import Mapping
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.journeys import messages
from idp.journeys.sms_texts import SMS

# 3GPP TS 23.038 section 6.2.1: one septet each, then the extension table: two septets each.
BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = "\f^{}\\[~]|€"
LONGEST_IDENTIFIANT = "j.dupontdelarochefoucauld4271"
HOST_OF_30 = "comptes.familles.academie.test"
EVENING = datetime(2026, 11, 23, 21, 40)  # noqa: DTZ001  a wall clock's reading
LONGEST = {"code": "482913", "identifiant": LONGEST_IDENTIFIANT, "day": "23/11", "hour": "21:40", "date": "23/11/2026"}
ARGUMENTS = {**LONGEST, "local": EVENING}


def septets(text: str) -> int:
    """Return how long a text is, or fail when it is not in the alphabet."""
    assert set(text) <= set(BASIC + EXTENSION), set(text) - set(BASIC + EXTENSION)
    return sum(2 if sign in EXTENSION else 1 for sign in text)


@pytest.mark.parametrize(
    ("text", "alone", "marked"),
    [
        (messages.sms_code("482913"), 108, 120),
        (messages.sms_code("482913", bound_host="preau.example"), 131, 143),
        (messages.sms_second_proof("482913"), 105, 117),
        (messages.sms_second_proof("482913", bound_host="preau.example"), 128, 140),
        (messages.sms_no_match(), 123, 135),
        (messages.sms_activated("j.dupont4271"), 114, 126),
        (messages.sms_password_changed(EVENING), 104, 116),
        (messages.sms_password_added(EVENING), 116, 128),
        (messages.sms_child_added(), 108, 120),
        (messages.sms_link_removed(), 104, 116),
        (messages.sms_franceconnect_added(), 112, 124),
        (messages.sms_account_closing(EVENING), 94, 106),
        (messages.sms_identifiant("j.dupont4271"), 106, 118),
        (messages.sms_no_account(), 91, 103),
        (messages.sms_new_password("482913"), 100, 112),
        (messages.sms_new_password("482913", bound_host="preau.example"), 123, 135),
        (messages.sms_franceconnect_only(), 127, 139),
        (messages.sms_number_recorded(), 100, 112),
        (messages.sms_number_left(), 113, 125),
        (messages.sms_number_too_new(EVENING), 113, 125),
        (messages.sms_code("482913", language="facile"), 69, 81),
        (messages.sms_code("482913", bound_host="preau.example", language="facile"), 92, 104),
        (messages.sms_no_match(language="facile"), 73, 85),
        (messages.sms_activated("j.dupont4271", language="facile"), 91, 103),
        (messages.sms_code("482913", language="en"), 96, 108),
        (messages.sms_code("482913", bound_host="preau.example", language="en"), 119, 131),
        (messages.sms_no_match(language="en"), 116, 128),
        (messages.sms_activated("j.dupont4271", language="en"), 92, 104),
    ],
    ids=[
        *(
            "S1",
            "S1 bound",
            "second proof",
            "second proof bound",
            "S2",
            "S3",
            "S6",
            "S6, a first one",
            "S10",
            "S11",
            "S8",
            "S12",
            "S4",
            "S4n",
            "S5",
            "S5 bound",
            "S7",
            "S9",
            "old number",
            "new number waits",
        ),
        *("F1", "F1 bound", "F2", "F3", "E1", "E1 bound", "E2", "E3"),
    ],
)
def test_each_text_has_the_length_of_the_reference(text: str, alone: int, marked: int) -> None:
    assert septets(text) == alone
    assert septets(messages.marked(text, test_instance=True)) == marked


@pytest.mark.parametrize("language", SMS)
@pytest.mark.parametrize("name", SMS["fr"])
def test_each_text_fits_in_one_part_with_the_longest_values(name: str, language: str) -> None:
    # The line that binds a code to a site is a text's too: nothing is longer.
    assert len(HOST_OF_30) == 30
    text = SMS[language][name].format_map(LONGEST)
    bound = f"{text}\n@{HOST_OF_30} #482913" if "{code}" in SMS[language][name] else text
    assert septets(messages.marked(bound, test_instance=True)) <= 160


@pytest.mark.parametrize("language", SMS)
def test_every_language_has_every_text_with_the_same_values(language: str) -> None:
    def places(texts: Mapping[str, str]) -> dict[str, list[str]]:
        return {name: sorted(re.findall(r"\{\w+\}", text)) for name, text in texts.items()}

    assert places(SMS[language]) == places(SMS["fr"])


def test_every_text_is_sent_by_somebody_and_in_its_language() -> None:
    makers = [one for name, one in vars(messages).items() if name.startswith("sms_")]
    for language, texts in SMS.items():
        said = set()
        for make in makers:
            wanted = [name for name in inspect.signature(make).parameters if name not in {"language", "bound_host"}]
            said.add(make(*(ARGUMENTS[name] for name in wanted), language=language))
        assert said == {text.format_map(LONGEST) for text in texts.values()}


@pytest.mark.parametrize("name", SMS["facile"])
def test_easy_sentences_have_ten_words_at_most(name: str) -> None:
    for sentence in re.split(r"(?<=[.?!]) ", SMS["facile"][name]):
        assert len(re.findall(r"[\w{}]+", sentence.replace("'", ""))) <= 10, sentence


def test_a_language_without_texts_is_answered_in_french() -> None:
    assert messages.sms_no_match(language="de") == messages.sms_no_match()


def test_the_code_comes_first_and_the_binding_line_last() -> None:
    text = messages.marked(messages.sms_code("482913", bound_host="preau.example"), test_instance=True)
    assert text == (
        "482913 est votre code de sécurité pour activer votre compte parent. Valable 30 min. "
        "Ne le donnez à personne. SIMULATEUR.\n@preau.example #482913"
    )


def test_a_host_that_does_not_fit_is_left_out() -> None:
    assert messages.sms_code("482913", bound_host=HOST_OF_30 + "x") == messages.sms_code("482913")


def test_the_hour_of_a_new_password_is_said() -> None:
    assert messages.sms_password_changed(EVENING) == (
        "Votre mot de passe a été changé le 23/11 à 21:40. Ce n'est pas vous ? Appelez le secrétariat de l'école."
    )
    assert messages.sms_password_added(EVENING) == (
        "Un mot de passe a été ajouté à votre compte le 23/11 à 21:40. Ce n'est pas vous ? Appelez le secrétariat de l'école."
    )


def test_a_real_instance_marks_nothing() -> None:
    assert messages.marked("Bonjour", test_instance=False) == "Bonjour"


@given(st.from_regex(r"[0-9]{6}", fullmatch=True))
def test_the_marker_never_moves_the_code(code: str) -> None:
    text = messages.marked(messages.sms_code(code, bound_host="preau.example"), test_instance=True)
    assert text.startswith(code)
    assert text.endswith(f"\n@preau.example #{code}")
