"""Signing in with an identifiant of somebody, of nobody, and of somebody who has no password: one answer, one piece of work."""

from pathlib import Path

import pytest

from tests.strangers.school import NOBODYS, WITH_PASSWORD, WITHOUT_PASSWORD, begin_again
from tests.strangers.watched import Watched, assert_alike
from tests.support.inside import Inside, running_inside
from tests.support.relying_party import RelyingParty


def guess(inside: Inside, identifiant: str, start: str) -> Watched:
    """Guess until one has to wait, wait, and guess again; with a double click, and with an empty password in between."""
    stranger = Watched(inside, typed=(identifiant, identifiant.upper()))
    stranger.open(start)
    for number in range(7):
        stranger.fill("j_username", {"j_username": identifiant, "j_password": f"Pas-le-Bon-{number}"})
    assert stranger.page.status == 429
    stranger.fill("j_username", {"j_username": identifiant, "j_password": ""})
    stranger.wait(16)
    stranger.fill("j_username", {"j_username": identifiant, "j_password": "x" * 200})
    stranger.fill("j_username", {"j_username": identifiant.upper(), "j_password": "Encore-Un-Autre-9"})
    return stranger


@pytest.mark.parametrize(
    "start",
    ["/connexion?profil=responsable", RelyingParty("").authorization_uri(acr_values="responsable")],
    ids=["by hand", "from an ENT"],
)
def test_whose_identifiant_it_is_changes_neither_answers_nor_work(inside: Inside, start: str) -> None:
    known = guess(inside, WITH_PASSWORD, start)
    for identifiant in (NOBODYS, WITHOUT_PASSWORD):
        begin_again(inside)
        stranger = guess(inside, identifiant, start)
        assert_alike(stranger, known, identifiant)


def test_the_first_unknown_person_of_a_process_costs_one_argon2_operation_too(tmp_path: Path) -> None:
    with running_inside(tmp_path) as fresh:
        stranger = Watched(fresh)
        stranger.open("/connexion?profil=responsable")
        stranger.fill("j_username", {"j_username": NOBODYS, "j_password": "Pas-le-Bon-1"})
        assert [line for line in stranger.work[-1] if line.startswith("argon2")] == ["argon2 verify"]
