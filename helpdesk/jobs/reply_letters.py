"""The letters of a reply on its way: the answer itself, and what its author is told of it. Chooses no recipient."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from helpdesk.core.parse import parse
from helpdesk.jobs.letters import Letters, Order, references_of_answer, staff_values
from helpdesk.model.delivery import Automatic, NewDelivery, OutgoingFile, Purpose
from helpdesk.model.message import InboundMessage
from helpdesk.model.staff import StaffMember
from helpdesk.model.template import Value
from helpdesk.model.ticket import Ticket


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes to the requester: words and files alone. `cause` is that of the row, `references` those of their own mail."""

    cause: str
    text: str = field(repr=False)
    files: tuple[OutgoingFile, ...] = ()
    in_reply_to: str | None = field(default=None, repr=False)
    references: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Waiting:
    """What the author of a reply has to know of it. `held` says in sentences why it does not go by itself."""

    cause: str
    goes_at: datetime | None
    held: str = field(default="", repr=False)
    also: str = field(default="", repr=False)
    left_out: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Help:
    """What a staff member is told of their mail: what happened, what became of it, what to do."""

    what: str = field(repr=False)
    mail: str = field(default="", repr=False)
    remedy: str = field(default="", repr=False)


def letter_of_reply(letters: Letters, answer: Answer, ticket: Ticket, author: StaffMember, now: datetime) -> NewDelivery:
    """The answer, built anew: nothing of the mail that it came in but its words and files."""
    order = Order(
        Purpose.REPLY,
        answer.cause,
        ticket.requester_address,
        None,
        ticket_id=ticket.id,
        language=ticket.language,
        in_reply_to=answer.in_reply_to,
        references=answer.references,
        from_name=author.public_name,
        files=answer.files,
    )
    words: Mapping[str, Value] = {
        "text": answer.text,
        "files": "",
        "left_out": "",
        "held": "",
        "goes_at": "",
        "also": "",
        "reference": ticket.reference,
    }
    return letters.write(order, {"staff": staff_values(author), "reply": words}, now)


def letter_of_waiting(
    letters: Letters, waiting: Waiting, reply: NewDelivery, ticket: Ticket, author: StaffMember, now: datetime
) -> NewDelivery:
    """The note to an author that shows what the person gets, read back from the bytes that would be sent."""
    written = parse(reply.content)
    about = letters.order_about(ticket.id, Purpose.STAFF_REPLY_WAITING, waiting.cause, author)
    order = replace(about, automatic=Automatic.REPLIED)
    words: Mapping[str, Value] = {
        "text": written.text,
        "files": "\n".join(f"{each.name} ({max(1, round(each.size / 1024))} KB)" for each in written.attachments),
        "left_out": "\n".join(waiting.left_out),
        "held": waiting.held,
        "goes_at": letters.describe_moment(waiting.goes_at) if waiting.goes_at else "",
        "also": waiting.also,
        "reference": ticket.reference,
    }
    return letters.write(order, {"staff": staff_values(author), "reply": words}, now)


def letter_of_help(
    letters: Letters, words: Help, message: InboundMessage, member: StaffMember, order: Order, now: datetime
) -> NewDelivery:
    """The answer to a staff member's mail; `order` has its cause, and the ticket that it is about, if any."""
    threaded = replace(order, to=member.email, in_reply_to=message.message_id, references=references_of_answer(message))
    values: Mapping[str, Value] = {"what": words.what, "mail": words.mail, "remedy": words.remedy}
    return letters.write(threaded, {"staff": staff_values(member), "help": values}, now)
