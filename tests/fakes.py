"""Stand-ins at the edges: a clock that is set, a folder and a transport in memory. Small, and they record."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP

from helpdesk.model.delivery import Attempt, Delivery, Outcome
from helpdesk.model.mailbox import FolderStatus, MessageSummary
from helpdesk.model.message import RawMessage

# A Monday morning in office hours.
MONDAY = datetime(2026, 11, 2, 11, 0, tzinfo=UTC)


@dataclass
class FixedClock:
    at: datetime = MONDAY

    def now(self) -> datetime:
        return self.at

    def advance(self, **by: float) -> None:
        self.at += timedelta(**by)


def make_mail(
    sender: str = "Sam <sam@example.org>",
    subject: str = "Hello",
    body: str = "I would like to talk to somebody.\n",
    message_id: str | None = "<one@example.org>",
    to: str = "info@exithate.org",
    **headers: str,
) -> bytes:
    """A plain mail as a person's program writes it; header names come with underscores for hyphens."""
    mail = EmailMessage(policy=SMTP.clone(max_line_length=998))
    mail["From"] = sender
    mail["To"] = to
    mail["Subject"] = subject
    mail["Date"] = "Mon, 02 Nov 2026 10:59:00 +0000"
    if message_id:
        mail["Message-ID"] = message_id
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(body)
    return mail.as_bytes()


@dataclass
class FakeFolder:
    """An IMAP folder in memory; `before` is called with the name of each step, and may raise or change the folder."""

    uidvalidity: int = 1
    uidnext: int = 1
    messages: dict[int, tuple[bytes, datetime]] = field(default_factory=dict)
    marked: list[int] = field(default_factory=list)
    moves: bool = False
    before: Callable[[str], None] = lambda step: None
    interrupted: int = 0
    closed: bool = False
    fetched: list[list[int]] = field(default_factory=list)
    received_at: datetime = MONDAY

    def put(self, raw: bytes, received_at: datetime | None = None) -> int:
        uid = self.uidnext
        self.messages[uid] = (raw, received_at or self.received_at)
        self.uidnext += 1
        return uid

    def status(self) -> FolderStatus:
        self.before("status")
        return FolderStatus(self.uidvalidity, self.uidnext, len(self.messages))

    def uids_from(self, first_uid: int) -> list[int]:
        self.before("search")
        return sorted(uid for uid in self.messages if uid >= first_uid)

    def newest_uids(self, count: int) -> list[int]:
        return sorted(self.messages)[-count:]

    def summaries(self, uids: Sequence[int]) -> list[MessageSummary]:
        self.before("summaries")
        return [MessageSummary(uid, self.messages[uid][1], len(self.messages[uid][0])) for uid in uids if uid in self.messages]

    def fetch(self, uids: Sequence[int]) -> list[RawMessage]:
        self.before("fetch")
        self.fetched.append(list(uids))
        return [
            RawMessage(self.uidvalidity, uid, self.messages[uid][1], self.messages[uid][0])
            for uid in uids
            if uid in self.messages
        ]

    def mark_processed(self, uids: Sequence[int]) -> None:
        self.before("mark")
        self.marked += uids
        if self.moves:
            for uid in uids:
                del self.messages[uid]

    def wait(self, seconds: float) -> bool:
        self.before("wait")
        return False

    def interrupt(self) -> None:
        self.interrupted += 1

    def close(self) -> None:
        self.closed = True


@dataclass
class FakeTransport:
    """An SMTP server in memory; `answers` are given in turn, and after them everything is taken."""

    answers: list[Attempt | Exception] = field(default_factory=list)
    sent: list[Delivery] = field(default_factory=list)
    tried: list[Delivery] = field(default_factory=list)
    closed: bool = False
    deadline: float = 60.0

    def send(self, delivery: Delivery) -> Attempt:
        self.tried.append(delivery)
        answer = self.answers.pop(0) if self.answers else Attempt(Outcome.SENT, 250)
        if isinstance(answer, Exception):
            raise answer
        if answer.outcome is Outcome.SENT:
            self.sent.append(delivery)
        return answer

    def close(self) -> None:
        self.closed = True

    def to(self, recipient: str) -> list[Delivery]:
        return [delivery for delivery in self.sent if delivery.recipient == recipient]


@dataclass
class FakePresence:
    """A worker that lives; `lost` is raised, as long as it is set, when it is asked whether it does."""

    number: int = 1
    lost: Exception | None = None

    def check(self) -> None:
        if self.lost:
            raise self.lost
