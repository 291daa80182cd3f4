"""A ticket and the events that say who changed it, what, why and when."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class TicketState(StrEnum):
    """`new`: no person has answered; `open`: waiting for us; `pending`: waiting for them; `closed`."""

    NEW = "new"
    OPEN = "open"
    PENDING = "pending"
    CLOSED = "closed"


class Priority(StrEnum):
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"


class EventKind(StrEnum):
    """What happened on a ticket, or to a message that has none."""

    OPENED = "opened"
    FOLLOW_UP = "follow_up"
    REOPENED = "reopened"
    CLOSED = "closed"
    OVERRULED = "overruled"
    MACHINE_MAIL = "machine_mail"
    ACKNOWLEDGED = "acknowledged"
    NOT_ACKNOWLEDGED = "not_acknowledged"
    ASSIGNED = "assigned"
    UNASSIGNED = "unassigned"
    HANDED_OVER = "handed_over"
    EXCLUDED = "excluded"
    ALLOWED = "allowed"
    PRIORITY = "priority"
    UNDELIVERABLE = "undeliverable"
    DELIVERY_DELAYED = "delivery_delayed"
    DELIVERY_FAILED = "delivery_failed"
    DELIVERY_HELD = "delivery_held"
    NOTE = "note"
    PENDING = "pending"
    STAFF_MAIL_HELD = "staff_mail_held"
    REPLY_WAITING = "reply_waiting"
    REPLY_HELD = "reply_held"
    REPLY_STOPPED = "reply_stopped"
    REPLY_LET_GO = "reply_let_go"
    REPLIED = "replied"
    SENT_ELSEWHERE = "sent_elsewhere"
    REMINDED = "reminded"
    ESCALATED = "escalated"
    STILL_WITH_YOU = "still_with_you"
    PAUSED = "paused"
    RESUMED = "resumed"


# Begins the `actor` of an event that a staff member stands behind.
STAFF = "staff:"
# The `actor` of what somebody did in the mailbox itself, in webmail: who it was is not known.
MAILBOX = "mailbox"


def reference_of(number: int) -> str:
    """The name of a ticket as people say it: 1042 is EHT-1042."""
    return f"EHT-{number}"


@dataclass(frozen=True, slots=True)
class Event:
    """One change: `actor` is "worker", "requester", "terminal", "mailbox" or "staff:ID"; `why` is a sentence for staff."""

    kind: EventKind
    at: datetime
    actor: str
    why: str = field(default="", repr=False)
    message_id: str | None = None


@dataclass(frozen=True, slots=True)
class HandedOver:
    """That somebody gave up a ticket because they were away."""

    ticket_id: str
    staff_id: str


@dataclass(frozen=True, slots=True)
class Ticket:
    """A case. `id` is internal, `number` is what people see; `requester` is the address that answers go to."""

    id: str
    number: int
    state: TicketState
    priority: Priority
    topic: str
    opened_at: datetime
    updated_at: datetime
    requester_address: str = field(repr=False)
    requester_name: str = field(repr=False)
    subject: str = field(repr=False)
    language: str = "en"
    assignee: str | None = None
    answered_at: datetime | None = None
    closed_at: datetime | None = None
    spam: bool = False
    reminders_paused: bool = False

    @property
    def reference(self) -> str:
        return reference_of(self.number)
