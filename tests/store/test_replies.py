"""Replies of staff on their way, and what a ticket becomes when one was sent."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from helpdesk.model.delivery import Attempt, DeliveryState, Outcome, Purpose, Reply
from helpdesk.model.message import Kind, Verdict
from helpdesk.model.ticket import TicketState
from helpdesk.store.database import Database
from helpdesk.store.unit_of_work import SqlUnitOfWork
from tests.store.files import sql
from tests.store.samples import HOUR, NOW, inbound, letter, raw, store_messages, write_in

MINUTES = timedelta(minutes=5)


def reply(uow: SqlUnitOfWork, ticket_id: str, cause: str = "reply:7", **changes: object) -> str:
    row = letter(ticket_id, cause, purpose=Purpose.REPLY, due_at=NOW + MINUTES, **changes)
    added = uow.outbox.add(row, NOW)
    assert added is not None
    return added


def test_a_reply_is_due_when_it_says(database: Database) -> None:
    with database.writing() as uow:
        ticket = write_in(uow).ticket
        delivery_id = reply(uow, ticket.id)
        assert uow.outbox.claim(NOW, HOUR, 10, 7) == []
        assert uow.outbox.oldest_due(NOW) is None
        assert uow.outbox.oldest_due(NOW + MINUTES * 2) == NOW + MINUTES
        assert uow.replies.of_ticket(ticket.id) == [Reply(delivery_id, "7", DeliveryState.PENDING, NOW, NOW + MINUTES)]
        assert [each.id for each in uow.outbox.claim(NOW + MINUTES, HOUR, 10, 7)] == [delivery_id]
        assert uow.replies.of_ticket(ticket.id)[0].in_doubt


def test_a_reply_is_found_by_its_cause(database: Database) -> None:
    with database.writing() as uow:
        ticket = write_in(uow).ticket
        delivery_id = reply(uow, ticket.id)
        uow.outbox.add(letter(ticket.id, "reply:7", purpose=Purpose.STAFF_REPLY_WAITING), NOW)
        found = uow.replies.caused_by("reply:7")
        assert found is not None
        assert found.delivery_id == delivery_id
        assert uow.replies.caused_by("reply:8") is None


@pytest.mark.parametrize("held", ["", "it names the police"], ids=["waiting", "held"])
def test_a_reply_that_is_let_go_is_due_at_once(database: Database, held: str) -> None:
    with database.writing() as uow:
        delivery_id = reply(uow, write_in(uow).ticket.id, held_because=held)
        assert uow.replies.let_go(delivery_id, NOW)
        (claimed,) = uow.outbox.claim(NOW, HOUR, 10, 7)
        assert claimed.let_go
        assert not uow.replies.let_go(delivery_id, NOW), "it is being sent"
        uow.outbox.record(claimed, Attempt(Outcome.SENT), DeliveryState.SENT, None, NOW)
        assert not uow.replies.let_go(delivery_id, NOW), "it is sent"


def test_a_mail_of_ours_is_read_again_as_it_was_written(database: Database, url: str) -> None:
    with database.writing() as uow:
        delivery_id = reply(uow, write_in(uow).ticket.id)
        answered = uow.replies.answered_mail(delivery_id)
        assert answered is not None
        assert (answered.purpose, answered.cause) == (Purpose.REPLY, "reply:7")
        assert answered.content.endswith(b"Thank you.\r\n")
        assert uow.replies.answered_mail("unknown") is None
        uow.commit()
    sql(url, "DELETE FROM data_key")
    with database.reading() as uow:
        assert uow.replies.answered_mail(delivery_id) is None


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (TicketState.NEW, TicketState.PENDING),
        (TicketState.OPEN, TicketState.PENDING),
        (TicketState.PENDING, TicketState.PENDING),
        (TicketState.CLOSED, TicketState.CLOSED),
    ],
)
def test_an_answered_ticket_waits_for_its_person_unless_it_is_closed(
    database: Database, before: TicketState, after: TicketState
) -> None:
    with database.writing() as uow:
        ticket = write_in(uow).ticket
        uow.tickets.save(replace(ticket, state=before))
        uow.replies.record_answer(ticket.id, NOW, NOW + HOUR)
        found = uow.tickets.by_id(ticket.id)
        assert found == replace(ticket, state=after, answered_at=NOW + HOUR, updated_at=NOW + HOUR)


@pytest.mark.parametrize(
    ("kind", "minutes", "after"),
    [(Kind.PERSON, 5, TicketState.OPEN), (Kind.PERSON, 0, TicketState.PENDING), (Kind.STAFF, 5, TicketState.PENDING)],
    ids=["they wrote since", "they wrote before", "staff wrote since"],
)
def test_a_person_who_wrote_after_the_answer_waits_for_us(
    database: Database, kind: Kind, minutes: int, after: TicketState
) -> None:
    with database.writing() as uow:
        ticket = write_in(uow).ticket
        (stored,) = store_messages(uow, raw(2))
        at = NOW + timedelta(minutes=minutes)
        message, verdict = inbound(message_id="second@example.org"), Verdict(kind, "default")
        uow.messages.record_processed(stored, message, verdict, digest_parts=("2",), ticket_id=ticket.id, now=at)
        uow.replies.record_answer(ticket.id, NOW, NOW + HOUR)
        found = uow.tickets.by_id(ticket.id)
        assert found is not None
        assert found.state is after


def test_a_ticket_is_found_by_its_id(database: Database) -> None:
    with database.writing() as uow:
        ticket = write_in(uow).ticket
        assert uow.tickets.by_id(ticket.id) == ticket
        assert uow.tickets.by_id("unknown") is None
