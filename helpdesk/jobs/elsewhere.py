"""What follows when a person was answered from the mailbox itself, past the helpdesk. Sends nothing, and commits nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from helpdesk.core.addresses import lookup_form
from helpdesk.core.digest import digest_parts
from helpdesk.core.parse import parse
from helpdesk.core.requester import answerable_address
from helpdesk.core.sent_elsewhere import SENT_ELSEWHERE, people_written_to
from helpdesk.jobs.audience import audience_of
from helpdesk.jobs.authors import author_of
from helpdesk.jobs.carry_out import Desk
from helpdesk.jobs.letters import Order, staff_values
from helpdesk.jobs.ports import UnitOfWork
from helpdesk.jobs.reply_letters import Help, letter_of_help
from helpdesk.model.delivery import Acknowledged, Automatic, DeliveryState, NewDelivery, Purpose, Reply
from helpdesk.model.message import InboundMessage, StoredMessage
from helpdesk.model.policy import Ourselves
from helpdesk.model.staff import StaffMember
from helpdesk.model.template import Value
from helpdesk.model.ticket import MAILBOX, Event, EventKind, Ticket, TicketState

# Where years of sent mail are read at the first start, nobody wants a note about each.
NEWS_FOR = timedelta(days=1)

_DONE = (TicketState.PENDING, TicketState.CLOSED)
_TO_OTHERS = "a mail about this was sent from the mailbox itself, to somebody else"
_ANSWERED = "somebody answered from the mailbox itself"


def put_on_ticket(
    desk: Desk, uow: UnitOfWork, stored: StoredMessage, message: InboundMessage, ticket: Ticket, now: datetime
) -> None:
    """Put a mail that was sent from the mailbox on its ticket; where it went to the person, they are answered."""
    uow.messages.record_processed(
        stored,
        message,
        SENT_ELSEWHERE,
        digest_parts=digest_parts(message, stored.raw.received_at),
        ticket_id=ticket.id,
        now=now,
    )
    if not _reaches_person(desk, uow, message, ticket):
        uow.tickets.add_events(ticket.id, [Event(EventKind.SENT_ELSEWHERE, now, MAILBOX, _TO_OTHERS, stored.id)])
        return
    # A mail program that puts its mail there itself may say another time than the server's.
    sent_at = min(stored.raw.received_at, now)
    uow.replies.record_answer_elsewhere(ticket.id, sent_at, now)
    uow.tickets.add_events(ticket.id, [Event(EventKind.REPLIED, now, MAILBOX, _ANSWERED, stored.id)])
    authors = list(_hold_waiting(desk, uow, ticket, now))
    if now - sent_at < NEWS_FOR:
        _tell(desk, uow, ticket, authors, stored, now)


def keep_for_later(uow: UnitOfWork, stored: StoredMessage, message: InboundMessage, now: datetime) -> None:
    """Keep a mail that was sent from the mailbox, without a ticket, until a message that it answers is taken in."""
    parts = digest_parts(message, stored.raw.received_at)
    uow.messages.record_processed(stored, message, SENT_ELSEWHERE, digest_parts=parts, ticket_id=None, now=now)


def is_answered_early(uow: UnitOfWork, message: InboundMessage, us: Ourselves) -> bool:
    """Whether its writer was answered before it was taken in. Who passed it on to somebody else has not answered it."""
    writer = lookup_form(answerable_address(message, us))
    early = (uow.messages.raw(answer_id) for answer_id in uow.early_answers.to(message.message_id))
    return any(writer in _people_reached(parse(stored.raw.raw), us) for stored in early if stored)


def join_early_answers(desk: Desk, uow: UnitOfWork, message: InboundMessage, ticket: Ticket, now: datetime) -> None:
    """Put on the ticket of a message what was seen before it, and answers it."""
    for answer_id in uow.early_answers.to(message.message_id):
        uow.early_answers.forget(answer_id)
        stored, view = uow.messages.raw(answer_id), uow.messages.get(answer_id)
        if stored is None or view is None:
            continue
        answer = parse(stored.raw.raw)
        if view.ticket_id is None:
            uow.messages.reset(answer_id)
            put_on_ticket(desk, uow, stored, answer, ticket, now)
        elif _reaches_person(desk, uow, answer, ticket):
            # It is on the ticket of an older mail, and was told of; this message did not come after it.
            uow.replies.record_answer_elsewhere(ticket.id, min(stored.raw.received_at, now), now)
            if view.ticket_id != ticket.id:
                uow.tickets.add_events(ticket.id, [Event(EventKind.REPLIED, now, MAILBOX, _ANSWERED, answer_id)])


def written_to_elsewhere(uow: UnitOfWork, named: Sequence[str], ticket: Ticket, us: Ourselves) -> Iterator[Acknowledged]:
    """Whom the mails went to that were sent from the mailbox itself on this ticket and have one of these Message-IDs."""
    for view in uow.messages.of_ticket(ticket.id):
        stored = uow.messages.raw(view.id) if view.rule == SENT_ELSEWHERE.rule and view.message_id in named else None
        for address in people_written_to(parse(stored.raw.raw), us) if stored else ():
            yield Acknowledged(Purpose.REPLY, address, view.received_at)


def _reaches_person(desk: Desk, uow: UnitOfWork, message: InboundMessage, ticket: Ticket) -> bool:
    """Whether it went to the person, or to another address that wrote on their ticket."""
    requester = lookup_form(ticket.requester_address)
    return any(
        address == requester or uow.tickets.has_participant(ticket.id, address)
        for address in _people_reached(message, desk.ourselves)
    )


def _people_reached(message: InboundMessage, us: Ourselves) -> list[str]:
    return [lookup_form(address) for address in people_written_to(message, us)]


def _hold_waiting(desk: Desk, uow: UnitOfWork, ticket: Ticket, now: datetime) -> Iterator[StaffMember]:
    """Hold the answers that wait for their minutes to pass, or for a server that is away; returns the authors who are told.

    One that is being sent at this moment is recorded as sent all the same.
    """
    for reply in uow.replies.of_ticket(ticket.id):
        if reply.state is not DeliveryState.PENDING:
            continue
        uow.outbox.hold(reply.delivery_id, _ANSWERED, now)
        uow.tickets.add_events(ticket.id, [Event(EventKind.REPLY_HELD, now, "worker", _ANSWERED)])
        author = author_of(desk, uow, reply.message_id)
        # Of one that was let go, and waited for the server since, they have such a note already.
        if author and uow.outbox.add(_letter_of_held(desk, ticket, reply, author, now), now):
            yield author


def _letter_of_held(desk: Desk, ticket: Ticket, reply: Reply, author: StaffMember, now: datetime) -> NewDelivery:
    tried = "We had tried to send your answer, so it may have arrived. It is not tried again, and kept with us."
    words = Help(
        what=f"Somebody answered the person of {ticket.reference} from the mailbox itself, while your answer waited.",
        mail=tried if reply.in_doubt else "Your answer has not gone out. It is kept with us.",
        remedy="Look at theirs in the mailbox's folder of sent mail. To send yours all the same, reply to this with #send.",
    )
    cause = f"reply:{reply.message_id}"
    order = Order(Purpose.STAFF_HELP, cause, author.email, Automatic.GENERATED, ticket_id=ticket.id, staff_id=author.id)
    return letter_of_help(desk.letters, words, InboundMessage(), author, order, now)


def _tell(
    desk: Desk, uow: UnitOfWork, ticket: Ticket, authors: list[StaffMember], stored: StoredMessage, now: datetime
) -> None:
    """Whoever has the ticket hears of it, unless they were told that their own answer is held."""
    after = uow.tickets.by_id(ticket.id) or ticket
    audience = audience_of(uow, desk.staff, after, desk.day_of(now))
    for member in audience.of(after.assignee):
        if member not in authors:
            uow.outbox.add(_letter_of_answered(desk, after, stored, member, now), now)


def _letter_of_answered(desk: Desk, ticket: Ticket, stored: StoredMessage, member: StaffMember, now: datetime) -> NewDelivery:
    """The note about an answer, under the other mails of its ticket; it can be answered with a command."""
    order = desk.letters.order_about(ticket.id, Purpose.STAFF_ANSWERED, f"answered:{stored.id}", member)
    words: Mapping[str, Value] = {
        "reference": ticket.reference,
        "at": desk.letters.describe_moment(min(stored.raw.received_at, now)),
        "wrote_since": ticket.state not in _DONE,
        "closed": ticket.state is TicketState.CLOSED,
        "text": parse(stored.raw.raw).new_text,
    }
    return desk.letters.write(order, {"staff": staff_values(member), "answered": words}, now)
