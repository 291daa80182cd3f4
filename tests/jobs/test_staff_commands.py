"""What staff can do by the first line of a mail."""

from __future__ import annotations

from datetime import date

import pytest

from helpdesk.core.commands import Verb
from helpdesk.model.delivery import Attempt, DeliveryState, Outcome, Purpose
from helpdesk.model.message import Kind
from helpdesk.model.staff import Absence
from helpdesk.model.ticket import EventKind, Priority, TicketState
from tests.fakes import make_mail
from tests.jobs.conftest import Office
from tests.jobs.staff_post import Desk, desk_with_notice, words

ANSWER = "Hello Sam,\n\nThursday is fine. Shall we say at two?\n"
WAITING = Purpose.STAFF_REPLY_WAITING


@pytest.fixture
def desk(office: Office) -> Desk:
    return desk_with_notice(office)


def helped(desk: Desk) -> str:
    return words(desk.last_to(desk.member, Purpose.STAFF_HELP))


def notes(desk: Desk) -> list[tuple[str, str]]:
    return [(event.actor, event.why) for event in desk.events() if event.kind is EventKind.NOTE]


def test_note_stays_inside_and_is_in_the_next_notice(desk: Desk) -> None:
    desk.answer("#note\nShe called. The police know.\n")
    assert desk.waiting() == []
    assert notes(desk) == [(f"staff:{desk.member.id}", "She called. The police know.")]
    assert desk.ticket.state is TicketState.NEW
    assert "Your note is on EHT-1001" in helped(desk)
    desk.person_writes("Are you there?\n")
    assert f"Notes among us {desk.member.public_name}, on" in words(desk.notice)
    assert "The police know." in words(desk.notice)
    desk.let_time_pass(60)
    assert not [mail for mail in desk.office.transport.to("sam@example.org") if b"police" in mail.content]


def test_note_without_words_is_no_note(desk: Desk) -> None:
    desk.answer("#note\n")
    assert "A note needs words" in helped(desk)


def test_close_alone_closes(desk: Desk) -> None:
    desk.answer("#close\n")
    assert desk.ticket.state is TicketState.CLOSED
    assert "EHT-1001 is closed." in helped(desk)


def test_close_with_words_answers_and_closes(desk: Desk) -> None:
    desk.answer(f"#close\n{ANSWER}")
    assert "EHT-1001 is closed." in words(desk.last_to(desk.member, WAITING))
    desk.let_time_pass()
    assert "Thursday is fine" in words(desk.replies()[0])
    assert "#close" not in words(desk.replies()[0])
    assert desk.ticket.state is TicketState.CLOSED


@pytest.mark.parametrize(
    ("line", "sentence"),
    [("#pending", "EHT-1001 waits for the person."), ("#urgent", "EHT-1001 is urgent."), ("#take", "EHT-1001 is yours.")],
)
def test_a_command_is_done_and_said(desk: Desk, line: str, sentence: str) -> None:
    desk.answer(f"{line}\n")
    assert sentence in helped(desk)
    assert desk.waiting() == []


def test_pending_and_urgent_change_the_ticket(desk: Desk) -> None:
    desk.answer("#pending\n#urgent\n")
    assert (desk.ticket.state, desk.ticket.priority) == (TicketState.PENDING, Priority.URGENT)


def test_pending_on_a_closed_ticket_changes_nothing(desk: Desk) -> None:
    desk.answer("#close\n")
    desk.answer("#urgent\n#pending\n")
    assert "is closed. Nothing was changed." in helped(desk)
    assert (desk.ticket.state, desk.ticket.priority) == (TicketState.CLOSED, Priority.NORMAL)


@pytest.mark.parametrize("by", ["id", "public_name"])
def test_assign_gives_it_away_with_the_words_as_a_note(desk: Desk, by: str) -> None:
    member, other = desk.member, desk.other
    desk.answer(f"#assign {getattr(other, by).upper()}\nThey would rather talk to you. Do not tell him.\n")
    assert desk.ticket.assignee == other.id
    assert desk.waiting() == []
    assert "They would rather talk to you." in words(desk.last_to(other, Purpose.STAFF_ASSIGNED))
    assert f"EHT-1001 is {other.public_name}'s." in words(desk.last_to(member, Purpose.STAFF_HELP))
    desk.let_time_pass()
    assert desk.replies() == []


