"""A mail that is surely a staff member's, with what it is about: what commands and replies have in common."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from helpdesk.jobs.authors import author_of
from helpdesk.jobs.carry_out import Desk, Read
from helpdesk.jobs.ports import UnitOfWork
from helpdesk.model.delivery import Delivery, Reply
from helpdesk.model.staff import StaffMember, StaffToken
from helpdesk.model.ticket import STAFF, Event, EventKind, Ticket


@dataclass(frozen=True, slots=True)
class Proven:
    """The mail `read` of `author` answers `answered`, a mail of ours about `ticket`, which is as it was before."""

    desk: Desk
    uow: UnitOfWork
    now: datetime
    read: Read
    author: StaffMember
    token: StaffToken
    ticket: Ticket
    answered: Delivery | None

    @property
    def actor(self) -> str:
        return f"{STAFF}{self.author.id}"

    @property
    def cause(self) -> str:
        """The cause of what is written because of this mail and is no reply."""
        return f"message:{self.read.stored.id}"

    def add_event(self, kind: EventKind, why: str) -> None:
        event = Event(kind, self.now, self.actor, why, self.read.stored.id)
        self.uow.tickets.add_events(self.ticket.id, [event])

    def author_of(self, reply: Reply) -> StaffMember | None:
        """Who wrote a reply; None where they are no longer among the staff."""
        return author_of(self.desk, self.uow, reply.message_id)
