"""Any request to any endpoint: an answer of ours, safe to show, and nothing of it in the log."""

import json
import re
from urllib.parse import urlsplit

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.properties.doors import InProcess, OverHttp, Sent
from tests.properties.soundness import assert_sound
from tests.properties.texts import client_metadata, requests

_ROUTES = [
    ("GET", "/"), ("GET", "/connexion"), ("POST", "/connexion"), ("GET", "/activation"), ("POST", "/activation/annuler"),
    ("GET", "/activation/appeler-le-secretariat"), ("GET", "/activation/aucun-eleve"), ("GET", "/activation/code"),
    ("POST", "/activation/code"), ("POST", "/activation/code/renvoi"), ("GET", "/activation/deja-active"),
    ("POST", "/activation/deja-active"), ("GET", "/activation/enfants"), ("POST", "/activation/enfants"),
    ("GET", "/activation/enfants/confirmation"), ("POST", "/activation/enfants/confirmation"), ("GET", "/activation/identite"),
    ("POST", "/activation/identite"), ("GET", "/activation/mot-de-passe"), ("POST", "/activation/mot-de-passe"),
    ("GET", "/activation/telephone"), ("POST", "/activation/telephone"), ("GET", "/activation/termine"),
    ("GET", "/identifiant-oublie"), ("GET", "/identifiant-oublie/nom"), ("POST", "/identifiant-oublie/nom"),
    ("GET", "/identifiant-oublie/e-mail"), ("POST", "/identifiant-oublie/e-mail"),
    ("GET", "/mot-de-passe-oublie"), ("GET", "/mot-de-passe-oublie/lien"), ("POST", "/mot-de-passe-oublie/identifiant"),
    ("POST", "/mot-de-passe-oublie/code"), ("POST", "/mot-de-passe-oublie/renvoi"), ("POST", "/mot-de-passe-oublie/continuer"),
    ("POST", "/mot-de-passe-oublie/date-de-naissance"), ("POST", "/mot-de-passe-oublie/nouveau"),
    ("POST", "/mot-de-passe-oublie/annuler"), ("GET", "/mot-de-passe-oublie/code"),
    ("GET", "/activation/trop-d-essais"), ("GET", "/franceconnect/debut"), ("GET", "/franceconnect/retour"),
    ("GET", "/franceconnect/continuer"), ("POST", "/franceconnect/pas-moi"), ("GET", "/franceconnect/deconnecte"),
    ("POST", "/solidite"), ("POST", "/deconnexion"), ("GET", "/accord"), ("POST", "/accord"), ("GET", "/comptes"), ("POST", "/comptes"),
    ("POST", "/mon-compte/franceconnect"), ("GET", "/mon-compte/franceconnect/ajout"),
    ("POST", "/mon-compte/appareils"), ("POST", "/mon-compte/fermeture"), ("POST", "/mon-compte/mot-de-passe"),
    ("POST", "/mon-compte/mot-de-passe/ajout"), ("POST", "/mon-compte/sites"), ("GET", "/mon-compte/historique"),
    ("GET", "/mon-compte"), ("GET", "/mon-compte/confirmation"), ("POST", "/mon-compte/confirmation"),
    ("GET", "/mon-compte/e-mail"), ("POST", "/mon-compte/e-mail"), ("POST", "/mon-compte/e-mail/renvoi"),
    ("POST", "/mon-compte/e-mail/annulation"), ("GET", "/e-mail/confirmer"), ("POST", "/e-mail/confirmer"), ("GET", "/e-mail/confirmee"),
    ("GET", "/confirmation"), ("POST", "/confirmation"), ("POST", "/confirmation/envoi"), ("POST", "/confirmation/sans"),
    ("GET", "/enfants"), ("POST", "/enfants"), ("POST", "/enfants/pas-les-miens"), ("POST", "/enfants/plus-tard"),
    ("GET", "/identite"), ("POST", "/identite"),
    ("GET", "/mon-compte/enfants/regroupement"), ("POST", "/mon-compte/enfants/regroupement"),
    ("GET", "/mon-compte/enfants/regroupement/x%22%3E%F0%9F/annuler"), ("POST", "/mon-compte/enfants/regroupement/x%22%3E%F0%9F/annuler"),
    ("GET", "/mon-compte/enfants"), ("GET", "/mon-compte/enfants/x%22%3E%F0%9F/contester"),
    ("POST", "/mon-compte/enfants/x%22%3E%F0%9F/contester"),
    ("GET", "/idp/profile/Logout"), ("POST", "/idp/profile/Logout"), ("GET", "/idp/profile/oidc/authorize"),
    ("POST", "/idp/profile/oidc/authorize"), ("POST", "/idp/profile/oidc/token"), ("GET", "/idp/profile/oidc/userinfo"),
    ("POST", "/idp/profile/oidc/userinfo"), ("POST", "/idp/profile/oidc/revoke"), ("POST", "/idp/profile/oidc/introspect"),
    ("POST", "/idp/profile/oidc/par"),
    ("POST", "/idp/profile/oidc/register"), ("GET", "/idp/profile/oidc/register/0123456789abcdef0123456789abcdef"),
    ("PUT", "/idp/profile/oidc/register/0123456789abcdef0123456789abcdef"), ("DELETE", "/idp/profile/oidc/register/%F0%9F"),
]  # fmt: skip
_ODD = "x%22%3E%F0%9F"
_MORE = [("GET", "/no-such-page"), ("PUT", "/connexion"), ("DELETE", "/activation/code"), ("OPTIONS", "/connexion")]


