"""What people and programs might send."""

import json
from urllib.parse import quote, quote_plus

from hypothesis import strategies as st

from tests.properties.doors import Sent
from tests.support.resources import CANTEEN, LIBRARY

MARK = "Zqxw"
"""No word of ours: where it turns up, something typed turned up."""

_ODD = [
    "", "\x00", "a\x00b", "%", "%zz", "%00", "٣", "1e9", "-1", "\r\nX-Odd: y", "<script>alert(1)</script>", "' OR 1=1 --", '"><b x="',
    "\u202e", "😀", "null", "[]", "{}", "\ud800", "é" * 300, "x" * 10_000, "{{7341*9173}}", "&amp;", "&#x3c;", "../../etc", "\ufeff", "Œ‘’",
]  # fmt: skip
ODD = st.sampled_from(_ODD)
ANY = st.one_of(ODD, st.text(max_size=60))
MARKED = st.builds(lambda before, after: f"{before}{MARK}{after}", ANY, ANY)
VALUES = st.one_of(ANY, MARKED)
FIELDS = [
    "jeton", "nom", "prenom", "indicatif", "telephone", "code", "lien-1", "jour-1", "mois-1", "annee-1", "lien-2", "reponse",
    "mot-de-passe", "confirmation", "j_username", "j_password", "choix", "id_token_hint", "post_logout_redirect_uri", "state",
    "client_id", "client_secret", "redirect_uri", "response_type", "scope", "nonce", "code_challenge", "code_challenge_method", "prompt",
    "max_age", "acr_values", "grant_type", "code_verifier", "refresh_token", "access_token", "request", "d", "profil", "avis", "to",
    "event", "after", "reference", "now", "advance_seconds", "response_mode", "request_uri", "claims", "resource",
]  # fmt: skip
KNOWN_VALUES = {
    "client_id": ["ent", "tablet", "till"], "client_secret": ["secret-of-the-till"], "resource": [CANTEEN, LIBRARY],
    "redirect_uri": ["http://localhost:8402/retour"], "response_type": ["code"], "scope": ["openid"],
    "response_mode": ["form_post"],
    "grant_type": ["authorization_code", "refresh_token", "client_credentials"],
    "code_challenge_method": ["S256"], "profil": ["responsable", "eleve"],
    "indicatif": ["+33", "other"], "reponse": ["oui"], "choix": ["oui"], "avis": ["finished", "code-on-its-way"],
}  # fmt: skip


@st.composite
def pairs(draw: st.DrawFn) -> tuple[tuple[str, str], ...]:
    """Fields of a form or a query: ours and others, missing, repeated."""
    drawn = []
    for name in draw(st.lists(st.one_of(st.sampled_from(FIELDS), VALUES), max_size=8)):
        right = KNOWN_VALUES.get(name)
        value = draw(st.sampled_from(right) if right and draw(st.booleans()) else VALUES)
        drawn.append((name, value))
    return tuple(drawn)


def encode(fields: tuple[tuple[str, str], ...], charset: str = "utf-8") -> bytes:
    """Return a form's body; a lone surrogate or a foreign character is sent as the bytes that a careless program would send."""
    errors = "surrogatepass" if charset == "utf-8" else "replace"
    return b"&".join(
        quote_plus(name.encode(charset, errors)).encode() + b"=" + quote_plus(value.encode(charset, errors)).encode()
        for name, value in fields
    )


def _multipart(fields: tuple[tuple[str, str], ...], *, as_files: bool) -> bytes:
    parts = b""
    for name, value in fields:
        shown = quote(name.encode("utf-8", "surrogatepass"))
        file = '; filename="x.txt"\r\nContent-Type: text/plain' if as_files else ""
        head = f'--limit\r\nContent-Disposition: form-data; name="{shown}"{file}\r\n\r\n'
        parts += head.encode() + value.encode("utf-8", "surrogatepass") + b"\r\n"
    return parts + b"--limit--\r\n"


