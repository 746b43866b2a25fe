"""Schemathesis reads `/openapi.json` of the real server and asks for everything in it: each answer is one that is described.

Half of the requests are made up from the description, rightly or wrongly; the others begin with codes, tokens and forms that the server
has just handed out. What is sent is printed as a curl command when an answer is wrong.
"""

import re
from collections import Counter
from collections.abc import Iterator
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.schemas import APIOperation

from idp.protocol.discovery import REGISTRATION_PATH, Deployment
from idp.web.description import describe
from tests.properties.live import Live, Right
from tests.support.databases import fresh_postgresql_database
from tests.support.described import Description, is_from_below
from tests.support.franceconnect import UNCALLED_ISSUER, WITHOUT_CALLS
from tests.support.server import running_server

IS_LONG = settings().max_examples != 100
EXAMPLES = 25 if IS_LONG else 10  # for each operation
EXAMPLES_OF_DEEP = 100 if IS_LONG else 30  # for those that a right request is known for
FREE = """
log_level = "debug"
[throttle]
openings_per_minute = 1000000
strength_per_minute = 1000000
registrations_per_minute = 1000000
client_failures_per_minute = 1000000
[sign_in]
tries_per_identifiant_and_address = 1000000
tries_per_identifiant = 1000000
tries_per_address = 1000000
[registration]
mode = "open"
"""
SOON_SECONDS = 5  # on a machine that does other things too
LONGEST_ANSWER = 250_000  # bytes: the description itself
OPERATIONS = sorted(
    operation["operationId"]
    for at in describe(
        Deployment("http://localhost", "http://localhost", "http://localhost", [], [], [], [], registers_clients=True),
        secure=False,
        franceconnect_enabled=True,
    )["paths"].values()
    for operation in at.values()
)
load_all_checks()
_AS_DESCRIBED = [
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
]
CHECKED = CHECKS.get_by_names(["not_a_server_error", *_AS_DESCRIBED])
CHECKED_AS_DESCRIBED = CHECKS.get_by_names(_AS_DESCRIBED)
SAYS_THAT_OTHERS_ARE_GONE = ("say_franceconnects_refusal_again", 503)
"""A page about a failure of FranceConnect, shown in another language with the status that it had: asked for, and no failure of ours."""
DEEP = {
    *(("token", 200), ("token", 400), ("token", 401), ("userinfo", 200), ("userinfo_by_post", 200), ("revoke", 200)),
    *(
        ("introspect", 200),
        ("push", 201),
        ("authorize", 200),
        ("authorize", 303),
        ("end_session", 200),
        ("end_session_by_post", 303),
    ),
    *(("register", 201), ("read", 200), ("replace", 200), ("remove", 204), ("read", 401)),
    *(("submit_sign_in", 303), ("submit_identity", 303), ("submit_code", 303), ("submit_kinship", 303)),
    *(("submit_password", 303), ("submit_consent", 303), ("asset", 404), ("strength", 403)),
}
"""Answers that nobody gets who only makes things up, and some that everybody gets."""
MUCH = "a=b&" * 16_000
_GOES_ON = re.compile(r'<form[^>]* action="([^"]*)"|http-equiv="refresh" content="\d+;\s*url=([^"]*)"')


