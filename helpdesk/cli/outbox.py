"""`helpdesk outbox`: mail on its way out."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from helpdesk.bootstrap import open_application
from helpdesk.cli.output import AsJson, Cell, Limit, moment, print_rows, say
from helpdesk.model.delivery import DeliveryState, OutboxRow
from helpdesk.model.ticket import reference_of

app = typer.Typer(help="Outgoing mail: what waits, what failed, what is held.", no_args_is_help=True)

DeliveryId = Annotated[str, typer.Argument(help="The id of a mail, as `helpdesk outbox list` shows it.")]

_NOT_SENT = (DeliveryState.PENDING, DeliveryState.FAILED, DeliveryState.HELD)


@app.command("list")
def list_outbox(
    state: Annotated[list[DeliveryState] | None, typer.Option("--state", help="Only these states; may be repeated.")] = None,
    limit: Limit = 100,
    as_json: AsJson = False,
) -> None:
    """List mail that is not sent yet, failed or is held; with --state sent, what was sent.

    Example: helpdesk outbox list --state held
    """
    with open_application(Path(), os.environ) as application, application.store.reading() as uow:
        rows = uow.outbox.list(tuple(state or _NOT_SENT), limit)
        print_rows([_row(row) for row in rows], as_json=as_json, empty=_none_in(state or []))


@app.command("release")
def release(delivery: DeliveryId) -> None:
    """Let a held mail go: it goes out with the worker's next delivery.

    Example: helpdesk outbox release 0192f3c4a5
    """
    with open_application(Path(), os.environ) as application:
        application.actions.release(delivery)
        say("Done: it goes out with the worker's next delivery.")


@app.command("retry")
def retry(delivery: DeliveryId) -> None:
    """Try a failed mail again, at once.

    Example: helpdesk outbox retry 0192f3c4a5
    """
    release(delivery)


def _none_in(states: Sequence[DeliveryState]) -> str:
    """What an empty listing means: of other states than those that were asked for it says nothing."""
    return f"No mail is {' or '.join(states)}." if states else "Nothing waits: every mail was sent."


def _row(row: OutboxRow) -> dict[str, Cell]:
    return {
        "delivery": row.id,
        "state": row.state.value,
        "purpose": row.purpose.value,
        "recipient": row.recipient,
        "ticket": reference_of(row.ticket_number) if row.ticket_number else None,
        "attempts": row.attempts,
        "created_at": moment(row.created_at),
        "next_attempt_at": moment(row.next_attempt_at),
        "sent_at": moment(row.sent_at),
        "held_because": row.held_because,
        "last_answer": " ".join(filter(None, (str(row.last_code or ""), row.last_answer))),
    }
