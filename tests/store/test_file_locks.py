"""Locks on files: one holder at a time, and no file left when it is gone."""

from __future__ import annotations

import fcntl
import os
import threading
from pathlib import Path

import pytest

from helpdesk.errors import DatabaseUnavailable
from helpdesk.store import file_locks


def test_a_lock_that_is_held_is_not_free_and_its_file_stays(tmp_path: Path) -> None:
    path = tmp_path / "desk.db.worker-1"
    assert file_locks.is_free(path)
    lock = file_locks.take(path)
    assert lock
    assert not file_locks.is_free(path)
    assert file_locks.take(path) is None
    lock.check()
    lock.end()
    assert not path.exists()


def test_a_file_that_was_left_is_free_and_removed(tmp_path: Path) -> None:
    path = tmp_path / "desk.db.worker-1"
    path.touch()
    assert file_locks.is_free(path)
    assert not path.exists()


@pytest.mark.parametrize("then", ["gone", "made anew"])
def test_a_file_that_its_holder_removes_while_it_is_taken_is_taken_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, then: str
) -> None:
    """Else two would hold a lock, each on a file of its own."""
    path = tmp_path / "desk.db.turn-1"
    lock = file_locks.take(path)
    assert lock
    really_lock, tries = fcntl.flock, []

    def end_before(descriptor: int, how: int) -> None:
        tries.append(descriptor)
        if len(tries) == 1:
            lock.end()
            if then == "made anew":
                path.touch()
        really_lock(descriptor, how)

    monkeypatch.setattr(fcntl, "flock", end_before)
    taken = file_locks.take(path)
    assert taken
    assert len(tries) == 2
    assert not file_locks.is_free(path)
    taken.end()


def test_only_one_of_many_gets_it(tmp_path: Path) -> None:
    path = tmp_path / "desk.db.turn-1"
    taken: list[file_locks.FileLock] = []
    begin = threading.Barrier(8)

    def try_it() -> None:
        begin.wait()
        lock = file_locks.take(path)
        if lock:
            taken.append(lock)

    threads = [threading.Thread(target=try_it) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (lock,) = taken
    lock.end()


def test_it_is_for_this_user_alone(tmp_path: Path) -> None:
    path = tmp_path / "desk.db.turn-1"
    lock = file_locks.take(path)
    assert lock
    assert os.stat(path).st_mode & 0o777 == 0o600
    lock.end()
    with pytest.raises(DatabaseUnavailable):
        lock.check()


def test_a_file_that_can_not_be_made_is_explained(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnavailable, match=r"can't be made.*rights on its folder"):
        file_locks.take(tmp_path / "missing" / "desk.db.turn-1")
