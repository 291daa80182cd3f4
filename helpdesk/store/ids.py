"""Makes the ids of rows before they are written, since sealing binds a value to its row's id."""

from __future__ import annotations

import secrets
import threading
from datetime import UTC, datetime, timedelta

_RANDOM_BITS = 48
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


class IdSource:
    """Ids of 24 hex digits: the millisecond, then chance. Later ids of one source sort after its earlier ones."""

    def __init__(self) -> None:
        self._last = 0
        self._lock = threading.Lock()

    def new(self, at: datetime) -> str:
        """A new id for a row of the time `at` (aware)."""
        number = ((at - _EPOCH) // _MILLISECOND << _RANDOM_BITS) | secrets.randbits(_RANDOM_BITS)
        with self._lock:
            self._last = max(number, self._last + 1)
            return f"{self._last:024x}"
