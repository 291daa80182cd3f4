"""What every table is made with: where it is registered, and the constraints and indexes that stand again and again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    CheckConstraint,
    Column,
    ColumnElement,
    Index,
    MetaData,
    literal_column,
    text,
)


def constant(value: StrEnum) -> ColumnElement[str]:
    """The value written into the SQL: a partial index serves only a query that names its condition, not a parameter."""
    return literal_column(repr(value.value))


def _one_of(column: str, values: Iterable[StrEnum]) -> str:
    return f"{column} IN ({', '.join(repr(value.value) for value in values)})"


def check(table: str, column: str, values: Iterable[StrEnum]) -> CheckConstraint:
    return CheckConstraint(_one_of(column, values), name=f"ck_{table}_{column}")


def partial(name: str, *columns: Column[str] | Column[datetime] | ColumnElement[int], where: str) -> Index:
    """An index over those rows only that its queries ask for, so that it stays small whatever the table's size."""
    return Index(name, *columns, sqlite_where=text(where), postgresql_where=text(where))


metadata = MetaData()
