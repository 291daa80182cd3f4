"""Days on the whole desk: people do what they do at their times, the worker looks again and again, and all mail is noted."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from zoneinfo import ZoneInfo

from helpdesk.jobs.hand_over import HandOver
from helpdesk.jobs.ingest import FolderIngest
from helpdesk.jobs.morning import Morning
from helpdesk.jobs.remind import Reminders
from helpdesk.model.delivery import Attempt, Delivery, Purpose
from helpdesk.model.policy import FolderPolicy, StartFrom, StartMode
from tests.fakes import FakeFolder, make_mail
from tests.jobs.conftest import Office

LONDON = ZoneInfo("Europe/London")
# Between two looks of the worker, which looks every minute in life.
EVERY = timedelta(minutes=10)
NOTICES = (Purpose.STAFF_ASSIGNED, Purpose.STAFF_MESSAGE)
# Of the lists in a digest, and what the table calls them.
LISTS = {
    "Yours, the oldest first": "yours",
    "Answers of yours that did not go out": "held",
    "With nobody": "nobody's",
    "Waiting for too long": "late",
    "Mail to people that did not go out": "stopped",
    "Filed as junk": "junk",
    "Held back by the daily comparison": "held back",
}


def london(text: str) -> datetime:
    """A moment by the clock in London: "2026-04-27 10:30"."""
    return datetime.fromisoformat(text).replace(tzinfo=LONDON).astimezone(UTC)


def words_of(delivery: Delivery) -> str:
    """The plain text of a mail."""
    part = message_from_bytes(delivery.content, policy=policy.default).get_body(("plain",))
    assert part
    return str(part.get_content())


def listed_in(words: str) -> str:
    """What a digest lists: "yours EHT-1001 EHT-1003; late EHT-1002". Of another mail, the tickets that it names."""
    lists: list[list[str]] = []
    for line in words.splitlines():
        if line in LISTS:
            lists.append([LISTS[line]])
        elif lists:
            lists[-1] += re.findall(r"^EHT-\d+|^\d+ mails?\b", line)
    return "; ".join(" ".join(each) for each in lists) or " ".join(re.findall(r"EHT-\d+", words))


@dataclass
class Days:
    """A desk over days; what is to happen is said before they are lived."""

    office: Office
    sent: list[tuple[datetime, Delivery]] = field(default_factory=list)
    _plans: dict[datetime, list[Callable[[], object]]] = field(default_factory=dict)
    _looks: list[Callable[[], object]] = field(default_factory=list)

    def __post_init__(self) -> None:
        office = self.office
        desk, store, clock, processor = office.desk, office.store, office.clock, office.ingest.processor
        self.junk = FakeFolder()
        junk = FolderIngest("info", FolderPolicy("Junk", junk=True), self.junk, store, processor, clock, office.wake.set)
        for ingest in (office.ingest, junk):
            ingest.start(StartFrom(StartMode.ALL))
        self._looks = [
            office.ingest.poll,
            junk.poll,
            HandOver(store, processor, clock).look,
            Reminders(desk, store, clock).look,
            Morning(desk, store, clock).look,
            office.deliverer.deliver_due,
        ]
        office.deliverer.transport = self

    def send(self, delivery: Delivery) -> Attempt:
        self.sent.append((self.office.clock.now(), delivery))
        return self.office.transport.send(delivery)

    def close(self) -> None:
        self.office.transport.close()

    def at(self, when: str, do: Callable[[], object]) -> None:
        self._plans.setdefault(london(when), []).append(do)

    def writes(self, when: str, name: str, *, junk: bool = False) -> None:
        """A person writes, in answer to what they last had from us."""
        self.at(when, lambda: self._write(when, name, self.junk if junk else self.office.folder))

    def answers(self, when: str, number: int) -> None:
        """Whoever has a ticket answers it, by a reply to the last notice of it."""
        self.at(when, lambda: self._answer(number))

    def live(self, first: str, last: str) -> None:
        self.office.clock.at = london(first)
        while self.office.clock.at <= london(last):
            for do in self._plans.pop(self.office.clock.at, []):
                do()
            for look in self._looks:
                look()
            self.office.clock.at += EVERY
        assert not self._plans, "something was to happen at a time that did not come"

    def table(self) -> str:
        """Every mail that was sent, a line each: when by the clock in London, to whom, for what, and of which tickets."""
        references = {ticket.id: ticket.reference for ticket in self.office.tickets()}
        names = {member.email: member.public_name for member in self.office.desk.staff}
        lines = []
        for at, mail in self.sent:
            name = names.get(mail.recipient, mail.recipient.partition("@")[0])
            about = references.get(mail.ticket_id or "") or listed_in(words_of(mail))
            lines.append(f"{at.astimezone(LONDON):%a %d %b %H:%M}  {name:6}  {mail.purpose:19}  {about}")
        return "\n".join(lines)

    def _write(self, when: str, name: str, folder: FakeFolder) -> None:
        address = f"{name.lower()}@example.org"
        heard = [mail.message_id for _, mail in self.sent if mail.recipient == address]
        answered = {"In_Reply_To": f"<{heard[-1]}>"} if heard else {}
        message_id = f"<{when.replace(' ', '.')}.{address}>"
        mail = make_mail(f"{name} <{address}>", message_id=message_id, body=f"{name}, {when}\n", **answered)
        folder.put(mail, self.office.clock.now())

    def _answer(self, number: int) -> None:
        ticket = next(each for each in self.office.tickets() if each.number == number)
        member = self.office.desk.member(ticket.assignee or "")
        assert member
        notices = [
            mail
            for _, mail in self.sent
            if mail.ticket_id == ticket.id and mail.recipient == member.email and mail.purpose in NOTICES
        ]
        message_id = f"<{len(self.sent)}.{member.email}>"
        body = f"Thank you for writing, {number}. Shall we talk on Thursday?\n"
        sender, answered = f"{member.public_name} <{member.email}>", f"<{notices[-1].message_id}>"
        mail = make_mail(sender, message_id=message_id, body=body, In_Reply_To=answered)
        self.office.folder.put(mail, self.office.clock.now())
