"""Somebody goes on leave with open tickets: who gets them, who is told what, and that nothing moves twice."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from helpdesk.errors import DatabaseUnavailable, NotFound
from helpdesk.jobs.hand_over import HandOver
from helpdesk.model.delivery import Attempt, Delivery, Outcome, Purpose
from helpdesk.model.staff import OPEN_ENDED, Absence, StaffMember
from helpdesk.model.ticket import Event, Priority, Ticket, TicketState
from tests.fakes import make_mail
from tests.jobs.conftest import DANA, MIKE, Office, make_desk, make_office
from tests.jobs.test_conversation import BOUNCE
from tests.jobs.test_loops import text_of

OMAR = StaffMember("omar", "Omar", "omar.private@example.net")
MONDAY, FRIDAY, SUNDAY = date(2026, 11, 2), date(2026, 11, 6), date(2026, 11, 15)
PEOPLE = ("sam", "kim", "alex")


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    office = make_office(tmp_path, make_desk(staff=(MIKE, DANA, OMAR)))
    office.start()
    yield office
    office.store.close()


def write(office: Office, who: str, number: int = 1, **headers: str) -> None:
    office.work(make_mail(f"{who}@example.org", message_id=f"<{who}{number}@example.org>", body=f"It is {who}.\n", **headers))


def change(office: Office, number: int, **changes: object) -> None:
    with office.store.writing() as uow:
        ticket = uow.tickets.by_number(number)
        assert ticket
        uow.tickets.save(replace(ticket, **changes))
        uow.commit()


def all_are_danas(office: Office, *people: str) -> None:
    """Each of these has written, and Dana has all of it; nobody has any mail of that left to read."""
    for who in people:
        write(office, who)
    for ticket in office.tickets():
        change(office, ticket.number, assignee="dana")
    office.transport.sent.clear()


def hand_over(office: Office) -> None:
    HandOver(office.store, office.actions.processor, office.clock).look()
    office.deliverer.deliver_due()


def holders(office: Office) -> list[str | None]:
    return [ticket.assignee for ticket in office.tickets()]


def ticket_of(office: Office, number: int) -> Ticket:
    return next(ticket for ticket in office.tickets() if ticket.number == number)


def events(office: Office, number: int) -> list[Event]:
    with office.store.reading() as uow:
        return uow.tickets.events(ticket_of(office, number).id)


def to(office: Office, member: StaffMember) -> list[Purpose]:
    return [delivery.purpose for delivery in office.transport.to(member.email)]


def lines_of(delivery: Delivery) -> list[str]:
    return [line.strip() for line in text_of(delivery).splitlines() if "EHT-" in line]


def test_waiting_tickets_move_when_the_leave_begins_and_both_are_told(office: Office) -> None:
    all_are_danas(office, "sam")
    member, moved = office.actions.away("dana", MONDAY, SUNDAY)
    office.deliverer.deliver_due()
    assert (member, [ticket.number for ticket in moved], holders(office)) == (DANA, [1001], ["mike"])
    handed_over, assigned = events(office, 1001)[-2:]
    assert (handed_over.actor, handed_over.why) == ("staff:dana", "Dana is away until Sunday 15 November")
    assert assigned.why.split(", ")[0] == "Mike: working now"
    assert assigned.why.endswith("; Dana is away until Sunday 15 November")
    (notice,) = office.transport.to(MIKE.email)
    assert notice.purpose is Purpose.STAFF_ASSIGNED
    assert "It is sam." in text_of(notice)
    assert assigned.why in " ".join(text_of(notice).split())
    (note,) = office.transport.to(DANA.email)
    assert note.purpose is Purpose.STAFF_MOVED
    assert lines_of(note) == ["EHT-1001: Mike has it now"]
    assert "until Sunday 15 November" in text_of(note)
    assert "sam" not in text_of(note).casefold()


def test_a_leave_that_was_entered_before_begins_on_its_first_day_in_the_office_and_only_once(office: Office) -> None:
    all_are_danas(office, "sam", "kim")
    office.actions.away("dana", date(2026, 11, 3), SUNDAY)
    office.clock.at = datetime(2026, 11, 2, 23, 59, tzinfo=UTC)
    hand_over(office)
    assert holders(office) == ["dana", "dana"]
    office.clock.advance(minutes=1)
    for _ in range(3):
        hand_over(office)
        office.clock.advance(minutes=1)
    assert sorted(map(str, holders(office))) == ["mike", "omar"]
    assert to(office, DANA) == [Purpose.STAFF_MOVED]
    assert [*to(office, MIKE), *to(office, OMAR)] == [Purpose.STAFF_ASSIGNED] * 2
    assert office.ticket_events(1001).count("handed_over") == 1


def test_in_summer_time_a_leave_begins_at_midnight_in_the_office(office: Office) -> None:
    office.clock.at = datetime(2026, 7, 6, 9, tzinfo=UTC)
    all_are_danas(office, "sam")
    office.actions.away("dana", date(2026, 7, 7), date(2026, 7, 8))
    office.clock.at = datetime(2026, 7, 6, 23, 0, tzinfo=UTC)
    hand_over(office)
    assert holders(office) != ["dana"]


def test_what_waits_for_the_person_stays_unless_they_write(office: Office) -> None:
    all_are_danas(office, "sam", "kim")
    for number in (1001, 1002):
        change(office, number, state=TicketState.PENDING, answered_at=office.clock.now())
    office.actions.away("dana", MONDAY, SUNDAY)
    hand_over(office)
    assert holders(office) == ["dana", "dana"]
    write(office, "sam", 2, In_Reply_To="<sam1@example.org>")
    moved = ticket_of(office, 1001)
    assert (moved.state, moved.assignee) == (TicketState.OPEN, "mike")
    assert holders(office)[1] == "dana"
    assert office.ticket_events(1001)[-4:] == ["follow_up", "not_acknowledged", "handed_over", "assigned"]
    assert to(office, MIKE) == [Purpose.STAFF_ASSIGNED]
    (note,) = office.transport.to(DANA.email)
    assert lines_of(note) == ["EHT-1001: Mike has it now"]


def test_urgent_tickets_come_first_where_capacity_is_short(tmp_path: Path) -> None:
    lead = replace(MIKE, capacity=0)
    office = make_office(tmp_path, make_desk(staff=(lead, DANA, replace(OMAR, capacity=1))))
    with closing(office.store):
        office.start()
        all_are_danas(office, *PEOPLE)
        change(office, 1002, priority=Priority.HIGH)
        change(office, 1003, priority=Priority.URGENT)
        office.actions.away("dana", MONDAY, SUNDAY)
        assert holders(office) == ["mike", "mike", "omar"]


def test_where_nobody_is_free_the_leads_are_told_at_once(tmp_path: Path) -> None:
    deputy = replace(OMAR, capacity=0)
    office = make_office(tmp_path, make_desk(staff=(MIKE, DANA, deputy)))
    with closing(office.store):
        office.start()
        all_are_danas(office, "sam")
        for staff_id in ("mike", "dana"):
            office.actions.away(staff_id, MONDAY, SUNDAY)
        office.deliverer.deliver_due()
        assert holders(office) == [None]
        assert events(office, 1001)[-1].why == (
            "Nobody could take it: Mike is away; Dana is away; Omar is full (0 tickets open)."
        )
        assert to(office, MIKE) == [Purpose.STAFF_ASSIGNED]
        (note,) = office.transport.to(DANA.email)
        assert lines_of(note) == ["EHT-1001: nobody has it yet, the leads know"]


def test_nothing_moves_back_and_who_knows_a_person_gets_what_they_write_next(office: Office) -> None:
    all_are_danas(office, "sam")
    office.actions.away("dana", MONDAY, FRIDAY)
    assert holders(office) == ["mike"]
    office.clock.advance(days=7)
    hand_over(office)
    write(office, "sam", 2, In_Reply_To="<sam1@example.org>")
    assert holders(office) == ["mike"], "Mike goes on with what he has begun"
    office.actions.close(1001)
    office.clock.advance(days=60)
    write(office, "sam", 3)
    assert holders(office) == ["mike", "dana"]
    assert events(office, 1002)[-1].why == "Dana: knows this person"


def test_tickets_of_somebody_who_has_left_the_staff_list_are_given_to_others(office: Office) -> None:
    all_are_danas(office, "sam")
    change(office, 1001, assignee="left-long-ago")
    hand_over(office)
    assert holders(office) != ["left-long-ago"]
    assert events(office, 1001)[-1].why.endswith("; left-long-ago is not among the staff any more")
    assert "handed_over" not in office.ticket_events(1001)
    assert [each.purpose for each in office.transport.sent] == [Purpose.STAFF_ASSIGNED]


def test_a_ticket_whose_mails_are_machines_but_for_the_first_is_shown_by_the_words_of_the_person(office: Office) -> None:
    all_are_danas(office, "sam")
    write(office, "sam", 2, In_Reply_To="<sam1@example.org>", Auto_Submitted="auto-replied")
    office.actions.away("dana", MONDAY, SUNDAY)
    office.deliverer.deliver_due()
    (notice,) = office.transport.to(MIKE.email)
    assert "It is sam." in text_of(notice)
    assert "the acknowledgement, written on Monday 2 November at 11:00 UK time" in " ".join(text_of(notice).split())


@pytest.mark.parametrize("answered", [True, False], ids=["answered", "heard nothing"])
def test_the_notice_says_what_the_person_has_from_us(office: Office, answered: bool) -> None:
    office.clock.at -= timedelta(days=5)
    mail = make_mail("sam@example.org")
    office.folder.put(mail, office.clock.now() - timedelta(days=5))
    office.clock.at += timedelta(days=5)
    office.work()
    change(office, 1001, assignee="dana", answered_at=office.clock.now() if answered else None)
    office.transport.sent.clear()
    office.actions.away("dana", MONDAY, SUNDAY)
    office.deliverer.deliver_due()
    (notice,) = office.transport.to(MIKE.email)
    sent = "an answer, on Monday 2 November at 11:00 UK time" if answered else "nothing yet"
    assert f"What they were sent: {sent}" in " ".join(text_of(notice).split())


def test_a_ticket_of_which_no_message_is_left_is_given_all_the_same(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    all_are_danas(office, "sam")
    with office.store.reading() as uow:
        messages = type(uow.messages)
    monkeypatch.setattr(messages, "raw", lambda self, message_id: None)
    office.actions.away("dana", MONDAY, SUNDAY)
    office.deliverer.deliver_due()
    assert to(office, MIKE) == [Purpose.STAFF_ASSIGNED]


def test_a_database_that_is_away_puts_it_off(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    all_are_danas(office, "sam")
    with office.store.writing() as uow:
        uow.people.add_absence(Absence("dana", MONDAY, SUNDAY))
        uow.commit()

    def away() -> None:
        raise DatabaseUnavailable("The database is away.")

    with monkeypatch.context() as patched:
        patched.setattr(type(office.store), "writing", lambda self: away())
        hand_over(office)
    assert holders(office) == ["dana"]
    hand_over(office)
    assert holders(office) == ["mike"]


@pytest.mark.parametrize(
    ("entered", "then", "expected"),
    [
        ([(2, 6)], (4, 13), [(2, 13)]),
        ([(2, 6)], (3, 4), [(2, 4)]),
        ([(4, 6)], (2, 10), [(2, 10), (4, 6)]),
        ([(2, 3)], (5, 6), [(2, 3), (5, 6)]),
        ([(5, 9), (4, 8)], (6, 7), [(4, 7), (5, 7)]),
    ],
    ids=["longer", "shorter", "around another", "apart", "within two"],
)
def test_a_leave_that_begins_within_another_says_when_that_ends(
    office: Office, entered: list[tuple[int, int]], then: tuple[int, int], expected: list[tuple[int, int]]
) -> None:
    for first, last in (*entered, then):
        office.actions.away("dana", date(2026, 11, first), date(2026, 11, last))
    with office.store.reading() as uow:
        found = [(each.first_day.day, each.last_day.day) for each in uow.people.absences(MONDAY)]
    assert found == expected


def test_a_leave_may_have_no_end_until_they_are_back(office: Office) -> None:
    all_are_danas(office, "sam")
    office.actions.away("dana", MONDAY, OPEN_ENDED)
    assert events(office, 1001)[-2].why == "Dana is away"
    office.deliverer.deliver_due()
    (note,) = office.transport.to(DANA.email)
    assert "You are away. Somebody waited" in " ".join(text_of(note).split())
    office.clock.advance(days=400)
    write(office, "kim")
    assert holders(office)[1] != "dana"
    assert office.actions.back("dana")
    with office.store.reading() as uow:
        assert uow.people.absences(office.actions.today()) == []


@pytest.mark.parametrize("days", [(date(2026, 10, 1), date(2026, 10, 30)), (FRIDAY, MONDAY)], ids=["past", "backwards"])
def test_a_leave_that_is_over_before_it_begins_is_refused(office: Office, days: tuple[date, date]) -> None:
    with pytest.raises(NotFound, match="Nothing was changed"):
        office.actions.away("dana", *days)


def test_the_leads_hear_of_a_mail_that_came_back_while_the_assignee_is_away(office: Office) -> None:
    write(office, "sam")
    answer = office.transport.to("sam@example.org")[0].message_id
    change(office, 1001, assignee="dana", state=TicketState.PENDING)
    office.actions.away("dana", MONDAY, SUNDAY)
    office.transport.sent.clear()
    office.work(BOUNCE.replace(b"OURS", answer.encode()))
    assert (to(office, DANA), to(office, MIKE), holders(office)) == ([], [Purpose.ADMIN_ALERT], ["dana"])


def listing(office: Office, **excludes: str) -> Office:
    """The worker after a restart with these in the staff list."""
    staff = tuple(replace(each, excludes=(excludes[each.id],)) if each.id in excludes else each for each in office.desk.staff)
    return replace(
        office,
        actions=replace(office.actions, processor=replace(office.actions.processor, desk=replace(office.desk, staff=staff))),
    )


def test_what_the_staff_list_keeps_from_its_holder_since_a_restart_goes_to_others(office: Office) -> None:
    all_are_danas(office, *PEOPLE)
    change(office, 1002, state=TicketState.PENDING)
    change(office, 1003, state=TicketState.CLOSED)
    listed = listing(office, dana="@example.org")
    for _ in range(2):
        hand_over(listed)
    assert [holder == "dana" for holder in holders(office)] == [False, False, True]
    (note,) = office.transport.to(DANA.email)
    assert lines_of(note) == ["EHT-1001", "EHT-1002"]
    assert not [each for number in (1001, 1002) for each in events(office, number)[-1:] if "dana" in each.why.casefold()]


def test_who_is_on_leave_hears_no_more_of_what_is_kept_from_them_than_that(office: Office) -> None:
    all_are_danas(office, *PEOPLE)
    office.actions.away("dana", FRIDAY, SUNDAY)
    office.clock.advance(days=4)
    hand_over(listing(office, dana="kim@example.org"))
    notes = {text_of(each).count("EHT-"): each for each in office.transport.to(DANA.email)}
    assert sorted(notes) == [1, 2]
    assert lines_of(notes[1]) == ["EHT-1002"]
    assert "You are away" not in text_of(notes[1])


def test_mail_to_them_about_it_that_waits_is_never_sent(office: Office) -> None:
    all_are_danas(office, "sam")
    office.transport.answers = [Attempt(Outcome.TRANSIENT, 451, "later")] * 2
    write(office, "sam", 2, In_Reply_To="<sam1@example.org>")
    office.clock.advance(hours=5)
    hand_over(listing(office, dana="sam@example.org"))
    assert to(office, DANA) == [Purpose.STAFF_MOVED]
