"""`helpdesk run`: the worker."""

from __future__ import annotations

import os
import signal
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from helpdesk.bootstrap import Application, open_application
from helpdesk.cli.output import say
from helpdesk.model.mailbox import MailboxRecord
from helpdesk.model.message import MessageState
from helpdesk.model.policy import StartFrom, StartMode


def run(
    once: Annotated[bool, typer.Option("--once", help="Poll once, deliver what is due, and exit.")] = False,
    start_from: Annotated[
        str | None, typer.Option("--start-from", help="Start a mailbox that is new to this database: now, all, or 2026-11-01.")
    ] = None,
) -> None:
    """Read the mailbox, answer each person, open tickets and tell staff, until stopped.

    Example: helpdesk run --start-from now
    """
    with open_application(Path(), os.environ, create=True) as application:
        if start_from is not None:
            for before in application.start_mailbox(_start(start_from, application)):
                say(f"{before.folder} was started before, {_told(before, application.office_zone)}; that holds.")
        if once:
            done = application.run_once()
            say(f"{done} {'message' if done == 1 else 'messages'} processed.")
            _warn_of_quarantine(application)
            return
        stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        if not application.run_until(stop):
            raise typer.Exit(1)


def _warn_of_quarantine(application: Application) -> None:
    with application.store.reading() as uow:
        count = uow.messages.count(MessageState.QUARANTINED)
    if count:
        say(f"In quarantine: {count}. See them with: helpdesk quarantine list")


def _told(record: MailboxRecord, zone: ZoneInfo) -> str:
    """From where on a folder is answered."""
    said = record.started_at.astimezone(zone)
    match record.started_from:
        case StartMode.NOW:
            return f"from {said:%Y-%m-%d %H:%M} on"
        case StartMode.DATE if record.since:
            return f"from {record.since.astimezone(zone):%Y-%m-%d} on (said on {said:%Y-%m-%d})"
        case _:
            return f"from its first message on (said on {said:%Y-%m-%d})"


def _start(text: str, application: Application) -> StartFrom:
    """`now`, `all` or a date up to today, which begins at midnight in the office's time zone."""
    wanted = text.strip().lower()
    if wanted in (StartMode.NOW, StartMode.ALL):
        return StartFrom(StartMode(wanted))
    try:
        since = datetime.strptime(wanted, "%Y-%m-%d").replace(tzinfo=application.office_zone)
    except ValueError:
        raise typer.BadParameter(f"{text} is none of: now, all, or a date such as 2026-11-01.") from None
    if since.date() > application.actions.today():
        raise typer.BadParameter(f"{text} lies ahead: until then nobody would be answered. Write now, or a day that was.")
    return StartFrom(StartMode.DATE, since.astimezone(UTC))
