"""The worker's loops go on after what passes, and end when they are told to or can't go on."""

from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path

import pytest

from helpdesk.errors import DatabaseUnavailable, MailboxUnavailable, Problem
from helpdesk.jobs.tell_admins import TemplateWatch
from helpdesk.jobs.watch import DeliveryLoop, FolderWatch, Worker, pause_after, run_once
from helpdesk.model.delivery import Purpose
from tests.fakes import make_mail
from tests.jobs.conftest import Office

FOREVER = timedelta(days=1)


@pytest.mark.parametrize(("failures", "seconds"), [(1, 1), (2, 2), (6, 32), (7, 60), (500, 60)])
def test_pauses_double_up_to_a_minute(failures: int, seconds: int) -> None:
    assert pause_after(failures, 0.5) == seconds


def loop(office: Office) -> DeliveryLoop:
    return DeliveryLoop(office.deliverer, office.freshener, threading.Event(), office.wake)


def watch(office: Office, stop: threading.Event) -> FolderWatch:
    return FolderWatch(office.ingest, stop, lambda: -1.4, FOREVER)


def test_one_run_processes_and_delivers_and_closes(office: Office) -> None:
    office.start()
    office.folder.put(make_mail())
    assert run_once([office.ingest], loop(office)) == 1
    assert len(office.transport.to("sam@example.org")) == 1
    assert office.folder.closed
    assert office.transport.closed


def test_one_run_delivers_what_is_due_though_the_mailbox_is_down(office: Office) -> None:
    office.start()
    office.folder.put(make_mail())
    office.ingest.poll()

    def fail(step: str) -> None:
        raise MailboxUnavailable("the server is away")

    office.folder.before = fail
    with pytest.raises(MailboxUnavailable):
        run_once([office.ingest], loop(office))
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
