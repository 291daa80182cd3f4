"""What the database's errors mean for a person: whether it can be used at all, or only refused one row.

Which SQLSTATE or result code means what stands in `fault_causes`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, OperationalError, SQLAlchemyError, TimeoutError

from helpdesk.errors import DatabaseUnavailable, HelpdeskError
from helpdesk.store.fault_causes import Cause, of_login, of_option, of_sqlite, of_sqlstate

_MAIL = "No mail is lost: it stays in the mailbox and in the outbox, and is tried again."


class RowRefused(HelpdeskError):
    """The database refused one row, which breaks a rule of it; undo the part (see `savepoint`) in which it was written."""


@contextmanager
def told_to_people() -> Iterator[None]:
    """Let no error of a library out: DatabaseUnavailable where nothing can go on, RowRefused where one row is at fault."""
    try:
        yield
    # The second comes from setting up a new connection, where SQLAlchemy does not wrap it.
    except (SQLAlchemyError, sqlite3.Error) as error:
        raise in_words(error) from cause_to_show(error)


def in_words(error: SQLAlchemyError | sqlite3.Error) -> HelpdeskError:
    """The error that callers are to see. It may name the rule that was broken, and never holds a value."""
    if isinstance(error, TimeoutError):
        return unavailable("Too many threads use the database at once.", "Restart the worker, and tell us.")
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, sqlite3.Error):
        words = of_sqlite(cause.sqlite_errorcode) if _concerns_the_database(cause) else None
    else:
        words = _of_postgres(error, cause)
    if words:
        return unavailable(*words)
    return RowRefused(f"The database refused a row ({type(cause).__name__}{_rule(cause)}). Nothing of it was kept.")


def cause_to_show(error: SQLAlchemyError | sqlite3.Error) -> BaseException | None:
    """What the error that callers see may name as its cause: PostgreSQL quotes the row that it refused, keys and all."""
    quotes = isinstance(error, IntegrityError | DataError) and not isinstance(error.orig, sqlite3.Error)
    return None if quotes else error


def unavailable(what: str, remedy: str) -> DatabaseUnavailable:
    return DatabaseUnavailable(f"{what} {_MAIL} {remedy}")


def _concerns_the_database(error: sqlite3.Error) -> bool:
    """Not a broken constraint, nor a value of the wrong type: those concern one row."""
    if isinstance(error, sqlite3.OperationalError):
        return True
    # Of the other classes only the root itself: SQLITE_CORRUPT and SQLITE_NOTADB.
    return type(error) in (sqlite3.DatabaseError, sqlite3.InternalError)


def _of_postgres(error: Exception, cause: BaseException | None) -> Cause | None:
    """Known by what psycopg's errors carry, not by their class: the driver is an extra, and may be missing."""
    if not isinstance(error, DBAPIError) or isinstance(error, IntegrityError | DataError):
        return None
    if sqlstate := getattr(cause, "sqlstate", None):
        return of_sqlstate(str(sqlstate))
    # Without a code it comes from the driver: no connection, a lost one, or a value that it can't send.
    is_of_the_line = hasattr(cause, "sqlstate") and isinstance(error, OperationalError)
    return of_login(str(cause)) if is_of_the_line or error.connection_invalidated else of_option(str(cause))


def _rule(cause: BaseException | None) -> str:
    """The constraint that was broken, by name: PostgreSQL's own text would show the row."""
    if isinstance(cause, sqlite3.IntegrityError):
        return f": {cause}"
    told = getattr(cause, "diag", None)
    name = getattr(told, "constraint_name", None) or getattr(told, "column_name", None)
    return f": {name}" if name else ""
