"""The mails that the helpdesk writes: a decision and its facts become a row for the outbox.

Chooses no recipient by itself and sends nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from helpdesk.core.addresses import domain_of, lookup_form
from helpdesk.core.greeting import greeting_name
from helpdesk.core.language import DEFAULT, NAMES
from helpdesk.core.office_hours import describe_hours, describe_moment, describe_opening, is_open, next_opening
from helpdesk.core.outgoing import as_typed
from helpdesk.jobs.ports import Compose, Templates
from helpdesk.model.delivery import ACKNOWLEDGEMENTS, Answerable, Automatic, NewDelivery, OutboundMail, OutgoingFile, Purpose
from helpdesk.model.message import Attachment, InboundMessage
from helpdesk.model.office import OfficeHours
from helpdesk.model.staff import Notices, StaffMember
from helpdesk.model.template import Value, Values
from helpdesk.model.ticket import Ticket

# A notice is read on a phone; what is longer stays whole on the ticket.
LONGEST_TEXT = 20_000
# In characters. "Sent from my phone" is not worth showing a message twice.
LONGEST_SIGNATURE = 80
SHORTENED = "\n\n[Shortened here. The whole message is on the ticket and in the mailbox.]"


@dataclass(frozen=True, slots=True)
class Sender:
    """From whom our mail comes; an empty `envelope_sender` is the null sender <>, which gets no bounces."""

    address: str
    name: str
    envelope_sender: str = field(repr=False)
    plus_addressing: bool = False


@dataclass(frozen=True, slots=True)
class Notice:
    """What a staff member is told of a message on a ticket; `before` is what was said until then, for who takes it over."""

    purpose: Purpose
    cause: str
    ticket: Ticket
    message: InboundMessage
    received_at: datetime
    reason: str = field(repr=False)
    sent: str = field(repr=False)
    earlier: tuple[Ticket, ...] = ()
    other_address: bool = False
    unproven: bool = False
    notes: str = field(default="", repr=False)
    before: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Alert:
    """What an admin or a lead has to know: what happened, what became of the mail, what to do. No content of any mail."""

    cause: str
    what: str
    mail: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Order:
    """All of a mail but its words.

    `automatic` is None where a person wrote it. `staff_id`: it goes to this staff member, who may act on its ticket by
    answering it. Without a `from_name` it comes from whom all our mail comes from.
    """

    purpose: Purpose
    cause: str
    to: str = field(repr=False)
    automatic: Automatic | None
    ticket_id: str | None = None
    language: str = "en"
    message_id: str = field(default="", repr=False)
    in_reply_to: str | None = field(default=None, repr=False)
    references: tuple[str, ...] = field(default=(), repr=False)
    names_opening_at: datetime | None = None
    staff_id: str | None = None
    from_name: str = ""
    files: tuple[OutgoingFile, ...] = ()


@dataclass(frozen=True, slots=True)
class Letters:
    """Writes mails in the organisation's name.

    `new_token` gives 128 random bits as text for a Message-ID; what they let a staff member do holds for `token_life`.
    """

    hours: OfficeHours
    sender: Sender
    templates: Templates
    compose: Compose
    new_token: Callable[[], str]
    token_life: timedelta = timedelta(days=90)

    def acknowledgement(
        self, purpose: Purpose, message: InboundMessage, *, cause: str, ticket_id: str, now: datetime, message_id: str = ""
    ) -> NewDelivery:
        """The automatic answer to a message's From address, threaded under it; a given `message_id` is kept."""
        name = greeting_name(message.sender.name) if message.sender else ""
        order = Order(
            purpose,
            cause,
            message.sender.address if message.sender else "",
            Automatic.REPLIED,
            ticket_id=ticket_id,
            language=message.language,
            message_id=message_id,
            in_reply_to=message.message_id,
            references=references_of_answer(message),
            names_opening_at=None if is_open(self.hours, now) else next_opening(self.hours, now),
        )
        return self.write(order, {"requester": {"name": name}, "received": _received_values(message)}, now)

    def notice(self, notice: Notice, member: StaffMember, now: datetime) -> NewDelivery:
        """The mail that tells a staff member of a ticket or of a new message on theirs."""
        order = self.order_about(notice.ticket.id, notice.purpose, notice.cause, member)
        values: dict[str, Mapping[str, Value]] = {
            "staff": staff_values(member),
            "ticket": _ticket_values(notice),
            "message": self._message_values(notice),
            "received": _received_values(notice.message),
            "assignment": {"reason": notice.reason},
            "sent": {"what": notice.sent},
        }
        return self.write(order, values, now)

    def alert(self, alert: Alert, member: StaffMember, now: datetime) -> NewDelivery:
        """A mail to an admin or a lead about the service itself."""
        order = Order(Purpose.ADMIN_ALERT, alert.cause, member.email, Automatic.GENERATED)
        words: dict[str, Mapping[str, Value]] = {
            "staff": staff_values(member),
            "alert": {"what": alert.what, "mail": alert.mail, "remedy": alert.remedy},
        }
        return self.write(order, words, now)

    def order_about(self, ticket_id: str, purpose: Purpose, cause: str, member: StaffMember) -> Order:
        """A mail of ours about a ticket to somebody who may act on it by answering, under all others that they have of it."""
        # A Message-ID that was never sent.
        root = f"{ticket_id}.notices@{self._domain}"
        return Order(
            purpose,
            cause,
            member.email,
            Automatic.GENERATED,
            ticket_id=ticket_id,
            in_reply_to=root,
            references=(root,),
            staff_id=member.id,
        )

    def describe_moment(self, at: datetime) -> str:
        """A moment as staff read it: "Tuesday 3 November at 14:05 UK time"."""
        return describe_moment(self.hours, at)

    def write(self, order: Order, values: Mapping[str, Mapping[str, Value]], now: datetime) -> NewDelivery:
        """The mail as a row for the outbox: the template of its purpose, filled, under a new Message-ID or the given one."""
        rendered = self.templates.render(order.purpose, order.language, {**self._shared_values(now), **values})
        token = self.new_token()
        message_id = order.message_id or f"{token}@{self._domain}"
        reply_address = self._reply_address(message_id, order)
        mail = OutboundMail(
            from_name=order.from_name or self.sender.name,
            from_address=self.sender.address,
            to_address=order.to,
            subject=rendered.subject,
            text=rendered.text,
            html=rendered.html,
            message_id=message_id,
            sent_at=now,
            automatic=order.automatic,
            in_reply_to=order.in_reply_to,
            references=order.references,
            language=rendered.language,
            reply_to=reply_address,
            files=order.files,
        )
        return NewDelivery(
            cause=order.cause,
            purpose=order.purpose,
            ticket_id=order.ticket_id,
            message_id=message_id,
            envelope_sender=self._envelope_sender(reply_address),
            recipient=order.to,
            content=self.compose(mail),
            names_opening_at=order.names_opening_at,
            answerable=Answerable(order.staff_id, now + self.token_life) if order.staff_id else None,
        )

    @property
    def _domain(self) -> str:
        return domain_of(self.sender.address)

    def _reply_address(self, message_id: str, order: Order) -> str:
        """info+TOKEN@… where plus addressing is on and answers are wanted, for the program that drops References."""
        wanted = order.staff_id is not None or order.purpose in (*ACKNOWLEDGEMENTS, Purpose.REPLY)
        if not self.sender.plus_addressing or not wanted:
            return ""
        local, _, domain = self.sender.address.rpartition("@")
        return f"{local}+{message_id.rpartition('@')[0]}@{domain}"

    def _envelope_sender(self, reply_address: str) -> str:
        """Bounces come back to the address with the token too, unless they are wanted elsewhere or nowhere."""
        own = self.sender.envelope_sender == self.sender.address
        return reply_address if reply_address and own else self.sender.envelope_sender

    def _shared_values(self, now: datetime) -> Values:
        opening = next_opening(self.hours, now)
        words = describe_opening(self.hours, opening) if opening else None
        return {
            "office": {
                "open": is_open(self.hours, now),
                "hours": describe_hours(self.hours),
                "opens_at": words.at if words else "",
                "opens_day": words.day if words else "",
                "opens_time": words.time if words else "",
            },
        }

    def _message_values(self, notice: Notice) -> Mapping[str, Value]:
        message = notice.message
        sender = message.sender
        reply_to = next((each.address for each in message.reply_to), "")
        return {
            "new_text": _shortened(as_typed(message.new_text, message)),
            "history": _shortened("\n\n".join(filter(None, (message.text if _quotes(message) else "", notice.before)))),
            "subject": message.subject,
            "sender_name": sender.name if sender else "",
            "sender_address": sender.address if sender else "",
            "received_at": self.describe_moment(notice.received_at),
            "attachments": "\n".join(_attachment_line(each) for each in message.attachments),
            "other_address": notice.other_address,
            "reply_to": reply_to if sender and reply_to and lookup_form(reply_to) != lookup_form(sender.address) else "",
            "unproven": notice.unproven,
        }


