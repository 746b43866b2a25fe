"""Settings: every fault is one sentence that says which setting, where it came from and what to write instead."""

import os
import re
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.choices import longest_use_of_a_signature
from idp.journeys.email_ceilings import EmailPolicy
from idp.journeys.policy import ActivationPolicy, SignInPolicy
from idp.settings import Settings, SettingsError, load_settings
from idp.settings.hosts import is_loopback, is_test_host, split_web_address

ENT = """
[[clients]]
client_id = "ent"
client_name = "ENT Marronnier"
client_secret = "a-secret-of-the-ent"
redirect_uris = ["https://ent.example.org/retour"]
"""
API = """
[[resources]]
resource = "https://api.example.org/"
name = "API"
scope = ["api.read"]
"""
CREDENTIALS = """
grant_types = ["authorization_code", "client_credentials"]
resources = ["https://api.example.org/"]
"""
PUBLIC = ENT.replace('client_secret = "a-secret-of-the-ent"', 'token_endpoint_auth_method = "none"')


SMTP = '[mail]\nadapter = "smtp"\nhost = "smtp.preau.fr"\nsender = "noreply@preau.fr"\n'


@pytest.fixture(autouse=True)
def no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("PREAU_")]:
        monkeypatch.delenv(name)


def without_lines(error: SettingsError) -> str:
    """Return its sentences; which line they name is the subject of a test of its own."""
    return re.sub(r", line [0-9]+\)", ")", str(error))


def load(directory: Path, text: str) -> Settings:
    (directory / "p.toml").write_text(text, encoding="utf-8")
    return load_settings(directory / "p.toml")


FOR_ENCRYPTION = (
    '{ kty = "EC", crv = "P-256", use = "enc", x = "gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0", '
    'y = "SLW_xSffzlPWrHEVI30DHM_4egVwt3NQqeUD7nMFpps" }'
)  # RFC 7517 appendix A.1, and its like: any point of the curve will do


def client(lines: str) -> str:
    """Return settings with one client that proves who it is by these lines."""
    return REAL + ENT.replace('client_secret = "a-secret-of-the-ent"', lines)


REAL = 'issuer = "https://idp.example.org"\n'
TEST = 'issuer = "http://localhost:8400"\ntest_instance = true\n'


