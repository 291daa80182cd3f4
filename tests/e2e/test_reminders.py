"""Reminders and digests by the whole program: from a real mailbox to a real SMTP server, by `run --once` and by the worker."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from helpdesk.bootstrap import application as running
from helpdesk.model.policy import StartFrom, StartMode
from tests.e2e.conftest import STAFF_ADDRESSES, Place
from tests.fakes import MONDAY, FixedClock, make_mail
from tests.reliability.process import await_state

SUBJECTS = ["A message is waiting", "A message is still waiting", "This morning's list", "A message needs somebody"]


def subjects(place: Place) -> list[str]:
    """What staff were sent so far."""
    return [mail["Subject"] for address in sorted(STAFF_ADDRESSES) for mail in place.mails_to(address)]


def test_run_once_reminds_and_writes_the_list_of_the_morning(place: Place) -> None:
    clock = FixedClock()
    place.dovecot.append(place.user, make_mail(), received_at=MONDAY)
    for at in (timedelta(), timedelta(hours=4), timedelta(hours=23), timedelta(hours=26), timedelta(hours=27)):
        clock.at = MONDAY + at
        with place.application(clock) as application:
            application.start_mailbox(StartFrom(StartMode.ALL))
            application.run_once()
    assert sorted(subjects(place)) == sorted(SUBJECTS)


def test_the_worker_reminds_by_itself(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    for interval in ("REMIND_EVERY", "DELIVER_EVERY"):
        monkeypatch.setattr(running, interval, timedelta(seconds=0.1))
    clock, stop = FixedClock(), threading.Event()
    place.dovecot.append(place.user, make_mail(), received_at=MONDAY)
    with place.application(clock) as application:
        application.start_mailbox(StartFrom(StartMode.ALL))
        worker = threading.Thread(target=application.run_until, args=(stop,), daemon=True)
        worker.start()
        await_state(lambda: subjects(place) == SUBJECTS[:1], "the notice is sent")
        clock.advance(hours=4)
        await_state(lambda: sorted(subjects(place)) == sorted(SUBJECTS[:2]), "the reminder is sent")
        stop.set()
        worker.join()
