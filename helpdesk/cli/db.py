"""`helpdesk db`: the database itself."""

from __future__ import annotations

import os
from pathlib import Path

import typer

from helpdesk.bootstrap import upgrade_database
from helpdesk.cli.output import say

app = typer.Typer(help="The database: bring it up to date.", no_args_is_help=True)


@app.callback()
def database() -> None:
    """Keep `db upgrade` a command of a group, though it is the only one yet."""


@app.command("upgrade")
def upgrade() -> None:
    """Bring the database to the form that this version needs; does nothing where it is up to date.

    Example: helpdesk db upgrade
    """
    upgrade_database(Path(), os.environ)
    say("The database is up to date.")
