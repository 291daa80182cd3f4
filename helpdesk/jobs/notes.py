"""What staff have noted on a ticket among themselves, as the next of them reads it."""

from __future__ import annotations

from helpdesk.jobs.letters import Letters
from helpdesk.jobs.ports import UnitOfWork
from helpdesk.model.staff import StaffMember
from helpdesk.model.ticket import STAFF, EventKind, Ticket

# A notice is read on a phone; all notes are on the ticket.
MOST_NOTES = 10


def notes_on(uow: UnitOfWork, letters: Letters, staff: tuple[StaffMember, ...], ticket: Ticket) -> str:
    """The latest notes, the oldest of them first; empty where there are none."""
    names = {f"{STAFF}{member.id}": member.public_name for member in staff}
    notes = [event for event in uow.tickets.events(ticket.id) if event.kind is EventKind.NOTE][-MOST_NOTES:]
    return "\n\n".join(
        f"{names.get(event.actor, event.actor)}, on {letters.describe_moment(event.at)}:\n{event.why}" for event in notes
    )
