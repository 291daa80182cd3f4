"""The tables: migrations give exactly the schema, times are UTC, and no mail costs a look at every row."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Column, Connection, Engine, Integer, MetaData, Table, event, insert, inspect, select
from sqlalchemy.dialects import sqlite as sqlite_dialect
from sqlalchemy.exc import StatementError
from sqlalchemy.schema import CreateIndex, CreateTable

from helpdesk.model.delivery import Attempt, DeliveryState, Outcome, Purpose
from helpdesk.model.message import MessageState
from helpdesk.model.staff import StaffToken
from helpdesk.model.ticket import TicketState
from helpdesk.store.backend import Work
from helpdesk.store.database import Database, backend_of, open_database
from helpdesk.store.faults import RowRefused
from helpdesk.store.migrate import alembic_config
from helpdesk.store.moments import UtcDateTime
from helpdesk.store.revision import REVISIONS
from helpdesk.store.schema import metadata
from tests.store.files import sql
from tests.store.samples import HOUR, NOW, SECRET, letter, raw, store_messages, write_in

MOMENTS = Table("moments", MetaData(), Column("id", Integer, primary_key=True), Column("at", UtcDateTime))


@pytest.fixture
def connection(url: str) -> Iterator[Connection]:
    open_database(url, SECRET, create=True).close()
    backend = backend_of(url)
    engine = backend.engine()
    with backend.begun(engine, Work.DECIDE) as connection:
        yield connection
    engine.dispose()


def test_migrations_give_the_schema(connection: Connection) -> None:
    context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
    assert compare_metadata(context, metadata) == []


def test_migrations_give_the_same_statements(file_url: str) -> None:
    """What autogenerate does not compare: checks, conditions of indexes, tables without rowid, autoincrement."""
    open_database(file_url, SECRET, create=True).close()
    made = {
        words(row[0])
        for row in sql(file_url, "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'")
    }
    dialect = sqlite_dialect.dialect()  # type: ignore[no-untyped-call]
    wanted = {words(str(CreateTable(table).compile(dialect=dialect))) for table in metadata.tables.values()}
    wanted |= {
        words(str(CreateIndex(index).compile(dialect=dialect))) for table in metadata.tables.values() for index in table.indexes
    }
    assert wanted == {statement for statement in made if "alembic_version" not in statement}


def words(statement: str) -> tuple[str, ...]:
    """The words of a statement, sorted, since constraints may stand in any order."""
    return tuple(sorted(re.findall(r"[\w.'<>=]+", statement)))


def test_every_migration_is_known_oldest_first() -> None:
    scripts = ScriptDirectory.from_config(alembic_config())
    assert tuple(each.revision for each in reversed(list(scripts.walk_revisions()))) == REVISIONS


def test_every_constraint_that_may_fail_has_a_name(connection: Connection) -> None:
    inspector = inspect(connection)
    for table in metadata.tables:
        named = inspector.get_unique_constraints(table) + inspector.get_foreign_keys(table)
        assert all(constraint["name"] for constraint in named), table


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 3, 29, 1, 30, tzinfo=UTC),
        datetime(2026, 3, 29, 6, 30, tzinfo=timezone(timedelta(hours=5))),
        datetime(2026, 3, 28, 20, 30, 0, 123456, tzinfo=timezone(timedelta(hours=-5))),
        None,
    ],
    ids=["UTC", "east", "west", "none"],
)
def test_time_comes_back_as_the_same_moment_in_utc(connection: Connection, moment: datetime | None) -> None:
    MOMENTS.create(connection)
    connection.execute(insert(MOMENTS), {"at": moment})
    found = connection.execute(select(MOMENTS.c.at)).scalar_one()
    assert found == moment
    assert found is None or found.tzinfo is UTC


def test_times_are_compared_as_moments(connection: Connection) -> None:
    MOMENTS.create(connection)
    east = datetime(2026, 3, 29, 6, 30, tzinfo=timezone(timedelta(hours=5)))
    connection.execute(insert(MOMENTS), {"at": east})
    later = datetime(2026, 3, 29, 1, 31, tzinfo=UTC)
    assert connection.execute(select(MOMENTS.c.id).where(MOMENTS.c.at < later)).all()
    assert not connection.execute(select(MOMENTS.c.id).where(MOMENTS.c.at > later)).all()


def test_zone_of_another_database_is_turned_into_utc() -> None:
    east = datetime(2026, 3, 29, 6, 30, tzinfo=timezone(timedelta(hours=5)))
    found = UtcDateTime().process_result_value(east, sqlite_dialect.dialect())  # type: ignore[no-untyped-call]
    assert found == east
    assert found is not None
    assert found.tzinfo is UTC


def test_naive_time_is_refused(connection: Connection) -> None:
    naive = NOW.replace(tzinfo=None)
    MOMENTS.create(connection)
    with pytest.raises(StatementError, match="without its zone"):
        connection.execute(insert(MOMENTS), {"at": naive})


def test_naive_time_is_one_rows_fault(database: Database) -> None:
    with database.writing() as uow, pytest.raises(RowRefused):
        store_messages(uow, raw(received_at=NOW.replace(tzinfo=None)))


@contextmanager
def statements() -> Iterator[list[tuple[str, Any]]]:
    """Every statement that is executed, with its parameters."""
    seen: list[tuple[str, Any]] = []

    def note(connection: Connection, cursor: object, statement: str, parameters: Any, context: object, many: bool) -> None:
        seen.append((statement, parameters[0] if many else parameters))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def everything_a_mail_costs(database: Database) -> None:
    both = (Purpose.ACKNOWLEDGEMENT, Purpose.ACKNOWLEDGEMENT_AGAIN)
    with database.writing() as uow:
        written = write_in(uow, assignee="mike")
        mailbox_id = written.stored.mailbox_id
        uow.messages.known_uids(mailbox_id, 7, [1])
        uow.messages.unprocessed(mailbox_id, 50)
        uow.messages.find_twin(["a"])
        uow.messages.same_text("example.org", "hello", NOW, NOW, NOW)
        uow.messages.quarantined()
        uow.messages.of_ticket(written.ticket.id)
        uow.messages.count(MessageState.STORED)
        uow.messages.count(MessageState.QUARANTINED)
        uow.messages.machine_mail(10)
        uow.tickets.by_message_ids(["first@example.org"])
        uow.tickets.of_requester("sam@example.org")
        uow.tickets.has_participant(written.ticket.id, "sam@example.org")
        uow.tickets.events(written.ticket.id)
        uow.tickets.save(written.ticket)
        uow.tickets.workloads()
        uow.tickets.list([TicketState.NEW, TicketState.OPEN], 10)
        uow.outbox.add(letter(written.ticket.id), NOW)
        uow.outbox.add(letter(None, "day:2026-11-02"), NOW)
        uow.outbox.sent_to("sam@example.org", both, NOW)
        uow.outbox.sent_in_all(both, NOW)
        uow.outbox.acknowledged_on(written.ticket.id)
        uow.outbox.stale(NOW, NOW)
        claimed, other = uow.outbox.claim(NOW, HOUR, 50, 7)
        uow.outbox.record(claimed, Attempt(Outcome.SENT), DeliveryState.SENT, None, NOW)
        uow.outbox.give_back([other], NOW)
        uow.outbox.claimants(NOW)
        uow.outbox.end_leases_of(7, NOW)
        uow.outbox.oldest_due(NOW)
        uow.outbox.counts()
        uow.messages.counts()
        uow.messages.begin_alone(written.stored.id)
        uow.restorations.covering(NOW)
        uow.people.exclude("mike", "sam@example.org", NOW)
        uow.people.excluded_for("sam@example.org")
        uow.people.allow("mike", "sam@example.org")
        uow.tokens.add("a" * 32, StaffToken("mike", written.ticket.id, claimed.id, NOW, NOW + HOUR))
        uow.tokens.find("a" * 32)
        uow.tickets.by_id(written.ticket.id)
        uow.replies.of_ticket(written.ticket.id)
        uow.replies.caused_by("reply:1")
        uow.replies.answered_mail(claimed.id)
        uow.replies.let_go(claimed.id, NOW)
        uow.replies.record_answer(written.ticket.id, NOW, NOW)
        uow.sent_copies.add(claimed.id, NOW)
        uow.sent_copies.due(NOW, 10)
        uow.sent_copies.put_off(claimed.id, NOW)
        uow.sent_copies.done(claimed.id)
        uow.waiting.tickets(NOW)
        uow.waiting.stopped(NOW, NOW)
        uow.waiting.junk(NOW, NOW)
        uow.waiting.alerts(NOW, NOW)
        uow.outbox.list([DeliveryState.PENDING, DeliveryState.FAILED, DeliveryState.HELD], 10)
        uow.commit()


def test_no_statement_reads_a_whole_table(database: Database, connection: Connection) -> None:
    connection.rollback()
    with statements() as seen:
        everything_a_mail_costs(database)
    scans = set()
    explain = "EXPLAIN QUERY PLAN" if connection.dialect.name == "sqlite" else "EXPLAIN"
    if explain == "EXPLAIN":
        # Tables of a few rows are read whole else. Now it happens only where no index can serve.
        connection.exec_driver_sql("SET enable_seqscan = off")
    for statement, parameters in seen:
        if statement.startswith(("SELECT", "UPDATE", "WITH")) and "advisory" not in statement:
            plan = connection.exec_driver_sql(f"{explain} {statement}", parameters).all()
            steps = [str(row[-1]).strip() for row in plan]
            scans |= {(step, statement) for step in steps if "SCAN " in step.upper() and not is_bounded(step)}
    assert scans == set()
    assert len(seen) > 30


def is_bounded(step: str) -> bool:
    """A scan of what is few by its nature: an index over unfinished rows, a list of assignees, a step of ordering."""
    few = ("ix_ticket_not_closed", "ix_ticket_waiting", "ix_message_quarantined", "ix_message_stored", "ix_message_machine")
    few += ("ix_delivery_due", "ix_delivery_unoffered", "ix_delivery_unsent", "ix_delivery_held")
    if "Seq Scan on" not in step and not step.startswith("SCAN "):
        return True
    if "restoration" in step:
        return True
    return step in ("SCAN assignees", "SCAN CONSTANT ROW") or any(name in step for name in few)
