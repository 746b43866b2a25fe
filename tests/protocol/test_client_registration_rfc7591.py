"""RFC 7591 sections 2 and 3, OpenID Connect Dynamic Client Registration 1.0 sections 2 and 3."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

import pytest
from joserfc.jwk import ECKey

from idp.protocol.bearer_rfc6750 import read_bearer_token, refuse_token
from idp.protocol.client import Client
from idp.protocol.client_documents import Document, DocumentUnavailableError
from idp.protocol.client_endpoint import ClientAnswer, RequestRefusedError
from idp.protocol.client_metadata import Metadata, RegistrationRules, check_client_metadata
from idp.protocol.client_registration import RegisteredClient, answer_registration_request
from idp.settings.client_rules import uri_problem
from idp.settings.registered_clients import metadata_faults

REDIRECT_URI = "https://ent.example/retour"
SHORT_RSA = {"kty": "RSA", "kid": "short", "e": "AQAB", "n": "w" * 170 + "8"}  # 1024 bits
KEY = ECKey.generate_key("P-256", parameters={"kid": "ent-1"})
FOR_ENCRYPTION = {"keys": [{**KEY.as_dict(private=False), "kid": "enc-1", "use": "enc"}]}
JWKS = {"keys": [KEY.as_dict(private=False)]}
RULES = RegistrationRules(
    scopes=("openid", "profile", "ect.scope.cnx", "offline_access"),
    signing_algorithms={"RS256", "ES256"},
    usual_scopes=("openid", "profile"),
    find_address_fault=lambda uri: uri_problem(uri, None),
    find_faults=lambda metadata: metadata_faults(metadata, None),
    fetch=lambda address: _fetch(address),
)
SECTOR = "https://groupe.example/adresses.json"
TWO_HOSTS = [REDIRECT_URI, "https://autre.example/retour"]
STANDS = {
    SECTOR: json.dumps([*TWO_HOSTS, "https://troisieme.example/"]).encode(),
    "https://groupe.example/une.json": json.dumps([REDIRECT_URI]).encode(),
    "https://groupe.example/texte.json": b'"https://ent.example/retour"',
    "https://groupe.example/nombres.json": b"[7]",
    "https://groupe.example/page": b"<html>",
    "https://groupe.example/profond": b"[" * 60_000,
}


def _fetch(address: str) -> Document:
    if address not in STANDS:
        raise DocumentUnavailableError("does not answer")
    return Document(STANDS[address])


@dataclass
class Desk:
    """Implements `idp.protocol.client_registration.Registration`."""

    rules: RegistrationRules = RULES
    token: str = ""
    is_full: bool = False
    enrolled: list[Metadata] = field(default_factory=list)

    def check_initial_access(self, authorization: str | None) -> None:
        if self.token and read_bearer_token(authorization) != self.token:
            raise refuse_token()

    def enrol(self, metadata: Metadata) -> RegisteredClient | None:
        if self.is_full:
            return None
        self.enrolled.append(metadata)
        is_public = metadata["token_endpoint_auth_method"] in {"none", "private_key_jwt"}
        return RegisteredClient("s6BhdRkqt3", 2893256800, metadata, "its token", None if is_public else "its secret")

    def locate(self, client_id: str) -> str:
        return f"https://idp.example/register/{client_id}"


def register(
    desk: Desk, members: object, *, authorization: str | None = None, content_type: str = "application/json"
) -> ClientAnswer:
    body = members if isinstance(members, bytes) else json.dumps(members).encode()
    return answer_registration_request(authorization, content_type, body, desk)


def told(members: Mapping[str, Any], desk: Desk | None = None) -> Mapping[str, Any]:
    """Return the client information response of a client with one redirect URI and these members."""
    answer = register(desk or Desk(), {"redirect_uris": [REDIRECT_URI], **members})
    assert answer.status == 201, answer.body
    assert answer.body is not None
    return answer.body


def test_public_subjects_are_derived_for_no_host_so_that_redirect_uris_may_have_several() -> None:
    uris = [REDIRECT_URI, "https://autre.example/retour"]
    answer = told({"redirect_uris": uris, "subject_type": "public"})
    assert (answer["redirect_uris"], answer["subject_type"]) == (uris, "public")


def refusal(members: Mapping[str, Any]) -> tuple[str, str]:
    """Return error and description of what is registered with one redirect URI and these members."""
    desk = Desk()
    answer = register(desk, {"redirect_uris": [REDIRECT_URI], **members})
    assert (answer.status, desk.enrolled) == (400, [])
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.body is not None
    return answer.body["error"], answer.body["error_description"]


# --- section 3.2.1: the client information response ------------------------------------------------------------------------------------


def test_the_answer_is_201_with_the_identifier_the_secret_and_every_registered_member() -> None:
    answer = register(Desk(), {"redirect_uris": [REDIRECT_URI], "client_name": "ENT Sureau"})
    assert answer.status == 201
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Pragma"] == "no-cache"
    assert answer.body == {
        "client_id": "s6BhdRkqt3",
        "client_id_issued_at": 2893256800,
        "client_secret": "its secret",
        "client_secret_expires_at": 0,
        "registration_access_token": "its token",
        "registration_client_uri": "https://idp.example/register/s6BhdRkqt3",
        "redirect_uris": [REDIRECT_URI],
        "client_name": "ENT Sureau",
        "response_types": ["code"],
        "grant_types": ["authorization_code"],
        "token_endpoint_auth_method": "client_secret_basic",
        "subject_type": "pairwise",
        "id_token_signed_response_alg": "RS256",
        "scope": "openid profile",
    }


@pytest.mark.parametrize(
    "members", [{"token_endpoint_auth_method": "none"}, {"token_endpoint_auth_method": "private_key_jwt", "jwks": JWKS}]
)
def test_a_secret_and_its_end_are_told_only_where_one_is_issued(members: dict[str, Any]) -> None:
    assert {"client_secret", "client_secret_expires_at"}.isdisjoint(told(members))


def test_all_registered_metadata_about_the_client_is_returned() -> None:
    members = {
        "redirect_uris": [REDIRECT_URI, "https://ent.example/autre?ici=1"],
        "response_types": ["code"],
        "grant_types": ["refresh_token", "authorization_code"],
        "contacts": ["dev@ent.example"],
        "client_name": "ENT « Sureau »",
        "logo_uri": "https://ent.example/logo.svg",
        "client_uri": "https://ent.example/",
        "policy_uri": "https://ent.example/donnees",
        "tos_uri": "https://ent.example/conditions",
        "jwks": JWKS,
        "subject_type": "pairwise",
        "id_token_signed_response_alg": "ES256",
        "token_endpoint_auth_method": "private_key_jwt",
        "token_endpoint_auth_signing_alg": "ES256",
        "default_max_age": 3600,
        "require_auth_time": True,
        "default_acr_values": ["responsable", "eleve"],
        "initiate_login_uri": "https://ent.example/commencer",
        "userinfo_signed_response_alg": "RS256",
        "request_object_signing_alg": "ES256",
        "frontchannel_logout_uri": "https://ent.example/cadre",
        "frontchannel_logout_session_required": True,
        "backchannel_logout_uri": "https://ent.example/logout",
        "backchannel_logout_session_required": True,
        "require_pushed_authorization_requests": True,
        "require_signed_request_object": True,
        "dpop_bound_access_tokens": True,
        "scope": "openid offline_access",
        "post_logout_redirect_uris": ["https://ent.example/deconnecte"],
    }
    assert members.items() <= told(members).items()


def test_a_client_registers_the_key_that_its_tokens_are_encrypted_for() -> None:
    members = {
        "jwks": FOR_ENCRYPTION,
        "id_token_encrypted_response_alg": "ECDH-ES",
        "id_token_encrypted_response_enc": "A256GCM",
        "userinfo_signed_response_alg": "RS256",
        "userinfo_encrypted_response_alg": "ECDH-ES+A256KW",
    }
    assert members.items() <= told(members).items()


def test_a_client_registers_where_its_keys_and_its_requests_are() -> None:
    members = {
        "jwks_uri": "https://ent.example/jwks",
        "token_endpoint_auth_method": "private_key_jwt",
        "id_token_encrypted_response_alg": "ECDH-ES",
        "request_uris": ["https://ent.example/r#its-fragment", "https://ent.example/r#another"],
    }
    assert members.items() <= told(members).items()


def test_userinfo_may_be_encrypted_without_a_signature() -> None:
    members = {"jwks": FOR_ENCRYPTION, "userinfo_encrypted_response_alg": "ECDH-ES"}
    assert members.items() <= told(members).items()


def test_redirect_uris_of_several_hosts_are_one_sector_where_a_document_holds_them_all() -> None:
    members = {"redirect_uris": TWO_HOSTS, "sector_identifier_uri": SECTOR}
    assert members.items() <= told(members).items()


def test_nothing_is_fetched_for_metadata_that_is_refused_anyway() -> None:
    asked: list[str] = []

    def fetch(address: str) -> Document:
        asked.append(address)
        return _fetch(address)

    rules = replace(RULES, fetch=fetch)
    wrong = {"redirect_uris": [REDIRECT_URI], "sector_identifier_uri": SECTOR, "id_token_signed_response_alg": "none"}
    with pytest.raises(RequestRefusedError):
        check_client_metadata(wrong, rules)
    assert asked == []
    check_client_metadata({**wrong, "id_token_signed_response_alg": "RS256"}, rules)
    assert asked == [SECTOR]


def test_members_that_are_not_understood_are_ignored() -> None:
    answer = told({"software_statement": "x", "application_type": "web", "something": {"else": [1]}})
    assert {"software_statement", "application_type", "something"}.isdisjoint(answer)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("request_uris", [REDIRECT_URI]),
        ("userinfo_signed_response_alg", "ES256"),
        ("backchannel_logout_uri", REDIRECT_URI),
        ("frontchannel_logout_uri", REDIRECT_URI),
        ("require_pushed_authorization_requests", True),
        ("default_max_age", 60),
    ],
)
def test_what_the_provider_would_not_do_is_not_said_to_be_registered(name: str, value: object) -> None:
    assert (name in told({name: value})) == (name in {member.name for member in fields(Client)})


def test_a_member_that_is_null_is_one_that_was_not_sent() -> None:
    answer = told({"client_uri": None, "grant_types": None, "jwks_uri": None})
    assert "client_uri" not in answer
    assert answer["grant_types"] == ["authorization_code"]


def test_without_a_name_the_client_is_called_as_the_host_of_its_redirect_uris() -> None:
    assert told({})["client_name"] == "ent.example"


def test_unknown_scopes_are_left_out_and_the_answer_says_which_are_registered() -> None:
    assert told({"scope": "email openid address openid"})["scope"] == "openid"


def test_offline_access_comes_with_refresh_tokens_where_no_scope_is_named() -> None:
    answer = told({"grant_types": ["authorization_code", "refresh_token"]})
    assert answer["scope"] == "openid profile offline_access"


def test_keys_are_kept_whatever_the_client_proves_itself_with() -> None:
    assert told({"jwks": JWKS})["jwks"] == JWKS


# --- section 3: the initial access token -----------------------------------------------------------------------------------------------


def test_a_protected_endpoint_wants_the_initial_access_token() -> None:
    desk = Desk(token="initial")
    good = {"redirect_uris": [REDIRECT_URI]}
    assert register(desk, good, authorization="Bearer initial").status == 201
    wrong = register(desk, good, authorization="Bearer guessed")
    assert wrong.body is not None
    assert (wrong.status, wrong.body["error"]) == (401, "invalid_token")
    assert 'error="invalid_token"' in wrong.headers["WWW-Authenticate"]
    missing = register(desk, good)
    assert (missing.status, missing.body, missing.headers["WWW-Authenticate"]) == (401, {}, 'Bearer realm="preau"')
    for other in ("Basic eDp4", "DPoP initial", "Bearer "):
        assert register(desk, good, authorization=other).status == 400
    assert len(desk.enrolled) == 1


def test_an_open_endpoint_asks_for_no_token_and_looks_at_none() -> None:
    good = {"redirect_uris": [REDIRECT_URI]}
    assert register(Desk(), good).status == register(Desk(), good, authorization="Basic x").status == 201


# --- clients that nobody signs in to, and servers that tokens are for (RFC 6749 section 4.4, RFC 8707) ------------------------------------

API = "https://api.ent.example/"
OPEN = replace(RULES, scopes=(*RULES.scopes, "api.read"), resources=(API,))
MACHINE = {"client_name": "Caisse", "grant_types": ["client_credentials"], "resources": [API], "scope": "api.read"}


def test_a_client_that_gets_tokens_for_itself_alone_has_no_place_to_send_persons_back_to() -> None:
    metadata = check_client_metadata(MACHINE, OPEN)
    assert (metadata["redirect_uris"], metadata["response_types"], metadata["scope"]) == ([], [], "api.read")
    assert metadata["resources"] == [API]
    assert check_client_metadata({**MACHINE, "scope": None}, OPEN)["scope"] == "", "no scope of persons by default"


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"redirect_uris": [REDIRECT_URI]}, "invalid_redirect_uri", "must be absent"),
        ({"response_types": ["code"]}, "invalid_client_metadata", "response_types"),
        ({"client_name": None}, "invalid_client_metadata", "client_name must be given"),
        ({"resources": None}, "invalid_client_metadata", "resources must hold something"),
        ({"resources": []}, "invalid_client_metadata", "resources must hold something"),
        ({"resources": ["https://other.example/"]}, "invalid_client_metadata", "open to such clients"),
        ({"resources": [API, API]}, "invalid_client_metadata", "each once"),
        ({"resources": API}, "invalid_client_metadata", "must be a list of texts"),
        ({"token_endpoint_auth_method": "none"}, "invalid_client_metadata", "for a confidential client only"),
        ({"grant_types": ["client_credentials", "refresh_token"]}, "invalid_client_metadata", "brings refresh tokens"),
        ({"grant_types": ["client_credentials", "authorization_code"]}, "invalid_redirect_uri", "at least one address"),
    ],
)
def test_such_a_client_is_refused_where_it_says_what_cannot_be(
    changes: dict[str, object], error: str, words: str
) -> None:
    answer = register(Desk(rules=OPEN), {**MACHINE, **changes})
    assert answer.body is not None
    assert (answer.status, answer.body["error"]) == (400, error)
    assert words in answer.body["error_description"]


def test_resources_are_no_ones_who_registers_unless_an_operator_opened_them() -> None:
    with pytest.raises(RequestRefusedError, match="open to such clients"):
        check_client_metadata({"redirect_uris": [REDIRECT_URI], "resources": [API]}, RULES)
    assert "resources" not in check_client_metadata({"redirect_uris": [REDIRECT_URI]}, OPEN)
    both = {**MACHINE, "redirect_uris": [REDIRECT_URI], "grant_types": ["authorization_code", "client_credentials"]}
    metadata = check_client_metadata({**both, "scope": "openid api.read"}, OPEN)
    assert (metadata["response_types"], metadata["scope"]) == (["code"], "openid api.read")


# --- what a client may not make itself --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    ["introspection", "claims_in_id_token", "omitted_claims", "home_uri", "pkce", "sector_identifier", "client_id"],
)
def test_what_only_an_operator_may_choose_is_not_a_member(name: str) -> None:
    metadata = check_client_metadata({"redirect_uris": [REDIRECT_URI], name: "any"}, RULES)
    assert name not in metadata


def test_loopback_redirect_uris_are_taken_over_plain_http_and_test_hosts_on_test_instances_only() -> None:
    loopback, test = "http://127.0.0.1:8402/retour", "http://ent.test/retour"
    assert check_client_metadata({"redirect_uris": [loopback]}, RULES)["redirect_uris"] == [loopback]
    with pytest.raises(RequestRefusedError):
        check_client_metadata({"redirect_uris": [test]}, RULES)
    on_a_test_instance = RegistrationRules(
        RULES.scopes,
        RULES.signing_algorithms,
        RULES.usual_scopes,
        lambda uri: uri_problem(uri, ()),
        lambda one: metadata_faults(one, ()),
        RULES.fetch,
    )
    assert check_client_metadata({"redirect_uris": [test]}, on_a_test_instance)["redirect_uris"] == [test]


@pytest.mark.parametrize("host", ["127.0.0.1:8401", "localhost", "inside.localhost:9000", "[::1]"])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_no_logout_token_is_sent_to_what_runs_beside_us_but_on_test_instances(scheme: str, host: str) -> None:
    sent = {"redirect_uris": ["https://ent.example/retour"], "backchannel_logout_uri": f"{scheme}://{host}/logout"}
    with pytest.raises(RequestRefusedError, match="backchannel_logout_uri must not be this machine"):
        check_client_metadata(sent, RULES)
    on_a_test_instance = replace(RULES, find_faults=lambda one: metadata_faults(one, ()))
    assert check_client_metadata(sent, on_a_test_instance)["backchannel_logout_uri"] == sent["backchannel_logout_uri"]


@pytest.mark.parametrize("host", ["127.0.0.1:8401", "inside.localhost:9000", "[::1]"])
@pytest.mark.parametrize("name", ["jwks_uri", "sector_identifier_uri", "request_uris"])
def test_nothing_is_fetched_from_what_runs_beside_us_but_on_test_instances(name: str, host: str) -> None:
    uri = f"https://{host}/document"
    sent = {"redirect_uris": [REDIRECT_URI], name: [uri] if name == "request_uris" else uri}
    with pytest.raises(RequestRefusedError, match="must not be this machine"):
        check_client_metadata(sent, RULES)
    on_a_test_instance = replace(
        RULES,
        find_faults=lambda one: metadata_faults(one, ()),
        fetch=lambda _: Document(json.dumps([REDIRECT_URI]).encode()),
    )
    assert sent.items() <= check_client_metadata(sent, on_a_test_instance).items()
