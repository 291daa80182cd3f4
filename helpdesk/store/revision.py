"""Which schema a database has, and which ones this version knows.

Asked at every start, so without Alembic, which only runs a migration: see `migrate`.
"""

from __future__ import annotations

from sqlalchemy import Connection, inspect, text

from helpdesk.store.faults import unavailable

# Every migration, oldest first; a test holds them to the files. The last is what this version works with.
REVISIONS = ("0001", "0002", "0003", "0004")

_CURRENT = text("SELECT version_num FROM alembic_version")


def is_empty(connection: Connection) -> bool:
    """Whether there are no tables; in PostgreSQL, in the schema where ours would be made."""
    return not inspect(connection).get_table_names()


def refuse_what_is_not_ours(connection: Connection) -> None:
    """Raise DatabaseUnavailable for tables of another program, and for a schema that this version does not know."""
    current = _current(connection)
    if current not in REVISIONS and not _has_only_ours(connection):
        raise unavailable("The database holds tables that are not ours.", "Look at HELPDESK_DATABASE_URL.")
    if current is not None and current not in REVISIONS:
        raise unavailable(
            f"The database was made by a newer version of helpdesk (schema {current}).",
            "Install that version again; an older one can't read it.",
        )


def refuse_older_schema(connection: Connection) -> None:
    """Raise DatabaseUnavailable for a database that misses migrations of this version."""
    current = _current(connection)
    if current != REVISIONS[-1]:
        raise unavailable(
            f"The database has an older schema ({current}, and this version needs {REVISIONS[-1]}).",
            "Stop the worker, keep a copy of the database, and run: helpdesk db upgrade",
        )


def _has_only_ours(connection: Connection) -> bool:
    """Whether the tables, if there are any, are those of a helpdesk of whatever version."""
    return is_empty(connection) or {"alembic_version", "secret_key"} <= set(inspect(connection).get_table_names())


def _current(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    current: str | None = connection.execute(_CURRENT).scalar()
    return current
