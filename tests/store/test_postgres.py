"""PostgreSQL as workers meet it: opened, refused, lost and found again, with words for a person; and many writers at once."""

from __future__ import annotations

import re
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace

import pytest
from psycopg import errors
from sqlalchemy import make_url
from sqlalchemy.exc import DBAPIError

from helpdesk.errors import DatabaseUnavailable
from helpdesk.store import postgres as postgres_store
from helpdesk.store.backend import Work
from helpdesk.store.database import Database, backend_of, check_database, open_database, upgrade
from helpdesk.store.faults import RowRefused, in_words
from tests.servers.gate import running_gate
from tests.servers.postgres import PASSWORD, USER, Postgres
from tests.store.files import impatient, server_connection, sql
from tests.store.patience import comes_true
from tests.store.samples import SECRET, open_ticket, raw, store_messages, stored, write_in, write_in_once


@pytest.fixture
def url(postgres_url: str) -> str:
    return impatient(postgres_url)


def name_of(url: str) -> str:
    return make_url(url).database or ""


# Opening it


def test_empty_database_is_refused_with_what_to_do_and_stays_empty(empty_postgres_url: str) -> None:
    with pytest.raises(DatabaseUnavailable, match=r"is empty, and nothing was made in it.*helpdesk run --start-from now"):
        open_database(empty_postgres_url, SECRET)
    assert sql(empty_postgres_url, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'") == []


def test_empty_database_is_fine_for_a_check_and_is_made_by_the_first_start(empty_postgres_url: str) -> None:
    check_database(empty_postgres_url, SECRET)
    with closing(open_database(empty_postgres_url, SECRET, create=True)) as database:
        assert write_in_once(database).ticket.number == 1001
    check_database(empty_postgres_url, SECRET)


def test_tables_in_another_schema_do_not_matter(empty_postgres_url: str) -> None:
    sql(empty_postgres_url, "CREATE SCHEMA accounts")
    sql(empty_postgres_url, "CREATE TABLE accounts.alembic_version (version_num text)")
    open_database(empty_postgres_url, SECRET, create=True).close()


def test_a_database_that_another_alembic_has_made_is_not_ours(empty_postgres_url: str) -> None:
    sql(empty_postgres_url, "CREATE TABLE alembic_version (version_num text)")
    sql(empty_postgres_url, "INSERT INTO alembic_version VALUES ('3f2a')")
    with pytest.raises(DatabaseUnavailable, match="not ours"):
        upgrade(empty_postgres_url)


def test_a_user_who_may_make_no_tables_is_told_before_the_start(postgres: Postgres, empty_postgres_url: str) -> None:
    postgres.execute(f'ALTER DATABASE "{name_of(empty_postgres_url)}" OWNER TO postgres')
    with pytest.raises(DatabaseUnavailable, match=r"may make no tables.*ALTER DATABASE"):
        check_database(empty_postgres_url, SECRET)


def test_two_workers_may_make_it_at_the_same_time(empty_postgres_url: str) -> None:
    opened: list[Database] = []
    threads = [
        threading.Thread(target=lambda: opened.append(open_database(empty_postgres_url, SECRET, create=True))) for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for database in opened:
        write_in_number(database, len(opened))
        database.close()
    assert sql(empty_postgres_url, "SELECT count(*) FROM secret_key") == [(3,)]


def write_in_number(database: Database, count: int) -> None:
    assert count == 2
    with database.writing() as uow:
        assert uow.mailboxes.all() == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"password": "wrong"}, r"refuses our login.*HELPDESK_DATABASE_URL"),
        ({"username": "nobody-here"}, r"refuses our login"),
        ({"database": "no-such-database"}, r"no database of this name.*createdb"),
        ({"port": 1}, r"No database server listens there"),
        ({"host": "no-such-host.invalid"}, r"name is not known"),
        ({"query": {"sslmode": "require"}}, r"speaks no TLS"),
    ],
    ids=["password", "user", "database", "port", "host", "no TLS"],
)
def test_a_login_that_fails_is_explained_and_shows_no_password(
    postgres_url: str, changes: dict[str, object], words: str
) -> None:
    wrong = make_url(postgres_url).set(**changes).render_as_string(hide_password=False)  # type: ignore[arg-type]
    with pytest.raises(DatabaseUnavailable, match=words) as caught:
        open_database(wrong, SECRET)
    shown = "".join(traceback.format_exception(caught.value))
    assert PASSWORD not in shown
    assert "No mail is lost" in str(caught.value)


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("nonsense=x", "nonsense"),
        ("connect_timeout=abc", "connect_timeout"),
        ("keepalives=abc", "keepalives"),
        ("sslmode=abc", "sslmode"),
        ("ssl_min_protocol_version=abc", "ssl_min_protocol_version"),
        ("client_encoding=xabc", "client_encoding"),
        ("hostaddr=abc", "hostaddr"),
        ("service=abc", "service"),
        ("options=abc", "options"),
        ("options=-c%20lock_timeout%3Dabc", "lock_timeout"),
        ("options=-c%20lock_timeout", "lock_timeout"),
        ("options=-c%20nonsense%3Dabc", "nonsense"),
        ("options=-c%20log_min_messages%3Ddebug1", "log_min_messages"),
        ("prepare_threshold=abc", "prepare_threshold"),
        ("row_factory=abc", "row_factory"),
    ],
)
def test_an_option_of_the_url_that_is_not_taken_is_named_without_its_value(postgres_url: str, query: str, name: str) -> None:
    with pytest.raises(DatabaseUnavailable, match=f"The option {name} in HELPDESK_DATABASE_URL is not known, or") as caught:
        open_database(f"{postgres_url}?{query}", SECRET)
    assert "abc" not in str(caught.value)
    assert PASSWORD not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("postgresql+psycopg2://helpdesk@localhost/desk", r"asks for postgresql\+psycopg2, which is not supported"),
        ("postgresql+psycopg://helpdesk@localhost", "names no database"),
    ],
)
def test_url_that_cannot_serve_is_explained(url: str, words: str) -> None:
    with pytest.raises(DatabaseUnavailable, match=rf"{words}.*postgresql\+psycopg://helpdesk:PASSWORD@HOST/helpdesk"):
        backend_of(url)