@pytest.mark.parametrize(
    ("text", "key", "problem"),
    [
        ("", "issuer", "is missing"),
        ('issuer = "idp"', "issuer", "must be a web address that starts with https://"),
        (
            'issuer = "https://idp.example.org/idp"',
            "issuer",
            "must have no path (EduConnect's issuer ending with /idp: set issuer_quirk = true)",
        ),
        (
            'issuer = "https://idp.example.org"\nissuer_quirk = true',
            "issuer",
            "must end with /idp right after the host, because issuer_quirk is true",
        ),
        (
            'issuer = "https://idp.example.org"\nbackchannel_dynamic = true\npublic_hosts = ["idp:8400"]',
            "backchannel_dynamic",
            "may be true on a test instance only: secrets and tokens would cross plain http",
        ),
        (
            'issuer = "https://idp.example"\ntest_instance = true\nbackchannel_dynamic = true',
            "public_hosts",
            "must name the hosts at which servers reach us, because backchannel_dynamic is true",
        ),
        (
            client('token_endpoint_auth_method = "private_key_jwt"'),
            "clients[0].jwks",
            "must be a JWK set with its public keys: { keys = [...] }",
        ),
        (
            client('token_endpoint_auth_method = "private_key_jwt"\nclient_secret = "0123456789abcdef"'),
            "clients[0].client_secret",
            "must be absent: token_endpoint_auth_method is private_key_jwt",
        ),
        (
            client('client_secret = "0123456789abcdef"\njwks = { keys = [{ kty = "oct" }] }'),
            "clients[0].jwks.keys[0]",
            "is no JWK",
        ),
        (
            client('client_secret = "0123456789abcdef"\nrequire_signed_request_object = true'),
            "clients[0].jwks",
            "must be a JWK set with its public keys: { keys = [...] }",
        ),
        (
            client(
                'token_endpoint_auth_method = "private_key_jwt"\njwks = { keys = [{ kty = "oct", k = "c2VjcmV0" }] }'
            ),
            "clients[0].jwks.keys[0]",
            "holds a private key: register the public one",
        ),
        (
            client('token_endpoint_auth_method = "private_key_jwt"\njwks = { keys = [{ kty = "EC", crv = "P-256" }] }'),
            "clients[0].jwks.keys[0]",
            "is no JWK",
        ),
        (
            client(f'token_endpoint_auth_method = "private_key_jwt"\njwks = {{ keys = [{FOR_ENCRYPTION}] }}'),
            "clients[0].jwks",
            "must hold a key that signs: all of these are for encryption",
        ),
        (
            client('client_secret = "0123456789abcdef"\nid_token_encrypted_response_alg = "RSA-OAEP-256"'),
            "clients[0].id_token_encrypted_response_alg",
            'needs an RSA key in jwks with "use": "enc"',
        ),
        (
            client(
                f'client_secret = "0123456789abcdef"\njwks_uri = "https://ent.example.org/jwks"\njwks = {{ keys = [{FOR_ENCRYPTION}] }}'
            ),
            "clients[0].jwks",
            "must be absent: jwks_uri says where the keys are",
        ),
        (
            client('client_secret = "0123456789abcdef"\njwks_uri = "http://localhost:8402/jwks"'),
            "clients[0].jwks_uri",
            "must start with https:// (plain http is for test hosts, on a test instance)",
        ),
        (
            client('client_secret = "0123456789abcdef"\nrequest_uris = ["ftp://ent.example.org/r#a"]'),
            "clients[0].request_uris[0]",
            "must be a web address that starts with https://",
        ),
        (
            client(
                'client_secret = "0123456789abcdef"\nsector_identifier = "a.example.org"\n'
                'sector_identifier_uri = "https://b.example.org/"'
            ),
            "clients[0].sector_identifier",
            "must be absent: sector_identifier_uri says the sector",
        ),
        (
            REAL + '[outbound]\nallowed_networks = ["10.2.0.1/16"]',
            "outbound.allowed_networks[0]",
            "must be a network, for example 10.2.0.0/16",
        ),
        (
            REAL + '[outbound]\nca_file = "nowhere.pem"',
            "outbound.ca_file",
            "must name a file of certificates (PEM) that can be read",
        ),
        ('issuer = "https://idp.example.org?a=1"', "issuer", "must have no query (?)"),
        ('issuer = "https://idp.example.org#a"', "issuer", "must have no fragment (#)"),
        ('issuer = "https://me:pw@idp.example.org"', "issuer", "must hold no user name and no password"),
        ('issuer = "https://idp.example.org:0"', "issuer", "has an impossible port"),
        ('issuer = "http://idp.example.org"', "issuer", "must start with https:// unless its host is this machine"),
        (
            REAL + "test_instance = true",
            "test_instance",
            "may be true only when the issuer's host is localhost, *.localhost, *.test or *.example, or stands in test_issuer_hosts",
        ),
        (REAL + "thread = 3", "thread", "is not a setting"),
        (REAL + 'workers = "many"', "workers", "must be a whole number"),
        (REAL + "workers = 0", "workers", "should be greater than or equal to 1"),
        (REAL + 'listen = "8400"', "listen", "must be an address and a port, for example 127.0.0.1:8400"),
        (
            REAL + 'database_url = "mysql://me:hunter2@db/preau"',
            "database_url",
            "must begin with sqlite:/// and a path, or with postgresql://",
        ),
        (REAL + "sandbox = 3", "sandbox", "must be a table"),
        (
            REAL + "[sandbox]\nenabled = true",
            "sandbox.enabled",
            "may be true on a test instance only (test_instance = true)",
        ),
        (
            TEST + 'listen = "0.0.0.0:8400"\n[sandbox]\nenabled = true',
            "sandbox.token",
            "is missing: listen is not this machine alone, so the control API needs a token",
        ),
        (TEST + '[sandbox]\ntoken = "hunter2"', "sandbox.token", "must have at least 16 characters"),
        (REAL + '[sms]\nadapter = "http"', "sms.url", "is missing: the http adapter has to know where to post"),
        (
            REAL + '[sms]\nadapter = "http"\nurl = "http://sms.example.org/"',
            "sms.url",
            "must start with https://: texts hold security codes",
        ),
        (
            REAL + '[sms]\nadapter = "http"\nurl = "https://sms.example.org/"\nbody_template = "{}"',
            "sms.body_template",
            "must hold {to} and {text}",
        ),
        (REAL + '[mail]\nadapter = "smtp"', "mail.host", "is missing: the smtp adapter has to know its mail server"),
        (
            TEST + '[mail]\nadapter = "smtp"\nhost = "smtp.example.org"',
            "mail.host",
            "must be a test host, because test_instance is true (or say mail.to_anybody = true)",
        ),
        (
            REAL + SMTP + 'security = "none"',
            "mail.security",
            "may be none for a test host only: mails hold links that open accounts",
        ),
        (REAL + SMTP + 'user = "preau"', "mail.password", "goes with mail.user, and mail.user with it"),
        (REAL + SMTP + 'password = "hunter2"', "mail.password", "goes with mail.user, and mail.user with it"),
        (
            REAL + '[mail]\nadapter = "smtp"\nhost = "smtp.example.org"',
            "mail.sender",
            "must be an address of yours: nobody can answer this one",
        ),
        (
            REAL + '[mail]\nsender = "Préau <x@y.fr>"',
            "mail.sender",
            "must be an e-mail address, for example ne-pas-repondre@preau.example",
        ),
        (
            REAL + SMTP + 'ca_file = "/nowhere/ca.pem"',
            "mail.ca_file",
            "must name a file of certificates (PEM) that can be read",
        ),
        (REAL + '[sms]\nadapter = "pigeon"', "sms.adapter", "should be 'console', 'file' or 'http'"),
        (REAL + '[sms]\ncountries = ["33"]', "sms.countries[0]", "must be a plus sign and one to four digits"),
        (REAL + "[argon2]\nmemory_kib = 8", "argon2.memory_kib", "may be less than 19456 on a test instance only"),
        (REAL + "[argon2]\ntime_cost = 1", "argon2.time_cost", "may be less than 2 on a test instance only"),
        (
            REAL + '[[authentication_levels]]\nacr = "eleve"',
            "authentication_levels[0].acr",
            "is a profile: choose another name",
        ),
        (
            REAL + '[[authentication_levels]]\nacr = "two"\n' * 2,
            "authentication_levels[1].acr",
            "is the same as an earlier level's",
        ),
        (REAL + ENT + ENT, "clients[1].client_id", "is the same as an earlier client's"),
        (
            REAL + ENT.replace("a-secret-of-the-ent", "hunter2"),
            "clients[0].client_secret",
            "must have at least 16 characters",
        ),
        (
            REAL + ENT.replace("client_secret", "#"),
            "clients[0].client_secret",
            'is missing: give one, or set token_endpoint_auth_method = "none"',
        ),
        (
            REAL + ENT + 'token_endpoint_auth_method = "none"',
            "clients[0].client_secret",
            "must be absent: token_endpoint_auth_method is none",
        ),
        (
            REAL + PUBLIC + 'pkce = "if_sent"',
            "clients[0].pkce",
            "may be if_sent for a confidential client only (token_endpoint_auth_method is none)",
        ),
        (
            TEST + PUBLIC + 'pkce = "unsafe_optional"',
            "clients[0].pkce",
            "may be unsafe_optional for a confidential client only (token_endpoint_auth_method is none)",
        ),
        (
            REAL + ENT + 'pkce = "unsafe_optional"',
            "clients[0].pkce",
            "may be unsafe_optional on a test instance only (test_instance = true)",
        ),
        (REAL + ENT + 'pkce = "plain"', "clients[0].pkce", "should be 'required', 'if_sent' or 'unsafe_optional'"),
        (REAL + ENT + 'scope = ["profile"]', "clients[0].scope", "must hold openid"),
        (
            REAL + ENT.replace("https", "http"),
            "clients[0].redirect_uris[0]",
            "must start with https:// (plain http is for this machine and, on a test instance, for test hosts)",
        ),
        (
            REAL + ENT.replace("/retour", "/*"),
            "clients[0].redirect_uris[0]",
            "must hold no space, backslash or star: addresses are compared letter for letter",
        ),
        (REAL + ENT.replace("/retour", "/#"), "clients[0].redirect_uris[0]", "must have no fragment (#)"),
        (
            REAL + ENT.replace("https://ent", "javascript://ent"),
            "clients[0].redirect_uris[0]",
            "must be a web address that starts with https://",
        ),
        (
            REAL + ENT.replace('["https://ent.example.org/retour"]', "[]"),
            "clients[0].redirect_uris",
            "must hold something",
        ),
        (
            REAL + ENT.replace("/retour", '/a", "https://ent.example.org/a'),
            "clients[0].redirect_uris",
            "holds the same address twice",
        ),
        (
            REAL + ENT.replace("/retour", '/a", "https://ent2.example.org/a'),
            "clients[0].sector_identifier",
            "is missing: the redirect URIs have several hosts, and sub is derived for one",
        ),
        (
            REAL + ENT + 'post_logout_redirect_uris = ["ent"]',
            "clients[0].post_logout_redirect_uris[0]",
            "must be a web address that starts with https://",
        ),
        (
            REAL + ENT + 'home_uri = "javascript:alert(1)"',
            "clients[0].home_uri",
            "must be a web address that starts with https://",
        ),
        (
            REAL + ENT + 'id_token_signed_response_alg = "none"',
            "clients[0].id_token_signed_response_alg",
            "should be 'RS256', 'ES256', 'PS256' or 'EdDSA'",
        ),
        (
            REAL + ENT + 'grant_types = ["authorization_code", "client_credentials"]',
            "clients[0].resources",
            "must hold something, because grant_types holds client_credentials",
        ),
        (
            REAL + ENT + 'resources = ["https://x"]',
            "clients[0].resources[0]",
            "is the identifier of none of [[resources]]",
        ),
        (
            REAL + PUBLIC + CREDENTIALS + API,
            "clients[0].grant_types",
            "may hold client_credentials for a confidential client only (token_endpoint_auth_method is none)",
        ),
        (
            REAL + ENT + 'grant_types = ["client_credentials"]\nresources = ["https://api.example.org/"]' + API,
            "clients[0].redirect_uris",
            "must be absent: grant_types does not hold authorization_code",
        ),
        (
            REAL + ENT.replace("redirect_uris", "#") + 'grant_types = ["refresh_token"]',
            "clients[0].grant_types",
            "must hold authorization_code, which brings refresh tokens",
        ),
        (REAL + API.replace('/"', '/#x"'), "resources[0].resource", "must have no fragment (#)"),
        (
            REAL + API.replace("https://api.example.org", "/api"),
            "resources[0].resource",
            "must be an absolute URI of at most 300 characters",
        ),
        (REAL + API + API, "resources[1].resource", "is the issuer, or the same as an earlier one"),
        (
            REAL + API.replace("https://api.example.org/", "https://idp.example.org"),
            "resources[0].resource",
            "is the issuer, or the same as an earlier one",
        ),
        (
            REAL + API.replace("api.read", "a b"),
            "resources[0].scope[0]",
            "must be printable ASCII without spaces, quotes and backslashes",
        ),
        *(
            (
                REAL + API.replace("api.read", scope),
                "resources[0].scope[0]",
                "is a scope of persons: choose another name",
            )
            for scope in ("openid", "profile", "email", "offline_access", "ect.scope.cnx")
        ),
        (REAL + API + 'client_id = "ent"', "resources[0].client_id", "is no client of this file"),
        (REAL + API.replace('"API"', '""'), "resources[0].name", "should have at least 1 character"),
        (
            REAL + API + 'access_token_format = "saml"',
            "resources[0].access_token_format",
            "should be 'opaque' or 'jwt'",
        ),
        (
            REAL + API + "access_token_seconds = 9",
            "resources[0].access_token_seconds",
            "should be greater than or equal to 10",
        ),
    ],
)
def test_one_fault_is_one_sentence(tmp_path: Path, text: str, key: str, problem: str) -> None:
    with pytest.raises(SettingsError) as refused:
        load(tmp_path, text)
    assert without_lines(refused.value) == f"{key} (from {tmp_path / 'p.toml'}) {problem}."
    assert "hunter2" not in str(refused.value)


