"""What follows when a reply of a staff member has gone out, or never will. In the transaction that records it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from helpdesk.clock import Clock
from helpdesk.jobs.audience import audience_of
from helpdesk.jobs.authors import author_of
from helpdesk.jobs.carry_out import Desk
from helpdesk.jobs.letters import Alert
from helpdesk.jobs.ports import UnitOfWork
from helpdesk.model.delivery import Delivery, Purpose
from helpdesk.model.ticket import STAFF, Event, EventKind, TicketState

# Some servers put a copy of what they send into the folder themselves: it has to be there before we look.
COPY_AFTER = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Answered:
    """Notes on its ticket that a person was answered, and tells whoever has it of an answer that reached nobody."""

    desk: Desk
    clock: Clock

    def sent(self, uow: UnitOfWork, delivery: Delivery) -> None:
        """Called when a mail is recorded as sent."""
        if delivery.purpose is not Purpose.REPLY or delivery.ticket_id is None:
            return
        now = self.clock.now()
        uow.replies.record_answer(delivery.ticket_id, delivery.created_at, now)
        author = author_of(self.desk, uow, delivery.cause.removeprefix("reply:"))
        actor = f"{STAFF}{author.id}" if author else "worker"
        uow.tickets.add_events(delivery.ticket_id, [Event(EventKind.REPLIED, now, actor, "the answer went out")])
        if self.desk.staff_mail.sent_copy:
            uow.sent_copies.add(delivery.id, now + COPY_AFTER)

    def failed(self, uow: UnitOfWork, delivery: Delivery) -> None:
        """Called when a mail is recorded as failed for good."""
        ticket = uow.tickets.by_id(delivery.ticket_id) if delivery.ticket_id else None
        if delivery.purpose is not Purpose.REPLY or ticket is None:
            return
        now = self.clock.now()
        if ticket.state in (TicketState.PENDING, TicketState.CLOSED):
            # Whoever wrote it thought that the person needs no more for now.
            state = TicketState.OPEN if ticket.answered_at else TicketState.NEW
            uow.tickets.save(replace(ticket, state=state, closed_at=None, updated_at=now))
            uow.tickets.add_events(ticket.id, [Event(EventKind.REOPENED, now, "worker", "an answer could not be delivered")])
        alert = Alert(
            cause=f"not-answered:{delivery.id}",
            what=f"An answer to the person of ticket {ticket.reference} could not be delivered.",
            mail="They have not got it. It is kept with us, and the ticket waits for us.",
            remedy=f"Look for another way to reach them. See: helpdesk tickets show {ticket.reference}",
        )
        audience = audience_of(uow, self.desk.staff, ticket, self.desk.day_of(now))
        self.desk.tell(audience.of(ticket.assignee), alert, uow, now)
