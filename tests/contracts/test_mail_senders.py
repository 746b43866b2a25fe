"""What each sender of mails must meet, and what a mail is on a real connection to a mail server."""

import io
import json
import ssl
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from ssl import create_default_context
from typing import Any

import pytest

from idp.adapters.mail_senders import ConsoleMail, FictionalAddressesOnly, FileMail, MailServer, Security, SmtpMail
from idp.adapters.secrets import MasterKey
from idp.adapters.sending import NeverSent, NotSentYet, Sender
from idp.journeys.mails import mail_confirm_address, mail_identifiant
from idp.people.emails import parse_email
from tests.support.client_site import write_certificate
from tests.support.mail_receiver import CONTENT, HANG, HANG_UP, MailReceiver, running_mail_receiver
from tests.support.server import free_port

AT = datetime(2031, 3, 14, 9, 26, 53, 589793, tzinfo=UTC)
JOE = parse_email("joe.dupont@famille.example")
SENDER = "ne-pas-repondre@preau.example"
LINK = "https://preau.example/e-mail/confirmer?lien=a-b_c&x=1"
BODY = mail_confirm_address(LINK, datetime(2031, 3, 15, 10, 26)).to_message(JOE, at=AT, test_instance=True).body  # noqa: DTZ001  a wall clock's reading


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_certificate(tmp_path_factory.mktemp("tls") / "mail.pem", "localhost")


@pytest.fixture
def receiver() -> Iterator[MailReceiver]:
    with running_mail_receiver() as running:
        yield running


@pytest.fixture
def sealed_receiver(certificate: Path) -> Iterator[MailReceiver]:
    with running_mail_receiver(tls=certificate) as running:
        yield running


def smtp(
    receiver: MailReceiver,
    security: Security = "none",
    tls: ssl.SSLContext | None = None,
    timeout: float = 5,
    **more: Any,
) -> SmtpMail:
    server = MailServer("localhost", receiver.port, security, timeout=timeout, tls=tls)
    return SmtpMail(
        replace(server, **more), sender=SENDER, sender_name="Préau (simulateur)", secrets=MasterKey(bytes(range(32)))
    )


def why(sender: Sender, kind: type[Exception], recipient: str = JOE.address) -> str:
    with pytest.raises(kind) as refused:
        sender.send(recipient, BODY)
    assert "joe" not in str(refused.value).lower()
    assert "preau" not in str(refused.value).lower()
    return str(refused.value)


# --- every sender ------------------------------------------------------------------------------------------------------------------


@pytest.fixture(params=["console", "file", "smtp", "smtp to fictional addresses only"])
def any_sender(
    request: pytest.FixtureRequest, tmp_path: Path, receiver: MailReceiver
) -> tuple[Sender, Callable[[], int]]:
    """Return a sender, and what counts the mails that it handed on."""
    if request.param == "console":
        stream = io.StringIO()
        return ConsoleMail(stream), lambda: stream.getvalue().count("\n")
    if request.param == "file":
        file = tmp_path / "deep" / "mails.jsonl"
        return FileMail(file), lambda: file.read_text(encoding="utf-8").count("\n")
    sender = smtp(receiver)
    return (sender if request.param == "smtp" else FictionalAddressesOnly(sender)), lambda: len(receiver.taken)


def test_a_sender_returns_once_each_mail_is_handed_on(any_sender: tuple[Sender, Callable[[], int]]) -> None:
    sender, count = any_sender
    for number in (1, 2, 3):
        sender.send(JOE.address, BODY)
        assert count() == number


@pytest.fixture(params=["console", "file", "smtp", "smtp to fictional addresses only"])
def broken_sender(request: pytest.FixtureRequest, tmp_path: Path) -> Sender:
    if request.param == "console":
        stream = io.StringIO()
        stream.close()
        return ConsoleMail(stream)
    if request.param == "file":
        return FileMail(tmp_path)  # a directory
    sender = smtp(MailReceiver(port=free_port()))
    return sender if request.param == "smtp" else FictionalAddressesOnly(sender)


def test_a_sender_that_cannot_for_now_says_so_and_neither_to_whom_nor_what(broken_sender: Sender) -> None:
    why(broken_sender, NotSentYet)


# --- the console and the file ------------------------------------------------------------------------------------------------------


def test_the_console_says_neither_to_whom_nor_what() -> None:
    stream = io.StringIO()
    ConsoleMail(stream).send(JOE.address, BODY)
    assert stream.getvalue().startswith("mail: one of ")
    assert not [word for word in ("joe", "lien", "Confirmez") if word in stream.getvalue()]


