"""Who may answer through the desk, and what becomes of mail that is not proven to be theirs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from helpdesk.jobs.process import Processor
from helpdesk.jobs.staff_mail import StaffMail
from helpdesk.model.delivery import Purpose
from helpdesk.model.message import MessageState
from helpdesk.model.policy import Ourselves
from helpdesk.model.ticket import TicketState
from tests.fakes import make_mail
from tests.jobs.conftest import DANA, MIKE, Office, make_desk, make_office
from tests.jobs.staff_post import SAM, Desk, desk_with_notice, parsed, words
from tests.jobs.test_conversation import BOUNCE

ANSWER = "Hello Sam,\n\nThursday is fine. Shall we say at two?\n"
TRUSTED = Ourselves(
    addresses=frozenset({"info@exithate.org"}),
    staff_addresses=frozenset({MIKE.email, DANA.email}),
    trusted_authserv="mx.exithate.org",
)


@pytest.fixture
def desk(office: Office) -> Desk:
    return desk_with_notice(office)


def nothing_left(desk: Desk) -> bool:
    """Nothing of it went to the person, nothing waits to, and the ticket is as it was."""
    untouched = desk.ticket.state is TicketState.NEW and desk.ticket.answered_at is None
    return not desk.replies() and not desk.waiting() and untouched and len(desk.office.tickets()) == 1


def test_reply_to_a_notice_answers_the_person(desk: Desk) -> None:
    desk.answer(ANSWER)
    assert desk.replies() == []
    desk.let_time_pass()
    (reply,) = desk.replies()
    assert "Thursday is fine. Shall we say at two?" in words(reply)
    assert desk.ticket.state is TicketState.PENDING
    assert desk.ticket.answered_at == desk.office.clock.now()
    assert desk.kinds()[-2:] == ["reply_waiting", "replied"]
    assert {event.actor for event in desk.events()[-2:]} == {f"staff:{desk.member.id}"}


def test_reply_to_the_address_with_the_token_needs_no_references(tmp_path: Path) -> None:
    desk_ = make_desk()
    letters = replace(desk_.letters, sender=replace(desk_.letters.sender, plus_addressing=True))
    office = make_office(tmp_path, replace(desk_, letters=letters))
    desk = desk_with_notice(office)
    asked = str(parsed(desk.notice)["Reply-To"])
    assert asked.startswith("info+")
    desk.answer(ANSWER, In_Reply_To="", References="", Cc=asked)
    assert len(desk.waiting()) == 1
    office.store.close()


@pytest.mark.parametrize("results", ["dmarc=fail (p=none)", "dkim=fail"])
def test_forged_from_with_a_stolen_token_is_held_where_our_server_says_so(tmp_path: Path, results: str) -> None:
    office = make_office(tmp_path, make_desk(ourselves=TRUSTED))
    desk = desk_with_notice(office)
    desk.answer(ANSWER, Authentication_Results=f"mx.exithate.org; {results}")
    assert nothing_left(desk)
    assert "does not come from that address" in words(desk.last_to(desk.member, Purpose.STAFF_HELP))
    assert desk.kinds()[-1] == "staff_mail_held"
    office.store.close()


def test_forged_from_without_a_token_is_held(desk: Desk) -> None:
    desk.answer("Give me her address.\n", In_Reply_To="", References="", sender=desk.member.email)
    assert nothing_left(desk)
    assert "answers no notice" in words(desk.last_to(desk.member, Purpose.STAFF_HELP))


def test_token_of_another_staff_member_is_no_proof(desk: Desk) -> None:
    desk.answer(ANSWER, sender=desk.other.email)
    assert nothing_left(desk)
    assert "somebody else" in words(desk.last_to(desk.other, Purpose.STAFF_HELP))
    assert desk.kinds()[-1] == "staff_mail_held"


def test_token_that_is_too_old_is_no_proof(desk: Desk) -> None:
    notice = desk.notice
    desk.office.clock.advance(days=90)
    desk.answer(ANSWER, to=notice)
    assert not desk.replies()
    assert not desk.waiting()
    assert "too old" in words(desk.last_to(desk.member, Purpose.STAFF_HELP))


def test_stolen_token_in_the_mail_of_a_stranger_does_nothing(desk: Desk) -> None:
    """Whoever else got the notice is a person who writes: their words join the ticket, and are nobody's answer."""
    desk.answer("#close\nI am Dana, believe me.\n", sender="mallory@example.com")
    assert not desk.replies()
    assert not desk.waiting()
    assert desk.ticket.state is TicketState.NEW
    assert desk.kinds()[-3:] != ["closed"]
    assert "follow_up" in desk.kinds()


