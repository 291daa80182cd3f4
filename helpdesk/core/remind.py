"""Who has to hear now that a person still waits: DESIGN section 5. Pure; knows nothing of what a ticket says.

Two clocks run in office hours: that of whoever has the ticket, from when it became theirs, and that of the leads, from when the
person began to wait. A clock starts with an event of the ticket, which is the cause of the mail: each is written once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from helpdesk.core.office_hours import is_open
from helpdesk.core.office_time import after_office_time, office_day
from helpdesk.model.delivery import Purpose
from helpdesk.model.office import OfficeHours
from helpdesk.model.policy import TicketPolicy
from helpdesk.model.reminder import Step, WaitingTicket
from helpdesk.model.ticket import EventKind

# With one of these a person begins to wait, unless they wait already.
_BEGIN = frozenset({EventKind.OPENED, EventKind.FOLLOW_UP, EventKind.REOPENED})
# With these they wait no more. An answer that somebody saw elsewhere has no event, and is known by its time.
_END = frozenset({EventKind.CLOSED, EventKind.PENDING, EventKind.REPLIED})
# Staff hear of a ticket with one of these. What was taken in by hand has none until a lead gives it out.
_GIVEN = frozenset({EventKind.ASSIGNED, EventKind.UNASSIGNED})
# So long after somebody has written an answer nobody hears that there is none: it waits for some minutes before it goes.
_ANSWER_IS_NEWS_FOR = timedelta(hours=1)
# All that is decided by; a ticket has many other events.
STEPS = _BEGIN | _END | _GIVEN | {
    EventKind.REPLY_WAITING,
    EventKind.RESUMED,
    EventKind.REMINDED,
    EventKind.ESCALATED,
    EventKind.STILL_WITH_YOU,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ReminderRules:
    """What the organisation decided, and the ids of the staff who are not away."""

    hours: OfficeHours
    policy: TicketPolicy
    there: frozenset[str]


@dataclass(frozen=True, slots=True)
class Reminder:
    """A mail that is due: to the assignee, the leads or the requester, as `purpose` says.

    `cause` is the id of the event that its clock started with, `since` when the person began to wait; `why` is for staff.
    """

    purpose: Purpose
    cause: str
    since: datetime
    why: str


def decide_reminders(ticket: WaitingTicket, rules: ReminderRules, now: datetime) -> tuple[Reminder, ...]:
    """Every mail about this ticket that is due now.

    None while the office is closed, the ticket is paused, or an answer is on its way.
    """
    if ticket.paused or not is_open(rules.hours, now) or _is_being_answered(ticket, now):
        return ()
    wait = _wait_of(ticket)
    return tuple(_due(wait, ticket, rules, now)) if wait else ()


def waits_since(ticket: WaitingTicket) -> datetime:
    """When the person began to wait for the answer that they wait for now."""
    begin = _begin_of(ticket)
    return ticket.opened_at if begin is None else ticket.steps[begin].at


def is_overdue(ticket: WaitingTicket, rules: ReminderRules, at: datetime) -> bool:
    """Whether the leads are to know by then, and were told or not; never for what is paused."""
    wait = None if ticket.paused else _wait_of(ticket)
    return wait is not None and _is_over(wait.start.at, _escalate_after(rules), rules, at)


@dataclass(frozen=True, slots=True)
class _Wait:
    """A person waits: since when, and what was done about it.

    `start` is the event from which staff are expected to act, `given` the one with which it came to whoever has it, or to
    nobody. `for_leads` is the one that the clock of the leads counts from, None where they were told already.
    """

    since: datetime
    start: Step
    given: Step
    for_leads: Step | None
    reminded: bool


def _due(wait: _Wait, ticket: WaitingTicket, rules: ReminderRules, now: datetime) -> Iterator[Reminder]:
    is_there, first_response = ticket.assignee in rules.there, rules.policy.first_response
    if is_there and not wait.reminded and _is_over(wait.given.at, first_response, rules, now):
        yield Reminder(Purpose.STAFF_REMINDER, wait.given.id, wait.since, f"no answer in {_in_words(first_response)}")
    if wait.for_leads:
        # Where nobody can be reminded, the leads hear of it in their place.
        clock, after = (wait.for_leads, _escalate_after(rules)) if is_there else (wait.given, first_response)
        if _is_over(clock.at, after, rules, now):
            yield Reminder(Purpose.STAFF_ESCALATION, clock.id, wait.since, _why_leads(ticket, after, is_there=is_there))
    if _may_be_told(ticket, rules) and _is_over(wait.since, _forgotten_after(rules), rules, now):
        # Once for a ticket, so that its very first event is the cause.
        why = f"no answer in {rules.policy.still_with_you_days} office days"
        yield Reminder(Purpose.STILL_WITH_YOU, ticket.steps[0].id, wait.since, why)


def _why_leads(ticket: WaitingTicket, after: timedelta, *, is_there: bool) -> str:
    if is_there:
        return f"no answer in {_in_words(after)}"
    return "whoever has it is away" if ticket.assignee else "nobody has it"


def _may_be_told(ticket: WaitingTicket, rules: ReminderRules) -> bool:
    told = any(step.kind is EventKind.STILL_WITH_YOU for step in ticket.steps)
    return rules.policy.still_with_you_days > 0 and ticket.reached and not told


def _escalate_after(rules: ReminderRules) -> timedelta:
    return 2 * rules.policy.first_response


def _forgotten_after(rules: ReminderRules) -> timedelta:
    return rules.policy.still_with_you_days * office_day(rules.hours)


def _is_over(since: datetime, amount: timedelta, rules: ReminderRules, at: datetime) -> bool:
    full_at = after_office_time(rules.hours, since, amount)
    return full_at is not None and full_at <= at


def _wait_of(ticket: WaitingTicket) -> _Wait | None:
    """The wait as it stands; None where nobody of the staff was ever told of the ticket."""
    steps = ticket.steps
    begin = _begin_of(ticket)
    told = _first(steps, _GIVEN)
    if begin is None or told is None:
        return None
    start = max(begin, told, _last(steps, {EventKind.RESUMED}))
    given, escalated = max(start, _last(steps, _GIVEN)), _last(steps, {EventKind.ESCALATED})
    # Told once, the leads hear of it again when somebody to whom it was given since does not answer either.
    for_leads = start if escalated < start else given if given > escalated else None
    return _Wait(
        since=steps[begin].at,
        start=steps[start],
        given=steps[given],
        for_leads=None if for_leads is None else steps[for_leads],
        # The leads who were told in the place of somebody absent have it in hand when that one is back.
        reminded=max(escalated, _last(steps, {EventKind.REMINDED})) > given,
    )


def _begin_of(ticket: WaitingTicket) -> int | None:
    """The step with which the person began to wait: the first that nothing was done about.

    Where an answer and a new message crossed, the last one: a person is never without a clock.
    """
    begin = last = None
    for number, step in enumerate(ticket.steps):
        if step.kind in _END:
            begin = None
        if step.kind in _BEGIN:
            last = number
            is_answered = ticket.answered_at is not None and step.at <= ticket.answered_at
            if step.kind is EventKind.REOPENED or (begin is None and not is_answered):
                begin = number
    return last if begin is None else begin


def _is_being_answered(ticket: WaitingTicket, now: datetime) -> bool:
    written_at = (step.at for step in ticket.steps if step.kind is EventKind.REPLY_WAITING)
    return any(now - at < _ANSWER_IS_NEWS_FOR for at in written_at)


def _first(steps: tuple[Step, ...], kinds: Collection[EventKind]) -> int | None:
    return next((number for number, step in enumerate(steps) if step.kind in kinds), None)


def _last(steps: tuple[Step, ...], kinds: Collection[EventKind]) -> int:
    """The number of the last such step; -1 where there is none."""
    return max((number for number, step in enumerate(steps) if step.kind in kinds), default=-1)


def _in_words(amount: timedelta) -> str:
    count = round(amount.total_seconds() / 3600)
    return f"{count} office hour" if count == 1 else f"{count} office hours"
