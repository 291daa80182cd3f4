"""Our answers set against machines that answer everything, on real servers, with every header stripped that could tell them.

The other side takes each mail that our SMTP server was given, and puts its answer into our mailbox, until nothing new is sent.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP, default
from email.utils import format_datetime, parseaddr

import pytest

from helpdesk.model.message import MessageState
from helpdesk.model.policy import StartFrom, StartMode
from helpdesk.model.ticket import EventKind, Ticket, TicketState
from tests.e2e.conftest import STAFF_ADDRESSES, Place
from tests.fakes import FixedClock
from tests.servers.smtp_sink import running_sink

MOST_OF_OURS = 3
# An exchange that has not ended by then has no end.
ROUNDS = 12
# A Monday morning of the past, since Dovecot believes no INTERNALDATE of the future.
MONDAY = datetime(2025, 11, 3, 11, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SAM = "sam@example.org"
OURS, OTHER = "info@exithate.org", "help@desk.example"
# What a mail needs to be read at all; between two helpdesks everything else is lost on the way.
KEPT = {"from", "to", "subject", "date", "mime-version", "content-type", "content-transfer-encoding"}


@dataclass(frozen=True)
class Answer:
    """What the other side says: as whom, under which subject, in which words."""

    sender: str
    subject: str
    text: str


# Each machine gives its answer to the mail of ours that came as the `number`th.
Machine = Callable[[int, EmailMessage], Answer]


def text_of(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def desk(number: int, ours: EmailMessage) -> Answer:
    return Answer("support@desk.example", f"[#{8000 + number}] Request received", f"We got your request {8000 + number}.\n")


def desk_that_says_little(number: int, ours: EmailMessage) -> Answer:
    return Answer("support@desk.example", "We have heard you", "We will be with you as soon as we can be.\n")


def absence(number: int, ours: EmailMessage) -> Answer:
    return Answer(SAM, f"Re: {ours['Subject']}", "I am walking in the hills until Monday.\n")


def absence_that_quotes(number: int, ours: EmailMessage) -> Answer:
    quoted = "".join(f"> {line}\n" for line in text_of(ours).splitlines())
    return Answer(SAM, "Away", f"I am in the hills, day {number}.\n\n{quoted}")


def absence_from_changing_addresses(number: int, ours: EmailMessage) -> Answer:
    return Answer(f"box{number}@away.example", f"Re: {ours['Subject']}", "I am walking in the hills until Monday.\n")


def counting_absence_from_changing_addresses(number: int, ours: EmailMessage) -> Answer:
    return Answer(f"box{number}@away.example", f"Away {number}", f"I am away. You are number {number} in the line.\n")


def absence_that_never_says_the_same_twice(number: int, ours: EmailMessage) -> Answer:
    return Answer(f"box{number}@away.example", "Away", f"I am in {'the hills, and ' * number}gone.\n")


def list_that_sends_everything_back(number: int, ours: EmailMessage) -> Answer:
    return Answer("all@list.example", f"[all] {ours['Subject']}", f"{text_of(ours)}\n-- \nall@list.example\n")


def list_that_sends_everything_back_in_our_name(number: int, ours: EmailMessage) -> Answer:
    return Answer(str(ours["From"]), f"[all] {ours['Subject']}", text_of(ours))


def forwarder(number: int, ours: EmailMessage) -> Answer:
    return Answer(SAM, f"Fwd: {ours['Subject']}", f"---------- Forwarded message ---------\n\n{text_of(ours)}")


def bouncing_requester(number: int, ours: EmailMessage) -> Answer:
    said = f"Your message could not be delivered.\n<{ours['To']}>: 550 5.1.1 no such user ({number})\n"
    returned = f"--- Below this line is a copy of the message.\n\nMessage-ID: {ours['Message-ID']}\nTo: {ours['To']}\n"
    return Answer("MAILER-DAEMON@mx.example.org", "Undelivered Mail Returned to Sender", f"{said}\n{returned}")


# Those that have tickets in the end: where the machine names the mail that it answers, and where it does not.
CASES = [
    pytest.param(desk, {SAM}, {SAM, "support@desk.example"}, id="desk"),
    pytest.param(desk_that_says_little, {SAM}, {SAM, "support@desk.example"}, id="desk-that-says-little"),
    pytest.param(absence, {SAM}, {SAM}, id="absence"),
    pytest.param(absence_that_quotes, {SAM}, {SAM}, id="absence-that-quotes"),
    pytest.param(list_that_sends_everything_back, {SAM}, {SAM, "all@list.example"}, id="list"),
    pytest.param(list_that_sends_everything_back_in_our_name, {SAM}, {SAM}, id="list-in-our-name"),
    pytest.param(forwarder, {SAM}, {SAM}, id="forwarder"),
]
CHANGING = [
    pytest.param(absence_from_changing_addresses, id="same-words"),
    pytest.param(counting_absence_from_changing_addresses, id="counting"),
]
REFERS = pytest.mark.parametrize("refers", [True, False], ids=["in-reply-to", "no-reference"])


@dataclass
class Side:
    """A helpdesk of ours as the other side sees it: mail goes in, and what it sends comes out."""

    place: Place
    clock: FixedClock
    seen: int = 0

    def receive(self, mail: EmailMessage) -> None:
        """A mail server delivers this now."""
        self.place.dovecot.append(self.place.user, mail.as_bytes(policy=SMTP), received_at=self.clock.now())

    def work(self, start: StartMode | None = None) -> list[EmailMessage]:
        """`helpdesk run --once`; gives what it sent to anybody but staff."""
        with self.place.application(self.clock) as application:
            if start is not None:
                application.start_mailbox(StartFrom(start))
            application.run_once()
        caught = self.place.sink.caught[self.seen :]
        self.seen += len(caught)
        outside = [each for each in caught if not STAFF_ADDRESSES.intersection(each.recipients)]
        return [mail for each in outside if isinstance(mail := message_from_bytes(each.content, policy=default), EmailMessage)]

    def tickets(self) -> list[Ticket]:
        """Its tickets, while every message that came was taken in and none failed."""
        with self.place.application(self.clock) as application, application.store.reading() as uow:
            assert uow.messages.count(MessageState.STORED) == uow.messages.count(MessageState.QUARANTINED) == 0
            return list(uow.tickets.list(tuple(TicketState), 100))

    def events(self) -> list[EventKind]:
        """What happened on its tickets, in all."""
        with self.place.application(self.clock) as application, application.store.reading() as uow:
            tickets = uow.tickets.list(tuple(TicketState), 100)
            return [event.kind for ticket in tickets for event in uow.tickets.events(ticket.id)]


def make_answer(answer: Answer, number: int, now: datetime, answers: str | None) -> EmailMessage:
    """The answer as a mail with no more header than any mail has; `answers` is the Message-ID that it says it answers."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = answer.sender
    mail["To"] = OURS
    mail["Subject"] = answer.subject
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = f"<{number}.fresh@machine.example>"
    if answers:
        mail["In-Reply-To"] = answers
    mail.set_content(answer.text)
    return mail


