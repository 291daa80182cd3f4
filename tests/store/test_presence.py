"""Who is alive, whose turn it is, and how others come to know when a worker died."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import make_url

from helpdesk.errors import DatabaseUnavailable
from helpdesk.store import postgres as postgres_store
from helpdesk.store import session_locks
from helpdesk.store.database import Database, living_workers, open_database
from tests.servers.gate import Gate, running_gate
from tests.servers.postgres import Postgres, running_postgres
from tests.store.files import is_file, path_of
from tests.store.patience import comes_true
from tests.store.samples import SECRET

LEASE = timedelta(minutes=23)
UNKNOWN = 4711
HOLDERS = "pid IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory')"

# A worker that says its number, or that it has its turn, and goes on until it is killed.
WORKER = """
import sys, threading
from datetime import timedelta
from helpdesk.store.database import open_database
database = open_database(sys.argv[1], bytes(range(32)))
presence = database.presence(timedelta(minutes=23))
presence.join()
turn = database.turn("info@example.org/INBOX")
print(presence.number, turn is not None, flush=True)
threading.Event().wait()
"""


@pytest.fixture
def old_server(request: pytest.FixtureRequest, url: str) -> None:
    """A server that has run for long, so that whoever is not there is dead."""
    if not is_file(url):
        request.getfixturevalue("monkeypatch").setattr(postgres_store, "SECOND_LOOK_AFTER", 0)
        request.getfixturevalue("postgres").let_sessions_look_old(make_url(url).database)


@contextmanager
def other_worker(url: str) -> Iterator[tuple[int, subprocess.Popen[str]]]:
    """The number of a worker in a process of its own, with its turn, and the process."""
    process = subprocess.Popen([sys.executable, "-c", WORKER, url], stdout=subprocess.PIPE, text=True)
    assert process.stdout
    with process.stdout:
        try:
            number, has_turn = process.stdout.readline().split()
            assert has_turn == "True"
            yield int(number), process
        finally:
            process.kill()
            process.wait()


@pytest.mark.usefixtures("old_server")
def test_a_worker_is_alive_from_its_joining_to_its_end(database: Database, url: str) -> None:
    presence = database.presence(LEASE)
    assert database.dead_among([presence.number], LEASE) == [presence.number]
    with presence, closing(open_database(url, SECRET)) as other:
        presence.check()
        assert database.dead_among([presence.number, UNKNOWN], LEASE) == [UNKNOWN]
        assert other.dead_among([presence.number, UNKNOWN], LEASE) == [UNKNOWN]
    assert database.dead_among([presence.number], LEASE) == [presence.number]
    assert database.dead_among([], LEASE) == []
    with pytest.raises(DatabaseUnavailable, match="has not joined"):
        presence.check()


def test_workers_have_numbers_of_their_own(database: Database) -> None:
    numbers = {database.presence(LEASE).number for _ in range(50)}
    assert len(numbers) == 50
    assert all(0 < number < 2**31 for number in numbers)


@pytest.mark.usefixtures("old_server")
def test_a_worker_that_is_killed_is_dead_and_its_turn_free(database: Database, url: str) -> None:
    with other_worker(url) as (number, process):
        assert database.dead_among([number], LEASE) == []
        assert database.turn("info@example.org/INBOX") is None
        process.kill()
        process.wait()
        assert comes_true(lambda: database.dead_among([number], LEASE) == [number])
        turns = []
        assert comes_true(lambda: bool((turn := database.turn("info@example.org/INBOX")) and not turns.append(turn)))
        turns[0].end()


def test_a_turn_is_one_workers_until_it_ends(database: Database, url: str) -> None:
    turn = database.turn("info@example.org/INBOX")
    assert turn is not None
    with closing(open_database(url, SECRET)) as other:
        assert other.turn("info@example.org/INBOX") is None
        junk = other.turn("info@example.org/Junk")
        assert junk is not None
        turn.check()
        turn.end()
        turn.end()
        with pytest.raises(DatabaseUnavailable):
            turn.check()
        following = other.turn("info@example.org/INBOX")
        assert following is not None
        following.end()
        junk.end()


def test_files_of_locks_are_gone_when_they_end(file_database: Database, file_url: str) -> None:
    folder = path_of(file_url).parent
    before = set(folder.iterdir())
    turn = file_database.turn("one")
    with file_database.presence(LEASE):
        assert len(set(folder.iterdir()) - before) == 2
    assert turn
    turn.end()
    assert set(folder.iterdir()) == before


def test_what_a_dead_worker_left_is_removed_when_the_next_joins(file_database: Database, file_url: str) -> None:
    left = path_of(file_url).with_name("helpdesk.db.worker-17")
    left.touch()
    with file_database.presence(LEASE) as presence:
        assert not left.exists()
        assert path_of(file_url).with_name(f"helpdesk.db.worker-{presence.number}").exists()
    assert file_database.dead_among([17], LEASE) == [17]


def test_a_folder_that_takes_no_lock_is_explained(file_database: Database, file_url: str) -> None:
    for path in sorted(path_of(file_url).parent.iterdir(), reverse=True):
        path.unlink()
    path_of(file_url).parent.rmdir()
    with pytest.raises(DatabaseUnavailable, match=r"can't be made.*rights on its folder"):
        file_database.turn("one")


def test_a_file_of_two_names_has_one_place_for_its_locks(file_database: Database, file_url: str, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    alias = tmp_path / "elsewhere" / "desk.db"
    alias.symlink_to(path_of(file_url))
    turn = file_database.turn("one")
    with closing(open_database(f"sqlite:///{alias}", SECRET)) as same, file_database.presence(LEASE) as presence:
        assert same.dead_among([presence.number], LEASE) == []
        assert same.turn("one") is None
    assert turn
    turn.end()


def test_workers_are_counted_whatever_the_file_is_called(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'desk[1].db'}"
    with closing(open_database(url, SECRET, create=True)) as database:
        assert living_workers(url) == 0
        with database.presence(LEASE):
            assert living_workers(url) == 1


# PostgreSQL alone: connections that are lost, and servers that are started anew.


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Locks that are asked for all the time, so that no test waits for the next beat."""
    for name, seconds in (("PRESENCE_BEAT", 0.01), ("TURN_BEAT", 0.01)):
        monkeypatch.setattr(postgres_store, name, seconds)


