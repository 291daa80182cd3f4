"""`helpdesk import`: takes in mail that no poll has taken in."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from helpdesk.bootstrap import open_application
from helpdesk.cli.output import say
from helpdesk.jobs.import_mail import Imported
from helpdesk.log import configure_logs
from helpdesk.upkeep import import_mail as take_in

_ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def import_mail(
    mailbox: Annotated[bool, typer.Option("--mailbox", help="From the mailbox: what the polled folders hold back.")] = False,
    folder: Annotated[str | None, typer.Option("--folder", help="All of this folder that the database does not have.")] = None,
) -> None:
    """Take in mail by hand. Each message gets its ticket; nobody gets an automatic answer, and the lead one summary.

    It may be interrupted at any moment, and run again.

    Example: helpdesk import --mailbox
    """
    if not mailbox:
        raise typer.BadParameter("Say from where: --mailbox, and for a folder that is not polled also --folder NAME.")
    stop = threading.Event()
    watched = sys.stderr.isatty()
    if watched:
        # A line for each message would bury the bar, and what is said at the end.
        configure_logs(quiet=True)
    with open_application(Path(), os.environ) as application, _ended_by_a_signal(stop), _bar(shown=watched) as bar:
        task = bar.add_task("Taking in", total=None)
        imported = take_in(application, folder, lambda done, found: bar.update(task, completed=done, total=found), stop.is_set)
    for each in imported:
        say(_in_words(each))
    if any(each.stopped for each in imported):
        raise typer.Exit(1)


def _in_words(imported: Imported) -> str:
    name = imported.folder
    if not imported.found:
        return f"{name}: nothing to take in, the database has everything."
    taken = f"{name}: {imported.taken} of {imported.found} messages taken in."
    on = f" They are on {imported.references}; nobody was answered, and the lead gets one summary." if imported.tickets else ""
    stopped = " It was stopped: what is in stays in, and the same command goes on with the rest." if imported.stopped else ""
    return f"{taken}{on}{stopped}"


@contextmanager
def _ended_by_a_signal(stop: threading.Event) -> Iterator[None]:
    """Ctrl-C, a terminal that is closed and `kill` end the work between two messages: the leads hear of what was taken in."""
    before = {number: signal.signal(number, lambda *_: stop.set()) for number in _ENDINGS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _bar(*, shown: bool) -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=Console(stderr=True), transient=True, disable=not shown)
