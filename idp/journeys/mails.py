"""The mails that families and the school's office get, and the form in which the outbox keeps them.

Plain sentences, with each link shown in full. No name, no child, no school, never a password. Every function takes the language of the
person; `idp.journeys.mail_texts` holds the words.
"""

import json
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime

from idp.journeys.local_time import say_date, say_hour
from idp.journeys.mail_texts import FRAMES, TEXTS, Frame
from idp.journeys.rows import Message
from idp.journeys.typography import NO_BREAK_SPACE, set_french
from idp.people.emails import EmailAddress

MAIL_CHANNEL = "mail"
TEST_MARKER = "[Simulateur]"
"""What the subject of a test instance's mails begins with."""

_MONTHS_OF_A_YEAR = 12


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail as a person reads it.

    Attributes:
        subject: One line.
        paragraphs: Greeting and signature included; the same words whether they are read as text or as HTML.
        links: Addresses that stand in the paragraphs, as they stand there.
        language: One of `mail_texts.TEXTS`.
    """

    subject: str
    paragraphs: tuple[str, ...]
    links: tuple[str, ...]
    language: str

    @property
    def text(self) -> str:
        """The text part."""
        return "\n\n".join(self.paragraphs) + "\n"

    @property
    def html_lang(self) -> str:
        """The language as HTML names it."""
        return FRAMES[self.language].html_lang

    def marked(self, *, test_instance: bool) -> "Mail":
        """Return it as a test instance sends it, saying first that it is a simulator's; or as it is."""
        if not test_instance:
            return self
        notice = _set(FRAMES[self.language].notice, self.language)
        return replace(self, subject=f"{TEST_MARKER} {self.subject}", paragraphs=(notice, *self.paragraphs))

    def to_message(self, to: EmailAddress, *, at: datetime, test_instance: bool) -> Message:
        """Return it as the outbox keeps it, sealed.

        Args:
            to: Whom it is for.
            at: The moment of the fact that it announces: the mail's date, however late it leaves.
            test_instance: Whether it is marked as a simulator's.
        """
        facts = asdict(self.marked(test_instance=test_instance)) | {"at": at.isoformat()}
        return Message(MAIL_CHANNEL, to.address, json.dumps(facts, ensure_ascii=False))


def read_body(body: str) -> tuple[Mail, datetime]:
    """Return the mail that `Mail.to_message` kept, and its date."""
    facts = json.loads(body)
    mail = Mail(facts["subject"], tuple(facts["paragraphs"]), tuple(facts["links"]), facts["language"])
    return mail, datetime.fromisoformat(facts["at"])


def mail_confirm_address(url: str, until: datetime, *, language: str = "fr") -> Mail:
    """Return C1: whoever reads it opens the link, and the address is hers.

    Args:
        url: The link.
        until: When it ends, on the clocks of the person (`journeys.local_time`).
        language: Of the person.
    """
    return _write("confirm-address", language, link=url, **_say_moment(until, language))


def mail_choose_password(url: str, *, language: str = "fr") -> Mail:
    """Return C2: a link that leads to a new password."""
    return _write("choose-password", language, link=url)


def mail_address_too_new(until: datetime, *, language: str = "fr") -> Mail:
    """Return what goes to an address that was confirmed a short time ago, in place of C2; `until` and `language` as above."""
    return _write("address-too-new", language, **_say_moment(until, language))


def mail_password_changed(local: datetime, url: str, *, language: str = "fr") -> Mail:
    """Return C3, to the person whose password is a new one.

    Args:
        local: The moment, on her clocks.
        url: Where a forgotten password is replaced: the same address for everybody.
        language: Hers.
    """
    return _write("password-changed", language, link=url, **_say_moment(local, language))


def mail_password_added(local: datetime, url: str, *, language: str = "fr") -> Mail:
    """Return the mail to a person who had no password before; arguments as above."""
    return _write("password-added", language, link=url, **_say_moment(local, language))