@pytest.fixture
def on_server(postgres_url: str) -> Iterator[Database]:
    with closing(open_database(postgres_url, SECRET)) as opened:
        yield opened


def name_of(url: str) -> str:
    return make_url(url).database or ""


def has_lost(lock: object) -> bool:
    try:
        lock.check()  # type: ignore[attr-defined]
    except DatabaseUnavailable:
        return True
    return False


@pytest.mark.usefixtures("quick")
def test_a_turn_whose_connection_is_killed_is_anothers_and_its_holder_knows(
    postgres: Postgres, on_server: Database, postgres_url: str
) -> None:
    turn = on_server.turn("info@example.org/INBOX")
    assert turn is not None
    assert postgres.end_sessions(name_of(postgres_url), HOLDERS)
    following = on_server.turn("info@example.org/INBOX")
    assert following is not None
    assert comes_true(lambda: has_lost(turn))
    assert not has_lost(following)
    turn.end()
    assert on_server.turn("info@example.org/INBOX") is None
    following.end()


@pytest.mark.usefixtures("quick")
def test_a_presence_whose_connection_is_killed_comes_back_under_its_number(
    postgres: Postgres, on_server: Database, postgres_url: str
) -> None:
    postgres.let_sessions_look_old(name_of(postgres_url))
    with closing(open_database(postgres_url, SECRET)) as database, database.presence(LEASE) as presence:
        held_by = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = %s"
        ((first,),) = postgres.execute(held_by, presence.number)
        postgres.end_sessions(name_of(postgres_url), f"pid = {first}")
        assert comes_true(lambda: bool(postgres.execute(held_by, presence.number)))
        assert comes_true(lambda: not has_lost(presence))
        assert database.dead_among([presence.number], LEASE) == []
        assert postgres.execute(held_by, presence.number) != [(first,)]


