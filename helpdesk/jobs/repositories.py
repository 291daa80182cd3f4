"""What the jobs ask of the database, a protocol for each kind of row; `ports` has the transactions that give them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Protocol

from helpdesk.model.health import RaisedAlarm
from helpdesk.model.mailbox import FolderStatus, MailboxRecord
from helpdesk.model.message import Address, InboundMessage, MessageState, RawMessage, StoredMessage, Verdict
from helpdesk.model.policy import StartFrom
from helpdesk.model.staff import Absence, Workload
from helpdesk.model.stored import MachineMail, MessageView, QuarantinedMessage, SameText
from helpdesk.model.ticket import Event, HandedOver, Priority, Ticket, TicketState


class Mailboxes(Protocol):
    def find(self, account: str, folder: str) -> MailboxRecord | None: ...

    def all(self) -> list[MailboxRecord]:
        """Every folder that was ever started, by account and name."""
        ...

    def start(self, account: str, folder: str, status: FolderStatus, start: StartFrom, now: datetime) -> MailboxRecord: ...

    def advance(self, mailbox_id: str, uidvalidity: int, cursor_uid: int) -> None:
        """Move the cursor on; never back, and never under another UIDVALIDITY."""
        ...

    def record_poll(self, mailbox_id: str, now: datetime) -> None:
        """A poll came to its end."""
        ...

    def record_reconciled(self, mailbox_id: str, now: datetime) -> None:
        """The whole folder was compared with what is stored of it."""
        ...

    def renew(self, mailbox_id: str, status: FolderStatus) -> MailboxRecord:
        """The server gave the folder a new UIDVALIDITY: start over at UID 1, keeping the start by INTERNALDATE."""
        ...


class Messages(Protocol):
    def known_uids(self, mailbox_id: str, uidvalidity: int, uids: Iterable[int]) -> set[int]: ...

    def count_in(self, mailbox_id: str, uidvalidity: int) -> int:
        """How many messages of this mailbox, under this UIDVALIDITY, were ever taken in."""
        ...

    def processed_uids(self, mailbox_id: str, uidvalidity: int, uids: Iterable[int]) -> set[int]:
        """Those of `uids` whose messages are in state `processed`."""
        ...

    def add(self, mailbox_id: str, messages: Sequence[RawMessage], now: datetime) -> list[StoredMessage]:
        """Store raw messages, sealed, in state `stored`; one that is stored already (same UID) is left out."""
        ...

    def unprocessed(self, mailbox_id: str, limit: int) -> list[StoredMessage]:
        """Messages of this mailbox in state `stored`, oldest first.

        One whose sealed bytes don't open any more is left out, and put in quarantine where this unit of work writes.
        """
        ...

    def get(self, message_id: str) -> MessageView | None: ...

    def raw(self, message_id: str) -> StoredMessage | None: ...

    def find_twin(self, digest_parts: Sequence[str], rule: str = "") -> str | None:
        """The id of a processed message with the same digest (keyed HMAC over the parts), if any; `rule`: that it hit."""
        ...

    def same_text(self, domain: str, text: str, since: datetime, answered_since: datetime, came_at: datetime) -> SameText:
        """How many messages with this text came from this domain at or after `since` (by processing time).

        `answered` counts those that were processed from `answered_since`, which is the earlier one, until before `came_at`.
        """
        ...

    def record_processed(
        self,
        stored: StoredMessage,
        message: InboundMessage,
        verdict: Verdict,
        *,
        digest_parts: Sequence[str],
        ticket_id: str | None,
        now: datetime,
    ) -> None:
        """Set state `processed`, seal subject, sender and new text, and remember its Message-ID for threading."""
        ...

    def record_duplicate(self, stored: StoredMessage, twin_id: str, now: datetime) -> None: ...

    def record_failure(self, message_id: str, error: str, place: str, *, quarantine: bool, now: datetime) -> None:
        """Count a failed try; `error` (sealed) is the exception's text, `place` its class and file:line."""
        ...

    def begin_alone(self, message_id: str) -> int:
        """Count that a message which a dead worker left over is begun with, by itself; returns how often that was."""
        ...

    def reset(self, message_id: str) -> None:
        """Put a quarantined or processed message back to `stored` with no failures counted."""
        ...

    def dismiss(self, message_id: str, now: datetime) -> bool:
        """Take a message out of quarantine, unread, as one that a person has dealt with; False when it is not there."""
        ...

    def failed(self, message_id: str) -> QuarantinedMessage | None:
        """A message that is in quarantine, or that a person has dismissed from it."""
        ...

    def quarantined(self) -> list[QuarantinedMessage]: ...

    def of_ticket(self, ticket_id: str) -> list[MessageView]: ...

    def machine_mail(self, limit: int) -> list[MachineMail]:
        """Processed messages that are no person's, newest first."""
        ...

    def count(self, state: MessageState) -> int: ...

    def counts(self) -> Mapping[MessageState, int]:
        """How many messages are in each state that waits for somebody; the many that are done with are not counted."""
        ...


