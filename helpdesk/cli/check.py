"""`helpdesk check`: every mistake in the configuration at once, before `run` meets it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from helpdesk.bootstrap import check_configuration
from helpdesk.cli.output import AsJson, print_json, say
from helpdesk.errors import Problem


def check(
    online: Annotated[bool, typer.Option("--online", help="Also log in to the IMAP and SMTP servers.")] = False,
    as_json: AsJson = False,
) -> None:
    """Check settings, staff and templates, and say what to write instead of what is wrong.

    Example: helpdesk check --online
    """
    problems = check_configuration(Path(), os.environ, online=online)
    wrong = [problem for problem in problems if not problem.warning]
    if as_json:
        print_json([_as_json(problem) for problem in problems])
    else:
        for problem in problems:
            say(_in_words(problem))
        say(_summary(len(wrong), len(problems) - len(wrong)))
    if wrong:
        raise typer.Exit(1)


def _in_words(problem: Problem) -> str:
    mark = "warning" if problem.warning else "problem"
    return f"{mark}: {problem.where}\n  {problem.what}\n  {problem.remedy}\n"


def _summary(wrong: int, warnings: int) -> str:
    noted = f" ({warnings} to think about)" if warnings else ""
    if not wrong:
        return f"Everything is in order{noted}."
    return f"{wrong} {'problem' if wrong == 1 else 'problems'} to mend{noted}. Nothing was started or changed."


def _as_json(problem: Problem) -> dict[str, str | bool]:
    return {"where": problem.where, "what": problem.what, "remedy": problem.remedy, "warning": problem.warning}
