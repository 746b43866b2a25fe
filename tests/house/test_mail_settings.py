"""What `[mail]` says is what leaves: the senders that the settings choose, over the outbox and a real connection."""

from collections.abc import Iterator
from pathlib import Path
from ssl import create_default_context

import pytest

from idp.adapters.ledger import LedgerReader
from idp.journeys.mails import mail_identifiant
from idp.people.emails import parse_email
from idp.senders import _trust_besides
from idp.settings import create_master_key, load_settings
from idp.world import World, build_mail_worker, build_world
from tests.support.client_site import write_certificate
from tests.support.databases import make_tables
from tests.support.mail_receiver import MailReceiver, running_mail_receiver
from tests.support.server import write_settings

MAIL = mail_identifiant("j.dupont4271")


@pytest.fixture
def receiver() -> Iterator[MailReceiver]:
    with running_mail_receiver() as running:
        yield running


def send(directory: Path, mail: str, to: str = "joe@famille.example") -> World:
    """Put a mail into the outbox of an instance with these settings of mails, and let it be sent."""
    settings = load_settings(write_settings(directory, 8400, more=mail))
    create_master_key(settings.master_key_file)
    make_tables(settings.database_url)
    world = build_world(settings)
    now = world.clock.now()
    with world.stores.writing() as desk:
        desk.outbox.put(MAIL.to_message(parse_email(to), at=now, test_instance=True), at=now)
    assert build_mail_worker(world).run_once() == 1
    return world


def given_up(world: World) -> list[object]:
    return [line.details["reason"] for line in LedgerReader(world.engine).load_lines(event="mail.given-up")]


def smtp(receiver: MailReceiver, **more: object) -> str:
    chosen = {"adapter": "smtp", "host": "localhost", "port": receiver.port, "security": "none", **more}
    return "\n".join(f"mail.{name} = {_toml(value)}" for name, value in chosen.items())


def _toml(value: object) -> str:
    return str(value).lower() if isinstance(value, bool | int) else f'"{value}"'


def test_a_mail_leaves_through_the_server_that_is_named(tmp_path: Path, receiver: MailReceiver) -> None:
    receiver.users["preau"] = "s3same"
    world = send(tmp_path, smtp(receiver, user="preau", password="s3same", sender="office@preau.example"))
    [taken] = receiver.taken
    assert (taken.sender, taken.recipients, taken.user) == ("office@preau.example", ["joe@famille.example"], "preau")
    assert taken.message["From"].addresses[0].display_name == "Préau (simulateur)"
    assert given_up(world) == []


def test_a_certificate_of_the_operators_own_is_trusted_where_it_is_named(tmp_path: Path) -> None:
    certificate = write_certificate(tmp_path / "mail.pem", "localhost")
    with running_mail_receiver(tls=certificate) as receiver:
        send(tmp_path, smtp(receiver, security="starttls", ca_file=certificate))
        assert receiver.taken[0].was_encrypted


def test_the_usual_authorities_are_trusted_besides_it(tmp_path: Path) -> None:
    certificate = write_certificate(tmp_path / "mail.pem", "localhost")
    usual = len(create_default_context().get_ca_certs())
    assert len(_trust_besides(certificate).get_ca_certs()) == usual + 1


def test_a_test_instance_writes_to_nobody_who_may_exist(tmp_path: Path, receiver: MailReceiver) -> None:
    world = send(tmp_path, smtp(receiver), to="joe@preau.fr")
    assert receiver.taken == []
    assert given_up(world) == ["a test instance writes to fictional addresses only"]


def test_unless_a_tester_says_so_in_words(tmp_path: Path, receiver: MailReceiver) -> None:
    world = send(tmp_path, smtp(receiver, to_anybody=True), to="joe@preau.fr")
    assert receiver.taken[0].recipients == ["joe@preau.fr"]
    assert given_up(world) == []


def test_without_settings_nothing_leaves_the_machine_and_the_log_names_nobody(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    send(tmp_path, "")
    told = capfd.readouterr().err
    assert "mail: one of " in told
    assert "joe" not in told


def test_into_a_file(tmp_path: Path) -> None:
    send(tmp_path, f'mail.adapter = "file"\nmail.file = "{tmp_path}/mails.jsonl"', to="joe@preau.fr")
    assert "j.dupont4271" in (tmp_path / "mails.jsonl").read_text(encoding="utf-8")
