"""What the jobs need of the outside, stated over model types; `bootstrap` gives them the real thing, tests a fake."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Protocol

from helpdesk.jobs.outbox_port import Outbox
from helpdesk.jobs.reply_port import EarlyAnswers, Replies, SentCopies, Tokens
from helpdesk.jobs.repositories import (
    Alarms,
    Mailboxes,
    Messages,
    People,
    Restorations,
    Tickets,
)
from helpdesk.jobs.waiting_port import Waiting
from helpdesk.model.delivery import (
    Attempt,
    Delivery,
    OutboundMail,
    Purpose,
)
from helpdesk.model.mailbox import FolderStatus, MessageSummary
from helpdesk.model.message import RawMessage
from helpdesk.model.template import Rendered, Values


class Folder(Protocol):
    """One selected folder on the IMAP server. Every method raises MailboxUnavailable when the server can't be used."""

    def status(self) -> FolderStatus:
        """SELECT the folder anew and say what is in it."""
        ...

    def uids_from(self, first_uid: int) -> list[int]:
        """Every UID at or above `first_uid`, ascending."""
        ...

    def newest_uids(self, count: int) -> list[int]:
        """The UIDs of the last `count` messages, ascending."""
        ...

    def summaries(self, uids: Sequence[int]) -> list[MessageSummary]:
        """INTERNALDATE and size of those of `uids` that are still there, ascending."""
        ...

    def fetch(self, uids: Sequence[int]) -> list[RawMessage]:
        """The messages that are still there, by BODY.PEEK[], ascending; one expunged in between is simply missing."""
        ...

    def mark_processed(self, uids: Sequence[int]) -> None:
        """Keep, flag or move these messages, as configured and as the server can."""
        ...

    def wait(self, seconds: float) -> bool:
        """IDLE until the server tells of a change (True) or `seconds` have passed (False)."""
        ...

    def interrupt(self) -> None:
        """Make a `wait` that is under way in another thread return at once."""
        ...

    def close(self) -> None: ...


class Transport(Protocol):
    """Hands mail to the SMTP server over a connection that it keeps."""

    def send(self, delivery: Delivery) -> Attempt: ...

    def close(self) -> None: ...


class Templates(Protocol):
    def render(self, name: Purpose, language: str, values: Values) -> Rendered:
        """Render the template that serves now; never raises, since a last good or built-in version always exists."""
        ...


Compose = Callable[[OutboundMail], bytes]


class UnitOfWork(Protocol):
    """One transaction: rolls back unless `commit` was called."""

    @property
    def mailboxes(self) -> Mailboxes: ...

    @property
    def messages(self) -> Messages: ...

    @property
    def tickets(self) -> Tickets: ...

    @property
    def outbox(self) -> Outbox: ...

    @property
    def people(self) -> People: ...

    @property
    def tokens(self) -> Tokens: ...

    @property
    def replies(self) -> Replies: ...

    @property
    def sent_copies(self) -> SentCopies: ...

    @property
    def early_answers(self) -> EarlyAnswers: ...

    @property
    def waiting(self) -> Waiting: ...

    @property
    def alarms(self) -> Alarms: ...

    @property
    def restorations(self) -> Restorations: ...

    def commit(self) -> None: ...

    def savepoint(self) -> AbstractContextManager[None]:
        """A part that can fail alone: an exception inside rolls back that part only, and goes on up."""
        ...


class Turn(Protocol):
    """The right to do what only one worker may do at a time. Any thread may call its methods."""

    def check(self) -> None:
        """Raise DatabaseUnavailable when another may have it by now; asks no server."""
        ...

    def end(self) -> None:
        """Give it to others. Raises nothing, and may be called again."""
        ...


class Presence(Protocol):
    """That this worker is alive, as all others see it, under a number of its own."""

    @property
    def number(self) -> int: ...

    def check(self) -> None:
        """Raise DatabaseUnavailable while others may take this worker for dead: it must claim nothing then."""
        ...


class Store(Protocol):
    """Opens transactions; everything raises DatabaseUnavailable when the database can't be used."""

    def writing(self) -> AbstractContextManager[UnitOfWork]:
        """A unit of work that decides, alone among all workers."""
        ...

    def delivering(self) -> AbstractContextManager[UnitOfWork]:
        """A unit of work that claims deliveries or records them, beside those of other workers."""
        ...

    def reading(self) -> AbstractContextManager[UnitOfWork]: ...

    def turn(self, name: str) -> Turn | None:
        """The turn of this name; None while another worker, or another part of this one, has it."""
        ...

    def dead_among(self, numbers: Collection[int], longest_lease: timedelta) -> list[int]:
        """Those of these workers that are surely at work no more: what they had claimed may be taken up."""
        ...


Random = Callable[[], float]
