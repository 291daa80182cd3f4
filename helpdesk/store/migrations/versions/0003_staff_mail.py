"""What staff do by mail: tokens of notices, copies of sent replies, conflicts of interest, reminders that rest."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    # With no default but a constant, so that neither database writes a row anew.
    op.add_column("ticket", sa.Column("reminders_paused", sa.Boolean(), nullable=False, server_default=sa.false()))
    waits = sa.text("state IN ('new', 'open') AND NOT spam")
    op.create_index("ix_ticket_waiting", "ticket", ["number"], sqlite_where=waits, postgresql_where=waits)
    _create_staff_token()
    _create_exclusion()
    _create_sent_copy()


def _create_staff_token() -> None:
    op.create_table(
        "staff_token",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("staff_id", sa.Text(), nullable=False),
        sa.Column("ticket_id", sa.Text(), nullable=False),
        sa.Column("delivery_id", sa.Text(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["delivery_id"], ["delivery.id"], name="fk_staff_token_delivery"),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name="fk_staff_token_ticket"),
        sa.PrimaryKeyConstraint("token_hash"),
        sqlite_with_rowid=False,
    )


def _create_exclusion() -> None:
    op.create_table(
        "exclusion",
        sa.Column("staff_id", sa.Text(), nullable=False),
        sa.Column("requester_hash", sa.LargeBinary(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("staff_id", "requester_hash", name="pk_exclusion"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_exclusion_requester", "exclusion", ["requester_hash"])


def _create_sent_copy() -> None:
    op.create_table(
        "sent_copy",
        sa.Column("delivery_id", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["delivery_id"], ["delivery.id"], name="fk_sent_copy_delivery"),
        sa.PrimaryKeyConstraint("delivery_id"),
    )
    op.create_index("ix_sent_copy_due", "sent_copy", ["next_attempt_at"])
