"""What was said on a ticket so far: for whoever takes it over, who has had none of its mails. Writes nothing."""

from __future__ import annotations

from datetime import datetime

from helpdesk.core.parse import parse
from helpdesk.core.plan import PERSONAL
from helpdesk.jobs.letters import Letters
from helpdesk.jobs.ports import UnitOfWork
from helpdesk.model.message import Kind
from helpdesk.model.ticket import EventKind, Ticket

# A notice is read on a phone; all that was said is on the ticket.
MOST_SAID = 20


def answers_on(uow: UnitOfWork, ticket: Ticket) -> list[tuple[datetime, str]]:
    """The answers of ours that went out, as the person got them, without the small print; the oldest first."""
    sent = [(reply.sent_at, uow.replies.answered_mail(reply.delivery_id)) for reply in uow.replies.of_ticket(ticket.id)]
    answers = [(at, parse(mail.content).new_text) for at, mail in sent if at and mail]
    in_webmail = {each.message_id for each in uow.tickets.events(ticket.id) if each.kind is EventKind.REPLIED}
    views = (view for view in uow.messages.of_ticket(ticket.id) if view.kind is Kind.OWN and view.id in in_webmail)
    return sorted([*answers, *((view.received_at, view.new_text) for view in views)])


def said_before(uow: UnitOfWork, letters: Letters, ticket: Ticket) -> str:
    """What the person wrote before their last mail, and what we answered; the newest first, since that is read first."""
    views = [view for view in uow.messages.of_ticket(ticket.id) if view.kind in PERSONAL][:-1]
    said = [(view.received_at, "They wrote", view.new_text) for view in views]
    said += [(at, "We answered", text) for at, text in answers_on(uow, ticket)]
    newest = sorted((each for each in said if each[2]), reverse=True)[:MOST_SAID]
    return "\n\n".join(f"{who}, on {letters.describe_moment(at)}:\n\n{text}" for at, who, text in newest)
