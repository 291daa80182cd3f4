"""Every change that a person may ask for, so that a command and a page are one thing."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date

from helpdesk.clock import Clock
from helpdesk.core.acknowledge import AcknowledgementDecision
from helpdesk.core.addresses import is_listed
from helpdesk.errors import NotFound
from helpdesk.jobs.carry_out import Desk
from helpdesk.jobs.facts import thread_of_junk
from helpdesk.jobs.letters import Notice
from helpdesk.jobs.ports import Store, UnitOfWork
from helpdesk.jobs.process import Processor
from helpdesk.log import Log
from helpdesk.model.delivery import NewDelivery, Purpose
from helpdesk.model.message import Kind, MessageState, StoredMessage, Verdict
from helpdesk.model.staff import Absence, StaffMember
from helpdesk.model.ticket import Event, EventKind, Ticket, TicketState, reference_of

BY_A_PERSON = "a-person-said-so"


@dataclass(frozen=True, slots=True)
class DeskActions:
    """What staff and operators do to stored mail. Each raises NotFound with a sentence for the person who asked."""

    store: Store
    processor: Processor
    clock: Clock
    desk: Desk
    log: Log = field(default_factory=Log)

    def treat_as_person(self, message_id: str) -> tuple[Ticket, AcknowledgementDecision]:
        """A message that was taken for a machine's or for junk was a person's: it gets its ticket and answer after all.

        Returns the ticket, and which automatic answer goes out, if any.
        """
        with self.store.reading() as uow:
            stored = uow.messages.raw(message_id)
        # Read before the transaction begins: a large mail must not hold up the worker.
        read = self.processor.read(stored) if stored else None
        with self.store.writing() as uow:
            view = uow.messages.get(message_id)
            if view is None or read is None:
                raise NotFound(
                    f"There is no message {message_id}. Nothing was changed. "
                    "See the list of machine mail with: helpdesk tickets list --machine"
                )
            if view.state is not MessageState.PROCESSED or view.kind is Kind.PERSON:
                raise NotFound(
                    f"Message {message_id} is not machine mail (it is {view.kind or view.state}). Nothing was changed."
                )
            uow.messages.reset(message_id)
            thread = thread_of_junk(uow, read, view.ticket_id)
            ticket, plan = self.processor.process_as(uow, read, Verdict(Kind.PERSON, BY_A_PERSON), thread)
            why = f"it was taken for {view.kind} ({view.rule}); a person says that a person wrote it"
            self._add_event(uow, ticket, EventKind.OVERRULED, why)
            uow.commit()
        self.log.info("treated_as_person", message=message_id, ticket=ticket.number)
        return ticket, plan.acknowledgement

    def close(self, number: int) -> Ticket:
        """Nothing more is to be done on this ticket; a new message of the person opens it again."""
        now = self.clock.now()
        with self.store.writing() as uow:
            ticket = self._ticket(uow, number)
            closed = replace(ticket, state=TicketState.CLOSED, closed_at=now, updated_at=now)
            uow.tickets.save(closed)
            self._add_event(uow, closed, EventKind.CLOSED, "closed by hand")
            uow.commit()
        self.log.info("ticket_closed", ticket=number)
        return closed

    def reopen(self, number: int) -> Ticket:
        """A closed ticket waits for us again."""
        with self.store.writing() as uow:
            ticket = self._ticket(uow, number)
            if ticket.state is not TicketState.CLOSED:
                raise NotFound(f"{ticket.reference} is not closed (it is {ticket.state}). Nothing was changed.")
            state = TicketState.OPEN if ticket.answered_at else TicketState.NEW
            opened = replace(ticket, state=state, closed_at=None, updated_at=self.clock.now())
            uow.tickets.save(opened)
            self._add_event(uow, opened, EventKind.REOPENED, "opened again by hand")
            uow.commit()
        self.log.info("ticket_reopened", ticket=number)
        return opened

    def assign(self, number: int, staff_id: str) -> Ticket:
        """Give a ticket to somebody, who gets a notice of it; whom it was kept from may not have it."""
        member, now = self._member(staff_id), self.clock.now()
        with self.store.writing() as uow:
            ticket = self._ticket(uow, number)
            if is_listed(ticket.requester_address, member.excludes):
                raise NotFound(f"{member.public_name} must not have this person's tickets (excludes). Nothing was changed.")
            given = replace(ticket, assignee=member.id, updated_at=now)
            uow.tickets.save(given)
            event_id = self._add_event(uow, given, EventKind.ASSIGNED, f"{member.public_name}: chosen by hand")
            for view in uow.messages.of_ticket(ticket.id)[-1:]:
                stored = uow.messages.raw(view.id)
                if stored:
                    uow.outbox.add(self._notice(given, stored, member, event_id), now)
            uow.commit()
        self.log.info("ticket_assigned", ticket=number, staff=member.id)
        return given

    def _notice(self, ticket: Ticket, stored: StoredMessage, member: StaffMember, event_id: str) -> NewDelivery:
        notice = Notice(
            purpose=Purpose.STAFF_ASSIGNED,
            cause=f"event:{event_id}",
            ticket=ticket,
            message=self.processor.read(stored).message,
            received_at=stored.raw.received_at,
            reason=f"{member.public_name}: chosen by hand",
            sent="",
        )
        return self.desk.letters.notice(notice, member, self.clock.now())

    def _ticket(self, uow: UnitOfWork, number: int) -> Ticket:
        ticket = uow.tickets.by_number(number)
        if ticket is None:
            raise NotFound(f"There is no ticket {reference_of(number)}. See them with: helpdesk tickets list")
        return ticket

    def _add_event(self, uow: UnitOfWork, ticket: Ticket, kind: EventKind, why: str) -> str:
        (event_id,) = uow.tickets.add_events(ticket.id, [Event(kind, self.clock.now(), "terminal", why)])
        return event_id

    def retry_quarantined(self, message_id: str) -> None:
        """Put a quarantined message back in line; the worker's next poll processes it."""
        with self.store.writing() as uow:
            view = uow.messages.get(message_id)
            if view is None or view.state is not MessageState.QUARANTINED:
                raise NotFound(
                    f"There is no message {message_id} in quarantine. Nothing was changed. "
                    "See what is there with: helpdesk quarantine list"
                )
            uow.messages.reset(message_id)
            uow.commit()
        self.log.info("quarantine_retry", message=message_id)

    def release(self, delivery_id: str) -> None:
        """A held or failed mail goes out with the worker's next delivery."""
        with self.store.writing() as uow:
            if not uow.outbox.release(delivery_id, self.clock.now()):
                raise NotFound(
                    f"There is no mail {delivery_id} that is held or failed. Nothing was changed. "
                    "See them with: helpdesk outbox list"
                )
            uow.commit()
        self.log.info("delivery_released", delivery=delivery_id)

    def away(self, staff_id: str, first_day: date, last_day: date) -> StaffMember:
        """Somebody is away on these days, both included: no ticket is given to them then."""
        member = self._member(staff_id)
        with self.store.writing() as uow:
            uow.people.add_absence(Absence(member.id, first_day, last_day))
            uow.commit()
        self.log.info("staff_away", staff=member.id)
        return member

    def back(self, staff_id: str) -> bool:
        """From today on they are there again; False when they were not away."""
        member = self._member(staff_id)
        with self.store.writing() as uow:
            was_away = uow.people.end_absences(member.id, self.today())
            uow.commit()
        self.log.info("staff_back", staff=member.id)
        return was_away

    def today(self) -> date:
        """The day that it is in the office."""
        return self.clock.now().astimezone(self.desk.hours.zone).date()

    def _member(self, staff_id: str) -> StaffMember:
        member = self.desk.member(staff_id)
        if member is None:
            known = ", ".join(each.id for each in self.desk.staff)
            raise NotFound(f"Nobody among the staff is called {staff_id}. There are: {known}. Nothing was changed.")
        return member