def test_a_client_that_nobody_signs_in_to_needs_no_place_to_send_anybody(tmp_path: Path) -> None:
    nobodys = ENT.replace("redirect_uris", "#")
    only_asks = load(tmp_path, REAL + nobodys + "grant_types = []" + API + 'client_id = "ent"')
    assert (only_asks.clients[0].grant_types, only_asks.resources[0].client_id) == ((), "ent")
    machine = load(tmp_path, REAL + nobodys + CREDENTIALS.replace('"authorization_code", ', "") + API)
    assert machine.clients[0].resources == ("https://api.example.org/",)


def test_a_key_stays_published_as_long_as_tokens_of_a_resource_live(tmp_path: Path) -> None:
    settings = load(tmp_path, REAL + "[sign_in]\nsession_hours = 1" + API + "access_token_seconds = 7200")
    assert longest_use_of_a_signature(settings) == timedelta(hours=2)


def test_a_fault_names_the_line_to_correct(tmp_path: Path) -> None:
    text = """issuer = "http://idp.example.org"

[sms]
adapter = "http"

[[clients]]
client_id = "one"
client_name = "ENT Un"
client_secret = "a-secret-of-the-ent"
redirect_uris = ["https://one.example.org/"]

[[clients]]
client_id = "two"
client_name = "ENT Deux"
client_secret = "hunter2"
redirect_uris = [
  "https://two.example.org/",
  "https://two.example.org/*",
]
"""
    with pytest.raises(SettingsError) as refused:
        load(tmp_path, text)
    assert {(fault.key, fault.line) for fault in refused.value.faults} == {
        ("issuer", 1),
        ("sms.url", 3),
        ("clients[1].client_secret", 15),
        ("clients[1].redirect_uris[1]", 16),
    }
    assert f"clients[1].client_secret (from {tmp_path / 'p.toml'}, line 15) must have" in str(refused.value)
    with pytest.raises(SettingsError) as refused:
        load(tmp_path, "")
    assert str(refused.value) == f"issuer (from {tmp_path / 'p.toml'}) is missing."


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as refused:
        load(
            tmp_path, 'issuer = "http://idp.example.org/idp"\n[sandbox]\nenabled = true\n' + ENT.replace("https", "ftp")
        )
    assert [fault.key for fault in refused.value.faults] == [
        "issuer",
        "issuer",
        "sandbox.enabled",
        "clients[0].redirect_uris[0]",
    ]


