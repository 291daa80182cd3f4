"""Opens the database, and hands out its transactions."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError

from helpdesk.store.backend import Backend, Work
from helpdesk.store.crypto import Key
from helpdesk.store.faults import told_to_people, unavailable
from helpdesk.store.ids import IdSource
from helpdesk.store.keys import Secrets, load_secrets
from helpdesk.store.postgres import Postgres
from helpdesk.store.presence import Lock, Presence
from helpdesk.store.revision import is_empty, refuse_older_schema, refuse_what_is_not_ours
from helpdesk.store.sqlite import EXAMPLE, Sqlite
from helpdesk.store.transaction import Transaction
from helpdesk.store.unit_of_work import SqlUnitOfWork


class Database:
    """An open database. Any thread may use it; each unit of work has a connection of its own."""

    def __init__(self, backend: Backend, engine: Engine, secrets: Secrets) -> None:
        self._backend = backend
        self._engine = engine
        self._secrets = secrets
        self._ids = IdSource()
        self._recent: dict[str, dict[str, Key]] = {"messages": {}, "deliveries": {}}
        # SQLite has one writer at a time. Threads that wait for a lock wake up in turn; in SQLITE_BUSY they would sleep
        # and try again, and one might never get its turn. In PostgreSQL each would wait on a connection of its own.
        self._write_lock = threading.Lock()

    @contextmanager
    def writing(self) -> Iterator[SqlUnitOfWork]:
        """A unit of work that may write, alone among all workers; rolled back unless committed. Raises DatabaseUnavailable."""
        with self._alone(), self._transaction(Work.DECIDE) as transaction:
            yield SqlUnitOfWork(transaction)

    @contextmanager
    def delivering(self) -> Iterator[SqlUnitOfWork]:
        """A unit of work that claims deliveries or records them, and needs nobody's leave for it in PostgreSQL.

        Nothing may be decided in it that rests on what others have not done. Raises DatabaseUnavailable.
        """
        with ExitStack() as stack:
            if self._engine.dialect.name == "sqlite":
                stack.enter_context(self._alone())
            yield SqlUnitOfWork(stack.enter_context(self._transaction(Work.DELIVER)))

    @contextmanager
    def reading(self) -> Iterator[SqlUnitOfWork]:
        """A unit of work that sees the database as it was at its first look, and may not write."""
        with self._transaction(Work.READ) as transaction:
            yield SqlUnitOfWork(transaction)

    def presence(self, longest_lease: timedelta) -> Presence:
        """A new worker, which others know to be alive once it has joined; `longest_lease` is that of its claims."""
        return self._backend.presence(longest_lease)

    def dead_among(self, numbers: Collection[int], longest_lease: timedelta) -> list[int]:
        """Those of these workers that are surely at work no more: what they had claimed may be taken up.

        In PostgreSQL a worker that was cut off counts as living until its leases are over, and after the server's start
        everybody does for so long.
        """
        return self._backend.dead_among(self._engine, numbers, longest_lease) if numbers else []

    def turn(self, name: str) -> Lock | None:
        """The right to do what only one worker may do at a time; None while another has it."""
        return self._backend.turn(name)

    def close(self) -> None:
        self._engine.dispose()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        if not self._write_lock.acquire(timeout=self._backend.patience):
            raise unavailable("Another part of this program has kept the database locked.", "Restart the worker.")
        try:
            yield
        finally:
            self._write_lock.release()

    @contextmanager
    def _transaction(self, work: Work) -> Iterator[Transaction]:
        with told_to_people(), self._backend.begun(self._engine, work) as connection:
            yield Transaction(connection, self._secrets, self._ids, self._recent, writing=work is not Work.READ)


def open_database(url: str, secret_key: bytes, *, create: bool = False) -> Database:
    """Open the database at `url`; with `create` a new one is made where there is none, with all tables and keys.

    On a server the database itself has to be there. Raises DatabaseUnavailable when there is none, it can't be used, or
    has another schema, and KeyMismatch when `secret_key` (32 bytes) is not the key that it was sealed with.
    """
    backend = backend_of(url)
    backend.prepare(create=create)
    with ExitStack() as undo:
        engine = backend.engine()
        undo.callback(engine.dispose)
        with told_to_people(), backend.begun(engine, Work.DECIDE) as connection:
            refuse_what_is_not_ours(connection)
            if is_empty(connection):
                if not create:
                    raise backend.none_yet()
                _migrate(connection)
            refuse_older_schema(connection)
            secrets = load_secrets(connection, secret_key)
            connection.commit()
        undo.pop_all()
    return Database(backend, engine, secrets)


def check_database(url: str, secret_key: bytes) -> None:
    """Raise what a start would meet: an unreadable file, another schema, the wrong key, a place that can't be written."""
    if backend_of(url).holds_something():
        open_database(url, secret_key).close()


def upgrade(url: str) -> None:
    """Bring the database at `url` to the schema of this version; raises DatabaseUnavailable when that can't be done."""
    backend = backend_of(url)
    backend.prepare(create=True)
    engine = backend.engine()
    try:
        with told_to_people(), backend.begun(engine, Work.UPGRADE) as connection:
            refuse_what_is_not_ours(connection)
            _migrate(connection)
            connection.commit()
    finally:
        engine.dispose()


def living_workers(url: str) -> int:
    """How many workers are at the database at `url`, which need not be there yet; raises DatabaseUnavailable."""
    backend = backend_of(url)
    engine = backend.engine()
    try:
        return backend.living(engine)
    finally:
        engine.dispose()


def folder_of(url: str) -> Path | None:
    """The folder of a database file; None for a database on a server."""
    backend = backend_of(url)
    return backend.path.absolute().parent if isinstance(backend, Sqlite) else None


def backend_of(url: str) -> Backend:
    """What kind of database a URL names, and where; raises DatabaseUnavailable for any that can't serve."""
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise unavailable("HELPDESK_DATABASE_URL can't be read.", EXAMPLE) from error
    match parsed.get_backend_name():
        case "sqlite":
            return Sqlite.at(parsed)
        case "postgresql":
            return Postgres.at(parsed)
        case other:
            raise unavailable(f"HELPDESK_DATABASE_URL asks for {other}, which is not supported.", EXAMPLE)


def _migrate(connection: Connection) -> None:
    # Here and not above: Alembic is slow to import, and nearly every start finds nothing to migrate.
    from helpdesk.store.migrate import migrate

    migrate(connection)
