"""The worker's loops go on after what passes, and end when they are told to or can't go on."""

from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path

import pytest

from helpdesk.errors import DatabaseUnavailable, HelpdeskError, MailboxUnavailable, Problem
from helpdesk.jobs import watch as watch_module
from helpdesk.jobs.take_up import Successor
from helpdesk.jobs.tell_admins import TemplateWatch
from helpdesk.jobs.watch import DeliveryLoop, FolderWatch, Worker, pause_after, run_once, turn_of
from helpdesk.model.delivery import DeliveryState, Purpose
from tests.fakes import FakePresence, make_mail
from tests.jobs.conftest import DANA, MIKE, Office

FOREVER = timedelta(days=1)


@pytest.mark.parametrize(("failures", "seconds"), [(1, 1), (2, 2), (6, 32), (7, 60), (500, 60)])
def test_pauses_double_up_to_a_minute(failures: int, seconds: int) -> None:
    assert pause_after(failures, 0.5) == seconds


def loop(office: Office) -> DeliveryLoop:
    return DeliveryLoop(office.deliverer, office.freshener, threading.Event(), office.wake)


def watch(office: Office, stop: threading.Event) -> FolderWatch:
    return FolderWatch(office.ingest, stop, lambda: -1.4, FOREVER)


def test_something_can_be_done_once_before_the_first_poll(office: Office) -> None:
    office.start()
    stop, done = threading.Event(), []

    def before(step: str) -> None:
        done.append(step)
        if done.count("wait") == 2:
            stop.set()

    office.folder.before = before
    watching = watch(office, stop)
    watching.first = lambda: done.append("first")
    watching.run()
    assert done[0] == "first"
    assert done.count("first") == 1


def test_one_run_processes_and_delivers_and_closes(office: Office) -> None:
    office.start()
    office.folder.put(make_mail())
    assert run_once([office.ingest], loop(office), pytest.fail) == 1
    assert len(office.transport.to("sam@example.org")) == 1
    assert office.folder.closed
    assert office.transport.closed


def test_one_run_sends_what_is_decided_after_the_poll(office: Office) -> None:
    office.start()
    office.folder.put(make_mail())

    def then() -> None:
        assert len(office.tickets()) == 1
        office.actions.assign(1001, "mike")
        office.actions.assign(1001, "dana")

    run_once([office.ingest], loop(office), pytest.fail, then)
    assert office.transport.to(MIKE.email)
    assert office.transport.to(DANA.email)


def test_one_run_delivers_what_is_due_though_the_mailbox_is_down(office: Office) -> None:
    office.start()
    office.folder.put(make_mail())
    office.ingest.poll()

    def fail(step: str) -> None:
        raise MailboxUnavailable("the server is away")

    office.folder.before = fail
    with pytest.raises(MailboxUnavailable):
        run_once([office.ingest], loop(office), pytest.fail)
    assert len(office.transport.to("sam@example.org")) == 1


def has_turn_free(office: Office) -> bool:
    turn = turn_of(office.ingest)
    if turn:
        turn.end()
    return turn is not None


def test_one_run_leaves_a_folder_that_another_watches_to_it_and_delivers(office: Office) -> None:
    office.start()
    office.folder.put(make_mail())
    office.ingest.poll()
    office.folder.put(make_mail("kim@example.org", message_id="<two@example.org>"))
    turn = turn_of(office.ingest)
    assert turn
    said: list[str] = []
    assert run_once([office.ingest], loop(office), said.append) == 0
    assert [words.startswith("Another worker watches the folder INBOX") for words in said] == [True]
    assert len(office.transport.to("sam@example.org")) == 1
    assert office.transport.to("kim@example.org") == []
    turn.end()
    assert run_once([office.ingest], loop(office), pytest.fail) == 1
    assert has_turn_free(office)


def test_a_watch_waits_for_its_turn_and_then_reads(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch_module, "TURN_EVERY", 0.001)
    office.start()
    office.folder.put(make_mail())
    turn = turn_of(office.ingest)
    assert turn
    stop = threading.Event()
    looks: list[int] = []

    def stood_aside() -> None:
        looks.append(len(office.tickets()))
        if len(looks) == 3:
            turn.end()

    def stop_waiting(step: str) -> None:
        if step == "wait":
            stop.set()

    office.folder.before = stop_waiting
    folder_watch = watch(office, stop)
    folder_watch.aside = stood_aside
    folder_watch.run()
    assert looks == [0, 0, 0]
    assert len(office.tickets()) == 1
    assert has_turn_free(office)


def test_a_watch_that_has_lost_its_turn_reads_nothing_before_it_has_it_again(office: Office) -> None:
    office.start()
    stop = threading.Event()
    folder_watch = watch(office, stop)
    rounds: list[bool] = []

    def lose(step: str) -> None:
        if step != "wait":
            return
        rounds.append(has_turn_free(office))
        if len(rounds) == 1:
            assert folder_watch.turn
            folder_watch.turn.end()
        else:
            stop.set()

    office.folder.before = lose
    failures: list[HelpdeskError] = []
    folder_watch.failed = failures.append
    folder_watch.run()
    assert [type(error) for error in failures] == [DatabaseUnavailable]
    assert rounds == [False, False]


