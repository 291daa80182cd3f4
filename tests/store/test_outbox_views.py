"""What is counted and listed of the outbox, and which of its words are out of date."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from helpdesk.model.delivery import Acknowledged, Attempt, DeliveryState, Outcome, Purpose
from helpdesk.store.database import Database
from helpdesk.store.unit_of_work import SqlUnitOfWork
from tests.store.samples import HOUR, NOW, SAM, letter, one_letter, write_in

LEASE = timedelta(seconds=90)
WORKER = 7
SENT = Attempt(Outcome.SENT, 250, "2.0.0 queued")
UNREACHED = Attempt(Outcome.TRANSIENT, detail="connection refused", reached_server=False)
GREYLISTED = Attempt(Outcome.TRANSIENT, 451, "4.7.1 try again later")
LONG_AGO = NOW - 100 * HOUR


def test_list_shows_the_last_answer(database: Database) -> None:
    with database.writing() as uow:
        one_letter(uow)
        for attempt in (UNREACHED, GREYLISTED):
            (claimed,) = uow.outbox.claim(NOW, LEASE, 1, WORKER)
            uow.outbox.record(claimed, attempt, DeliveryState.PENDING, NOW, NOW)
        uow.commit()
    with database.reading() as uow:
        (row,) = uow.outbox.list([DeliveryState.PENDING], 10)
    assert (row.last_code, row.last_answer, row.held_because) == (451, GREYLISTED.detail, "")


def test_list_says_why_a_mail_is_held(database: Database) -> None:
    with database.writing() as uow:
        held = one_letter(uow, held_because="sender not proven")
        later = uow.outbox.add(letter(None, "message:2"), NOW)
        assert later
        uow.outbox.hold(later, "too old to be sent", NOW)
        uow.commit()
    with database.reading() as uow:
        told = {row.id: (row.held_because, row.last_code) for row in uow.outbox.list([DeliveryState.HELD], 10)}
    assert told == {held: ("sender not proven", None), later: ("too old to be sent", None)}


def test_list_is_newest_first_over_all_states(database: Database) -> None:
    with database.writing() as uow:
        ticket_id = write_in(uow).ticket.id
        first = uow.outbox.add(letter(ticket_id, "message:1"), NOW)
        second = uow.outbox.add(letter(ticket_id, "message:2", held_because="sender not proven"), NOW)
        third = uow.outbox.add(letter(None, "message:3"), NOW)
        listed = uow.outbox.list([DeliveryState.PENDING, DeliveryState.HELD, DeliveryState.HELD], 10)
        assert [(row.id, row.ticket_number) for row in listed] == [(third, None), (second, 1001), (first, 1001)]
        assert [row.id for row in uow.outbox.list(list(DeliveryState), 1)] == [third]
        assert uow.outbox.list([DeliveryState.SENT], 10) == []


def test_acknowledgements_on_a_ticket(database: Database) -> None:
    with database.writing() as uow:
        ticket_id = write_in(uow).ticket.id
        uow.outbox.add(letter(ticket_id), NOW)
        uow.outbox.add(letter(ticket_id, "event:1", purpose=Purpose.STAFF_ASSIGNED, recipient="ann@home.example"), NOW)
        again = {"purpose": Purpose.ACKNOWLEDGEMENT_AGAIN, "held_because": "sender not proven"}
        uow.outbox.add(letter(ticket_id, "message:2", **again), NOW + HOUR)
        uow.commit()
    with database.reading() as uow:
        assert uow.outbox.acknowledged_on(ticket_id) == [
            Acknowledged(Purpose.ACKNOWLEDGEMENT, SAM.address, NOW),
            Acknowledged(Purpose.ACKNOWLEDGEMENT_AGAIN, SAM.address, NOW + HOUR),
        ]
        assert uow.outbox.acknowledged_on("unknown") == []


def test_mails_are_counted_by_recipient_purpose_and_time(database: Database) -> None:
    both = (Purpose.ACKNOWLEDGEMENT, Purpose.ACKNOWLEDGEMENT_AGAIN)
    with database.writing() as uow:
        ticket_id = write_in(uow).ticket.id
        uow.outbox.add(letter(ticket_id, "message:1"), NOW - HOUR)
        uow.outbox.add(letter(ticket_id, "message:2", purpose=Purpose.ACKNOWLEDGEMENT_AGAIN), NOW)
        uow.outbox.add(letter(ticket_id, "message:3", recipient="ann@example.org"), NOW)
        uow.outbox.add(letter(ticket_id, "message:4", purpose=Purpose.STAFF_HELP), NOW)
        uow.outbox.add(letter(ticket_id, "message:5", held_because="sender not proven"), NOW)
        assert uow.outbox.sent_to("Sam@Example.org", both, NOW - HOUR) == 2
        assert uow.outbox.sent_to(SAM.address, both, NOW) == 1
        assert uow.outbox.sent_to(SAM.address, (Purpose.STAFF_HELP,), LONG_AGO) == 1
        assert uow.outbox.sent_to("nobody@example.org", both, LONG_AGO) == 0
        assert uow.outbox.sent_in_all(both, NOW - HOUR) == 3
        assert uow.outbox.sent_in_all(both, NOW) == 2
        assert uow.outbox.sent_in_all((Purpose.ACKNOWLEDGEMENT,), NOW) == 1
        assert uow.outbox.sent_in_all((), NOW) == 0


def stale_ids(uow: SqlUnitOfWork, now: datetime = NOW + HOUR, created_before: datetime = LONG_AGO) -> list[str]:
    return [each.id for each in uow.outbox.stale(now, created_before)]


def test_acknowledgement_is_stale_when_the_opening_that_it_names_has_passed(database: Database) -> None:
    with database.writing() as uow:
        delivery_id = one_letter(uow, names_opening_at=NOW + HOUR)
        assert stale_ids(uow, NOW + HOUR - timedelta(seconds=1)) == []
        (stale,) = uow.outbox.stale(NOW + HOUR, LONG_AGO)
    assert (stale.id, stale.attempts, stale.content) == (delivery_id, 0, letter(None).content)


def test_acknowledgement_is_stale_when_it_is_old(database: Database) -> None:
    with database.writing() as uow:
        delivery_id = one_letter(uow)
        assert stale_ids(uow, created_before=NOW) == []
        assert stale_ids(uow, created_before=NOW + timedelta(seconds=1)) == [delivery_id]


@pytest.mark.parametrize(
    "changes",
    [{"purpose": Purpose.STAFF_ASSIGNED}, {"held_because": "sender not proven"}, {"names_opening_at": NOW + 2 * HOUR}],
    ids=["a notice", "held", "still true"],
)
def test_other_mail_is_not_stale(database: Database, changes: dict[str, object]) -> None:
    with database.writing() as uow:
        one_letter(uow, **({"names_opening_at": NOW} | changes))
        assert stale_ids(uow) == []


@pytest.mark.parametrize(
    ("attempts", "stale"),
    [([], False), ([UNREACHED], True), ([GREYLISTED], False), ([GREYLISTED, UNREACHED], False), ([UNREACHED] * 2, True)],
    ids=["leased, or its worker died", "no server reached", "offered", "offered before", "never reached"],
)
def test_only_what_no_server_was_offered_is_stale(database: Database, attempts: list[Attempt], stale: bool) -> None:
    with database.writing() as uow:
        delivery_id = one_letter(uow, names_opening_at=NOW)
        for attempt in attempts:
            (claimed,) = uow.outbox.claim(NOW, LEASE, 1, WORKER)
            uow.outbox.record(claimed, attempt, DeliveryState.PENDING, NOW, NOW)
        if not attempts:
            uow.outbox.claim(NOW, LEASE, 1, WORKER)
        assert stale_ids(uow, NOW + 9 * HOUR) == ([delivery_id] if stale else [])


def test_content_is_replaced_under_the_same_message_id(database: Database) -> None:
    with database.writing() as uow:
        delivery_id = one_letter(uow, names_opening_at=NOW)
        uow.commit()
    with database.writing() as uow:
        uow.outbox.replace_content(delivery_id, b"newer words", NOW + HOUR)
        uow.commit()
    with database.writing() as uow:
        (claimed,) = uow.outbox.claim(NOW, LEASE, 1, WORKER)
    assert (claimed.content, claimed.names_opening_at) == (b"newer words", NOW + HOUR)
    assert claimed.message_id == letter(None).message_id


def test_content_can_be_replaced_in_the_transaction_that_added_it(database: Database) -> None:
    with database.writing() as uow:
        delivery_id = one_letter(uow)
        uow.outbox.replace_content(delivery_id, b"newer words", None)
        assert uow.outbox.claim(NOW, LEASE, 1, WORKER)[0].content == b"newer words"


def test_content_that_is_being_sent_is_not_replaced(database: Database) -> None:
    with database.writing() as uow:
        delivery_id = one_letter(uow)
        uow.outbox.claim(NOW, LEASE, 1, WORKER)
        uow.outbox.replace_content(delivery_id, b"newer words", None)
        assert uow.outbox.claim(NOW + LEASE, LEASE, 1, WORKER)[0].content == letter(None).content