def test_a_lock_whose_line_is_cut_is_taken_anew_long_before_the_next_beat(
    postgres: Postgres, on_server: Database, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_store, "PRESENCE_BEAT", 3600.0)
    held_by = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = %s"
    with on_server.presence(LEASE) as presence:
        ((first,),) = postgres.execute(held_by, presence.number)
        postgres.end_sessions(name_of(postgres_url), f"pid = {first}")
        assert comes_true(lambda: postgres.execute(held_by, presence.number) not in ([], [(first,)]))
        assert comes_true(lambda: not has_lost(presence))


def test_nobody_is_called_dead_soon_after_the_server_was_started(on_server: Database) -> None:
    assert on_server.dead_among([UNKNOWN], LEASE) == []


def test_nobody_is_called_dead_soon_after_the_server_lost_all_its_sessions(monkeypatch: pytest.MonkeyPatch) -> None:
    # A server of its own: one of its processes is killed, at which it throws everybody out and goes on.
    with running_postgres() as server:
        url = server.url(server.new_database())
        server.let_sessions_look_old(name_of(url))
        monkeypatch.setattr(postgres_store, "SECOND_LOOK_AFTER", 0)
        with closing(open_database(url, SECRET, create=True)) as database:
            assert database.dead_among([UNKNOWN], LEASE) == [UNKNOWN]
            server.crash_one_session(name_of(url))
            assert comes_true(lambda: dead_or_away(database) == [])


def dead_or_away(database: Database) -> list[int] | None:
    try:
        return database.dead_among([UNKNOWN], LEASE)
    except DatabaseUnavailable:
        return None


def test_workers_come_back_after_the_server_was_started_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres_store, "PRESENCE_BEAT", 0.01)
    with running_postgres() as server:
        url = server.url(server.new_database())
        with closing(open_database(url, SECRET, create=True)) as database, database.presence(LEASE) as presence:
            server.stop()
            assert comes_true(lambda: has_lost(presence))
            with pytest.raises(DatabaseUnavailable):
                database.turn("info@example.org/INBOX")
            server.start_again()
            assert comes_true(lambda: not has_lost(presence))
            with database.reading() as uow:
                assert uow.mailboxes.all() == []


def test_a_lock_ends_though_the_server_is_silent(
    postgres: Postgres, postgres_url: str, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_store, "TURN_BEAT", 0.01)
    monkeypatch.setattr(session_locks, "FAREWELL", 0.1)
    url = postgres.url(name_of(postgres_url), port=gate.port)
    with closing(open_database(url, SECRET)) as database:
        turn = database.turn("info@example.org/INBOX")
        assert turn is not None
        gate.hushed = True
        assert comes_true(lambda: gate.swallowed > 0)
        turn.end()
        assert has_lost(turn)


@pytest.fixture
def gate(postgres: Postgres) -> Iterator[Gate]:
    with running_gate(postgres.port, lines=False) as opened:
        yield opened


def test_a_worker_that_is_cut_off_knows_that_its_locks_are_lost(
    postgres: Postgres, postgres_url: str, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, seconds in (("BEAT", 0.01), ("LOST_AFTER", 0.5)):
        monkeypatch.setattr(postgres_store, f"TURN_{name}", seconds)
        monkeypatch.setattr(postgres_store, f"PRESENCE_{name}", seconds)
    monkeypatch.setattr(postgres_store, "LONGEST_QUESTION", 0.5)
    monkeypatch.setattr(postgres_store, "LOOK_EVERY", 0.05)
    url = postgres.url(name_of(postgres_url), port=gate.port)
    with closing(open_database(url, SECRET)) as database, database.presence(LEASE) as presence:
        turn = database.turn("info@example.org/INBOX")
        assert turn is not None
        turn.check()
        gate.hushed = True
        assert comes_true(lambda: has_lost(turn))
        assert comes_true(lambda: has_lost(presence))
        gate.hushed = False
        gate.cut()
        assert comes_true(lambda: not has_lost(presence))
        turn.end()
