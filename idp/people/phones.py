"""Phone numbers as people write them, kept as E.164 (ITU-T E.164, for example +33639980001).

Numbers of fiction: 06 39 98 xx xx belongs to nobody (ARCEP keeps it for films). Test instances take it, and the same prefix followed by
5 to 8 more digits, which is longer than any French number; other instances refuse both, so that no fictional seed reaches a real parent.
"""

import re
from dataclasses import dataclass

COUNTRY_CODES: tuple[tuple[str, str], ...] = (
    ("+33", "+33 France"),
    ("+262", "+262 La Réunion, Mayotte"),
    ("+590", "+590 Guadeloupe, Saint-Martin, Saint-Barthélemy"),
    ("+594", "+594 Guyane"),
    ("+596", "+596 Martinique"),
    ("+508", "+508 Saint-Pierre-et-Miquelon"),
    ("+681", "+681 Wallis-et-Futuna"),
    ("+687", "+687 Nouvelle-Calédonie"),
    ("+689", "+689 Polynésie française"),
    ("+32", "+32 Belgique"),
    ("+352", "+352 Luxembourg"),
    ("+41", "+41 Suisse"),
    ("+49", "+49 Allemagne"),
    ("+39", "+39 Italie"),
    ("+34", "+34 Espagne"),
    ("+377", "+377 Monaco"),
    ("+44", "+44 Royaume-Uni"),
    ("other", "Autre pays"),
)
"""The selector's values and words, in its order; « Autre pays » asks for the + and the country code in the number itself."""

# Overseas numbers written the national way keep their leading 06: their prefix alone says which country code they have.
_OVERSEAS_PREFIXES = {
    "0692": "+262",
    "0693": "+262",
    "0639": "+262",
    "0690": "+590",
    "0691": "+590",
    "0694": "+594",
    "0696": "+596",
    "0697": "+596",
}
_FICTION = re.compile(r"\+3363998([0-9]{4}|[0-9]{9,12})")
_FRENCH_MOBILE = re.compile(r"\+33([67][0-9]{8})")
_SEPARATORS = {ord(sign): None for sign in " \t\u00a0\u202f\u2009.-_/()\u2010\u2011\u2012\u2013\u2014"}
_FRENCH_LENGTH = 10
_FRENCH_LANDLINES = ("01", "02", "03", "04", "05", "08", "09")


@dataclass(frozen=True, slots=True)
class PhoneNumber:
    """A mobile number in E.164 form, for example ``+33639980001``."""

    e164: str

    @property
    def ending(self) -> str:
        """The last two digits, which the person is told."""
        return self.e164[-2:]

    @property
    def masked(self) -> str:
        """The number with its middle hidden: ``+33 6 •• •• •• 01``."""
        code = _country_code(self.e164)
        national = self.e164[len(code) :]
        first = f"{national[0]} " if code == "+33" else ""
        hidden = len(national) - len(first.strip()) - 2
        dots = " ".join("••" if pair else "•" for pair in [True] * (hidden // 2) + [False] * (hidden % 2))
        return f"{code} {first}{dots} {self.ending}"


class PhoneFault(ValueError):  # noqa: N818  what a person typed is no error of the program
    """What is missing in a typed number. `code` names it, `values` holds what its sentence needs."""

    def __init__(self, code: str, **values: int) -> None:
        super().__init__(code)
        self.code = code
        self.values = values


def parse_mobile(country: str, typed: str, *, fiction: bool) -> PhoneNumber:
    """Read a mobile number in any writing.

    Args:
        country: A value of `COUNTRY_CODES`. A number that starts with + or 00 wins over it.
        typed: As typed.
        fiction: Whether numbers of fiction are mobiles: on test instances only.

    Raises:
        PhoneFault: ``empty``, ``letters``, ``length`` (``n`` digits were typed), ``length-abroad``, ``landline``, ``needs-plus`` or
            ``not-mobile``.
    """
    bare = typed.translate(_SEPARATORS)
    if not bare:
        raise PhoneFault("empty")
    digits = bare.removeprefix("+")
    if not (digits.isascii() and digits.isdigit()):
        raise PhoneFault("letters")
    if bare.startswith("00"):
        bare = f"+{bare[2:]}"
    if bare.startswith("+"):
        return _parse_international(_without_trunk_zero(bare), fiction=fiction)
    if country == "other":
        raise PhoneFault("needs-plus")
    return _parse_national(country, bare, fiction=fiction)


def parse_directory_mobile(text: str, *, fiction: bool) -> PhoneNumber | None:
    """Read a number as a directory file holds it; None when it is no mobile number."""
    try:
        return parse_mobile("+33", text, fiction=fiction)
    except PhoneFault:
        return None


def is_fictional(number: PhoneNumber) -> bool:
    """Tell whether a number belongs to nobody: 06 39 98 xx xx and its longer forms."""
    return _FICTION.fullmatch(number.e164) is not None


def _parse_national(country: str, digits: str, *, fiction: bool) -> PhoneNumber:
    significant = digits.removeprefix("0")
    if fiction and _FICTION.fullmatch(f"+33{significant}"):
        return PhoneNumber(f"+33{significant}")
    if country == "+33":
        if len(significant) != _FRENCH_LENGTH - 1:
            raise PhoneFault("length", n=len(digits))
        country = _OVERSEAS_PREFIXES.get(f"0{significant[:3]}", country)
        if f"0{significant[0]}" in _FRENCH_LANDLINES:
            raise PhoneFault("landline")
    return _parse_international(f"{country}{significant}", fiction=fiction)


def _parse_international(e164: str, *, fiction: bool) -> PhoneNumber:
    """Refuse what is no mobile number; phonenumbers' metadata is slow to load, hence the late import."""
    number = PhoneNumber(e164)
    if is_fictional(number):
        if fiction:
            return number
        raise PhoneFault("not-mobile")
    import phonenumbers

    french = _FRENCH_MOBILE.fullmatch(e164)
    if french:
        # What parsing it would come to, at a tenth of the cost: an import reads every guardian's number.
        metadata = phonenumbers.PhoneMetadata.metadata_for_region("FR")
        mobile = metadata.mobile if metadata else None
        if mobile and re.fullmatch(mobile.national_number_pattern or "", french[1]):
            return number
    try:
        parsed = phonenumbers.parse(e164)
    except phonenumbers.NumberParseException:
        raise PhoneFault("length-abroad") from None
    if not phonenumbers.is_valid_number(parsed):
        national = e164.removeprefix("+33")
        if e164.startswith("+33") and len(national) != _FRENCH_LENGTH - 1:
            raise PhoneFault("length", n=len(national) + 1)
        raise PhoneFault("length-abroad")
    kind = phonenumbers.number_type(parsed)
    if kind == phonenumbers.PhoneNumberType.FIXED_LINE:
        raise PhoneFault("landline" if e164.startswith("+33") else "not-mobile")
    if kind not in {phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE}:
        raise PhoneFault("not-mobile")
    return PhoneNumber(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))


def _without_trunk_zero(e164: str) -> str:
    """Return +33 (0)6… without the zero that is dialled inside the country only."""
    for code, _ in COUNTRY_CODES[:9]:
        if e164.startswith(f"{code}0"):
            return code + e164[len(code) + 1 :]
    return e164


def _country_code(e164: str) -> str:
    known = sorted((code for code, _ in COUNTRY_CODES), key=len, reverse=True)
    return next((code for code in known if e164.startswith(code)), e164[:3])
