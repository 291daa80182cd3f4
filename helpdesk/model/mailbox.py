"""A polled folder as the database remembers it, and as the server shows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from helpdesk.model.policy import StartMode


@dataclass(frozen=True, slots=True)
class FolderStatus:
    """What SELECT told: UIDVALIDITY, the UID that the next message will get, how many messages there are."""

    uidvalidity: int
    uidnext: int
    exists: int


@dataclass(frozen=True, slots=True)
class MessageSummary:
    """What is known of a message before it is fetched: INTERNALDATE in UTC, size in bytes."""

    uid: int
    received_at: datetime
    size: int


@dataclass(frozen=True, slots=True)
class MailboxRecord:
    """The memory of a folder. Messages with a UID below `first_uid`, or received before `since`, lie before its start.

    `started_from` is what was said at its start.
    `cursor_uid` is the highest UID that every poll has dealt with; under a new UIDVALIDITY it starts at 0 again.
    `polled_at` is when a poll last came to its end, `reconciled_at` when all of the folder was last compared.
    """

    id: str
    account: str
    folder: str
    uidvalidity: int
    first_uid: int
    since: datetime | None
    started_from: StartMode
    started_at: datetime
    cursor_uid: int
    polled_at: datetime | None = None
    reconciled_at: datetime | None = None