def test_a_watch_that_can_not_read_gives_its_turn_to_others(office: Office) -> None:
    office.start()
    free: list[bool] = []

    def fail(step: str) -> None:
        raise MailboxUnavailable("away")

    class Stop(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            free.append(has_turn_free(office))
            self.set()
            return True

    stop = Stop()
    office.folder.before = fail
    watch(office, stop).run()
    assert free == [True]


def test_what_dead_workers_left_is_taken_up_before_mail_goes_out(office: Office) -> None:
    office.start()
    office.folder.put(make_mail())
    office.ingest.poll()
    with office.store.delivering() as uow:
        uow.outbox.claim(office.clock.now(), FOREVER, 10, 4711)
        uow.commit()
    delivery = loop(office)
    delivery.put_right = Successor(office.store, FakePresence(), office.clock, FOREVER).take_up
    assert run_once([office.ingest], delivery, pytest.fail) == 0
    assert len(office.transport.to("sam@example.org")) == 1


def test_a_watch_goes_on_after_failures(office: Office) -> None:
    office.start()
    office.folder.put(make_mail())
    stop = threading.Event()
    failures = [MailboxUnavailable("away"), DatabaseUnavailable("full"), MailboxUnavailable("away")]

    def fail_three_times(step: str) -> None:
        if failures:
            raise failures.pop()
        if step == "wait":
            stop.set()

    office.folder.before = fail_three_times
    watch(office, stop).run()
    assert len(office.tickets()) == 1
    assert office.folder.closed


def test_a_worker_sends_what_its_watch_took_in_and_ends_when_told(office: Office) -> None:
    office.start()
    office.folder.put(make_mail())
    stop, waiting = threading.Event(), threading.Event()

    def hold(step: str) -> None:
        if step == "wait":
            waiting.set()
            stop.wait(30)

    office.folder.before = hold
    delivery = DeliveryLoop(office.deliverer, office.freshener, stop, office.wake)
    worker = Worker([watch(office, stop)], delivery, stop)
    worker.start()
    assert waiting.wait(30)
    for _ in range(3000):
        if office.transport.to("sam@example.org"):
            break
        threading.Event().wait(0.01)
    worker.end()
    assert len(office.transport.to("sam@example.org")) == 1
    assert office.folder.interrupted == 1
    assert all(not thread.is_alive() for thread in worker.threads)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_worker_with_a_part_that_cannot_go_on_ends(office: Office) -> None:
    # Never started: the watch ends with MailboxNotStarted, and the worker must not seem alive without it.
    stop = threading.Event()
    worker = Worker([watch(office, stop)], DeliveryLoop(office.deliverer, office.freshener, stop, office.wake), stop)
    worker.start()
    assert stop.wait(30)
    worker.end()


def test_delivery_goes_on_after_the_database_was_away(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    delivery = loop(office)
    calls = []

    def deliver() -> int:
        calls.append(1)
        if len(calls) == 1:
            office.wake.set()
            raise DatabaseUnavailable("full")
        delivery.stop.set()
        office.wake.set()
        return 0

    monkeypatch.setattr(type(office.deliverer), "deliver_due", lambda self: deliver())
    delivery.run()
    assert len(calls) == 2


class Library:
    def __init__(self, *problems: Problem) -> None:
        self.problems = problems

    def refresh(self) -> tuple[Problem, ...]:
        return self.problems


def test_a_refused_template_is_told_to_the_admins_once(office: Office) -> None:
    problem = Problem("templates/acknowledgement.md, line 3", "There is no such value.", "Write office.hours.")
    watch = TemplateWatch(Library(problem), office.desk, office.store, office.clock)
    watch.look()
    watch.look()
    office.deliverer.deliver_due()
    (alert,) = office.transport.sent
    assert alert.purpose is Purpose.ADMIN_ALERT


def test_warnings_of_templates_disturb_nobody(office: Office) -> None:
    warning = Problem("templates/acknowledgement.md, line 3", "It says always.", "Leave it out.", warning=True)
    TemplateWatch(Library(warning), office.desk, office.store, office.clock).look()
    assert office.deliverer.deliver_due() == 0


def test_a_refused_template_stops_nothing_while_the_database_is_away(office: Office, tmp_path: Path) -> None:
    class Away:
        def writing(self) -> None:
            raise DatabaseUnavailable("full")

    problem = Problem("templates/acknowledgement.md, line 3", "There is no such value.", "Write office.hours.")
    TemplateWatch(Library(problem), office.desk, Away(), office.clock).look()  # type: ignore[arg-type]


def test_what_was_sent_is_recorded_though_the_database_was_away_when_the_end_was_told(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else it would be sent again by the next worker."""
    office.start()
    office.folder.put(make_mail())
    office.ingest.poll()
    delivery, delivering = loop(office), office.store.delivering
    asked: list[bool] = []

    def locked_once_after_sending() -> object:
        if office.transport.sent and not asked:
            asked.append(True)
            delivery.stop.set()
            delivery.wake.set()
            raise DatabaseUnavailable("locked")
        return delivering()

    monkeypatch.setattr(office.store, "delivering", locked_once_after_sending)
    delivery.run()
    assert asked
    with office.store.reading() as uow:
        assert uow.outbox.counts()[DeliveryState.PENDING] == 1
        assert [row.id for row in uow.outbox.list([DeliveryState.SENT], 10)] == [each.id for each in office.transport.sent]


def test_a_database_that_is_away_at_the_end_does_not_keep_the_worker(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.start()
    office.folder.put(make_mail())
    office.ingest.poll()
    delivery, delivering = loop(office), office.store.delivering

    def locked_after_sending() -> object:
        if office.transport.sent:
            delivery.stop.set()
            delivery.wake.set()
            raise DatabaseUnavailable("locked")
        return delivering()

    monkeypatch.setattr(office.store, "delivering", locked_after_sending)
    delivery.run()
    assert office.transport.closed
