"""A message on its way in: the bytes with their place in the mailbox, the parsed value, and what it was judged to be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Kind(StrEnum):
    """What a message is; DESIGN section 3 has the table."""

    PERSON = "person"
    AUTO_REPLY = "auto_reply"
    BOUNCE = "bounce"
    RECEIPT = "receipt"
    BULK = "bulk"
    REPORT = "report"
    OWN = "own"
    STAFF = "staff"
    CALENDAR = "calendar"
    SPAM = "spam"


class MessageState(StrEnum):
    """How far a stored message has come."""

    STORED = "stored"
    PROCESSED = "processed"
    DUPLICATE = "duplicate"
    QUARANTINED = "quarantined"


@dataclass(frozen=True, slots=True)
class RawMessage:
    """The bytes of a message with its place on the server (RFC 3501: UIDVALIDITY and UID) and its INTERNALDATE in UTC."""

    uidvalidity: int
    uid: int
    received_at: datetime
    raw: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """A message row: the raw message, where it was found, when it was stored, and how often processing it has failed."""

    id: str
    mailbox_id: str
    raw: RawMessage
    stored_at: datetime
    failures: int = 0


@dataclass(frozen=True, slots=True)
class Address:
    """A display name (may be empty) and an address in its sender's own spelling."""

    name: str = field(repr=False)
    address: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Attachment:
    """What is attached, without its content; `size` in bytes after decoding."""

    name: str = field(repr=False)
    content_type: str
    size: int
    inline: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """One leaf of the MIME tree, in order; `text` is decoded for text/* and message/* leaves, else empty."""

    content_type: str
    text: str = field(default="", repr=False)
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Headers:
    """Header fields of the top level in order, unfolded and decoded, names in lower case."""

    fields: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    def first(self, name: str) -> str:
        """The first value of a field, stripped; empty when the field is missing."""
        return next(self.every(name), "")

    def every(self, name: str) -> Iterator[str]:
        wanted = name.lower()
        return (value.strip() for field_name, value in self.fields if field_name == wanted)

    def __contains__(self, name: str) -> bool:
        wanted = name.lower()
        return any(field_name == wanted for field_name, _ in self.fields)


@dataclass(frozen=True, slots=True)
class InboundMessage:
    """A message as read: total, so every field has a value whatever the bytes were; `defects` says what was mended.

    Message-IDs come without angle brackets. `text` is all readable text, `new_text` what the writer newly wrote (the
    whole text where that would be empty). `date` is the sender's own clock in UTC and may be wrong or missing.
    `content_type` is that of the top level; `parts` are the leaves of the MIME tree. `language` (ISO 639-1) is that of the
    new text, English where that is not sure. `locked` says that all or part of it was encrypted, and can't be read by us.
    """

    message_id: str | None = field(default=None, repr=False)
    in_reply_to: tuple[str, ...] = field(default=(), repr=False)
    references: tuple[str, ...] = field(default=(), repr=False)
    sender: Address | None = None
    reply_to: tuple[Address, ...] = ()
    to: tuple[str, ...] = field(default=(), repr=False)
    subject: str = field(default="", repr=False)
    date: datetime | None = None
    text: str = field(default="", repr=False)
    new_text: str = field(default="", repr=False)
    language: str = "en"
    attachments: tuple[Attachment, ...] = ()
    headers: Headers = Headers()
    content_type: str = "text/plain"
    parts: tuple[Part, ...] = ()
    size: int = 0
    defects: tuple[str, ...] = ()
    locked: bool = False


@dataclass(frozen=True, slots=True)
class BouncedRecipient:
    """An address that a mail could not reach, with its RFC 3463 status where one was given.

    `permanent`: the address takes no mail. `gave_up`: the reason might have passed, but nobody tries any more, so that the
    mail is lost and the address may be alive. Neither: the mail is late, and may still arrive.
    """

    address: str = field(repr=False)
    status: str | None = None
    permanent: bool = True
    gave_up: bool = False

    @property
    def lost(self) -> bool:
        """Whether the mail will not arrive any more, for whichever reason."""
        return self.permanent or self.gave_up


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a message was judged to be, and the named rule that decided."""

    kind: Kind
    rule: str
    bounced: tuple[BouncedRecipient, ...] = ()
