"""RFC 6749 section 4.4; RFC 9068 section 2.2 of tokens without a person."""

from dataclasses import replace
from typing import Any

import pytest

from idp.protocol.client import Client
from idp.protocol.client_endpoint import ClientAnswer
from idp.protocol.token_endpoint_rfc6749 import answer_token_request
from idp.protocol.token_redemption import Minted
from tests.protocol.surroundings import CANTEEN, ENT, ISSUER, LIBRARY, NOW, SECRET, TABLET, Surroundings
from tests.protocol.test_client_authentication_rfc6749 import basic
from tests.protocol.test_token_endpoint_rfc6749 import assert_refused
from tests.support.relying_party import unverified_claims

MACHINE = Client(
    client_id="machine",
    client_name="Caisse de la cantine",
    redirect_uris=(),
    client_secret_hash="kept elsewhere",
    scope=("canteen.read", "canteen.write", "profile"),
    grant_types=("client_credentials",),
    resources=(CANTEEN.resource,),
)
RIGHT = {"grant_type": "client_credentials"}


def ask(
    here: Surroundings, *resources: str, proof: str | None = None, secret: str = SECRET, **more: str
) -> ClientAnswer:
    params = [*{**RIGHT, **more}.items(), *(("resource", one) for one in resources)]
    return answer_token_request(basic("machine", secret), params, here, proof)


def surroundings(**changes: Any) -> Surroundings:
    return Surroundings(clients={"machine": replace(MACHINE, **changes), "ent": ENT, "tablet": TABLET})


def test_a_client_gets_an_access_token_for_itself_and_nothing_else() -> None:
    here = surroundings()
    answer = ask(here, scope="canteen.read")
    assert answer.status == 200
    assert answer.body == {
        "access_token": "an access token",
        "token_type": "Bearer",
        "expires_in": 600,
        "scope": "canteen.read",
    }, "no refresh token (section 4.4.3), no ID token"
    assert answer.headers["Cache-Control"] == "no-store"
    assert here.kept == [Minted(MACHINE, "an access token", "canteen.read", target=CANTEEN)]
    assert (here.spent_for, here.told_of) == ([], []), "no person is looked for"


def test_without_scope_it_gets_all_that_it_is_registered_for_at_the_resource() -> None:
    assert ask(surroundings()).body["scope"] == "canteen.read canteen.write"
    assert ask(surroundings(scope=("library.read",))).body["scope"] == "", "and nothing of other resources"


@pytest.mark.parametrize(
    "scope", ["openid", "openid canteen.read", "profile", "offline_access", "library.read", "made.up"]
)
def test_a_scope_of_persons_of_another_resource_or_of_nobody_is_refused(scope: str) -> None:
    here = surroundings(scope=("openid", "profile", "canteen.read", "offline_access", "library.read"))
    assert_refused(ask(here, scope=scope), "invalid_scope")
    assert here.kept == []


def test_a_scope_of_the_resource_that_the_client_is_not_registered_for_is_refused() -> None:
    assert_refused(ask(surroundings(scope=("canteen.read",)), scope="canteen.write"), "invalid_scope")


def test_a_token_as_jwt_names_the_client_as_its_subject_and_tells_no_sign_in() -> None:
    here = surroundings(resources=(LIBRARY.resource,), scope=("library.read",))
    body = ask(here).body
    now = int(NOW.timestamp())
    assert unverified_claims(body["access_token"]) == {
        "iss": ISSUER,
        "aud": LIBRARY.resource,
        "sub": "machine",
        "client_id": "machine",
        "scope": "library.read",
        "iat": now,
        "exp": now + 120,
        "jti": "an access token",
    }
    assert body["expires_in"] == here.kept[0].lifetime == 120


def test_a_token_as_jwt_without_scope_says_none() -> None:
    here = surroundings(resources=(LIBRARY.resource,), scope=())
    assert "scope" not in unverified_claims(ask(here).body["access_token"])


def test_of_several_resources_one_must_be_named() -> None:
    here = surroundings(resources=(CANTEEN.resource, LIBRARY.resource))
    assert_refused(ask(here), "invalid_target", "must name the one")
    assert_refused(ask(here, CANTEEN.resource, LIBRARY.resource), "invalid_target", "one at a time")
    assert ask(here, LIBRARY.resource).status == 200


@pytest.mark.parametrize(
    "resource",
    [LIBRARY.resource, "https://nobody.example/", ISSUER, CANTEEN.resource + "#x", "canteen", CANTEEN.resource + "/"],
)
def test_a_resource_that_is_not_this_clients_is_an_invalid_target(resource: str) -> None:
    here = surroundings()
    assert_refused(ask(here, resource), "invalid_target")
    assert here.kept == []


def test_a_client_without_resources_gets_nothing() -> None:
    assert_refused(ask(surroundings(resources=())), "invalid_target")
    assert_refused(ask(surroundings(resources=("https://gone.example/",))), "invalid_target")


def test_a_client_that_is_not_registered_for_it_is_refused() -> None:
    here = surroundings(grant_types=("authorization_code", "refresh_token"))
    assert_refused(ask(here), "unauthorized_client")


@pytest.mark.parametrize("grant_types", [("authorization_code",), ("client_credentials",)])
def test_a_public_client_is_refused_whatever_it_is_registered_for(grant_types: tuple[str, ...]) -> None:
    tablet = replace(TABLET, grant_types=grant_types, resources=(CANTEEN.resource,))
    here = Surroundings(clients={"tablet": tablet})
    params = [*RIGHT.items(), ("client_id", "tablet")]
    assert_refused(answer_token_request(None, params, here), "unauthorized_client")
    assert here.kept == []


def test_a_client_that_does_not_prove_who_it_is_gets_nothing() -> None:
    here = surroundings()
    answer = ask(here, secret="guessed")
    assert (answer.status, answer.body["error"]) == (401, "invalid_client")
    assert here.kept == []


def test_with_a_proof_the_token_is_bound_to_its_key() -> None:
    here = surroundings()
    answer = ask(here, proof="a right proof")
    assert answer.body["token_type"] == "DPoP"
    assert here.kept[0].jkt == "a thumbprint"
    assert_refused(ask(here, proof="a wrong one"), "use_dpop_nonce")
    assert len(here.kept) == 1


def test_a_client_that_must_send_proofs_must_do_so_here_too() -> None:
    assert_refused(ask(surroundings(dpop_bound_access_tokens=True)), "invalid_dpop_proof")


def test_nothing_is_noted_of_a_proof_beside_what_is_refused() -> None:
    here = surroundings()
    ask(here, "https://nobody.example/", proof="a right proof")
    ask(here, scope="openid", proof="a right proof")
    assert here.proofs == []


def test_it_may_exchange_nothing_else() -> None:
    here = surroundings()
    for params in ({"grant_type": "authorization_code", "code": "the code"}, {"grant_type": "refresh_token"}):
        answer = answer_token_request(basic("machine", SECRET), list(params.items()), here)
        assert_refused(answer, "unauthorized_client")
