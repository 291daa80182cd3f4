"""Opens the database, and hands out its transactions."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine

from helpdesk.store.crypto import Key
from helpdesk.store.faults import told_to_people, unavailable
from helpdesk.store.ids import IdSource
from helpdesk.store.keys import Secrets, load_secrets
from helpdesk.store.revision import is_empty, refuse_older_schema, refuse_what_is_not_ours
from helpdesk.store.sqlite import begun, make_file, none_yet, patience, refuse_missing_file, sqlite_engine, sqlite_url
from helpdesk.store.transaction import Transaction
from helpdesk.store.unit_of_work import SqlUnitOfWork


class Database:
    """An open database. Any thread may use it; each unit of work has a connection of its own."""

    def __init__(self, engine: Engine, secrets: Secrets) -> None:
        self._patience = patience(engine.url)
        self._engine = engine
        self._secrets = secrets
        self._ids = IdSource()
        self._recent: dict[str, dict[str, Key]] = {"messages": {}, "deliveries": {}}
        # SQLite has one writer at a time. Threads that wait for a lock wake up in turn; in SQLITE_BUSY they would sleep
        # and try again, and one might never get its turn.
        self._write_lock = threading.Lock()

    @contextmanager
    def writing(self) -> Iterator[SqlUnitOfWork]:
        """A unit of work that may write, alone; rolled back unless committed. Raises DatabaseUnavailable."""
        if not self._write_lock.acquire(timeout=self._patience):
            raise unavailable("Another part of this program has kept the database locked.", "Restart the worker.")
        try:
            with self._transaction(writing=True) as transaction:
                yield SqlUnitOfWork(transaction)
        finally:
            self._write_lock.release()

    @contextmanager
    def reading(self) -> Iterator[SqlUnitOfWork]:
        """A unit of work that sees the database as it was at its first look, and may not write."""
        with self._transaction(writing=False) as transaction:
            yield SqlUnitOfWork(transaction)

    def close(self) -> None:
        self._engine.dispose()

    @contextmanager
    def _transaction(self, *, writing: bool) -> Iterator[Transaction]:
        with told_to_people(), begun(self._engine, writing=writing) as connection:
            yield Transaction(connection, self._secrets, self._ids, self._recent, writing=writing)


def open_database(url: str, secret_key: bytes, *, create: bool = False) -> Database:
    """Open the database at `url`; with `create` a new one is made where there is none, with all tables and keys.

    Raises DatabaseUnavailable when there is none, it can't be used, or has another schema, and KeyMismatch when
    `secret_key` (32 bytes) is not the key that it was sealed with.
    """
    parsed = sqlite_url(url)
    if create:
        make_file(parsed)
    else:
        refuse_missing_file(parsed)
    with ExitStack() as undo:
        engine = sqlite_engine(parsed)
        undo.callback(engine.dispose)
        with told_to_people(), begun(engine, writing=True) as connection:
            refuse_what_is_not_ours(connection)
            if is_empty(connection):
                if not create:
                    raise none_yet(parsed)
                _migrate(connection)
            refuse_older_schema(connection)
            secrets = load_secrets(connection, secret_key)
            connection.commit()
        undo.pop_all()
    return Database(engine, secrets)


def check_database(url: str, secret_key: bytes) -> None:
    """Raise what a start would meet: an unreadable file, another schema, the wrong key, a folder that can't be written."""
    parsed = sqlite_url(url)
    path = Path(parsed.database or "")
    if path.exists() and path.stat().st_size:
        open_database(url, secret_key).close()
        return
    folder = next(parent for parent in path.absolute().parents if parent.exists())
    if not (folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)):
        what = f"The database {path} can't be made: {folder} can't be written."
        raise unavailable(what, "Let this user write there, or name another place in HELPDESK_DATABASE_URL.")


def upgrade(url: str) -> None:
    """Bring the database at `url` to the schema of this version; raises DatabaseUnavailable when that can't be done."""
    parsed = sqlite_url(url)
    make_file(parsed)
    engine = sqlite_engine(parsed)
    try:
        with told_to_people(), begun(engine, writing=True) as connection:
            refuse_what_is_not_ours(connection)
            _migrate(connection)
            connection.commit()
    finally:
        engine.dispose()


def _migrate(connection: Connection) -> None:
    # Here and not above: Alembic is slow to import, and nearly every start finds nothing to migrate.
    from helpdesk.store.migrate import migrate

    migrate(connection)