class Fuzzed:
    """A server under fire."""

    def __init__(self, live: Live, document: dict[str, Any], log: Any) -> None:
        self.live = live
        self.schema = schemathesis.openapi.from_dict(document)
        self.description = Description(document)
        self.http = requests.Session()
        self.http.trust_env = False
        self.log = log
        self.seen: Counter[tuple[str, int]] = Counter()

    def operation(self, name: str) -> APIOperation:
        """Return an operation by its name."""
        return next(
            found.ok() for found in self.schema.get_all_operations() if found.ok().definition.raw["operationId"] == name
        )

    def ask(self, case: Case) -> requests.Response:
        """Send a request, and hold the answer against the description and the clients' registrations."""
        self.http.cookies.clear()
        sending = case.as_transport_kwargs(base_url=self.live.base)
        answer = self.http.request(**sending, allow_redirects=False, timeout=20)
        if is_from_below(answer.status_code, answer.headers, answer.content):
            return answer
        is_about_others = (
            case.operation.definition.raw["operationId"],
            answer.status_code,
        ) == SAYS_THAT_OTHERS_ARE_GONE
        case.validate_response(answer, checks=CHECKED_AS_DESCRIBED if is_about_others else CHECKED)
        path = urlsplit(answer.request.url or "").path
        faults = self.description.find_faults(case.method, path, answer.status_code, answer.headers, answer.content)
        assert not faults, f"{faults}\n{case.as_curl_command()}"
        assert len(answer.content) < LONGEST_ANSWER
        self.seen[str(case.operation.definition.raw["operationId"]), answer.status_code] += 1
        if path.startswith(REGISTRATION_PATH) and answer.status_code in {200, 201}:
            self._note_client(answer.json())
        asked_for = parse_qs(urlsplit(answer.request.url or "").query).get("client_id", [""])[0]
        for place in places_led_to(answer):
            assert self.is_registered(place, asked_for), f"{place}\n{case.as_curl_command()}"
        return answer

    def is_registered(self, place: str, client_id: str = "") -> bool:
        """Tell whether a browser may be sent there: to ourselves, to FranceConnect, or where this client (or any, if "") said."""
        address = urljoin(self.live.base, place)
        everywhere = {uri for uris in self.live.redirects.values() for uri in uris}
        known = self.live.redirects.get(client_id, everywhere)
        return address.startswith((f"{self.live.base}/", f"{UNCALLED_ISSUER}/")) or any(
            address == uri or address.startswith((f"{uri}?", f"{uri}&")) for uri in known
        )

    def _note_client(self, told: dict[str, Any]) -> None:
        """Remember where a client that has just registered may have browsers sent."""
        self.live.note(told.get("client_secret", ""), told["registration_access_token"])
        uris = (*told["redirect_uris"], *told.get("post_logout_redirect_uris", ()))
        self.live.redirects.setdefault(told["client_id"], set()).update(uris)


def places_led_to(answer: requests.Response) -> list[str]:
    """Return where an answer sends a browser: by redirect, by a form, by a page that goes on by itself."""
    found = [answer.headers["Location"]] if "Location" in answer.headers else []
    if answer.headers.get("Content-Type", "").startswith("text/html"):
        found += [unescape(one or other) for one, other in _GOES_ON.findall(answer.text)]
    return found


@pytest.fixture(scope="module", params=["sqlite", "postgresql"] if IS_LONG else ["sqlite"])
def fuzzed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fuzzed]:
    directory = tmp_path_factory.mktemp("described")
    if request.param == "sqlite":
        with running_server(directory, more=FREE + WITHOUT_CALLS) as running:
            yield Fuzzed(Live(running), requests.get(f"{running.base}/openapi.json", timeout=20).json(), running.log)
        return
    with (
        fresh_postgresql_database(request.getfixturevalue("postgresql_server")) as url,
        running_server(directory, more=FREE + WITHOUT_CALLS, database_url=url) as running,
    ):
        yield Fuzzed(Live(running), requests.get(f"{running.base}/openapi.json", timeout=20).json(), running.log)


def put_in(case: Case, right: Right, names: st.SearchStrategy[bool], draw: Any) -> None:
    """Put a right request, or a part of it, into one that was made up."""
    for place in ("query", "headers", "cookies"):
        taken = {name: value for name, value in getattr(right, place).items() if draw(names)}
        setattr(case, place, {**(getattr(case, place) or {}), **taken})
    case.path_parameters = {**case.path_parameters, **right.path}
    if right.body and case.operation.body:
        body = dict(case.body) if isinstance(case.body, dict) and draw(st.booleans()) else {}
        case.body = {**body, **{name: value for name, value in right.body.items() if draw(names)}}


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_answer_is_described(fuzzed: Fuzzed, name: str) -> None:
    operation = fuzzed.operation(name)
    made_up = st.one_of(
        operation.as_strategy(generation_mode=GenerationMode.POSITIVE),
        operation.as_strategy(generation_mode=GenerationMode.NEGATIVE),
    )
    rights = fuzzed.live.make_right(name)
    mostly = st.sampled_from([True] * 9 + [False])

    @given(data=st.data())
    @settings(
        max_examples=EXAMPLES_OF_DEEP if rights else EXAMPLES,
        phases=[Phase.generate],  # an answer depends on what was asked before: there is nothing to shrink
        suppress_health_check=list(HealthCheck),
        deadline=None,
    )
    def ask(data: st.DataObject) -> None:
        case = data.draw(made_up)
        if rights and data.draw(mostly):
            put_in(case, data.draw(st.sampled_from(rights)), mostly, data.draw)
        fuzzed.ask(case)

    ask()


