"""A clock that is set back delays no mail, and ends no claim early."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest

from helpdesk.jobs.set_back import SetBack
from helpdesk.model.delivery import Attempt, Outcome
from tests.fakes import make_mail
from tests.jobs.conftest import Office

FAILED = Attempt(Outcome.TRANSIENT, 451, "try later")


@dataclass
class Machine:
    """Its clock can be set; its ticks only go forward."""

    office: Office
    watch: SetBack
    ticks: float = 0.0

    def passes(self, **time: float) -> None:
        self.ticks += timedelta(**time).total_seconds()
        self.office.clock.advance(**time)

    def is_set_back(self, **time: float) -> None:
        self.office.clock.advance(**{unit: -number for unit, number in time.items()})


@pytest.fixture
def machine(office: Office) -> Machine:
    office.start()
    machine = Machine(office, SetBack(office.store, office.clock, lambda: machine.ticks))
    machine.watch.look()
    return machine


def test_fresh_mail_is_sent_at_once_though_its_time_has_not_come_again(machine: Machine) -> None:
    machine.office.folder.put(make_mail())
    machine.office.ingest.poll()
    machine.is_set_back(hours=1)
    assert machine.office.deliverer.deliver_due() == 0
    machine.watch.look()
    assert machine.office.deliverer.deliver_due() == 2


def test_mail_that_waits_to_be_tried_again_waits_no_longer_than_before(machine: Machine) -> None:
    machine.office.transport.answers = [FAILED, FAILED]
    machine.office.work(make_mail())
    machine.passes(seconds=10)
    machine.is_set_back(hours=1)
    machine.watch.look()
    assert machine.office.deliverer.deliver_due() == 0
    machine.passes(minutes=2)
    machine.watch.look()
    assert machine.office.deliverer.deliver_due() == 2


def test_a_claim_of_another_worker_holds_as_long_as_before(machine: Machine) -> None:
    machine.office.folder.put(make_mail())
    machine.office.ingest.poll()
    with machine.office.store.delivering() as uow:
        claimed = uow.outbox.claim(machine.office.clock.now(), timedelta(minutes=20), 20, 4711)
        uow.commit()
    assert len(claimed) == 2
    machine.is_set_back(hours=1)
    machine.watch.look()
    assert machine.office.deliverer.deliver_due() == 0


@pytest.mark.parametrize("seconds", [0, 30, -3600], ids=["not at all", "by what NTP does daily", "forward"])
def test_nothing_is_touched_where_the_clock_was_not_set_back(machine: Machine, seconds: float) -> None:
    machine.office.transport.answers = [FAILED, FAILED]
    machine.office.work(make_mail())
    soon = machine.office.clock.now() + timedelta(seconds=5)
    machine.passes(seconds=20)
    machine.is_set_back(seconds=seconds)
    machine.watch.look()
    with machine.office.store.delivering() as uow:
        # The second try comes after a minute, spread over 75 to 125 %.
        assert uow.outbox.claim(soon, timedelta(minutes=1), 20, 1) == []
        assert len(uow.outbox.claim(soon + timedelta(minutes=2), timedelta(minutes=1), 20, 1)) == 2
