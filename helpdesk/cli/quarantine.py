"""`helpdesk quarantine`: messages that could not be processed, each stored whole."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from helpdesk.bootstrap import open_application
from helpdesk.cli.output import AsJson, Cell, moment, print_json, print_rows, printable, say
from helpdesk.errors import NotFound
from helpdesk.model.stored import QuarantinedMessage

app = typer.Typer(help="Messages that could not be processed: list, show, try again, or dismiss.", no_args_is_help=True)

MessageId = Annotated[str, typer.Argument(help="A message id, as `helpdesk quarantine list` shows it.")]


@app.command("list")
def list_quarantine(as_json: AsJson = False) -> None:
    """List what is in quarantine, with the error that put it there.

    Example: helpdesk quarantine list
    """
    with open_application(Path(), os.environ) as application, application.store.reading() as uow:
        rows = [_row(message) for message in uow.messages.quarantined()]
        print_rows(rows, as_json=as_json, empty="Nothing is in quarantine.")


@app.command("show")
def show(
    message: MessageId,
    raw: Annotated[bool, typer.Option("--raw", help="Write the message itself, byte for byte.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show why a message is in quarantine, or with --raw the message itself.

    Example: helpdesk quarantine show 0192f3c4a5 --raw > message.eml
    """
    with open_application(Path(), os.environ) as application, application.store.reading() as uow:
        found = uow.messages.failed(message)
        stored = uow.messages.raw(message)
        if found is None or stored is None:
            raise NotFound(f"There is no message {message} in quarantine. See what is there: helpdesk quarantine list")
        if raw:
            sys.stdout.buffer.write(stored.raw.raw)
        elif as_json:
            print_json(_row(found))
        else:
            say("\n".join(f"{name.replace('_', ' '):12} {printable(str(value))}" for name, value in _row(found).items()))
            say(f"\nIt is stored whole. {_what_to_do(found)}")


@app.command("retry")
def retry(message: MessageId) -> None:
    """Put a message back in line; the worker's next poll processes it.

    Example: helpdesk quarantine retry 0192f3c4a5
    """
    with open_application(Path(), os.environ) as application:
        application.actions.retry_quarantined(message)
        say("Done: it is in line again. The worker's next poll processes it, or do it now: helpdesk run --once")


@app.command("dismiss")
def dismiss(message: MessageId) -> None:
    """Say that a message was dealt with by hand: it stays stored, gets no ticket and no answer, and is in quarantine no more.

    Example: helpdesk quarantine dismiss 0192f3c4a5
    """
    with open_application(Path(), os.environ) as application:
        application.actions.dismiss_quarantined(message)
        say("Done: it is in quarantine no more, and counts as dealt with by hand. It stays stored; nobody is answered.")


def _what_to_do(message: QuarantinedMessage) -> str:
    if message.dismissed_at:
        return f"It was dealt with by hand, and dismissed on {moment(message.dismissed_at)}. Nothing is left to be done."
    return (
        f"Try again with: helpdesk quarantine retry {message.id}\n"
        f"Once you have answered it from the mailbox: helpdesk quarantine dismiss {message.id}"
    )


def _row(message: QuarantinedMessage) -> dict[str, Cell]:
    return {
        "message": message.id,
        "received_at": moment(message.received_at),
        "size": message.size,
        "failures": message.failures,
        "place": message.place,
        "error": message.error,
        **({"dismissed_at": moment(message.dismissed_at)} if message.dismissed_at else {}),
    }
