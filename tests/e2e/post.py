"""Everybody's own mailbox, and the post between them: what the SMTP server takes lies with its addressee after each round."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from helpdesk.bootstrap import Application
from helpdesk.model.policy import StartFrom, StartMode
from tests.e2e.conftest import Place
from tests.fakes import FixedClock
from tests.mail_programs.table import Desktop


def parsed(raw: bytes) -> EmailMessage:
    mail = message_from_bytes(raw, policy=default)
    assert isinstance(mail, EmailMessage)
    return mail


def form(raw: bytes, kind: str = "plain") -> str:
    """One of the two forms of a mail, as it stands."""
    part = parsed(raw).get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


@dataclass
class Side:
    """Somebody at their mail program, with a mailbox of their own on the server."""

    place: Place
    desktop: Desktop
    user: str
    kept: list[bytes] = field(default_factory=list)

    @property
    def address(self) -> str:
        return self.desktop.writer.address

    def mails(self) -> list[bytes]:
        """All that lies in their mailbox, in the order in which it came."""
        return self.kept or mails_in(self.place, self.user, "INBOX")

    def read_for_good(self) -> None:
        """Nothing comes any more: what lies there now is all, and is not fetched again."""
        self.kept = self.mails()

    def subjects(self) -> list[str]:
        return [str(parsed(raw)["Subject"]) for raw in self.mails()]

    def last(self, subject: str = "") -> bytes:
        """The newest mail in their mailbox, or the newest with this subject."""
        return [raw for raw in self.mails() if subject in ("", parsed(raw)["Subject"])][-1]


def mails_in(place: Place, user: str, folder: str) -> list[bytes]:
    """Every mail in a folder of somebody's mailbox."""
    with place.dovecot.client(user, folder) as client:
        client.select_folder(folder, readonly=True)
        uids = client.search("ALL")
        found = client.fetch(uids, ["BODY.PEEK[]"]) if uids else {}
    return [found[uid][b"BODY[]"] for uid in sorted(found)]


@dataclass
class Post:
    """The worker and the sides, by a clock that only moves when it is moved."""

    place: Place
    clock: FixedClock
    open: ExitStack
    application: Application = field(init=False)
    sides: dict[str, Side] = field(default_factory=dict)
    carried: int = 0

    @classmethod
    @contextmanager
    def at(cls, place: Place, clock: FixedClock) -> Iterator[Post]:
        """A desk whose mailbox was started, with the folder in which mail programs put what was sent."""
        with place.dovecot.client(place.user, "Sent"), ExitStack() as stack:
            post = cls(place, clock, stack)
            post.restart()
            post.application.start_mailbox(StartFrom(StartMode.ALL))
            yield post

    def restart(self) -> None:
        """A new worker, which knows what the database knows."""
        self.open.close()
        self.application = self.open.enter_context(self.place.application(self.clock))

    def side(self, desktop: Desktop) -> Side:
        """Give somebody a mailbox."""
        side = Side(self.place, desktop, self.place.dovecot.fresh_user())
        self.sides[side.address] = side
        return side

    def later(self, **by: float) -> None:
        """Time passes; then the worker goes round."""
        self.clock.advance(**by)
        self.work()

    def send(self, raw: bytes) -> None:
        """Somebody sends this to us; then the worker goes round."""
        self.place.dovecot.append(self.place.user, raw, received_at=self.clock.now())
        self.work()

    def work(self) -> None:
        """One round of the worker; then everybody has what was sent to them. A mail to anybody else is a KeyError."""
        # A command ends after its round; here the next one follows in the same process.
        self.application.delivery.stop.clear()
        self.application.run_once()
        for caught in self.place.sink.caught[self.carried :]:
            for recipient in caught.recipients:
                user = self.sides[recipient].user
                self.place.dovecot.append(user, caught.content, received_at=self.clock.now())
        self.carried = len(self.place.sink.caught)
