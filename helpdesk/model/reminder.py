"""What reminders and the morning digest go by: what waits and since when, without a word of any mail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from helpdesk.model.delivery import DeliveryState, Purpose
from helpdesk.model.ticket import EventKind, Priority, TicketState, reference_of


@dataclass(frozen=True, slots=True)
class Step:
    """An event of a ticket: that it happened, and when."""

    id: str
    kind: EventKind
    at: datetime


@dataclass(frozen=True, slots=True)
class WaitingTicket:
    """A ticket that waits for us (`new` or `open`) and is no junk, with its steps, oldest first.

    `paused`: nobody is to be reminded of it. `reached`: the requester got an automatic answer of ours on this ticket, and no
    mail to them has come back.
    """

    id: str
    number: int
    state: TicketState
    priority: Priority
    assignee: str | None
    opened_at: datetime
    answered_at: datetime | None
    paused: bool
    reached: bool
    steps: tuple[Step, ...] = ()

    @property
    def reference(self) -> str:
        return reference_of(self.number)


@dataclass(frozen=True, slots=True)
class StoppedMail:
    """A mail of ours that failed for good, or is held, since `at`."""

    id: str
    purpose: Purpose
    state: DeliveryState
    ticket_number: int | None
    at: datetime
