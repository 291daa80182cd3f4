"""What staff get from the desk, and what they send to it."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from helpdesk.model.delivery import Delivery, DeliveryState, OutboxRow, Purpose
from helpdesk.model.staff import StaffMember
from helpdesk.model.ticket import Event, Ticket
from tests.fakes import make_mail
from tests.jobs.conftest import DANA, MIKE, Office

SAM = "sam@example.org"
_numbers = itertools.count(1)


def parsed(delivery: Delivery) -> EmailMessage:
    mail = message_from_bytes(delivery.content, policy=default)
    assert isinstance(mail, EmailMessage)
    return mail


def words(delivery: Delivery) -> str:
    """The plain text, with single spaces."""
    part = parsed(delivery).get_body(("plain",))
    assert part is not None
    return " ".join(part.get_content().split())


@dataclass
class Desk:
    """A desk at which Sam has written, with a notice in somebody's inbox."""

    office: Office
    seen: int = field(default=0)

    def person_writes(self, body: str = "I do not know what to do about my brother.\n", **headers: str) -> None:
        self.office.clock.advance(minutes=1)
        self.office.work(make_mail(body=body, message_id=f"<sam{next(_numbers)}@example.org>", **headers))

    @property
    def ticket(self) -> Ticket:
        return self.office.tickets()[0]

    @property
    def member(self) -> StaffMember:
        return MIKE if self.ticket.assignee == "mike" else DANA

    @property
    def other(self) -> StaffMember:
        return DANA if self.member is MIKE else MIKE

    def last_to(self, member: StaffMember, *purposes: Purpose) -> Delivery:
        """The last mail that a member got, of one of these purposes."""
        return [mail for mail in self.office.transport.to(member.email) if not purposes or mail.purpose in purposes][-1]

    @property
    def notice(self) -> Delivery:
        return self.last_to(self.member, Purpose.STAFF_ASSIGNED, Purpose.STAFF_MESSAGE)

    def answer(
        self, body: str, to: Delivery | None = None, sender: str = "", message_id: str | None = None, **headers: str
    ) -> None:
        """A mail that answers a mail of ours, by default the notice; then the worker goes round."""
        answered = to or self.notice
        fields = {"In_Reply_To": f"<{answered.message_id}>", "References": f"<root@x> <{answered.message_id}>", **headers}
        mail = make_mail(
            sender=sender or answered.recipient,
            subject="Re: A message is waiting",
            body=body,
            message_id=message_id or f"<staff{next(_numbers)}@example.net>",
            **{name: value for name, value in fields.items() if value},
        )
        self.office.clock.advance(minutes=1)
        self.office.work(mail)

    def let_time_pass(self, minutes: float = 6) -> None:
        self.office.clock.advance(minutes=minutes)
        self.office.work()

    def replies(self) -> list[Delivery]:
        """The answers that Sam has got."""
        return [mail for mail in self.office.transport.to(SAM) if mail.purpose is Purpose.REPLY]

    def waiting(self, *states: DeliveryState) -> list[OutboxRow]:
        with self.office.store.reading() as uow:
            rows = uow.outbox.list(states or (DeliveryState.PENDING, DeliveryState.HELD), 100)
        return [row for row in rows if row.purpose is Purpose.REPLY]

    def events(self) -> Sequence[Event]:
        with self.office.store.reading() as uow:
            return uow.tickets.events(self.ticket.id)

    def kinds(self) -> list[str]:
        return [event.kind.value for event in self.events()]

    def purposes_to(self, member: StaffMember) -> list[Purpose]:
        return [mail.purpose for mail in self.office.transport.to(member.email)]


def desk_with_notice(office: Office) -> Desk:
    office.start()
    desk = Desk(office)
    desk.person_writes()
    return desk
