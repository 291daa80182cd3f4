"""The worker's loops: one that watches a folder, one that delivers. Each goes on after every failure that will pass."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from helpdesk.errors import DatabaseUnavailable, HelpdeskError, MailboxNotStarted, MailboxUnavailable, place_of
from helpdesk.jobs.alarms import AlarmLoop
from helpdesk.jobs.deliver import Deliverer
from helpdesk.jobs.freshen import Freshener
from helpdesk.jobs.ingest import FolderIngest
from helpdesk.jobs.ports import Random, Turn
from helpdesk.jobs.reconcile import Reconciler
from helpdesk.log import Log

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 60.0
LONGEST_WAIT = 15.0
# Seconds between two looks whether the worker is gone that watches a folder.
TURN_EVERY = 5.0


def pause_after(failures: int, jitter: float) -> float:
    """Seconds to wait after so many failures in a row: doubling from 1 to 60, spread over 75 to 125 %."""
    return min(FIRST_PAUSE * (1 << min(failures - 1, 10)), LONGEST_PAUSE) * (0.75 + jitter / 2)


def turn_of(ingest: FolderIngest) -> Turn | None:
    """The right to read this folder; None while another worker has it. Raises DatabaseUnavailable."""
    return ingest.store.turn(f"{ingest.account}/{ingest.policy.folder}")


@dataclass(slots=True)
class FolderWatch:
    """Polls a folder, waits until its server tells of a change or `poll_every` has passed, and polls again.

    Only while it is this worker's turn: the others look every few seconds whether it is theirs. `read` is told of each poll
    that came to its end, `failed` of each that did not, `aside` that another worker's turn it is. `first` is called once,
    before the first poll.
    """

    ingest: FolderIngest
    stop: threading.Event
    random: Random
    poll_every: timedelta
    log: Log = field(default_factory=Log)
    read: Callable[[], None] = lambda: None
    failed: Callable[[HelpdeskError], None] = lambda error: None
    aside: Callable[[], None] = lambda: None
    first: Callable[[], None] = lambda: None
    turn: Turn | None = None
    waits_for_turn: bool | None = None

    def run(self) -> None:
        """Go on until `stop` is set. MailboxNotStarted ends it, since waiting would not help."""
        try:
            self._run()
        finally:
            self._end_turn()
            self.ingest.folder.close()

    def _run(self) -> None:
        failures = 0
        self.first()
        while not self.stop.is_set():
            try:
                if not self._has_turn():
                    self.aside()
                    self.stop.wait(TURN_EVERY)
                    continue
                self.ingest.poll()
                self.read()
                Reconciler(self.ingest).reconcile_if_due()
                self.ingest.folder.wait(self.poll_every.total_seconds())
                failures = 0
            except (MailboxUnavailable, DatabaseUnavailable) as error:
                failures += 1
                self.failed(error)
                # Another worker may reach what this one can't.
                self._end_turn()
                pause = pause_after(failures, self.random())
                self.log.warning("poll_failed", failures=failures, pause=round(pause, 1), place=place_of(error))
                self.stop.wait(pause)

    def _has_turn(self) -> bool:
        """Whether it is this worker's turn, or becomes so now; raises DatabaseUnavailable where it was lost."""
        if self.turn:
            self.turn.check()
            return True
        self.turn = turn_of(self.ingest)
        waits = self.turn is None
        if waits is not self.waits_for_turn:
            self.log.info("another_worker_watches" if waits else "watching", folder=self.ingest.policy.folder)
            self.waits_for_turn = waits
        return not waits

    def _end_turn(self) -> None:
        turn, self.turn = self.turn, None
        if turn:
            turn.end()


