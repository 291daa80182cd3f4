"""How SQLite is opened and used: durable, sealed content never in a plain file beside it, one writer at a time."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from sqlite3 import Connection as SqliteConnection

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import ConnectionPoolEntry

from helpdesk.errors import DatabaseUnavailable
from helpdesk.store.faults import unavailable

_BUSY_SECONDS = 30.0
# Threads of one worker: poll, deliveries, housekeeping and pages.
_CONNECTIONS = 5
_EXAMPLE = "Write HELPDESK_DATABASE_URL=sqlite:///data/helpdesk.db, or leave it out."

PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    # A commit is on the disk when it returns, so that no answered mail is forgotten in a power cut.
    "PRAGMA synchronous=FULL",
    # Larger steps than the default of 1,000 pages: each one waits for the disk twice.
    "PRAGMA wal_autocheckpoint=4000",
    "PRAGMA foreign_keys=ON",
    # What is deleted is overwritten, and what is sorted never touches the disk.
    "PRAGMA secure_delete=ON",
    "PRAGMA temp_store=MEMORY",
)


def sqlite_url(url: str) -> URL:
    """The URL of a database file; raises DatabaseUnavailable for anything else."""
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise unavailable("HELPDESK_DATABASE_URL can't be read.", _EXAMPLE) from error
    if parsed.get_backend_name() != "sqlite":
        raise unavailable(f"HELPDESK_DATABASE_URL asks for {parsed.get_backend_name()}, which is not built yet.", _EXAMPLE)
    if not parsed.database or parsed.database == ":memory:" or parsed.database.startswith("file:"):
        raise unavailable("HELPDESK_DATABASE_URL names no file, and a helpdesk must not forget.", _EXAMPLE)
    return parsed


def make_file(url: URL) -> None:
    """Make the file and its folder where they are missing, for this user's eyes only; SQLite gives its WAL the same rights."""
    path = Path(url.database or "")
    try:
        if not path.parent.exists():
            path.parent.mkdir(mode=0o700, parents=True)
        # Never opened when it is there: closing it again would end every lock that this process has on it (POSIX fcntl).
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except FileExistsError:
        return
    except OSError as error:
        what = f"The database file {path} can't be made ({error.strerror})."
        raise unavailable(what, "Look at HELPDESK_DATABASE_URL, and at the rights on the file and its folder.") from error


def refuse_missing_file(url: URL) -> None:
    """Raise DatabaseUnavailable where nothing was ever stored, and make nothing."""
    path = Path(url.database or "")
    try:
        missing = path.stat().st_size == 0
    except FileNotFoundError:
        missing = True
    except OSError:
        # SQLite's own error tells what is wrong with the path.
        missing = False
    if missing:
        raise none_yet(url)


def none_yet(url: URL) -> DatabaseUnavailable:
    """What to tell a person who looks into a database that was never made."""
    return DatabaseUnavailable(
        f"There is no database at {url.database} yet, and nothing was made. If the helpdesk has run before, "
        "HELPDESK_DATABASE_URL names the wrong place. If not, the first start makes one: helpdesk run --start-from now "
        "(or, without a start: helpdesk db upgrade)."
    )


def patience(url: URL) -> float:
    """How many seconds to wait for the database while others use it: `?timeout=` of the URL, or the default."""
    value = url.query.get("timeout", "")
    return float(value) if isinstance(value, str) and value.replace(".", "", 1).isdigit() else _BUSY_SECONDS


def sqlite_engine(url: URL) -> Engine:
    """An engine whose transactions begin when we say so, see `begun`; no error of it shows a value."""
    engine = create_engine(
        url,
        connect_args={"timeout": patience(url)},
        hide_parameters=True,
        pool_size=_CONNECTIONS,
        max_overflow=_CONNECTIONS,
        pool_timeout=patience(url),
    )
    event.listen(engine, "connect", _on_connect)
    return engine


@contextmanager
def begun(engine: Engine, *, writing: bool) -> Iterator[Connection]:
    """A connection in a transaction that is rolled back unless it is committed.

    BEGIN is ours to say, and is said here rather than in SQLAlchemy's "begin" event: an engine with that listener asks for
    listeners at every statement.
    """
    with engine.connect() as connection:
        # One that reads first and writes later would fail at once when another wrote in between, whatever the timeout.
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN DEFERRED")
        yield connection


def _on_connect(connection: SqliteConnection, _entry: ConnectionPoolEntry) -> None:
    # Left alone, sqlite3 begins no transaction for SELECT, DDL or SAVEPOINT; with None it leaves BEGIN to us.
    connection.isolation_level = None
    for pragma in PRAGMAS:
        connection.execute(pragma).close()
