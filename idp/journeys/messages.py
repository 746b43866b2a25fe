"""The SMS that families get, in the GSM 7-bit alphabet (3GPP TS 23.038 section 6.2.1), one part each: 160 septets at most.

No ç, ê, î, ô, û, no typographic quote, no no-break space: one of these would halve what fits. The code comes first, so that the
notification shows it. No link, no child's name, no school's name, never a password. `idp.journeys.sms_texts` holds the words.
"""

from datetime import datetime

from idp.journeys.sms_texts import SMS

TEST_MARKER = " SIMULATEUR."
"""What a test instance adds to every text."""


def sms_code(code: str, *, bound_host: str = "", language: str = "fr") -> str:
    """Return the text that carries a security code for an activation.

    Args:
        code: Six digits.
        bound_host: Host of an https issuer, for the last line that lets a phone fill the code in on this site alone
            (WICG origin-bound one-time codes); "" for none. At most 30 characters: a longer one is left out, the text would not fit.
        language: In which the person reads; French for any that has no such text.
    """
    return _with_host(_say("code", language, code=code), code, bound_host)


def sms_second_proof(code: str, *, bound_host: str = "", language: str = "fr") -> str:
    """Return the text that carries the security code of somebody who is signed in already; arguments as above."""
    return _with_host(_say("second-proof", language, code=code), code, bound_host)


def sms_new_password(code: str, *, bound_host: str = "", language: str = "fr") -> str:
    """Return the text that carries the security code of somebody who lost her password; arguments as above."""
    return _with_host(_say("new-password", language, code=code), code, bound_host)


def _with_host(text: str, code: str, bound_host: str) -> str:
    return f"{text}\n@{bound_host} #{code}" if 0 < len(bound_host) <= _LONGEST_HOST else text


_LONGEST_HOST = 30


def sms_no_match(*, language: str = "fr") -> str:
    """Return the text for a number that the school does not have with this name."""
    return _say("no-match", language)


def sms_identifiant(identifiant: str, *, language: str = "fr") -> str:
    """Return the text for somebody who lost her identifiant."""
    return _say("identifiant", language, identifiant=identifiant)


def sms_no_account(*, language: str = "fr") -> str:
    """Return the text for a number that no account has with this name."""
    return _say("no-account", language)


def sms_franceconnect_only(*, language: str = "fr") -> str:
    """Return the text for somebody whose account has no password to lose."""
    return _say("franceconnect-only", language)


def sms_number_too_new(local: datetime, *, language: str = "fr") -> str:
    """Return the text for a number that the school's files brought a short time ago.

    Args:
        local: When it may recover an account, on the clocks of the person.
        language: In which the person reads.
    """
    return _say("number-too-new", language, day=f"{local:%d/%m}", hour=f"{local:%H:%M}")


def sms_number_recorded(*, language: str = "fr") -> str:
    """Return the text for the number that the school's files brought for an account."""
    return _say("number-recorded", language)


def sms_number_left(*, language: str = "fr") -> str:
    """Return the text for the number that the school's files had before."""
    return _say("number-left", language)


def sms_activated(identifiant: str, *, language: str = "fr") -> str:
    """Return the text that announces a new account."""
    return _say("activated", language, identifiant=identifiant)


def sms_linked_new(*, language: str = "fr") -> str:
    """Return the text that announces a new account that FranceConnect signs in."""
    return _say("linked-new", language)


def sms_linked_existing(*, language: str = "fr") -> str:
    """Return the text that announces that FranceConnect signs in an account that had a password."""
    return _say("linked-existing", language)


def sms_password_changed(local: datetime, *, language: str = "fr") -> str:
    """Return the text that announces a new password.

    Args:
        local: The moment, on the clocks of the person (`journeys.local_time`).
        language: Of the account.
    """
    return _say("password-changed", language, day=f"{local:%d/%m}", hour=f"{local:%H:%M}")


def sms_password_added(local: datetime, *, language: str = "fr") -> str:
    """Return the text that announces the first password of an account; arguments as above."""
    return _say("password-added", language, day=f"{local:%d/%m}", hour=f"{local:%H:%M}")


def sms_child_added(*, language: str = "fr") -> str:
    """Return the text that announces that an import added a child, or several."""
    return _say("child-added", language)


def sms_link_removed(*, language: str = "fr") -> str:
    """Return the text that announces that the school no longer states a link that was proved."""
    return _say("link-removed", language)


def sms_account_closing(local: datetime, *, language: str = "fr") -> str:
    """Return the text that says when an account closes, and how to keep it; arguments as above."""
    return _say("account-closing", language, date=f"{local:%d/%m/%Y}")


def sms_franceconnect_added(*, language: str = "fr") -> str:
    """Return the text that announces that FranceConnect signs in an account, beside its password."""
    return _say("franceconnect-added", language)


def sms_email_confirmed(*, language: str = "fr") -> str:
    """Return the text that says that the account has another e-mail address, or a first one."""
    return _say("email-confirmed", language)


def sms_grouped(*, language: str = "fr") -> str:
    """Return the text that announces that two accounts of one person became one."""
    return _say("grouped", language)


def sms_ungrouped(*, language: str = "fr") -> str:
    """Return the text that announces that they are two again."""
    return _say("ungrouped", language)


def _say(name: str, language: str, **values: str) -> str:
    texts = SMS.get(language, SMS["fr"])
    return texts[name].format_map(values)


def marked(body: str, *, test_instance: bool) -> str:
    """Return a text with the marker of test instances, or as it is.

    The line that binds a code to a site stays the last one: phones read it there only.
    """
    if not test_instance:
        return body
    text, newline, bound = body.partition("\n")
    return f"{text}{TEST_MARKER}{newline}{bound}"
