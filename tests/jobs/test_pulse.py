"""What the loops leave behind: that they move, that a folder is read, how sending goes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from helpdesk.errors import DatabaseUnavailable, LoginRefused, MailboxUnavailable
from helpdesk.jobs.ports import Store, UnitOfWork
from helpdesk.jobs.pulse import FolderSigns, Pulse, SendingSigns, WatchedTransport, asked
from helpdesk.jobs.watch import FolderWatch
from helpdesk.model.delivery import Attempt, Delivery, Outcome, Purpose
from helpdesk.model.health import FolderFacts
from helpdesk.model.mailbox import FolderStatus
from helpdesk.model.policy import FolderPolicy, StartFrom, StartMode
from helpdesk.store.database import Database, open_database
from tests.fakes import MONDAY, FakeFolder, FakeTransport, FixedClock


class Stopwatch:
    """Seconds that pass when they are told to."""

    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def seconds() -> Stopwatch:
    return Stopwatch()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Database]:
    store = open_database(f"sqlite:///{tmp_path / 'desk.db'}", b"k" * 32, create=True)
    yield store
    store.close()


class FailingStore:
    """A store whose writing fails as long as it is told to."""

    def __init__(self, real: Store) -> None:
        self.real = real
        self.fails = False

    def writing(self) -> AbstractContextManager[UnitOfWork]:
        if self.fails:
            raise DatabaseUnavailable("full")
        return self.real.writing()

    def __getattr__(self, name: str) -> object:
        return getattr(self.real, name)


def test_a_loop_that_moves_in_its_bound_is_not_stuck(seconds: Stopwatch) -> None:
    pulse = Pulse(seconds)
    quick, slow = pulse.watch(timedelta(seconds=10)), pulse.watch(timedelta(seconds=100))
    for _ in range(30):
        seconds.at += 10
        quick()
        if seconds.at % 100 == 0:
            slow()
        assert not pulse.is_stuck()
    assert not pulse.was_stuck


def test_one_loop_that_hangs_is_enough_and_is_remembered(seconds: Stopwatch) -> None:
    pulse = Pulse(seconds)
    quick, slow = pulse.watch(timedelta(seconds=10)), pulse.watch(timedelta(seconds=100))
    seconds.at += 10.5
    slow()
    assert pulse.is_stuck()
    quick()
    assert not pulse.is_stuck()
    assert pulse.was_stuck


def test_to_be_asked_whether_to_stop_is_a_sign_of_life(seconds: Stopwatch) -> None:
    pulse = Pulse(seconds)
    stopping = asked(pulse.watch(timedelta(seconds=10)), lambda: True)
    seconds.at += 60
    assert pulse.is_stuck()
    assert stopping()
    assert not pulse.is_stuck()


class Folder:
    """The signs of a folder that was started, and what they called."""

    def __init__(self, store: Store, seconds: Stopwatch) -> None:
        self.clock, self.moves, self.changes = FixedClock(), 0, 0
        with store.writing() as uow:
            uow.mailboxes.start("info", "INBOX", FolderStatus(1, 1, 0), StartFrom(StartMode.ALL), MONDAY)
            uow.commit()
        self.store = store
        self.signs = FolderSigns(
            "info", "INBOX", store, self.clock, set(), move=self.move, changed=self.change, seconds=seconds
        )

    def move(self) -> None:
        self.moves += 1

    def change(self) -> None:
        self.changes += 1

    def polled_at(self) -> datetime | None:
        with self.store.reading() as uow:
            return uow.mailboxes.all()[0].polled_at


def test_a_poll_that_came_to_its_end_is_recorded_once_a_minute(store: Database, seconds: Stopwatch) -> None:
    folder = Folder(store, seconds)
    assert folder.polled_at() is None
    folder.signs.read()
    assert folder.polled_at() == MONDAY
    seconds.at += 59
    folder.clock.advance(seconds=59)
    folder.signs.read()
    assert folder.polled_at() == MONDAY
    seconds.at += 1
    folder.clock.advance(seconds=1)
    folder.signs.reads_on()
    assert folder.polled_at() == MONDAY + timedelta(minutes=1)
    assert folder.signs.polls == 2
    assert folder.moves == 3


def test_a_folder_is_unread_since_anybody_read_it(store: Database, seconds: Stopwatch) -> None:
    folder = Folder(store, seconds)
    seconds.at += 600
    folder.clock.advance(minutes=10)
    assert folder.signs.facts(None) == FolderFacts(timedelta(minutes=10))
    assert folder.signs.facts(MONDAY + timedelta(minutes=9)).unread_for == timedelta(minutes=1)
    assert folder.signs.facts(MONDAY).last_read == timedelta(minutes=10)
    # A clock that was set back makes no span of less than nothing.
    assert folder.signs.facts(MONDAY + timedelta(hours=1)).unread_for == timedelta()
    folder.signs.read()
    assert folder.signs.facts(MONDAY) == FolderFacts(timedelta(), timedelta(), MONDAY + timedelta(minutes=10))


def test_a_refused_login_is_told_at_once_and_stands_until_the_folder_is_read(store: Database, seconds: Stopwatch) -> None:
    folder = Folder(store, seconds)
    folder.signs.failed(MailboxUnavailable("away"))
    assert (folder.signs.facts(None).login_refused, folder.changes) == (False, 0)
    folder.signs.failed(LoginRefused("no"))
    folder.signs.failed(LoginRefused("no"))
    folder.signs.failed(MailboxUnavailable("away"))
    assert (folder.signs.facts(None).login_refused, folder.changes) == (True, 1)
    assert folder.signs.failed_polls == 4
    folder.signs.read()
    assert (folder.signs.facts(None).login_refused, folder.changes) == (False, 2)
    folder.signs.read()
    assert folder.changes == 2


def test_a_message_that_is_not_given_is_told_at_once(store: Database, seconds: Stopwatch) -> None:
    folder = Folder(store, seconds)
    folder.signs.refused.add(7)
    folder.signs.read()
    folder.signs.read()
    assert (folder.signs.facts(None).refused_messages, folder.changes) == (1, 1)


def test_what_one_worker_found_wrong_is_not_its_to_tell_when_another_reads(store: Database, seconds: Stopwatch) -> None:
    folder = Folder(store, seconds)
    folder.signs.failed(LoginRefused("no"))
    folder.signs.failed(DatabaseUnavailable("the turn was lost"))
    folder.signs.aside()
    assert not folder.signs.facts(None).login_refused
    assert not folder.signs.database_fails
    assert folder.moves == 3


def test_a_worker_that_waits_for_its_turn_moves(store: Database, seconds: Stopwatch) -> None:
    class Ingest:
        def __init__(self) -> None:
            self.account, self.policy, self.folder = "info", FolderPolicy("INBOX"), FakeFolder()
            self.store = self

        def turn(self, name: str) -> None:
            """Another worker has it."""

    stop, aside = threading.Event(), list[int]()

    def stands_aside() -> None:
        aside.append(1)
        stop.set()

    FolderWatch(Ingest(), stop, lambda: 0.5, timedelta(days=1), aside=stands_aside).run()  # type: ignore[arg-type]
    assert aside == [1]


def test_without_the_database_the_silence_of_the_mailbox_does_not_count(store: Database, seconds: Stopwatch) -> None:
    folder = Folder(store, seconds)
    seconds.at += 3600
    folder.signs.failed(DatabaseUnavailable("full"))
    assert folder.signs.database_fails
    assert folder.signs.facts(None).unread_for == timedelta()
    folder.signs.read()
    assert not folder.signs.database_fails


def test_a_full_disk_shows_though_no_mail_comes(store: Database, seconds: Stopwatch) -> None:
    failing = FailingStore(store)
    folder = Folder(failing, seconds)  # type: ignore[arg-type]
    folder.signs.read()
    failing.fails = True
    folder.signs.read()
    assert not folder.signs.database_fails
    seconds.at += 60
    folder.signs.read()
    assert folder.signs.database_fails
    failing.fails = False
    # It is tried again at the next poll, not a minute later.
    folder.signs.read()
    assert not folder.signs.database_fails


def test_a_folder_that_was_never_started_has_no_poll_to_record(store: Database, seconds: Stopwatch) -> None:
    signs = FolderSigns("info", "Other", store, FixedClock(), set(), seconds=seconds)
    signs.read()
    signs.failed(LoginRefused("no"))
    with store.reading() as uow:
        assert uow.mailboxes.all() == []


def attempt(outcome: Outcome, code: int | None, *, reached: bool = True) -> Attempt:
    return Attempt(outcome, code, reached_server=reached)


@pytest.mark.parametrize(
    ("tried", "refused", "let_in", "failing"),
    [
        pytest.param(attempt(Outcome.SENT, 250), False, True, False, id="sent"),
        pytest.param(attempt(Outcome.PERMANENT, 550, reached=False), False, True, False, id="recipient refused"),
        pytest.param(attempt(Outcome.TRANSIENT, 450, reached=False), False, True, False, id="recipient put off"),
        pytest.param(attempt(Outcome.TRANSIENT, None, reached=False), False, False, True, id="no connection"),
        pytest.param(attempt(Outcome.TRANSIENT, 421, reached=False), False, False, True, id="server closes"),
        pytest.param(attempt(Outcome.TRANSIENT, 454, reached=False), False, False, True, id="login put off"),
        pytest.param(attempt(Outcome.TRANSIENT, 554, reached=False), False, False, True, id="greeted with a refusal"),
        pytest.param(attempt(Outcome.TRANSIENT, 535, reached=False), True, False, True, id="login refused"),
        pytest.param(attempt(Outcome.TRANSIENT, 534, reached=False), True, False, True, id="login too weak"),
        pytest.param(attempt(Outcome.TRANSIENT, 530, reached=False), True, False, True, id="login wanted"),
        pytest.param(attempt(Outcome.PERMANENT, None, reached=False), False, False, False, id="cannot be written in SMTP"),
    ],
)
def test_what_a_try_to_send_tells(tried: Attempt, refused: bool, let_in: bool, failing: bool, seconds: Stopwatch) -> None:
    signs = SendingSigns(FixedClock(), seconds=seconds)
    signs.tried(tried)
    facts = signs.facts()
    assert facts.login_refused is refused
    assert facts.opened_at == (MONDAY if let_in else None)
    assert facts.failing_for == (timedelta() if failing else None)
    assert signs.outcomes == {tried.outcome: 1}


def test_sending_fails_since_the_first_of_the_tries_that_failed(seconds: Stopwatch) -> None:
    changes: list[int] = []
    signs = SendingSigns(FixedClock(), lambda: changes.append(1), seconds)
    signs.tried(attempt(Outcome.TRANSIENT, 535))
    seconds.at += 60
    signs.tried(attempt(Outcome.TRANSIENT, None))
    assert signs.facts().failing_for == timedelta(minutes=1)
    assert signs.facts().login_refused
    signs.tried(attempt(Outcome.SENT, 250))
    assert signs.facts().failing_for is None
    assert not signs.facts().login_refused
    assert len(changes) == 2


def test_that_a_login_was_refused_is_news_for_a_while(seconds: Stopwatch) -> None:
    changes: list[int] = []
    signs = SendingSigns(FixedClock(), lambda: changes.append(1), seconds)
    signs.tried(attempt(Outcome.TRANSIENT, 535))
    seconds.at += 119
    assert signs.facts().login_refused
    seconds.at += 1
    assert not signs.facts().login_refused
    signs.tried(attempt(Outcome.TRANSIENT, 535))
    assert signs.facts().login_refused
    assert len(changes) == 1


def test_a_watched_transport_sends_and_tells(seconds: Stopwatch) -> None:
    inner, signs, moves = FakeTransport(), SendingSigns(FixedClock(), seconds=seconds), list[int]()
    watched = WatchedTransport(inner, signs, lambda: moves.append(1))
    delivery = Delivery("d", None, "c", Purpose.ADMIN_ALERT, 1, MONDAY, "info@exithate.org", "dana@example.org", b"")
    assert watched.send(delivery).outcome is Outcome.SENT
    assert inner.sent == [delivery]
    assert signs.outcomes[Outcome.SENT] == len(moves) == 1
    watched.close()
    assert inner.closed
