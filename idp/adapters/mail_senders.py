"""What sends mails: the console, a file, or a mail server (SMTP, RFC 5321)."""

import smtplib
import ssl
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Literal, TextIO

from idp.adapters.json_lines import append_line
from idp.adapters.mime import build_mime
from idp.adapters.sending import NeverSent, NotSentYet, Sender
from idp.journeys.mails import read_body
from idp.journeys.ports import Secrets
from idp.people.emails import EmailFault, is_fictional, parse_email

Security = Literal["starttls", "tls", "none"]


class ConsoleMail:
    """Says on a stream that a mail left, and neither to whom nor what: consoles end up in logs (guarantee 12).

    On a test instance the mails themselves are on the page of messages.

    Args:
        stream: Where to write; standard error when None.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream

    def send(self, recipient: str, body: str) -> None:
        """Write one line.

        Raises:
            NotSentYet: The stream is closed.
        """
        del recipient
        mail, _ = read_body(body)
        stream = self._stream or sys.stderr
        try:
            stream.write(f"mail: one of {len(mail.text)} characters left\n")
            stream.flush()
        except (OSError, ValueError) as failure:  # ValueError: closed
            raise NotSentYet("the console cannot be written") from failure


class FileMail:
    """Appends one JSON line, with members `to`, `subject`, `text` and `links`, to a file readable by its owner alone.

    Args:
        path: The file; its directory is made.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def send(self, recipient: str, body: str) -> None:
        """Append one line.

        Raises:
            NotSentYet: The file cannot be written.
        """
        mail, _ = read_body(body)
        try:
            append_line(
                self._path, {"to": recipient, "subject": mail.subject, "text": mail.text, "links": list(mail.links)}
            )
        except OSError as failure:
            raise NotSentYet(f"the file of mails cannot be written: {(failure.strerror or '').lower()}") from failure


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mails are handed over.

    Attributes:
        host: Its name, which its certificate must have.
        port: Its port.
        security: `starttls` (RFC 3207), `tls` from the first byte (RFC 8314 section 3.3), or `none`.
        user: "" for none.
        password: Of that user.
        timeout: Longest wait for the connection, and again for each answer, in seconds.
        tls: Whom to trust.
    """

    host: str
    port: int
    security: Security
    user: str = ""
    password: str = ""
    timeout: float = 10
    tls: ssl.SSLContext | None = None


# Said of us and not of the mail, which waits until somebody has looked: a password that was changed, TLS that is asked for.
_OF_THE_MOMENT = frozenset({530, 534, 535, 538})


class SmtpMail:
    """Hands each mail to a mail server, over a connection of its own.

    Args:
        server: Where.
        sender: Address that mails come from, and that notices of failure go back to.
        sender_name: Shown beside it.
        secrets: Gives each mail the name that it keeps when it is sent again.
        around: Entered for each connection: bounds how many there are at once, with a `ConnectionError`.
    """

    def __init__(
        self,
        server: MailServer,
        *,
        sender: str,
        sender_name: str,
        secrets: Secrets,
        around: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        self._server = server
        self._sender = sender
        self._sender_name = sender_name
        self._secrets = secrets
        self._around = around

    def send(self, recipient: str, body: str) -> None:
        """Hand the mail over and return once the server has taken it (RFC 5321 section 4.2.5: it then answers for it).

        Raises:
            NotSentYet: No connection, no TLS, no answer in time, or an answer 4xx.
            NeverSent: An answer 5xx that is about this mail or its reader.
        """
        message = self._build(recipient, body)
        try:
            with self._around():
                self._hand_over(recipient, message)
        except smtplib.SMTPRecipientsRefused as refusal:
            code, _ = refusal.recipients[recipient]
            raise _refusal(code) from None
        except (smtplib.SMTPConnectError, smtplib.SMTPHeloError) as refusal:
            raise NotSentYet(f"the mail server greeted with {refusal.smtp_code}") from None
        except smtplib.SMTPResponseException as refusal:
            raise _refusal(refusal.smtp_code) from None
        except (smtplib.SMTPException, OSError) as failure:
            # Without its cause: the server's own words may repeat the address.
            raise NotSentYet(f"the mail server did not take it ({type(failure).__name__})") from None

    def _build(self, recipient: str, body: str) -> EmailMessage:
        mail, at = read_body(body)
        key = self._secrets.keyed_hash("message-id", f"{recipient}\n{body}")
        return build_mime(
            mail, recipient=recipient, sender=self._sender, sender_name=self._sender_name, at=at, key=key[:32]
        )

    def _hand_over(self, recipient: str, message: EmailMessage) -> None:
        connection = self._connect()
        try:
            if self._server.security == "starttls":
                # Raises where the server does not offer it: a link never crosses the network in clear because somebody cut the offer out.
                connection.starttls(context=self._tls())
            if self._server.user:
                connection.login(self._server.user, self._server.password)
            connection.sendmail(self._sender, [recipient], message.as_bytes())
        except BaseException:
            connection.close()
            raise
        with suppress(smtplib.SMTPException, OSError):  # it is taken: how the server says goodbye changes nothing
            connection.quit()
        connection.close()

    def _connect(self) -> smtplib.SMTP:
        server = self._server
        name = self._sender.rpartition("@")[2]  # not this machine's, which the server would pass on
        if server.security == "tls":
            return smtplib.SMTP_SSL(
                server.host, server.port, local_hostname=name, timeout=server.timeout, context=self._tls()
            )
        return smtplib.SMTP(server.host, server.port, local_hostname=name, timeout=server.timeout)

    def _tls(self) -> ssl.SSLContext:
        return self._server.tls or ssl.create_default_context()


def _refusal(code: int) -> NotSentYet | NeverSent:
    if code >= 500 and code not in _OF_THE_MOMENT:
        return NeverSent(f"the mail server refused it with {code}")
    return NotSentYet(f"the mail server answered {code}")


class FictionalAddressesOnly:
    """Keeps a test instance from writing to anybody: only addresses that belong to nobody pass.

    Args:
        sender: What sends.
    """

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    def send(self, recipient: str, body: str) -> None:
        """Send to a fictional address.

        Raises:
            NotSentYet: Not now; trying again may help.
            NeverSent: The address may be somebody's, or the sender refused.
        """
        try:
            is_nobodys = is_fictional(parse_email(recipient))
        except EmailFault:
            is_nobodys = False
        if not is_nobodys:
            raise NeverSent("a test instance writes to fictional addresses only")
        self._sender.send(recipient, body)
