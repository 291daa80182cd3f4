"""Brings a database to the newest schema, and says when it is at another one."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, inspect

from helpdesk.store.faults import unavailable

MIGRATIONS = Path(__file__).parent / "migrations"


def migrate(connection: Connection) -> None:
    """Run every migration that is missing, within the transaction of `connection`."""
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def is_empty(connection: Connection) -> bool:
    return not inspect(connection).get_table_names()


def refuse_what_is_not_ours(connection: Connection) -> None:
    """Raise DatabaseUnavailable for tables of another program, and for a schema that this version does not know."""
    current = _current(connection)
    if current is None and not is_empty(connection):
        raise unavailable("The database file holds tables that are not ours.", "Look at HELPDESK_DATABASE_URL.")
    if current is not None and not _knows(ScriptDirectory.from_config(_config()), current):
        raise unavailable(
            f"The database was made by a newer version of helpdesk (schema {current}).",
            "Install that version again; an older one can't read it.",
        )


def refuse_older_schema(connection: Connection) -> None:
    """Raise DatabaseUnavailable for a database that misses migrations of this version."""
    current, head = _current(connection), ScriptDirectory.from_config(_config()).get_current_head()
    if current != head:
        raise unavailable(
            f"The database has an older schema ({current}, and this version needs {head}).",
            "Stop the worker, keep a copy of the database, and run: helpdesk db upgrade",
        )


def _current(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _knows(scripts: ScriptDirectory, revision: str) -> bool:
    try:
        return scripts.get_revision(revision) is not None
    except CommandError:
        return False


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config
