"""`helpdesk staff`: who is there, and who is away."""

from __future__ import annotations

import os
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from helpdesk.bootstrap import Application, open_application
from helpdesk.cli.output import AsJson, Cell, print_rows, say

app = typer.Typer(help="Staff: list them, and say who is away.", no_args_is_help=True)

StaffId = Annotated[str, typer.Argument(help="The id of a staff member, as `helpdesk staff list` shows it.")]


@app.command("list")
def list_staff(as_json: AsJson = False) -> None:
    """List the staff: open tickets, capacity, and when they are away.

    Example: helpdesk staff list
    """
    with open_application(Path(), os.environ) as application:
        print_rows(_rows(application), as_json=as_json, empty="There is no staff.")


@app.command("away")
def away(
    staff: StaffId,
    until: Annotated[str, typer.Option("--until", help="The last day away, such as 2026-12-04.")],
    from_day: Annotated[str | None, typer.Option("--from", help="The first day away; today unless it is given.")] = None,
) -> None:
    """Say that somebody is away: until then no ticket is given to them.

    Example: helpdesk staff away dana --until 2026-12-04
    """
    with open_application(Path(), os.environ) as application:
        first = _day(from_day) if from_day else application.actions.today()
        last = _day(until)
        if last < first:
            raise typer.BadParameter(f"The last day, {last}, lies before the first, {first}.")
        member = application.actions.away(staff, first, last)
        say(f"Done: {member.public_name} is away from {first} to {last}. Tickets that are theirs already stay theirs.")


@app.command("back")
def back(staff: StaffId) -> None:
    """Say that somebody is back: from today on they get tickets again.

    Example: helpdesk staff back dana
    """
    with open_application(Path(), os.environ) as application:
        was_away = application.actions.back(staff)
        say("Done: they get tickets again from today on." if was_away else "They were not away. Nothing was changed.")


def _rows(application: Application) -> list[dict[str, Cell]]:
    with application.store.reading() as uow:
        workloads = uow.tickets.workloads()
        absences = uow.people.absences(application.actions.today())
    return [
        {
            "staff": member.id,
            "public_name": member.public_name,
            "roles": ", ".join(sorted(member.roles)),
            "open_tickets": workloads[member.id].open_tickets if member.id in workloads else 0,
            "capacity": member.capacity,
            "away": ", ".join(f"{each.first_day} to {each.last_day}" for each in absences if each.staff_id == member.id),
        }
        for member in application.settings.desk.staff
    ]


def _day(text: str) -> date:
    try:
        return datetime.strptime(text.strip(), "%Y-%m-%d").date()  # noqa: DTZ007 - a day has no time zone
    except ValueError:
        raise typer.BadParameter(f"{text} is not a day. Write it like 2026-12-04.") from None
