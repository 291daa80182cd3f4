"""Advisory locks of PostgreSQL, each on a connection of its own, which a thread keeps alive.

The server gives a lock away when its session ends, and ends a session from which it has not heard for a while. The thread
asks for something often enough, so a holder that lives keeps its lock; one that was stopped, or is cut off from the server,
learns from its own clock that it is lost, before another can have it. A line that is cut in the open, as by a restart of a
proxy, gives the lock away at once: the thread notices, and takes it anew before anybody takes its absence for death.
"""

from __future__ import annotations

import select
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from helpdesk.store.faults import unavailable
from helpdesk.store.patience import Watchdog, cut

# Seconds. A thread that hears nothing is waited for only so long when its lock is to end.
FAREWELL = 3.0
# How soon it notices that the server, or the network, has ended the line.
NOTICE_WITHIN = 0.5


@dataclass(frozen=True, slots=True)
class Key:
    """The two numbers of an advisory lock."""

    kind: int
    number: int


@dataclass(frozen=True, slots=True)
class Keeping:
    """How a lock is kept: asked for every `beat` seconds, lost `lost_after` seconds after the last answer.

    `again` takes a lost lock anew; without it, a loss is final.
    """

    beat: float
    lost_after: float
    watchdog: Watchdog
    again: Callable[[], Connection] | None = None


class SessionLock:
    """A lock that is held by `connection`, which from now on is this lock's alone."""

    def __init__(self, connection: Connection, key: Key, keeping: Keeping) -> None:
        self._connection: Connection | None = connection
        self._key = key
        self._keeping = keeping
        self._heard_at = time.monotonic()
        self._lost = False
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="database-lock", daemon=True)
        self._thread.start()

    def check(self) -> None:
        """Raise DatabaseUnavailable when it is held no more, or the server was silent for too long to know."""
        silent = time.monotonic() - self._heard_at
        if self._lost or self._ending.is_set() or silent > self._keeping.lost_after:
            raise unavailable(
                "This worker has lost its lock in the database, since the server was away or silent.",
                "Another worker may go on with what it was at; it tries again by itself. Look at the server and the network.",
            )

    def end(self) -> None:
        """Give the lock away."""
        self._ending.set()
        self._thread.join(FAREWELL)
        if self._thread.is_alive():
            # It waits for a server that does not answer.
            cut(self._connection)
            self._thread.join(FAREWELL)

    def _keep(self) -> None:
        pause = self._keeping.beat
        while not self._is_to_end_within(pause):
            asked_at = time.monotonic()
            pause = self._keeping.beat
            try:
                self._ask()
            except SQLAlchemyError:
                # The first time without a pause.
                pause = pause if self._lost else 0.0
                self._lost = True
                self._drop()
                if self._keeping.again is None:
                    return
            else:
                # Counted from the question: the server has heard from us no later than that.
                self._heard_at, self._lost = asked_at, False
        self._give_away()

    def _is_to_end_within(self, seconds: float) -> bool:
        """Wait until it is time to ask, since so much has passed or the line was ended; whether the lock is to end."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0 and not _has_news(self._connection):
            if self._ending.wait(min(left, NOTICE_WITHIN)):
                break
        return self._ending.is_set()

    def _ask(self) -> None:
        if self._connection is None and self._keeping.again:
            self._connection = self._keeping.again()
        elif self._connection is not None:
            with self._keeping.watchdog.watching(self._connection):
                self._connection.exec_driver_sql("SELECT 1").close()

    def _give_away(self) -> None:
        if self._connection is not None:
            # Said, not only hung up: the server may take its time to see that.
            with suppress(SQLAlchemyError):
                unlock = f"SELECT pg_advisory_unlock({self._key.kind}, {self._key.number})"
                self._connection.exec_driver_sql(unlock).close()
            self._drop()

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(SQLAlchemyError):
                connection.invalidate()
                connection.close()


def _has_news(connection: Connection | None) -> bool:
    """Whether the server has said something unasked, which is mostly its goodbye, or the line is cut."""
    if connection is None:
        return False
    poll = select.poll()
    try:
        poll.register(connection.connection.driver_connection.fileno(), select.POLLIN)  # type: ignore[union-attr]
    except (SQLAlchemyError, OSError):
        return True
    return bool(poll.poll(0))
