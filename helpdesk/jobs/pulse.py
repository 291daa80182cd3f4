"""What the worker's loops leave behind for whoever watches over them: that they move, what they read, how sending goes.

Nothing is decided here, and nobody is told. Each object is written by one loop and read by others, a whole value at a time.
Spans are measured by a clock that nobody can set.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from helpdesk.boundary import Boundary, reached
from helpdesk.clock import Clock
from helpdesk.errors import DatabaseUnavailable, HelpdeskError, LoginRefused
from helpdesk.jobs.ports import Store, Transport
from helpdesk.model.delivery import Attempt, Delivery, Outcome
from helpdesk.model.health import FolderFacts, SendingFacts

Seconds = Callable[[], float]

RECORD_EVERY = timedelta(minutes=1)
# Longer than the time between two looks, so that none misses it.
REFUSED_IS_NEWS_FOR = timedelta(minutes=2)
# Replies by which a server refuses our login, or wants one: RFC 4954 section 6.
_LOGIN_REFUSED = frozenset({530, 534, 535})
# Replies that come before we are let in: closing, temporary failure of authentication.
_NOT_LET_IN = frozenset({421, 454})


@dataclass(slots=True)
class _Loop:
    bound: float
    moved_at: float


@dataclass(slots=True)
class Pulse:
    """Knows of each loop when it last moved. A loop that has not for longer than its own bound hangs."""

    seconds: Seconds = time.monotonic
    was_stuck: bool = False
    _loops: list[_Loop] = field(default_factory=list)

    def watch(self, bound: timedelta) -> Callable[[], None]:
        """Watch one more loop, which must call what is returned at least once in every `bound`."""
        loop = _Loop(bound.total_seconds(), self.seconds())
        self._loops.append(loop)

        def move() -> None:
            loop.moved_at = self.seconds()

        return move

    def is_stuck(self) -> bool:
        """Whether any loop hangs now; that one did is remembered in `was_stuck`."""
        now = self.seconds()
        stuck = any(now - loop.moved_at > loop.bound for loop in self._loops)
        self.was_stuck = self.was_stuck or stuck
        return stuck


def asked(move: Callable[[], None], stopping: Callable[[], bool]) -> Callable[[], bool]:
    """`stopping`, which a loop asks between two steps: that it does so is a sign of life."""

    def moving() -> bool:
        move()
        return stopping()

    return moving


@dataclass(slots=True)
class FolderSigns:
    """What a folder's loop leaves behind. `account` and `folder` name it in the database.

    `refused` are the UIDs that the server listed and did not give in the last poll; `changed` is called when there is
    something that somebody should hear of at once. `database_fails`: the last time that it was written to, it could not
    be used.
    """

    account: str
    folder: str
    store: Store
    clock: Clock
    refused: set[int]
    move: Callable[[], None] = lambda: None
    changed: Callable[[], None] = lambda: None
    seconds: Seconds = time.monotonic
    polls: int = 0
    failed_polls: int = 0
    database_fails: bool = False
    _login_refused: bool = False
    _refused_messages: int = 0
    _read_at: datetime | None = None
    _fresh_at: float = field(init=False)
    _last_read_at: float | None = None
    _recorded_at: float | None = None

    def __post_init__(self) -> None:
        self._fresh_at = self.seconds()

    def read(self) -> None:
        """A poll came to its end."""
        before = None if self._read_at is None else (self._login_refused, self._refused_messages)
        self.polls += 1
        self._login_refused, self._refused_messages = False, len(self.refused)
        self._read_at = self.clock.now()
        self.reads_on()
        if before != (self._login_refused, self._refused_messages):
            self.changed()

    def reads_on(self) -> None:
        """A poll that takes long has taken something in."""
        self.move()
        self._fresh_at = self._last_read_at = self.seconds()
        is_due = self._recorded_at is None or self._fresh_at - self._recorded_at >= RECORD_EVERY.total_seconds()
        if is_due or self.database_fails:
            # A full disk lets itself be read, and a poll without new mail writes nothing else: here it shows.
            self.database_fails = True
            with suppress(DatabaseUnavailable):
                self._record()
                self._recorded_at, self.database_fails = self._fresh_at, False

    def aside(self) -> None:
        """Another worker reads this folder, so the database says: what this one had found wrong is that one's to tell."""
        self.move()
        self._login_refused, self._refused_messages, self.database_fails = False, 0, False

    def failed(self, error: HelpdeskError) -> None:
        """A poll ended with this error."""
        self.move()
        self.failed_polls += 1
        if isinstance(error, DatabaseUnavailable):
            # Nothing is known of the mailbox: its silence counts from when the database was there again.
            self._fresh_at = self.seconds()
            self.database_fails = True
        elif isinstance(error, LoginRefused) and not self._login_refused:
            self._login_refused = True
            self.changed()

    def facts(self, polled_at: datetime | None) -> FolderFacts:
        """What is known now; `polled_at` is when any worker last read this folder."""
        spans = [timedelta(seconds=self.seconds() - at) for at in (self._last_read_at,) if at is not None]
        if polled_at is not None:
            # A clock that was set back makes no span of less than nothing.
            spans.append(max(self.clock.now() - polled_at, timedelta()))
        return FolderFacts(
            unread_for=min([timedelta(seconds=self.seconds() - self._fresh_at), *spans]),
            last_read=min(spans, default=None),
            read_at=self._read_at,
            login_refused=self._login_refused,
            refused_messages=self._refused_messages,
        )

    def _record(self) -> None:
        with self.store.writing() as uow:
            record = uow.mailboxes.find(self.account, self.folder)
            if record is not None:
                uow.mailboxes.record_poll(record.id, self.clock.now())
            uow.commit()
            reached(Boundary.POLL_RECORDED)


