"""Looking at the database from outside: its files, and SQL that the store would never say."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from sqlite3 import connect
from typing import Any

import psycopg
from sqlalchemy import make_url


def path_of(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///").partition("?")[0])


def is_file(url: str) -> bool:
    return url.startswith("sqlite")


def impatient(url: str) -> str:
    """The URL of a PostgreSQL database for a worker that waits for no lock."""
    return f"{url}?options=-c%20lock_timeout%3D50"


def sql(url: str, statement: str, *parameters: object) -> list[tuple[Any, ...]]:
    """Run one statement on the database, with ? for each parameter, and commit it."""
    if is_file(url):
        with closing(connect(path_of(url))) as connection, connection:
            return connection.execute(statement, parameters).fetchall()
    with server_connection(url) as connection:
        cursor = connection.execute(statement.replace("?", "%s"), parameters)  # type: ignore[call-overload]
        return cursor.fetchall() if cursor.description else []


def server_connection(url: str) -> psycopg.Connection[tuple[Any, ...]]:
    """A connection of another program to the PostgreSQL database."""
    parsed = make_url(url)
    return psycopg.connect(
        host=parsed.host, port=parsed.port, user=parsed.username, password=parsed.password, dbname=parsed.database
    )
