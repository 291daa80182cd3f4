"""How listings are printed: a table for people, JSON for programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from io import TextIOWrapper
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from helpdesk.errors import Problem

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
Limit = Annotated[int, typer.Option("--limit", min=1, max=10_000, help="At most so many.")]

Cell = str | int | bool | None


def show_what_can_be_shown() -> None:
    """From now on a terminal or pipe that can't show a letter gets a question mark in its place, and no command fails."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")


def print_json(value: object) -> None:
    """One JSON value, ASCII only, so that no terminal or pipe chokes on a stranger's bytes."""
    sys.stdout.write(json.dumps(value, ensure_ascii=True, indent=2) + "\n")


def print_rows(rows: Sequence[Mapping[str, Cell]], *, as_json: bool, empty: str) -> None:
    """A listing: a list of objects, or a table with the keys as heads; `empty` is said when there is nothing."""
    if as_json:
        print_json([dict(row) for row in rows])
        return
    if not rows:
        say(empty)
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for head in rows[0]:
        table.add_column(head.replace("_", " "), overflow="fold")
    for row in rows:
        table.add_row(*(Text(printable(_shown(cell))) for cell in row.values()))
    console().print(table)


def say(sentence: str) -> None:
    sys.stdout.write(f"{sentence}\n")


def console() -> Console:
    """Where tables go; wide enough for a file when nobody watches."""
    return Console(soft_wrap=False, width=None if sys.stdout.isatty() else 160, highlight=False)


def printable(text: str) -> str:
    """Text without the control characters by which a mail's words could steer the terminal."""
    return "".join(character if character.isprintable() or character == "\n" else " " for character in text)


def report_problems(problems: Sequence[Problem], *, as_json: bool, all_well: str, meanwhile: str) -> None:
    """What is wrong and what to write instead; ends the command with exit code 1 when anything is more than a warning."""
    wrong = sum(not problem.warning for problem in problems)
    if as_json:
        print_json([_problem_row(problem) for problem in problems])
    else:
        for problem in problems:
            mark = "warning" if problem.warning else "problem"
            say(f"{mark}: {problem.where}\n  {problem.what}\n  {problem.remedy}\n".replace("\n  \n", "\n"))
        noted = f" ({len(problems) - wrong} to think about)" if wrong < len(problems) else ""
        found = "1 problem" if wrong == 1 else f"{wrong} problems"
        say(f"{found} to mend{noted}. {meanwhile}" if wrong else f"{all_well}{noted}.")
    if wrong:
        raise typer.Exit(1)


def _problem_row(problem: Problem) -> dict[str, Cell]:
    return {"where": problem.where, "what": problem.what, "remedy": problem.remedy, "warning": problem.warning}


def moment(at: datetime | None, zone: ZoneInfo | None = None) -> str | None:
    """A time for listings: ISO 8601, in UTC unless a zone is given."""
    if at is None:
        return None
    return at.astimezone(zone).isoformat(timespec="seconds") if zone else at.isoformat(timespec="seconds")


def _shown(cell: Cell) -> str:
    if cell is None:
        return ""
    return {True: "yes", False: "no"}[cell] if isinstance(cell, bool) else str(cell)
