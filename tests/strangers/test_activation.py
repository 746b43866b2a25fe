"""The first two steps of an activation, asked about somebody known and about everybody else: one answer, one piece of work."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from idp.adapters.directory_tables import guardian
from idp.adapters.tables import audit, outbox, quota
from tests.strangers.school import ASKED, KNOWN, SEVERAL_RECORDS, Asked, begin_again, fill_school
from tests.strangers.watched import Watched, assert_alike, assert_weighs_alike
from tests.support.inside import Inside, running_inside


def begin(inside: Inside, asked: Asked) -> Watched:
    stranger = Watched(inside, typed=tuple(asked.values.values()))
    stranger.open("/activation")
    stranger.fill("nom", asked.values, button="Continuer")
    assert stranger.page.h1 == "Un code de sécurité a été envoyé", stranger.page.text
    return stranger


def type_wrong_codes(inside: Inside, asked: Asked) -> Watched:
    """Type a wrong code until the page locks, wait, and begin again."""
    stranger = begin(inside, asked)
    for _ in range(5):
        stranger.fill("code", {"code": "000000"})
    assert stranger.page.status == 429
    stranger.open("/activation/code")
    stranger.wait(16)
    stranger.open("/activation/identite")
    stranger.fill("nom", asked.values, button="Continuer")
    return stranger


def ask_for_more_codes(inside: Inside, asked: Asked) -> Watched:
    """Ask for another code too early, then in time, then until the number has had its texts, then the next day."""
    stranger = begin(inside, asked)
    stranger.fill("Envoyer un nouveau code")
    for _ in range(5):
        stranger.wait(2)
        stranger.open("/activation/code")
        stranger.fill("Envoyer un nouveau code")
    assert stranger.page.status == 429
    stranger.wait(1500)
    stranger.open("/activation")
    stranger.fill("nom", asked.values, button="Continuer")
    return stranger


def come_too_late(inside: Inside, asked: Asked) -> Watched:
    """Let the code run out, and ask for another."""
    stranger = begin(inside, asked)
    stranger.wait(31)
    stranger.fill("code", {"code": "000000"})
    stranger.fill("Envoyer un nouveau code")
    stranger.fill("code", {"code": "000000"})
    return stranger


def look_around(inside: Inside, asked: Asked) -> Watched:
    """Type what is no code, go back, open later steps, read what to say on the phone, leave."""
    stranger = begin(inside, asked)
    for typed in ("", "12", "abcdef"):
        stranger.fill("code", {"code": typed})
    for page in ("enfants", "enfants/confirmation", "mot-de-passe", "deja-active", "termine", "appeler-le-secretariat"):
        stranger.open(f"/activation/{page}")
    stranger.open("/activation/code")
    stranger.fill("Annuler")
    return stranger


@pytest.mark.parametrize("story", [type_wrong_codes, ask_for_more_codes, come_too_late, look_around])
def test_whoever_is_asked_about_the_answers_and_the_work_are_the_same(
    inside: Inside, story: Callable[[Inside, Asked], Watched]
) -> None:
    story(inside, KNOWN)  # everything has been run once
    begin_again(inside)
    known = story(inside, KNOWN)
    for who, asked in ASKED.items():
        begin_again(inside)
        stranger = story(inside, asked)
        assert_alike(stranger, known, who)
        if who not in SEVERAL_RECORDS:
            assert_weighs_alike(stranger, known, who)


@pytest.mark.parametrize("number", ["01 99 00 12 34", "06 39 98 01", "+33 6 39 98 01 0O", "", "+999 12345"])
def test_a_number_that_is_no_mobile_is_refused_before_anything_is_looked_up(inside: Inside, number: str) -> None:
    answers = []
    for name in ("DUPONT", "INCONN"):
        stranger = Watched(inside, typed=(name,))
        stranger.open("/activation")
        page = stranger.fill("nom", {**KNOWN.values, "nom": name, "telephone": number}, button="Continuer")
        assert page.status == 422
        answers.append(stranger)
    assert_alike(*answers, number)
    assert not [line for line in answers[0].work[-1] if "guardian" in line or "quota" in line]


def test_texts_are_counted_by_the_number_typed(inside: Inside) -> None:
    """A ceiling says nothing of who is known: it closes after the same number of texts."""
    closed_after = []
    for asked in (KNOWN, ASKED["nobody knows name or number"]):
        begin_again(inside)
        for count in range(1, 20):
            stranger = Watched(inside)
            stranger.open("/activation")
            if stranger.fill("nom", asked.values, button="Continuer").status == 429:
                closed_after.append(count)
                break
    assert closed_after == [6, 6]


def test_an_instance_that_sends_no_text_to_unknown_numbers_works_as_much_for_them(tmp_path: Path) -> None:
    with running_inside(tmp_path, more="[activation]\nsends_s2 = false") as quiet:
        fill_school(quiet.world.engine)
        begin_again(quiet)
        known = ask_for_more_codes(quiet, KNOWN)
        for who, asked in ASKED.items():
            begin_again(quiet)
            assert_alike(ask_for_more_codes(quiet, asked), known, who)


@pytest.mark.parametrize(
    "number", ["06 39 98 10 01", "06 39 98 09 01", "06 39 98 11 01"], ids=["it", "before", "after"]
)
def test_a_number_that_half_a_school_was_given_is_no_other_work_and_neither_is_one_beside_it(
    tmp_path: Path, number: str
) -> None:
    shared = {"academy": "8", "family_name": "X", "given_names": "Y", "present": True, "digest": ""}
    with running_inside(tmp_path) as crowded:
        fill_school(crowded.world.engine)
        with crowded.world.engine.begin() as connection:
            rows = [{**shared, "jointure": f"S{place}", "mobile": "+33639981001"} for place in range(300)]
            connection.execute(insert(guardian), rows)
        begin_again(crowded)
        known, asked = begin(crowded, KNOWN), begin(crowded, Asked("INCONNU", "Paul", number))
        assert_alike(asked, known, number)


def test_whoever_has_the_next_number_is_nobody_to_whom_types_her_names(inside: Inside) -> None:
    begin(inside, Asked("DUBOIS", "Angela", "06 39 98 01 99"))  # hers is 06 39 98 02 01, and nobody's is between
    with inside.world.engine.connect() as connection:
        [details] = connection.execute(select(audit.c.details).where(audit.c.event == "activation.identity")).scalars()
        kinds = list(connection.execute(select(quota.c.key).where(quota.c.key.like("sms-s_:%"))).scalars())
    assert json.loads(details) == {"guardians": [], "outcome": "nobody", "reasons": "no record has this phone"}
    assert [kind.split(":")[0] for kind in kinds] == ["sms-s2"], "the text for somebody unknown"


def test_a_text_that_is_withheld_is_neither_sent_nor_kept(inside: Inside) -> None:
    nobody = ASKED["nobody knows name or number"]
    for _ in range(3):
        begin(inside, nobody)
    with inside.world.engine.connect() as connection:
        rows = connection.execute(select(outbox.c.recipient, outbox.c.body, outbox.c.sent_at)).all()
    assert len(rows) == 3, "one row for each request, like somebody known"
    assert [row for row in rows if row.sent_at is None] == [row for row in rows if row.body is not None] == rows[:1]
    assert [row.recipient for row in rows[1:]] == [None, None]
