"""The outbox: nothing is sent twice on purpose, nothing is forgotten, and one worker sends at a time."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from helpdesk.errors import NotFound
from helpdesk.model.delivery import Attempt, Delivery, DeliveryState, Outcome, Purpose
from helpdesk.store.database import Database
from helpdesk.store.unit_of_work import SqlUnitOfWork
from tests.store.files import sql
from tests.store.samples import HOUR, NOW, SAM, letter, one_letter, raw, store_messages, write_in, write_in_once

LEASE = timedelta(seconds=90)
WORKER = 7
SENT = Attempt(Outcome.SENT, 250, "2.0.0 queued")
GREYLISTED = Attempt(Outcome.TRANSIENT, 451, "4.7.1 try again later")
REFUSED = Attempt(Outcome.PERMANENT, 550, "5.1.1 no such mailbox")


def states(uow: SqlUnitOfWork) -> list[DeliveryState]:
    return [row.state for row in uow.outbox.list(list(DeliveryState), 10)]


def next_due(uow: SqlUnitOfWork) -> datetime | None:
    rows = uow.outbox.list((DeliveryState.PENDING,), 100)
    return min((row.next_attempt_at for row in rows if row.next_attempt_at), default=None)


def test_claimed_delivery_is_what_was_added(database: Database) -> None:
    with database.writing() as uow:
        ticket = write_in(uow).ticket
        new = letter(ticket.id, names_opening_at=NOW + HOUR)
        added = uow.outbox.add(new, NOW)
        uow.commit()
    with database.writing() as uow:
        (claimed,) = uow.outbox.claim(NOW, LEASE, 10, WORKER)
    assert claimed == Delivery(
        id=added or "",
        ticket_id=ticket.id,
        cause=new.cause,
        purpose=new.purpose,
        attempts=1,
        created_at=NOW,
        envelope_sender=new.envelope_sender,
        recipient=new.recipient,
        content=new.content,
        message_id=new.message_id,
        names_opening_at=NOW + HOUR,
    )


def test_delivery_without_ticket_has_its_own_key(database: Database, url: str) -> None:
    with database.writing() as uow:
        added = uow.outbox.add(letter(None, "day:2026-11-02", purpose=Purpose.ADMIN_ALERT), NOW)
        uow.commit()
    with database.writing() as uow:
        (claimed,) = uow.outbox.claim(NOW, LEASE, 10, WORKER)
    assert claimed.content == letter(None).content
    assert sql(url, "SELECT scope_id FROM data_key") == [(added,)]


def test_null_envelope_sender_stays_null(database: Database) -> None:
    with database.writing() as uow:
        one_letter(uow, envelope_sender="")
        assert uow.outbox.claim(NOW, LEASE, 1, WORKER)[0].envelope_sender == ""


def test_same_cause_purpose_and_recipient_is_added_once(database: Database, url: str) -> None:
    with database.writing() as uow:
        ticket_id = write_in(uow).ticket.id
        assert uow.outbox.add(letter(ticket_id), NOW)
        assert uow.outbox.add(letter(ticket_id, recipient="SAM@EXAMPLE.org", content=b"other"), NOW) is None
        assert uow.outbox.add(letter(ticket_id, purpose=Purpose.STAFF_ASSIGNED), NOW)
        assert uow.outbox.add(letter(ticket_id, recipient="ann@example.org"), NOW)
        assert uow.outbox.add(letter(ticket_id, "message:2"), NOW)
        assert uow.outbox.add(letter(None, "quarantine:1"), NOW)
        assert uow.outbox.add(letter(None, "quarantine:1"), NOW) is None
        uow.commit()
    assert sql(url, "SELECT count(*) FROM delivery") == [(5,)]
    assert sql(url, "SELECT count(*) FROM delivery_content") == [(5,)]
    assert sql(url, "SELECT count(*) FROM data_key") == [(3,)]  # a message, its ticket, the alert


def test_cause_is_never_missing(database: Database, url: str) -> None:
    with database.writing() as uow:
        one_letter(uow)
        uow.commit()
    with pytest.raises(Exception, match=r"NOT NULL constraint failed: delivery.cause|\"cause\".*not-null"):
        sql(url, "UPDATE delivery SET cause = NULL")
    with pytest.raises(Exception, match="ck_delivery_state"):
        sql(url, "UPDATE delivery SET state = 'queued'")


def test_claimed_delivery_is_not_claimed_again_until_its_lease_ends(database: Database) -> None:
    with database.writing() as uow:
        one_letter(uow)
        uow.outbox.claim(NOW, LEASE, 10, WORKER)
        assert next_due(uow) == NOW + LEASE
        assert uow.outbox.claim(NOW + LEASE - timedelta(seconds=1), LEASE, 10, WORKER) == []
        (again,) = uow.outbox.claim(NOW + LEASE, LEASE, 10, WORKER)
        assert again.attempts == 2


def test_oldest_goes_first_and_the_limit_holds(database: Database) -> None:
    with database.writing() as uow:
        ticket_id = write_in(uow).ticket.id
        later = uow.outbox.add(letter(ticket_id, "message:1"), NOW + timedelta(seconds=2))
        sooner = uow.outbox.add(letter(ticket_id, "message:2"), NOW)
        same = uow.outbox.add(letter(ticket_id, "message:3"), NOW)
        future = uow.outbox.add(letter(ticket_id, "message:4"), NOW + HOUR)
        moment = NOW + timedelta(minutes=1)
        assert [each.id for each in uow.outbox.claim(moment, LEASE, 2, WORKER)] == [sooner, same]
        assert [each.id for each in uow.outbox.claim(moment, LEASE, 2, WORKER)] == [later]
        assert next_due(uow) == moment + LEASE
        assert [each.id for each in uow.outbox.claim(NOW + HOUR, LEASE, 9, WORKER)] == [later, sooner, same, future]


def test_nothing_waits_in_an_empty_outbox(database: Database) -> None:
    with database.writing() as uow:
        assert uow.outbox.claim(NOW, LEASE, 10, WORKER) == []
        assert next_due(uow) is None


@pytest.mark.parametrize(
    ("attempt", "state", "next_at", "due_at"),
    [
        (SENT, DeliveryState.SENT, None, None),
        (GREYLISTED, DeliveryState.PENDING, NOW + HOUR, NOW + HOUR),
        (REFUSED, DeliveryState.FAILED, None, None),
    ],
    ids=["sent", "transient", "permanent"],
)
def test_attempt_and_what_it_leads_to_are_recorded(
    database: Database, attempt: Attempt, state: DeliveryState, next_at: datetime | None, due_at: datetime | None
) -> None:
    with database.writing() as uow:
        one_letter(uow)
        (claimed,) = uow.outbox.claim(NOW, LEASE, 1, WORKER)
        uow.outbox.record(claimed, attempt, state, next_at, NOW + LEASE)
        uow.commit()
    with database.reading() as uow:
        (row,) = uow.outbox.list([state], 10)
        assert next_due(uow) == due_at
    assert (row.id, row.state, row.attempts, row.next_attempt_at) == (claimed.id, state, 1, next_at)
    assert (row.recipient, row.ticket_number, row.last_answer) == (SAM.address, 1001, attempt.detail)
    assert row.sent_at == (NOW + LEASE if state is DeliveryState.SENT else None)


def test_recording_an_unknown_delivery_is_refused(database: Database) -> None:
    with database.writing() as uow:
        one_letter(uow)
        (claimed,) = uow.outbox.claim(NOW, LEASE, 1, WORKER)
        with pytest.raises(NotFound):
            uow.outbox.record(replace(claimed, id="unknown"), SENT, DeliveryState.SENT, None, NOW)
        with pytest.raises(NotFound):
            uow.outbox.hold("unknown", "because", NOW)


def test_held_delivery_waits_for_a_person(database: Database) -> None:
    with database.writing() as uow:
        one_letter(uow, held_because="sender not proven")
        assert uow.outbox.claim(NOW + HOUR, LEASE, 10, WORKER) == []
        assert next_due(uow) is None
        assert states(uow) == [DeliveryState.HELD]


def test_waiting_delivery_can_be_held_and_a_sent_one_not(database: Database) -> None:
    with database.writing() as uow:
        delivery_id = one_letter(uow)
        (claimed,) = uow.outbox.claim(NOW, LEASE, 1, WORKER)
        uow.outbox.hold(delivery_id, "it waited for a day", NOW)
        assert states(uow) == [DeliveryState.HELD]
        assert uow.outbox.claim(NOW, LEASE, 10, WORKER) == []
        uow.outbox.record(claimed, SENT, DeliveryState.SENT, None, NOW)
        uow.outbox.hold(delivery_id, "too late", NOW)
        assert states(uow) == [DeliveryState.SENT]


def test_mail_that_does_not_open_has_failed_and_the_others_go(database: Database, url: str) -> None:
    with database.writing() as uow:
        ticket_id = write_in(uow).ticket.id
        damaged, erased, whole = (
            uow.outbox.add(letter(each, f"message:{number}"), NOW) for number, each in enumerate([ticket_id, None, ticket_id])
        )
        uow.commit()
    sql(url, "UPDATE delivery_content SET content = ? WHERE delivery_id = ?", bytes(100), damaged)
    sql(url, "DELETE FROM data_key WHERE scope_id = ?", erased)
    with database.writing() as uow:
        assert [each.id for each in uow.outbox.claim(NOW, LEASE, 10, WORKER)] == [whole]
        assert {row.id for row in uow.outbox.list([DeliveryState.FAILED], 10)} == {damaged, erased}


def test_words_of_one_mail_cannot_be_put_into_another_of_the_same_ticket(database: Database, url: str) -> None:
    with database.writing() as uow:
        ticket_id = write_in(uow).ticket.id
        uow.outbox.add(letter(ticket_id), NOW)
        uow.outbox.add(letter(ticket_id, "event:1", purpose=Purpose.STAFF_ASSIGNED, content=b"for staff only"), NOW)
        uow.commit()
    sql(url, "UPDATE delivery_content SET content = (SELECT content FROM delivery_content ORDER BY delivery_id DESC LIMIT 1)")
    with database.writing() as uow:
        assert [each.purpose for each in uow.outbox.claim(NOW, LEASE, 10, WORKER)] == [Purpose.STAFF_ASSIGNED]


def test_that_it_was_sent_is_recorded_even_when_the_ticket_was_erased_meanwhile(database: Database, url: str) -> None:
    ticket_id = write_in_once(database).ticket.id
    with database.writing() as uow:
        first, second = (uow.outbox.add(letter(ticket_id, f"message:{number}"), NOW) for number in (1, 2))
        claimed, _ = uow.outbox.claim(NOW, LEASE, 10, WORKER)
        uow.commit()
    sql(url, "DELETE FROM data_key")
    with database.writing() as uow:
        uow.outbox.add(letter(None, "message:3"), NOW)
        uow.outbox.claim(NOW, LEASE, 10, WORKER)  # another batch in hand
        uow.outbox.record(claimed, SENT, DeliveryState.SENT, None, NOW)
        uow.commit()
    with database.reading() as uow:
        (row,) = uow.outbox.list([DeliveryState.SENT], 10)
    assert (row.id, row.last_answer, row.recipient) == (first, "", "")
    assert second != first


def test_stored_letters_of_a_message_that_failed_are_undone_with_it(database: Database) -> None:
    with database.writing() as uow:
        ticket_id = write_in(uow).ticket.id
        with suppress(KeyError), uow.savepoint():
            uow.outbox.add(letter(ticket_id), NOW)
            raise KeyError
        assert uow.outbox.add(replace(letter(ticket_id), content=b"second"), NOW)
        store_messages(uow, raw(2))
        uow.commit()
    with database.writing() as uow:
        assert [each.content for each in uow.outbox.claim(NOW, LEASE, 10, WORKER)] == [b"second"]