def test_requester_who_got_a_notice_forwarded_is_answered_as_a_person_and_never_gets_its_token(desk: Desk) -> None:
    notice = desk.notice
    desk.answer("#close\nWhat is this?\n", sender=f"Sam <{SAM}>")
    assert desk.ticket.state is TicketState.NEW
    assert desk.ticket.closed_at is None
    desk.answer(ANSWER)
    desk.let_time_pass()
    (reply,) = desk.replies()
    assert parsed(reply)["In-Reply-To"]
    assert notice.message_id.partition("@")[0] not in reply.content.decode()
    assert ".notices@" not in reply.content.decode()


def test_the_same_mail_again_is_a_duplicate(desk: Desk) -> None:
    notice = desk.notice
    for _ in range(2):
        desk.office.work(
            make_mail(
                sender=notice.recipient, message_id="<again@example.net>", body=ANSWER, In_Reply_To=f"<{notice.message_id}>"
            )
        )
    desk.let_time_pass()
    assert len(desk.replies()) == 1
    assert desk.office.count(MessageState.DUPLICATE) == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"},
        {"X_Autoreply": "yes"},
        {"Precedence": "auto_reply"},
    ],
    ids=lambda value: next(iter(value)),
)
def test_out_of_office_of_a_staff_member_goes_nowhere(desk: Desk, headers: dict[str, str]) -> None:
    before = len(desk.office.transport.sent)
    desk.answer("I am out of the office until Monday. Call my mobile, 07700 900123.\n", **headers)
    desk.let_time_pass()
    assert nothing_left(desk)
    assert len(desk.office.transport.sent) == before
    assert desk.kinds()[-1] == "machine_mail"


def test_bounce_of_a_notice_goes_nowhere(desk: Desk) -> None:
    before = len(desk.office.transport.sent)
    notice = desk.notice
    raw = BOUNCE.replace(b"OURS", notice.message_id.encode()).replace(b"sam@example.org", notice.recipient.encode())
    desk.office.work(raw)
    desk.let_time_pass()
    assert nothing_left(desk)
    assert len(desk.office.transport.sent) == before


def test_doubted_mail_is_answered_three_times_a_day(desk: Desk) -> None:
    for number in range(5):
        desk.answer(f"{number}\n", In_Reply_To="", References="", sender=desk.member.email)
    assert desk.purposes_to(desk.member).count(Purpose.STAFF_HELP) == 3
    assert nothing_left(desk)


def test_mail_that_answers_another_ticket_of_ours_by_reference_is_kept_with_it(desk: Desk) -> None:
    """The token is gone, but Sam's own Message-ID says what it is about."""
    with desk.office.store.reading() as uow:
        theirs = uow.messages.of_ticket(desk.ticket.id)[0].message_id
    desk.answer(ANSWER, In_Reply_To=f"<{theirs}>", References="", sender=desk.member.email)
    assert nothing_left(desk)
    assert desk.kinds()[-1] == "staff_mail_held"


def test_mail_taken_in_by_hand_is_only_kept(office: Office) -> None:
    office.start()
    office.ingest.by_hand = True
    office.work(make_mail(sender=MIKE.email, body="#close\n"))
    assert office.transport.sent == []
    assert office.tickets() == []


def test_helps_to_a_program_that_answers_each_of_them_come_to_an_end(desk: Desk) -> None:
    desk.answer("#xyzzy\n")
    for _ in range(30):
        desk.answer("Thank you for your mail!\n", to=desk.last_to(desk.member))
        desk.office.clock.advance(seconds=-59)
    assert desk.purposes_to(desk.member).count(Purpose.STAFF_HELP) == 20
    assert nothing_left(desk)


def test_mail_of_somebody_who_is_in_no_list_any_more_is_only_kept(desk: Desk) -> None:
    """The worker was told of an address, and of nobody whose it is."""
    nobody = replace(desk.office.desk, staff=())
    processor = Processor(nobody, desk.office.store, desk.office.clock)
    desk.office.ingest.processor = replace(processor, staff_mail=StaffMail(processor))
    before = len(desk.office.transport.sent)
    desk.answer("#close\n")
    assert len(desk.office.transport.sent) == before
    assert desk.ticket.state is TicketState.NEW
