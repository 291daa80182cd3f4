"""Many workers send from one outbox: none takes what another has, and none undoes what another did."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta

import pytest

from helpdesk.model.delivery import Attempt, Delivery, DeliveryState, OutboxRow, Outcome
from helpdesk.store.database import Database, open_database
from helpdesk.store.unit_of_work import SqlUnitOfWork
from tests.store.samples import HOUR, NOW, SECRET, letter, one_letter, write_in

LEASE = timedelta(seconds=90)
LATER = NOW + LEASE
ONE, OTHER = 7, 8
SENT = Attempt(Outcome.SENT, 250, "2.0.0 queued")
GREYLISTED = Attempt(Outcome.TRANSIENT, 451, "4.7.1 try again later")
UNREACHED = Attempt(Outcome.TRANSIENT, detail="connection refused", reached_server=False)
REFUSED = Attempt(Outcome.PERMANENT, 550, "5.1.1 no such mailbox")


def claim_one(uow: SqlUnitOfWork, worker: int = ONE, now: datetime = NOW) -> Delivery:
    (claimed,) = uow.outbox.claim(now, LEASE, 1, worker)
    return claimed


def the_row(uow: SqlUnitOfWork) -> OutboxRow:
    (row,) = uow.outbox.list(list(DeliveryState), 10)
    return row


def is_due(uow: SqlUnitOfWork, now: datetime) -> bool:
    return bool(uow.outbox.claim(now, LEASE, 1, 99))


@pytest.mark.parametrize(
    ("attempt", "state", "next_at"),
    [(GREYLISTED, DeliveryState.PENDING, NOW), (UNREACHED, DeliveryState.PENDING, NOW), (REFUSED, DeliveryState.FAILED, None)],
    ids=["transient", "unreached", "permanent"],
)
def test_late_record_of_a_lost_claim_does_not_touch_the_claim_of_another(
    database: Database, attempt: Attempt, state: DeliveryState, next_at: datetime | None
) -> None:
    with database.writing() as uow:
        one_letter(uow)
        first = claim_one(uow)
        second = claim_one(uow, OTHER, LATER)
        uow.outbox.record(first, attempt, state, next_at, LATER)
        assert (the_row(uow).state, the_row(uow).next_attempt_at) == (DeliveryState.PENDING, LATER + LEASE)
        assert uow.outbox.claimants(LATER) == {OTHER}
        assert the_row(uow).last_answer == attempt.detail  # the try is remembered all the same
        uow.outbox.record(second, SENT, DeliveryState.SENT, None, LATER)
        uow.outbox.record(first, attempt, state, next_at, LATER)
        assert the_row(uow).state is DeliveryState.SENT


def test_what_was_sent_is_sent_whoever_has_the_claim(database: Database) -> None:
    with database.writing() as uow:
        one_letter(uow)
        first = claim_one(uow)
        second = claim_one(uow, OTHER, LATER)
        uow.outbox.record(first, SENT, DeliveryState.SENT, None, LATER)
        assert the_row(uow).state is DeliveryState.SENT
        uow.outbox.record(second, GREYLISTED, DeliveryState.PENDING, LATER, LATER)
        assert (the_row(uow).state, the_row(uow).sent_at) == (DeliveryState.SENT, LATER)


@pytest.mark.parametrize(
    ("attempt", "state", "becomes"),
    [
        (GREYLISTED, DeliveryState.PENDING, DeliveryState.HELD),
        (REFUSED, DeliveryState.FAILED, DeliveryState.HELD),
        (SENT, DeliveryState.SENT, DeliveryState.SENT),
    ],
    ids=["transient", "permanent", "sent"],
)
def test_what_a_person_holds_while_it_is_sent_stays_held_unless_it_went(
    database: Database, attempt: Attempt, state: DeliveryState, becomes: DeliveryState
) -> None:
    with database.writing() as uow:
        delivery_id = one_letter(uow)
        claimed = claim_one(uow)
        uow.outbox.hold(delivery_id, "a person said so", NOW)
        uow.outbox.record(claimed, attempt, state, NOW if state is DeliveryState.PENDING else None, NOW)
        assert the_row(uow).state is becomes
        assert the_row(uow).held_because == ("a person said so" if becomes is DeliveryState.HELD else "")
        assert uow.outbox.claimants(NOW) == set()


def test_a_record_that_is_made_twice_counts_once(database: Database) -> None:
    """The first one's commit was lost on the way to us, and had been made."""
    with database.writing() as uow:
        one_letter(uow, names_opening_at=NOW)
        claimed = claim_one(uow)
        for _ in range(2):
            uow.outbox.record(claimed, UNREACHED, DeliveryState.PENDING, NOW + HOUR, NOW)
        # No server was offered it, so that it may still be composed anew.
        assert [each.id for each in uow.outbox.stale(NOW + HOUR, NOW)] == [claimed.id]
        assert the_row(uow).attempts == 1


