"""How PostgreSQL is opened and used: one worker decides at a time, all deliver, and a session that falls silent is ended."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, event, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry

from helpdesk.errors import DatabaseUnavailable
from helpdesk.store.backend import Work
from helpdesk.store.fault_causes import option_refused
from helpdesk.store.faults import told_to_people, unavailable
from helpdesk.store.patience import Watchdog
from helpdesk.store.presence import Presence
from helpdesk.store.revision import is_empty
from helpdesk.store.session_locks import Keeping, Key, SessionLock

PATIENCE = 30.0
# Threads of one worker: poll, deliveries, housekeeping and pages.
_CONNECTIONS = 5
# Advisory locks are known by two numbers, of which the first says what the second means. Nothing else uses these.
_DECISIONS, _WORKERS, _TURNS = 1_164_989_441, 1_164_989_442, 1_164_989_443

_ALONE = f"SELECT pg_advisory_xact_lock({_DECISIONS}, 0)"
_NO_HURRY = "SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0"
_BEGIN = {
    # Each unit of work that reads sees one moment of the database, whatever others write meanwhile.
    Work.READ: "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
    Work.COPY: f"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; {_NO_HURRY}",
    # In READ COMMITTED a statement sees what was committed before it began, so everything that the last one decided.
    Work.DECIDE: f"BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; {_ALONE}",
    Work.DELIVER: "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE",
    # A migration may take long over a large table.
    Work.UPGRADE: f"BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; {_NO_HURRY}; {_ALONE}",
}
# Seconds after which a connection without an answer is given up, by the network: both ends come to know of it.
_SILENCE = 30
_CLIENT = {
    "connect_timeout": 10,
    "application_name": "helpdesk",
    "keepalives": 1,
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": _SILENCE * 1000,
}
# Arguments of the driver's own, in which a text makes no sense; SQLAlchemy would hand it over all the same.
_NO_OPTIONS = frozenset({"autocommit", "conninfo", "context", "cursor_factory", "prepare_threshold", "row_factory"})
# The last two are for a worker that was stopped, or cut off, in the middle of a transaction: its locks would stop all others.
_SESSION = {
    "lock_timeout": f"{PATIENCE:.0f}s",
    "statement_timeout": "60s",
    "idle_in_transaction_session_timeout": "60s",
    "tcp_keepalives_idle": "15",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": f"{_SILENCE}s",
}
# A little longer than any statement may take, and any question of a lock.
LONGEST_STATEMENT, LONGEST_QUESTION, LOOK_EVERY = 75.0, 20.0, 5.0
# A turn changes hands a minute after its holder fell silent; the holder knows it earlier.
_TURN_SESSION = {"idle_session_timeout": "60s", "lock_timeout": "10s", "statement_timeout": "15s"}
TURN_BEAT, TURN_LOST_AFTER = 10.0, 45.0
PRESENCE_BEAT, PRESENCE_LOST_AFTER = 10.0, 60.0
# A living worker whose line was cut has its lock again sooner than that.
SECOND_LOOK_AFTER = 3.0
# How much longer than its longest lease a silent worker counts as living.
_GRACE = timedelta(seconds=60)

# Since when the server's sessions may have lasted: a restart, a crash of one of its processes, and the promotion of a
# standby end all of them, of workers that live as well.
_SESSIONS_LAST = text(
    "SELECT clock_timestamp() - greatest(pg_postmaster_start_time(), "
    "(SELECT stats_reset FROM pg_stat_bgwriter), pg_last_xact_replay_timestamp())"
)
_HOLDERS = (
    "FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database "
    "WHERE datname = current_database() AND locktype = 'advisory' AND granted AND objsubid = 2 "
    f"AND classid = {_WORKERS}"
)
_LIVING = text(f"SELECT objid::bigint {_HOLDERS}")
_EXAMPLE = "Write HELPDESK_DATABASE_URL=postgresql+psycopg://helpdesk:PASSWORD@HOST/helpdesk."


@dataclass(frozen=True, slots=True)
class Postgres:
    """A database on a PostgreSQL server, which somebody has made and given to our user."""

    url: URL
    watchdog: Watchdog = field(default_factory=lambda: Watchdog(LONGEST_STATEMENT, LOOK_EVERY), compare=False)
    watchdog_of_locks: Watchdog = field(default_factory=lambda: Watchdog(LONGEST_QUESTION, LOOK_EVERY), compare=False)

    @classmethod
    def at(cls, url: URL) -> Postgres:
        """Raises DatabaseUnavailable for a URL that names no database, or another driver."""
        if url.drivername not in ("postgresql", "postgresql+psycopg"):
            raise unavailable(f"HELPDESK_DATABASE_URL asks for {url.drivername}, which is not supported.", _EXAMPLE)
        if not url.database:
            raise unavailable("HELPDESK_DATABASE_URL names no database.", _EXAMPLE)
        for name in sorted(_NO_OPTIONS & url.query.keys()):
            raise unavailable(*option_refused(name))
        return cls(url.set(drivername="postgresql+psycopg"))

    @property
    def patience(self) -> float:
        return PATIENCE

    def prepare(self, *, create: bool) -> None:
        """The server's administrator makes the database; whether it holds anything is found out when it is open."""

    def none_yet(self) -> DatabaseUnavailable:
        return DatabaseUnavailable(
            f"The database {self.url.database} at {self.url.host or 'this machine'} is empty, and nothing was made in it. "
            "If the helpdesk has run before, HELPDESK_DATABASE_URL names the wrong one. If not, the first start makes its "
            "tables: helpdesk run --start-from now (or, without a start: helpdesk db upgrade)."
        )

    def holds_something(self) -> bool:
        engine = self.engine()
        try:
            with told_to_people(), self.begun(engine, Work.READ) as connection:
                if not is_empty(connection):
                    return True
                if connection.execute(text("SELECT has_schema_privilege(current_schema(), 'CREATE')")).scalar():
                    return False
        finally:
            engine.dispose()
        what = f"Our user may make no tables in the database {self.url.database}."
        raise unavailable(what, "Have its owner say: ALTER DATABASE … OWNER TO … with our user's name.")

    def engine(self) -> Engine:
        """An engine whose transactions begin when we say so, see `begun`; no error of it shows a value."""
        engine = self._engine(_SESSION, pool_size=_CONNECTIONS, max_overflow=_CONNECTIONS, pool_timeout=PATIENCE)
        event.listen(engine, "connect", _on_connect)
        event.listen(engine, "after_cursor_execute", lambda connection, *_: self.watchdog.heard(connection))
        return engine

    @contextmanager
    def begun(self, engine: Engine, work: Work) -> Iterator[Connection]:
        with ExitStack() as stack:
            connection = stack.enter_context(self._begun(engine, work))
            if work not in (Work.COPY, Work.UPGRADE):
                stack.enter_context(self.watchdog.watching(connection))
            yield connection

    def _begun(self, engine: Engine, work: Work) -> Connection:
        try:
            return self._begun_once(engine, work)
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
            # It had lain in the pool since before the server was started anew. Nothing was asked of it yet.
            return self._begun_once(engine, work)

    def _begun_once(self, engine: Engine, work: Work) -> Connection:
        with ExitStack() as undo:
            connection = undo.enter_context(engine.connect())
            with self.watchdog.watching(connection):
                connection.exec_driver_sql(_BEGIN[work]).close()
            undo.pop_all()
        return connection

    def presence(self, longest_lease: timedelta) -> Presence:
        return Presence(partial(self._join, longest_lease))

    def dead_among(self, engine: Engine, numbers: Collection[int], longest_lease: timedelta) -> list[int]:
        missing = self._missing(engine, numbers, longest_lease)
        if missing:
            time.sleep(SECOND_LOOK_AFTER)
            missing = self._missing(engine, missing, longest_lease)
        return missing

    def _missing(self, engine: Engine, numbers: Collection[int], longest_lease: timedelta) -> list[int]:
        """Those of these workers that hold no lock, though all sessions have lasted long enough to tell."""
        with told_to_people(), self.begun(engine, Work.READ) as connection:
            last: timedelta = connection.execute(_SESSIONS_LAST).scalar_one()
            if last <= longest_lease + _GRACE:
                return []
            living = set(connection.execute(_LIVING).scalars())
        return [number for number in numbers if number not in living]

    def living(self, engine: Engine) -> int:
        with told_to_people(), self.begun(engine, Work.READ) as connection:
            return len(set(connection.execute(_LIVING).scalars()))

    def turn(self, name: str) -> SessionLock | None:
        key = Key(_TURNS, int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big", signed=True))
        ask = f"SELECT pg_try_advisory_lock({key.kind}, {key.number})"
        with told_to_people(), ExitStack() as undo:
            connection = undo.enter_context(self._connected(_TURN_SESSION))
            with self.watchdog_of_locks.watching(connection):
                if not connection.exec_driver_sql(ask).scalar_one():
                    return None
            undo.pop_all()
        return SessionLock(connection, key, Keeping(TURN_BEAT, TURN_LOST_AFTER, self.watchdog_of_locks))

    def _join(self, longest_lease: timedelta, number: int) -> SessionLock:
        key = Key(_WORKERS, number)
        seconds = int((longest_lease + _GRACE).total_seconds())
        # The network must not end this session sooner than the server ends it for want of a word from us.
        session = {
            "idle_session_timeout": f"{seconds}s",
            "tcp_keepalives_idle": f"{seconds}",
            "tcp_keepalives_interval": "30",
            "tcp_user_timeout": f"{seconds}s",
            "lock_timeout": "10s",
            "statement_timeout": "15s",
        }
        again = partial(self._held, session, key)
        with told_to_people():
            connection = again()
        return SessionLock(connection, key, Keeping(PRESENCE_BEAT, PRESENCE_LOST_AFTER, self.watchdog_of_locks, again))

    def _held(self, session: dict[str, str], key: Key) -> Connection:
        """A connection that holds this lock, which is ours alone: an earlier one of ours that has it still is ended."""
        earlier = f"SELECT pg_terminate_backend(pid, 5000) {_HOLDERS} AND objid = {key.number} AND pid <> pg_backend_pid()"
        with ExitStack() as undo:
            connection = undo.enter_context(self._connected(session))
            with self.watchdog_of_locks.watching(connection):
                connection.exec_driver_sql(earlier).close()
                connection.exec_driver_sql(f"SELECT pg_advisory_lock({key.kind}, {key.number})").close()
            undo.pop_all()
        return connection

    def _connected(self, session: dict[str, str]) -> Connection:
        return self._engine(session, poolclass=NullPool, isolation_level="AUTOCOMMIT").connect()

    def _engine(self, session: dict[str, str], **arguments: object) -> Engine:
        ours = " ".join(f"-c {name}={value}" for name, value in session.items())
        # What the URL says comes last, and wins.
        options = {"options": f"{ours} {self.url.query.get('options', '')}".rstrip()}
        try:
            return create_engine(
                self.url,
                connect_args=_CLIENT | {name: value for name, value in self.url.query.items() if name in _CLIENT} | options,
                hide_parameters=True,
                # How many rows an INSERT wrote: none, where one was there already.
                execution_options={"preserve_rowcount": True},
                **arguments,
            )
        except ModuleNotFoundError as error:
            remedy = "Install it into the helpdesk's virtual environment: pip install 'psycopg[binary]'"
            raise unavailable("The driver for PostgreSQL is missing.", remedy) from error


def _on_connect(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    # Left alone, psycopg says BEGIN before the first statement; like this it leaves that to us.
    connection.autocommit = True
