"""Answers that somebody sends from the mailbox itself, in webmail: seen, put on their ticket, and told of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from structlog.testing import capture_logs

from helpdesk.boundary import Boundary, watched_by
from helpdesk.errors import MailboxUnavailable
from helpdesk.jobs.morning import Morning
from helpdesk.jobs.read_sent import AT_ONCE, OpenedFolder, SentReader
from helpdesk.jobs.remind import Reminders
from helpdesk.model.delivery import ACKNOWLEDGEMENTS, Attempt, DeliveryState, Outcome, Purpose
from helpdesk.model.policy import StartMode
from helpdesk.model.stored import MessageView
from helpdesk.model.ticket import Event, TicketState
from tests.fakes import FakeFolder, make_mail
from tests.jobs.conftest import DANA, MIKE, Office
from tests.jobs.staff_post import SAM, Desk, words

QUESTION = "one@example.org"


@dataclass
class Webmail:
    """The mailbox as whoever has its password uses it, beside the desk."""

    office: Office
    folder: FakeFolder = field(default_factory=lambda: FakeFolder(uidvalidity=7))
    is_there: bool = True

    def __post_init__(self) -> None:
        self.reader = SentReader(
            self.office.desk, self.office.store, "info", self._open, self.office.clock, frozenset({"INBOX"})
        )

    def _open(self) -> OpenedFolder | None:
        return OpenedFolder("Sent", self.folder) if self.is_there else None

    def send(
        self,
        body: str = "Dear Sam,\nThursday is fine.\n",
        *,
        to: str = f"Sam <{SAM}>",
        at: datetime | None = None,
        sender: str = "Exit Hate <info@exithate.org>",
        answers: str = QUESTION,
        message_id: str = "<webmail1@exithate.org>",
        **headers: str,
    ) -> None:
        """Send a mail, of which a copy is kept."""
        if answers:
            headers = {"In_Reply_To": f"<{answers}>", "References": f"<{answers}>", **headers}
        raw = make_mail(sender, "Re: Hello", body, message_id=message_id, to=to, **headers)
        self.folder.put(raw, at or self.office.clock.now())

    def look(self) -> None:
        self.reader.look()
        self.office.work()

    def on_ticket(self) -> list[MessageView]:
        """What was sent from the mailbox and is on the ticket."""
        with self.office.store.reading() as uow:
            (ticket,) = self.office.tickets()
            return [each for each in uow.messages.of_ticket(ticket.id) if each.rule == "sent-elsewhere"]


@pytest.fixture
def webmail(office: Office) -> Iterator[Webmail]:
    """Sam has written, and whoever reads the mailbox may answer."""
    office.start()
    webmail = Webmail(office)
    webmail.look()
    office.work(make_mail())
    office.clock.advance(minutes=10)
    return webmail


def events(office: Office) -> list[Event]:
    with office.store.reading() as uow:
        return uow.tickets.events(office.tickets()[0].id)


def answers(office: Office) -> list[Event]:
    return [each for each in events(office) if each.kind.value == "replied"]


def told_of_it(office: Office) -> list[str]:
    return [mail.recipient for mail in office.transport.sent if mail.purpose is Purpose.STAFF_ANSWERED]


def test_answer_from_webmail_is_on_the_ticket_which_waits_for_the_person(webmail: Webmail) -> None:
    office = webmail.office
    sent_at = office.clock.now()
    webmail.send()
    office.clock.advance(minutes=1)
    webmail.look()
    (ticket,) = office.tickets()
    assert (ticket.state, ticket.answered_at) == (TicketState.PENDING, sent_at)
    assert [each.new_text.strip() for each in webmail.on_ticket()] == ["Dear Sam,\nThursday is fine."]
    assert [(each.actor, each.message_id) for each in answers(office)] == [("mailbox", webmail.on_ticket()[0].id)]
    (told,) = told_of_it(office)
    assert told == (MIKE if ticket.assignee == "mike" else DANA).email
    note = office.transport.sent[-1]
    assert "Dear Sam, Thursday is fine." in words(note)
    assert "Thursday" not in words(note)[:140]


def test_note_of_it_can_close_the_ticket_and_its_words_answer_nobody(office: Office) -> None:
    office.start()
    webmail, desk = Webmail(office), Desk(office)
    desk.person_writes()
    (question,) = [each.message_id for each in _of_requester(office)]
    assert question
    webmail.send(answers=question)
    webmail.look()
    note = desk.last_to(desk.member, Purpose.STAFF_ANSWERED)
    desk.answer("Thank you for doing this!\n", to=note)
    assert desk.waiting() == []
    desk.answer("#close\n", to=note)
    assert desk.ticket.state is TicketState.CLOSED


def test_nobody_is_reminded_of_it_any_more(webmail: Webmail) -> None:
    office = webmail.office
    webmail.send()
    webmail.look()
    before = len(office.transport.sent)
    for _ in range(20):
        office.clock.advance(hours=12)
        Reminders(office.desk, office.store, office.clock).look()
        Morning(office.desk, office.store, office.clock).look()
        office.work()
    assert len(office.transport.sent) == before


def test_what_the_person_answers_to_it_joins_the_ticket(webmail: Webmail) -> None:
    webmail.send()
    webmail.look()
    webmail.office.work(make_mail(message_id="<two@example.org>", In_Reply_To="<webmail1@exithate.org>"))
    (ticket,) = webmail.office.tickets()
    assert ticket.state is TicketState.OPEN


def test_it_is_seen_once_even_where_the_folder_is_numbered_anew(webmail: Webmail) -> None:
    webmail.send()
    webmail.look()
    webmail.look()
    webmail.folder.uidvalidity += 1
    webmail.look()
    assert len(answers(webmail.office)) == 1
    assert len(told_of_it(webmail.office)) == 1


def test_it_is_seen_once_where_a_copy_went_to_the_mailbox_too(webmail: Webmail) -> None:
    office = webmail.office
    webmail.send()
    office.work(*(raw for raw, _ in webmail.folder.messages.values()))
    assert answers(office) == []
    webmail.look()
    webmail.folder.uidvalidity += 1
    webmail.look()
    assert len(answers(office)) == 1
    assert len(told_of_it(office)) == 1


def test_copy_that_comes_in_later_is_nothing_new(webmail: Webmail) -> None:
    webmail.send()
    webmail.look()
    webmail.office.work(*(raw for raw, _ in webmail.folder.messages.values()))
    assert [each.kind.value for each in events(webmail.office)][-1] == "replied"


@pytest.mark.parametrize(
    "boundary",
    [Boundary.SENT_FOLDER_STARTED, Boundary.SENT_MAIL_FETCHED, Boundary.SENT_MAIL_READ, Boundary.SENT_CURSOR_MOVED],
    ids=str,
)
def test_it_is_seen_once_wherever_the_worker_dies(office: Office, boundary: Boundary) -> None:
    class Dies(Exception):
        pass

    def strike(at: Boundary) -> None:
        if at is boundary:
            raise Dies

    office.start()
    office.work(make_mail())
    webmail = Webmail(office)
    webmail.send()
    with watched_by(strike), pytest.raises(Dies):
        webmail.reader.look()
    webmail.look()
    webmail.look()
    assert len(answers(office)) == 1


def test_person_who_wrote_since_is_not_left_waiting(webmail: Webmail) -> None:
    office = webmail.office
    webmail.send()
    office.clock.advance(minutes=1)
    office.work(make_mail(message_id="<two@example.org>", body="And one more thing.\n", In_Reply_To=f"<{QUESTION}>"))
    webmail.look()
    (ticket,) = office.tickets()
    assert ticket.state is TicketState.OPEN
    assert ticket.answered_at == office.clock.now() - timedelta(minutes=1)
    assert "has written again since" in words(office.transport.sent[-1])


def test_answer_that_waits_is_held_and_its_author_can_send_it_all_the_same(office: Office) -> None:
    office.start()
    webmail, desk = Webmail(office), Desk(office)
    desk.person_writes(In_Reply_To="<before@example.org>")
    (question,) = [each.message_id for each in _of_requester(office)]
    assert question
    webmail.look()
    desk.answer("Friday is fine.\n")
    webmail.send(answers=question)
    webmail.look()
    desk.let_time_pass()
    assert desk.replies() == []
    (held,) = desk.waiting(DeliveryState.HELD)
    assert "mailbox itself" in held.held_because
    note = desk.last_to(desk.member, Purpose.STAFF_HELP)
    assert "has not gone out" in words(note)
    assert told_of_it(office) == []
    desk.answer("#send\n", to=note)
    desk.let_time_pass()
    assert len(desk.replies()) == 1


def asked_and_answered(office: Office, *bodies: str) -> tuple[Webmail, Desk]:
    """Sam has written, and whoever has the ticket has answered with these, which wait."""
    office.start()
    webmail, desk = Webmail(office), Desk(office)
    webmail.look()
    office.work(make_mail())
    for body in bodies:
        desk.answer(body)
    return webmail, desk


def test_each_of_two_held_answers_goes_by_its_own_note(office: Office) -> None:
    webmail, desk = asked_and_answered(office, "Friday is fine.\n", "Saturday is fine too.\n")
    webmail.send()
    webmail.look()
    notes = [mail for mail in office.transport.to(desk.member.email) if mail.purpose is Purpose.STAFF_HELP]
    assert len(notes) == 2
    desk.answer("#send\n", to=notes[1])
    desk.let_time_pass()
    assert ["Saturday" in words(reply) for reply in desk.replies()] == [True]


def test_answer_that_the_server_would_not_take_yet_is_held_too(office: Office) -> None:
    webmail, desk = asked_and_answered(office, "Friday is fine.\n")
    office.transport.answers = [Attempt(Outcome.TRANSIENT, 451)]
    desk.let_time_pass()
    webmail.send()
    webmail.look()
    desk.let_time_pass(60)
    assert desk.replies() == []
    assert "so it may have arrived" in words(desk.last_to(desk.member, Purpose.STAFF_HELP))


def test_answer_that_was_let_go_and_is_held_again_is_told_of_once(office: Office) -> None:
    webmail, desk = asked_and_answered(office, "Friday is fine.\n")
    webmail.send()
    webmail.look()
    office.transport.answers = [Attempt(Outcome.TRANSIENT, 451)]
    desk.answer("#send\n", to=desk.last_to(desk.member, Purpose.STAFF_HELP))
    webmail.send("Shall we say at two?\n", message_id="<webmail2@exithate.org>")
    webmail.look()
    desk.let_time_pass(60)
    assert desk.replies() == []
    assert len(desk.waiting(DeliveryState.HELD)) == 1
    assert told_of_it(office) == [desk.member.email]


def test_who_lets_an_answer_go_that_was_held_before_hears_of_it_first(office: Office) -> None:
    webmail, desk = asked_and_answered(office, "Please tell the police.\n")
    note = desk.last_to(desk.member, Purpose.STAFF_REPLY_WAITING)
    office.clock.advance(minutes=1)
    webmail.send()
    webmail.look()
    desk.answer("#send\n", to=note)
    desk.let_time_pass()
    assert desk.replies() == []
    news = desk.last_to(desk.member, Purpose.STAFF_HELP)
    assert "from the mailbox itself since then. Your answer still waits." in words(news)
    desk.answer("#send\n", to=news)
    desk.let_time_pass()
    assert len(desk.replies()) == 1


def test_answer_on_a_closed_ticket_leaves_it_closed_and_nothing_to_do(office: Office) -> None:
    webmail, desk = asked_and_answered(office, "#close\n")
    webmail.send()
    webmail.look()
    assert desk.ticket.state is TicketState.CLOSED
    told = words(desk.last_to(desk.member, Purpose.STAFF_ANSWERED))
    assert "There is nothing for you to do." in told
    assert "#close" not in told


def test_answer_that_went_out_before_stays_as_it_is(office: Office) -> None:
    office.start()
    webmail, desk = Webmail(office), Desk(office)
    desk.person_writes()
    webmail.look()
    desk.answer("Friday is fine.\n")
    desk.let_time_pass()
    (question,) = [each.message_id for each in _of_requester(office)]
    assert question
    webmail.send(answers=question)
    webmail.look()
    assert len(desk.replies()) == 1
    assert desk.waiting() == []
    assert len(told_of_it(office)) == 1


def _of_requester(office: Office) -> list[MessageView]:
    with office.store.reading() as uow:
        return [each for each in uow.messages.of_ticket(office.tickets()[0].id) if each.kind and each.kind.value == "person"]


def test_answer_that_comes_after_it_is_held_and_explained(office: Office) -> None:
    office.start()
    webmail, desk = Webmail(office), Desk(office)
    desk.person_writes()
    webmail.look()
    (question,) = [each.message_id for each in _of_requester(office)]
    assert question
    webmail.send(answers=question)
    webmail.look()
    desk.answer("Friday is fine.\n")
    assert "from the mailbox itself" in words(desk.last_to(desk.member, Purpose.STAFF_REPLY_WAITING))
    desk.let_time_pass()
    assert desk.replies() == []


def test_mail_to_somebody_else_answers_nobody(webmail: Webmail) -> None:
    webmail.send("Could you look at this?\n", to="adviser@example.com")
    webmail.send("Mike, is this one yours?\n", to=MIKE.email, message_id="<webmail2@exithate.org>")
    webmail.look()
    (ticket,) = webmail.office.tickets()
    assert ticket.state is TicketState.NEW
    assert [each.kind.value for each in events(webmail.office)][-2:] == ["sent_elsewhere", "sent_elsewhere"]
    assert told_of_it(webmail.office) == []


def test_who_takes_the_ticket_over_reads_what_was_answered_in_webmail(webmail: Webmail) -> None:
    office = webmail.office
    webmail.send()
    webmail.send("Could you look at this?\n", to="adviser@example.com", message_id="<webmail2@exithate.org>")
    webmail.look()
    (ticket,) = office.tickets()
    office.actions.assign(ticket.number, "dana" if ticket.assignee == "mike" else "mike")
    office.work()
    notice = words([mail for mail in office.transport.sent if mail.purpose is Purpose.STAFF_ASSIGNED][-1])
    assert "We answered, on Monday 2 November at 11:10 UK time: Dear Sam, Thursday is fine." in notice
    assert "Could you look at this?" not in notice


def test_new_mail_to_the_one_person_whose_ticket_is_open_is_an_answer(webmail: Webmail) -> None:
    webmail.send(answers="")
    webmail.look()
    assert webmail.office.tickets()[0].state is TicketState.PENDING


@pytest.mark.parametrize(
    "fields",
    [
        {"Auto_Submitted": "auto-replied"},
        {"X_Loop": "info@exithate.org"},
        {"sender": "Dana <dana.private@example.net>"},
        {"answers": "", "to": "friend@example.com"},
    ],
    ids=["an absence", "a copy of ours", "not in our name", "to a stranger"],
)
def test_what_is_no_answer_is_left_alone(webmail: Webmail, fields: dict[str, str]) -> None:
    webmail.send(**fields)  # type: ignore[arg-type]
    webmail.look()
    assert webmail.office.tickets()[0].state is TicketState.NEW
    assert webmail.on_ticket() == []


def test_who_was_answered_before_the_worker_read_their_mail_gets_no_acknowledgement(office: Office) -> None:
    office.start()
    webmail = Webmail(office)
    office.folder.put(make_mail(), office.clock.now())
    office.clock.advance(minutes=30)
    webmail.send()
    office.clock.advance(minutes=30)
    webmail.reader.look()
    assert office.tickets() == []
    office.work()
    (ticket,) = office.tickets()
    assert ticket.state is TicketState.PENDING
    assert [mail for mail in office.transport.to(SAM) if mail.purpose in ACKNOWLEDGEMENTS] == []
    assert len(webmail.on_ticket()) == 1
    notice = [mail for mail in office.transport.sent if mail.purpose is Purpose.STAFF_ASSIGNED][-1]
    assert "a person has answered it already" in words(notice)


def test_who_was_only_passed_on_before_the_worker_read_their_mail_is_acknowledged(office: Office) -> None:
    office.start()
    webmail = Webmail(office)
    office.folder.put(make_mail(), office.clock.now())
    webmail.send("Could you look at this?\n", to="adviser@example.com")
    webmail.look()
    (ticket,) = office.tickets()
    assert ticket.state is TicketState.NEW
    assert len([mail for mail in office.transport.to(SAM) if mail.purpose in ACKNOWLEDGEMENTS]) == 1


def second_mail(webmail: Webmail, **headers: str) -> None:
    """Sam writes again, and the worker has not read it yet."""
    raw = make_mail(body="One more thing.\n", message_id="<two@example.org>", **headers)
    webmail.office.folder.put(raw, webmail.office.clock.now())
    webmail.office.clock.advance(minutes=1)


def test_second_mail_that_was_answered_before_the_worker_read_it_does_not_wait(webmail: Webmail) -> None:
    office = webmail.office
    second_mail(webmail, In_Reply_To=f"<{QUESTION}>")
    webmail.send(answers="two@example.org", References=f"<{QUESTION}> <two@example.org>")
    office.clock.advance(minutes=1)
    webmail.look()
    (ticket,) = office.tickets()
    assert ticket.state is TicketState.PENDING
    assert len(answers(office)) == 1
    office.work(make_mail(body="And another.\n", message_id="<three@example.org>", In_Reply_To="<two@example.org>"))
    assert office.tickets()[0].state is TicketState.OPEN


def test_second_mail_with_a_ticket_of_its_own_was_answered_too(webmail: Webmail) -> None:
    second_mail(webmail)
    webmail.send(answers="two@example.org", References=f"<{QUESTION}> <two@example.org>")
    webmail.look()
    first, second = webmail.office.tickets()
    assert (first.state, second.state) == (TicketState.PENDING, TicketState.PENDING)
    assert "replied" in webmail.office.ticket_events(second.number)


def test_second_mail_that_was_only_passed_on_waits(webmail: Webmail) -> None:
    second_mail(webmail, In_Reply_To=f"<{QUESTION}>")
    webmail.send(answers="two@example.org", References=f"<{QUESTION}> <two@example.org>", to="adviser@example.com")
    webmail.look()
    assert webmail.office.tickets()[0].state is TicketState.NEW


def test_person_who_was_taken_for_a_machine_was_answered_all_the_same(office: Office) -> None:
    office.start()
    webmail = Webmail(office)
    office.work(make_mail(Auto_Submitted="auto-replied"))
    office.clock.advance(minutes=1)
    webmail.send()
    webmail.look()
    with office.store.reading() as uow:
        (machine,) = [each for each in uow.messages.machine_mail(10) if each.rule != "sent-elsewhere"]
    office.actions.treat_as_person(machine.id)
    office.work()
    assert office.tickets()[0].state is TicketState.PENDING
    assert len(webmail.on_ticket()) == 1


BOUNCE = """\
From: MAILER-DAEMON@mx.example.net
To: info@exithate.org
Subject: Undelivered Mail Returned to Sender
References: <{question}>
Message-ID: <bounce1@mx.example.net>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="x"

