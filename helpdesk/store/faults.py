"""What the database's errors mean for a person: whether it can be used at all, or only refused one row."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, SQLAlchemyError, TimeoutError

from helpdesk.errors import DatabaseUnavailable, HelpdeskError

_MAIL = "No mail is lost: it stays in the mailbox and in the outbox, and is tried again."

_LOCKED = ("Another program has kept the database locked.", "End what else uses it, such as a copy or an editor.")
# SQLite's primary result code (sqlite.org/rescode.html), what it means, and what to do.
_CAUSES = {
    sqlite3.SQLITE_FULL: ("The disk is full.", "Free space on the disk that holds the database."),
    sqlite3.SQLITE_IOERR: ("The disk could not be read or written.", "Look at the disk and its free space."),
    sqlite3.SQLITE_BUSY: _LOCKED,
    sqlite3.SQLITE_LOCKED: _LOCKED,
    sqlite3.SQLITE_READONLY: (
        "The database can't be written to.",
        "Give this user the right to write the file and its folder.",
    ),
    sqlite3.SQLITE_CANTOPEN: (
        "The database can't be opened.",
        "Look at HELPDESK_DATABASE_URL, and at the rights on the folder.",
    ),
    sqlite3.SQLITE_PERM: ("The database can't be opened.", "Look at the rights on the file and its folder."),
    sqlite3.SQLITE_CORRUPT: (
        "The database is damaged.",
        "Stop the worker, keep a copy of the file, and restore the last backup.",
    ),
    sqlite3.SQLITE_NOTADB: (
        "The file is not a database, or is damaged.",
        "Look at HELPDESK_DATABASE_URL; if the file is the right one, keep a copy of it and restore the last backup.",
    ),
}
_OTHER = ("The database can't be used.", "Look at HELPDESK_DATABASE_URL and at the disk, then run: helpdesk check --online")


class RowRefused(HelpdeskError):
    """The database refused one row, which breaks a rule of it; the transaction is still good."""


@contextmanager
def told_to_people() -> Iterator[None]:
    """Let no error of a library out: DatabaseUnavailable where nothing can go on, RowRefused where one row is at fault."""
    try:
        yield
    # The second comes from setting up a new connection, where SQLAlchemy does not wrap it.
    except (SQLAlchemyError, sqlite3.Error) as error:
        raise in_words(error) from error


def in_words(error: SQLAlchemyError | sqlite3.Error) -> HelpdeskError:
    """The error that callers are to see. It may name the rule that was broken, and never holds a value."""
    if isinstance(error, TimeoutError):
        return unavailable("Too many threads use the database at once.", "Restart the worker, and tell us.")
    cause = error.orig if isinstance(error, DBAPIError) else error
    if _concerns_the_database(cause):
        return unavailable(*_CAUSES.get(getattr(cause, "sqlite_errorcode", 0) & 0xFF, _OTHER))
    rule = f": {cause}" if isinstance(cause, sqlite3.IntegrityError) else ""
    return RowRefused(f"The database refused a row ({type(cause).__name__}{rule}). Nothing of it was kept.")


def unavailable(what: str, remedy: str) -> DatabaseUnavailable:
    return DatabaseUnavailable(f"{what} {_MAIL} {remedy}")


def _concerns_the_database(error: BaseException | None) -> bool:
    """Not a broken constraint, nor a value of the wrong type: those concern one row."""
    if isinstance(error, sqlite3.OperationalError):
        return True
    # Of the other classes only the root itself: SQLITE_CORRUPT and SQLITE_NOTADB.
    return type(error) in (sqlite3.DatabaseError, sqlite3.InternalError)
