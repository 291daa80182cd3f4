"""A worker's presence: a number that it holds a lock on while it lives, so that others can tell whether it does."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from types import TracebackType
from typing import Protocol

from helpdesk.store.faults import unavailable

# Positive, and 31 bits: what PostgreSQL takes for an advisory lock. No two workers have the same but by an odd chance.
_LARGEST = 2**31 - 1


class Lock(Protocol):
    """A lock that ends with its holder, however that died. Any thread may call its methods."""

    def check(self) -> None:
        """Raise DatabaseUnavailable when it is held no more, or nobody knows whether it is; asks no server."""
        ...

    def end(self) -> None:
        """Give it to others. Raises nothing, and may be called again."""
        ...


class Presence:
    """A worker under its number. From `join` until `close` it is alive to all others, who take it for dead before and after.

    A lock that is lost is taken anew, under the same number.
    """

    def __init__(self, take: Callable[[int], Lock]) -> None:
        self.number = secrets.randbelow(_LARGEST) + 1
        self._take = take
        self._lock: Lock | None = None

    def join(self) -> None:
        """Raises DatabaseUnavailable."""
        self._lock = self._lock or self._take(self.number)

    def check(self) -> None:
        """Raise DatabaseUnavailable while others may take this worker for dead: it must claim nothing then."""
        if self._lock is None:
            raise unavailable("This worker has not joined the others.", "Start the worker anew.")
        self._lock.check()

    def close(self) -> None:
        lock, self._lock = self._lock, None
        if lock:
            lock.end()

    def __enter__(self) -> Presence:
        self.join()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()