--x

It could not be delivered.
--x
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net

Final-Recipient: rfc822; sam@example.org
Action: failed
Status: 5.1.1

--x
Content-Type: text/rfc822-headers

From: info@exithate.org
To: sam@example.org
Message-ID: <{message_id}>

--x--
"""


@pytest.mark.parametrize(
    ("message_id", "told"), [("webmail1@exithate.org", 1), ("guessed@exithate.org", 0)], ids=["it", "another"]
)
def test_who_has_the_ticket_hears_that_it_came_back(webmail: Webmail, message_id: str, told: int) -> None:
    office = webmail.office
    webmail.send()
    webmail.look()
    bounce = BOUNCE.format(message_id=message_id, question=QUESTION)
    office.work(bounce.replace("\n", "\r\n").encode())
    alerts = [mail for mail in office.transport.sent if mail.purpose is Purpose.ADMIN_ALERT]
    assert len(alerts) == told


def test_answers_of_long_ago_are_read_without_a_note_about_each(office: Office) -> None:
    office.start()
    office.work(make_mail())
    webmail = Webmail(office)
    webmail.send(at=office.clock.now() - timedelta(days=1))
    webmail.look()
    assert len(webmail.on_ticket()) == 1
    assert told_of_it(office) == []


def test_what_was_sent_before_the_start_is_left_alone(office: Office) -> None:
    webmail = Webmail(office)
    webmail.send(answers="earlier@example.org", at=office.clock.now() - timedelta(days=1))
    office.start(StartMode.NOW)
    office.clock.advance(minutes=1)
    webmail.send(message_id="<webmail2@exithate.org>")
    webmail.look()
    assert webmail.folder.fetched == [[2]]


def test_nothing_is_read_before_the_start_of_the_mailbox_was_said(office: Office) -> None:
    webmail = Webmail(office)
    webmail.send()
    webmail.reader.look()
    assert webmail.folder.fetched == []


def test_folder_that_mail_is_taken_in_from_is_left_to_that(office: Office) -> None:
    office.start()
    webmail = Webmail(office)
    webmail.reader.polled = frozenset({"INBOX", "Sent"})
    webmail.send()
    webmail.look()
    assert webmail.folder.fetched == []


def test_many_are_read_over_several_looks(webmail: Webmail) -> None:
    for number in range(AT_ONCE + 1):
        webmail.send(answers=f"other{number}@example.com", message_id=f"<to{number}@exithate.org>")
    webmail.send(message_id="<last@exithate.org>")
    webmail.reader.look()
    assert webmail.on_ticket() == []
    webmail.reader.look()
    assert len(webmail.on_ticket()) == 1


def test_folder_that_can_not_be_used_is_said_once_and_read_later(webmail: Webmail) -> None:
    webmail.send()
    with capture_logs() as logged:
        for is_away in (True, True, False, True):
            webmail.folder.before = _fail if is_away else lambda step: None
            webmail.look()
    assert [each["event"] for each in logged if each["log_level"] == "warning"] == ["sent_mail_not_read"] * 2
    assert len(webmail.on_ticket()) == 1


def _fail(step: str) -> None:
    raise MailboxUnavailable("away")


def test_mailbox_without_such_a_folder_is_asked_again_later(office: Office) -> None:
    office.start()
    office.work(make_mail())
    webmail = Webmail(office, is_there=False)
    webmail.send()
    with capture_logs() as logged:
        webmail.look()
        webmail.look()
    assert [each for each in logged if each["log_level"] == "warning"] == []
    webmail.reader.close()
    webmail.is_there = True
    webmail.look()
    assert webmail.on_ticket() == []
    office.clock.advance(hours=1)
    webmail.look()
    webmail.reader.close()
    assert len(webmail.on_ticket()) == 1
    assert webmail.folder.closed


def test_one_that_can_not_be_dealt_with_keeps_no_other_from_being_seen(
    webmail: Webmail, monkeypatch: pytest.MonkeyPatch
) -> None:
    webmail.send("Odd\n", message_id="<odd@exithate.org>")
    webmail.send()

    real = webmail.reader._ticket

    def ticket(uow: object, message: object) -> object:
        if getattr(message, "message_id", "") == "odd@exithate.org":
            raise ValueError("Sam's words")
        return real(uow, message)  # type: ignore[arg-type]

    monkeypatch.setattr(SentReader, "_ticket", lambda self, uow, message: ticket(uow, message))
    with capture_logs() as logged:
        webmail.look()
    assert len(webmail.on_ticket()) == 1
    assert [each["uid"] for each in logged if each["event"] == "sent_mail_skipped"] == [1]
    assert "Sam's words" not in str(logged)


def test_another_worker_may_be_at_it(webmail: Webmail) -> None:
    webmail.send()
    turn = webmail.office.store.turn("sent-mail")
    assert turn
    webmail.reader.look()
    turn.end()
    assert webmail.on_ticket() == []
    webmail.look()
    assert len(webmail.on_ticket()) == 1


def test_worker_that_is_to_end_leaves_the_rest_for_the_next(webmail: Webmail) -> None:
    webmail.send()
    webmail.reader.stopping = lambda: True
    webmail.look()
    assert webmail.on_ticket() == []


def test_answer_that_a_restored_database_has_forgotten_is_known_by_its_copy(webmail: Webmail) -> None:
    office = webmail.office
    webmail.send(X_Loop="info@exithate.org")
    with office.store.writing() as uow:
        uow.restorations.add(office.clock.now() - timedelta(hours=1), office.clock.now(), office.clock.now())
        uow.commit()
    webmail.look()
    assert office.tickets()[0].state is TicketState.PENDING