def test_the_file_holds_a_line_for_each_mail_and_is_its_owners_alone(tmp_path: Path) -> None:
    file = tmp_path / "mails.jsonl"
    FileMail(file).send(JOE.address, BODY)
    line = json.loads(file.read_text(encoding="utf-8"))
    assert (line["to"], line["subject"], line["links"]) == (
        JOE.address,
        "[Simulateur] Confirmez votre adresse e-mail",
        [LINK],
    )
    assert LINK in line["text"]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


# --- what a mail is ----------------------------------------------------------------------------------------------------------------


class Words(HTMLParser):
    """Reads a page: its words, links, languages, and every tag."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def part(receiver: MailReceiver, kind: str) -> str:
    message = receiver.taken[-1].message
    (found,) = [one for one in message.iter_parts() if one.get_content_subtype() == kind]  # type: ignore[attr-defined]  # EmailMessage's
    return str(found.get_content())


def test_the_text_comes_first_and_the_html_says_the_same_words(receiver: MailReceiver) -> None:
    smtp(receiver).send(JOE.address, BODY)
    message = receiver.taken[0].message
    assert message.get_content_type() == "multipart/alternative"
    assert [one.get_content_type() for one in message.iter_parts()] == ["text/plain", "text/html"]
    page = Words(part(receiver, "html").partition("<body>")[2])
    said = [" ".join("".join(page.words).split()), " ".join(part(receiver, "plain").split())]
    assert said[0] == said[1]
    assert said[0].startswith("Simulateur, données fictives.")


def test_links_can_be_followed_and_stand_in_full_in_both(receiver: MailReceiver) -> None:
    smtp(receiver).send(JOE.address, BODY)
    assert LINK in part(receiver, "plain")
    page = Words(part(receiver, "html"))
    assert [attributes["href"] for tag, attributes in page.tags if tag == "a"] == [LINK]
    assert LINK in page.words


def test_the_html_has_a_language_one_column_and_nothing_that_is_fetched(receiver: MailReceiver) -> None:
    smtp(receiver).send(JOE.address, BODY)
    page = Words(part(receiver, "html"))
    assert dict(page.tags)["html"] == {"lang": "fr"}
    assert {tag for tag, _ in page.tags} == {"html", "head", "meta", "title", "style", "body", "main", "p", "a"}
    assert not [name for _, attributes in page.tags for name in attributes if name in {"src", "background", "srcset"}]
    assert "url(" not in part(receiver, "html")


def test_the_headers_say_who_writes_to_whom_when_and_that_it_is_a_machine(receiver: MailReceiver) -> None:
    smtp(receiver).send(JOE.address, BODY)
    taken = receiver.taken[0]
    message = taken.message
    assert (taken.sender, taken.recipients) == (SENDER, [JOE.address])
    (author,) = message["From"].addresses
    assert (author.display_name, author.addr_spec) == ("Préau (simulateur)", SENDER)
    assert message["To"] == JOE.address
    assert message["Subject"] == "[Simulateur] Confirmez votre adresse e-mail"
    assert message["Date"].datetime == AT.replace(microsecond=0)
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Content-Language"] == "fr"
    assert message["Message-ID"].endswith("@preau.example>")
    assert "Reply-To" not in message
    assert taken.raw.isascii()
    assert max(map(len, taken.raw.splitlines())) <= 998, "RFC 5322 section 2.1.1"


def test_a_mail_that_is_sent_again_is_the_same_mail_and_another_one_is_another(receiver: MailReceiver) -> None:
    other = mail_identifiant("j.dupont4271").to_message(JOE, at=AT, test_instance=True).body
    sender = smtp(receiver)
    for body in (BODY, BODY, other):
        sender.send(JOE.address, body)
    sender.send("zoe@famille.example", BODY)
    ids = [one.message["Message-ID"] for one in receiver.taken]
    assert ids[0] == ids[1]
    assert len(set(ids)) == 3
    assert receiver.taken[0].raw.partition(b"boundary")[0] == receiver.taken[1].raw.partition(b"boundary")[0]


def test_our_machines_name_is_told_to_nobody(receiver: MailReceiver) -> None:
    smtp(receiver).send(JOE.address, BODY)
    assert receiver.said[0] == "ehlo preau.example"


# --- TLS and signing in ------------------------------------------------------------------------------------------------------------


def test_starttls_encrypts_before_anything_is_said(sealed_receiver: MailReceiver, certificate: Path) -> None:
    sealed_receiver.users["preau"] = "s3same"
    sender = smtp(
        sealed_receiver, "starttls", create_default_context(cafile=certificate), user="preau", password="s3same"
    )
    sender.send(JOE.address, BODY)
    (taken,) = sealed_receiver.taken
    assert (taken.was_encrypted, taken.user) == (True, "preau")


def test_tls_from_the_first_byte(certificate: Path) -> None:
    with running_mail_receiver(tls=certificate, encrypted=True) as receiver:
        smtp(receiver, "tls", create_default_context(cafile=certificate)).send(JOE.address, BODY)
        assert receiver.taken[0].was_encrypted


def test_nothing_is_sent_in_clear_where_starttls_is_not_offered(receiver: MailReceiver) -> None:
    receiver.users["preau"] = "s3same"
    assert "SMTPNotSupportedError" in why(smtp(receiver, "starttls", user="preau", password="s3same"), NotSentYet)
    assert receiver.taken == []
    assert not [line for line in receiver.said if line.startswith(("AUTH", "mail"))]


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_server_whose_certificate_nobody_knows_gets_nothing(certificate: Path, security: Security) -> None:
    with running_mail_receiver(tls=certificate, encrypted=security == "tls") as receiver:
        why(smtp(receiver, security), NotSentYet)
        assert receiver.taken == []


def test_a_certificate_of_another_name_is_none(tmp_path: Path) -> None:
    other = write_certificate(tmp_path / "other.pem", "mail.elsewhere.test")
    with running_mail_receiver(tls=other) as receiver:
        why(smtp(receiver, "starttls", create_default_context(cafile=other)), NotSentYet)
        assert receiver.taken == []


def test_a_wrong_password_of_ours_is_not_the_mails_fault_and_is_not_repeated(receiver: MailReceiver) -> None:
    receiver.users["preau"] = "s3same"
    reason = why(smtp(receiver, user="preau", password="wr0ng"), NotSentYet)
    assert reason == "the mail server answered 535"


def test_a_server_that_wants_a_password_first_is_the_operators_business(receiver: MailReceiver) -> None:
    receiver.users["preau"] = "s3same"
    assert why(smtp(receiver), NotSentYet) == "the mail server answered 530"


# --- answers -----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA", CONTENT])
@pytest.mark.parametrize("code", [421, 450, 451, 452])
def test_what_is_refused_for_now_is_tried_again(receiver: MailReceiver, verb: str, code: int) -> None:
    receiver.answers[verb] = f"{code} 4.7.1 <{JOE.address}> come back later"
    assert why(smtp(receiver), NotSentYet) == f"the mail server answered {code}"
    assert receiver.taken == []


@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA", CONTENT])
@pytest.mark.parametrize("code", [550, 553, 554])
def test_what_is_refused_for_good_is_given_up(receiver: MailReceiver, verb: str, code: int) -> None:
    receiver.answers[verb] = f"{code} 5.1.1 <{JOE.address}> is nobody here"
    assert why(smtp(receiver), NeverSent) == f"the mail server refused it with {code}"
    assert receiver.taken == []


@pytest.mark.parametrize("greeting", ["421 busy", "554 no", HANG_UP])
def test_a_server_that_does_not_let_us_in_is_asked_again_later(receiver: MailReceiver, greeting: str) -> None:
    receiver.greeting = greeting
    why(smtp(receiver), NotSentYet)


@pytest.mark.parametrize("verb", ["EHLO", "MAIL", "RCPT", "DATA", CONTENT])
def test_a_server_that_hangs_up_is_asked_again(receiver: MailReceiver, verb: str) -> None:
    receiver.answers[verb] = HANG_UP
    why(smtp(receiver), NotSentYet)


@pytest.mark.parametrize("verb", ["EHLO", "RCPT", CONTENT])
def test_a_server_that_says_nothing_is_left_after_a_while(receiver: MailReceiver, verb: str) -> None:
    receiver.answers[verb] = HANG
    why(smtp(receiver, timeout=0.3), NotSentYet)


@pytest.mark.parametrize("goodbye", ["500 no", HANG_UP])
def test_a_mail_that_was_taken_is_sent_however_the_server_says_goodbye(receiver: MailReceiver, goodbye: str) -> None:
    receiver.answers["QUIT"] = goodbye
    smtp(receiver).send(JOE.address, BODY)
    assert len(receiver.taken) == 1


def test_no_more_connections_are_open_at_once_than_may(receiver: MailReceiver) -> None:
    @contextmanager
    def refuse() -> Iterator[None]:
        raise ConnectionError("twelve calls are under way")
        yield

    sender = SmtpMail(
        MailServer("localhost", receiver.port, "none"),
        sender=SENDER,
        sender_name="Préau",
        secrets=MasterKey(bytes(range(32))),
        around=refuse,
    )
    why(sender, NotSentYet)
    assert receiver.said == []


# --- test instances ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "recipient", ["joe@gmail.com", "joe@preau.fr", "not an address", "joe@famille.example\r\nBcc: x@y.fr"]
)
def test_a_test_instance_writes_to_nobody_who_may_exist(receiver: MailReceiver, recipient: str) -> None:
    reason = why(FictionalAddressesOnly(smtp(receiver)), NeverSent, recipient)
    assert reason == "a test instance writes to fictional addresses only"
    assert receiver.said == []