def play(side: Side, machine: Machine, pace: timedelta, *, refers: bool) -> list[EmailMessage]:
    """A person writes, and the machine answers every mail of ours; gives all that we sent, once nothing more is sent."""
    side.work(StartMode.ALL)
    side.receive(make_answer(Answer(SAM, "Hello", "I would like to talk to somebody.\n"), 0, side.clock.now(), None))
    sent: list[EmailMessage] = []
    for _ in range(ROUNDS):
        new = side.work()
        if not new:
            return sent
        side.clock.at += pace
        for ours in new:
            sent.append(ours)
            answers = ours["Message-ID"] if refers else None
            side.receive(make_answer(machine(len(sent), ours), len(sent), side.clock.now(), answers))
    pytest.fail(f"after {ROUNDS} rounds it still goes on")


@REFERS
@pytest.mark.parametrize(("machine", "referring", "stray"), CASES)
def test_an_exchange_with_a_machine_ends(
    place: Place, machine: Machine, referring: set[str], stray: set[str], refers: bool
) -> None:
    side = Side(place, FixedClock(MONDAY))
    sent = play(side, machine, MINUTE, refers=refers)
    assert 1 <= len(sent) <= MOST_OF_OURS
    tickets = side.tickets()
    assert {ticket.requester_address for ticket in tickets} == (referring if refers else stray)
    assert len(tickets) == len(referring if refers else stray)
    assert EventKind.REOPENED not in side.events()


