"""Every change that a person may ask for, so that a command and a page are one thing."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date

from helpdesk.clock import Clock
from helpdesk.core.acknowledge import AcknowledgementDecision
from helpdesk.errors import NotFound
from helpdesk.jobs.carry_out import Desk
from helpdesk.jobs.changes import Changes
from helpdesk.jobs.choice import Choice
from helpdesk.jobs.ports import Store, UnitOfWork
from helpdesk.jobs.process import Processor
from helpdesk.log import Log
from helpdesk.model.staff import StaffMember
from helpdesk.model.ticket import Event, EventKind, Ticket, TicketState, reference_of

_TERMINAL = "terminal"


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
            ticket, answer = self._changes(uow).treat_as_person(view, read)
            uow.commit()
        self.log.info("treated_as_person", message=message_id, ticket=ticket.number)
        return ticket, answer

    def close(self, number: int) -> Ticket:
        """Nothing more is to be done on this ticket; a new message of the person opens it again."""
        with self.store.writing() as uow:
            closed = self._changes(uow).close(self._ticket(uow, number))
            uow.commit()
        self.log.info("ticket_closed", ticket=number)
        return closed

    def reopen(self, number: int) -> Ticket:
        """A closed ticket waits for us again."""
        with self.store.writing() as uow:
            opened = self._changes(uow).reopen(self._ticket(uow, number))
            uow.commit()
        self.log.info("ticket_reopened", ticket=number)
        return opened

    def note(self, number: int, words: str) -> Ticket:
        """Keep words on a ticket, for staff alone."""
        with self.store.writing() as uow:
            ticket = self._ticket(uow, number)
            self._changes(uow).note(ticket, words)
            uow.commit()
        self.log.info("ticket_noted", ticket=number)
        return ticket

    def pause(self, number: int) -> Ticket:
        """Nobody is reminded of this ticket until its reminders are resumed, or it is closed."""
        return self._set_paused(number, paused=True)

    def resume(self, number: int) -> Ticket:
        """Its reminders begin again, with all their time."""
        return self._set_paused(number, paused=False)

    def _set_paused(self, number: int, *, paused: bool) -> Ticket:
        kind, words = (EventKind.PAUSED, "paused") if paused else (EventKind.RESUMED, "resumed")
        with self.store.writing() as uow:
            ticket = self._ticket(uow, number)
            if ticket.state is TicketState.CLOSED:
                raise NotFound(f"{ticket.reference} is closed, and nobody is reminded of it. Nothing was changed.")
            if ticket.reminders_paused is paused:
                now = "are paused already" if paused else "are not paused"
                raise NotFound(f"The reminders of {ticket.reference} {now}. Nothing was changed.")
            changed = replace(ticket, reminders_paused=paused, updated_at=self.clock.now())
            uow.tickets.save(changed)
            self._add_event(uow, changed, kind, f"reminders {words} by hand")
            uow.commit()
        self.log.info("reminders_paused" if paused else "reminders_resumed", ticket=number)
        return changed

    def assign(self, number: int, staff_id: str) -> Ticket:
        """Give a ticket to somebody, who gets a notice of it; whom it was kept from may not have it."""
        member, now = self._member(staff_id), self.clock.now()
        with self.store.writing() as uow:
            ticket = self._ticket(uow, number)
            given = Choice(self.processor, uow, now, _TERMINAL).give_by_hand(ticket, member)
            uow.commit()
        self.log.info("ticket_assigned", ticket=number, staff=member.id)
        return given

    def exclude(self, staff_id: str, number: int) -> list[Ticket]:
        """From now on somebody never gets tickets of the person of this one; returns those that they lost by it."""
        member, now = self._member(staff_id), self.clock.now()
        with self.store.writing() as uow:
            ticket = self._ticket(uow, number)
            lost = Choice(self.processor, uow, now, _TERMINAL).exclude(ticket, member)
            uow.commit()
        self.log.info("staff_excluded", staff=member.id, tickets=len(lost))
        return lost

    def allow(self, staff_id: str, number: int) -> bool:
        """End that; False when it was not so. What was given to others stays theirs."""
        member, now = self._member(staff_id), self.clock.now()
        with self.store.writing() as uow:
            ticket = self._ticket(uow, number)
            was_excluded = Choice(self.processor, uow, now, _TERMINAL).allow(ticket, member)
            uow.commit()
        self.log.info("staff_allowed", staff=member.id)
        return was_excluded

    def _changes(self, uow: UnitOfWork) -> Changes:
        return Changes(self.processor, uow, self.clock.now(), _TERMINAL)

    def _ticket(self, uow: UnitOfWork, number: int) -> Ticket:
        ticket = uow.tickets.by_number(number)
        if ticket is None:
            raise NotFound(f"There is no ticket {reference_of(number)}. See them with: helpdesk tickets list")
        return ticket

    def _add_event(self, uow: UnitOfWork, ticket: Ticket, kind: EventKind, why: str) -> str:
        (event_id,) = uow.tickets.add_events(ticket.id, [Event(kind, self.clock.now(), _TERMINAL, why)])
        return event_id

    def retry_quarantined(self, message_id: str) -> None:
        """Put a quarantined message back in line; the worker's next poll processes it."""
        with self.store.writing() as uow:
            self._quarantined(uow, message_id)
            uow.messages.reset(message_id)
            uow.commit()
        self.log.info("quarantine_retry", message=message_id)

    def dismiss_quarantined(self, message_id: str) -> None:
        """A quarantined message was dealt with by hand: it stays stored, opens no ticket, and nobody is answered."""
        with self.store.writing() as uow:
            self._quarantined(uow, message_id)
            uow.messages.dismiss(message_id, self.clock.now())
            uow.commit()
        self.log.info("quarantine_dismissed", message=message_id)

    def _quarantined(self, uow: UnitOfWork, message_id: str) -> None:
        """Raise NotFound with what is true of the message where it is not in quarantine."""
        failed = uow.messages.failed(message_id)
        if failed is None:
            raise NotFound(
                f"There is no message {message_id} in quarantine. Nothing was changed. "
                "See what is there with: helpdesk quarantine list"
            )
        if failed.dismissed_at:
            when = f"{failed.dismissed_at:%Y-%m-%d at %H:%M} UTC"
            raise NotFound(
                f"Message {message_id} is not in quarantine any more: it was dismissed on {when}, as dealt with by hand. "
                "Nothing was changed. If its sender still waits, answer from the mailbox."
            )

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

    def away(self, staff_id: str, first_day: date, last_day: date) -> tuple[StaffMember, list[Ticket]]:
        """Somebody is away on these days, both included; returns also the tickets that others have now.

        No ticket is given to them then, and those that wait for an answer of theirs go to others when it begins. A first day
        within another absence of theirs says when that one ends.
        """
        member = self._member(staff_id)
        with self.store.writing() as uow:
            moved = self._changes(uow).leave(member, first_day, last_day)
            uow.commit()
        self.log.info("staff_away", staff=member.id, tickets=len(moved))
        return member, moved

    def back(self, staff_id: str) -> bool:
        """From today on they are there again, or what was planned is off; False when they were not to be away."""
        member = self._member(staff_id)
        with self.store.writing() as uow:
            was_away = uow.people.end_absences(member.id, self.today())
            uow.commit()
        self.log.info("staff_back", staff=member.id)
        return was_away

    def today(self) -> date:
        """The day that it is in the office."""
        return self.desk.day_of(self.clock.now())

    def _member(self, staff_id: str) -> StaffMember:
        member = self.desk.member(staff_id)
        if member is None:
            known = ", ".join(each.id for each in self.desk.staff)
            raise NotFound(f"Nobody among the staff is called {staff_id}. There are: {known}. Nothing was changed.")
        return member