def test_secrets_do_not_show_when_settings_are_printed(tmp_path: Path) -> None:
    settings = load(tmp_path, REAL + 'master_key = "hunter2"\n[sms.headers]\nkey = "hunter2"\n' + ENT)
    assert "hunter2" not in repr(settings)
    assert "a-secret-of-the-ent" not in repr(settings)


def test_the_quirk_s_issuer_keeps_its_path_and_links_lose_it(tmp_path: Path) -> None:
    settings = load(tmp_path, 'issuer = "https://idp.example.org/idp"\nissuer_quirk = true')
    assert (settings.issuer, settings.origin) == ("https://idp.example.org/idp", "https://idp.example.org")


def test_a_lone_slash_after_the_host_is_not_a_path(tmp_path: Path) -> None:
    assert load(tmp_path, 'issuer = "https://idp.example.org/"').issuer == "https://idp.example.org"


def test_a_test_instance_may_use_plain_http_to_test_hosts_and_a_weak_hash(tmp_path: Path) -> None:
    text = (
        TEST
        + "[argon2]\nmemory_kib = 8\ntime_cost = 1\n"
        + ENT.replace("https://ent.example.org", "http://ent.test:8402")
    )
    assert load(tmp_path, text).clients[0].redirect_uris == ("http://ent.test:8402/retour",)


