"""Whatever breaks, the worker gets over it by itself: no mail is lost, none waits at the end, none is answered twice."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise

import pytest
from sqlalchemy import select

from helpdesk.core.retry import FIRST_DELAY
from helpdesk.model.delivery import DeliveryState
from helpdesk.store.schema import attempt, delivery
from tests.reliability.faults import FAULTS, HOURS, Fault
from tests.reliability.measure import run
from tests.reliability.strikes import NOT_DELIVERED
from tests.reliability.worker import PAUSES
from tests.reliability.world import Kind, World, await_state, running_world
from tests.servers.postgres import Postgres

# The others don't touch the database, or do so as on SQLite; `python -m tests.reliability faults` runs all of them on both.
ON_POSTGRESQL = (
    "imap-dropped-in-fetch",
    "imap-uidvalidity",
    "smtp-reply-lost",
    "smtp-rcpt-550",
    "database-refused",
    "database-reset",
    "database-slow",
    "database-restarted",
    "database-crashed",
    "database-locked",
    "database-locked-in-data",
    "clock-back",
)


@pytest.mark.parametrize("fault", [fault for fault in FAULTS if Kind.SQLITE in fault.kinds], ids=str)
def test_the_worker_gets_over_a_fault_and_no_mail_is_lost(fault: Fault) -> None:
    assert run(fault, Kind.SQLITE).problems == ()


@pytest.mark.parametrize("fault", [fault for fault in FAULTS if fault.name in ON_POSTGRESQL], ids=str)
def test_the_worker_gets_over_a_fault_on_postgresql_and_no_mail_is_lost(fault: Fault, postgres: Postgres) -> None:
    assert run(fault, Kind.POSTGRESQL, server=postgres).problems == ()


def test_every_fault_that_is_to_run_on_postgresql_is_there() -> None:
    assert set(ON_POSTGRESQL) <= {fault.name for fault in FAULTS}


@pytest.mark.parametrize(("module", "name"), PAUSES, ids=[name for _, name in PAUSES])
def test_a_pause_that_the_tests_shorten_is_still_in_the_code(module: object, name: str) -> None:
    assert hasattr(module, name)


def test_no_two_faults_have_one_name() -> None:
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)


def test_what_is_not_taken_is_tried_again_later_and_later_and_not_all_at_once() -> None:
    with running_world(Kind.SQLITE, HOURS) as world:
        world.smtp.close()
        world.deposit(3)
        world.start_worker()
        await_state(lambda: world.worker.said(NOT_DELIVERED) >= 6 * 3, "each of six mails is tried three times")
        world.worker.kill()
        tried = _tried(world)
    shares = []
    assert len(tried) == 6
    for moments in tried:
        pauses = [later - earlier for earlier, later in pairwise(moments)]
        for number, pause in enumerate(pauses):
            assert pause >= FIRST_DELAY * (1 << number) * 0.75
        # The last is when it will be tried next: no loop has come late to it yet.
        share = pauses[-1] / (FIRST_DELAY * (1 << (len(pauses) - 1)))
        assert share <= 1.25
        shares.append(share)
    assert max(shares) - min(shares) > 0.01


def _tried(world: World) -> list[list[datetime]]:
    """When each delivery that waits was tried, and, last, when it is due again."""
    attempts = select(attempt.c.at, attempt.c.delivery_id).order_by(attempt.c.delivery_id, attempt.c.at)
    waiting = select(delivery.c.id, delivery.c.next_attempt_at).where(delivery.c.state == DeliveryState.PENDING)
    with world.database.reading() as uow:
        transaction = uow._transaction
        moments: dict[str, list[datetime]] = {}
        for row in transaction.read(attempts).all():
            moments.setdefault(row.delivery_id, []).append(row.at)
        return [[*moments[row.id], row.next_attempt_at] for row in transaction.read(waiting).all()]
