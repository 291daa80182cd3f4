"""What leads and assignees are told of a ticket in an alert: its reference, what happened, what to do; nothing of a mail."""

from __future__ import annotations

from helpdesk.core.bounce import reason_of
from helpdesk.jobs.letters import Alert
from helpdesk.model.message import BouncedRecipient
from helpdesk.model.ticket import Ticket


def alert_of_lonely(ticket: Ticket, cause: str) -> Alert:
    """Nobody could take it, and no lead may see it: that it waits, and not why."""
    return Alert(
        cause=cause,
        what=f"Ticket {ticket.reference} waits, and nobody can have it.",
        mail="The mail is stored, and its ticket stands.",
        remedy=f"Give it to somebody who may have it: helpdesk tickets assign {ticket.reference} NAME",
    )


def alert_of_unreachable(ticket: Ticket, cause: str) -> Alert:
    """Nothing arrives at the person's address any more."""
    return Alert(
        cause=cause,
        what=f"A mail to the person of ticket {ticket.reference} came back. They can't be reached at that address.",
        mail="What they wrote is stored, and their ticket stands. No automatic mail goes to that address for a week.",
        remedy=f"Look for another way to reach them. See: helpdesk tickets show {ticket.reference}",
    )


def alert_of_lost_mail(ticket: Ticket, recipient: BouncedRecipient, cause: str) -> Alert:
    """One mail to the person did not arrive; the next may."""
    return Alert(
        cause=cause,
        what=f"A mail to the person of ticket {ticket.reference} did not arrive: {reason_of(recipient.status)}.",
        mail="It is not tried any more. What they wrote is stored, their ticket stands, and later mail to them is sent.",
        remedy=f"Write to them again in a day or two, or find another way. See: helpdesk tickets show {ticket.reference}",
    )