def test_a_missing_driver_is_explained(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(DatabaseUnavailable, match=r"driver for PostgreSQL is missing.*psycopg\[binary\]"):
        open_database(postgres_url, SECRET)


def test_the_short_name_of_the_driver_is_enough(postgres_url: str) -> None:
    open_database(postgres_url.replace("postgresql+psycopg", "postgresql"), SECRET).close()


# Losing it


def test_a_server_without_a_connection_left_is_explained(postgres: Postgres, url: str) -> None:
    postgres.execute(f'ALTER DATABASE "{name_of(url)}" CONNECTION LIMIT 0')
    with pytest.raises(DatabaseUnavailable, match=r"no connection left for us.*max_connections"):
        open_database(url, SECRET)


def test_a_copy_that_only_follows_is_explained(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(open_database(url, SECRET)) as database:
        read_only = "BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY"
        monkeypatch.setitem(postgres_store._BEGIN, Work.DECIDE, read_only)
        with database.writing() as uow:
            with pytest.raises(DatabaseUnavailable, match=r"can't be written to.*name the server that takes changes"):
                store_messages(uow, raw())
            with pytest.raises(DatabaseUnavailable):
                uow.commit()


def test_a_connection_that_is_lost_in_the_middle_keeps_nothing_and_the_next_one_serves(postgres: Postgres, url: str) -> None:
    with closing(open_database(url, SECRET)) as database:
        with database.writing() as uow:
            store_messages(uow, raw(1))
            postgres.end_sessions(name_of(url), f"usename = '{USER}'")
            with pytest.raises(DatabaseUnavailable, match="connection to the database server was lost"):
                store_messages(uow, raw(2))
            with pytest.raises(DatabaseUnavailable):
                uow.commit()
        assert stored(database) == 0
        write_in_once(database)


def test_a_commit_whose_connection_is_lost_is_told(postgres: Postgres, url: str) -> None:
    with closing(open_database(url, SECRET)) as database:
        with database.writing() as uow:
            store_messages(uow, raw(1))
            postgres.end_sessions(name_of(url), f"usename = '{USER}'")
            with pytest.raises(DatabaseUnavailable):
                uow.commit()
        assert stored(database) == 0


def test_connections_that_died_in_the_pool_are_not_noticed(postgres: Postgres, url: str) -> None:
    with closing(open_database(url, SECRET)) as database:
        write_in_once(database)
        postgres.end_sessions(name_of(url), f"usename = '{USER}'")
        assert stored(database) == 0


def test_a_server_that_never_answers_is_given_up(postgres: Postgres, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres_store, "LONGEST_STATEMENT", 0.1)
    monkeypatch.setattr(postgres_store, "LOOK_EVERY", 0.05)
    with (
        running_gate(postgres.port, lines=False) as gate,
        closing(open_database(postgres.url(name_of(url), port=gate.port), SECRET)) as database,
    ):
        with database.writing() as uow:
            gate.hushed = True
            with pytest.raises(DatabaseUnavailable, match="was lost"):
                store_messages(uow, raw())
        gate.hushed = False
        assert stored(database) == 0


@pytest.mark.parametrize(("work", "hurries"), [(Work.READ, True), (Work.COPY, False), (Work.UPGRADE, False)])
def test_only_what_may_take_long_is_waited_for_without_end(url: str, work: Work, hurries: bool) -> None:
    backend = backend_of(url)
    engine = backend.engine()
    with backend.begun(engine, work) as connection:
        shown = {
            str(connection.exec_driver_sql(f"SHOW {name}").scalar_one())
            for name in ("statement_timeout", "idle_in_transaction_session_timeout")
        }
    engine.dispose()
    assert shown == ({"1min"} if hurries else {"0"})


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (errors.DiskFull, r"disk is full.*Free space"),
        (errors.OutOfMemory, r"no memory left"),
        (errors.TooManyConnections, r"no connection left"),
        (errors.LockNotAvailable, r"kept locked by others"),
        (errors.QueryCanceled, r"took longer"),
        (errors.SerializationFailure, r"gave up one of two"),
        (errors.DeadlockDetected, r"gave up one of two"),
        (errors.CannotConnectNow, r"starting or stopping"),
        (errors.AdminShutdown, r"connection to the database server was lost"),
        (errors.IdleInTransactionSessionTimeout, r"connection to the database server was lost"),
        (errors.InsufficientPrivilege, r"may not do that"),
        (errors.UndefinedTable, r"table of ours is missing"),
        (errors.DataCorrupted, r"is damaged.*restore the last backup"),
        (errors.IoError, r"could not be read or written"),
        (errors.FeatureNotSupported, r"can't be used"),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else "",
)
def test_what_the_server_says_is_put_in_our_words(kind: type[errors.Error], words: str) -> None:
    told = in_words(DBAPIError("SELECT 1", {}, kind("what it says names Sam")))
    assert isinstance(told, DatabaseUnavailable)
    assert re.search(words, str(told))
    assert "Sam" not in str(told)


# Refused rows


def test_a_refused_row_ends_its_part_and_no_other(url: str) -> None:
    with closing(open_database(url, SECRET)) as database:
        with database.writing() as uow:
            written = write_in(uow)
            with pytest.raises(RowRefused, match="uq_ticket_opened_by_message"), uow.savepoint():
                open_ticket(uow, written.stored)
            store_messages(uow, raw(2))
            uow.commit()
        assert stored(database) == 1


def test_a_refused_row_that_nobody_told_of_still_undoes_its_part(url: str) -> None:
    def try_in_vain() -> None:
        with uow.savepoint():
            store_messages(uow, raw(2))
            with pytest.raises(RowRefused):
                open_ticket(uow, written.stored)

    with closing(open_database(url, SECRET)) as database:
        with database.writing() as uow:
            written = write_in(uow)
            with pytest.raises(RowRefused, match="uq_ticket_opened_by_message"):
                try_in_vain()
            uow.commit()
        assert stored(database) == 0


def test_a_refused_row_outside_of_a_part_ends_everything_and_the_commit_says_so(url: str) -> None:
    with closing(open_database(url, SECRET)) as database:
        with database.writing() as uow:
            written = write_in(uow)
            with pytest.raises(RowRefused):
                open_ticket(uow, written.stored)
            with pytest.raises(RowRefused, match="uq_ticket_opened_by_message"):
                uow.messages.quarantined()
            with pytest.raises(RowRefused, match="uq_ticket_opened_by_message"):
                uow.commit()
        with database.reading() as uow:
            assert uow.mailboxes.all() == []


@pytest.mark.parametrize("number", [0, -1, 2**31, 2**80])
def test_a_number_that_no_ticket_can_have_is_not_found(url: str, number: int) -> None:
    with closing(open_database(url, SECRET)) as database, database.reading() as uow:
        assert uow.tickets.by_number(number) is None


def test_a_missing_value_is_named_by_its_column(url: str) -> None:
    with closing(open_database(url, SECRET)) as database, database.writing() as uow:
        (message,) = store_messages(uow, raw())
        with pytest.raises(RowRefused, match="NotNullViolation: opened_by_message"), uow.savepoint():
            open_ticket(uow, replace(message, id=None))  # type: ignore[arg-type]


# Many at once


@contextmanager
def waiting_for_lock(postgres: Postgres, url: str) -> Iterator[None]:
    """At the end, somebody waits for an advisory lock in this database."""
    yield
    waiting = "SELECT 1 FROM pg_stat_activity WHERE datname = %s AND wait_event = 'advisory'"
    assert comes_true(lambda: bool(postgres.execute(waiting, name_of(url))))


def test_workers_decide_one_after_the_other(postgres: Postgres, postgres_url: str) -> None:
    numbers: list[int] = []

    def decide(database: Database, uid: int) -> None:
        with database.writing() as uow:
            numbers.append(len(uow.messages.known_uids(mailbox_id, 7, range(1, 10))))
            store_messages(uow, raw(uid))
            uow.commit()

    with closing(open_database(postgres_url, SECRET)) as one, closing(open_database(postgres_url, SECRET)) as other:
        with one.writing() as uow:
            mailbox_id = write_in(uow, 1).stored.mailbox_id
            second = threading.Thread(target=decide, args=(other, 2))
            with waiting_for_lock(postgres, postgres_url):
                second.start()
            uow.commit()
        second.join()
        decide(one, 3)
    # Each saw everything that was decided before it, also what was written while it waited.
    assert numbers == [1, 2]


def test_a_worker_that_can_not_decide_in_time_is_told(url: str) -> None:
    with closing(open_database(url, SECRET)) as one, closing(open_database(url, SECRET)) as other:
        with one.writing(), pytest.raises(DatabaseUnavailable, match="kept locked by others"), other.writing():
            pytest.fail("must not begin")
        with one.writing(), other.delivering() as uow, other.reading() as reader:
            assert uow.mailboxes.all() == reader.mailboxes.all() == []


def test_another_program_that_keeps_rows_locked_is_explained(url: str) -> None:
    with closing(open_database(url, SECRET)) as database:
        written = write_in_once(database)
        with server_connection(url) as other:
            other.execute("UPDATE ticket SET topic = 'held'")
            with (
                database.writing() as uow,
                pytest.raises(DatabaseUnavailable, match=r"kept locked by others.*pg_stat_activity"),
            ):
                uow.tickets.save(written.ticket)
            other.rollback()
        with database.writing() as uow:
            uow.tickets.save(written.ticket)
            uow.commit()
