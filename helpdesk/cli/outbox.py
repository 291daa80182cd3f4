"""`helpdesk outbox`: mail on its way out."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from helpdesk.bootstrap import open_application
from helpdesk.cli.output import AsJson, Cell, Limit, moment, print_rows
from helpdesk.model.delivery import DeliveryState, OutboxRow

app = typer.Typer(help="Outgoing mail: what waits, what failed, what is held.", no_args_is_help=True)

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
        print_rows([_row(row) for row in rows], as_json=as_json, empty="Nothing waits: every mail was sent.")


def _row(row: OutboxRow) -> dict[str, Cell]:
    return {
        "delivery": row.id,
        "state": row.state.value,
        "purpose": row.purpose.value,
        "recipient": row.recipient,
        "ticket": f"EHT-{row.ticket_number}" if row.ticket_number else None,
        "attempts": row.attempts,
        "created_at": moment(row.created_at),
        "next_attempt_at": moment(row.next_attempt_at),
        "sent_at": moment(row.sent_at),
        "last_answer": row.last_answer,
    }
