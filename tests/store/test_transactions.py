"""One transaction: all of it or nothing, a part that fails alone, and threads that take turns."""

from __future__ import annotations

import threading
import traceback
from contextlib import suppress

import pytest
from sqlalchemy import text
from sqlalchemy.exc import InterfaceError, OperationalError, StatementError, TimeoutError

from helpdesk.errors import DatabaseUnavailable
from helpdesk.model.message import Address, MessageState
from helpdesk.model.ticket import Event, EventKind
from helpdesk.store import sqlite
from helpdesk.store.database import Database, open_database
from helpdesk.store.faults import RowRefused, in_words
from tests.store.samples import (
    NOW,
    SECRET,
    closing_database,
    letter,
    open_ticket,
    raw,
    start_mailbox,
    store_messages,
    stored,
    write_in,
    write_in_once,
)


def test_uncommitted_work_is_rolled_back(database: Database) -> None:
    with database.writing() as uow:
        store_messages(uow, raw())
    assert stored(database) == 0


def test_exception_rolls_everything_back(database: Database) -> None:
    def fail_halfway() -> None:
        with database.writing() as uow:
            store_messages(uow, raw())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_halfway()
    assert stored(database) == 0
    write_in_once(database)


def test_error_after_a_commit_does_not_undo_it(database: Database) -> None:
    with suppress(ZeroDivisionError), database.writing() as uow:
        store_messages(uow, raw(1))
        uow.commit()
        raise ZeroDivisionError
    assert stored(database) == 1


def test_commit_that_fails_keeps_nothing(file_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing_database(file_url) as database:
        ticket = write_in_once(database).ticket
    with closing_database(file_url) as database:
        database.close()
        # The next connection finds out at its first commit only that a row points nowhere.
        monkeypatch.setattr(sqlite, "PRAGMAS", (*sqlite.PRAGMAS, "PRAGMA defer_foreign_keys=ON"))
        with database.writing() as uow:
            uow.tickets.add_events(ticket.id, [Event(EventKind.OPENED, NOW, "worker", message_id="nowhere")])
            with pytest.raises(RowRefused, match="FOREIGN KEY"):
                uow.commit()
        with database.reading() as uow:
            assert uow.tickets.events(ticket.id) == []


def test_part_fails_alone(database: Database) -> None:
    with database.writing() as uow:
        store_messages(uow, raw(1))
        with suppress(ZeroDivisionError), uow.savepoint():
            store_messages(uow, raw(2))
            raise ZeroDivisionError
        with uow.savepoint():
            store_messages(uow, raw(3))
        uow.commit()
    with database.reading() as uow:
        mailbox = uow.mailboxes.find("info@example.org", "INBOX")
        assert mailbox is not None
        assert [each.raw.uid for each in uow.messages.unprocessed(mailbox.id, 10)] == [1, 3]


def test_part_that_breaks_a_rule_fails_alone(database: Database) -> None:
    with database.writing() as uow:
        written = write_in(uow, 1)
        with pytest.raises(RowRefused), uow.savepoint():
            start_mailbox(uow)
        uow.commit()
    with database.reading() as uow:
        assert uow.tickets.by_number(1001) == written.ticket


def test_what_was_put_off_survives_a_part_that_wrote_it_and_failed(database: Database) -> None:
    with database.writing() as uow:
        ticket = write_in(uow, 1).ticket
        added = uow.outbox.add(letter(ticket.id), NOW)
        with suppress(ZeroDivisionError), uow.savepoint():
            assert uow.tickets.by_message_ids(["first@example.org"]) == [ticket]
            raise ZeroDivisionError
        uow.commit()
    with database.writing() as uow:
        assert uow.tickets.by_message_ids(["first@example.org"]) == [ticket]
        assert [each.id for each in uow.outbox.stale(NOW, NOW.replace(year=2030))] == [added]


def test_parts_can_be_nested(database: Database) -> None:
    with database.writing() as uow:
        with uow.savepoint():
            store_messages(uow, raw(1))
            with suppress(ZeroDivisionError), uow.savepoint():
                store_messages(uow, raw(2))
                raise ZeroDivisionError
        uow.commit()
    assert stored(database) == 1


def test_part_that_fails_after_a_part_of_it_failed_is_undone_whole(database: Database) -> None:
    with database.writing() as uow:
        store_messages(uow, raw(1))
        with suppress(ZeroDivisionError), uow.savepoint():
            store_messages(uow, raw(2))
            with suppress(ZeroDivisionError), uow.savepoint():
                store_messages(uow, raw(3))
                raise ZeroDivisionError
            with uow.savepoint():
                store_messages(uow, raw(4))
            raise ZeroDivisionError
        uow.commit()
    assert stored(database) == 1


def test_unit_of_work_for_reading_does_not_write(database: Database) -> None:
    with database.reading() as uow, pytest.raises(RuntimeError, match="for reading"):
        start_mailbox(uow)
    with database.reading() as uow, pytest.raises(RuntimeError, match="for reading"):
        uow.tickets._transaction.insert_numbered(text("SELECT 1"), {})  # type: ignore[arg-type]


def test_reading_sees_the_database_as_it_was_at_its_first_look(database: Database) -> None:
    with database.reading() as uow:
        assert uow.messages.count(MessageState.STORED) == 0
        with database.writing() as other:
            store_messages(other, raw())
            other.commit()
        assert uow.messages.count(MessageState.STORED) == 0
    assert stored(database) == 1


def test_threads_write_one_after_the_other(url: str) -> None:
    database = open_database(url.partition("?")[0], SECRET, create=True)
    with database.writing() as uow:
        start_mailbox(uow)
        uow.commit()

    def write(first_uid: int) -> None:
        for uid in range(first_uid, first_uid + 10):
            with database.writing() as uow:
                write_in(uow, uid)
                uow.commit()

    threads = [threading.Thread(target=write, args=(100 * number,)) for number in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.reading() as uow:
        assert uow.messages.count(MessageState.PROCESSED) == 40
        assert uow.tickets.by_number(1040) is not None
    database.close()


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (TimeoutError("no connection"), DatabaseUnavailable, "Too many threads"),
        (OperationalError("SELECT", {}, Exception("gone away")), RowRefused, "Exception"),
        (InterfaceError("SELECT", {}, TypeError("bind")), RowRefused, "TypeError"),
        (StatementError("x", "SELECT", {}, ValueError("naive")), RowRefused, "StatementError"),
    ],
    ids=["pool", "unknown driver error", "wrong type", "naive time"],
)
def test_errors_are_put_in_our_words(error: Exception, kind: type[Exception], words: str) -> None:
    told = in_words(error)  # type: ignore[arg-type]
    assert isinstance(told, kind)
    assert words in str(told)


def test_refused_row_shows_no_value(database: Database) -> None:
    with database.writing() as uow:
        written = write_in(uow)
        with pytest.raises(RowRefused) as caught:
            open_ticket(uow, written.stored, Address("Sam", "confidential@example.org"))
    shown = "".join(traceback.format_exception(caught.value))
    assert written.stored.id not in shown
    assert "confidential@" not in shown.replace('"confidential@example.org"', "the line of this test")
    assert "opened_by_message" in str(caught.value)
