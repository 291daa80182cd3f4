"""How SQLite is opened and used: durable, sealed content never in a plain file beside it, one writer at a time."""

from __future__ import annotations

import glob
import hashlib
import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from sqlite3 import Connection as SqliteConnection

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.pool import ConnectionPoolEntry

from helpdesk.errors import DatabaseUnavailable
from helpdesk.store import file_locks
from helpdesk.store.backend import Work
from helpdesk.store.faults import unavailable
from helpdesk.store.presence import Presence

_BUSY_SECONDS = 30.0
# Threads of one worker: poll, deliveries, housekeeping and pages.
_CONNECTIONS = 5
# What stands between the name of the database file and the number of a worker, or the hash of a turn's name.
_WORKER, _TURN = ".worker-", ".turn-"
EXAMPLE = "Write HELPDESK_DATABASE_URL=sqlite:///data/helpdesk.db, or leave it out."

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


@dataclass(frozen=True, slots=True)
class Sqlite:
    """A database in a file."""

    url: URL

    @classmethod
    def at(cls, url: URL) -> Sqlite:
        """Raises DatabaseUnavailable for a URL that names no file."""
        if not url.database or url.database == ":memory:" or url.database.startswith("file:"):
            raise unavailable("HELPDESK_DATABASE_URL names no file, and a helpdesk must not forget.", EXAMPLE)
        return cls(url)

    @property
    def path(self) -> Path:
        path = Path(self.url.database or "")
        # Under whatever name it is known: locks lie beside the file itself, where everybody looks for them.
        return path.resolve() if path.is_symlink() else path

    @property
    def patience(self) -> float:
        """`?timeout=` of the URL, or the default."""
        value = self.url.query.get("timeout", "")
        return float(value) if isinstance(value, str) and value.replace(".", "", 1).isdigit() else _BUSY_SECONDS

    def prepare(self, *, create: bool) -> None:
        if create:
            self._make_file()
        elif self._is_missing():
            raise self.none_yet()

    def none_yet(self) -> DatabaseUnavailable:
        return DatabaseUnavailable(
            f"There is no database at {self.url.database} yet, and nothing was made. If the helpdesk has run before, "
            "HELPDESK_DATABASE_URL names the wrong place. If not, the first start makes one: helpdesk run --start-from now "
            "(or, without a start: helpdesk db upgrade)."
        )

    def holds_something(self) -> bool:
        path = self.path
        if path.exists() and path.stat().st_size:
            return True
        folder = next(parent for parent in path.absolute().parents if parent.exists())
        if not (folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)):
            what = f"The database {path} can't be made: {folder} can't be written."
            raise unavailable(what, "Let this user write there, or name another place in HELPDESK_DATABASE_URL.")
        return False

    def engine(self) -> Engine:
        """An engine whose transactions begin when we say so, see `begun`; no error of it shows a value."""
        engine = create_engine(
            self.url,
            connect_args={"timeout": self.patience},
            hide_parameters=True,
            pool_size=_CONNECTIONS,
            max_overflow=_CONNECTIONS,
            pool_timeout=self.patience,
        )
        event.listen(engine, "connect", _on_connect)
        return engine

    @contextmanager
    def begun(self, engine: Engine, work: Work) -> Iterator[Connection]:
        """BEGIN is ours to say, and is said here rather than in SQLAlchemy's "begin" event: an engine with that listener
        asks for listeners at every statement.
        """
        with engine.connect() as connection:
            # One that reads first and writes later would fail at once when another wrote in between, whatever the timeout.
            connection.exec_driver_sql("BEGIN DEFERRED" if work in (Work.READ, Work.COPY) else "BEGIN IMMEDIATE")
            yield connection

    def presence(self, longest_lease: timedelta) -> Presence:
        return Presence(self._join)

    def dead_among(self, engine: Engine, numbers: Collection[int], longest_lease: timedelta) -> list[int]:
        return [number for number in numbers if file_locks.is_free(self._worker(number))]

    def living(self, engine: Engine) -> int:
        return sum(not file_locks.is_free(each) for each in self._workers())

    def turn(self, name: str) -> file_locks.FileLock | None:
        hashed = hashlib.sha256(name.encode()).hexdigest()[:16]
        return file_locks.take(self.path.with_name(f"{self.path.name}{_TURN}{hashed}"))

    def _join(self, number: int) -> file_locks.FileLock:
        # What workers left that died without a claim, nobody else would look at.
        for left in self._workers():
            file_locks.is_free(left)
        if lock := file_locks.take(self._worker(number)):
            return lock
        raise unavailable("Another worker has the same number, by chance.", "Start the worker anew.")

    def _workers(self) -> Iterator[Path]:
        return self.path.parent.glob(f"{glob.escape(self.path.name)}{_WORKER}*")

    def _worker(self, number: int) -> Path:
        return self.path.with_name(f"{self.path.name}{_WORKER}{number}")

    def _is_missing(self) -> bool:
        try:
            return self.path.stat().st_size == 0
        except FileNotFoundError:
            return True
        except OSError:
            # SQLite's own error tells what is wrong with the path.
            return False

    def _make_file(self) -> None:
        """For this user's eyes only; SQLite gives its WAL the same rights."""
        path = self.path
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


def _on_connect(connection: SqliteConnection, _entry: ConnectionPoolEntry) -> None:
    # Left alone, sqlite3 begins no transaction for SELECT, DDL or SAVEPOINT; with None it leaves BEGIN to us.
    connection.isolation_level = None
    for pragma in PRAGMAS:
        connection.execute(pragma).close()
