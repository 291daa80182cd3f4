"""What the worker decided, in words for somebody who sees it for the first time; decides nothing."""

from __future__ import annotations

from helpdesk.core.rules.table import RULES
from helpdesk.demo.outcomes import Outcome
from helpdesk.model.staff import StaffMember
from helpdesk.model.ticket import EventKind

_RULES = {
    "default": "nothing in it says that a machine wrote it",
    "auto-submitted": "its own header says that nobody pressed Send",
    "delivery-status": "it holds a mail server's delivery report",
    "list-header": "it came through a mailing list",
    "bare-invitation": "it holds a date, and no words of a person",
    "dmarc-aggregate": "it holds a DMARC report on mail in our name",
}


def kind_in_words(outcome: Outcome) -> str:
    """What it was taken for, and by which rule."""
    kind, rule = outcome.stored.kind, outcome.stored.rule
    why = _RULES.get(rule) or next((f"a sign of {each.source}" for each in RULES if each.name == rule), "")
    return f"{kind}: {why} (rule {rule})" if why else f"{kind} (rule {rule})"


def ticket_in_words(outcome: Outcome) -> str:
    """Where it went, and why there."""
    if outcome.ticket is None:
        return "none; it is kept, and listed by: helpdesk tickets list --machine"
    reference = outcome.ticket.reference
    if outcome.opened_ticket:
        return f"{reference} opened, priority {outcome.ticket.priority}"
    joined = outcome.why(EventKind.FOLLOW_UP)
    if joined is not None:
        return f"{reference} joined: {joined}"
    reopened = outcome.why(EventKind.REOPENED)
    return f"{reference} opened again: {reopened}" if reopened else f"kept beside {reference}, which it does not change"


def answer_in_words(outcome: Outcome) -> str:
    """Which answer went out and why, or why none."""
    answer = outcome.answer or "no person wrote it"
    return answer if outcome.why(EventKind.ACKNOWLEDGED) is not None else f"none: {answer}"


def staff_in_words(outcome: Outcome, staff: tuple[StaffMember, ...]) -> str:
    """Who got it, and why; empty where nobody was told."""
    if outcome.assignment or outcome.ticket is None or outcome.why(EventKind.FOLLOW_UP) is None:
        return outcome.assignment
    return f"{name_of(outcome.ticket.assignee, staff)}: has this ticket already"


def name_of(staff_id: str | None, staff: tuple[StaffMember, ...]) -> str:
    """The public name of a staff member."""
    return next((member.public_name for member in staff if member.id == staff_id), "nobody")


def counted(count: int, noun: str) -> str:
    """ "1 mail", "2 mails"."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
