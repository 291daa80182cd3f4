"""`helpdesk db`: the database itself."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from helpdesk.bootstrap import upgrade_database
from helpdesk.cli.output import say
from helpdesk.upkeep import back_up, restore

app = typer.Typer(help="The database: bring it up to date, keep a copy, bring one back.", no_args_is_help=True)


@app.command("upgrade")
def upgrade() -> None:
    """Bring the database to the form that this version needs; does nothing where it is up to date.

    Example: helpdesk db upgrade
    """
    upgrade_database(Path(), os.environ)
    say("The database is up to date.")


@app.command("backup")
def backup(
    path: Annotated[Path, typer.Argument(help="A new file, or a folder, in which the file is named by date and time.")],
) -> None:
    """Keep a copy of the database in one file, while the worker runs. It needs HELPDESK_SECRET_KEY to be read again.

    Example: helpdesk db backup /media/backup
    """
    made = back_up(Path(), os.environ, path)
    size = max(1, round(made.size / 1024 / 1024))
    say(f"{made.path}: {_content(made.messages, made.tickets)}, {size} MB, checked.")
    say("It is sealed as the database is: without HELPDESK_SECRET_KEY nobody can read it. Keep the key elsewhere.")


@app.command("restore")
def restore_backup(
    path: Annotated[Path, typer.Argument(help="The file that `db backup` wrote.")],
    replace: Annotated[
        bool, typer.Option("--replace", help="On PostgreSQL: put it in the place of what the database holds now.")
    ] = False,
) -> None:
    """Bring a backup back, while no worker runs. What came since is taken in again; nobody is answered twice.

    Example: helpdesk db restore /media/backup/helpdesk-20261102-110000.db
    """
    done = restore(Path(), os.environ, path, replace=replace)
    say(f"The database is that of {done.made_at:%Y-%m-%d %H:%M} UTC again: {_content(done.messages, done.tickets)}.")
    if done.kept:
        say(f"The one before it is kept as {done.kept}. Delete it when you are sure.")
    say(
        f"Of the mails that waited when the backup was made, {done.held} are held. Start the worker: what came since "
        "is taken in again from the mailbox, each with its ticket. Automatic answers to it are held as well, since most have "
        "gone out before."
    )
    say("Then look at: helpdesk outbox list --state held")
    if done.moved:
        say(f"{done.moved}.")


def _content(messages: int, tickets: int) -> str:
    return f"{messages} {'message' if messages == 1 else 'messages'}, {tickets} {'ticket' if tickets == 1 else 'tickets'}"