def test_the_control_api_runs_on_any_address_with_a_token(tmp_path: Path) -> None:
    settings = load(tmp_path, TEST + 'listen = "0.0.0.0:8400"\n[sandbox]\nenabled = true\ntoken = "sixteen-or-longer"')
    assert settings.sandbox.enabled


def test_the_hosts_that_are_answered_are_the_issuer_s_and_those_listed(tmp_path: Path) -> None:
    settings = load(tmp_path, REAL + 'public_hosts = ["Other.example.org:8443"]')
    assert settings.accepted_hosts == {"idp.example.org", "other.example.org:8443"}


def test_the_defaults_are_those_of_the_journeys() -> None:
    settings = Settings(issuer="https://idp.example.org")
    activation, sign_in, policy, ceilings = settings.activation, settings.sign_in, ActivationPolicy(), SignInPolicy()
    assert activation.code_minutes * 60 == policy.code_lifetime.total_seconds()
    assert activation.code_tries == policy.code_tries
    assert activation.resend_seconds == policy.resend_after.total_seconds()
    assert activation.dates_tries == policy.dates_tries
    assert activation.guardian_dates_per_day == policy.guardian_dates_tries
    assert activation.sends_s2 == policy.sends_s2
    assert settings.sms.per_number_hour == policy.sms_per_number_hour
    assert settings.sms.per_number_day == policy.sms_per_number_day
    assert settings.sms.per_prefix_hour == policy.sms_per_prefix_hour
    assert settings.sms.per_prefix_day == policy.sms_per_prefix_day
    assert settings.sms.per_address_hour == policy.sms_per_address_hour
    assert settings.sms.per_address_day == policy.sms_per_address_day
    assert settings.sms.per_hour == policy.sms_per_hour
    assert settings.sms.per_day == policy.sms_per_day
    mail, emails = settings.mail, EmailPolicy()
    assert mail.link_hours * 3600 == emails.link_lifetime.total_seconds()
    assert mail.resend_seconds == emails.resend_after.total_seconds()
    assert mail.per_account_day == emails.mails_per_account_day
    assert mail.per_address_day == emails.mails_per_address_day
    assert mail.per_caller_day == emails.mails_per_caller_day
    assert mail.per_day == emails.mails_per_day
    assert sign_in.tries_per_identifiant_and_address == ceilings.tries_per_identifiant_and_address
    assert sign_in.tries_per_identifiant == ceilings.tries_per_identifiant
    assert sign_in.tries_per_address == ceilings.tries_per_address
    assert sign_in.session_idle_minutes * 60 == ceilings.session_idle.total_seconds()
    assert sign_in.session_hours * 3600 == ceilings.session_lifetime.total_seconds()
    assert settings.tokens.code_seconds == ceilings.code_lifetime.total_seconds()


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST.", "idp.localhost", "127.0.0.1", "127.9.9.9", "::1"])
def test_a_loopback_host_is_known(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host", ["", "localhost.example.org", "notlocalhost", "192.0.2.1", "example", "test", "a.test.org"]
)
def test_a_host_that_could_be_real_is_not_a_test_host(host: str) -> None:
    assert not is_loopback(host)
    assert not is_test_host(host)


