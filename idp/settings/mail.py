"""How mails leave, as an operator writes it under [mail]."""

from collections.abc import Iterator
from pathlib import Path
from ssl import create_default_context
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr

from idp.people.emails import EmailFault, is_fictional, parse_email
from idp.settings.faults import Fault
from idp.settings.hosts import is_test_host
from idp.settings.values import Count, Group

if TYPE_CHECKING:
    from idp.settings.model import Settings


def _address(text: str) -> str:
    try:
        return parse_email(text).address
    except EmailFault:
        raise ValueError("must be an e-mail address, for example ne-pas-repondre@preau.example") from None


class MailSettings(Group):
    """How mails leave, and the ceilings that keep them from being pumped."""

    adapter: Literal["console", "file", "smtp"] = Field(
        default="console",
        description="`console`: tell the log that a mail left. `file`: one JSON line for each mail. `smtp`: a mail server.",
    )
    file: Path = Field(default=Path("var/mails.jsonl"), description="Where the `file` adapter writes.")
    host: str = Field(default="", max_length=253, description="Name of the mail server. Its certificate must have it.")
    port: int = Field(default=587, ge=1, le=65_535, description="Its port: 587 for `starttls`, 465 for `tls`.")
    security: Literal["starttls", "tls", "none"] = Field(
        default="starttls",
        description="`starttls`: encrypted once greeted, and never sent otherwise. `tls`: from the first byte. `none`: for test hosts.",
    )
    user: str = Field(default="", description="Who signs in there. Empty: nobody does.")
    password: SecretStr | None = Field(default=None, description="The password of that user.")
    ca_file: Path | None = Field(
        default=None, description="Certificates (PEM) that the mail server may be known by besides the usual ones."
    )
    timeout_seconds: int = Field(
        default=10, ge=1, le=30, description="Longest wait for each answer of the mail server, in seconds."
    )
    sender: Annotated[str, AfterValidator(_address)] = Field(
        default="ne-pas-repondre@preau.example",
        description="Address that mails come from, and that notices of failure go back to.",
    )
    to_anybody: bool = Field(
        default=False,
        description="A test instance with `smtp` writes to `*.example`, `*.test` and the like alone, through a host of tests. True: to any "
        "address, through any host; it is you who answers for it.",
    )
    link_hours: int = Field(
        default=24, ge=1, le=168, description="Life of the link that confirms an address, in hours."
    )
    resend_seconds: int = Field(
        default=60, ge=0, le=3600, description="Wait before another such mail may be asked for, in seconds."
    )
    per_account_day: Count = Field(default=10, description="Such mails that one account may cause in a day.")
    per_address_day: Count = Field(default=5, description="Such mails to one address in a day, whoever asks for them.")
    per_caller_day: Count = Field(
        default=300, description="Such mails that one network address may cause in a day. A school is one address."
    )
    per_day: Count = Field(default=20_000, description="Such mails of the whole service in a day.")


def mail_faults(settings: "Settings") -> Iterator[Fault]:
    """Yield what the settings of mails get wrong together."""
    mail = settings.mail
    if mail.adapter != "smtp":
        return
    if not mail.host:
        yield Fault("mail.host", "is missing: the smtp adapter has to know its mail server")
        return
    is_of_tests = is_test_host(mail.host, settings.test_issuer_hosts)
    if settings.test_instance and not is_of_tests and not mail.to_anybody:
        yield Fault("mail.host", "must be a test host, because test_instance is true (or say mail.to_anybody = true)")
    if mail.security == "none" and not is_of_tests:
        yield Fault("mail.security", "may be none for a test host only: mails hold links that open accounts")
    if bool(mail.user) != (mail.password is not None):
        yield Fault("mail.password", "goes with mail.user, and mail.user with it")
    if not settings.test_instance and is_fictional(parse_email(mail.sender)):
        yield Fault("mail.sender", "must be an address of yours: nobody can answer this one")
    yield from _unread(mail.ca_file)


def _unread(ca_file: Path | None) -> Iterator[Fault]:
    if ca_file is None:
        return
    try:
        create_default_context(cafile=ca_file)
    except OSError:  # that of ssl is one
        yield Fault("mail.ca_file", "must name a file of certificates (PEM) that can be read")