def mail_address_changing(local: datetime, *, language: str = "fr") -> Mail:
    """Return C4, to the address that is confirmed already, when another one is asked for at this moment."""
    return _write("address-changing", language, date=say_date(local, language))


def mail_number_changed(local: datetime, *, language: str = "fr") -> Mail:
    """Return the mail that says that the school's files have another number, or none any more; `local` as above."""
    return _write("number-changed", language, date=say_date(local, language))


def mail_identifiant(identifiant: str, *, language: str = "fr") -> Mail:
    """Return C5."""
    return _write("identifiant", language, identifiant=identifiant)


def mail_identifiant_too_new(until: datetime, *, language: str = "fr") -> Mail:
    """Return what goes in place of C5 to an address that was confirmed a short time ago; `until` and `language` as above."""
    return _write("identifiant-too-new", language, **_say_moment(until, language))


def mail_grouped(local: datetime, until: datetime, *, language: str = "fr") -> Mail:
    """Return the mail that announces that two accounts of one person became one; `local` as above, `until` as it."""
    return _write("grouped", language, date=say_date(local, language), until=say_date(until, language))


def mail_ungrouped(local: datetime, *, language: str = "fr") -> Mail:
    """Return the mail that announces that they are two again; `local` as above."""
    return _write("ungrouped", language, date=say_date(local, language))


def mail_franceconnect_linked(local: datetime, *, language: str = "fr") -> Mail:
    """Return C6 for a new link; `local` as above."""
    return _write("franceconnect-linked", language, date=say_date(local, language))


def mail_franceconnect_unlinked(local: datetime, *, language: str = "fr") -> Mail:
    """Return C6 for a link that is gone; `local` as above."""
    return _write("franceconnect-unlinked", language, date=say_date(local, language))


def mail_account_closing(day: date, *, unused_months: int = 0, language: str = "fr") -> Mail:
    """Return C7.

    Args:
        day: When the account closes.
        unused_months: For how long nobody used it; 0 when the person asked for the end herself.
        language: Hers.
    """
    said = say_date(day, language)
    if not unused_months:
        return _write("account-closing", language, date=said)
    return _write("unused-account-closing", language, date=said, duration=_say_months(unused_months, language))


def mail_kinship_contested(url: str, *, language: str = "fr") -> Mail:
    """Return C8, to a school's office: no name, only where to look. No journey sends it: there is no such place yet."""
    return _write("kinship-contested", language, link=url)


def _say_moment(local: datetime, language: str) -> dict[str, str]:
    """Return the day and the hour as a sentence has them."""
    return {"date": say_date(local, language), "hour": say_hour(local, language)}


def _write(name: str, language: str, *, link: str = "", **values: str) -> Mail:
    """Return a mail of `mail_texts`, in French where the language has none of that name."""
    spoken = language if name in TEXTS.get(language, {}) else "fr"
    text, frame = TEXTS[spoken][name], FRAMES[spoken]
    filled = {**values, "url": link}
    return Mail(
        subject=_set(text.subject, spoken).format_map(filled),
        paragraphs=tuple(
            _set(one, spoken).format_map(filled) for one in (frame.greeting, *text.paragraphs, frame.signature)
        ),
        links=(link,) if link else (),
        language=spoken,
    )


def _say_months(count: int, language: str) -> str:
    frame: Frame = FRAMES.get(language, FRAMES["fr"])
    years, rest = divmod(count, _MONTHS_OF_A_YEAR)
    n, (one, several) = (count, frame.months) if rest else (years, frame.years)
    said = (one if n == 1 else several).format(n=n)
    return said.replace(" ", NO_BREAK_SPACE) if frame.html_lang == "fr" else said


def _set(text: str, language: str) -> str:
    """Return a sentence with the spaces that its language does not break."""
    return set_french(text) if FRAMES[language].html_lang == "fr" else text
