"""What a worker had claimed that died is due at once for the others, and what one that lives has claimed is left to it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from helpdesk.jobs.take_up import Successor
from tests.fakes import FakePresence, make_mail
from tests.jobs.conftest import Office

LEASE = timedelta(hours=1)


@pytest.fixture
def successor(office: Office) -> Successor:
    return Successor(office.store, FakePresence(1), office.clock, LEASE)


def claim(office: Office, worker: int) -> None:
    with office.store.delivering() as uow:
        assert uow.outbox.claim(office.clock.now(), LEASE, 10, worker)
        uow.commit()


def take_in_a_mail(office: Office) -> None:
    office.start()
    office.folder.put(make_mail())
    office.ingest.poll()


def test_what_a_dead_worker_had_claimed_is_due_at_once(office: Office, successor: Successor) -> None:
    take_in_a_mail(office)
    claim(office, 4711)
    assert office.deliverer.deliver_due() == 0
    successor.take_up()
    assert office.deliverer.deliver_due() == 2


def test_what_a_living_worker_has_claimed_is_left_to_it(office: Office, successor: Successor) -> None:
    take_in_a_mail(office)
    with office.store.presence(LEASE) as other:
        claim(office, other.number)
        successor.take_up()
        assert office.deliverer.deliver_due() == 0
    office.clock.advance(minutes=1)
    successor.take_up()
    assert office.deliverer.deliver_due() == 2


def test_its_own_claims_are_left_alone_though_its_lock_is_lost(office: Office, successor: Successor) -> None:
    take_in_a_mail(office)
    claim(office, successor.presence.number)
    successor.take_up()
    assert office.deliverer.deliver_due() == 0


@pytest.mark.parametrize(("seconds", "looks"), [(0, False), (59, False), (60, True), (-3600, True)])
def test_it_looks_once_a_minute_whatever_the_clock_does(
    office: Office, successor: Successor, seconds: float, looks: bool
) -> None:
    successor.take_up()
    take_in_a_mail(office)
    office.clock.advance(seconds=seconds)
    claim_from = office.clock.now()
    with office.store.delivering() as uow:
        uow.outbox.claim(claim_from + timedelta(hours=2), LEASE, 10, 4711)
        uow.commit()
    successor.take_up()
    with office.store.reading() as uow:
        assert uow.outbox.claimants(claim_from) == (set() if looks else {4711})
