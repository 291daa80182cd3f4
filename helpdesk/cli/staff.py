"""`helpdesk staff`: who is there, who is away, and who must not have whose tickets."""

from __future__ import annotations

import os
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from helpdesk.bootstrap import Application, open_application
from helpdesk.cli.output import AsJson, Cell, print_rows, say
from helpdesk.cli.reference import number_of
from helpdesk.core.assign import away_until
from helpdesk.model.staff import OPEN_ENDED
from helpdesk.model.ticket import Ticket

app = typer.Typer(help="Staff: list them, say who is away, and who must not have whose tickets.", no_args_is_help=True)

StaffId = Annotated[str, typer.Argument(help="The id of a staff member, as `helpdesk staff list` shows it.")]
OfTicket = Annotated[
    str, typer.Option("--requester", help="The person, by the reference of a ticket of theirs, such as EHT-1001.")
]


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
    until: Annotated[
        str | None, typer.Option("--until", help="The last day away, such as 2026-12-04; without it, until they are back.")
    ] = None,
    from_day: Annotated[str | None, typer.Option("--from", help="The first day away; today unless it is given.")] = None,
) -> None:
    """Say that somebody is away: no ticket is given to them then, and those that wait for an answer go to others.

    Example: helpdesk staff away dana --until 2026-12-04
    """
    with open_application(Path(), os.environ) as application:
        first = _day(from_day) if from_day else application.actions.today()
        last = _day(until) if until else OPEN_ENDED
        if last < first:
            raise typer.BadParameter(f"The last day, {last}, lies before the first, {first}.")
        member, moved = application.actions.away(staff, first, last)
        begins = first > application.actions.today()
        say(f"Done: {member.public_name} is away {_days(first, last)}. {_what_moves(moved, begins=begins)}")


@app.command("back")
def back(staff: StaffId) -> None:
    """Say that somebody is back: from today on they get tickets again. For somebody who is there: what was planned is off.

    Example: helpdesk staff back dana
    """
    with open_application(Path(), os.environ) as application:
        was_away, was_changed = _is_away(application, staff), application.actions.back(staff)
        planned = _away_in_words(application, staff)
        still = f" They will be away again {planned}." if planned else ""
        done = f"Done: they get tickets again from today on.{still}" if was_away else "Done: the leave that was planned is off."
        say(done if was_changed else "They were not away. Nothing was changed.")


@app.command("exclude")
def exclude(staff: StaffId, requester: OfTicket) -> None:
    """Keep somebody from all tickets of a person, now and later: a conflict of interest. What they have of it goes to others.

    Example: helpdesk staff exclude dana --requester EHT-1001
    """
    with open_application(Path(), os.environ) as application:
        lost = application.actions.exclude(staff, number_of(requester))
        moved = f" {_holders(lost)}" if lost else ""
        say(f"Done: {staff} never gets tickets of the person of {requester}, and is not told of them.{moved}")


@app.command("allow")
def allow(staff: StaffId, requester: OfTicket) -> None:
    """Let somebody have tickets of a person again. What was given to others stays theirs.

    Example: helpdesk staff allow dana --requester EHT-1001
    """
    with open_application(Path(), os.environ) as application:
        was_excluded = application.actions.allow(staff, number_of(requester))
        done = f"Done: {staff} may have tickets of the person of {requester} again. Nothing was moved."
        say(done if was_excluded else "They were not kept from this person's tickets. Nothing was changed.")


def _what_moves(moved: list[Ticket], *, begins: bool) -> str:
    if begins:
        return "When that begins, tickets that wait for an answer of theirs go to others."
    return _holders(moved) or "Nothing waited for an answer of theirs."


def _holders(tickets: list[Ticket]) -> str:
    """Who has these tickets now: "EHT-1001 is mike's now. EHT-1002 is with nobody, and the leads are told."."""
    return " ".join(
        f"{ticket.reference} is {ticket.assignee}'s now."
        if ticket.assignee
        else f"{ticket.reference} is with nobody, and the leads are told."
        for ticket in tickets
    )


def _is_away(application: Application, staff_id: str) -> bool:
    today = application.actions.today()
    with application.store.reading() as uow:
        return away_until(staff_id, uow.people.absences(today), today) is not None


def _away_in_words(application: Application, staff_id: str) -> str:
    with application.store.reading() as uow:
        absences = uow.people.absences(application.actions.today())
    return ", ".join(_days(each.first_day, each.last_day) for each in absences if each.staff_id == staff_id)


def _days(first: date, last: date) -> str:
    return f"from {first} to {last}" if last < OPEN_ENDED else f"from {first} until they are back"


def _rows(application: Application) -> list[dict[str, Cell]]:
    with application.store.reading() as uow:
        workloads = uow.tickets.workloads()
    return [
        {
            "staff": member.id,
            "public_name": member.public_name,
            "roles": ", ".join(sorted(member.roles)),
            "open_tickets": workloads[member.id].open_tickets if member.id in workloads else 0,
            "capacity": member.capacity,
            "away": _away_in_words(application, member.id),
        }
        for member in application.settings.desk.staff
    ]


def _day(text: str) -> date:
    try:
        return datetime.strptime(text.strip(), "%Y-%m-%d").date()  # noqa: DTZ007 - a day has no time zone
    except ValueError:
        raise typer.BadParameter(f"{text} is not a day. Write it like 2026-12-04.") from None
