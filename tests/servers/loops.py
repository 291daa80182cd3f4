"""An event loop in a thread of its own, for servers that a test talks to from outside."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator


@contextlib.contextmanager
def running_loop(name: str) -> Iterator[asyncio.AbstractEventLoop]:
    """The loop runs until the end; what still works in it must be ended before."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name=name, daemon=True)
    thread.start()
    try:
        yield loop
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
