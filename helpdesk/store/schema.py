"""The tables, as they are after the last migration; a test holds the migrations to them.

Columns that hold what people wrote, or who they are, are bytes: sealed (named like the field), or a keyed hash (`…_hash`).
Large content stands in tables of its own, since an UPDATE writes a row anew with everything in it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ColumnElement,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    false,
    literal_column,
    text,
)

from helpdesk.model.delivery import DeliveryState, Outcome
from helpdesk.model.message import MessageState
from helpdesk.model.policy import StartMode
from helpdesk.model.ticket import Priority, TicketState
from helpdesk.store.moments import UtcDateTime


def constant(value: StrEnum) -> ColumnElement[str]:
    """The value written into the SQL: a partial index serves only a query that names its condition, not a parameter."""
    return literal_column(repr(value.value))


def _one_of(column: str, values: Iterable[StrEnum]) -> str:
    return f"{column} IN ({', '.join(repr(value.value) for value in values)})"


def _check(table: str, column: str, values: Iterable[StrEnum]) -> CheckConstraint:
    return CheckConstraint(_one_of(column, values), name=f"ck_{table}_{column}")


def _partial(name: str, *columns: Column[str] | Column[datetime] | ColumnElement[int], where: str) -> Index:
    """An index over those rows only that its queries ask for, so that it stays small whatever the table's size."""
    return Index(name, *columns, sqlite_where=text(where), postgresql_where=text(where))


metadata = MetaData()

