"""Whom a ticket is kept from, and who hears of it beside whoever has it: the questions that this asks of the database."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from helpdesk.core.assign import away_until
from helpdesk.core.audience import Audience
from helpdesk.core.conflict import kept_from
from helpdesk.jobs.ports import UnitOfWork
from helpdesk.model.staff import StaffMember
from helpdesk.model.ticket import Ticket


def excluded_from(uow: UnitOfWork, staff: Sequence[StaffMember], addresses: Iterable[str]) -> frozenset[str]:
    """The ids of those whom tickets of these requesters are kept from, by the staff list or by `helpdesk staff exclude`."""
    named = {address for address in addresses if address}
    return kept_from(staff, named).union(*(uow.people.excluded_for(address) for address in named))


def audience_of(uow: UnitOfWork, staff: Sequence[StaffMember], ticket: Ticket, today: date) -> Audience:
    """Who may hear of this ticket on this day."""
    absences = uow.people.absences(today)
    away = {member.id for member in staff if away_until(member.id, absences, today)}
    return Audience(staff, excluded_from(uow, staff, (ticket.requester_address,)), away)
