"""Makes a backup: a consistent copy of the whole database in one SQLite file, while workers go on.

It is sealed as the database is. The way back is in `restore`.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import URL, Connection, Engine
from sqlalchemy.exc import DBAPIError

from helpdesk.errors import HelpdeskError
from helpdesk.store.backend import Backend, Work
from helpdesk.store.copying import copy_rows
from helpdesk.store.database import backend_of, upgrade
from helpdesk.store.faults import in_words
from helpdesk.store.revision import is_empty, refuse_older_schema, refuse_what_is_not_ours
from helpdesk.store.sqlite import Sqlite

# A table of the backup alone, which says what the file is.
_MARK = "CREATE TABLE backup_made (at TEXT NOT NULL)"
_ADD_MARK = "INSERT INTO backup_made (at) VALUES (?)"
READ_MARK = "SELECT at FROM backup_made"
_WORDS = {
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_IOERR: "the disk can't be written",
    sqlite3.SQLITE_CORRUPT: "the database is damaged",
}


@dataclass(frozen=True, slots=True)
class Backup:
    """A finished backup: where it is, when the copy was begun, its size in bytes, and what is in it."""

    path: Path
    made_at: datetime
    size: int
    messages: int
    tickets: int


def make_backup(url: str, target: Path, now: datetime) -> Backup:
    """Copy the database at `url` into the file `target`, or into a new file in the folder `target`.

    The file is this user's alone from its first byte, and appears under its name when it is whole, checked and on the disk.
    Raises HelpdeskError, and leaves nothing behind; what is there already is never written over.
    """
    with _told(target):
        path = target / f"helpdesk-{now:%Y%m%d-%H%M%S}.db" if target.is_dir() else target
        if path.exists():
            raise HelpdeskError(f"{path} is there already. Nothing was written. Name another file, or a folder.")
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    backend = backend_of(url)
    backend.prepare(create=False)
    with _told(path), ExitStack() as undo:
        make_private(part)
        undo.callback(remove, part)
        _copy(backend, part)
        messages, tickets = _finish(part, now)
        put_under(part, path)
        size = path.stat().st_size
    return Backup(path, now, size, messages, tickets)


def make_private(path: Path) -> None:
    """Make an empty file for this user's eyes only; raises OSError where one is there."""
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))


def put_under(part: Path, path: Path) -> None:
    """Give a finished file its name, for good, and never take the name from another; raises OSError."""
    to_disk(part)
    make_private(path)
    part.replace(path)
    to_disk(path.parent)


def remove(path: Path) -> None:
    """Remove a database file, and what SQLite may have left beside it."""
    for suffix in ("", "-journal", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def check_file(connection: sqlite3.Connection, path: Path) -> None:
    """Raise HelpdeskError where the file is damaged."""
    found = [row[0] for row in connection.execute("PRAGMA integrity_check(1)")]
    if found != ["ok"] or connection.execute("PRAGMA foreign_key_check").fetchone():
        raise HelpdeskError(f"{path} is damaged, and can't be used. Take another backup.")


def url_of(path: Path) -> str:
    """The URL of a database file."""
    return URL.create("sqlite", database=str(path.absolute())).render_as_string(hide_password=False)


@contextmanager
def filled(path: Path) -> Iterator[Connection]:
    """A transaction on a file of ours alone, in which rows may come in any order; kept at the end."""
    engine = backend_of(url_of(path)).engine()
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield connection
            connection.commit()
    finally:
        engine.dispose()


def _copy(backend: Backend, part: Path) -> None:
    engine = backend.engine()
    try:
        with backend.begun(engine, Work.READ) as connection:
            if is_empty(connection):
                raise backend.none_yet()
            refuse_what_is_not_ours(connection)
        if isinstance(backend, Sqlite):
            _copy_pages(engine, part)
        else:
            _copy_rows(backend, engine, part)
    finally:
        engine.dispose()


def _copy_pages(engine: Engine, part: Path) -> None:
    with engine.connect() as connection:
        # One look at the database as it is now. Writers go on in the WAL meanwhile.
        connection.exec_driver_sql("VACUUM INTO ?", (str(part),))


def _copy_rows(backend: Backend, engine: Engine, part: Path) -> None:
    upgrade(url_of(part))
    # A transaction that reads sees the database as it is at its first look.
    with backend.begun(engine, Work.COPY) as source, filled(part) as target:
        refuse_older_schema(source)
        copy_rows(source, target)


def _finish(part: Path, now: datetime) -> tuple[int, int]:
    """Write down when it was made, check it, and count messages and tickets."""
    with closing(sqlite3.connect(part, isolation_level=None)) as connection:
        # One file, without a WAL beside it that could be left behind when it is copied.
        connection.execute("PRAGMA journal_mode=DELETE")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute(_MARK)
        connection.execute(_ADD_MARK, (now.isoformat(),))
        check_file(connection, part)
        messages, tickets = connection.execute(
            "SELECT (SELECT count(*) FROM message), (SELECT count(*) FROM ticket)"
        ).fetchone()
    return int(messages), int(tickets)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Say what failed of writing a backup, without a word of what is in it."""
    try:
        yield
    except (OSError, sqlite3.Error, DBAPIError) as error:
        if isinstance(error, DBAPIError) and not isinstance(error.orig, sqlite3.Error):
            # PostgreSQL, from which it is read.
            raise in_words(error) from error
        raise HelpdeskError(
            f"The backup {path} could not be written ({_why(error)}). Nothing of it was left behind, and the database is as it "
            "was. Look at the folder's rights and the free space of its disk, or name another place."
        ) from error


def _why(error: OSError | sqlite3.Error | DBAPIError) -> str:
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    cause = error.orig if isinstance(error, DBAPIError) else error
    return _WORDS.get(getattr(cause, "sqlite_errorcode", 0) & 0xFF, type(cause).__name__)


def to_disk(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
