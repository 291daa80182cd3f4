"""The mails that the helpdesk writes: who they are from, how they thread, and what they leave out."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest

from helpdesk.jobs.letters import LONGEST_TEXT
from helpdesk.model.delivery import Delivery, Purpose
from helpdesk.model.staff import Notices
from tests.fakes import make_mail
from tests.jobs.conftest import DANA, MIKE, Office, make_desk, make_office


def parsed(delivery: Delivery) -> EmailMessage:
    mail = message_from_bytes(delivery.content, policy=default)
    assert isinstance(mail, EmailMessage)
    return mail


def text_of(delivery: Delivery) -> str:
    part = parsed(delivery).get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def notice_of(office: Office) -> Delivery:
    (notice,) = [each for each in office.transport.sent if each.purpose is Purpose.STAFF_ASSIGNED]
    return notice


def test_acknowledgement_threads_under_the_mail_that_it_answers(office: Office) -> None:
    office.start()
    office.work(make_mail(References="<a@example.org> <b@example.org>"))
    mail = parsed(office.transport.to("sam@example.org")[0])
    assert mail["In-Reply-To"] == "<one@example.org>"
    assert mail["References"].split() == ["<a@example.org>", "<b@example.org>", "<one@example.org>"]
    assert mail["Reply-To"] is None


def test_notices_of_one_ticket_are_one_thread_for_staff(office: Office) -> None:
    office.start()
    office.work(make_mail())
    office.work(make_mail(message_id="<two@example.org>", body="More.\n"))
    notices = [parsed(each) for each in office.transport.sent if each.recipient in (MIKE.email, DANA.email)]
    assert len(notices) == 2
    assert notices[0]["References"] == notices[1]["References"]
    assert notices[0]["Subject"] == notices[1]["Subject"]


def test_notice_says_what_the_requester_was_sent_and_when(office: Office) -> None:
    office.start()
    office.work(make_mail())
    assert "the acknowledgement, on Monday 2 November at 11:00 UK time" in text_of(notice_of(office))


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        ({"Return_Path": "<>"}, "no automatic answer, because its envelope sender is null"),
        ({"Reply_To": "elsewhere@example.com"}, "elsewhere@example.com"),
    ],
    ids=["not-acknowledged", "differing-reply-to"],
)
def test_notice_warns_of_what_staff_must_know(office: Office, headers: dict[str, str], words: str) -> None:
    office.start()
    office.work(make_mail(**headers))
    assert words in " ".join(text_of(notice_of(office)).split())


def test_notice_of_a_message_from_another_address_names_the_one_that_we_have(office: Office) -> None:
    office.start()
    office.work(make_mail())
    office.work(make_mail(message_id="<two@example.org>", sender="sam@work.example", In_Reply_To="<one@example.org>"))
    (notice,) = [each for each in office.transport.sent if each.purpose is Purpose.STAFF_MESSAGE]
    assert "from another address than the one we have for this person, sam@example.org." in " ".join(text_of(notice).split())


def test_notice_of_an_acknowledgement_that_is_held_asks_to_answer_soon(tmp_path: Path) -> None:
    desk = make_desk()
    office = make_office(tmp_path, replace(desk, acknowledgement=replace(desk.acknowledgement, per_hour=1)))
    with closing(office.store):
        office.start()
        office.work(make_mail(), make_mail(message_id="<two@example.org>", sender="kit@example.net"))
        texts = [" ".join(text_of(each).split()) for each in office.transport.sent if each.purpose is Purpose.STAFF_ASSIGNED]
    assert len(texts) == 2
    assert ["Please answer soon: they have heard nothing from us" in text for text in texts] == [False, True]


def test_a_very_long_message_is_shortened_in_the_notice_and_whole_on_the_ticket(office: Office) -> None:
    office.start()
    office.work(make_mail(body="word \n" * LONGEST_TEXT))
    assert "Shortened here" in text_of(notice_of(office))
    with office.store.reading() as uow:
        (view,) = uow.messages.of_ticket(office.tickets()[0].id)
    assert view.new_text.count("word") == LONGEST_TEXT


def test_attachments_are_named_with_their_size_and_not_sent_along(office: Office) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Message-ID"] = "sam@example.org", "info@exithate.org", "<one@example.org>"
    mail.set_content("Please see.\n")
    mail.add_attachment(b"x" * 3000, maintype="application", subtype="pdf", filename="letter.pdf")
    office.start()
    office.work(mail.as_bytes())
    notice = parsed(notice_of(office))
    assert "letter.pdf (3 KB)" in text_of(notice_of(office))
    assert [part.get_content_type() for part in notice.walk() if not part.is_multipart()] == ["text/plain", "text/html"]


def test_minimal_notices_hold_no_content(tmp_path: Path) -> None:
    minimal = tuple(replace(member, notices=Notices.MINIMAL) for member in (MIKE, DANA))
    office = make_office(tmp_path, make_desk(staff=minimal))
    with closing(office.store):
        office.start()
        office.work(make_mail())
        content = notice_of(office).content
        assert b"EHT-1001" in content
        assert b"The message reached us on Monday 2 November at 11:00 UK time" in content
        for word in (b"talk to somebody", b"sam@example.org", b"Sam", b"Hello\r\n"):
            assert word not in content.split(b"\r\n\r\n", 1)[1]


def test_with_plus_addressing_an_answer_without_references_finds_its_ticket(tmp_path: Path) -> None:
    desk = make_desk()
    desk = replace(desk, letters=replace(desk.letters, sender=replace(desk.letters.sender, plus_addressing=True)))
    office = make_office(tmp_path, desk)
    with closing(office.store):
        office.start()
        office.work(make_mail())
        reply_to = parsed(office.transport.to("sam@example.org")[0])["Reply-To"]
        assert reply_to.startswith("info+")
        office.clock.advance(days=3)
        raw = make_mail(message_id="<two@example.org>", subject="Anything", body="Later.\n")
        office.work(raw.replace(b"To: info@exithate.org", b"To: " + str(reply_to).upper().encode()))
        assert len(office.tickets()) == 1


@pytest.mark.parametrize(
    ("body", "repeated"),
    [
        ("Hello there.\n\nSent from my phone\n", False),
        ("Hello.\n\nOn Monday, Desk <info@exithate.org> wrote:\n" + "> the old words of a long letter\n" * 9, True),
    ],
    ids=["signature", "quoted-history"],
)
def test_notice_shows_the_whole_mail_only_where_history_was_folded_away(office: Office, body: str, repeated: bool) -> None:
    office.start()
    office.work(make_mail(body=body))
    assert ("The whole mail" in text_of(notice_of(office))) is repeated