def references_of_answer(message: InboundMessage) -> tuple[str, ...]:
    """RFC 5322 section 3.6.4: the parent's References (or its In-Reply-To), then the parent's Message-ID."""
    before = message.references or message.in_reply_to[:1]
    return tuple(dict.fromkeys((*before, *((message.message_id,) if message.message_id else ()))))


def _received_values(message: InboundMessage) -> Mapping[str, Value]:
    return {"language": "" if message.language == DEFAULT else NAMES[message.language], "locked": message.locked}


def staff_values(member: StaffMember) -> Mapping[str, Value]:
    return {"name": member.public_name, "minimal": member.notices is Notices.MINIMAL}


def _ticket_values(notice: Notice) -> Mapping[str, Value]:
    return {
        "reference": notice.ticket.reference,
        "priority": notice.ticket.priority.value,
        "state": notice.ticket.state.value,
        "earlier": ", ".join(each.reference for each in notice.earlier),
        "requester_address": notice.ticket.requester_address,
        "notes": _shortened(notice.notes),
    }


def _quotes(message: InboundMessage) -> bool:
    """Whether more was folded away than a signature: then staff want the whole."""
    return len(message.text) - len(message.new_text) > LONGEST_SIGNATURE


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST_TEXT else text[:LONGEST_TEXT] + SHORTENED


def _attachment_line(attachment: Attachment) -> str:
    name = " ".join(attachment.name.split()) or "no name"
    return f"{name} ({max(1, round(attachment.size / 1024))} KB)"
