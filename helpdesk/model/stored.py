"""What is shown of stored messages to a person at the terminal or on a page."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from helpdesk.model.message import Address, Kind, MessageState

# The rule of a message that a person dealt with by hand when it could not be processed; nothing has decided its kind.
DISMISSED = "dismissed"


@dataclass(frozen=True, slots=True)
class MessageView:
    """A stored message as staff may see it; `sender` and `new_text` are empty until it was processed."""

    id: str
    state: MessageState
    received_at: datetime
    kind: Kind | None
    rule: str
    ticket_id: str | None
    message_id: str | None = field(repr=False)
    sender: Address | None = field(repr=False)
    subject: str = field(repr=False)
    new_text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class MachineMail:
    """A machine's mail: what it was taken for, and by which rule."""

    id: str
    received_at: datetime
    kind: Kind
    rule: str
    ticket_number: int | None
    sender: str = field(repr=False)
    subject: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class QuarantinedMessage:
    """A message that could not be processed: how often it was tried, and what went wrong where.

    `dismissed_at` is when a person said that it was dealt with by hand; None while it is in quarantine.
    """

    id: str
    received_at: datetime
    size: int
    failures: int
    place: str
    error: str = field(repr=False)
    dismissed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SameText:
    """How often one text came from one domain: `in_all` within an hour, and within a day `answered` before this one came."""

    in_all: int = 0
    answered: int = 0