def test_take_brings_a_ticket_of_somebody_else(desk: Desk) -> None:
    member, notice = desk.member, desk.notice
    desk.office.actions.assign(1001, desk.other.id)
    desk.answer(f"#take\n{ANSWER}", to=notice)
    assert desk.ticket.assignee == member.id
    assert [row.state for row in desk.waiting()] == [DeliveryState.PENDING]


def test_assign_to_nobody_that_is_known_names_who_there_is(desk: Desk) -> None:
    desk.answer("#urgent\n#assign Zoe\n")
    assert "Whom do you mean by “Zoe”? There are: Mike, Dana." in helped(desk)
    assert desk.ticket.priority is Priority.NORMAL, "half of a mail is not done"


def test_person_takes_machine_mail_for_a_persons(desk: Desk) -> None:
    with desk.office.store.reading() as uow:
        theirs = uow.messages.of_ticket(desk.ticket.id)[0].message_id
    desk.office.work(
        make_mail(
            message_id="<auto@example.org>", In_Reply_To=f"<{theirs}>", Auto_Submitted="auto-replied", body="I am here.\n"
        )
    )
    desk.answer("#person\n")
    assert "is a person's now, on EHT-1001" in helped(desk)
    with desk.office.store.reading() as uow:
        kinds = [view.kind for view in uow.messages.of_ticket(desk.ticket.id)]
    assert kinds.count(Kind.PERSON) == 2
    desk.answer("#person\n", to=desk.last_to(desk.member, Purpose.STAFF_MESSAGE))
    assert "There is no machine's mail on EHT-1001." in helped(desk)


@pytest.mark.parametrize(
    ("line", "last_day", "said"),
    [
        ("#away until friday", date(2026, 11, 6), "up to and including Friday 6 November"),
        ("#away Until 14 December.", date(2026, 12, 14), "up to and including Monday 14 December"),
        ("#away 2026-12-14", date(2026, 12, 14), "up to and including Monday 14 December"),
    ],
)
def test_away_takes_them_off_and_hands_their_tickets_over(desk: Desk, line: str, last_day: date, said: str) -> None:
    member, other = desk.member, desk.other
    desk.answer(f"{line}\nI am in Spain!\n")
    with desk.office.store.reading() as uow:
        assert uow.people.absences(date(2026, 11, 2)) == [Absence(member.id, date(2026, 11, 2), last_day)]
    told = words(desk.last_to(member, Purpose.STAFF_HELP))
    assert said in told
    assert "The words below it were not passed on." in told
    assert desk.ticket.assignee == other.id


@pytest.mark.parametrize("line", ["#away until soon", "#away until 31 November"])
def test_a_day_that_can_not_be_told_is_asked_for(desk: Desk, line: str) -> None:
    desk.answer(f"{line}\n")
    assert "Write it for example like this: #away until 14 December" in helped(desk)


def test_help_brings_the_list(desk: Desk) -> None:
    desk.answer("#help\n")
    assert [verb for verb in Verb if f"#{verb}" not in helped(desk)] == []


def test_typo_is_answered_kindly_and_nothing_is_passed_on(desk: Desk) -> None:
    desk.answer("#clsoe\nGoodbye Sam\n")
    assert "There is no command #clsoe. Did you mean #close?" in helped(desk)
    assert "Nothing of your mail was passed on" in helped(desk)
    assert (desk.ticket.state, desk.waiting()) == (TicketState.NEW, [])
    desk.answer("#close\n", to=desk.last_to(desk.member, Purpose.STAFF_HELP))
    assert desk.ticket.state is TicketState.CLOSED


def test_stop_takes_a_waiting_answer_back(desk: Desk) -> None:
    desk.answer(ANSWER)
    desk.answer("#stop\nI was wrong about Thursday.\n", to=desk.last_to(desk.member, WAITING))
    desk.let_time_pass(60)
    assert desk.replies() == []
    assert "Your answer is taken back." in helped(desk)
    assert "The words below it were not passed on." in helped(desk)
    assert [row.state for row in desk.waiting()] == [DeliveryState.HELD]
    assert desk.kinds()[-1] == "reply_stopped"
    assert desk.ticket.answered_at is None


def test_send_sends_a_waiting_answer_at_once_and_one_that_was_taken_back(desk: Desk) -> None:
    desk.answer(ANSWER)
    note = desk.last_to(desk.member, WAITING)
    desk.answer("#stop\n", to=note)
    desk.answer("#stop\n", to=note)
    assert "Your answer is held, and stays so." in helped(desk)
    desk.answer("#send\n", to=note)
    assert len(desk.replies()) == 1
    assert "Your answer goes out now." in helped(desk)
    assert "reply_let_go" in desk.kinds()


