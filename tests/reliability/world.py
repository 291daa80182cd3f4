"""A helpdesk as an operator runs it: its folder, its servers behind gates that can fail, and real workers that may be killed.

It puts mail in, waits until all is dealt with, and tells what became of each mail. It judges by the database and by what the
SMTP server took, never by what the worker says of itself.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import make_url

from helpdesk.boundary import Boundary
from helpdesk.settings import load_settings
from helpdesk.store.database import Database, open_database
from tests.e2e.conftest import Place
from tests.fakes import make_mail
from tests.reliability.authority import Authority
from tests.reliability.clock import FastClock
from tests.reliability.process import PATIENCE, NotSettled, WorkerProcess, await_state
from tests.reliability.results import Findings
from tests.reliability.surroundings import STAFF, Kind, fresh_database, furnish, small_disk, variables_of
from tests.reliability.tally import count_messages, look, unfinished
from tests.servers.dovecot import Dovecot, running_dovecot
from tests.servers.gate import Gate, Rule, Side, running_gate
from tests.servers.listener import listening
from tests.servers.postgres import Postgres
from tests.servers.smtp_sink import SmtpSink, running_sink

__all__ = ["PATIENCE", "Circumstances", "Kind", "NotSettled", "WorkerProcess", "World", "await_state", "running_world"]

SPEED = 30.0
# Tests that are killed end nothing themselves: the kernel sees to it, where util-linux can ask it to. It does so at the end
# of the thread that started the worker.
_DIES_WITH_US = [path, "--pdeathsig", "KILL"] if (path := shutil.which("setpriv")) else []


@dataclass(slots=True)
class World:
    """Everything that runs, and what was put in. `deposited` are the Message-IDs that must come out right.

    `database_url` is how tests reach the database; the worker may have to go through the gate `postgres`.
    """

    place: Place
    kind: Kind
    imap: Gate
    smtp: Gate
    authority: Authority
    clock: FastClock
    control: Path
    database: Database
    database_url: str
    idles: Rule
    patience: float
    postgres: Gate | None = None
    postgres_server: Postgres | None = None
    folder: str = "INBOX"
    deposited: list[str] = field(default_factory=list)
    workers: list[WorkerProcess] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    @property
    def dovecot(self) -> Dovecot:
        return self.place.dovecot

    @property
    def sink(self) -> SmtpSink:
        return self.place.sink

    @property
    def worker(self) -> WorkerProcess:
        """The one that was started last."""
        return self.workers[-1]

    def deposit(self, count: int) -> list[str]:
        """Put in mails of as many persons, received now; returns their Message-IDs."""
        made = [_mail(next(self._numbers)) for _ in range(count)]
        # Dovecot believes no date of the future, and the worker's clock runs ahead.
        received_at = min(self.clock.now(), datetime.now(UTC))
        raws = [raw for _, raw in made]
        self.dovecot.append_all(self.place.user, raws, received_at=received_at, folder=self.folder)
        self.deposited += (ids := [message_id for message_id, _ in made])
        return ids

    def start_worker(
        self,
        *,
        kill_at: Boundary | None = None,
        occurrence: int = 1,
        trace: Path | None = None,
        speed: float | None = None,
        database_url: str = "",
    ) -> WorkerProcess:
        """A worker as `helpdesk run --start-from all`; it ends itself at the n-th time of a boundary where one is given.

        With a `database_url` it comes to the database by a way of its own.
        """
        typed = [*_DIES_WITH_US, sys.executable, "-m", "tests.reliability.worker", "--control", str(self.control)]
        typed += ["--shown", self.clock.shown.isoformat(), "--began", repr(self.clock.began)]
        typed += ["--speed", str(speed or self.clock.speed), "--patience", str(speed or self.patience)]
        if kill_at is not None:
            typed += ["--kill-at", kill_at.value, "--occurrence", str(occurrence)]
        if trace is not None:
            typed += ["--trace", str(trace)]
        environment = self.place.process_environment()
        if database_url:
            environment["HELPDESK_DATABASE_URL"] = database_url
        log = self.control / f"worker{len(self.workers)}.log"
        with log.open("wb") as stderr:
            process = subprocess.Popen(
                typed, cwd=self.place.directory, env=environment, stderr=stderr, stdin=subprocess.DEVNULL
            )
        self.workers.append(WorkerProcess(process, log))
        return self.worker

    def let_the_dead_be_found(self) -> None:
        """Have PostgreSQL look as if it had run for long: on a server that has just started nobody is called dead."""
        if self.postgres_server:
            self.postgres_server.let_sessions_look_old(make_url(self.database_url).database or "")

    def await_idle(self, seconds: float = PATIENCE) -> None:
        """Wait until the worker waits for mail anew: it has polled, and IDLE has begun."""
        before = self.idles.met
        # Renewed every few seconds, so that this ends also where the worker is there already.
        await_state(lambda: self.idles.met > before, "the worker waits for mail", seconds)

    def settled(self, seconds: float = PATIENCE, *, never: int = 0) -> None:
        """Wait until every mail but `never` is processed, and nothing waits in the outbox.

        Raises NotSettled: also when no worker is alive that could bring it about.
        """
        expected = len(self.deposited) - never

        def is_done() -> bool:
            done = unfinished(self.database, expected) == 0
            if not (done or any(worker.is_alive() for worker in self.workers)):
                raise NotSettled("every worker has ended, and mail is not dealt with")
            return done

        await_state(is_done, "all mail is dealt with", seconds)

    def stored(self) -> int:
        """How many messages are in the database."""
        return count_messages(self.database)

    def unmarked(self) -> int:
        """How many messages are in the folder that should have been moved out of it."""
        if self.place.more.get("HELPDESK_MAILBOX__AFTER", "move") != "move":
            return 0
        with self.dovecot.client(self.place.user, self.folder) as client:
            return len(client.search("ALL"))

    def findings(self) -> Findings:
        """What became of each mail."""
        return look(self.database, self.deposited, tuple(self.sink.caught))

    def log(self) -> str:
        """What the workers logged, for a person who looks into a failure."""
        return "".join(f"--- {worker.log.name}\n{worker.log.read_text(errors='replace')}" for worker in self.workers)


@dataclass(frozen=True, slots=True)
class Circumstances:
    """How a world is out of the ordinary.

    Its clock begins at `shown`, and runs `speed` times faster; the worker's timeouts are divided by `patience`, or by the
    same. `more` are settings. `dovecot` is added to that server's configuration. `small_disk` puts the database on a disk of
    a few megabytes, `postgres` on a server that runs already. Each of `staff` takes 1,000 tickets. With `webhook` there is an
    address to be called on an alarm.
    """

    speed: float = SPEED
    patience: float | None = None
    shown: datetime | None = None
    more: Mapping[str, str] = field(default_factory=dict)
    folder: str = "INBOX"
    dovecot: str = ""
    small_disk: bool = False
    postgres: Postgres | None = None
    staff: int = STAFF
    webhook: bool = False


ORDINARY = Circumstances()


@contextlib.contextmanager
def running_world(kind: Kind | str = Kind.SQLITE, around: Circumstances = ORDINARY) -> Iterator[World]:
    """A world of its own, ended at the end with all that runs in it."""
    kind = Kind(kind)
    with contextlib.ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="world-")))
        dovecot = stack.enter_context(running_dovecot(more=around.dovecot))
        sink = stack.enter_context(running_sink())
        authority = Authority(directory)
        certificate = authority.issue()
        imap = stack.enter_context(running_gate(dovecot.port, certificate=certificate))
        smtp = stack.enter_context(running_gate(sink.port, certificate=certificate))
        place = Place(directory / "desk", dovecot, sink, dovecot.fresh_user(), dict(around.more))
        database = stack.enter_context(fresh_database(kind, around.postgres))
        if around.small_disk:
            stack.enter_context(small_disk(place.directory / "data"))
        variables = variables_of(imap, smtp, authority) | {"HELPDESK_MAILBOX__FOLDERS": around.folder}
        if around.webhook:
            variables["HELPDESK_ALARM_WEBHOOK"] = stack.enter_context(listening()).url()
        furnish(place, {**variables, **database.variables}, around.staff)
        control = directory / "control"
        control.mkdir()
        clock = FastClock(around.shown or datetime.now(UTC), time.monotonic(), around.speed, control / "clock")
        settings = load_settings(place.directory, place.environment)
        url = database.own_url or settings.database_url
        opened = stack.enter_context(contextlib.closing(open_database(url, settings.secret_key, create=True)))
        with dovecot.client(place.user, around.folder):
            pass
        world = World(
            place=place,
            kind=kind,
            imap=imap,
            smtp=smtp,
            authority=authority,
            clock=clock,
            control=control,
            database=opened,
            database_url=url,
            idles=imap.add(Side.CLIENT, r"^\S+ IDLE\b", None, times=None),
            patience=around.patience or around.speed,
            postgres=database.gate,
            postgres_server=database.server,
            folder=around.folder,
        )
        try:
            yield world
        finally:
            for worker in world.workers:
                if worker.is_alive():
                    worker.kill()


def _mail(number: int) -> tuple[str, bytes]:
    """A mail of a person who has not written before, with words of their own; its Message-ID without <>."""
    message_id = f"{number}.{os.getpid()}@d{number}.example.org"
    raw = make_mail(
        f"Person {number} <p{number}@d{number}.example.org>",
        subject=f"A question, number {number}",
        body=f"Hello,\nthis is person number {number}. I would like to talk to somebody about the garden.\nThank you.\n",
        message_id=f"<{message_id}>",
    )
    return message_id, raw
