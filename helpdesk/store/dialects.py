"""The statements that each database spells in its own way; everything else in `store` is plain SQL."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Executable, Table
from sqlalchemy.dialects import postgresql, sqlite

# A statement for each dialect's name.
ByDialect = Mapping[str, Executable]


def insert_ignoring(table: Table, *unique_columns: str) -> ByDialect:
    """INSERT that leaves a row alone which is there already under these unique columns."""
    return {
        "sqlite": sqlite.insert(table).on_conflict_do_nothing(index_elements=unique_columns),
        "postgresql": postgresql.insert(table).on_conflict_do_nothing(index_elements=unique_columns),
    }
