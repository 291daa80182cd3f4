"""Answers of staff that were held and wait for their authors, who may have missed the note about it. Writes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from helpdesk.jobs.audience import excluded_from
from helpdesk.jobs.authors import author_of
from helpdesk.jobs.carry_out import Desk
from helpdesk.jobs.ports import UnitOfWork
from helpdesk.model.delivery import DeliveryState, Purpose
from helpdesk.model.reminder import StoppedMail
from helpdesk.model.staff import StaffMember
from helpdesk.model.ticket import Ticket


def held_answers(desk: Desk, uow: UnitOfWork, stopped: Iterable[StoppedMail]) -> Mapping[str, tuple[int, ...]]:
    """By author, the numbers of the tickets on which one of these mails is an answer of theirs that is held.

    What they have written anew since then is none of these, nor what is on a ticket that is kept from them.
    """
    found: dict[str, tuple[int, ...]] = {}
    for mail in stopped:
        is_answer = mail.purpose is Purpose.REPLY and mail.state is DeliveryState.HELD
        ticket = uow.tickets.by_number(mail.ticket_number) if is_answer and mail.ticket_number else None
        author = _author_of_last(desk, uow, ticket, mail.id) if ticket else None
        if ticket and author and author.id not in excluded_from(uow, desk.staff, (ticket.requester_address,)):
            found[author.id] = tuple(dict.fromkeys((*found.get(author.id, ()), ticket.number)))
    return found


def _author_of_last(desk: Desk, uow: UnitOfWork, ticket: Ticket, delivery_id: str) -> StaffMember | None:
    """Who wrote an answer; None where they have left, or have written another one on this ticket since."""
    authors = {reply.delivery_id: author_of(desk, uow, reply.message_id) for reply in uow.replies.of_ticket(ticket.id)}
    author = authors.get(delivery_id)
    last = [each for each, who in authors.items() if who == author][-1:]
    return author if last == [delivery_id] else None
