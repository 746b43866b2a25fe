"""What sends texts and mails, chosen by the settings."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from ssl import SSLContext, create_default_context

from idp.adapters.mail_senders import ConsoleMail, FictionalAddressesOnly, FileMail, MailServer, SmtpMail
from idp.adapters.secrets import MasterKey
from idp.adapters.sending import Sender
from idp.adapters.sms import ConsoleSms, FictionalNumbersOnly, FileSms, HttpSms, SmsSender
from idp.people.phones import PhoneNumber, is_fictional
from idp.settings import Settings

Around = Callable[[], AbstractContextManager[None]]


def build_sms_sender(settings: Settings, around: Around) -> SmsSender:
    """Return what sends texts.

    Args:
        settings: How.
        around: Entered for each call to a gateway.
    """
    sender = _configured_sms(settings, around)
    if not settings.test_instance:
        return sender
    return FictionalNumbersOnly(sender, lambda number: is_fictional(PhoneNumber(number)))


def _configured_sms(settings: Settings, around: Around) -> SmsSender:
    sms = settings.sms
    if sms.adapter == "file":
        return FileSms(sms.file)
    if sms.adapter == "http" and sms.url is not None:
        return HttpSms(
            url=sms.url,
            headers={name: value.get_secret_value() for name, value in sms.headers.items()},
            template=sms.body_template,
            timeout=sms.timeout_seconds,
            around=around,
        )
    return ConsoleSms()


def _trust_besides(ca_file: Path) -> SSLContext:
    """Return whom a mail server may be known by: the usual authorities, and these. A context that is given a file at once has no others."""
    trusted = create_default_context()
    trusted.load_verify_locations(ca_file)
    return trusted


def build_mail_sender(settings: Settings, secrets: MasterKey, around: Around) -> Sender:
    """Return what sends mails.

    Args:
        settings: How.
        secrets: Names each mail.
        around: Entered for each connection to a mail server.
    """
    mail = settings.mail
    if mail.adapter == "file":
        return FileMail(mail.file)
    if mail.adapter == "console":
        return ConsoleMail()
    sender = SmtpMail(
        MailServer(
            host=mail.host,
            port=mail.port,
            security=mail.security,
            user=mail.user,
            password=mail.password.get_secret_value() if mail.password else "",
            timeout=mail.timeout_seconds,
            tls=_trust_besides(mail.ca_file) if mail.ca_file else None,
        ),
        sender=mail.sender,
        sender_name="Préau (simulateur)" if settings.test_instance else "Préau",
        secrets=secrets,
        around=around,
    )
    return FictionalAddressesOnly(sender) if settings.test_instance and not mail.to_anybody else sender