def test_the_requests_went_past_the_first_check(fuzzed: Fuzzed) -> None:
    assert DEEP - set(fuzzed.seen) == set(), sorted(fuzzed.seen.items())


@pytest.mark.parametrize(
    ("method", "path", "sent", "statuses"),
    [
        ("POST", "/idp/profile/oidc/token", {"data": "&".join(f"a{number}=" for number in range(9_000))}, {400}),
        ("POST", "/idp/profile/oidc/token", {"data": MUCH}, {400}),
        ("POST", "/connexion", {"data": MUCH}, {400}),
        ("POST", "/connexion", {"files": {f"f{number}": b"x" for number in range(400)}}, {400}),
        ("POST", "/connexion", {"data": "x" * 65_537}, {413}),
        ("POST", "/idp/profile/oidc/par", {"data": "x" * 65_537}, {413}),
        ("POST", "/idp/profile/oidc/token", {"data": iter([b"a=b"])}, {411}),
        ("GET", f"/connexion?{'a=b&' * 7_000}", {}, {303}),
        ("GET", f"/idp/profile/oidc/authorize?{'scope=openid&' * 2_000}", {}, {400}),
        ("GET", f"/connexion?a={'x' * 40_000}", {}, {431}),
        ("GET", "/connexion", {"headers": {"Cookie": "a=b; " * 8_000}}, {431}),
        ("POST", REGISTRATION_PATH, {"json": {"redirect_uris": ["http://localhost/"] * 3_000}}, {400}),
        ("POST", REGISTRATION_PATH, {"data": "[" * 16_000, "headers": {"Content-Type": "application/json"}}, {400}),
        ("POST", REGISTRATION_PATH, {"data": '{"a":' * 3_000, "headers": {"Content-Type": "application/json"}}, {400}),
        ("POST", REGISTRATION_PATH, {"data": "1" * 16_000, "headers": {"Content-Type": "application/json"}}, {400}),
    ],
    ids=lambda value: str(value)[:40] if isinstance(value, str) else None,
)
def test_too_much_is_answered_as_described_and_soon(
    fuzzed: Fuzzed, method: str, path: str, sent: dict[str, Any], statuses: set[int]
) -> None:
    if isinstance(sent.get("data"), str) and "headers" not in sent:
        sent = {**sent, "headers": {"Content-Type": "application/x-www-form-urlencoded"}}
    with requests.Session() as http:
        http.trust_env = False
        answer = http.request(method, fuzzed.live.base + path, allow_redirects=False, timeout=20, **sent)
    assert answer.status_code in statuses
    bare = path.partition("?")[0]
    assert fuzzed.description.find_faults(method, bare, answer.status_code, answer.headers, answer.content) == []
    assert answer.elapsed.total_seconds() < SOON_SECONDS
    assert requests.get(f"{fuzzed.live.base}/healthz", timeout=20).ok


def test_a_place_that_nobody_registered_is_found(fuzzed: Fuzzed) -> None:
    for place in (
        "https://evil.example/",
        "//evil.example/",
        "http://localhost:8402/retourne",
        "http://localhost:1/",
        "javascript:x",
    ):
        assert not fuzzed.is_registered(place)
    for place in ("/connexion", "http://localhost:8402/retour?code=1", f"{fuzzed.live.base}/connexion"):
        assert fuzzed.is_registered(place, "ent")
    assert not fuzzed.is_registered("http://localhost:8402/retour?code=1", "stays")


def find_secrets(log: str, secrets: set[str]) -> list[str]:
    """Return what the log should not hold."""
    return sorted(one for one in secrets if one in log)


def test_nothing_secret_is_in_the_log(fuzzed: Fuzzed) -> None:
    log = fuzzed.log.read_text(encoding="utf-8")
    assert find_secrets(log, fuzzed.live.secrets) == []
    assert len(fuzzed.live.secrets) > 40
    assert log.count('"event": "request"') >= fuzzed.seen.total() > 1000
    for secret in fuzzed.live.secrets:
        assert find_secrets(f'{log}{{"why": "{secret}"}}', fuzzed.live.secrets), "a secret in the log is not found"
