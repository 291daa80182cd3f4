"""What a person changes on one ticket, whether by a command at the terminal or on the first line of a mail.

In the caller's transaction, which it does not commit. Each raises NotFound with a sentence for the person who asked.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

from helpdesk.core.acknowledge import AcknowledgementDecision
from helpdesk.errors import NotFound
from helpdesk.jobs.carry_out import Read
from helpdesk.jobs.facts import thread_of_junk
from helpdesk.jobs.hand_over import hand_over
from helpdesk.jobs.ports import UnitOfWork
from helpdesk.jobs.process import Processor
from helpdesk.model.message import Kind, MessageState, Verdict
from helpdesk.model.staff import Absence, StaffMember
from helpdesk.model.stored import MessageView
from helpdesk.model.ticket import Event, EventKind, Priority, Ticket, TicketState

BY_A_PERSON = "a-person-said-so"


@dataclass(frozen=True, slots=True)
class Changes:
    """Carries out what `actor` asks for."""

    processor: Processor
    uow: UnitOfWork
    now: datetime
    actor: str

    def close(self, ticket: Ticket) -> Ticket:
        """Nothing more is to be done on this ticket; a new message of the person opens it again."""
        # Opened again, it is not to wait unseen.
        closed = replace(ticket, state=TicketState.CLOSED, closed_at=self.now, reminders_paused=False)
        return self._changed(closed, EventKind.CLOSED, "closed by hand")

    def reopen(self, ticket: Ticket) -> Ticket:
        """A closed ticket waits for us again."""
        if ticket.state is not TicketState.CLOSED:
            raise NotFound(f"{ticket.reference} is not closed (it is {ticket.state}). Nothing was changed.")
        state = TicketState.OPEN if ticket.answered_at else TicketState.NEW
        return self._changed(replace(ticket, state=state, closed_at=None), EventKind.REOPENED, "opened again by hand")

    def wait_for_requester(self, ticket: Ticket) -> Ticket:
        """It is for the person who wrote to go on."""
        if ticket.state is TicketState.CLOSED:
            raise NotFound(f"{ticket.reference} is closed. Nothing was changed.")
        return self._changed(replace(ticket, state=TicketState.PENDING), EventKind.PENDING, "we wait for the person")

    def make_urgent(self, ticket: Ticket) -> Ticket:
        """It comes before all others."""
        return self._changed(replace(ticket, priority=Priority.URGENT), EventKind.PRIORITY, "urgent: set by hand")

    def note(self, ticket: Ticket, words: str) -> None:
        """Keep words on a ticket that no requester ever sees."""
        if not words.strip():
            raise NotFound("A note needs words. Nothing was changed.")
        self._add_event(ticket, EventKind.NOTE, words)

    def treat_as_person(self, view: MessageView | None, read: Read | None) -> tuple[Ticket, AcknowledgementDecision]:
        """A message that was taken for a machine's or for junk was a person's: it gets its ticket and answer after all.

        Returns the ticket, and which automatic answer goes out, if any.
        """
        if view is None or read is None:
            raise NotFound("There is no such message. Nothing was changed.")
        if view.state is not MessageState.PROCESSED or view.kind in (None, Kind.PERSON):
            found = view.kind or view.rule or view.state
            raise NotFound(f"Message {view.id} is not machine mail (it is {found}). Nothing was changed.")
        self.uow.messages.reset(view.id)
        thread = thread_of_junk(self.uow, read, view.ticket_id)
        ticket, plan = self.processor.process_as(self.uow, read, Verdict(Kind.PERSON, BY_A_PERSON), thread)
        why = f"it was taken for {view.kind} ({view.rule}); a person says that a person wrote it"
        self._add_event(ticket, EventKind.OVERRULED, why)
        return ticket, plan.acknowledgement

    def leave(self, member: StaffMember, first_day: date, last_day: date) -> list[Ticket]:
        """Somebody is away on these days, both included; returns the tickets that others have now.

        No ticket is given to them then, and those that wait for an answer of theirs go to others when it begins. A first day
        within another absence of theirs says when that one ends.
        """
        today = self.processor.desk.day_of(self.now)
        if last_day < max(first_day, today):
            raise NotFound(f"An absence from {first_day} to {last_day} is over before it begins. Nothing was changed.")
        known = [each for each in self.uow.people.absences(first_day) if each.staff_id == member.id]
        began = [each.first_day for each in known if each.first_day <= first_day]
        for day in began or [first_day]:
            self.uow.people.add_absence(Absence(member.id, day, last_day))
        return hand_over(self.processor, self.uow, self.now)

    def _changed(self, ticket: Ticket, kind: EventKind, why: str) -> Ticket:
        changed = replace(ticket, updated_at=self.now)
        self.uow.tickets.save(changed)
        self._add_event(changed, kind, why)
        return changed

    def _add_event(self, ticket: Ticket, kind: EventKind, why: str) -> None:
        self.uow.tickets.add_events(ticket.id, [Event(kind, self.now, self.actor, why)])
