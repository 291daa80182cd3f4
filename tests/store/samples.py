"""Invented values for the store's tests."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from helpdesk.model.delivery import NewDelivery, Purpose
from helpdesk.model.mailbox import FolderStatus, MailboxRecord
from helpdesk.model.message import Address, InboundMessage, Kind, MessageState, RawMessage, StoredMessage, Verdict
from helpdesk.model.policy import StartFrom, StartMode
from helpdesk.model.ticket import Priority, Ticket
from helpdesk.store.database import Database, open_database
from helpdesk.store.unit_of_work import SqlUnitOfWork

SECRET = bytes(range(32))
NOW = datetime(2026, 11, 2, 11, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
SAM = Address("Sam", "sam@example.org")
PERSON = Verdict(Kind.PERSON, "default")
STATUS = FolderStatus(uidvalidity=7, uidnext=5, exists=4)


@dataclass(frozen=True, slots=True)
class OnTicket:
    """A processed message with the ticket that it opened."""

    stored: StoredMessage
    ticket: Ticket


def start_mailbox(uow: SqlUnitOfWork, folder: str = "INBOX", start: StartFrom | None = None) -> MailboxRecord:
    return uow.mailboxes.start("info@example.org", folder, STATUS, start or StartFrom(StartMode.ALL), NOW)


def raw(uid: int = 1, content: bytes = b"Subject: hello\r\n\r\nhello\r\n", received_at: datetime = NOW) -> RawMessage:
    return RawMessage(uidvalidity=7, uid=uid, received_at=received_at, raw=content)


def store_messages(uow: SqlUnitOfWork, *messages: RawMessage) -> list[StoredMessage]:
    mailbox = uow.mailboxes.find("info@example.org", "INBOX") or start_mailbox(uow)
    return uow.messages.add(mailbox.id, messages, NOW)


def inbound(sender: Address | None = SAM, message_id: str | None = "first@example.org", text: str = "hello") -> InboundMessage:
    return InboundMessage(message_id=message_id, sender=sender, subject="Help", text=text, new_text=text)


def process(
    uow: SqlUnitOfWork,
    stored: StoredMessage,
    message: InboundMessage | None = None,
    ticket_id: str | None = None,
    verdict: Verdict = PERSON,
) -> None:
    read = message or inbound()
    parts: Sequence[str] = (read.message_id or "", read.text)
    uow.messages.record_processed(stored, read, verdict, digest_parts=parts, ticket_id=ticket_id, now=NOW)


def open_ticket(uow: SqlUnitOfWork, stored: StoredMessage, requester: Address = SAM, assignee: str | None = None) -> Ticket:
    return uow.tickets.open(
        opened_by=stored.id,
        requester=requester,
        subject="Help",
        language="en",
        priority=Priority.NORMAL,
        spam=False,
        assignee=assignee,
        now=NOW,
    )


def write_in(uow: SqlUnitOfWork, uid: int = 1, message: InboundMessage | None = None, assignee: str | None = None) -> OnTicket:
    """A person's mail, from the mailbox to its ticket."""
    (stored,) = store_messages(uow, raw(uid))
    read = message or inbound()
    ticket = open_ticket(uow, stored, read.sender or SAM, assignee)
    process(uow, stored, read, ticket.id)
    return OnTicket(stored, ticket)


def write_in_once(database: Database) -> OnTicket:
    with database.writing() as uow:
        written = write_in(uow)
        uow.commit()
    return written


def letter(ticket_id: str | None, cause: str = "message:1", **changes: object) -> NewDelivery:
    values: dict[str, object] = {
        "cause": cause,
        "purpose": Purpose.ACKNOWLEDGEMENT,
        "ticket_id": ticket_id,
        "message_id": f"{cause}@desk.example.org",
        "envelope_sender": "info@example.org",
        "recipient": SAM.address,
        "content": b"Subject: Your message\r\n\r\nThank you.\r\n",
    }
    return NewDelivery(**(values | changes))  # type: ignore[arg-type]


def stored(database: Database) -> int:
    with database.reading() as uow:
        return uow.messages.count(MessageState.STORED)


def waiting(uow: SqlUnitOfWork, limit: int = 10) -> list[StoredMessage]:
    mailbox = uow.mailboxes.find("info@example.org", "INBOX")
    assert mailbox is not None
    return uow.messages.unprocessed(mailbox.id, limit)


def one_letter(uow: SqlUnitOfWork, **changes: object) -> str:
    added = uow.outbox.add(letter(write_in(uow).ticket.id, **changes), NOW)
    assert added is not None
    return added


@contextmanager
def closing_database(url: str) -> Iterator[Database]:
    database = open_database(url, SECRET, create=True)
    try:
        yield database
    finally:
        database.close()
