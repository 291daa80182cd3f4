"""Who claimed a delivery, how polls go, what is alarming, and when a backup was put back."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    # Each with no default but a constant, so that neither database writes a row anew.
    op.add_column("mailbox", sa.Column("polled_at", sa.DateTime(timezone=True)))
    op.add_column("mailbox", sa.Column("reconciled_at", sa.DateTime(timezone=True)))
    op.add_column("message", sa.Column("begun", sa.Integer(), nullable=False, server_default=sa.text("0")))
    op.add_column("delivery", sa.Column("claimed_by", sa.BigInteger()))
    _partial_index("ix_delivery_pending", ["created_at"], "state = 'pending'")
    _partial_index("ix_delivery_claimed", ["claimed_by", "next_attempt_at"], "claimed_by IS NOT NULL")
    _create_alarm()
    _create_restoration()


def _partial_index(name: str, columns: list[str], where: str) -> None:
    op.create_index(name, "delivery", columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def _create_alarm() -> None:
    op.create_table(
        "alarm",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("name", name="pk_alarm"),
        sqlite_with_rowid=False,
    )


def _create_restoration() -> None:
    op.create_table(
        "restoration",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("backed_up_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("restored_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("backed_up_at <= restored_at", name="ck_restoration_order"),
        sa.PrimaryKeyConstraint("id", name="pk_restoration"),
    )
