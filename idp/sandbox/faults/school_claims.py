"""Claims of EduConnect's that are missing or malformed, wherever they are told: in the ID token or in userinfo."""

from collections.abc import Callable
from typing import Any

from idp.protocol.client import Client
from idp.sandbox.faults import id_tokens, userinfo
from idp.sandbox.faults.entry import Answer, Change, Endpoint, Fault, Surroundings
from idp.sandbox.faults.forging import Claims, ClaimsChange, replacing, with_claims

_AFFILIATION, _REF_ID, _UAI, _DATE = (
    "FrEduCtPersonAffiliation", "FrEduCtRefId", "FrEduCtEleveUAI", "FrEduCtDateConnexion",
)  # fmt: skip
_PREFIX = "{AAF}"
_SECOND = "{AAF}10||987654"
_PAGE = "EduConnect's claims (docs/reference/claims.md), {}"


def is_told(client: Client) -> str:
    """Say why no claim of a client's can be changed."""
    reason = userinfo.is_readable(client)
    return "" if client.claims_in_id_token and not id_tokens.is_readable(client) else reason


def _anywhere(change: ClaimsChange) -> Change:
    in_id_token, in_userinfo = id_tokens.in_id_token(with_claims(change)), userinfo.in_userinfo(change)

    def change_either(answer: Answer, here: Surroundings) -> Answer | None:
        return (in_id_token if here.endpoint is Endpoint.TOKEN else in_userinfo)(answer, here)

    return change_either


def _with_value(name: str, make: Callable[[Any], Any]) -> ClaimsChange:
    """Give a claim that is there another value; what `make` leaves as it is cannot be changed."""

    def change(claims: Claims, here: Surroundings) -> Claims | None:
        del here
        made = make(claims[name]) if name in claims else None
        return None if made in (None, claims.get(name)) else {**claims, name: made}

    return change


def _each_ref_id(make: Callable[[str, str], str]) -> ClaimsChange:
    """Write each reference anew.

    Args:
        make: Given academy and rest, returns what stands after ``{AAF}``.
    """

    def write(value: str) -> str:
        academy, _, rest = value.removeprefix(_PREFIX).partition("|")
        return _PREFIX + make(academy, rest)

    return _with_value(_REF_ID, lambda values: [write(one) for one in values])


def _fault(name: str, claim: str, about: str, sound: str, change: ClaimsChange) -> Fault:
    where = (Endpoint.TOKEN, Endpoint.USERINFO)
    return Fault(f"claims-{name}", where, about, sound, _PAGE.format(claim), _anywhere(change), is_told)


FAULTS = (
    _fault(
        "without-affiliation",
        _AFFILIATION,
        "There is no FrEduCtPersonAffiliation, as of a guardian to whom no pupil is attached yet.",
        "lets the person in without the rights of a guardian or a pupil, or says that no child is attached; it does not fall over.",
        replacing(**{_AFFILIATION: None}),
    ),
    _fault(
        "affiliation-as-text",
        _AFFILIATION,
        "FrEduCtPersonAffiliation is one text and not an array.",
        "reads one text as an array of one, or refuses; it does not take its letters for affiliations.",
        _with_value(_AFFILIATION, lambda values: values[0] if values else None),
    ),
    _fault(
        "unknown-affiliation",
        _AFFILIATION,
        "FrEduCtPersonAffiliation holds a value that nobody knows, `resp3d`.",
        "gives no right for a value that it does not know.",
        _with_value(_AFFILIATION, lambda values: ["resp3d"] if values else None),
    ),
    _fault(
        "without-ref-id",
        _REF_ID,
        "There is no FrEduCtRefId: nothing ties the person to a directory.",
        "says that it does not know this account, and opens nobody else's by name.",
        replacing(**{_REF_ID: None}),
    ),
    _fault(
        "several-ref-ids",
        _REF_ID,
        f"FrEduCtRefId holds one more reference, {_SECOND}, of another academy.",
        "asks which account is meant, or leaves out the reference that it does not know; it does not take the last one blindly.",
        _with_value(_REF_ID, lambda values: [*values, _SECOND] if values and _SECOND not in values else None),
    ),
    _fault(
        "ref-id-as-text",
        _REF_ID,
        "FrEduCtRefId is one text and not an array.",
        "reads one text as an array of one, or refuses.",
        _with_value(_REF_ID, lambda values: values[0] if values else None),
    ),
    _fault(
        "academy-without-zero",
        _REF_ID,
        "The academy in FrEduCtRefId has no leading zero: `{AAF}8||123456`. Only where it has one otherwise.",
        "compares academies as numbers, and finds the same person.",
        _each_ref_id(lambda academy, rest: f"{academy.lstrip('0') or '0'}|{rest}"),
    ),
    _fault(
        "academy-with-zero",
        _REF_ID,
        "The academy in FrEduCtRefId has one more leading zero: `{AAF}008||123456`.",
        "compares academies as numbers, and finds the same person.",
        _each_ref_id(lambda academy, rest: f"0{academy}|{rest}"),
    ),
    _fault(
        "malformed-ref-id",
        _REF_ID,
        "FrEduCtRefId has two fields where there are three: `{AAF}08|123456`.",
        "ignores the reference, and says that it does not know this account.",
        _each_ref_id(lambda academy, rest: f"{academy}|{rest.rpartition('|')[2]}"),
    ),
    _fault(
        "without-uai",
        _UAI,
        "There is no FrEduCtEleveUAI, not even an empty one. Only where the scope ect.scope.stage was asked for.",
        "does without: it is empty for a guardian anyway.",
        replacing(**{_UAI: None}),
    ),
    _fault(
        "without-date",
        _DATE,
        "There is no FrEduCtDateConnexion: it may be absent.",
        "does without.",
        replacing(**{_DATE: None}),
    ),
    _fault(
        "malformed-date",
        _DATE,
        "FrEduCtDateConnexion is written as ISO 8601 with a zone, `2026-11-24T10:36:11Z`.",
        "reads it or does without; it does not fall over.",
        _with_value(_DATE, lambda _: "2026-11-24T10:36:11Z"),
    ),
)
