"""How faults of the database, the disk and the clock are made; those of mail servers are in `strikes.py`."""

from __future__ import annotations

import contextlib
import errno
import signal
import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from io import FileIO
from pathlib import Path

from sqlalchemy import create_engine, make_url

from tests.reliability.strikes import CONTENT_ENDS, NOT_DELIVERED, PAUSED, POLL_FAILED, Felt, more_of
from tests.reliability.world import Kind, World, await_state
from tests.servers.gate import Gate, Side


@contextlib.contextmanager
def database_locked(world: World) -> Iterator[Felt]:
    """Another program holds the database for longer than the worker waits."""
    felt = more_of(world, POLL_FAILED)
    with locked(world):
        yield felt


@contextlib.contextmanager
def database_locked_in_data(world: World) -> Iterator[Felt]:
    """Another program takes the database while the SMTP server is given a mail, so that its answer can't be recorded."""
    felt = more_of(world, PAUSED)
    with contextlib.ExitStack() as stack:
        rule = world.smtp.add(Side.CLIENT, CONTENT_ENDS, lambda: stack.enter_context(locked(world)))
        yield lambda: rule.met and felt()


@contextlib.contextmanager
def locked(world: World) -> Iterator[None]:
    """Nobody else may write. Reading goes on."""
    if world.kind is Kind.SQLITE:
        # The thread that ends it need not be the one that began it.
        connection = sqlite3.connect(_file(world), isolation_level=None, check_same_thread=False)
        with contextlib.closing(connection):
            connection.execute("BEGIN IMMEDIATE")
            yield
            connection.execute("ROLLBACK")
        return
    engine = create_engine(world.database_url)
    try:
        with engine.begin() as holder:
            holder.exec_driver_sql("LOCK TABLE message, delivery, mailbox IN EXCLUSIVE MODE")
            yield
    finally:
        engine.dispose()


def database_gate(world: World) -> Gate:
    """The gate before a database that is reached over the network."""
    assert world.postgres, "only PostgreSQL is reached over the network"
    return world.postgres


@contextlib.contextmanager
def database_reset(world: World) -> Iterator[Felt]:
    """Every connection is reset, and so is every new one for a while."""
    gate = database_gate(world)
    felt = more_of(world, POLL_FAILED)
    gate.close(reset=True)
    yield felt
    gate.open()


@contextlib.contextmanager
def database_slow(world: World) -> Iterator[Felt]:
    """The line is so slow that a mail takes a minute, until one is stored."""
    gate = database_gate(world)
    before = world.stored()
    gate.pace = 0.002
    yield lambda: world.stored() > before
    gate.pace = 0.0


@contextlib.contextmanager
def database_restarted(world: World) -> Iterator[Felt]:
    """The server throws everybody out, and comes back after the worker has felt it."""
    assert world.postgres_server
    felt = more_of(world, POLL_FAILED)
    world.postgres_server.stop(signal.SIGINT)
    await_state(felt, "the worker misses the database")
    world.postgres_server.start_again()
    yield lambda: True


@contextlib.contextmanager
def database_crashed(world: World) -> Iterator[Felt]:
    """A process of the server dies, and all sessions end with it, as when the machine is out of memory."""
    assert world.postgres_server
    felt = more_of(world, POLL_FAILED)
    world.postgres_server.crash_one_session(make_url(world.database_url).database or "")
    yield felt


@contextlib.contextmanager
def disk_full(world: World) -> Iterator[Felt]:
    """Something else fills the disk that the database is on."""
    felt = more_of(world, POLL_FAILED)
    ballast = _file(world).parent / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (65536, 1):
            _fill(file, size)
    yield felt
    ballast.unlink()


def _fill(file: FileIO, size: int) -> None:
    try:
        while True:
            file.write(bytes(size))
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise


@contextlib.contextmanager
def clock_set_back(world: World) -> Iterator[Felt]:
    world.clock.move(timedelta(hours=-1))
    yield lambda: True


@contextlib.contextmanager
def clock_set_back_over_waiting_mail(world: World) -> Iterator[Felt]:
    """The clock is set back while mail waits to be tried again at a time that is now an hour further away."""
    felt = more_of(world, NOT_DELIVERED)
    world.smtp.close()
    world.deposit(1)
    await_state(felt, "a mail waits in the outbox")
    world.clock.move(timedelta(hours=-1))
    world.smtp.open()
    yield lambda: True


@contextlib.contextmanager
def hour_changes(world: World) -> Iterator[Felt]:
    """The office's clocks change while mail comes: at one o'clock, universal time."""
    changes_at = world.clock.shown.replace(minute=0, second=30) + timedelta(hours=1)
    world.deposit(1)
    yield lambda: world.clock.now() > changes_at


def _file(world: World) -> Path:
    return Path(make_url(world.database_url).database or "")
