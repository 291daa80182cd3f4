"""The worker's loops: one that watches a folder, one that delivers. Each goes on after every failure that will pass."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from helpdesk.errors import DatabaseUnavailable, MailboxNotStarted, MailboxUnavailable, place_of
from helpdesk.jobs.deliver import Deliverer
from helpdesk.jobs.freshen import Freshener
from helpdesk.jobs.ingest import FolderIngest
from helpdesk.jobs.ports import Random
from helpdesk.log import Log

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 60.0
LONGEST_WAIT = 15.0


def pause_after(failures: int, jitter: float) -> float:
    """Seconds to wait after so many failures in a row: doubling from 1 to 60, spread over 75 to 125 %."""
    return min(FIRST_PAUSE * (1 << min(failures - 1, 10)), LONGEST_PAUSE) * (0.75 + jitter / 2)


@dataclass(slots=True)
class FolderWatch:
    """Polls a folder, waits until its server tells of a change or `poll_every` has passed, and polls again."""

    ingest: FolderIngest
    stop: threading.Event
    random: Random
    poll_every: timedelta
    log: Log = field(default_factory=Log)

    def run(self) -> None:
        """Go on until `stop` is set. MailboxNotStarted ends it, since waiting would not help."""
        failures = 0
        while not self.stop.is_set():
            try:
                self.ingest.poll()
                self.ingest.folder.wait(self.poll_every.total_seconds())
                failures = 0
            except (MailboxUnavailable, DatabaseUnavailable) as error:
                failures += 1
                pause = pause_after(failures, self.random())
                self.log.warning("poll_failed", failures=failures, pause=round(pause, 1), place=place_of(error))
                self.stop.wait(pause)
        self.ingest.folder.close()


@dataclass(slots=True)
class DeliveryLoop:
    """Delivers whenever `wake` is set: by a folder that took mail in, or by the scheduler for what is due again."""

    deliverer: Deliverer
    freshener: Freshener
    stop: threading.Event
    wake: threading.Event
    log: Log = field(default_factory=Log)

    def run(self) -> None:
        while not self.stop.is_set():
            try:
                self.freshener.freshen()
                self.deliverer.deliver_due()
            except DatabaseUnavailable as error:
                self.log.warning("delivery_paused", place=place_of(error))
            # Not for ever, and not by the clock of the scheduler: that clock may be set back.
            self.wake.wait(LONGEST_WAIT)
            # Cleared before the next look, so that what comes during that look wakes this loop once more.
            self.wake.clear()
        self.deliverer.transport.close()


@dataclass(slots=True)
class Worker:
    """Runs the loops in threads until `stop` is set, by a signal or because one of them ended."""

    watches: Sequence[FolderWatch]
    delivery: DeliveryLoop
    stop: threading.Event
    threads: list[threading.Thread] = field(default_factory=list)

    def start(self) -> None:
        for number, watch in enumerate(self.watches):
            self._spawn(f"folder-{number}", watch.run)
        self._spawn("delivery", self.delivery.run)

    def end(self) -> None:
        """Stop every loop and wait for it: a mail that is being sent is finished first."""
        self.stop.set()
        self.delivery.wake.set()
        for watch in self.watches:
            watch.ingest.folder.interrupt()
        for thread in self.threads:
            thread.join()

    def _spawn(self, name: str, run: Callable[[], None]) -> None:
        def until_it_ends() -> None:
            try:
                run()
            finally:
                # A worker with a dead part would look alive while mail waits: end, and be started anew.
                self.stop.set()

        thread = threading.Thread(target=until_it_ends, name=name)
        self.threads.append(thread)
        thread.start()


def run_once(ingests: Sequence[FolderIngest], delivery: DeliveryLoop) -> int:
    """One poll of every folder while mail goes out beside it, then what is still due; returns how many were processed.

    Raises MailboxUnavailable and the like after everything that is due was delivered all the same.
    """
    delivering = threading.Thread(target=delivery.run, name="delivery")
    delivering.start()
    try:
        return _poll_each(ingests)
    finally:
        delivery.stop.set()
        delivery.wake.set()
        delivering.join()
        delivery.freshener.freshen()
        delivery.deliverer.deliver_due()
        delivery.deliverer.transport.close()
        for ingest in ingests:
            ingest.folder.close()


def _poll_each(ingests: Sequence[FolderIngest]) -> int:
    """Poll every folder, also where an earlier one fails; the first failure is raised at the end."""
    done, failures = 0, []
    for ingest in ingests:
        try:
            done += ingest.poll()
        except (MailboxUnavailable, MailboxNotStarted) as error:
            failures.append(error)
    if failures:
        raise failures[0]
    return done
