"""Who knows a requester already, and so gets what they write next."""

from __future__ import annotations

from collections.abc import Sequence

from helpdesk.model.ticket import HandedOver, Ticket, TicketState


def who_knows(tickets: Sequence[Ticket], handed_over: Sequence[HandedOver]) -> tuple[str, ...]:
    """The ids of those who know a requester, whoever is to be preferred first.

    `tickets` are all of that requester, newest first, and `handed_over` tells who gave one of them up for a leave. Whoever
    has a ticket that is not closed goes on with them. Then, for each closed one, comes who had it before their leave, and who
    had it at the end: a person who told somebody their story is not to begin again because of a holiday.
    """
    known = [ticket.assignee for ticket in tickets if ticket.state is not TicketState.CLOSED]
    for ticket in tickets:
        known += (each.staff_id for each in handed_over if each.ticket_id == ticket.id)
        known.append(ticket.assignee)
    return tuple(dict.fromkeys(staff_id for staff_id in known if staff_id))