def test_send_and_stop_are_too_late_once_it_is_out(desk: Desk) -> None:
    desk.answer(ANSWER)
    note = desk.last_to(desk.member, WAITING)
    desk.let_time_pass()
    desk.answer("#stop\n", to=note)
    assert "It was too late to take your answer back: it went out on Monday 2 November" in helped(desk)
    desk.answer("#send\n", to=note)
    assert "Your answer went out already" in helped(desk)
    assert len(desk.replies()) == 1


def test_stop_says_when_a_server_may_have_it(desk: Desk) -> None:
    desk.answer(ANSWER)
    note = desk.last_to(desk.member, WAITING)
    desk.office.transport.answers.append(Attempt(Outcome.TRANSIENT, 451, "later"))
    desk.let_time_pass(5)
    desk.office.clock.advance(minutes=-1)
    desk.answer("#stop\n", to=note)
    assert "so it may have arrived" in helped(desk)


def test_send_of_what_can_not_be_delivered_says_so(desk: Desk) -> None:
    desk.answer(ANSWER)
    note = desk.last_to(desk.member, WAITING)
    desk.office.transport.answers.append(Attempt(Outcome.PERMANENT, 550, "no such mailbox"))
    desk.let_time_pass()
    desk.answer("#send\n", to=note)
    assert "can't be delivered" in helped(desk)


@pytest.mark.parametrize("line", ["#stop", "#send"])
def test_in_reply_to_the_notice_they_mean_what_waits_on_its_ticket(desk: Desk, line: str) -> None:
    notice = desk.notice
    desk.answer(f"{line}\n", to=notice)
    assert "No answer of yours waits on EHT-1001." in helped(desk)
    desk.answer(ANSWER, to=notice)
    desk.answer(f"{line}\n", to=notice)
    assert len(desk.replies()) == (1 if line == "#send" else 0)


def test_answer_of_somebody_else_is_not_theirs_to_stop(desk: Desk) -> None:
    member, notice = desk.member, desk.notice
    desk.answer(ANSWER, to=notice)
    desk.office.actions.assign(1001, desk.other.id)
    desk.let_time_pass(1)
    desk.answer("#stop\n", to=desk.notice)
    assert desk.member is not member
    assert "No answer of yours waits" in helped(desk)
    assert [row.state for row in desk.waiting()] == [DeliveryState.PENDING]


def test_words_in_answer_to_a_note_of_ours_go_to_nobody(desk: Desk) -> None:
    desk.answer(ANSWER)
    desk.answer("Thank you!\n", to=desk.last_to(desk.member, WAITING))
    assert "It answers a note of ours." in helped(desk)
    desk.answer("#urgent\nOh, and one more thing, Sam.\n", to=desk.last_to(desk.member, Purpose.STAFF_HELP))
    assert "It answers a note of ours." in helped(desk)
    assert desk.ticket.priority is Priority.NORMAL
    assert len(desk.waiting()) == 1


def test_mail_without_words_of_its_own_says_so(desk: Desk) -> None:
    desk.answer("> A message is waiting for you.\n> Hello\n")
    assert "We found no words of yours in it" in helped(desk)


def test_locked_mail_says_so(desk: Desk) -> None:
    desk.answer("-----BEGIN PGP MESSAGE-----\n\nhQEMA\n-----END PGP MESSAGE-----\n")
    assert "Your mail came locked" in helped(desk)
    assert desk.waiting() == []


def test_whoever_lost_a_ticket_to_a_conflict_of_interest_can_not_act_on_it(desk: Desk) -> None:
    member, notice = desk.member, desk.notice
    desk.office.actions.exclude(member.id, 1001)
    desk.answer(f"#close\n{ANSWER}", to=notice)
    assert not desk.waiting()
    assert desk.ticket.state is TicketState.NEW


def test_ticket_without_an_address_can_not_be_answered(office: Office) -> None:
    office.start()
    office.work(make_mail(sender="Somebody"))
    desk = Desk(office)
    desk.answer(ANSWER)
    assert "We have no address of the person of EHT-1001." in helped(desk)


def test_note_by_the_terminal_is_the_same_thing(desk: Desk) -> None:
    desk.office.actions.note(1001, "They called.")
    assert notes(desk) == [("terminal", "They called.")]
