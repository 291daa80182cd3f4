"""The first schema: mailboxes, messages, tickets, the outbox, and the keys that seal what they hold."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    _create_keys()
    _create_mailbox()
    _create_ticket()
    _create_message()
    _create_message_content()
    _create_event()
    _create_delivery()
    _create_attempt()
    _create_unreachable()
    _create_absence()


def _time() -> sa.DateTime:
    return sa.DateTime(timezone=True)


def _partial_index(name: str, table: str, columns: Sequence[str], where: str) -> None:
    op.create_index(name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def _create_keys() -> None:
    op.create_table(
        "secret_key",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "data_key",
        sa.Column("scope_id", sa.Text(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("scope_id"),
        sqlite_with_rowid=False,
    )


def _create_mailbox() -> None:
    op.create_table(
        "mailbox",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("folder", sa.Text(), nullable=False),
        sa.Column("uidvalidity", sa.BigInteger(), nullable=False),
        sa.Column("first_uid", sa.BigInteger(), nullable=False),
        sa.Column("since", _time()),
        sa.Column("started_from", sa.Text(), nullable=False),
        sa.Column("started_at", _time(), nullable=False),
        sa.Column("cursor_uid", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("started_from IN ('now', 'all', 'date')", name="ck_mailbox_started_from"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("account", "folder", name="uq_mailbox_folder"),
    )


def _create_ticket() -> None:
    op.create_table(
        "ticket",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("opened_by_message", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("priority", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("assignee", sa.Text()),
        sa.Column("assigned_at", _time()),
        sa.Column("opened_at", _time(), nullable=False),
        sa.Column("updated_at", _time(), nullable=False),
        sa.Column("answered_at", _time()),
        sa.Column("closed_at", _time()),
        sa.Column("spam", sa.Boolean(), nullable=False),
        sa.Column("requester_hash", sa.LargeBinary(), nullable=False),
        sa.Column("requester_address", sa.LargeBinary(), nullable=False),
        sa.Column("requester_name", sa.LargeBinary(), nullable=False),
        sa.Column("subject", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("priority IN ('normal', 'high', 'urgent')", name="ck_ticket_priority"),
        sa.CheckConstraint("state IN ('new', 'open', 'pending', 'closed')", name="ck_ticket_state"),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("id", name="uq_ticket_id"),
        sa.UniqueConstraint("opened_by_message", name="uq_ticket_opened_by_message"),
        sqlite_autoincrement=True,
    )
    _partial_index("ix_ticket_assigned", "ticket", ["assignee", "assigned_at"], "assignee IS NOT NULL")
    _partial_index("ix_ticket_not_closed", "ticket", ["number"], "state <> 'closed'")
    op.create_index("ix_ticket_requester", "ticket", ["requester_hash", "number"])
    _partial_index("ix_ticket_workload", "ticket", ["assignee"], "state <> 'closed'")
    # Numbers begin at 1001. SQLite keeps the last one given in this table of its own.
    if op.get_context().dialect.name == "sqlite":
        op.execute("INSERT INTO sqlite_sequence (name, seq) VALUES ('ticket', 1000)")
    else:
        op.execute("ALTER SEQUENCE ticket_number_seq RESTART WITH 1001")


def _create_message() -> None:
    op.create_table(
        "message",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("mailbox_id", sa.Text(), nullable=False),
        sa.Column("uidvalidity", sa.BigInteger(), nullable=False),
        sa.Column("uid", sa.BigInteger(), nullable=False),
        sa.Column("received_at", _time(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("stored_at", _time(), nullable=False),
        sa.Column("processed_at", _time()),
        sa.Column("kind", sa.Text()),
        sa.Column("rule", sa.Text()),
        sa.Column("ticket_id", sa.Text()),
        sa.Column("duplicate_of", sa.Text()),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("error", sa.LargeBinary()),
        sa.Column("error_place", sa.Text()),
        sa.Column("digest", sa.LargeBinary()),
        sa.Column("sender_hash", sa.LargeBinary()),
        sa.Column("domain_hash", sa.LargeBinary()),
        sa.Column("text_hash", sa.LargeBinary()),
        sa.Column("message_id", sa.LargeBinary()),
        sa.Column("sender_name", sa.LargeBinary()),
        sa.Column("sender_address", sa.LargeBinary()),
        sa.Column("subject", sa.LargeBinary()),
        sa.Column("new_text", sa.LargeBinary()),
        sa.CheckConstraint("state IN ('stored', 'processed', 'duplicate', 'quarantined')", name="ck_message_state"),
        sa.ForeignKeyConstraint(["duplicate_of"], ["message.id"], name="fk_message_duplicate_of"),
        sa.ForeignKeyConstraint(["mailbox_id"], ["mailbox.id"], name="fk_message_mailbox"),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name="fk_message_ticket"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("mailbox_id", "uidvalidity", "uid", name="uq_message_uid"),
    )
    _partial_index("ix_message_digest", "message", ["digest"], "state = 'processed'")
    _partial_index("ix_message_machine", "message", ["received_at"], "kind <> 'person'")
    _partial_index("ix_message_quarantined", "message", ["received_at"], "state = 'quarantined'")
    _partial_index("ix_message_same_text", "message", ["domain_hash", "text_hash", "processed_at"], "domain_hash IS NOT NULL")
    _partial_index("ix_message_stored", "message", ["mailbox_id", "received_at", "id"], "state = 'stored'")
    _partial_index("ix_message_ticket", "message", ["ticket_id", "sender_hash"], "ticket_id IS NOT NULL")


def _create_message_content() -> None:
    op.create_table(
        "message_content",
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name="fk_message_content_message"),
        sa.PrimaryKeyConstraint("message_id"),
    )
    op.create_table(
        "message_reference",
        sa.Column("message_id_hash", sa.LargeBinary(), nullable=False),
        sa.Column("ticket_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name="fk_message_reference_ticket"),
        sa.PrimaryKeyConstraint("message_id_hash"),
        sqlite_with_rowid=False,
    )


def _create_event() -> None:
    op.create_table(
        "event",
        sa.Column("ticket_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", _time(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("why", sa.LargeBinary(), nullable=False),
        sa.Column("message_id", sa.Text()),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name="fk_event_message"),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name="fk_event_ticket"),
        sa.PrimaryKeyConstraint("ticket_id", "id", name="pk_event"),
        sqlite_with_rowid=False,
    )


def _create_delivery() -> None:
    op.create_table(
        "delivery",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("scope_id", sa.Text(), nullable=False),
        sa.Column("ticket_id", sa.Text()),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("recipient_hash", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("unreached", sa.Integer(), nullable=False),
        sa.Column("created_at", _time(), nullable=False),
        sa.Column("next_attempt_at", _time()),
        sa.Column("names_opening_at", _time()),
        sa.Column("sent_at", _time()),
        sa.Column("held_at", _time()),
        sa.Column("recipient", sa.LargeBinary(), nullable=False),
        sa.Column("envelope_sender", sa.LargeBinary(), nullable=False),
        sa.Column("message_id", sa.LargeBinary(), nullable=False),
        sa.Column("held_because", sa.LargeBinary()),
        sa.CheckConstraint("state IN ('pending', 'sent', 'failed', 'held')", name="ck_delivery_state"),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name="fk_delivery_ticket"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("cause", "purpose", "recipient_hash", name="uq_delivery_cause"),
    )
    _partial_index("ix_delivery_due", "delivery", ["next_attempt_at", "id"], "state = 'pending'")
    _partial_index("ix_delivery_unsent", "delivery", ["state", "id"], "state <> 'sent'")
    _partial_index("ix_delivery_held", "delivery", ["purpose", "created_at"], "state = 'held'")
    op.create_index("ix_delivery_purpose", "delivery", ["purpose", "created_at"])
    op.create_index("ix_delivery_recipient", "delivery", ["recipient_hash", "created_at"])
    _partial_index("ix_delivery_ticket", "delivery", ["ticket_id"], "ticket_id IS NOT NULL")
    _partial_index(
        "ix_delivery_unoffered",
        "delivery",
        ["created_at", "names_opening_at", "purpose"],
        "state = 'pending' AND attempts = unreached",
    )


def _create_attempt() -> None:
    op.create_table(
        "delivery_content",
        sa.Column("delivery_id", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["delivery_id"], ["delivery.id"], name="fk_delivery_content_delivery"),
        sa.PrimaryKeyConstraint("delivery_id"),
    )
    op.create_table(
        "attempt",
        sa.Column("delivery_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("at", _time(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("code", sa.Integer()),
        sa.Column("reached_server", sa.Boolean(), nullable=False),
        sa.Column("detail", sa.LargeBinary()),
        sa.CheckConstraint("outcome IN ('sent', 'transient', 'permanent')", name="ck_attempt_outcome"),
        sa.ForeignKeyConstraint(["delivery_id"], ["delivery.id"], name="fk_attempt_delivery"),
        sa.PrimaryKeyConstraint("delivery_id", "id", name="pk_attempt"),
        sqlite_with_rowid=False,
    )


def _create_unreachable() -> None:
    op.create_table(
        "unreachable",
        sa.Column("address_hash", sa.LargeBinary(), nullable=False),
        sa.Column("since", _time(), nullable=False),
        sa.PrimaryKeyConstraint("address_hash", name="pk_unreachable"),
        sqlite_with_rowid=False,
    )


def _create_absence() -> None:
    op.create_table(
        "absence",
        sa.Column("staff_id", sa.Text(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.CheckConstraint("first_day <= last_day", name="ck_absence_days"),
        sa.PrimaryKeyConstraint("staff_id", "first_day", name="pk_absence"),
    )
