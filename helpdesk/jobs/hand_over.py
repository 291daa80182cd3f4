"""Tickets that wait for somebody who is away are given to others, urgent ones first.

It looks at who is away today and what waits for them, and keeps no list of its own: what was given on is not theirs any more,
so that nothing moves twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from helpdesk.boundary import Boundary, reached
from helpdesk.clock import Clock
from helpdesk.core.assign import AssignmentFacts, away_until
from helpdesk.errors import DatabaseUnavailable, place_of
from helpdesk.jobs.carry_out import Desk
from helpdesk.jobs.giving import Given, Giver
from helpdesk.jobs.ports import Store, UnitOfWork
from helpdesk.jobs.process import Processor
from helpdesk.jobs.staff_finder import StaffFinder
from helpdesk.log import Log
from helpdesk.model.ticket import Priority, Ticket, TicketState

EVERY = timedelta(minutes=1)

# A ticket that waits for the person who wrote stays where it is, unless they write.
_WAITING = (TicketState.NEW, TicketState.OPEN)
_URGENCY = (Priority.URGENT, Priority.HIGH, Priority.NORMAL)


@dataclass(frozen=True, slots=True)
class HandOver:
    """Looks again and again whether an absence has begun, whoever entered it and when."""

    store: Store
    processor: Processor
    clock: Clock
    log: Log = field(default_factory=Log)

    def look(self) -> None:
        """Hand over what there is to hand over now; a database that can't be used delays it, and stops nothing."""
        try:
            with self.store.reading() as uow:
                if not _waiting_for_absent(self.processor.desk, uow, self.clock.now()):
                    return
            with self.store.writing() as uow:
                given = hand_over(self.processor, uow, self.clock.now())
                uow.commit()
                reached(Boundary.HANDED_OVER)
        except DatabaseUnavailable as error:
            self.log.warning("hand_over_put_off", place=place_of(error))
            return
        self.log.info("handed_over", tickets=len(given))


def hand_over(processor: Processor, uow: UnitOfWork, now: datetime) -> list[Ticket]:
    """Give on every ticket that waits for somebody who is away, in the caller's transaction; returns them as they are now.

    Whoever gets one has a notice of it, and each who had some has one letter that says who has them now.
    """
    giver, moved, facts = Giver(processor, uow, now), dict[str, list[Given]](), dict[str, AssignmentFacts]()
    finder = StaffFinder(processor.desk, uow, now, uow.people.absences(processor.desk.day_of(now)))
    for ticket in _waiting_for_absent(processor.desk, uow, now):
        holder = ticket.assignee or ""
        facts[holder] = finder.for_ticket(ticket)
        moved.setdefault(holder, []).append(giver.pass_on(ticket, facts[holder]))
    for holder, given in moved.items():
        giver.tell_of_moved(holder, given, facts[holder])
    return [each.ticket for given in moved.values() for each in given]


def _waiting_for_absent(desk: Desk, uow: UnitOfWork, now: datetime) -> list[Ticket]:
    """Tickets that wait for an answer of somebody who is away or has left: urgent ones first, then the oldest."""
    found = [
        ticket
        for staff_id in _absent_with_tickets(desk, uow, desk.day_of(now))
        for ticket in uow.tickets.of_assignee(staff_id, _WAITING)
    ]
    return sorted(found, key=lambda ticket: (_URGENCY.index(ticket.priority), ticket.number))


def _absent_with_tickets(desk: Desk, uow: UnitOfWork, today: date) -> Iterator[str]:
    absences = uow.people.absences(today)
    for staff_id, workload in uow.tickets.workloads().items():
        has_left = desk.member(staff_id) is None
        if workload.open_tickets and (has_left or away_until(staff_id, absences, today)):
            yield staff_id
