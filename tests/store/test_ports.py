"""The store has every method that the jobs ask for, with the parameters that they name."""

from __future__ import annotations

import inspect

import pytest

from helpdesk.jobs import ports
from helpdesk.store.alarms import SqlAlarms
from helpdesk.store.database import Database
from helpdesk.store.early_answers import SqlEarlyAnswers
from helpdesk.store.file_locks import FileLock
from helpdesk.store.mailboxes import SqlMailboxes
from helpdesk.store.messages import SqlMessages
from helpdesk.store.outbox import SqlOutbox
from helpdesk.store.people import SqlPeople
from helpdesk.store.presence import Presence
from helpdesk.store.replies import SqlReplies
from helpdesk.store.restorations import SqlRestorations
from helpdesk.store.sent_copies import SqlSentCopies
from helpdesk.store.session_locks import SessionLock
from helpdesk.store.tickets import SqlTickets
from helpdesk.store.tokens import SqlTokens
from helpdesk.store.unit_of_work import SqlUnitOfWork
from helpdesk.store.waiting import SqlWaiting

PAIRS = [
    (ports.Mailboxes, SqlMailboxes),
    (ports.Messages, SqlMessages),
    (ports.Tickets, SqlTickets),
    (ports.Outbox, SqlOutbox),
    (ports.People, SqlPeople),
    (ports.Tokens, SqlTokens),
    (ports.Replies, SqlReplies),
    (ports.SentCopies, SqlSentCopies),
    (ports.EarlyAnswers, SqlEarlyAnswers),
    (ports.Waiting, SqlWaiting),
    (ports.Alarms, SqlAlarms),
    (ports.Restorations, SqlRestorations),
    (ports.Presence, Presence),
    (ports.Turn, FileLock),
    (ports.Turn, SessionLock),
    (ports.UnitOfWork, SqlUnitOfWork),
    (ports.Store, Database),
]
METHODS = [
    pytest.param(protocol, real, name, id=f"{real.__name__}.{name}")
    for protocol, real in PAIRS
    for name, member in vars(protocol).items()
    if inspect.isfunction(member) and not name.startswith("_")
]


@pytest.mark.parametrize(("protocol", "real", "name"), METHODS)
def test_method_takes_what_the_jobs_give(protocol: type, real: type, name: str) -> None:
    def shape(owner: type) -> list[tuple[str, object, object]]:
        parameters = inspect.signature(getattr(owner, name)).parameters.values()
        return [(each.name, each.kind, each.default) for each in parameters]

    assert shape(real) == shape(protocol)


def test_unit_of_work_has_every_repository(database: Database) -> None:
    with database.reading() as uow:
        for name in (
            "mailboxes",
            "messages",
            "tickets",
            "outbox",
            "people",
            "tokens",
            "replies",
            "sent_copies",
            "waiting",
            "alarms",
            "restorations",
        ):
            assert type(getattr(uow, name)).__name__ == f"Sql{name.title().replace('_', '')}"