def all_routes(door: InProcess) -> list[tuple[str, str]]:
    """Return every (method, path) that the application has; a path's variables are odd."""
    found = list(_MORE)
    for rule in door.inside.app.url_map.iter_rules():
        path = re.sub(r"<[^>]*>", _ODD, rule.rule)
        found += [(method, path) for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}]
    return sorted(found)


def test_the_list_of_the_smaller_run_is_complete(door: InProcess) -> None:
    apart = (
        "/aide",
        "/assistance",
        "/static",
        "/sandbox",
        "/healthz",
        "/readyz",
        "/.well-known",
        "/idp/profile/oidc/jwks",
    )
    ours = {one for one in all_routes(door) if not one[1].startswith(apart) and one not in _MORE}
    listed = {(method, path.replace("/1/", f"/{_ODD}/")) for method, path in _ROUTES}
    assert {one for one in ours if one[0] == "POST"} <= listed


@given(data=st.data())
@settings(max_examples=400 if settings().max_examples == 100 else 3000)
def test_any_request_in_process(door: InProcess, data: st.DataObject) -> None:
    sent, typed = data.draw(requests(all_routes(door)))
    assert_sound(door.send(sent), typed, door)


@given(data=st.data())
@settings(max_examples=80 if settings().max_examples == 100 else 500)
def test_any_request_to_the_real_server_on_postgresql(http_door: OverHttp, data: st.DataObject) -> None:
    sent, typed = data.draw(requests(_ROUTES))
    assert_sound(http_door.send(sent), typed, http_door)


@given(data=st.data())
@settings(max_examples=200 if settings().max_examples == 100 else 2000)
def test_any_client_that_registers_and_what_it_says_afterwards(door: InProcess, data: st.DataObject) -> None:
    headers = (("Content-Type", "application/json"),)
    members, typed = data.draw(client_metadata())
    answer = door.send(Sent("POST", "/idp/profile/oidc/register", members, headers))
    assert_sound(answer, typed, door)
    assert answer.status in {201, 400, 403}
    if answer.status != 201:
        return
    told = json.loads(answer.body)
    path = urlsplit(told["registration_client_uri"]).path
    members, typed = data.draw(client_metadata(client_id=told["client_id"]))
    mine = (*headers, ("Authorization", f"Bearer {told['registration_access_token']}"))
    for method, body in (("PUT", members), ("GET", b""), ("DELETE", b"")):
        assert_sound(door.send(Sent(method, path, body, mine)), typed, door)


def test_an_unknown_parameter_sent_twice_is_not_named_in_the_log(door: InProcess) -> None:
    headers = (("Content-Type", "application/x-www-form-urlencoded"),)
    answer = door.send(Sent("POST", "/idp/profile/oidc/token", b"Zqxw=&Zqxw=", headers))
    assert_sound(answer, [], door)
    assert "a parameter that means nothing here" in answer.body