@st.composite
def bodies(draw: st.DrawFn) -> tuple[bytes, str, tuple[tuple[str, str], ...]]:
    """A body, its content type, and the fields in it."""
    fields = draw(pairs())
    kind = draw(
        st.sampled_from(["form", "form", "form", "latin-1", "multipart", "files", "json", "bytes", "mislabelled"])
    )
    form = "application/x-www-form-urlencoded"
    match kind:
        case "latin-1":
            return encode(fields, "latin-1"), f"{form}; charset=latin-1", fields
        case "multipart" | "files":
            return _multipart(fields, as_files=kind == "files"), "multipart/form-data; boundary=limit", fields
        case "json":
            return (
                draw(st.sampled_from([b"{}", b"[", b"null", b'{"now": "\\ud800"}', b'{"freeze": 1}'])),
                "application/json",
                (),
            )
        case "bytes":
            return (
                draw(st.binary(max_size=80)),
                draw(st.sampled_from([form, "text/plain", "", "multipart/form-data"])),
                (),
            )
        case "mislabelled":
            return encode(fields), draw(st.sampled_from(["application/json", "text/html", "x", ";", "é"])), fields
        case _:
            return encode(fields), form, fields


_HEADER_TEXT = st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=30)
_HEADERS = st.sampled_from(
    [
        "Accept",
        "Accept-Language",
        "Authorization",
        "Cookie",
        "Origin",
        "Referer",
        "Sec-Fetch-Site",
        "X-Forwarded-For",
        "X-Preau-Sandbox",
    ]
)


@st.composite
def requests(draw: st.DrawFn, routes: list[tuple[str, str]]) -> tuple[Sent, list[str]]:
    """A request to one of these (method, path), and the values in it."""
    method, path = draw(st.sampled_from(routes))
    query = draw(st.one_of(st.just(()), pairs()))
    body, content_type, fields = draw(bodies()) if method != "GET" else (b"", "", ())
    headers = draw(st.lists(st.tuples(_HEADERS, _HEADER_TEXT), max_size=2))
    if content_type:
        headers.append(("Content-Type", content_type))
    if query:
        path += f"?{encode(query).decode()}"
    return Sent(method, path, body, tuple(headers)), [value for _, value in (*query, *fields)]


_MEMBERS = [
    "redirect_uris", "response_types", "grant_types", "contacts", "client_name", "logo_uri", "client_uri", "policy_uri", "tos_uri", "jwks",
    "jwks_uri", "sector_identifier_uri", "subject_type", "id_token_signed_response_alg", "token_endpoint_auth_method",
    "token_endpoint_auth_signing_alg", "default_max_age", "require_auth_time", "initiate_login_uri", "scope", "post_logout_redirect_uris",
    "default_acr_values", "client_id", "client_secret", "registration_access_token", "pkce", "resources",
]  # fmt: skip
_RIGHT_MEMBERS = {
    "redirect_uris": [["http://localhost:8411/"]], "response_types": [["code"]], "resources": [[LIBRARY]],
    "grant_types": [["authorization_code"], ["client_credentials"]],
    "token_endpoint_auth_method": ["none", "private_key_jwt"], "scope": ["openid"], "subject_type": ["pairwise"], "default_max_age": [60],
    "jwks": [{"keys": []}, {"keys": [{"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}]}], "client_name": ["ENT Sureau"],
}  # fmt: skip
_MEMBER_VALUES = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        VALUES,
        VALUES.map(lambda text: f"http://localhost/{text}"),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(VALUES, inner, max_size=3)),
    max_leaves=6,
)


@st.composite
def client_metadata(draw: st.DrawFn, **fixed: str) -> tuple[bytes, list[str]]:
    """What a client might say of itself, often right, as JSON; and the texts in it."""
    members = {"redirect_uris": ["http://localhost:8411/"], **fixed}
    typed: list[str] = []
    for name in draw(st.lists(st.one_of(st.sampled_from(_MEMBERS), VALUES), max_size=4)):
        right = _RIGHT_MEMBERS.get(name)
        if right and draw(st.booleans()):
            members[name] = draw(st.sampled_from(right))
        else:
            members[name] = value = draw(_MEMBER_VALUES)
            typed += _texts_in(value)
    return json.dumps(members).encode(), typed


def _texts_in(value: object) -> list[str]:
    if isinstance(value, dict):
        return [text for key, one in value.items() for text in (key, *_texts_in(one))]
    if isinstance(value, list):
        return [text for one in value for text in _texts_in(one)]
    return [value] if isinstance(value, str) else []
