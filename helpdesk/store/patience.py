"""Gives up on a server that takes a question and never answers: the driver waits for ever, and a proxy may keep the line up.

PostgreSQL ends a long statement by itself, and the network tells of a dead line, so this is for what neither of them sees.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError


@dataclass(slots=True)
class Watchdog:
    """Cuts the line of each watched connection from which nothing was heard for `longest` seconds; looks each `every` ones."""

    longest: float
    every: float
    _until: dict[Connection, float] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _is_running: bool = False

    @contextmanager
    def watching(self, connection: Connection) -> Iterator[None]:
        """Whoever waits on the connection for too long inside gets an error of the driver."""
        with self._lock:
            self._until[connection] = time.monotonic() + self.longest
            begin, self._is_running = not self._is_running, True
        if begin:
            threading.Thread(target=self._watch, name="database-patience", daemon=True).start()
        try:
            yield
        finally:
            with self._lock:
                self._until.pop(connection, None)

    def heard(self, connection: Connection) -> None:
        """The server has answered; the time for the next question begins."""
        if connection in self._until:
            self._until[connection] = time.monotonic() + self.longest

    def _watch(self) -> None:
        """Look as long as anything is watched."""
        while True:
            time.sleep(self.every)
            with self._lock:
                if not self._until:
                    self._is_running = False
                    return
                now = time.monotonic()
                late = [connection for connection, until in self._until.items() if until < now]
            for connection in late:
                cut(connection)


def cut(connection: Connection | None) -> None:
    """Cut the line of a connection, so that whoever waits on it gets an error at once."""
    if connection is None:
        return
    # It may be closed by now, or never have had a line.
    with suppress(SQLAlchemyError, OSError, AttributeError, ValueError):
        driver = connection.connection.driver_connection
        # A copy of the descriptor: the original stays the driver's, to be closed by it.
        with socket.socket(fileno=os.dup(driver.fileno())) as line:  # type: ignore[union-attr]
            line.shutdown(socket.SHUT_RDWR)
