"""How a reply of a staff member becomes a mail of ours, and what holds it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from sqlite3 import connect

import pytest

from helpdesk.jobs.answered import Answered
from helpdesk.jobs.carry_out import Desk as JobsDesk
from helpdesk.jobs.process import Processor
from helpdesk.jobs.staff_mail import StaffMail
from helpdesk.model.delivery import Attempt, DeliveryState, Outcome, Purpose
from helpdesk.model.staff import Notices, StaffMember
from helpdesk.model.ticket import TicketState
from tests.core.pictures import PRIVATE_PNG
from tests.jobs.conftest import Office
from tests.jobs.days import words_of
from tests.jobs.staff_post import SAM, Desk, desk_with_notice, parsed, words
from tests.jobs.test_conversation import BOUNCE

ANSWER = "Hello Sam,\n\nThursday is fine. Shall we say at two?\n"
WAITING = Purpose.STAFF_REPLY_WAITING


@pytest.fixture
def desk(office: Office) -> Desk:
    return desk_with_notice(office)


def taking(changed: JobsDesk, office: Office) -> Processor:
    processor = Processor(changed, office.store, office.clock)
    return replace(processor, staff_mail=StaffMail(processor))


def note_of(desk: Desk, member: StaffMember | None = None) -> str:
    return words(desk.last_to(member or desk.member, WAITING))


def test_author_sees_exactly_what_the_person_gets(desk: Desk) -> None:
    desk.answer(ANSWER)
    note = note_of(desk)
    assert "On Monday 2 November at 11:07 UK time this goes to the person who wrote." in note
    desk.let_time_pass()
    (reply,) = desk.replies()
    assert words(reply) in note
    mail = parsed(reply)
    assert mail["From"] == f"{desk.member.public_name} <info@exithate.org>"
    assert mail["Subject"] == "Re: Your message"
    assert (mail["To"], reply.envelope_sender) == (SAM, "info@exithate.org")
    assert not {"Auto-Submitted", "Received", "User-Agent", "X-Mailer"} & set(mail.keys())


def test_author_with_minimal_notices_gets_no_words(office: Office) -> None:
    quiet = tuple(replace(member, notices=Notices.MINIMAL) for member in office.desk.staff)
    office.ingest.processor = taking(replace(office.desk, staff=quiet), office)
    desk = desk_with_notice(office)
    desk.answer(ANSWER)
    assert "Thursday" not in note_of(desk)
    assert "this goes to the person who wrote" in note_of(desk)


def test_reply_stands_under_the_persons_own_last_mail(desk: Desk) -> None:
    desk.person_writes("Are you there?\n", References="<zero@example.org> <first@example.org>")
    with desk.office.store.reading() as uow:
        last = uow.messages.of_ticket(desk.ticket.id)[-1].message_id
    desk.answer(ANSWER)
    desk.let_time_pass()
    mail = parsed(desk.replies()[0])
    assert mail["In-Reply-To"] == f"<{last}>"
    assert str(mail["References"]).split() == ["<zero@example.org>", "<first@example.org>", f"<{last}>"]


def test_persons_answer_to_a_reply_joins_the_ticket(desk: Desk) -> None:
    desk.answer(ANSWER)
    desk.let_time_pass()
    desk.person_writes("Two is good.\n", In_Reply_To=f"<{desk.replies()[0].message_id}>")
    assert len(desk.office.tickets()) == 1
    assert desk.ticket.state is TicketState.OPEN


def hold_by(change: Callable[[Desk], None] = lambda desk: None, text: str = ANSWER, **headers: str) -> Callable[[Desk], None]:
    def act(desk: Desk) -> None:
        notice = desk.notice
        change(desk)
        desk.answer(text, to=notice, **headers)

    return act


def close(desk: Desk) -> None:
    desk.office.actions.close(1001)


def write_again(desk: Desk) -> None:
    desk.person_writes("I have changed my mind.\n")


def give_away(desk: Desk) -> None:
    desk.office.actions.assign(1001, desk.other.id)


def come_back(desk: Desk) -> None:
    with desk.office.store.writing() as uow:
        uow.people.mark_unreachable(SAM, desk.office.clock.now())
        uow.commit()


def put_a_backup_back(desk: Desk) -> None:
    now = desk.office.clock.now()
    with desk.office.store.writing() as uow:
        uow.restorations.add(now - timedelta(days=1), now + timedelta(days=1), now)
        uow.commit()


HELD = {
    "restored": (hold_by(put_a_backup_back), "A backup was put back since you wrote it"),
    "closed": (hold_by(close), "The ticket was closed in the meantime."),
    "they wrote again": (hold_by(write_again), "The person has written again since the notice"),
    "unreachable": (hold_by(come_back), "Mail to this person came back."),
    "a private address": (hold_by(text="Write to mike.private@example.net\n"), "“mike.private@example.net”"),
    "a guarded word": (hold_by(text="It is a safeguarding matter now.\n"), "“safeguarding”"),
    "the ticket's name": (hold_by(text="You are EHT-1001 to us.\n"), "“EHT-1001”"),
    "a number of nobody": (hold_by(text="Call me: 07700 900123\n"), "“07700 900123”"),
    "words of the person": (
        hold_by(text="You say: I do not know what to do about my brother. So it is.\n"),
        "It seems to quote the person",
    ),
    "words of the notice": (
        hold_by(text="Please open it where nobody else can see your screen, when you have time.\n"),
        "It seems to quote the person, or our notice to you.",
    ),
    "an absence without its header": (hold_by(text="I am on annual leave, and back on Monday.\n"), "while you are away"),
}


@pytest.mark.parametrize("case", HELD)
def test_what_looks_wrong_waits_until_its_author_sends_it(desk: Desk, case: str) -> None:
    act, why = HELD[case]
    author = desk.member
    act(desk)
    assert [row.state for row in desk.waiting()] == [DeliveryState.HELD]
    note = note_of(desk, author)
    assert "Your reply has not gone out" in note
    assert why in note
    desk.let_time_pass(60)
    assert desk.replies() == []
    desk.answer("#send\n", to=desk.last_to(author, WAITING))
    assert len(desk.replies()) == 1


def test_reply_to_a_ticket_that_somebody_else_has_now_waits(desk: Desk) -> None:
    author, other = desk.member, desk.other
    hold_by(give_away)(desk)
    assert [row.state for row in desk.waiting()] == [DeliveryState.HELD]
    assert f"The ticket is with {other.public_name} now." in note_of(desk, author)


def test_name_in_the_authors_mail_program_is_guarded(desk: Desk) -> None:
    sender = f"Rosalind Fairweather-Poole <{desk.member.email}>"
    desk.answer("Hello Sam\n\nBest wishes from Rosalind Fairweather-Poole\n", sender=sender)
    assert "“Rosalind Fairweather-Poole”" in note_of(desk)
    desk.answer("Hello Sam\n\nRosalind\n", sender=sender)
    assert "“Rosalind”" in note_of(desk)
    assert {row.state for row in desk.waiting()} == {DeliveryState.HELD}


def second_notice(desk: Desk) -> None:
    """Both have a notice of the same message: one had the ticket before the other."""
    desk.office.actions.assign(1001, desk.other.id)
    desk.office.work()


def test_two_who_answer_at_once_are_told_of_each_other(desk: Desk) -> None:
    first, second = desk.member, desk.other
    notice = desk.notice
    desk.answer(ANSWER, to=notice)
    second_notice(desk)
    desk.answer("Hello Sam, I am here for you.\n")
    assert {row.state for row in desk.waiting()} == {DeliveryState.PENDING, DeliveryState.HELD}
    assert f"{first.public_name} is answering this person too, and was there first." in note_of(desk, second)
    told = words(desk.last_to(first, Purpose.STAFF_HELP))
    assert f"{second.public_name} has answered EHT-1001 too, while your answer waits." in told
    desk.let_time_pass()
    assert [parsed(reply)["From"] for reply in desk.replies()] == [f"{first.public_name} <info@exithate.org>"]


def test_whoever_answers_after_somebody_has_is_told(desk: Desk) -> None:
    first, second = desk.member, desk.other
    notice = desk.notice
    second_notice(desk)
    desk.office.actions.assign(1001, first.id)
    theirs = desk.last_to(second, Purpose.STAFF_ASSIGNED)
    desk.answer(ANSWER, to=notice)
    desk.let_time_pass()
    desk.answer("#take\nHello Sam, I am here for you.\n", to=theirs)
    assert f"{first.public_name} has answered this person, on Monday 2 November" in note_of(desk, second)
    assert len(desk.replies()) == 1


def test_whoever_answers_what_nobody_has_gets_it(desk: Desk) -> None:
    notice, member = desk.notice, desk.member
    with desk.office.store.writing() as uow:
        ticket = uow.tickets.by_number(1001)
        assert ticket is not None
        uow.tickets.save(replace(ticket, assignee=None))
        uow.commit()
    desk.answer(ANSWER, to=notice)
    assert desk.ticket.assignee == member.id


def with_file(desk: Desk, content: bytes, content_type: str, name: str) -> bytes:
    mail = EmailMessage()
    mail["From"] = desk.member.email
    mail["To"] = "info@exithate.org"
    mail["Message-ID"] = "<files@example.net>"
    mail["In-Reply-To"] = f"<{desk.notice.message_id}>"
    mail.set_content("Here is the map, Sam.\n")
    main, _, sub = content_type.partition("/")
    mail.add_attachment(content, maintype=main, subtype=sub, filename=name)
    return mail.as_bytes()


def test_picture_goes_along_without_its_metadata(desk: Desk) -> None:
    desk.office.work(with_file(desk, PRIVATE_PNG, "image/png", "map.png"))
    assert "map.png (1 KB)" in note_of(desk)
    desk.let_time_pass()
    (attached,) = parsed(desk.replies()[0]).iter_attachments()
    assert (attached.get_filename(), attached.get_content_type()) == ("map.png", "image/png")
    assert b"Michael" in PRIVATE_PNG
    assert b"Michael" not in attached.get_content()


def test_file_that_can_not_be_cleaned_waits_for_its_author(desk: Desk) -> None:
    desk.office.work(with_file(desk, b"%PDF-1.7", "application/pdf", "map.pdf"))
    assert "A file can't be made safe: map.pdf, because" in note_of(desk)
    assert [row.state for row in desk.waiting()] == [DeliveryState.HELD]


def test_private_word_in_a_file_is_found(desk: Desk) -> None:
    desk.office.work(with_file(desk, b"Call mike.private@example.net", "text/plain", "a.txt"))
    assert "“mike.private@example.net”" in note_of(desk)


def test_what_does_not_go_is_named(desk: Desk) -> None:
    desk.office.work(with_file(desk, b"BEGIN:VCARD", "text/vcard", "me.vcf"))
    assert "Left out me.vcf: it says who you are" in note_of(desk)
    assert [row.state for row in desk.waiting()] == [DeliveryState.PENDING]


def test_answer_that_a_server_refuses_is_told_to_whoever_has_the_ticket(desk: Desk) -> None:
    desk.answer(ANSWER)
    desk.office.transport.answers.append(Attempt(Outcome.PERMANENT, 550, "no such mailbox"))
    desk.let_time_pass()
    desk.let_time_pass()
    assert "An answer to the person of ticket EHT-1001 could not be delivered." in words(desk.last_to(desk.member))
    assert desk.ticket.answered_at is None


@pytest.mark.parametrize("line", ["#close", "#pending"])
def test_a_ticket_waits_again_when_the_answer_that_was_to_end_it_is_refused(desk: Desk, line: str) -> None:
    desk.answer(f"{line}\n{ANSWER}")
    desk.office.transport.answers.append(Attempt(Outcome.PERMANENT, 550, "no such mailbox"))
    desk.let_time_pass()
    assert (desk.ticket.state, desk.ticket.closed_at) == (TicketState.NEW, None)
    assert [event.why for event in desk.events()][-1] == "an answer could not be delivered"


def test_answer_that_comes_back_marks_the_address(office: Office) -> None:
    """The answer is all that this person had from us."""
    acknowledgement = replace(office.desk.acknowledgement, enabled=False)
    office.ingest.processor = taking(replace(office.desk, acknowledgement=acknowledgement), office)
    desk = desk_with_notice(office)
    desk.answer(ANSWER)
    desk.let_time_pass()
    desk.office.work(BOUNCE.replace(b"OURS", desk.replies()[0].message_id.encode()))
    with desk.office.store.reading() as uow:
        assert uow.people.unreachable_since(SAM) is not None
    assert "They can't be reached at that address." in words(desk.last_to(desk.member, Purpose.ADMIN_ALERT))


def test_person_who_writes_while_an_answer_waits_is_not_taken_for_answered(desk: Desk) -> None:
    desk.answer(ANSWER)
    desk.person_writes("One thing more.\n")
    desk.let_time_pass()
    assert len(desk.replies()) == 1
    assert desk.ticket.state is TicketState.OPEN


def test_copy_for_the_folder_of_sent_mail_is_due_after_the_reply_was_sent(desk: Desk) -> None:
    desk.answer(ANSWER)
    desk.let_time_pass()
    desk.office.clock.advance(minutes=2)
    with desk.office.store.reading() as uow:
        (copy,) = uow.sent_copies.due(desk.office.clock.now(), 10)
    assert copy.content == desk.replies()[0].content


def test_no_copy_is_wanted_where_that_is_switched_off(desk: Desk) -> None:
    quiet = replace(desk.office.desk, staff_mail=replace(desk.office.desk.staff_mail, sent_copy=False))
    desk.office.deliverer.sent = Answered(quiet, desk.office.clock).sent
    desk.answer(ANSWER)
    desk.let_time_pass(10)
    with desk.office.store.reading() as uow:
        assert uow.sent_copies.due(desk.office.clock.now(), 10) == []


def test_answer_of_somebody_who_has_left_meanwhile_still_goes(desk: Desk) -> None:
    left = replace(desk.office.desk, staff=())
    desk.office.deliverer.sent = Answered(left, desk.office.clock).sent
    desk.answer(ANSWER)
    desk.let_time_pass()
    assert len(desk.replies()) == 1
    assert desk.events()[-1].actor == "worker"


def test_alarm_to_nobody_about_other_mail_that_failed(desk: Desk) -> None:
    """An alert has no ticket, and a notice is no answer."""
    desk.office.transport.answers += [Attempt(Outcome.PERMANENT, 550, "no")] * 2
    desk.person_writes("More.\n")
    assert not [mail for mail in desk.office.transport.sent if b"could not be delivered" in mail.content]


def test_answer_to_a_mail_that_was_erased_stands_alone(desk: Desk, tmp_path: Path) -> None:
    with desk.office.store.reading() as uow:
        erased = uow.messages.of_ticket(desk.ticket.id)[0].id
    with closing(connect(tmp_path / "desk.db")) as database:
        database.execute("DELETE FROM data_key WHERE scope_id = ?", (erased,))
        database.commit()
    desk.answer(ANSWER)
    desk.let_time_pass()
    (reply,) = desk.replies()
    assert not {"In-Reply-To", "References"} & set(parsed(reply).keys())


def test_a_signature_without_its_mark_is_left_out_and_its_author_told(desk: Desk) -> None:
    signed = f"{ANSWER}\nKind regards\nRosalind Jones\nYouth worker, Larkrise House\n01632 960123\n"
    desk.answer(signed, sender=f"Rosalind Jones <{desk.member.email}>")
    assert "Left out Your signature, which begins with “Rosalind Jones”" in note_of(desk)
    desk.let_time_pass()
    reply = words(desk.replies()[0])
    assert "Kind regards You Are Not Alone." in reply
    assert [each for each in ("Rosalind", "Larkrise", "960123") if each in reply] == []


def test_the_answer_stands_under_no_mail_that_came_from_another_address(desk: Desk) -> None:
    with desk.office.store.reading() as uow:
        first = uow.messages.of_ticket(desk.ticket.id)[0].message_id
    desk.person_writes("I am his sister.\n", sender="Pat <pat@example.org>", In_Reply_To=f"<{first}>")
    desk.answer(ANSWER)
    desk.let_time_pass()
    assert parsed(desk.replies()[0])["In-Reply-To"] == f"<{first}>"


def test_who_says_that_they_are_away_and_quotes_the_notice_wrote_it_themselves(desk: Desk) -> None:
    quoted = "".join(f"> {line}\n" for line in words_of(desk.notice).splitlines())
    desk.answer(f"I am away on Monday, but can ring you on Tuesday.\n\nOn Monday, Mike wrote:\n{quoted}")
    assert [row.state for row in desk.waiting()] == [DeliveryState.PENDING]
