"""Which sent mails have no copy in the folder of sent mail yet."""

from __future__ import annotations

from helpdesk.model.delivery import Attempt, DeliveryState, Outcome, SentCopy
from helpdesk.store.database import Database
from helpdesk.store.unit_of_work import SqlUnitOfWork
from tests.store.files import sql
from tests.store.samples import HOUR, NOW, letter, write_in


def send(uow: SqlUnitOfWork) -> str:
    uow.outbox.add(letter(write_in(uow).ticket.id), NOW)
    (claimed,) = uow.outbox.claim(NOW, HOUR, 10, 7)
    uow.outbox.record(claimed, Attempt(Outcome.SENT), DeliveryState.SENT, None, NOW)
    return claimed.id


def test_copy_is_due_until_it_is_done(database: Database) -> None:
    with database.writing() as uow:
        sent = send(uow)
        uow.sent_copies.add(sent, NOW)
        uow.sent_copies.add(sent, NOW)
        content = b"Subject: Your message\r\n\r\nThank you.\r\n"
        assert uow.sent_copies.due(NOW, 10) == [SentCopy(sent, "message:1@desk.example.org", NOW, 0, content)]
        uow.sent_copies.done(sent)
        assert uow.sent_copies.due(NOW, 10) == []


def test_copy_that_failed_waits_and_counts(database: Database) -> None:
    with database.writing() as uow:
        sent = send(uow)
        uow.sent_copies.add(sent, NOW)
        uow.sent_copies.put_off(sent, NOW + HOUR)
        assert uow.sent_copies.due(NOW, 10) == []
        assert [each.attempts for each in uow.sent_copies.due(NOW + HOUR, 10)] == [1]


def test_copy_of_what_does_not_open_any_more_is_left_out(database: Database, url: str) -> None:
    with database.writing() as uow:
        uow.sent_copies.add(send(uow), NOW)
        uow.commit()
    sql(url, "DELETE FROM data_key")
    with database.reading() as uow:
        assert uow.sent_copies.due(NOW, 10) == []