def test_what_is_given_back_is_due_at_once_with_no_attempt_counted(database: Database) -> None:
    with database.writing() as uow:
        one_letter(uow)
        claimed = claim_one(uow)
        uow.outbox.give_back([claimed], NOW)
        assert uow.outbox.claimants(NOW) == set()
        assert claim_one(uow, OTHER).attempts == 1


def test_what_another_has_claimed_is_not_given_back(database: Database) -> None:
    with database.writing() as uow:
        one_letter(uow)
        first = claim_one(uow)
        claim_one(uow, OTHER, LATER)
        uow.outbox.give_back([first], LATER)
        assert uow.outbox.claimants(LATER) == {OTHER}
        assert not is_due(uow, LATER)
        assert the_row(uow).attempts == 2


def test_claims_of_one_worker_are_ended_and_no_others(database: Database) -> None:
    with database.writing() as uow:
        ticket_id = write_in(uow).ticket.id
        for number in range(4):
            uow.outbox.add(letter(ticket_id, f"message:{number}"), NOW)
        recorded, unrecorded = uow.outbox.claim(NOW, LEASE, 2, ONE)
        uow.outbox.claim(NOW, LEASE, 1, OTHER)
        uow.outbox.record(recorded, GREYLISTED, DeliveryState.PENDING, NOW + HOUR, NOW)
        uow.commit()
    with database.writing() as uow:
        assert uow.outbox.claimants(NOW) == {ONE, OTHER}
        assert uow.outbox.claimants(LATER) == set()
        assert uow.outbox.end_leases_of(ONE, NOW) == 1
        assert uow.outbox.end_leases_of(ONE, NOW) == 0
        assert uow.outbox.claimants(NOW) == {OTHER}
        due = {each.id: each.attempts for each in uow.outbox.claim(NOW, LEASE, 10, 99)}
        assert due[unrecorded.id] == 2
        assert recorded.id not in due
        assert len(due) == 2


def test_a_mail_that_is_being_sent_can_not_be_released(database: Database) -> None:
    with database.writing() as uow:
        delivery_id = one_letter(uow)
        claimed = claim_one(uow)
        assert not uow.outbox.release(delivery_id, NOW)
        assert not is_due(uow, NOW)
        uow.outbox.record(claimed, SENT, DeliveryState.SENT, None, NOW)
        assert not uow.outbox.release(delivery_id, NOW)


def test_oldest_that_waits_and_how_many_there_are(database: Database) -> None:
    with database.writing() as uow:
        ticket_id = write_in(uow).ticket.id
        assert uow.outbox.oldest_due(NOW) is None
        uow.outbox.add(letter(ticket_id, "message:1", held_because="a person said so"), NOW - HOUR)
        uow.outbox.add(letter(ticket_id, "message:2"), NOW - timedelta(minutes=20))
        uow.outbox.add(letter(ticket_id, "message:3"), NOW)
        assert uow.outbox.oldest_due(NOW) == NOW - timedelta(minutes=20)
        assert uow.outbox.oldest_due(NOW - HOUR) is None
        assert uow.outbox.counts() == {DeliveryState.PENDING: 2, DeliveryState.HELD: 1, DeliveryState.FAILED: 0}
        for claimed in uow.outbox.claim(NOW, LEASE, 10, ONE):
            uow.outbox.record(claimed, SENT, DeliveryState.SENT, None, NOW)
        assert uow.outbox.oldest_due(NOW) is None


