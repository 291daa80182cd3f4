"""What is remembered of people and of the service: who is away, unreachable or kept apart, alarms, restorations."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
)

from helpdesk.store.moments import UtcDateTime
from helpdesk.store.schema.columns import metadata

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
