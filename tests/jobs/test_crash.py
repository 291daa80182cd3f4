"""The worker dies at each step of a mail's way, is started anew, and nobody is missed or told twice.

There is one gap that nothing can close: the server has taken a mail, and the worker dies before it has written that down.
That mail goes out once more, the very same bytes, so that a mail program can see that it is one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from helpdesk.jobs.carry_out import Desk
from helpdesk.jobs.ports import Store, UnitOfWork
from helpdesk.model.delivery import Attempt, Delivery, Outcome, Purpose
from helpdesk.model.message import MessageState
from helpdesk.model.policy import AfterProcessing, FolderPolicy
from tests.fakes import FakeFolder, FakeTransport, make_mail
from tests.jobs.conftest import Office, make_desk, make_office

KEEP = FolderPolicy("INBOX")
MOVE = FolderPolicy("INBOX", after=AfterProcessing.MOVE, move_to="Processed")
POLICIES = pytest.mark.parametrize("policy", [KEEP, MOVE], ids=["keep", "move"])


class Death(BaseException):
    """The end of the process: no `except Exception` sees it, and whatever was not committed is gone."""


@dataclass
class Fate:
    """Counts the steps of one life, which ends at the step with the number or the name that was chosen."""

    dies_at: int | str | None = None
    steps: list[str] = field(default_factory=list)

    def reach(self, step: str) -> None:
        number = len(self.steps)
        self.steps.append(step)
        if self.dies_at in (number, step):
            raise Death(step)


@dataclass(frozen=True)
class Part:
    """One part of a unit of work: each call is a step, once it has done its work."""

    real: object
    name: str
    used: set[str]
    fate: Fate

    def __getattr__(self, method: str) -> Callable[..., Any]:
        def call(*arguments: object, **named: object) -> object:
            result = getattr(self.real, method)(*arguments, **named)
            if result or method != "claim":
                self.used.add(f"{self.name}.{method}")
            self.fate.reach(f"{self.name}.{method}")
            return result

        return call


# What a transaction is for is told from what was done in it.
TRANSACTIONS = {
    "messages.add": "tx 1, the raw row",
    "messages.record_processed": "tx 2, the ticket",
    "outbox.claim": "tx 3, the claim",
    "outbox.record": "tx 4, the record",
}


@dataclass
class MortalUnit:
    real: UnitOfWork
    fate: Fate
    used: set[str] = field(default_factory=set)

    def __getattr__(self, name: str) -> Part:
        return Part(getattr(self.real, name), name, self.used, self.fate)

    def commit(self) -> None:
        name = next((name for call, name in TRANSACTIONS.items() if call in self.used), "another transaction")
        self.fate.reach(f"before {name}")
        self.real.commit()
        self.fate.reach(f"after {name}")

    def savepoint(self) -> AbstractContextManager[None]:
        return self.real.savepoint()


@dataclass(frozen=True)
class MortalStore:
    real: Store
    fate: Fate

    @contextmanager
    def writing(self) -> Iterator[Any]:
        with self.real.writing() as uow:
            yield MortalUnit(uow, self.fate)

    @contextmanager
    def delivering(self) -> Iterator[Any]:
        with self.real.delivering() as uow:
            yield MortalUnit(uow, self.fate)

    def reading(self) -> AbstractContextManager[UnitOfWork]:
        return self.real.reading()


@dataclass(frozen=True)
class MortalTransport:
    real: FakeTransport
    fate: Fate

    def send(self, delivery: Delivery) -> Attempt:
        self.fate.reach("before SMTP")
        attempt = self.real.send(delivery)
        assert attempt.outcome is Outcome.SENT
        self.fate.reach("after 250")
        return attempt

    def close(self) -> None:
        self.real.close()


class MortalFolder(FakeFolder):
    def mark_processed(self, uids: Any) -> None:
        super().mark_processed(uids)
        self.before("marked")


@dataclass
class World:
    """What outlives the worker: the database file, the mailbox, and all the mail that ever reached somebody."""

    path: Path
    policy: FolderPolicy
    folder: MortalFolder = field(default_factory=MortalFolder)
    transport: FakeTransport = field(default_factory=FakeTransport)
    lives: int = 0

    def live(self, fate: Fate) -> None:
        """One life of a worker: it polls once and delivers what is due, unless it dies. Each begins ten minutes later."""
        with closing_office(self.path, self.policy) as office:
            office.clock.advance(minutes=10 * self.lives)
            self.lives += 1
            self.folder.before = lambda step: None
            self.folder.moves = self.policy.after is AfterProcessing.MOVE
            office.folder = office.ingest.folder = self.folder
            office.start()
            self.folder.before = fate.reach
            store = MortalStore(office.store, fate)
            office.ingest.store = office.deliverer.store = store
            office.ingest.processor = replace(office.ingest.processor, store=store)
            office.deliverer.transport = MortalTransport(self.transport, fate)
            office.ingest.poll()
            office.deliverer.deliver_due()

    def live_and_die(self, at: int | str) -> Fate:
        fate = Fate(at)
        with pytest.raises(Death):
            self.live(fate)
        return fate

    def sent(self, purpose: Purpose) -> list[Delivery]:
        return [delivery for delivery in self.transport.sent if delivery.purpose is purpose]

    def repeated(self) -> list[list[Delivery]]:
        """The deliveries that went out more than once, each with its repetitions."""
        times = Counter(delivery.id for delivery in self.transport.sent)
        return [[each for each in self.transport.sent if each.id == id_] for id_, count in times.items() if count > 1]

    def check_that_nothing_is_missing_or_double(self) -> None:
        """One row, one ticket, one acknowledgement, one notice; and the mailbox is as it should be."""
        with closing_office(self.path, self.policy) as office:
            assert {state: office.count(state) for state in MessageState if office.count(state)} == {MessageState.PROCESSED: 1}
            (ticket,) = office.tickets()
            assert office.ticket_events(ticket.number) == ["opened", "acknowledged", "assigned"]
        assert len({delivery.id for delivery in self.sent(Purpose.ACKNOWLEDGEMENT)}) == 1
        assert len({delivery.id for delivery in self.sent(Purpose.STAFF_ASSIGNED)}) == 1
        assert {each.purpose for each in self.transport.sent} == {Purpose.ACKNOWLEDGEMENT, Purpose.STAFF_ASSIGNED}
        if self.policy is MOVE:
            assert self.folder.messages == {}


@contextmanager
def closing_office(path: Path, policy: FolderPolicy) -> Iterator[Office]:
    office = make_office(path, the_desk(), policy)
    with closing(office.store):
        yield office


@cache
def the_desk() -> Desk:
    """One for all lives: reading the templates takes longer than a life."""
    return make_desk()


@pytest.fixture
def world(tmp_path: Path, policy: FolderPolicy) -> World:
    world = World(tmp_path, policy)
    world.folder.put(make_mail())
    return world


STEPS = [
    "search",
    "fetch",
    "before tx 1, the raw row",
    "after tx 1, the raw row",
    "tickets.open",
    "outbox.add",
    "messages.record_processed",
    "before tx 2, the ticket",
    "after tx 2, the ticket",
    "mark",
    "marked",
    "mailboxes.advance",
    "before tx 3, the claim",
    "after tx 3, the claim",
    "before SMTP",
    "after tx 4, the record",
]
IN_THE_GAP = ["after 250", "outbox.record", "before tx 4, the record"]


@POLICIES
@pytest.mark.parametrize("step", STEPS)
def test_death_at_this_step_repeats_nothing_and_loses_nothing(world: World, step: str) -> None:
    world.live_and_die(step)
    world.live(Fate())
    world.check_that_nothing_is_missing_or_double()
    assert world.repeated() == []


@POLICIES
@pytest.mark.parametrize("step", IN_THE_GAP)
def test_death_between_250_and_the_record_sends_the_same_bytes_once_more(world: World, step: str) -> None:
    world.live_and_die(step)
    world.live(Fate())
    world.check_that_nothing_is_missing_or_double()
    repeated = world.repeated()
    assert repeated
    for first, *others in repeated:
        (again,) = others
        assert (again.message_id, again.content) == (first.message_id, first.content)
        assert again.message_id
        assert again.attempts == first.attempts + 1


def steps_of_a_life(path: Path, policy: FolderPolicy) -> list[str]:
    path.mkdir()
    world, fate = World(path, policy), Fate()
    world.folder.put(make_mail())
    world.live(fate)
    world.check_that_nothing_is_missing_or_double()
    return fate.steps


@POLICIES
def test_the_gap_behind_250_is_the_only_one(tmp_path: Path, policy: FolderPolicy) -> None:
    steps = steps_of_a_life(tmp_path / "whole", policy)
    assert set(STEPS + IN_THE_GAP) <= set(steps)
    accepted = [number for number, step in enumerate(steps) if step == "after 250"]
    gaps = {number for first in accepted for number in range(first, steps.index("before tx 4, the record", first) + 1)}
    repeating = set()
    for number in range(len(steps)):
        world = World(tmp_path / str(number), policy)
        world.path.mkdir()
        world.folder.put(make_mail())
        world.live_and_die(number)
        world.live(Fate())
        world.check_that_nothing_is_missing_or_double()
        if world.repeated():
            repeating.add(number)
    assert repeating == gaps


@POLICIES
def test_a_second_death_in_the_next_life_changes_nothing(world: World) -> None:
    world.live_and_die("after tx 1, the raw row")
    world.live_and_die("before tx 2, the ticket")
    world.live_and_die("before SMTP")
    world.live(Fate())
    world.check_that_nothing_is_missing_or_double()
    assert world.repeated() == []
