"""An ENT vendor's own tests. The fixture `preau` comes with Préau: pip install preau pytest, and nothing else."""

import pytest
from flask.testing import FlaskClient
from idp.testing.pages import PageError
from idp.testing.preau import Account, Preau

from ent import create_app


@pytest.fixture
def ent(preau: Preau) -> FlaskClient:
    """A parent's browser at the ENT."""
    return create_app(preau.discovery_url, "our-ent", "a-secret-of-16-characters").test_client()


def enter(ent: FlaskClient, preau: Preau, account: Account) -> str:
    """Sign in as a parent does, and return what the ENT shows."""
    callback = preau.sign_in(ent.get("/login").headers["Location"], account)
    return ent.get(callback, follow_redirects=True).text


def test_a_parent_sees_the_children_of_both_academies(ent: FlaskClient, preau: Preau) -> None:
    assert enter(ent, preau, preau.person("bouleau").account) == "Nora BOULEAU : Lou, Max"


def test_a_parent_whose_child_left_is_told_whom_to_ask(ent: FlaskClient, preau: Preau) -> None:
    shown = enter(ent, preau, preau.person("child-left").account)
    assert shown == "Marc JETÉE : aucun enfant : adressez-vous au secrétariat"


def test_a_parent_who_has_just_activated_comes_in(ent: FlaskClient, preau: Preau) -> None:
    account = preau.activate("never-activated")
    assert account.identifiant in preau.messages("06 39 98 05 10")[0]["text"]
    assert enter(ent, preau, account).startswith("Vera LISIÈRE")


def test_a_parent_who_must_wait_is_kept_at_the_provider(ent: FlaskClient, preau: Preau) -> None:
    with pytest.raises(PageError, match="15 minutes"):
        enter(ent, preau, preau.person("locked").account)


def test_tokens_of_a_provider_whose_clock_is_an_hour_ahead_are_refused(ent: FlaskClient, preau: Preau) -> None:
    preau.advance(3600)
    assert "La connexion a échoué" in enter(ent, preau, preau.person("bouleau").account)


def test_an_answer_that_nobody_asked_for_is_refused(ent: FlaskClient, preau: Preau) -> None:
    del preau
    assert "La connexion a échoué" in ent.get("/retour?code=x&state=y").text


def test_a_client_can_be_made_for_one_test(preau: Preau) -> None:
    one = preau.client("http://localhost:3000/retour", client_name="Un autre ENT")
    ent = create_app(preau.discovery_url, one.client_id, one.client_secret).test_client()
    assert enter(ent, preau, preau.person("bouleau").account).startswith("Nora BOULEAU")


def test_a_parent_may_refuse_that_the_service_knows_her(preau: Preau) -> None:
    one = preau.client("http://localhost:3000/retour")
    ent = create_app(preau.discovery_url, one.client_id, one.client_secret).test_client()
    callback = preau.sign_in(ent.get("/login").headers["Location"], preau.person("bouleau").account, consents=False)
    assert ent.get(callback).text == "La connexion a échoué : access_denied"


@pytest.mark.parametrize("times", [1, 2])
def test_each_test_begins_at_the_seed(preau: Preau, times: int) -> None:
    del times
    assert preau.messages() == []
    assert preau.activate("never-activated").identifiant.startswith("v.lisiere")