def test_what_a_person_let_go_waits_since_then_however_long_it_was_held(database: Database) -> None:
    with database.writing() as uow:
        ticket_id = write_in(uow).ticket.id
        released = uow.outbox.add(letter(ticket_id, "message:1", held_because="a person said so"), NOW - 20 * HOUR)
        assert released
        assert uow.outbox.release(released, NOW)
        assert uow.outbox.oldest_due(NOW) == NOW
        uow.outbox.add(letter(ticket_id, "message:2"), NOW - HOUR)
        assert uow.outbox.oldest_due(NOW) == NOW - HOUR


# In PostgreSQL at the same time.


@pytest.fixture
def two(postgres_url: str) -> Iterator[tuple[Database, Database]]:
    with closing(open_database(postgres_url, SECRET)) as one, closing(open_database(postgres_url, SECRET)) as other:
        yield one, other


def fill(database: Database, count: int) -> list[str]:
    with database.writing() as uow:
        ticket_id = write_in(uow).ticket.id
        added = [uow.outbox.add(letter(ticket_id, f"message:{number}"), NOW) for number in range(count)]
        uow.commit()
    return [each for each in added if each]


def test_workers_that_claim_at_the_same_time_take_different_mail(two: tuple[Database, Database]) -> None:
    one, other = two
    added = fill(one, 5)
    with one.delivering() as first, other.delivering() as second:
        taken = [each.id for each in first.outbox.claim(NOW, LEASE, 3, ONE)]
        rest = [each.id for each in second.outbox.claim(NOW, LEASE, 10, OTHER)]
        second.commit()
        first.commit()
    assert (taken, rest) == (added[:3], added[3:])


def test_many_workers_empty_an_outbox_each_mail_once(two: tuple[Database, Database]) -> None:
    added = fill(two[0], 120)
    taken: list[str] = []

    def work(database: Database, worker: int) -> None:
        while True:
            with database.delivering() as uow:
                batch = uow.outbox.claim(NOW, LEASE, 3, worker)
                uow.commit()
            if not batch:
                return
            taken.extend(each.id for each in batch)
            with database.delivering() as uow:
                for each in batch:
                    uow.outbox.record(each, SENT, DeliveryState.SENT, None, NOW)
                uow.commit()

    threads = [threading.Thread(target=work, args=(two[number % 2], number + 1)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == added
    with two[0].reading() as uow:
        assert len(uow.outbox.list([DeliveryState.SENT], 200)) == 120


def test_mail_whose_words_are_being_replaced_is_claimed_afterwards_with_the_new_ones(two: tuple[Database, Database]) -> None:
    one, other = two
    (delivery_id,) = fill(one, 1)
    with one.writing() as uow, other.delivering() as claiming:
        uow.outbox.replace_content(delivery_id, b"newer words", NOW + HOUR)
        assert claiming.outbox.claim(NOW, LEASE, 10, OTHER) == []
        uow.commit()
        (claimed,) = claiming.outbox.claim(NOW, LEASE, 10, OTHER)
    assert (claimed.content, claimed.names_opening_at) == (b"newer words", NOW + HOUR)


def test_mail_that_is_being_held_is_not_claimed(two: tuple[Database, Database]) -> None:
    one, other = two
    (delivery_id,) = fill(one, 1)
    with one.writing() as uow, other.delivering() as claiming:
        uow.outbox.hold(delivery_id, "a person said so", NOW)
        assert claiming.outbox.claim(NOW, LEASE, 10, OTHER) == []
        uow.commit()
        assert claiming.outbox.claim(NOW, LEASE, 10, OTHER) == []
