"""A ticket is given to somebody: its row, its events, and the notice to whoever has it now.

Commits nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from helpdesk.core.addresses import lookup_form
from helpdesk.core.assign import AssignmentFacts, choose_successor, leave_in_words
from helpdesk.core.authenticity import is_sender_unproven
from helpdesk.core.plan import PERSONAL
from helpdesk.jobs.audience import audience_of
from helpdesk.jobs.authors import author_of
from helpdesk.jobs.carry_out import Desk
from helpdesk.jobs.letters import Notice
from helpdesk.jobs.moved import letter_of_moved
from helpdesk.jobs.notes import notes_on
from helpdesk.jobs.ports import UnitOfWork
from helpdesk.jobs.process import Processor
from helpdesk.jobs.said_before import said_before
from helpdesk.jobs.ticket_alerts import alert_of_lonely
from helpdesk.model.delivery import DeliveryState, Purpose
from helpdesk.model.message import InboundMessage
from helpdesk.model.staff import Assignment, StaffMember
from helpdesk.model.ticket import STAFF, Event, EventKind, Ticket


@dataclass(frozen=True, slots=True)
class Given:
    """A ticket as it is now, and the event of its giving as the cause of a letter."""

    ticket: Ticket
    cause: str


@dataclass(frozen=True, slots=True)
class Giver:
    """Gives tickets in one transaction; `actor` is who has them given."""

    processor: Processor
    uow: UnitOfWork
    now: datetime
    actor: str = "worker"

    @property
    def desk(self) -> Desk:
        return self.processor.desk

    def pass_on(self, ticket: Ticket, facts: AssignmentFacts) -> Given:
        """Take a ticket from whoever has it and can't keep it, and give it to whom the order chooses, or to nobody."""
        holder = ticket.assignee or ""
        leave = leave_in_words(holder, facts)
        if leave:
            self.uow.tickets.add_events(ticket.id, [Event(EventKind.HANDED_OVER, self.now, f"{STAFF}{holder}", leave)])
        return self.give(ticket, choose_successor(holder, facts))

    def give(self, ticket: Ticket, assignment: Assignment) -> Given:
        """Give a ticket to somebody, who gets a notice; where it is nobody the leads get one."""
        given = replace(ticket, assignee=assignment.staff_id, updated_at=self.now)
        self.uow.tickets.save(given)
        kind = EventKind.ASSIGNED if assignment.staff_id else EventKind.UNASSIGNED
        (event_id,) = self.uow.tickets.add_events(given.id, [Event(kind, self.now, self.actor, assignment.reason)])
        result = Given(given, f"event:{event_id}")
        self._tell(result, assignment)
        return result

    def keep_from(self, ticket: Ticket, member: StaffMember) -> None:
        """Nothing more of a ticket goes to somebody, and no answer of theirs that still waits goes out by itself."""
        self.uow.outbox.withdraw(ticket.id, member.email)
        for reply in self.uow.replies.of_ticket(ticket.id):
            if reply.state is DeliveryState.PENDING and author_of(self.desk, self.uow, reply.message_id) == member:
                because = "its author is not to have this person's tickets"
                self.uow.outbox.hold(reply.delivery_id, because, self.now)
                self.uow.tickets.add_events(ticket.id, [Event(EventKind.REPLY_HELD, self.now, self.actor, because)])

    def tell_of_moved(self, staff_id: str, given: Sequence[Given], facts: AssignmentFacts) -> None:
        """Write to who had these tickets, once for all of them."""
        if given:
            tickets = [each.ticket for each in given]
            letter = letter_of_moved(self.desk.letters, staff_id, tickets, facts, given[0].cause)
            if letter:
                self.uow.outbox.add(letter, self.now)

    def _tell(self, given: Given, assignment: Assignment) -> None:
        audience = audience_of(self.uow, self.desk.staff, given.ticket, self.desk.day_of(self.now))
        member = self.desk.member(assignment.staff_id) if assignment.staff_id else None
        hearers = (member,) if member else audience.leads()
        if not hearers:
            self.desk.tell(audience.last_resort(), alert_of_lonely(given.ticket, given.cause), self.uow, self.now)
            return
        notice = self._notice(given, assignment.reason)
        for hearer in hearers:
            self.uow.outbox.add(self.desk.letters.notice(notice, hearer, self.now), self.now)

    def _notice(self, given: Given, reason: str) -> Notice:
        ticket, (message, received_at) = given.ticket, self._last_words(given.ticket)
        mine = self.uow.tickets.of_requester(ticket.requester_address) if ticket.requester_address else []
        sender = message.sender.address if message.sender else ""
        return Notice(
            purpose=Purpose.STAFF_ASSIGNED,
            cause=given.cause,
            ticket=ticket,
            message=message,
            received_at=received_at,
            reason=reason,
            sent=self._sent_in_words(ticket),
            earlier=tuple(each for each in mine if each.number < ticket.number),
            other_address=lookup_form(sender) != lookup_form(ticket.requester_address),
            unproven=is_sender_unproven(message, self.desk.ourselves),
            notes=notes_on(self.uow, self.desk.letters, self.desk.staff, ticket),
            before=said_before(self.uow, self.desk.letters, ticket),
        )

    def _last_words(self, ticket: Ticket) -> tuple[InboundMessage, datetime]:
        """What the person wrote last; nothing where it was erased."""
        for view in reversed(self.uow.messages.of_ticket(ticket.id)):
            stored = self.uow.messages.raw(view.id) if view.kind in PERSONAL else None
            if stored:
                return self.processor.read(stored).message, stored.raw.received_at
        return InboundMessage(), ticket.opened_at

    def _sent_in_words(self, ticket: Ticket) -> str:
        """What the person has from us so far, as the end of a notice says it."""
        if ticket.answered_at:
            return f"an answer, on {self.desk.letters.describe_moment(ticket.answered_at)}"
        acknowledged = self.uow.outbox.acknowledged_on(ticket.id)
        if not acknowledged:
            return "nothing yet"
        return f"the acknowledgement, written on {self.desk.letters.describe_moment(acknowledged[-1].at)}"
