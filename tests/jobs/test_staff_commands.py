"""What staff can do by the first line of a mail."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from helpdesk.core.commands import Verb
from helpdesk.model.delivery import Attempt, DeliveryState, Outcome, Purpose
from helpdesk.model.message import Kind
from helpdesk.model.staff import OPEN_ENDED, Absence, Notices, StaffMember
from helpdesk.model.ticket import EventKind, Priority, TicketState
from tests.fakes import make_mail
from tests.jobs.conftest import DANA, MIKE, Office, make_desk, make_office
from tests.jobs.staff_post import Desk, desk_with_notice, words

ANSWER = "Hello Sam,\n\nThursday is fine. Shall we say at two?\n"
# Made once: its templates are tried in every situation.
the_desk = cache(make_desk)
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
    assert "EHT-1001 is closed. Nothing of your mail was passed on, and nothing was changed." in helped(desk)
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
        ("#away till 2026-12-14", date(2026, 12, 14), "up to and including Monday 14 December"),
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


@pytest.mark.parametrize("line", ["#away until soon", "#away until 31 November", "#away friday", "#away until 1 November"])
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


def test_two_notes_are_one(desk: Desk) -> None:
    desk.answer("#note She called.\n#note Twice.\nShe is well.\n")
    assert notes(desk) == [(f"staff:{desk.member.id}", "She called.\nTwice.\nShe is well.")]


@pytest.mark.parametrize("line", ["#close", "#pending"])
def test_a_ticket_is_not_done_with_while_its_answer_is_held(desk: Desk, line: str) -> None:
    desk.answer(f"{line}\nHello Sam, the police know. Shall we talk on Thursday?\n")
    assert [row.state for row in desk.waiting()] == [DeliveryState.HELD]
    assert desk.ticket.state is TicketState.NEW
    note = desk.last_to(desk.member, WAITING)
    assert "EHT-1001 still waits for us, since your answer has not gone out." in words(note)
    desk.answer("#send\n", to=note)
    assert desk.ticket.state is TicketState.PENDING


def test_a_held_answer_on_a_ticket_that_was_closed_before_leaves_it_closed(desk: Desk) -> None:
    notice = desk.notice
    desk.answer("#close\n", to=notice)
    desk.answer(f"#close\n{ANSWER}", to=notice)
    assert "still waits for us" not in words(desk.last_to(desk.member, WAITING))
    assert desk.ticket.state is TicketState.CLOSED


@pytest.mark.parametrize("line", ["#close", "#pending"])
def test_an_answer_that_is_taken_back_takes_back_what_was_said_with_it(desk: Desk, line: str) -> None:
    desk.answer(f"{line}\n{ANSWER}")
    note = desk.last_to(desk.member, WAITING)
    desk.answer("#stop\n", to=note)
    assert "EHT-1001 waits for us again." in helped(desk)
    assert (desk.ticket.state, desk.ticket.closed_at) == (TicketState.NEW, None)


def test_an_answer_that_is_taken_back_leaves_what_was_said_apart_from_it(desk: Desk) -> None:
    notice = desk.notice
    desk.answer(ANSWER, to=notice)
    desk.answer("#close\n", to=notice)
    desk.answer("#stop\n", to=desk.last_to(desk.member, WAITING))
    assert "waits for us again" not in helped(desk)
    assert desk.ticket.state is TicketState.CLOSED


def test_a_ticket_that_was_answered_before_is_open_when_an_answer_is_taken_back(desk: Desk) -> None:
    desk.answer(ANSWER)
    desk.let_time_pass()
    desk.person_writes("Thank you. And Friday?\n", In_Reply_To=f"<{desk.replies()[0].message_id}>")
    desk.answer("#close\nFriday is fine too.\n")
    desk.answer("#stop\n", to=desk.last_to(desk.member, WAITING))
    assert desk.ticket.state is TicketState.OPEN


def test_send_asks_which_of_several_is_meant(desk: Desk) -> None:
    notice = desk.notice
    desk.answer("Hello Sam, the police know.\n", to=notice)
    held = desk.last_to(desk.member, WAITING)
    desk.answer(ANSWER, to=notice)
    desk.answer("#send\n", to=notice)
    assert "2 answers of yours wait on EHT-1001. Reply with #send to the note of the one that is to go." in helped(desk)
    assert desk.replies() == []
    desk.answer("#send\n", to=held)
    assert len(desk.replies()) == 1


def test_what_was_held_and_written_anew_is_not_sent_after_it(desk: Desk) -> None:
    notice = desk.notice
    desk.answer("Hello Sam, the police know.\n", to=notice)
    desk.answer(ANSWER, to=notice)
    desk.let_time_pass()
    desk.answer("#send\n", to=notice)
    assert "No answer of yours waits on EHT-1001." in helped(desk)
    assert len(desk.replies()) == 1


def test_an_answer_that_failed_is_not_called_held(desk: Desk) -> None:
    desk.answer(ANSWER)
    note = desk.last_to(desk.member, WAITING)
    desk.office.transport.answers.append(Attempt(Outcome.PERMANENT, 550, "no such mailbox"))
    desk.let_time_pass()
    desk.answer("#stop\n", to=note)
    assert "Your answer could not be delivered, and is not tried any more." in helped(desk)


def absences(desk: Desk) -> list[tuple[date, date]]:
    with desk.office.store.reading() as uow:
        return [(each.first_day, each.last_day) for each in uow.people.absences(date(2026, 11, 2))]


def test_leave_that_is_to_come_moves_nothing_yet_and_can_be_called_off(desk: Desk) -> None:
    member, notice = desk.member, desk.notice
    desk.answer("#away from 24 December to 2 January\n", to=notice)
    assert "You are away from Thursday 24 December up to and including Saturday 2 January 2027." in helped(desk)
    assert absences(desk) == [(date(2026, 12, 24), date(2027, 1, 2))]
    assert desk.member is member
    desk.answer("#back\n", to=notice)
    assert "The leave that was planned for you is off." in helped(desk)
    desk.answer("#back\n", to=notice)
    assert "You were not away, and get tickets as before." in helped(desk)
    assert absences(desk) == []


def test_who_is_back_early_says_so_and_hears_of_the_leave_to_come(desk: Desk) -> None:
    member, notice = desk.member, desk.notice
    desk.answer("#away from 9 November to 13 November\n", to=notice)
    desk.answer("#away until friday\n", to=notice)
    desk.answer("#take\n", to=notice)
    told = words(desk.last_to(member, Purpose.STAFF_HELP))
    assert "is away until Friday 6 November. If you are back: #back" in told
    desk.answer("#back\nHello Sam, I am back.\n", to=notice)
    told = words(desk.last_to(member, Purpose.STAFF_HELP))
    assert "Welcome back. From now on you get tickets again. You are away again from Monday 9 November on." in told
    assert "The words below it were not passed on." in told
    desk.answer("#take\n", to=notice)
    assert desk.member is member


def test_leave_that_goes_on_into_another_ends_with_that(desk: Desk) -> None:
    member, notice = desk.member, desk.notice
    desk.answer("#away from 5 November to 13 November\n", to=notice)
    desk.answer("#away until friday\n", to=notice)
    told = words(desk.last_to(member, Purpose.STAFF_HELP))
    assert "You are away up to and including Friday 13 November" in told
    assert "A note tells you who has what waited" in told


def test_leave_without_an_end_is_said_to_have_none(desk: Desk) -> None:
    member, notice = desk.member, desk.notice
    desk.office.actions.away(member.id, date(2026, 11, 4), OPEN_ENDED)
    desk.answer("#away until friday\n", to=notice)
    told = words(desk.last_to(member, Purpose.STAFF_HELP))
    assert "You are away until you say that you are back, and get no new tickets until then." in told


def test_who_is_away_and_answers_what_nobody_has_does_not_get_it(desk: Desk) -> None:
    member, other, notice = desk.member, desk.other, desk.notice
    desk.office.actions.away(other.id, date(2026, 11, 2), date(2026, 11, 6))
    desk.office.actions.away(member.id, date(2026, 11, 2), date(2026, 11, 6))
    assert desk.ticket.assignee is None
    desk.answer(ANSWER, to=notice)
    assert desk.ticket.assignee is None
    desk.let_time_pass()
    assert len(desk.replies()) == 1


def test_who_is_kept_from_a_ticket_may_go_on_leave_all_the_same(desk: Desk) -> None:
    member, notice = desk.member, desk.notice
    desk.office.actions.exclude(member.id, 1001)
    desk.answer("#away until friday\n", to=notice)
    assert "You are away up to" in words(desk.last_to(member, Purpose.STAFF_HELP))
    desk.answer("#away until friday\n#close\n", to=notice)
    assert "you can't act on it" in words(desk.last_to(member, Purpose.STAFF_HELP))


def test_the_giver_of_a_ticket_has_one_mail_of_it(desk: Desk) -> None:
    member, other = desk.member, desk.other
    before = len(desk.office.transport.to(member.email))
    desk.answer(f"#assign to {other.public_name}\n")
    assert desk.purposes_to(member)[before:] == [Purpose.STAFF_HELP]
    assert f"EHT-1001 is {other.public_name}'s. They have a notice. " in words(desk.last_to(member, Purpose.STAFF_HELP))


def test_assign_to_oneself_is_take(desk: Desk) -> None:
    desk.answer(f"#assign {desk.member.public_name}\n")
    assert "EHT-1001 is yours." in helped(desk)


@pytest.mark.parametrize("line", ["#take", "#assign Mike"])
def test_a_closed_ticket_stays_closed_whoever_gets_it(desk: Desk, line: str) -> None:
    notice = desk.notice
    desk.answer("#close\n", to=notice)
    desk.answer(f"{line}\n", to=notice)
    told = words([mail for mail in desk.office.transport.sent if mail.purpose is Purpose.STAFF_HELP][-1])
    assert "It stays closed until the person writes." in told


def desk_with_staff(path: Path, names: dict[str, str]) -> Desk:
    """A desk with Mike, who has the ticket, and others of these names, by their ids."""
    others = tuple(StaffMember(each, name, f"{each}@example.net", capacity=0) for each, name in names.items())
    return desk_with_notice(make_office(path, replace(the_desk(), staff=(MIKE, *others))))


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("Zoe", "zoe"),
        ("Zoe\u0308", "zoe"),
        ("ZO\u00cb.", "zoe"),
        ("O\u2019Brien", "pat"),
        ("Alex", "kim"),
        ("kim", "kim"),
        ("dana2", "dana2"),
        ("dana", "dana"),
    ],
    ids=[
        "no dots",
        "two characters",
        "capitals",
        "a curly apostrophe",
        "a name before an id",
        "an id",
        "one of two",
        "the other",
    ],
)
def test_assign_knows_people_by_their_names(tmp_path: Path, name: str, found: str) -> None:
    names = {"zoe": "Zo\u00eb", "pat": "O'Brien", "kim": "Alex", "alex": "Sam", "dana2": "Dana", "dana": "Dana"}
    desk = desk_with_staff(tmp_path, names)
    desk.answer(f"#assign {name}\n")
    assert desk.ticket.assignee == found
    desk.office.store.close()


def test_assign_to_a_name_that_two_have_asks_which(tmp_path: Path) -> None:
    desk = desk_with_staff(tmp_path, {"dana2": "Dana", "dana": "Dana"})
    desk.answer("#assign Dana\n")
    assert "Whom do you mean by \u201cDana\u201d? There are: dana2, dana." in words(desk.last_to(MIKE, Purpose.STAFF_HELP))
    desk.office.store.close()


def test_who_gets_notices_without_content_is_told_that_there_is_a_note(tmp_path: Path) -> None:
    staff = (MIKE, replace(DANA, notices=Notices.MINIMAL, capacity=0))
    desk = desk_with_notice(make_office(tmp_path, replace(the_desk(), staff=staff)))
    desk.answer("#assign Dana\nShe would rather talk to you.\n")
    notice = words(desk.last_to(DANA, Purpose.STAFF_ASSIGNED))
    assert "There are notes among us on this ticket." in notice
    assert "rather" not in notice
    assert "They have a notice, which shows no content." in words(desk.last_to(MIKE, Purpose.STAFF_HELP))
    desk.office.store.close()


@pytest.mark.parametrize("line", ["#close", "#pending", "#take", "#urgent", "#close\n#urgent"])
@pytest.mark.parametrize("end", ["Thanks!", "Kind regards\nRosalind Jones\n07700 900123"])
def test_the_end_of_a_mail_below_a_command_is_no_answer(desk: Desk, line: str, end: str) -> None:
    desk.answer(f"{line}\n\n{end}\n", sender=f"Rosalind Jones <{desk.member.email}>")
    assert "was taken for the end of your mail, and not passed on." in helped(desk)
    assert desk.waiting() == []


def test_a_command_with_a_signature_is_done_in_answer_to_any_mail_of_ours(desk: Desk) -> None:
    desk.answer("#help\n")
    desk.answer(f"#close\n\n{desk.member.public_name}\n", to=desk.last_to(desk.member, Purpose.STAFF_HELP))
    assert desk.ticket.state is TicketState.CLOSED


def test_who_gives_a_ticket_with_a_signature_alone_leaves_no_note(desk: Desk) -> None:
    desk.answer(f"#assign {desk.other.public_name}\n\nThanks\n")
    assert notes(desk) == []


def test_an_answer_without_a_command_goes_however_short(desk: Desk) -> None:
    desk.answer("Thanks!\n")
    assert [row.state for row in desk.waiting()] == [DeliveryState.PENDING]


def test_an_answer_that_waits_is_held_when_its_author_is_kept_from_the_ticket(desk: Desk) -> None:
    member, notice = desk.member, desk.notice
    desk.answer(ANSWER, to=notice)
    desk.office.actions.exclude(member.id, 1001)
    desk.let_time_pass(60)
    assert desk.replies() == []
    (row,) = desk.waiting()
    assert (row.state, row.held_because) == (DeliveryState.HELD, "its author is not to have this person's tickets")
    desk.answer("#send\n", to=notice)
    assert desk.replies() == []


def test_days_within_a_planned_leave_do_not_cut_it_short(desk: Desk) -> None:
    notice = desk.notice
    desk.answer("#away from 9 November to 20 November\n", to=notice)
    desk.answer("#away on 12 November\n", to=notice)
    assert "You are away on those days already." in helped(desk)
    assert absences(desk) == [(date(2026, 11, 9), date(2026, 11, 20))]
    desk.answer("#away from 12 November to 27 November\n", to=notice)
    assert "You are away from Thursday 12 November up to and including Friday 27 November." in helped(desk)
    assert absences(desk) == [(date(2026, 11, 9), date(2026, 11, 27))]


def test_a_held_answer_is_not_let_go_over_what_its_author_has_not_seen(desk: Desk) -> None:
    member, other, notice = desk.member, desk.other, desk.notice
    desk.office.actions.assign(1001, other.id)
    desk.answer(ANSWER, to=notice)
    note = desk.last_to(member, WAITING)
    desk.answer(ANSWER.replace("two", "three"), to=desk.notice)
    desk.let_time_pass()
    with desk.office.store.reading() as uow:
        first = uow.messages.of_ticket(desk.ticket.id)[0].message_id
    desk.person_writes("Three is good.\n", In_Reply_To=f"<{first}>")
    desk.answer("#send\n", to=note)
    told = words(desk.last_to(member, Purpose.STAFF_HELP))
    assert "The person has written again since then." in told
    assert f"{other.public_name} has answered this person since then, on Monday 2 November" in told
    assert len(desk.replies()) == 1
    desk.answer("#send\n", to=desk.last_to(member, Purpose.STAFF_HELP))
    assert len(desk.replies()) == 2


def test_one_of_two_held_answers_is_let_go_over_what_its_author_has_read_meanwhile(desk: Desk) -> None:
    notice = desk.notice
    desk.answer("Hello Sam, the police know.\n", to=notice)
    first = desk.last_to(desk.member, WAITING)
    desk.answer("Hello Sam, the police have called.\n", to=notice)
    desk.person_writes("Are you there?\n")
    desk.answer("#send\n", to=first)
    assert "The person has written again since then." in helped(desk)
    assert desk.replies() == []
    desk.answer("#send\n", to=desk.last_to(desk.member, Purpose.STAFF_HELP))
    assert [b"know" in reply.content for reply in desk.replies()] == [True]


def test_whoever_is_answering_hears_that_a_held_answer_of_another_was_let_go(desk: Desk) -> None:
    member, other, notice = desk.member, desk.other, desk.notice
    desk.office.actions.assign(1001, other.id)
    desk.answer(ANSWER, to=notice)
    desk.answer(ANSWER.replace("two", "three"), to=desk.notice)
    desk.answer("#send\n", to=desk.last_to(member, WAITING))
    told = words(desk.last_to(other, Purpose.STAFF_HELP))
    assert f"{member.public_name} has answered EHT-1001 too, while your answer waits." in told
    assert "Theirs goes now." in told
    assert len(desk.replies()) == 1
