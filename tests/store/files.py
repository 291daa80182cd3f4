"""Looking at the database from outside: its files, and SQL that the store would never say."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from sqlite3 import connect
from typing import Any


def path_of(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///").partition("?")[0])


def sql(url: str, statement: str, *parameters: object) -> list[tuple[Any, ...]]:
    """Run one statement on the file, and commit it."""
    with closing(connect(path_of(url))) as connection, connection:
        return connection.execute(statement, parameters).fetchall()
