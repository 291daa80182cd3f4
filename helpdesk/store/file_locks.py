"""Locks on files beside the database file: the kernel ends each with the process that holds it, however that died.

Never on the database file itself: closing a file that SQLite has open would end SQLite's locks on it.
"""

from __future__ import annotations

import fcntl
import os
import threading
from contextlib import suppress
from pathlib import Path

from helpdesk.store.faults import unavailable


class FileLock:
    """A lock that is held. Its file is there as long as it is."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self._path = path
        self._descriptor: int | None = descriptor
        self._ending = threading.Lock()

    def check(self) -> None:
        """Raise DatabaseUnavailable once it has ended; nothing else can take it away."""
        if self._descriptor is None:
            raise unavailable("This worker has given its lock away.", "Start the worker anew.")

    def end(self) -> None:
        """Remove the file and give the lock away."""
        with self._ending:
            descriptor, self._descriptor = self._descriptor, None
            if descriptor is None:
                return
            # Removed while the lock is held, so that nobody's file but ours can be meant.
            with suppress(OSError):
                self._path.unlink()
            os.close(descriptor)


def take(path: Path) -> FileLock | None:
    """The lock on this file, which is made where it is missing; None while another holds it."""
    while True:
        try:
            descriptor = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        except OSError as error:
            what = f"The file {path} can't be made ({error.strerror})."
            raise unavailable(what, "Look at the rights on its folder, and at the disk.") from error
        try:
            # Of an open file, not of a process: two parts of this process exclude each other as well.
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return None
        if _is_at(path, descriptor):
            return FileLock(path, descriptor)
        # Its last holder removed it between our two steps: the lock would be on a file that nobody finds.
        os.close(descriptor)


def is_free(path: Path) -> bool:
    """Whether nobody holds the lock; a file that a dead holder left is removed."""
    if not path.exists():
        return True
    lock = take(path)
    if lock is None:
        return False
    lock.end()
    return True


def _is_at(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(os.stat(path), os.fstat(descriptor))
    except FileNotFoundError:
        return False
