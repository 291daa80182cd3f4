"""`helpdesk check`: every mistake in the configuration at once, before `run` meets it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from helpdesk.bootstrap import check_configuration
from helpdesk.cli.output import AsJson, report_problems


def check(
    online: Annotated[bool, typer.Option("--online", help="Also log in to the IMAP and SMTP servers.")] = False,
    as_json: AsJson = False,
) -> None:
    """Check settings, staff and templates, and say what to write instead of what is wrong.

    Example: helpdesk check --online
    """
    report_problems(
        check_configuration(Path(), os.environ, online=online),
        as_json=as_json,
        all_well="Everything is in order",
        meanwhile="Nothing was started or changed.",
    )
