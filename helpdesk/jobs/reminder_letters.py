"""The letters that tell staff what waits: a reminder, a word to the leads, the list of the morning. No word of any mail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from helpdesk.core.morning import Digest
from helpdesk.core.office_hours import describe_day
from helpdesk.core.remind import Reminder, waits_since
from helpdesk.jobs.carry_out import Desk
from helpdesk.jobs.letters import Order, staff_values
from helpdesk.model.delivery import Automatic, DeliveryState, NewDelivery, Purpose
from helpdesk.model.reminder import StoppedMail, WaitingTicket
from helpdesk.model.staff import StaffMember
from helpdesk.model.template import Value
from helpdesk.model.ticket import reference_of

# A list of more is read by nobody; what is on it first has waited longest.
MOST_LINES = 30


def letter_of_reminder(
    desk: Desk, reminder: Reminder, ticket: WaitingTicket, member: StaffMember, now: datetime
) -> NewDelivery:
    """What a staff member or a lead reads of a ticket that waits; in their mail program it joins the ticket's notices."""
    holder = desk.member(ticket.assignee) if ticket.assignee else None
    order = desk.letters.order_about(ticket.id, reminder.purpose, f"event:{reminder.cause}", member)
    waiting: Mapping[str, Value] = {
        "reference": ticket.reference,
        "priority": ticket.priority.value,
        "since": desk.letters.describe_moment(reminder.since),
        "holder": holder.public_name if holder else "",
        "why": reminder.why,
    }
    return desk.letters.write(order, {"staff": staff_values(member), "waiting": waiting}, now)


def letter_of_digest(desk: Desk, digest: Digest, member: StaffMember, opening: datetime, now: datetime) -> NewDelivery:
    """The list that a staff member reads in the morning of the day of `opening`."""
    order = Order(Purpose.DIGEST, f"day:{desk.day_of(opening)}", member.email, Automatic.GENERATED)
    values: Mapping[str, Value] = {
        "own": _lines([_ticket_line(desk, each, opening) for each in digest.own]),
        "answers": ", ".join(map(reference_of, digest.answers)),
        "unassigned": _lines([_ticket_line(desk, each, opening) for each in digest.unassigned]),
        "overdue": _lines([_ticket_line(desk, each, opening, holder=True) for each in digest.overdue]),
        "stopped": _lines([_stopped_line(each) for each in digest.stopped]),
        "junk": _mails(digest.junk) if digest.junk else "",
        "held_back": digest.held_back,
    }
    return desk.letters.write(order, {"staff": staff_values(member), "digest": values}, now)


def _ticket_line(desk: Desk, ticket: WaitingTicket, opening: datetime, *, holder: bool = False) -> str:
    """Reference, age and priority: "EHT-1042: waits since Friday 30 October, 3 days, priority normal"."""
    since = desk.day_of(waits_since(ticket))
    days = (desk.day_of(opening) - since).days
    parts = [f"waits since {describe_day(since)}", *([_days(days)] if days else []), f"priority {ticket.priority.value}"]
    member = desk.member(ticket.assignee) if holder and ticket.assignee else None
    parts += [f"with {member.public_name}"] if member else []
    parts += ["reminders paused"] if ticket.paused else []
    return f"{ticket.reference}: {', '.join(parts)}"


def _stopped_line(mail: StoppedMail) -> str:
    what = "held" if mail.state is DeliveryState.HELD else "could not be delivered"
    name = mail.purpose.value.replace("_", " ")
    return f"{reference_of(mail.ticket_number)}: {name}, {what}" if mail.ticket_number else f"{name}, {what}"


def _lines(lines: Sequence[str]) -> str:
    more = len(lines) - MOST_LINES
    return "\n".join([*lines[:MOST_LINES], *([f"and {more} more"] if more > 0 else [])])


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"


def _mails(count: int) -> str:
    return "1 mail" if count == 1 else f"{count} mails"
