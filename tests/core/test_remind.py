"""When who hears that a person still waits: each once, in office hours, never the absent."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from helpdesk.core.remind import Reminder, ReminderRules, decide_reminders, is_overdue, waits_since
from helpdesk.model.delivery import Purpose
from helpdesk.model.office import OfficeHours
from helpdesk.model.policy import TicketPolicy
from helpdesk.model.reminder import Step, WaitingTicket
from helpdesk.model.ticket import EventKind, Priority, TicketState

LONDON = ZoneInfo("Europe/London")
OFFICE = OfficeHours(LONDON, time(10), time(16), frozenset(range(5)))
RULES = ReminderRules(OFFICE, TicketPolicy(), frozenset({"mike", "dana"}))
PATIENT = replace(RULES, policy=TicketPolicy(still_with_you_days=3))

REMIND, ESCALATE, STILL = Purpose.STAFF_REMINDER, Purpose.STAFF_ESCALATION, Purpose.STILL_WITH_YOU
KINDS = {kind.value: kind for kind in EventKind}


def at(text: str) -> datetime:
    """A moment of the first week of November 2026, such as "mon 10:00"; with a 2 behind the day, of the second."""
    day, clock = text.split()
    number = 2 + ["mon", "tue", "wed", "thu", "fri", "sat", "sun"].index(day[:3]) + (7 if day.endswith("2") else 0)
    hour, minute = clock.split(":")
    return datetime(2026, 11, number, int(hour), int(minute), tzinfo=UTC)


def ticket(*steps: str, assignee: str | None = "dana", answered: str = "", **changes: object) -> WaitingTicket:
    """A ticket with these steps, such as "mon 10:00 opened"; the id of each is its number."""
    made = []
    for number, step in enumerate(steps):
        moment, _, kind = step.rpartition(" ")
        made.append(Step(str(number), KINDS[kind], at(moment)))
    values: dict[str, object] = {
        "id": "t",
        "number": 1001,
        "state": TicketState.NEW,
        "priority": Priority.NORMAL,
        "assignee": assignee,
        "opened_at": made[0].at if made else at("mon 10:00"),
        "answered_at": at(answered) if answered else None,
        "paused": False,
        "reached": True,
        "steps": tuple(made),
    }
    return WaitingTicket(**{**values, **changes})  # type: ignore[arg-type]


def due(found: WaitingTicket, now: str, rules: ReminderRules = RULES) -> list[tuple[Purpose, str]]:
    """What is due, with the number of the step that is its cause."""
    return [(each.purpose, each.cause) for each in decide_reminders(found, rules, at(now))]


NEW = ("mon 10:00 opened", "mon 10:00 assigned")


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        pytest.param("mon 13:59", [], id="a minute before four hours"),
        pytest.param("mon 14:00", [(REMIND, "1")], id="after four hours the assignee"),
        pytest.param("mon 16:00", [], id="not when the office has closed"),
        pytest.param("tue 09:59", [], id="not before it opens"),
        pytest.param("tue 10:00", [(REMIND, "1")], id="what was not written yet comes when it opens"),
        pytest.param("tue 12:00", [(REMIND, "1"), (ESCALATE, "1")], id="after eight hours the leads too"),
        pytest.param("sat 12:00", [], id="not on a saturday"),
    ],
)
def test_the_assignee_is_reminded_after_four_office_hours_and_the_leads_hear_after_eight(
    now: str, expected: list[tuple[Purpose, str]]
) -> None:
    assert due(ticket(*NEW), now) == expected


@pytest.mark.parametrize(
    ("steps", "now", "expected"),
    [
        pytest.param((*NEW, "mon 14:00 reminded"), "mon 14:01", [], id="reminded once"),
        pytest.param((*NEW, "mon 14:00 reminded"), "tue 12:00", [(ESCALATE, "1")], id="then the leads"),
        pytest.param((*NEW, "mon 14:00 reminded", "tue 12:00 escalated"), "fri 15:59", [], id="then no more"),
        pytest.param((*NEW, "mon 11:00 follow_up"), "mon 14:00", [(REMIND, "1")], id="who writes again waits no shorter"),
        pytest.param(
            (*NEW, "mon 13:00 assigned"), "mon 14:00", [], id="somebody else has it: four hours for them, from then on"
        ),
        pytest.param((*NEW, "mon 13:00 assigned"), "tue 11:00", [(REMIND, "2")], id="and then a reminder"),
        pytest.param(
            (*NEW, "mon 14:00 reminded", "mon 15:00 assigned"), "tue 13:00", [(REMIND, "3"), (ESCALATE, "1")],
            id="the leads hear when the person has waited for eight, whoever had it",
        ),
        pytest.param(
            (*NEW, "mon 14:00 reminded", "tue 12:00 escalated", "tue 13:00 assigned"), "wed 11:00", [(REMIND, "4")],
            id="whom a lead gave it to is reminded",
        ),
        pytest.param(
            (*NEW, "mon 14:00 reminded", "tue 12:00 escalated", "tue 13:00 assigned", "wed 11:00 reminded"),
            "wed 15:00",
            [(ESCALATE, "4")],
            id="and the leads hear once more",
        ),
        pytest.param(
            (*NEW, "mon 14:00 reminded", "tue 10:30 paused", "wed 10:30 resumed"), "wed 14:29", [],
            id="resumed: nothing is left of the time before",
        ),
        pytest.param(
            (*NEW, "mon 14:00 reminded", "tue 10:30 paused", "wed 10:30 resumed"), "wed 14:30", [(REMIND, "4")],
            id="resumed: four hours later",
        ),
        pytest.param(
            (*NEW, "tue 11:00 closed", "wed 10:00 reopened", "wed 10:00 follow_up"), "wed 14:00", [(REMIND, "3")],
            id="reopened: from then on",
        ),
        pytest.param(
            (*NEW, "mon 11:00 pending", "tue 10:00 follow_up"), "tue 14:00", [(REMIND, "3")],
            id="we waited for them: from then on",
        ),
        pytest.param(
            (*NEW, "mon 11:00 replied", "tue 10:00 follow_up"), "tue 14:00", [(REMIND, "3")],
            id="they had a reply: from then on",
        ),
        pytest.param(("mon 10:00 opened",), "fri 12:00", [], id="taken in by hand, and not given out yet"),
        pytest.param(("mon 10:00 opened", "thu 10:00 assigned"), "thu 14:00", [(REMIND, "1")], id="given out later"),
        pytest.param((), "fri 12:00", [], id="of which nothing is known"),
    ],
)  # fmt: skip
def test_each_is_due_once_for_a_wait(steps: tuple[str, ...], now: str, expected: list[tuple[Purpose, str]]) -> None:
    assert due(ticket(*steps), now) == expected


@pytest.mark.parametrize(
    ("answered", "steps", "now", "expected"),
    [
        pytest.param("mon 12:00", ("tue 11:00 follow_up",), "tue 14:59", [], id="not before"),
        pytest.param("mon 12:00", ("tue 11:00 follow_up",), "tue 15:00", [(REMIND, "2")], id="four hours"),
        pytest.param(
            "mon 12:00", ("tue 11:00 follow_up", "tue 12:00 follow_up"), "tue 15:00", [(REMIND, "2")], id="from the first one"
        ),
        pytest.param("mon 12:00", ("mon 11:00 follow_up",), "mon 15:00", [(REMIND, "2")], id="one that the answer crossed"),
    ],
)
def test_a_message_after_an_answer_starts_the_clock_anew(
    answered: str, steps: tuple[str, ...], now: str, expected: list[tuple[Purpose, str]]
) -> None:
    assert due(ticket(*NEW, *steps, answered=answered, state=TicketState.OPEN), now) == expected


@pytest.mark.parametrize(
    ("steps", "assignee", "now", "expected"),
    [
        pytest.param(NEW, "gone", "mon 13:59", [], id="away: not before the reminder would come"),
        pytest.param(NEW, "gone", "mon 14:00", [(ESCALATE, "1")], id="away: the leads at once in their place"),
        pytest.param((*NEW, "mon 14:00 escalated"), "gone", "tue 15:00", [], id="away: the leads hear it once"),
        pytest.param((*NEW, "mon 14:00 escalated"), "dana", "tue 15:00", [], id="back: the leads have it in hand"),
        pytest.param((*NEW, "mon 14:00 reminded"), "gone", "mon 15:00", [(ESCALATE, "1")], id="went away after the reminder"),
        pytest.param(
            ("mon 10:00 opened", "mon 10:00 unassigned"), None, "mon 14:00", [(ESCALATE, "1")], id="nobody has it"
        ),
        pytest.param(
            (*NEW, "mon 15:00 unassigned"), None, "tue 12:00", [],
            id="taken from somebody: the leads had a notice then, and have four hours",
        ),
        pytest.param((*NEW, "mon 15:00 unassigned"), None, "tue 13:00", [(ESCALATE, "2")], id="and hear of it after those"),
    ],
)  # fmt: skip
def test_where_nobody_can_be_reminded_the_leads_hear_in_their_place(
    steps: tuple[str, ...], assignee: str | None, now: str, expected: list[tuple[Purpose, str]]
) -> None:
    assert due(ticket(*steps, assignee=assignee), now) == expected


def test_an_answer_that_is_about_to_go_is_waited_for_but_not_for_ever() -> None:
    written = ticket(*NEW, "mon 13:58 reply_waiting")
    assert due(written, "mon 14:00") == []
    assert due(written, "mon 14:57") == []
    assert due(written, "mon 14:58") == [(REMIND, "1")]


def test_nobody_hears_of_a_paused_ticket() -> None:
    paused = ticket(*NEW, paused=True)
    assert due(paused, "fri 12:00", PATIENT) == []
    assert not is_overdue(paused, RULES, at("fri 12:00"))


@pytest.mark.parametrize(
    ("changes", "steps", "now", "expected"),
    [
        pytest.param({}, (), "thu 09:59", [], id="not while the office is closed"),
        pytest.param({}, (), "wed 15:59", [], id="not before three days are full"),
        pytest.param({}, (), "thu 10:00", [(STILL, "0")], id="three days after"),
        pytest.param({"reached": False}, (), "fri 12:00", [], id="not where our first answer did not arrive"),
        pytest.param({}, ("thu 10:00 still_with_you",), "fri 12:00", [], id="once"),
        pytest.param(
            {"answered_at": at("thu 11:00"), "state": TicketState.OPEN},
            ("thu 10:00 still_with_you", "fri 10:00 follow_up"),
            "fri2 12:00",
            [],
            id="once for a ticket, however long it takes",
        ),
        pytest.param(
            {"answered_at": at("tue 11:00"), "state": TicketState.OPEN},
            ("wed 10:00 follow_up",),
            "mon2 10:00",
            [(STILL, "0")],
            id="after an answer, three days from the next message on",
        ),
    ],
)  # fmt: skip
def test_the_person_is_told_once_that_they_are_not_forgotten(
    changes: dict[str, object], steps: tuple[str, ...], now: str, expected: list[tuple[Purpose, str]]
) -> None:
    waiting = ticket(*NEW, *steps, **changes)  # type: ignore[arg-type]
    assert [each for each in due(waiting, now, PATIENT) if each[0] is STILL] == expected


def test_nobody_is_told_so_unless_that_is_set() -> None:
    assert STILL not in [purpose for purpose, _ in due(ticket(*NEW), "fri2 12:00")]


@dataclass(frozen=True)
class Why:
    waiting: WaitingTicket
    now: str
    words: dict[Purpose, str]


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(
            Why(ticket(*NEW), "tue 12:00", {REMIND: "no answer in 4 office hours", ESCALATE: "no answer in 8 office hours"}),
            id="nobody answered",
        ),
        pytest.param(Why(ticket(*NEW, assignee="gone"), "mon 14:00", {ESCALATE: "whoever has it is away"}), id="away"),
        pytest.param(Why(ticket(*NEW, assignee=None), "mon 14:00", {ESCALATE: "nobody has it"}), id="with nobody"),
    ],
)
def test_staff_are_told_why(case: Why) -> None:
    assert {each.purpose: each.why for each in decide_reminders(case.waiting, RULES, at(case.now))} == case.words


def test_one_hour_is_said_as_one() -> None:
    quick = replace(RULES, policy=TicketPolicy(first_response=timedelta(hours=1), still_with_you_days=1))
    assert decide_reminders(ticket(*NEW), quick, at("mon 11:00")) == (
        Reminder(REMIND, "1", at("mon 10:00"), "no answer in 1 office hour"),
    )


def test_the_wait_is_told_from_when_the_person_wrote_and_not_from_when_it_was_given_on() -> None:
    waiting = ticket(*NEW, "mon 13:00 assigned", "mon 14:30 paused", "mon 14:31 resumed")
    (reminder,) = decide_reminders(waiting, RULES, at("tue 13:00"))
    assert (reminder.since, reminder.cause) == (at("mon 10:00"), "4")
    assert waits_since(waiting) == at("mon 10:00")
    assert waits_since(ticket()) == at("mon 10:00")


@pytest.mark.parametrize(
    ("steps", "now", "expected"),
    [
        pytest.param(NEW, "tue 11:59", False, id="not yet"),
        pytest.param(NEW, "tue 12:00", True, id="after eight hours"),
        pytest.param((*NEW, "tue 12:00 escalated"), "wed 10:00", True, id="also when the leads were told"),
        pytest.param(("mon 10:00 opened",), "fri 12:00", False, id="not what nobody was ever told of"),
    ],
)
def test_what_the_leads_were_to_know_is_overdue(steps: tuple[str, ...], now: str, expected: bool) -> None:
    assert is_overdue(ticket(*steps), RULES, at(now)) is expected


def test_an_office_that_is_closed_for_good_reminds_nobody() -> None:
    late = OfficeHours(LONDON, time(15), time(16), frozenset({0}))
    rules = replace(RULES, hours=late, policy=TicketPolicy(first_response=timedelta(hours=80)))
    assert decide_reminders(ticket(*NEW), rules, at("mon2 15:30")) == ()
