"""Whoever takes a ticket over reads what was said on it before, and nothing of whoever said it."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path

from helpdesk.model.delivery import DeliveryState, Purpose
from helpdesk.model.staff import Notices
from tests.jobs.conftest import DANA, MIKE, Office, make_desk, make_office
from tests.jobs.staff_post import Desk, desk_with_notice, words

FIRST = "I do not know what to do about my brother."
ANSWER = "Come on Thursday at two, there is no need to bring anything or anybody with you."


def handed_over(office: Office) -> Desk:
    """Sam has written, was answered, has written again, and whoever answered gives the ticket to the other."""
    desk = desk_with_notice(office)
    desk.answer(f"{ANSWER}\n\n-- \nRosalind Fairweather\n", sender=f"Rosalind Fairweather <{desk.member.email}>")
    desk.let_time_pass()
    desk.person_writes("Thursday is fine.\n", In_Reply_To=f"<{desk.replies()[0].message_id}>")
    desk.answer(f"#assign {desk.other.public_name}\n")
    return desk


def test_who_takes_a_ticket_over_reads_what_was_said_before_the_newest_first(office: Office) -> None:
    desk = handed_over(office)
    notice = desk.last_to(desk.member, Purpose.STAFF_ASSIGNED)
    shown = words(notice)
    assert "This is what they wrote: Thursday is fine. Who wrote" in shown
    assert shown.index("We answered, on Monday 2 November") < shown.index("They wrote, on Monday 2 November")
    assert ANSWER in shown
    assert shown.count(FIRST) == 1
    assert shown.count("Thursday is fine.") == 1
    assert not [word for word in ("Rosalind", "Shelton Street", desk.other.email) if word in shown]


def test_the_first_notice_has_nothing_of_it(office: Office) -> None:
    shown = words(desk_with_notice(office).notice)
    assert "They wrote, on" not in shown
    assert "said before" not in shown


def test_what_was_answered_before_may_be_said_again(office: Office) -> None:
    desk = handed_over(office)
    desk.answer(f"As you were told: {ANSWER}", to=desk.last_to(desk.member, Purpose.STAFF_ASSIGNED))
    assert [row.state for row in desk.waiting()] == [DeliveryState.PENDING]


def test_what_the_person_wrote_before_may_not(office: Office) -> None:
    desk = handed_over(office)
    desk.answer(f"You said: {FIRST}", to=desk.last_to(desk.member, Purpose.STAFF_ASSIGNED))
    assert [row.state for row in desk.waiting()] == [DeliveryState.HELD]


def test_a_notice_without_content_has_none_of_it(tmp_path: Path) -> None:
    staff = tuple(replace(member, notices=Notices.MINIMAL) for member in (MIKE, DANA))
    office = make_office(tmp_path, make_desk(staff=staff))
    with closing(office.store):
        desk = handed_over(office)
        shown = words(desk.last_to(desk.member, Purpose.STAFF_ASSIGNED))
    assert ANSWER not in shown
    assert FIRST not in shown
