"""The real worker in a process of its own, quicker than life: `python -m tests.reliability.worker`, in a folder with settings.

Its clock, its pauses and its patience are all divided by the same number, so that what takes a minute takes seconds, and
seconds on its clock are what an operator would wait. Its sockets, its database and all else are real.
"""

from __future__ import annotations

import argparse
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from helpdesk.bootstrap import Application, open_application
from helpdesk.bootstrap import application as running
from helpdesk.boundary import Boundary, watched_by
from helpdesk.errors import MailboxUnavailable
from helpdesk.jobs import alarms, watch
from helpdesk.log import configure_logs, log_uncaught_errors
from helpdesk.mail import idle
from helpdesk.mail.mailbox import ImapFolder
from helpdesk.mail.smtp import SmtpTransport
from helpdesk.mail.smtp import transport as smtp_transport
from helpdesk.model.policy import StartFrom, StartMode
from helpdesk.store import postgres, sqlite
from tests.reliability.clock import FastClock

# Every pause and patience that is written in the code, in seconds or as a timedelta.
PAUSES: tuple[tuple[object, str], ...] = (
    (watch, "FIRST_PAUSE"),
    (watch, "LONGEST_PAUSE"),
    (watch, "LONGEST_WAIT"),
    (watch, "TURN_EVERY"),
    (alarms, "LOOK_EVERY"),
    (running, "COPY_EVERY"),
    (running, "DELIVER_EVERY"),
    (running, "REMIND_EVERY"),
    (idle, "RENEW_AFTER"),
    (idle, "ANSWER_WITHIN"),
    (smtp_transport, "LONGEST_QUIET"),
    (sqlite, "_BUSY_SECONDS"),
    (postgres, "LONGEST_STATEMENT"),
    (postgres, "LONGEST_QUESTION"),
    (postgres, "LOOK_EVERY"),
    (postgres, "TURN_BEAT"),
    (postgres, "TURN_LOST_AFTER"),
    (postgres, "PRESENCE_BEAT"),
    (postgres, "PRESENCE_LOST_AFTER"),
)
# What a session asks of the server, in seconds with their unit.
_SESSION_TIMEOUTS = ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout", "idle_session_timeout")


def main() -> int:
    args = _arguments()
    configure_logs()
    log_uncaught_errors()
    clock = FastClock(args.shown, args.began, args.speed, args.control / "clock")
    _quicken_code(args.speed)
    _fail_names_while(args.control / "no-names")
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with (
        watched_by(Watcher(args.trace, args.kill_at, args.occurrence)),
        open_application(Path(), os.environ, clock, create=True) as opened,
    ):
        application = _quickened(opened, args.speed, args.patience or args.speed)
        # Where the server is away now, the mailbox was started by an earlier worker, or the run says that it was not.
        with suppress(MailboxUnavailable):
            application.start_mailbox(StartFrom(StartMode.ALL))
        return 0 if application.run_until(stop) else 1


@dataclass(slots=True)
class Watcher:
    """Writes each boundary that is reached to a file, and kills this process at the n-th time of one."""

    trace: Path | None
    kill_at: Boundary | None
    occurrence: int
    _met: int = 0
    _counting: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, boundary: Boundary) -> None:
        if self.trace is not None:
            # Opened each time, with O_APPEND: whole lines of several threads and processes, in order, none lost.
            line = f"{boundary.value}\n".encode()
            with open(self.trace, "ab", buffering=0) as file:
                file.write(line)
        if boundary is self.kill_at and self._is_the_one():
            os.kill(os.getpid(), signal.SIGKILL)
            # This thread must go no step further, however long the signal takes.
            signal.pause() if threading.current_thread() is threading.main_thread() else threading.Event().wait()

    def _is_the_one(self) -> bool:
        with self._counting:
            self._met += 1
            return self._met == self.occurrence


def _arguments() -> argparse.Namespace:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--control", type=Path, required=True, help="a folder whose files steer this worker")
    options.add_argument("--shown", type=datetime.fromisoformat, required=True, help="what the clock showed when it began")
    options.add_argument("--began", type=float, required=True, help="when that was, by the monotonic clock of the machine")
    options.add_argument("--speed", type=float, default=1.0)
    options.add_argument("--patience", type=float, help="by what to divide timeouts, where that is not the speed")
    options.add_argument("--trace", type=Path, help="append each boundary that is reached to this file")
    options.add_argument("--kill-at", type=Boundary, choices=list(Boundary), metavar="BOUNDARY")
    options.add_argument("--occurrence", type=int, default=1, metavar="N")
    return options.parse_args()


def _quicken_code(speed: float) -> None:
    for module, name in PAUSES:
        # A name that is not there any more must be found out: the figures would not be true.
        setattr(module, name, getattr(module, name) / speed)
    # libpq takes no less than two seconds.
    postgres._CLIENT["connect_timeout"] = max(2, round(int(str(postgres._CLIENT["connect_timeout"])) / speed))
    for session in (postgres._SESSION, postgres._TURN_SESSION):
        for name in set(_SESSION_TIMEOUTS) & session.keys():
            session[name] = f"{1000 * float(session[name].removesuffix('s')) / speed:.0f}ms"


def _quickened(application: Application, speed: float, patience: float) -> Application:
    """The application with all that its settings say of times divided."""
    settings = application.settings
    smtp = replace(settings.smtp, timeout=settings.smtp.timeout / patience)
    imap = replace(settings.imap, timeout=settings.imap.timeout / patience)
    # What the deliverer knows of a delivery's deadline stays: it is told by the worker's clock, which is quick already.
    application.delivery.deliverer.transport = SmtpTransport(smtp, deadline=smtp_transport.DEADLINE / patience)
    for ingest in application.ingests:
        ingest.folder = ImapFolder(imap, ingest.policy, ingest.clock)
    desk = replace(settings.desk, poll_interval=settings.desk.poll_interval / speed)
    return replace(application, settings=replace(settings, imap=imap, smtp=smtp, desk=desk))


def _fail_names_while(failing: Path) -> None:
    """Let no server's name be found as long as the file is there, as when the resolver is away."""
    resolve: Callable[..., object] = socket.getaddrinfo

    def getaddrinfo(*arguments: object, **options: object) -> object:
        if failing.exists():
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        return resolve(*arguments, **options)

    socket.getaddrinfo = getaddrinfo  # type: ignore[assignment]


if __name__ == "__main__":
    sys.exit(main())
