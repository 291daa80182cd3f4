"""What is known when a ticket needs somebody: who is there, how much they have, whom it is kept from, who knows its requester.

Chooses nobody, and writes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from helpdesk.core.assign import AssignmentFacts, skills_for
from helpdesk.core.continuity import who_knows
from helpdesk.jobs.audience import excluded_from
from helpdesk.jobs.carry_out import Desk
from helpdesk.jobs.ports import UnitOfWork
from helpdesk.model.staff import Absence
from helpdesk.model.ticket import Ticket


@dataclass(frozen=True, slots=True)
class StaffFinder:
    """Gathers the facts of one assignment after the other; `absences` are those of today and later."""

    desk: Desk
    uow: UnitOfWork
    now: datetime
    absences: Sequence[Absence]

    def for_message(self, sender: str, mine: Sequence[Ticket], ticket: Ticket | None) -> AssignmentFacts:
        """For a message of this sender, whose tickets are `mine`, newest first, on `ticket` or on a new one.

        It may be on a ticket of somebody else: then it is kept from whom either of the two is kept from.
        """
        requesters = (sender, ticket.requester_address) if ticket else (sender,)
        handed_over = self.uow.tickets.handed_over([each.id for each in mine]) if mine else []
        return AssignmentFacts(
            staff=self.desk.staff,
            at=self.now,
            office_hours=self.desk.hours,
            absences=self.absences,
            workloads=self.uow.tickets.workloads(),
            known_staff_ids=who_knows(mine, handed_over),
            # What a new message is about is not known yet, and neither are its signals.
            skills=skills_for(ticket.topic) if ticket else frozenset(),
            excluded=excluded_from(self.uow, self.desk.staff, requesters),
        )

    def for_ticket(self, ticket: Ticket) -> AssignmentFacts:
        """For a ticket that needs somebody else."""
        address = ticket.requester_address
        mine = self.uow.tickets.of_requester(address) if address else []
        return self.for_message(address, mine, ticket)
