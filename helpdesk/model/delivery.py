"""Mail on its way out: what to send, its row in the outbox, and each try to send it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Purpose(StrEnum):
    """Why a mail is sent: the name of the template that it was made from."""

    ACKNOWLEDGEMENT = "acknowledgement"
    ACKNOWLEDGEMENT_AGAIN = "acknowledgement_again"
    REPLY = "reply"
    STILL_WITH_YOU = "still_with_you"
    STAFF_ASSIGNED = "staff_assigned"
    STAFF_MESSAGE = "staff_message"
    STAFF_ANSWERED = "staff_answered"
    STAFF_MOVED = "staff_moved"
    STAFF_REMINDER = "staff_reminder"
    STAFF_ESCALATION = "staff_escalation"
    STAFF_HELP = "staff_help"
    STAFF_REPLY_WAITING = "staff_reply_waiting"
    ADMIN_ALERT = "admin_alert"
    DIGEST = "digest"


ACKNOWLEDGEMENTS = (Purpose.ACKNOWLEDGEMENT, Purpose.ACKNOWLEDGEMENT_AGAIN)
# All others go to staff.
TO_REQUESTERS = frozenset({*ACKNOWLEDGEMENTS, Purpose.REPLY, Purpose.STILL_WITH_YOU})


class Automatic(StrEnum):
    """The value of Auto-Submitted (RFC 3834 section 5) on a mail that no person wrote."""

    REPLIED = "auto-replied"
    GENERATED = "auto-generated"


class DeliveryState(StrEnum):
    PENDING = "pending"
    SENT = "sent"
    FAILED = "failed"
    HELD = "held"


class Outcome(StrEnum):
    """`transient` is tried again, `permanent` is not (RFC 5321 section 4.2.1); no connection is transient."""

    SENT = "sent"
    TRANSIENT = "transient"
    PERMANENT = "permanent"


@dataclass(frozen=True, slots=True)
class OutgoingFile:
    """A file that goes out with a mail."""

    name: str = field(repr=False)
    content_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class OutboundMail:
    """What one mail says and to whom, before it is bytes.

    `to_address` is the only recipient, header and envelope. `message_id` and `references` come without angle brackets,
    oldest reference first. `sent_at` is an aware UTC datetime and becomes the Date header. `reply_to` is empty where
    answers go to From. `automatic` is None for a mail that a person wrote.
    """

    from_name: str
    from_address: str
    to_address: str = field(repr=False)
    subject: str = field(repr=False)
    text: str = field(repr=False)
    html: str = field(repr=False)
    message_id: str = field(repr=False)
    sent_at: datetime
    automatic: Automatic | None
    in_reply_to: str | None = field(default=None, repr=False)
    references: tuple[str, ...] = field(default=(), repr=False)
    language: str = "en"
    reply_to: str = field(default="", repr=False)
    files: tuple[OutgoingFile, ...] = ()


@dataclass(frozen=True, slots=True)
class Delivery:
    """A row of the outbox, claimed: final bytes with their envelope. An empty `envelope_sender` is the null sender <>.

    `let_go`: it was held or had failed, and a person has released it.
    """

    id: str
    ticket_id: str | None
    cause: str
    purpose: Purpose
    attempts: int
    created_at: datetime
    envelope_sender: str = field(repr=False)
    recipient: str = field(repr=False)
    content: bytes = field(repr=False)
    message_id: str = field(default="", repr=False)
    names_opening_at: datetime | None = None
    let_go: bool = False


@dataclass(frozen=True, slots=True)
class SentCopy:
    """A sent mail whose copy is to be put into the mailbox's folder of sent mail; `attempts` tries failed already."""

    delivery_id: str
    message_id: str = field(repr=False)
    sent_at: datetime
    attempts: int
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply of a staff member on its way: `message_id` is the row of their mail, `due_at` when it goes, while it waits.

    `in_doubt`: a server was, or is being, offered it, so that nobody can say that it was taken back.
    """

    delivery_id: str
    message_id: str
    state: DeliveryState
    written_at: datetime
    due_at: datetime | None = None
    sent_at: datetime | None = None
    in_doubt: bool = False


@dataclass(frozen=True, slots=True)
class Answerable:
    """Who may act by answering a mail, and until when."""

    staff_id: str
    until: datetime


@dataclass(frozen=True, slots=True)
class NewDelivery:
    """A row to add to the outbox. (`cause`, `purpose`, `recipient`) is unique: adding it again adds nothing.

    `names_opening_at` is the opening that an acknowledgement names, after which its words are stale; `held_because` is
    a sentence for staff, and empty for mail that may go. `due_at` is when it may go first, None for at once. `answerable` says
    which staff member may act on the ticket by answering it, proven by the token that its Message-ID begins with.
    """

    cause: str
    purpose: Purpose
    ticket_id: str | None
    message_id: str = field(repr=False)
    envelope_sender: str = field(repr=False)
    recipient: str = field(repr=False)
    content: bytes = field(repr=False)
    held_because: str = field(default="", repr=False)
    names_opening_at: datetime | None = None
    due_at: datetime | None = None
    answerable: Answerable | None = None


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """That an address was acknowledged on a ticket, and when; held ones count, since they may still go."""

    purpose: Purpose
    recipient: str = field(repr=False)
    at: datetime


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """What `outbox list` shows of a delivery: no content, and the recipient only because a person asked.

    `last_code` and `last_answer` are the server's, to the last try.
    """

    id: str
    state: DeliveryState
    purpose: Purpose
    recipient: str = field(repr=False)
    ticket_number: int | None
    attempts: int
    created_at: datetime
    next_attempt_at: datetime | None
    sent_at: datetime | None
    held_because: str = field(default="", repr=False)
    last_code: int | None = None
    last_answer: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to send: `detail` is the server's answer and stays sealed, since servers repeat addresses in it.

    `reached_server` is False where no server was offered the mail (no connection, no login), so that it may still be
    composed anew.
    """

    outcome: Outcome
    code: int | None = None
    detail: str = field(default="", repr=False)
    reached_server: bool = True
