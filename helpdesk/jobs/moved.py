"""What somebody is told of tickets that were theirs: references, and who has them now. Nothing of any mail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from helpdesk.core.assign import AssignmentFacts, away_until
from helpdesk.core.days import day_in_words
from helpdesk.jobs.letters import Letters, Order, staff_values
from helpdesk.model.delivery import Automatic, NewDelivery, Purpose
from helpdesk.model.staff import OPEN_ENDED
from helpdesk.model.template import Value
from helpdesk.model.ticket import Ticket


def letter_of_moved(
    letters: Letters, staff_id: str, tickets: Sequence[Ticket], facts: AssignmentFacts, cause: str
) -> NewDelivery | None:
    """The letter to somebody who had these tickets, which are as they are now; None where nobody is called so any more.

    Whom a ticket is kept from is told no more than that it is not theirs any more.
    """
    member = next((each for each in facts.staff if each.id == staff_id), None)
    if member is None:
        return None
    until = None if staff_id in facts.excluded else away_until(staff_id, facts.absences, facts.today)
    values: dict[str, Mapping[str, Value]] = {
        "staff": staff_values(member),
        "moved": {
            "away": until is not None,
            "until": day_in_words(until, facts.today) if until and until < OPEN_ENDED else "",
            "tickets": "\n".join(_line(ticket, staff_id, facts) for ticket in tickets),
        },
    }
    return letters.write(Order(Purpose.STAFF_MOVED, cause, member.email, Automatic.GENERATED), values, facts.at)


def _line(ticket: Ticket, staff_id: str, facts: AssignmentFacts) -> str:
    if staff_id in facts.excluded:
        return ticket.reference
    holder = next((each.public_name for each in facts.staff if each.id == ticket.assignee), None)
    return f"{ticket.reference}: {holder} has it now" if holder else f"{ticket.reference}: nobody has it yet, the leads know"
