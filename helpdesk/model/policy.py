"""What the admins decided: the limits and lists that the decisions in core go by."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Ourselves:
    """How to tell our own mail, our staff's and that of trusted forms; all addresses in lookup form.

    `trusted_authserv` is the authserv-id (RFC 8601 section 2.5) that our own mail server writes; empty means that no
    Authentication-Results header is believed. `professionals` are addresses or @domains that write for others.
    """

    addresses: frozenset[str] = field(repr=False)
    staff_addresses: frozenset[str] = field(default=frozenset(), repr=False)
    form_senders: frozenset[str] = field(default=frozenset(), repr=False)
    professionals: frozenset[str] = field(default=frozenset(), repr=False)
    trusted_authserv: str = ""


@dataclass(frozen=True, slots=True)
class AcknowledgementPolicy:
    """Caps on automatic answers: DESIGN section 3. `within` is the age (by INTERNALDATE) over which none is sent."""

    enabled: bool = True
    within: timedelta = timedelta(days=3)
    per_sender: int = 3
    per_hour: int = 200
    same_text_per_hour: int = 100
    hold_after: timedelta = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class TicketPolicy:
    """How follow-ups find their ticket, and when somebody hears that one waits: DESIGN sections 4 and 5.

    `first_response` is in office hours: so long without an answer reminds the assignee, twice as long tells the leads. After
    `still_with_you_days` office days the requester is told that they are not forgotten; 0 is never.
    """

    subject_reference: bool = False
    reopen_within: timedelta = timedelta(days=30)
    join_within: timedelta = timedelta(hours=24)
    first_response: timedelta = timedelta(hours=4)
    still_with_you_days: int = 0


@dataclass(frozen=True, slots=True)
class StaffMailPolicy:
    """How replies of staff go out: DESIGN section 6.

    A reply waits for `reply_delay`, and with one of `guard_words` in it until its author lets it go; a notice can be answered
    for `token_life`. `sent_copy`: a copy goes into the mailbox's folder of sent mail, `sent_folder` where that is named;
    `read_sent`: that folder is read for answers that were sent from the mailbox itself.
    """

    reply_delay: timedelta = timedelta(minutes=5)
    token_life: timedelta = timedelta(days=90)
    sent_copy: bool = True
    sent_folder: str = ""
    read_sent: bool = True
    guard_words: tuple[str, ...] = ()


class AfterProcessing(StrEnum):
    """What becomes of a message on the server once it is in the database."""

    KEEP = "keep"
    KEYWORD = "keyword"
    MOVE = "move"


class Security(StrEnum):
    """How a connection is protected; `none` is taken for loopback only."""

    TLS = "tls"
    STARTTLS = "starttls"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class ServerLogin:
    """Where and how to log in to a mail server; `ca_file` empty means the system's certificates, `timeout` in seconds."""

    host: str
    port: int
    security: Security
    username: str = field(repr=False)
    password: str = field(repr=False)
    ca_file: str = ""
    timeout: float = 30.0


@dataclass(frozen=True, slots=True)
class FolderPolicy:
    """One folder to poll. `junk`: what lies in it gets a ticket marked as spam, and no acknowledgement."""

    folder: str
    after: AfterProcessing = AfterProcessing.KEEP
    keyword: str = "$HelpdeskDone"
    move_to: str = ""
    junk: bool = False


class StartMode(StrEnum):
    NOW = "now"
    ALL = "all"
    DATE = "date"


@dataclass(frozen=True, slots=True)
class StartFrom:
    """From where on a mailbox is answered: from now on, all of it, or what the server received at or after `since`."""

    mode: StartMode
    since: datetime | None = None
