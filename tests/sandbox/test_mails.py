"""The simulated mailbox, as programs read it and as a page shows it."""

from datetime import datetime
from typing import Any

import pytest

from idp.journeys.mails import Mail, mail_confirm_address, mail_identifiant
from idp.journeys.rows import Message
from idp.people.emails import parse_email
from idp.world import World, build_mail_worker
from tests.sandbox.conftest import BASE, Control
from tests.support.page import read_page

JOE, ZOE = "Joe@famille.example", "zoe@famille.example"
LINK = "https://preau.example/e-mail/confirmer?lien=a-b&x=<i>"
EVENING = datetime(2031, 3, 15, 10, 26)  # noqa: DTZ001  a wall clock's reading
CONFIRM = mail_confirm_address(LINK, EVENING)


def send(world: World, to: str, mail: Mail = CONFIRM) -> None:
    now = world.clock.now()
    with world.stores.writing() as desk:
        desk.outbox.put(mail.to_message(parse_email(to), at=now, test_instance=True), at=now)


def text(world: World, body: str, to: str = "+33639980001") -> None:
    with world.stores.writing() as desk:
        desk.outbox.put(Message("sms", to, body), at=world.clock.now())


def found(control: Control, query: str) -> list[dict[str, Any]]:
    answer = control.ask("GET", f"messages?{query}")
    assert answer.status_code == 200, answer.text
    told: list[dict[str, Any]] = answer.get_json()
    return told


def test_a_mail_is_listed_with_its_subject_its_text_and_its_links(control: Control, world: World) -> None:
    send(world, JOE)
    [mail] = found(control, f"to={JOE}")
    assert mail["channel"] == "mail"
    assert mail["to"] == JOE
    assert mail["subject"] == "[Simulateur] Confirmez votre adresse e-mail"
    assert mail["links"] == [LINK]
    assert mail["text"].startswith("Simulateur, données fictives.")
    assert LINK in mail["text"]


def test_a_text_has_neither_subject_nor_links(control: Control, world: World) -> None:
    text(world, "482913 est votre code")
    [sms] = found(control, "to=%2B33639980001")
    assert (sms["channel"], sms["subject"], sms["links"], sms["text"]) == ("sms", "", [], "482913 est votre code")


def test_texts_and_mails_stand_in_one_list_that_may_be_asked_for_one_channel(control: Control, world: World) -> None:
    send(world, JOE)
    text(world, "texte")
    send(world, ZOE)
    assert [one["channel"] for one in found(control, "")] == ["mail", "sms", "mail"]
    assert [one["to"] for one in found(control, "channel=mail")] == [ZOE, JOE]
    assert [one["text"] for one in found(control, "channel=sms")] == ["texte"]
    assert [one["to"] for one in found(control, f"to={ZOE}")] == [ZOE]
    control.ask("DELETE", "messages")
    assert found(control, "") == []


def test_the_next_mail_to_an_address_is_waited_for(control: Control, world: World) -> None:
    send(world, JOE)
    [first] = found(control, f"to={JOE}")
    assert found(control, f"to={JOE}&after={first['id']}&wait_seconds=1") == []
    send(world, JOE, mail_identifiant("j.dupont4271"))
    [second] = found(control, f"to={JOE}&after={first['id']}&wait_seconds=10")
    assert second["subject"] == "[Simulateur] Votre identifiant"


@pytest.mark.parametrize(
    "query", ["to=joe@", "to=jo%C3%A9@famille.example", "to=@famille.example", "channel=pigeon", "channel=logout"]
)
def test_what_is_no_address_or_no_channel_is_refused(control: Control, query: str) -> None:
    assert control.ask("GET", f"messages?{query}").status_code == 400


def test_mails_to_an_address_are_lost_late_or_doubled_as_texts_are(control: Control, world: World) -> None:
    for armed in ({"kind": "fail"}, {"kind": "duplicate"}, {"kind": "delay", "delay_seconds": 3600}):
        answer = control.ask("POST", "messages/faults", json={"to": "Joe@FAMILLE.example", **armed})
        assert (answer.status_code, answer.get_json()["to"]) == (201, JOE)
    for identifiant in ("lost.l0001", "twice.t0002", "delayed.d0003"):
        send(world, JOE, mail_identifiant(identifiant))
    worker = build_mail_worker(world)
    worker.run_once()
    seen = [one["text"] for one in found(control, f"to={JOE}")]
    assert ["twice" in one for one in seen] == [True, True]
    control.ask("PUT", "clock", json={"advance_seconds": 3600})
    worker.run_once()
    assert sum("delayed" in one["text"] for one in found(control, f"to={JOE}")) == 1
    [line] = control.ask("GET", "audit?event=mail.given-up").get_json()
    assert line["details"] == {"reason": "a tester armed a loss"}


@pytest.mark.parametrize("to", ["joe", "joe@", "joé@famille.example"])
def test_a_fault_for_what_is_no_recipient_is_refused(control: Control, to: str) -> None:
    assert control.ask("POST", "messages/faults", json={"to": to, "kind": "fail"}).status_code == 422


def test_the_page_shows_texts_and_mails_by_recipient_with_links_that_open(control: Control, world: World) -> None:
    send(world, JOE)
    text(world, "482913 est votre code\n@preau.example #482913")
    send(world, JOE, mail_identifiant("j.dupont4271"))
    answer = control.client.get("/sandbox/messages", base_url=BASE)
    page = read_page(answer.status_code, BASE, answer.headers, answer.text)
    assert page.h1 == "Téléphone et messagerie simulés"
    assert page.text.count(JOE) == 1
    assert page.text.index("Votre identifiant") < page.text.index("Confirmez votre adresse e-mail")
    assert page.text.index(JOE) < page.text.index("06 39 98 00 01"), "who has the newest comes first"
    assert 'href="https://preau.example/e-mail/confirmer?lien=a-b&amp;x=&lt;i&gt;"' in answer.text
    assert "<i>" not in answer.text


def test_the_html_of_a_mail_is_shown_with_its_one_style_and_nothing_else(control: Control, world: World) -> None:
    send(world, JOE)
    [mail] = found(control, f"to={JOE}")
    answer = control.client.get(f"/sandbox/messages/{mail['id']}/html", base_url=BASE)
    assert (answer.status_code, answer.mimetype) == (200, "text/html")
    assert '<html lang="fr">' in answer.text
    assert "unsafe-inline" not in answer.headers["Content-Security-Policy"]
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'sha256-")
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("number", ["0", "999", "99999999999999999999999"])
def test_a_mail_that_is_not_there_is_a_page_that_is_not_there(control: Control, number: str) -> None:
    assert control.client.get(f"/sandbox/messages/{number}/html", base_url=BASE).status_code == 404


def test_a_text_has_no_html(control: Control, world: World) -> None:
    text(world, "texte")
    [sms] = found(control, "")
    assert control.client.get(f"/sandbox/messages/{sms['id']}/html", base_url=BASE).status_code == 404
