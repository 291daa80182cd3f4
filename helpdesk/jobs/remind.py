"""Writes what is due about tickets that wait: to whoever has one, to the leads, to the person who wrote.

What was written is an event of the ticket, in the same transaction: a crash, or a second worker, writes nothing again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from helpdesk.boundary import Boundary, reached
from helpdesk.clock import Clock
from helpdesk.core.addresses import lookup_form
from helpdesk.core.assign import away_until
from helpdesk.core.office_hours import is_open
from helpdesk.core.parse import parse
from helpdesk.core.remind import Reminder, ReminderRules, decide_reminders
from helpdesk.core.requester import as_from_requester
from helpdesk.errors import DatabaseUnavailable, place_of
from helpdesk.jobs.audience import audience_of
from helpdesk.jobs.carry_out import MOST_NOTICES_AN_HOUR, Desk
from helpdesk.jobs.ports import Store, UnitOfWork
from helpdesk.jobs.reminder_letters import letter_of_reminder
from helpdesk.log import Log
from helpdesk.model.delivery import NewDelivery, Purpose
from helpdesk.model.reminder import WaitingTicket
from helpdesk.model.staff import StaffMember
from helpdesk.model.ticket import Event, EventKind, Ticket

EVERY = timedelta(minutes=1)

_TO_STAFF = (Purpose.STAFF_REMINDER, Purpose.STAFF_ESCALATION)
_EVENTS = {
    Purpose.STAFF_REMINDER: EventKind.REMINDED,
    Purpose.STAFF_ESCALATION: EventKind.ESCALATED,
    Purpose.STILL_WITH_YOU: EventKind.STILL_WITH_YOU,
}


def rules_of(desk: Desk, uow: UnitOfWork, now: datetime) -> ReminderRules:
    """What reminders go by at this moment."""
    today = desk.day_of(now)
    absences = uow.people.absences(today)
    there = frozenset(member.id for member in desk.staff if away_until(member.id, absences, today) is None)
    return ReminderRules(desk.hours, desk.tickets, there)


@dataclass(frozen=True, slots=True)
class Reminders:
    """Looks again and again what is due."""

    desk: Desk
    store: Store
    clock: Clock
    log: Log = field(default_factory=Log)

    def look(self) -> None:
        """Write what is due now; a database that can't be used delays it, and stops nothing."""
        try:
            self._write_due(self.clock.now())
        except DatabaseUnavailable as error:
            self.log.warning("reminders_put_off", place=place_of(error))

    def _write_due(self, now: datetime) -> None:
        if not is_open(self.desk.hours, now):
            return
        with self.store.reading() as uow:
            if not self._due(uow, now):
                return
        with self.store.writing() as uow:
            # Asked once more: another worker may have been quicker.
            due = self._due(uow, now)
            written = [(ticket, reminder) for ticket, reminder in due if self._write(uow, ticket, reminder, now)]
            uow.commit()
            reached(Boundary.REMINDED)
        for ticket, reminder in written:
            self.log.info("reminded", ticket=ticket.number, purpose=reminder.purpose.value)

    def _due(self, uow: UnitOfWork, now: datetime) -> list[tuple[WaitingTicket, Reminder]]:
        rules = rules_of(self.desk, uow, now)
        # Nothing is due of a ticket before so much office time has passed, which is no less by the clock on the wall.
        tickets = uow.waiting.tickets(now - rules.policy.first_response)
        return [(ticket, each) for ticket in tickets for each in decide_reminders(ticket, rules, now)]

    def _write(self, uow: UnitOfWork, waiting: WaitingTicket, reminder: Reminder, now: datetime) -> bool:
        """Write one reminder; False where nobody can have it now, and it stays due."""
        ticket = uow.tickets.by_number(waiting.number)
        if ticket is None:
            return False
        if reminder.purpose is Purpose.STILL_WITH_YOU:
            letter, why = self._still_with_you(uow, ticket, reminder, now), reminder.why
            letters = [letter] if letter else []
        else:
            members = self._who_hears(uow, ticket, reminder, now)
            letters = [letter_of_reminder(self.desk, reminder, waiting, member, now) for member in members]
            why = f"{', '.join(member.public_name for member in members)}: {reminder.why}"
        for letter in letters:
            uow.outbox.add(letter, now)
        if letters:
            uow.tickets.add_events(ticket.id, [Event(_EVENTS[reminder.purpose], now, "worker", why)])
        return bool(letters)

    def _who_hears(self, uow: UnitOfWork, ticket: Ticket, reminder: Reminder, now: datetime) -> list[StaffMember]:
        """The assignee, or the leads; the admins where no lead is there who may hear of it. Nobody who is away."""
        if reminder.purpose is Purpose.STAFF_REMINDER:
            hearers = [each for each in self.desk.staff if each.id == ticket.assignee]
        else:
            audience = audience_of(uow, self.desk.staff, ticket, self.desk.day_of(now))
            groups = (
                [each for each in group if each.id not in audience.away] for group in (audience.leads(), audience.last_resort())
            )
            hearers = next((group for group in groups if group), [])
        return [each for each in hearers if not self._has_had_enough(uow, each, now)]

    def _has_had_enough(self, uow: UnitOfWork, member: StaffMember, now: datetime) -> bool:
        """Whether reminders have filled a private inbox for this hour; what is still due comes after it."""
        return uow.outbox.sent_to(member.email, _TO_STAFF, now - timedelta(hours=1)) >= MOST_NOTICES_AN_HOUR

    def _still_with_you(self, uow: UnitOfWork, ticket: Ticket, reminder: Reminder, now: datetime) -> NewDelivery | None:
        """The note to the requester under the last mail that came from their address; None where that is not at hand."""
        requester = lookup_form(ticket.requester_address)
        for view in reversed(uow.messages.of_ticket(ticket.id)):
            if view.sender is None or lookup_form(view.sender.address) != requester:
                continue
            stored = uow.messages.raw(view.id)
            if stored:
                message = as_from_requester(parse(stored.raw.raw), self.desk.ourselves)
                cause = f"event:{reminder.cause}"
                return self.desk.letters.acknowledgement(reminder.purpose, message, cause=cause, ticket_id=ticket.id, now=now)
        return None