@given(st.text())
def test_no_text_breaks_the_reading_of_an_address(text: str) -> None:
    try:
        parts = split_web_address(text)
    except ValueError:
        return
    assert parts.scheme in {"http", "https"}
    assert parts.hostname


def test_numbers_are_shown_to_this_machine_or_to_who_has_the_token_and_never_on_the_public_port() -> None:
    def faults(**metrics: str) -> list[str]:
        try:
            Settings(issuer="http://localhost:8400", listen="0.0.0.0:8400", metrics=metrics)
        except SettingsError as error:
            return [fault.key for fault in error.faults]
        return []

    assert faults() == []
    assert faults(listen="127.0.0.1:9400") == []
    assert faults(listen="0.0.0.0:9400") == ["metrics.token"]
    assert faults(listen="0.0.0.0:9400", token="a-token-for-prometheus") == []
    assert faults(listen="127.0.0.1:8400") == ["metrics.listen"]


def test_a_mode_of_registration_says_what_it_needs(tmp_path: Path) -> None:
    token = 'initial_access_token = "an-initial-access-token"'

    def fault(lines: str, kind: str = REAL) -> str:
        try:
            load(tmp_path, f"{kind}[registration]\n{lines}")
        except SettingsError as error:
            return without_lines(error).replace(f" (from {tmp_path / 'p.toml'})", "")
        return ""

    assert fault('mode = "off"') == fault(f'mode = "token"\n{token}') == fault('mode = "open"', TEST) == ""
    assert fault('mode = "token"') == "registration.initial_access_token is missing: registration.mode is token."
    assert fault('mode = "token"\ninitial_access_token = "hunter2"') == (
        "registration.initial_access_token must have at least 16 characters."
    )
    assert (
        fault('mode = "open"')
        == fault(f'mode = "open"\n{token}')
        == ("registration.mode may be open on a test instance only: choose token, or off.")
    )
    assert fault('mode = "closed"') == "registration.mode should be 'off', 'token' or 'open'."


@pytest.mark.parametrize("uri", ["https://[ent.example/", "https://ent\u2100.example/"])
def test_an_address_that_cannot_even_be_taken_apart_is_said_and_not_repeated(tmp_path: Path, uri: str) -> None:
    with pytest.raises(SettingsError) as refused:
        load(tmp_path, REAL + ENT.replace("https://ent.example.org/retour", uri))
    [fault] = refused.value.faults
    assert (fault.key, fault.problem) == (
        "clients[0].redirect_uris[0]",
        "must be a web address that starts with https://",
    )
