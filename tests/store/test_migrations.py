"""Every migration forward, on both kinds of database, with data in every table."""

from __future__ import annotations

from contextlib import closing
from datetime import date, timedelta

import pytest
from alembic import command
from sqlalchemy import inspect

from helpdesk.model.delivery import Attempt, DeliveryState, Outcome
from helpdesk.model.message import MessageState
from helpdesk.model.staff import Absence, StaffToken
from helpdesk.model.ticket import Event, EventKind
from helpdesk.store.backend import Work
from helpdesk.store.database import Database, backend_of, open_database, upgrade
from helpdesk.store.migrate import alembic_config
from helpdesk.store.revision import REVISIONS
from helpdesk.store.schema import metadata
from tests.store.files import sql
from tests.store.samples import HOUR, NOW, SECRET, letter, raw, store_messages, write_in

# What each migration brought: tables, columns of tables that were there, and indexes on those.
BROUGHT = {
    "0002": (
        ("alarm", "restoration"),
        (("mailbox", "polled_at"), ("mailbox", "reconciled_at"), ("message", "begun"), ("delivery", "claimed_by")),
        ("ix_delivery_pending", "ix_delivery_claimed"),
    ),
    "0003": (("staff_token", "exclusion", "sent_copy"), (("ticket", "reminders_paused"),), ("ix_ticket_waiting",)),
    "0004": (("early_answer",), (), ()),
}


def migrate_to(url: str, target: str) -> None:
    backend = backend_of(url)
    backend.prepare(create=True)
    engine = backend.engine()
    with backend.begun(engine, Work.UPGRADE) as connection:
        config = alembic_config()
        config.attributes["connection"] = connection
        command.upgrade(config, target)
        connection.commit()
    engine.dispose()


def fill(database: Database) -> str:
    """A row in every table; returns the id of a message that waits."""
    with database.writing() as uow:
        ticket = write_in(uow, assignee="mike").ticket
        (waiting,) = store_messages(uow, raw(2))
        uow.tickets.add_events(ticket.id, [Event(EventKind.OPENED, NOW, "requester", "default")])
        uow.outbox.add(letter(ticket.id), NOW)
        uow.outbox.add(letter(ticket.id, "message:2"), NOW + HOUR)
        (claimed,) = uow.outbox.claim(NOW, timedelta(minutes=2), 1, 7)
        uow.outbox.record(claimed, Attempt(Outcome.TRANSIENT, 451, "later"), DeliveryState.PENDING, NOW, NOW)
        uow.people.mark_unreachable("sam@example.org", NOW)
        uow.people.add_absence(Absence("mike", date(2026, 11, 2), date(2026, 11, 9)))
        uow.people.exclude("mike", "sam@example.org", NOW)
        uow.tokens.add("a" * 32, StaffToken("mike", ticket.id, claimed.id, NOW, NOW + HOUR))
        uow.sent_copies.add(claimed.id, NOW)
        uow.early_answers.add(waiting.id, ["question@example.org"], NOW)
        uow.alarms.raise_("mail-waits", NOW)
        uow.restorations.add(NOW, NOW + HOUR, NOW + HOUR)
        uow.commit()
    return waiting.id


def columns_of(url: str) -> dict[str, list[str]]:
    engine = backend_of(url).engine()
    inspector = inspect(engine)
    found = {name: [column["name"] for column in inspector.get_columns(name)] for name in inspector.get_table_names()}
    engine.dispose()
    return found


def rows_of(url: str, columns: dict[str, list[str]]) -> dict[str, list[str]]:
    return {
        table: sorted(repr(row) for row in sql(url, f"SELECT {', '.join(names)} FROM {table}"))  # noqa: S608 - our own names
        for table, names in columns.items()
        if table != "alembic_version"
    }


def take_back(url: str, revision: str) -> None:
    """Make the database what it was before this migration, its rows included."""
    tables, columns, indexes = BROUGHT[revision]
    for index in indexes:
        sql(url, f"DROP INDEX {index}")
    for table, column in columns:
        sql(url, f"ALTER TABLE {table} DROP COLUMN {column}")
    for table in tables:
        sql(url, f"DROP TABLE {table}")
    sql(url, "UPDATE alembic_version SET version_num = ?", REVISIONS[REVISIONS.index(revision) - 1])


def test_data_in_every_table_outlives_every_migration(new_url: str) -> None:
    with closing(open_database(new_url, SECRET, create=True)) as database:
        waiting = fill(database)
    assert all(rows_of(new_url, columns_of(new_url)).values()), "every table has a row"
    for revision in reversed(REVISIONS[1:]):
        take_back(new_url, revision)
    before = columns_of(new_url)
    rows = rows_of(new_url, before)
    upgrade(new_url)
    assert rows_of(new_url, before) == rows
    assert set(columns_of(new_url)) == {*metadata.tables, "alembic_version"}
    with closing(open_database(new_url, SECRET)) as database, database.writing() as uow:
        ticket = uow.tickets.by_number(1001)
        assert ticket is not None
        assert not ticket.reminders_paused
        assert uow.messages.begin_alone(waiting) == 1
        assert len(uow.outbox.claim(NOW, HOUR, 10, 7)) == 1
        assert uow.alarms.raised() == []
        assert [(each.polled_at, each.reconciled_at) for each in uow.mailboxes.all()] == [(None, None)]
        assert uow.messages.count(MessageState.STORED) == 1


@pytest.mark.parametrize("revision", REVISIONS[:-1])
def test_what_is_taken_back_is_what_the_older_migrations_give(new_url: str, revision: str) -> None:
    """Else the test above would migrate from something that never was."""
    migrate_to(new_url, revision)
    older = columns_of(new_url)
    upgrade(new_url)
    for later in reversed(REVISIONS[REVISIONS.index(revision) + 1 :]):
        take_back(new_url, later)
    assert {table: sorted(names) for table, names in columns_of(new_url).items()} == {
        table: sorted(names) for table, names in older.items()
    }


def test_numbers_of_tickets_begin_at_1001(new_url: str) -> None:
    with closing(open_database(new_url, SECRET, create=True)) as database, database.writing() as uow:
        assert [write_in(uow, uid).ticket.number for uid in (1, 2)] == [1001, 1002]