# The keys that HELPDESK_SECRET_KEY wraps: rotating it rewraps these few rows, and nothing else.
secret_key = Table(
    "secret_key",
    metadata,
    Column("name", Text, primary_key=True),
    Column("wrapped", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)

# The key of one message, ticket or delivery, wrapped by the master key; without this row its content is gone.
data_key = Table(
    "data_key",
    metadata,
    Column("scope_id", Text, primary_key=True),
    Column("wrapped", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)

mailbox = Table(
    "mailbox",
    metadata,
    Column("id", Text, primary_key=True),
    Column("account", Text, nullable=False),
    Column("folder", Text, nullable=False),
    Column("uidvalidity", BigInteger, nullable=False),
    Column("first_uid", BigInteger, nullable=False),
    Column("since", UtcDateTime),
    Column("started_from", Text, nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("cursor_uid", BigInteger, nullable=False),
    # When a poll of it last came to its end, and when all of it was last compared with the database.
    Column("polled_at", UtcDateTime),
    Column("reconciled_at", UtcDateTime),
    UniqueConstraint("account", "folder", name="uq_mailbox_folder"),
    _check("mailbox", "started_from", StartMode),
)

ticket = Table(
    "ticket",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("id", Text, nullable=False),
    # No foreign key: message.ticket_id points the other way, and two tables can't each be made after the other.
    Column("opened_by_message", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("priority", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("assignee", Text),
    Column("assigned_at", UtcDateTime),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("answered_at", UtcDateTime),
    Column("closed_at", UtcDateTime),
    Column("spam", Boolean, nullable=False),
    Column("requester_hash", LargeBinary, nullable=False),
    Column("requester_address", LargeBinary, nullable=False),
    Column("requester_name", LargeBinary, nullable=False),
    Column("subject", LargeBinary, nullable=False),
    # Whether nobody is to be reminded of it, until a person says otherwise or it is closed.
    Column("reminders_paused", Boolean, nullable=False, server_default=false()),
    UniqueConstraint("id", name="uq_ticket_id"),
    UniqueConstraint("opened_by_message", name="uq_ticket_opened_by_message"),
    _check("ticket", "state", TicketState),
    _check("ticket", "priority", Priority),
    # A number that was once told to a person is never given to another ticket, even after a row was deleted.
    sqlite_autoincrement=True,
)
Index("ix_ticket_requester", ticket.c.requester_hash, ticket.c.number)
_partial("ix_ticket_assigned", ticket.c.assignee, ticket.c.assigned_at, where="assignee IS NOT NULL")
_partial("ix_ticket_workload", ticket.c.assignee, where="state <> 'closed'")
_partial("ix_ticket_not_closed", ticket.c.number, where="state <> 'closed'")
_partial("ix_ticket_waiting", ticket.c.number, where="state IN ('new', 'open') AND NOT spam")

message = Table(
    "message",
    metadata,
    Column("id", Text, primary_key=True),
    Column("mailbox_id", Text, ForeignKey("mailbox.id", name="fk_message_mailbox"), nullable=False),
    Column("uidvalidity", BigInteger, nullable=False),
    Column("uid", BigInteger, nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("stored_at", UtcDateTime, nullable=False),
    Column("processed_at", UtcDateTime),
    Column("kind", Text),
    Column("rule", Text),
    Column("ticket_id", Text, ForeignKey("ticket.id", name="fk_message_ticket")),
    Column("duplicate_of", Text, ForeignKey("message.id", name="fk_message_duplicate_of")),
    Column("failures", Integer, nullable=False),
    Column("error", LargeBinary),
    Column("error_place", Text),
    Column("digest", LargeBinary),
    Column("sender_hash", LargeBinary),
    Column("domain_hash", LargeBinary),
    Column("text_hash", LargeBinary),
    Column("message_id", LargeBinary),
    Column("sender_name", LargeBinary),
    Column("sender_address", LargeBinary),
    Column("subject", LargeBinary),
    # Nearly last, since it may be long, and SQLite reads a row from its beginning.
    Column("new_text", LargeBinary),
    # How often a message that a worker left over when it died was begun with, alone.
    Column("begun", Integer, nullable=False, server_default=text("0")),
    UniqueConstraint("mailbox_id", "uidvalidity", "uid", name="uq_message_uid"),
    _check("message", "state", MessageState),
)
_partial("ix_message_stored", message.c.mailbox_id, message.c.received_at, message.c.id, where="state = 'stored'")
_partial("ix_message_quarantined", message.c.received_at, where="state = 'quarantined'")
_partial("ix_message_machine", message.c.received_at, where="kind <> 'person'")
_partial("ix_message_digest", message.c.digest, where="state = 'processed'")
_partial("ix_message_ticket", message.c.ticket_id, message.c.sender_hash, where="ticket_id IS NOT NULL")
_partial(
    "ix_message_same_text",
    message.c.domain_hash,
    message.c.text_hash,
    message.c.processed_at,
    where="domain_hash IS NOT NULL",
)

message_content = Table(
    "message_content",
    metadata,
    Column("message_id", Text, ForeignKey("message.id", name="fk_message_content_message"), primary_key=True),
    Column("raw", LargeBinary, nullable=False),
)

# Which ticket a Message-ID belongs to, theirs and ours.
message_reference = Table(
    "message_reference",
    metadata,
    Column("message_id_hash", LargeBinary, primary_key=True),
    Column("ticket_id", Text, ForeignKey("ticket.id", name="fk_message_reference_ticket"), nullable=False),
    sqlite_with_rowid=False,
)

event = Table(
    "event",
    metadata,
    Column("ticket_id", Text, ForeignKey("ticket.id", name="fk_event_ticket"), nullable=False),
    Column("id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("actor", Text, nullable=False),
    Column("why", LargeBinary, nullable=False),
    Column("message_id", Text, ForeignKey("message.id", name="fk_event_message")),
    PrimaryKeyConstraint("ticket_id", "id", name="pk_event"),
    sqlite_with_rowid=False,
)

delivery = Table(
    "delivery",
    metadata,
    Column("id", Text, primary_key=True),
    # Whose data key seals it: the ticket's, or its own where it has no ticket.
    Column("scope_id", Text, nullable=False),
    Column("ticket_id", Text, ForeignKey("ticket.id", name="fk_delivery_ticket")),
    Column("cause", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("recipient_hash", LargeBinary, nullable=False),
    Column("state", Text, nullable=False),
    # How often it was claimed, and how many of those tries surely reached no server.
    Column("attempts", Integer, nullable=False),
    Column("unreached", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    # While a lease runs this is its end, so that one index says what is due, and when.
    Column("next_attempt_at", UtcDateTime),
    Column("names_opening_at", UtcDateTime),
    Column("sent_at", UtcDateTime),
    # When it was held, or last let go by a person; a pending row that has it was let go.
    Column("held_at", UtcDateTime),
    Column("recipient", LargeBinary, nullable=False),
    Column("envelope_sender", LargeBinary, nullable=False),
    Column("message_id", LargeBinary, nullable=False),
    Column("held_because", LargeBinary),
    # The number of the worker (see `presence`) whose claim runs and was not recorded yet.
    Column("claimed_by", BigInteger),
    UniqueConstraint("cause", "purpose", "recipient_hash", name="uq_delivery_cause"),
    _check("delivery", "state", DeliveryState),
)
_partial("ix_delivery_due", delivery.c.next_attempt_at, delivery.c.id, where="state = 'pending'")
_partial(
    "ix_delivery_unoffered",
    delivery.c.created_at,
    delivery.c.names_opening_at,
    delivery.c.purpose,
    where="state = 'pending' AND attempts = unreached",
)
_partial("ix_delivery_unsent", delivery.c.state, delivery.c.id, where="state <> 'sent'")
Index("ix_delivery_recipient", delivery.c.recipient_hash, delivery.c.created_at)
Index("ix_delivery_purpose", delivery.c.purpose, delivery.c.created_at)
_partial("ix_delivery_held", delivery.c.purpose, delivery.c.created_at, where="state = 'held'")
_partial("ix_delivery_ticket", delivery.c.ticket_id, where="ticket_id IS NOT NULL")
_partial("ix_delivery_pending", delivery.c.created_at, where="state = 'pending'")
_partial("ix_delivery_claimed", delivery.c.claimed_by, delivery.c.next_attempt_at, where="claimed_by IS NOT NULL")

delivery_content = Table(
    "delivery_content",
    metadata,
    Column("delivery_id", Text, ForeignKey("delivery.id", name="fk_delivery_content_delivery"), primary_key=True),
    Column("content", LargeBinary, nullable=False),
)

attempt = Table(
    "attempt",
    metadata,
    Column("delivery_id", Text, ForeignKey("delivery.id", name="fk_attempt_delivery"), nullable=False),
    Column("id", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("code", Integer),
    Column("reached_server", Boolean, nullable=False),
    Column("detail", LargeBinary),
    PrimaryKeyConstraint("delivery_id", "id", name="pk_attempt"),
    _check("attempt", "outcome", Outcome),
    sqlite_with_rowid=False,
)

# What a mail of ours lets a staff member do by answering it: act on this ticket. The token is in its Message-ID.
staff_token = Table(
    "staff_token",
    metadata,
    Column("token_hash", LargeBinary, primary_key=True),
    Column("staff_id", Text, nullable=False),
    Column("ticket_id", Text, ForeignKey("ticket.id", name="fk_staff_token_ticket"), nullable=False),
    Column("delivery_id", Text, ForeignKey("delivery.id", name="fk_staff_token_delivery"), nullable=False),
    Column("issued_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    sqlite_with_rowid=False,
)

# Replies that were sent, and are not in the mailbox's folder of sent mail yet.
sent_copy = Table(
    "sent_copy",
    metadata,
    Column("delivery_id", Text, ForeignKey("delivery.id", name="fk_sent_copy_delivery"), primary_key=True),
    Column("attempts", Integer, nullable=False),
    Column("next_attempt_at", UtcDateTime, nullable=False),
)
Index("ix_sent_copy_due", sent_copy.c.next_attempt_at)

unreachable = Table(
    "unreachable",
    metadata,
    Column("address_hash", LargeBinary, nullable=False),
    Column("since", UtcDateTime, nullable=False),
    PrimaryKeyConstraint("address_hash", name="pk_unreachable"),
    sqlite_with_rowid=False,
)

absence = Table(
    "absence",
    metadata,
    Column("staff_id", Text, nullable=False),
    Column("first_day", Date, nullable=False),
    Column("last_day", Date, nullable=False),
    PrimaryKeyConstraint("staff_id", "first_day", name="pk_absence"),
    CheckConstraint("first_day <= last_day", name="ck_absence_days"),
)

# Whose tickets a staff member never gets: a conflict of interest.
exclusion = Table(
    "exclusion",
    metadata,
    Column("staff_id", Text, nullable=False),
    Column("requester_hash", LargeBinary, nullable=False),
    Column("since", UtcDateTime, nullable=False),
    PrimaryKeyConstraint("staff_id", "requester_hash", name="pk_exclusion"),
    sqlite_with_rowid=False,
)
Index("ix_exclusion_requester", exclusion.c.requester_hash)

# What is wrong now, by its name, and when a person was told of it.
alarm = Table(
    "alarm",
    metadata,
    Column("name", Text, nullable=False),
    Column("since", UtcDateTime, nullable=False),
    Column("told_at", UtcDateTime),
    PrimaryKeyConstraint("name", name="pk_alarm"),
    sqlite_with_rowid=False,
)

# Each time that a backup was put back: what came in between may have been answered, and only the backup forgot it.
restoration = Table(
    "restoration",
    metadata,
    Column("id", Text, nullable=False),
    Column("backed_up_at", UtcDateTime, nullable=False),
    Column("restored_at", UtcDateTime, nullable=False),
    PrimaryKeyConstraint("id", name="pk_restoration"),
    CheckConstraint("backed_up_at <= restored_at", name="ck_restoration_order"),
)