class Tickets(Protocol):
    def open(
        self,
        *,
        opened_by: str,
        requester: Address,
        subject: str,
        language: str,
        priority: Priority,
        spam: bool,
        assignee: str | None,
        now: datetime,
    ) -> Ticket:
        """A new ticket in state `new`, topic general, with the next number."""
        ...

    def save(self, ticket: Ticket) -> None:
        """Write what may change: state, priority, topic, assignee, the times but `opened_at`, spam, reminders_paused."""
        ...

    def by_number(self, number: int) -> Ticket | None: ...

    def by_id(self, ticket_id: str) -> Ticket | None: ...

    def by_message_ids(self, message_ids: Sequence[str]) -> list[Ticket]:
        """The tickets that these Message-IDs (without brackets) belong to, in the order given, each once."""
        ...

    def of_requester(self, address: str, limit: int = 20) -> list[Ticket]:
        """The tickets whose answers go to this address, newest first."""
        ...

    def has_participant(self, ticket_id: str, address: str) -> bool:
        """Whether a message on this ticket came from this address."""
        ...

    def add_events(self, ticket_id: str, events: Sequence[Event]) -> list[str]:
        """Append events; returns their ids, in order."""
        ...

    def events(self, ticket_id: str) -> list[Event]: ...

    def workloads(self) -> Mapping[str, Workload]: ...

    def of_assignee(self, staff_id: str, states: Sequence[TicketState]) -> list[Ticket]:
        """Their tickets in these states, oldest first; never one that is closed."""
        ...

    def handed_over(self, ticket_ids: Sequence[str]) -> list[HandedOver]:
        """Who gave up which of these tickets for a leave, in order."""
        ...

    def list(self, states: Sequence[TicketState], limit: int) -> list[Ticket]:
        """Tickets in these states, newest first."""
        ...


class People(Protocol):
    def absences(self, day: date) -> list[Absence]:
        """Who is away on this day, or will be later."""
        ...

    def add_absence(self, new: Absence) -> None:
        """Remember that somebody is away; one that begins on the same day is replaced."""
        ...

    def end_absences(self, staff_id: str, day: date) -> bool:
        """From this day on they are there, until the next absence that is planned; whether anything was changed.

        For somebody who is there on that day, what is planned is off.
        """
        ...

    def look_up(self, addresses: Iterable[str]) -> None:
        """Ask at once what will be asked of each of these few addresses in this transaction."""
        ...

    def mark_unreachable(self, address: str, now: datetime) -> None:
        """Mail to this address came back for good, now for the last time that we know of."""
        ...

    def unreachable_since(self, address: str) -> datetime | None:
        """When mail to this address last came back for good."""
        ...

    def exclude(self, staff_id: str, address: str, now: datetime) -> None:
        """From now on this staff member never gets tickets of this requester."""
        ...

    def allow(self, staff_id: str, address: str) -> bool:
        """End an exclusion; False when there was none."""
        ...

    def excluded_for(self, address: str) -> set[str]:
        """The ids of the staff members who never get tickets of this requester."""
        ...


class Alarms(Protocol):
    def raised(self) -> list[RaisedAlarm]:
        """The alarms that stand, oldest first."""
        ...

    def raise_(self, name: str, now: datetime) -> bool:
        """Let an alarm stand from now on; False when it stands already."""
        ...

    def told(self, name: str, now: datetime) -> None:
        """A person was told of it."""
        ...

    def end(self, name: str) -> bool:
        """It is over; False when it did not stand."""
        ...


class Restorations(Protocol):
    def add(self, backed_up_at: datetime, restored_at: datetime, now: datetime) -> None:
        """A backup of that time was put back."""
        ...

    def covering(self, received_at: datetime) -> bool:
        """Whether a message of that time was received between a backup and its restoration."""
        ...
