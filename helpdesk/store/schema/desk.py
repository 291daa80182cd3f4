"""Keys, mailboxes, tickets with their events, and the messages that came in."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

from helpdesk.model.message import MessageState
from helpdesk.model.policy import StartMode
from helpdesk.model.ticket import Priority, TicketState
from helpdesk.store.moments import UtcDateTime
from helpdesk.store.schema.columns import check, metadata, partial

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
    check("mailbox", "started_from", StartMode),
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
    check("ticket", "state", TicketState),
    check("ticket", "priority", Priority),
    # A number that was once told to a person is never given to another ticket, even after a row was deleted.
    sqlite_autoincrement=True,
)
Index("ix_ticket_requester", ticket.c.requester_hash, ticket.c.number)
partial("ix_ticket_assigned", ticket.c.assignee, ticket.c.assigned_at, where="assignee IS NOT NULL")
partial("ix_ticket_workload", ticket.c.assignee, where="state <> 'closed'")
partial("ix_ticket_not_closed", ticket.c.number, where="state <> 'closed'")
partial("ix_ticket_waiting", ticket.c.number, where="state IN ('new', 'open') AND NOT spam")

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
    check("message", "state", MessageState),
)
partial("ix_message_stored", message.c.mailbox_id, message.c.received_at, message.c.id, where="state = 'stored'")
partial("ix_message_quarantined", message.c.received_at, where="state = 'quarantined'")
partial("ix_message_machine", message.c.received_at, where="kind <> 'person'")
partial("ix_message_digest", message.c.digest, where="state = 'processed'")
partial("ix_message_ticket", message.c.ticket_id, message.c.sender_hash, where="ticket_id IS NOT NULL")
partial(
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

# Which answer, sent from the mailbox itself, answers a message that has not been taken in yet.
early_answer = Table(
    "early_answer",
    metadata,
    Column("answered_hash", LargeBinary, nullable=False),
    Column("message_id", Text, ForeignKey("message.id", name="fk_early_answer_message"), nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
    PrimaryKeyConstraint("answered_hash", "message_id", name="pk_early_answer"),
    sqlite_with_rowid=False,
)
Index("ix_early_answer_seen", early_answer.c.seen_at)

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
