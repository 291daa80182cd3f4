"""Tells a worker whether it is the only one on this database, so that it may take up what a dead one left."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from helpdesk.store.sqlite import sqlite_url


@contextmanager
def sole_worker(url: str) -> Iterator[bool]:
    """Whether no other worker runs on this database; as long as it lasts, others are told that one does.

    The lock is on a file of its own: closing a database file that SQLite has open would end SQLite's locks on it. The
    kernel ends it with the process that holds it, however that died.
    """
    database = sqlite_url(url).database or ""
    with Path(f"{database}.worker").open("ab") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
