"""Waits for what another thread or process does, and not a moment longer."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

LONGEST = 30.0


def comes_true(is_so: Callable[[], bool]) -> bool:
    """Whether it is so by now, or within half a minute."""
    gives_up_at = time.monotonic() + LONGEST
    while time.monotonic() < gives_up_at:
        if is_so():
            return True
        threading.Event().wait(0.01)
    return False