@dataclass(slots=True)
class DeliveryLoop:
    """Delivers whenever `wake` is set: by a folder that took mail in, or by the scheduler for what is due again.

    `move` is called as a sign of life, `put_right` to make due what a dead worker, or a clock that was set back, left waiting.
    """

    deliverer: Deliverer
    freshener: Freshener
    stop: threading.Event
    wake: threading.Event
    log: Log = field(default_factory=Log)
    move: Callable[[], None] = lambda: None
    put_right: Callable[[], None] = lambda: None

    def run(self) -> None:
        while not self.stop.is_set():
            self.move()
            try:
                self.put_right()
                self.freshener.freshen()
                self.deliverer.deliver_due()
            except DatabaseUnavailable as error:
                self.log.warning("delivery_paused", place=place_of(error))
            # Not for ever, and not by the clock of the scheduler: that clock may be set back.
            self.wake.wait(LONGEST_WAIT)
            # Cleared before the next look, so that what comes during that look wakes this loop once more.
            self.wake.clear()
        try:
            self.deliverer.finish()
        except DatabaseUnavailable as error:
            self.log.warning("delivery_paused", place=place_of(error))
        self.deliverer.transport.close()


@dataclass(slots=True)
class Worker:
    """Runs the loops in threads until `stop` is set, by a signal or because one of them ended."""

    watches: Sequence[FolderWatch]
    delivery: DeliveryLoop
    stop: threading.Event
    alarms: AlarmLoop | None = None
    threads: list[threading.Thread] = field(default_factory=list)

    def start(self) -> None:
        for number, watch in enumerate(self.watches):
            self._spawn(f"folder-{number}", watch.run)
        self._spawn("delivery", self.delivery.run)
        if self.alarms:
            # Watching is no part of the way of a mail: where it fails, mail goes on, and the heartbeat that stops tells.
            self._start("alarms", self.alarms.run)

    def end(self) -> None:
        """Stop every loop and wait for it: a mail that is being sent is finished first."""
        self.stop.set()
        self.delivery.wake.set()
        if self.alarms:
            self.alarms.wake.set()
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

        self._start(name, until_it_ends)

    def _start(self, name: str, run: Callable[[], None]) -> None:
        thread = threading.Thread(target=run, name=name)
        self.threads.append(thread)
        thread.start()


def run_once(
    ingests: Sequence[FolderIngest],
    delivery: DeliveryLoop,
    tell: Callable[[str], None],
    then: Callable[[], None] = lambda: None,
) -> int:
    """One poll of every folder while mail goes out beside it, then what is still due; returns how many were processed.

    A folder that another worker watches is left to it, and `tell` is given the words for that. `then` is called after polls
    that all went well, and may put more into the outbox. Raises MailboxUnavailable and
    the like after everything that is due was delivered all the same.
    """
    delivering = threading.Thread(target=delivery.run, name="delivery")
    delivering.start()
    try:
        done = _poll_each(ingests, tell)
        then()
        return done
    finally:
        delivery.stop.set()
        delivery.wake.set()
        delivering.join()
        delivery.freshener.freshen()
        delivery.deliverer.deliver_due()
        delivery.deliverer.transport.close()
        for ingest in ingests:
            ingest.folder.close()


def _poll_each(ingests: Sequence[FolderIngest], tell: Callable[[str], None]) -> int:
    """Poll every folder, also where an earlier one fails; the first failure is raised at the end."""
    done, failures = 0, []
    for ingest in ingests:
        try:
            done += _poll_in_turn(ingest, tell)
        except (MailboxUnavailable, MailboxNotStarted) as error:
            failures.append(error)
    if failures:
        raise failures[0]
    return done


def _poll_in_turn(ingest: FolderIngest, tell: Callable[[str], None]) -> int:
    turn = turn_of(ingest)
    if turn is None:
        tell(
            f"Another worker watches the folder {ingest.policy.folder}, and takes its mail in. This one left the folder alone "
            "and only sends what is due. Nothing has to be done."
        )
        return 0
    try:
        done = ingest.poll()
        Reconciler(ingest).reconcile_if_due()
        return done
    finally:
        turn.end()
