"""Tickets that wait for somebody who is away are given to others, urgent ones first; so are those that the staff list keeps
from whoever has them.

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
from helpdesk.core.conflict import kept_from
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
# One that is kept from whoever has it does not stay, since they can't act on it.
_NOT_CLOSED = (*_WAITING, TicketState.PENDING)
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
                if not _to_give_on(self.processor.desk, uow, self.clock.now()):
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
    """Give on every ticket that is not to stay with whoever has it, in the caller's transaction; returns them as they are now.

    Whoever gets one has a notice of it, and each who had some has one letter that says who has them now. Of those that are
    kept from them they have a letter of its own, which does not say that.
    """
    desk, moved, facts_of = processor.desk, dict[tuple[str, bool], list[Given]](), dict[tuple[str, bool], AssignmentFacts]()
    giver, finder = Giver(processor, uow, now), StaffFinder(desk, uow, now, uow.people.absences(desk.day_of(now)))
    for ticket in _to_give_on(desk, uow, now):
        holder, facts = ticket.assignee or "", finder.for_ticket(ticket)
        is_kept = holder in facts.excluded
        member = desk.member(holder) if is_kept else None
        if member:
            giver.keep_from(ticket, member)
        moved.setdefault((holder, is_kept), []).append(giver.pass_on(ticket, facts))
        facts_of[holder, is_kept] = facts
    for (holder, is_kept), given in moved.items():
        giver.tell_of_moved(holder, given, facts_of[holder, is_kept])
    return [each.ticket for given in moved.values() for each in given]


def _to_give_on(desk: Desk, uow: UnitOfWork, now: datetime) -> list[Ticket]:
    """What waits for somebody who is away or has left, or is kept from them: urgent tickets first, then the oldest."""
    waiting = (
        ticket
        for staff_id in _absent_with_tickets(desk, uow, desk.day_of(now))
        for ticket in uow.tickets.of_assignee(staff_id, _WAITING)
    )
    found = {ticket.id: ticket for ticket in (*waiting, *_kept_from_holder(desk, uow))}
    return sorted(found.values(), key=lambda ticket: (_URGENCY.index(ticket.priority), ticket.number))


def _kept_from_holder(desk: Desk, uow: UnitOfWork) -> Iterator[Ticket]:
    """Those that the staff list keeps from whoever has them, since it was changed; the command moves them at once."""
    for member in desk.staff:
        for ticket in uow.tickets.of_assignee(member.id, _NOT_CLOSED) if member.excludes else ():
            if kept_from([member], (ticket.requester_address,)):
                yield ticket


def _absent_with_tickets(desk: Desk, uow: UnitOfWork, today: date) -> Iterator[str]:
    absences = uow.people.absences(today)
    for staff_id, workload in uow.tickets.workloads().items():
        has_left = desk.member(staff_id) is None
        if workload.open_tickets and (has_left or away_until(staff_id, absences, today)):
            yield staff_id