@dataclass(slots=True)
class SendingSigns:
    """What the tries to send leave behind.

    That a login was refused is said for a while only: the alarm that came of it stands until a server lets somebody in, which
    may be another worker, that knows better then.
    """

    clock: Clock
    changed: Callable[[], None] = lambda: None
    seconds: Seconds = time.monotonic
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    _refused_at: float | None = None
    _opened_at: datetime | None = None
    _failing_since: float | None = None

    def tried(self, attempt: Attempt) -> None:
        """A mail was offered to the server, with this outcome."""
        self.outcomes[attempt.outcome] += 1
        was_refused = self._refused_at is not None
        if _was_let_in(attempt):
            self._refused_at = self._failing_since = None
            self._opened_at = self.clock.now()
        elif attempt.outcome is Outcome.TRANSIENT:
            self._refused_at = self.seconds() if attempt.code in _LOGIN_REFUSED else self._refused_at
            self._failing_since = self.seconds() if self._failing_since is None else self._failing_since
        if was_refused is (self._refused_at is None):
            self.changed()

    def facts(self) -> SendingFacts:
        refused_for, failing_for = self._since(self._refused_at), self._since(self._failing_since)
        is_refused = refused_for is not None and refused_for < REFUSED_IS_NEWS_FOR
        return SendingFacts(is_refused, self._opened_at, failing_for)

    def _since(self, at: float | None) -> timedelta | None:
        return None if at is None else timedelta(seconds=self.seconds() - at)


def _was_let_in(attempt: Attempt) -> bool:
    """Whether the server took our login and answered for this one mail, whatever it answered."""
    if attempt.outcome is Outcome.SENT:
        return True
    if attempt.code is None or attempt.code in _NOT_LET_IN:
        return False
    return attempt.outcome is Outcome.PERMANENT or 400 <= attempt.code < 500


@dataclass(slots=True)
class WatchedTransport:
    """A transport whose every try leaves a sign."""

    inner: Transport
    signs: SendingSigns
    move: Callable[[], None]

    def send(self, delivery: Delivery) -> Attempt:
        attempt = self.inner.send(delivery)
        self.move()
        self.signs.tried(attempt)
        return attempt

    def close(self) -> None:
        self.inner.close()