# A machine may answer before our server's clock has gone on, and one that is busy or greylisted hours later.
@REFERS
@pytest.mark.parametrize("pace", [timedelta(seconds=0.2), MINUTE, timedelta(hours=2)], ids=["at-once", "minutes", "hours"])
@pytest.mark.parametrize("machine", CHANGING)
def test_an_exchange_with_a_machine_that_changes_its_address_ends(
    place: Place, machine: Machine, pace: timedelta, refers: bool
) -> None:
    side = Side(place, FixedClock(MONDAY))
    sent = play(side, machine, pace, refers=refers)
    assert 1 <= len(sent) <= MOST_OF_OURS
    strays = [] if refers else [f"box{number}@away.example" for number in range(1, len(sent) + 1)]
    assert sorted(ticket.requester_address for ticket in side.tickets()) == [*strays, SAM]


# Without a reference, nothing but the limit of the hour tells it from many people at one domain.
def test_an_exchange_with_a_machine_that_changes_its_address_and_its_words_ends_on_its_ticket(place: Place) -> None:
    side = Side(place, FixedClock(MONDAY))
    sent = play(side, absence_that_never_says_the_same_twice, MINUTE, refers=True)
    assert 1 <= len(sent) <= MOST_OF_OURS
    assert [ticket.requester_address for ticket in side.tickets()] == [SAM]


@REFERS
def test_a_requester_whose_mailbox_bounces_is_left_alone_and_their_ticket_says_so(place: Place, refers: bool) -> None:
    side = Side(place, FixedClock(MONDAY))
    assert len(play(side, bouncing_requester, MINUTE, refers=refers)) == 1
    assert EventKind.UNDELIVERABLE in side.events()
    told = [mail for address in STAFF_ADDRESSES for mail in place.mails_to(address)]
    assert len(told) == 2
    assert any("can't be reached at that address" in " ".join(text_of(mail).split()) for mail in told)
    side.receive(make_answer(Answer(SAM, "Hello?", "Is anybody there?\n"), 99, side.clock.now(), None))
    assert side.work() == []
    assert len(side.tickets()) == 1


@pytest.fixture
def other_place(place: Place, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A second charity that runs the same helpdesk, with a mailbox, a mail server and an address of its own."""
    directory = tmp_path_factory.mktemp("other") / "helpdesk"
    shutil.copytree(place.directory, directory)
    with running_sink() as sink:
        other = Place(directory, place.dovecot, sink, place.dovecot.fresh_user())
        other.more["HELPDESK_MAILBOX__ADDRESS"] = OTHER
        other.more["HELPDESK_ORGANISATION__SENDER_NAME"] = "Robin"
        other.write_env(HELPDESK_SECRET_KEY="b3" * 21 + "M")
        yield other


def stripped(mail: EmailMessage) -> EmailMessage:
    """The mail without our loop mark, its Message-ID, and whatever else says that a machine wrote it."""
    for name in {name for name in mail if name.lower() not in KEPT}:
        del mail[name]
    return mail


def test_two_helpdesks_of_our_own_soon_fall_silent(place: Place, other_place: Place) -> None:
    clock = FixedClock(MONDAY)
    ours, theirs = Side(place, clock), Side(other_place, clock)
    for side in (ours, theirs):
        side.work(StartMode.ALL)
    ours.receive(make_answer(Answer(f"Robin <{OTHER}>", "Hello", "May we send somebody to you?\n"), 0, clock.now(), None))
    sent: list[tuple[str, str]] = []
    speaking, listening = ours, theirs
    for _ in range(ROUNDS):
        new = speaking.work()
        if not new:
            break
        clock.at += MINUTE
        for mail in new:
            sent.append((parseaddr(str(mail["From"]))[1], parseaddr(str(mail["To"]))[1]))
            listening.receive(stripped(mail))
        speaking, listening = listening, speaking
    else:
        pytest.fail(f"after {ROUNDS} rounds it still goes on")
    assert set(sent) <= {(OURS, OTHER), (OTHER, OURS)}
    assert 1 <= sent.count((OURS, OTHER)) <= MOST_OF_OURS
    assert sent.count((OTHER, OURS)) <= MOST_OF_OURS
    assert [ticket.requester_address for ticket in ours.tickets()] == [OTHER]
    assert [ticket.requester_address for ticket in theirs.tickets()] == [OURS]
