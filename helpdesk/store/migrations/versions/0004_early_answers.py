"""Answers that were sent from the mailbox itself, and seen before the message that they answer."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "early_answer",
        sa.Column("answered_hash", sa.LargeBinary(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name="fk_early_answer_message"),
        sa.PrimaryKeyConstraint("answered_hash", "message_id", name="pk_early_answer"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_early_answer_seen", "early_answer", ["seen_at"])
