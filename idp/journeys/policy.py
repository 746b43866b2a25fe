"""The numbers that journeys obey. Settings fill them in; the defaults are those of docs/reference/settings.md."""

from dataclasses import dataclass, field
from datetime import timedelta

from idp.protocol.authentication_levels import Levels

_SMS_COUNTRIES = ("+33", "+262", "+508", "+590", "+594", "+596", "+681", "+687", "+689")


@dataclass(frozen=True, slots=True)
class ActivationPolicy:
    """Ceilings and delays of an activation (guarantees 2, 6 and 8 of docs/security.md)."""

    fiction: bool = False  # numbers from 06 39 98 xx xx are taken for mobiles: test instances only
    bound_host: str = ""  # last line of a code's SMS, where the issuer is https
    code_lifetime: timedelta = timedelta(minutes=30)
    code_tries: int = 5
    resend_after: timedelta = timedelta(seconds=60)
    lock_after_code: timedelta = timedelta(minutes=15)
    dates_tries: int = 5  # per code
    guardian_dates_tries: int = 10  # per guardian, and
    guardian_dates_window: timedelta = timedelta(hours=24)
    sends_s2: bool = True  # a text goes out to a number that matches nobody, too
    sms_countries: tuple[str, ...] = _SMS_COUNTRIES
    sms_per_number_hour: int = 5
    sms_per_number_day: int = 10
    sms_per_prefix_hour: int = 200
    sms_per_prefix_day: int = 600
    sms_per_address_hour: int = 200
    sms_per_address_day: int = 600
    sms_per_hour: int = 1000  # of the whole service
    sms_per_day: int = 2000
    idle: timedelta = timedelta(hours=2)  # an activation is forgotten after that
    done_shown: timedelta = timedelta(minutes=15)
    proof_lifetime: timedelta = timedelta(hours=2)  # of what FranceConnect proved
    session_lifetime: timedelta = timedelta(hours=8)  # of the session that the end of such an activation opens
    identifiant_tries: int = 20  # draws of four digits before giving up
    recovery_page: str = ""  # address of « Mot de passe oublié », as mails show it
    recovery_link: str = ""  # beginning of the address that a mailed link has; its token follows
    # Before a number that an import changed, or an address that was just confirmed, recovers anything.
    phone_change_wait: timedelta = timedelta(hours=72)


@dataclass(frozen=True, slots=True)
class SignInPolicy:
    """Ceilings and lifetimes of signing in (guarantee 6)."""

    tries_per_identifiant_and_address: int = 5
    tries_per_identifiant: int = 50
    tries_per_address: int = 300
    tries_window: timedelta = timedelta(minutes=15)
    interaction_lifetime: timedelta = timedelta(hours=2)
    session_idle: timedelta = timedelta(hours=1)
    session_lifetime: timedelta = timedelta(hours=8)
    code_lifetime: timedelta = timedelta(seconds=60)
    levels: Levels = field(default_factory=Levels)
    identity_check: str = "off"  # or "interval", "unknown-browser": when a child's birth date comes after the password
    identity_interval: timedelta = timedelta(days=90)
    sms_countries: tuple[str, ...] = _SMS_COUNTRIES  # where the text of a second proof may go


@dataclass(frozen=True, slots=True)
class AccountPolicy:
    """Delays of « Mon compte »."""

    idle: timedelta = timedelta(minutes=30)  # without use, a page of an account wants its holder to sign in again
    proof_lifetime: timedelta = timedelta(minutes=15)  # how old a proof may be for an act that could lose the account
    closing_delay: timedelta = timedelta(days=30)  # from when its end is asked for to the end of an account
    touch_after: timedelta = timedelta(minutes=1)  # uses of a session that are closer to one another are not written
