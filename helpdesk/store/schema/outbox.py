"""Mail on its way out: each delivery with its tries, what may answer it, and the copy of it in the mailbox."""

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
)

from helpdesk.model.delivery import DeliveryState, Outcome
from helpdesk.store.moments import UtcDateTime
from helpdesk.store.schema.columns import check, metadata, partial

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
    check("delivery", "state", DeliveryState),
)
partial("ix_delivery_due", delivery.c.next_attempt_at, delivery.c.id, where="state = 'pending'")
partial(
    "ix_delivery_unoffered",
    delivery.c.created_at,
    delivery.c.names_opening_at,
    delivery.c.purpose,
    where="state = 'pending' AND attempts = unreached",
)
partial("ix_delivery_unsent", delivery.c.state, delivery.c.id, where="state <> 'sent'")
Index("ix_delivery_recipient", delivery.c.recipient_hash, delivery.c.created_at)
Index("ix_delivery_purpose", delivery.c.purpose, delivery.c.created_at)
partial("ix_delivery_held", delivery.c.purpose, delivery.c.created_at, where="state = 'held'")
partial("ix_delivery_ticket", delivery.c.ticket_id, where="ticket_id IS NOT NULL")
partial("ix_delivery_pending", delivery.c.created_at, where="state = 'pending'")
partial("ix_delivery_claimed", delivery.c.claimed_by, delivery.c.next_attempt_at, where="claimed_by IS NOT NULL")

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
    check("attempt", "outcome", Outcome),
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
