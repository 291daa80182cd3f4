"""Reminders on the whole desk: each mail once whatever happens, to whom it may go, and nothing of any mail in it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass, replace
from datetime import date
from email import message_from_bytes
from functools import cache
from pathlib import Path

import pytest
import structlog

from helpdesk.boundary import Boundary, watched_by
from helpdesk.errors import DatabaseUnavailable, NotFound
from helpdesk.jobs.carry_out import MOST_NOTICES_AN_HOUR
from helpdesk.jobs.ports import UnitOfWork
from helpdesk.jobs.remind import Reminders
from helpdesk.log import Log
from helpdesk.model.delivery import Attempt, Delivery, Outcome, Purpose
from helpdesk.model.policy import TicketPolicy
from helpdesk.model.staff import Role, StaffMember
from helpdesk.model.ticket import TicketState
from helpdesk.store.schema import message_content
from tests.fakes import FakeTransport, make_mail
from tests.jobs.conftest import DANA, MIKE, Office, make_desk, make_office
from tests.jobs.days import words_of

REMINDER, ESCALATION, STILL = Purpose.STAFF_REMINDER, Purpose.STAFF_ESCALATION, Purpose.STILL_WITH_YOU
TOLD = (REMINDER, ESCALATION, STILL)
# Made once: its templates are tried in every situation.
the_desk = cache(make_desk)
# Works, leads nothing; so that it is known who has a ticket.
KIM = StaffMember("kim", "Kim", "kim.private@example.net")
LEAD = replace(MIKE, capacity=0)
PATIENT = TicketPolicy(still_with_you_days=1)


def look(office: Office, *, hours: float = 0) -> None:
    office.clock.advance(hours=hours)
    Reminders(office.desk, office.store, office.clock).look()
    office.deliverer.deliver_due()


def told(office: Office) -> list[tuple[Purpose, str]]:
    """Every reminder that was sent, with its recipient."""
    return [(each.purpose, each.recipient) for each in office.transport.sent if each.purpose in TOLD]


def one(office: Office, purpose: Purpose) -> Delivery:
    (delivery,) = [each for each in office.transport.sent if each.purpose is purpose]
    return delivery


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[..., Office]]:
    """Makes a desk with these staff, on which one person has written on Monday at 11:00."""
    offices = []

    def make(*staff: StaffMember, tickets: TicketPolicy = TicketPolicy()) -> Office:  # noqa: B008 - it is frozen
        office = make_office(tmp_path, replace(the_desk(), staff=staff or (LEAD, KIM), tickets=tickets))
        offices.append(office)
        office.start()
        office.work(make_mail())
        return office

    yield make
    for office in offices:
        office.store.close()


def test_whoever_has_it_is_reminded_then_the_leads_hear_and_all_is_on_the_ticket(make: Callable[..., Office]) -> None:
    office = make()
    for _ in range(30):
        look(office, hours=1)
    assert told(office) == [(REMINDER, KIM.email), (ESCALATION, LEAD.email)]
    with office.store.reading() as uow:
        events = [(each.kind.value, each.actor, each.why) for each in uow.tickets.events(office.tickets()[0].id)][-2:]
    assert events == [
        ("reminded", "worker", "Kim: no answer in 4 office hours"),
        ("escalated", "worker", "Mike: no answer in 8 office hours"),
    ]


def test_a_reminder_shows_nothing_of_the_mail_and_stands_with_the_notices_of_its_ticket(make: Callable[..., Office]) -> None:
    office = make()
    look(office, hours=4)
    look(office, hours=22)
    notice = message_from_bytes(one(office, Purpose.STAFF_ASSIGNED).content)
    for purpose in (REMINDER, ESCALATION):
        delivery = one(office, purpose)
        mail, words = message_from_bytes(delivery.content), words_of(delivery)
        assert mail["References"] == notice["References"]
        assert mail["Auto-Submitted"] == "auto-generated"
        assert "EHT-1001" in words
        assert "Monday 2 November at 11:00 UK time" in words
        for secret in (b"Sam", b"sam@example.org", b"Hello\n", b"talk to somebody"):
            assert secret not in delivery.content.replace(b"\r\n", b"\n").replace(b"Hello Kim", b"").replace(b"Hello Mike", b"")
    assert "With: Kim" in words_of(one(office, ESCALATION))


@pytest.mark.parametrize("purpose", [REMINDER, ESCALATION])
def test_a_reply_to_it_is_known_to_be_of_whom_it_went_to(make: Callable[..., Office], purpose: Purpose) -> None:
    office = make()
    look(office, hours=4)
    look(office, hours=22)
    delivery = one(office, purpose)
    with office.store.reading() as uow:
        token = uow.tokens.find(delivery.message_id.partition("@")[0])
    assert token
    assert (token.staff_id, token.ticket_id) == (KIM.id if purpose is REMINDER else LEAD.id, delivery.ticket_id)


def test_a_lead_takes_it_by_a_reply_and_other_words_in_one_go_to_nobody(make: Callable[..., Office]) -> None:
    office = make()
    look(office, hours=26)
    escalation = f"<{one(office, ESCALATION).message_id}>"
    for number, body in enumerate(("Shall I?\n", "#take\n")):
        office.work(make_mail(f"Mike <{LEAD.email}>", message_id=f"<{number}@example.net>", body=body, In_Reply_To=escalation))
    assert [each.purpose for each in office.transport.to("sam@example.org")] == [Purpose.ACKNOWLEDGEMENT]
    assert office.tickets()[0].assignee == LEAD.id


def _change(office: Office, **changes: object) -> None:
    with office.store.writing() as uow:
        ticket = uow.tickets.by_number(1001)
        assert ticket
        uow.tickets.save(replace(ticket, **changes))  # type: ignore[arg-type]
        uow.commit()


@pytest.mark.parametrize(
    "quiet",
    [
        pytest.param(lambda office: office.actions.close(1001), id="closed"),
        pytest.param(lambda office: office.actions.pause(1001), id="paused"),
        pytest.param(lambda office: _change(office, state=TicketState.PENDING), id="waits for the person"),
        pytest.param(lambda office: _change(office, spam=True), id="junk"),
    ],
)
def test_nobody_hears_of_what_does_not_wait_for_us(make: Callable[..., Office], quiet: Callable[[Office], None]) -> None:
    office = make(tickets=PATIENT)
    quiet(office)
    for _ in range(30):
        look(office, hours=1)
    assert told(office) == []


def test_a_ticket_that_was_closed_while_it_was_paused_is_reminded_of_when_it_is_opened_again(
    make: Callable[..., Office],
) -> None:
    office = make()
    office.actions.pause(1001)
    office.actions.close(1001)
    office.actions.reopen(1001)
    look(office, hours=4)
    assert told(office) == [(REMINDER, KIM.email)]


def test_resumed_reminders_begin_anew(make: Callable[..., Office]) -> None:
    office = make()
    look(office, hours=4)
    office.actions.pause(1001)
    look(office, hours=20)
    office.actions.resume(1001)
    look(office, hours=3)
    assert told(office) == [(REMINDER, KIM.email)]
    look(office, hours=1)
    assert told(office) == [(REMINDER, KIM.email)] * 2


@pytest.mark.parametrize(
    ("before", "action", "said"),
    [
        pytest.param(("close",), "pause", "is closed, and nobody is reminded of it", id="pause: closed"),
        pytest.param(("close",), "resume", "is closed, and nobody is reminded of it", id="resume: closed"),
        pytest.param(("pause",), "pause", "are paused already", id="paused already"),
        pytest.param((), "resume", "are not paused", id="not paused"),
        pytest.param(("pause", "resume"), "resume", "are not paused", id="resumed already"),
    ],
)
def test_what_can_not_be_paused_or_resumed_is_said(
    make: Callable[..., Office], before: tuple[str, ...], action: str, said: str
) -> None:
    office = make()
    for each in before:
        getattr(office.actions, each)(1001)
    with pytest.raises(NotFound, match=f"EHT-1001 {said}. Nothing was changed."):
        getattr(office.actions, action)(1001)


def _die(boundary: Boundary) -> None:
    if boundary is Boundary.REMINDED:
        raise KeyboardInterrupt


def test_a_crash_right_after_writing_repeats_nothing(make: Callable[..., Office]) -> None:
    office = make()
    office.clock.advance(hours=4)
    with watched_by(_die), pytest.raises(KeyboardInterrupt):
        look(office)
    look(office)
    look(office)
    assert told(office) == [(REMINDER, KIM.email)]


@dataclass
class Away:
    """A database that can't be written."""

    real: Office

    def reading(self) -> AbstractContextManager[UnitOfWork]:
        return self.real.store.reading()

    def writing(self) -> AbstractContextManager[UnitOfWork]:
        raise DatabaseUnavailable("away")


def test_a_database_that_is_away_puts_it_off(make: Callable[..., Office]) -> None:
    office = make()
    office.clock.advance(hours=4)
    with structlog.testing.capture_logs() as logs:
        Reminders(office.desk, Away(office), office.clock, Log()).look()  # type: ignore[arg-type]
    assert [each["event"] for each in logs] == ["reminders_put_off"]
    look(office)
    assert told(office) == [(REMINDER, KIM.email)]


def test_several_workers_write_each_once(tmp_path: Path, postgres_url: str) -> None:
    desk, transport = replace(the_desk(), staff=(LEAD, KIM)), FakeTransport()
    offices = [make_office(tmp_path, desk, url=postgres_url, worker=number) for number in (1, 2, 3)]
    offices[0].start()
    for number in range(10):
        sender, body = f"p{number}@example.org", f"Number {number}.\n"
        offices[0].work(make_mail(sender, message_id=f"<{number}@example.org>", body=body))
    begin = threading.Barrier(len(offices))

    def at_once(office: Office) -> None:
        office.transport = office.deliverer.transport = transport
        office.clock.advance(hours=4)
        begin.wait()
        look(office)

    threads = [threading.Thread(target=at_once, args=(office,)) for office in offices]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for office in offices:
        office.deliverer.deliver_due()
        office.store.close()
    assert [each.purpose for each in transport.sent] == [REMINDER] * 10


JO = StaffMember("jo", "Jo", "jo.private@example.net", roles=frozenset({Role.LEAD}), capacity=0)
ADMIN = replace(DANA, capacity=0)


@pytest.mark.parametrize(
    ("away", "expected"),
    [
        pytest.param((), [MIKE.email, JO.email], id="every lead"),
        pytest.param(("mike",), [JO.email], id="none who is away"),
        pytest.param(("mike", "jo"), [DANA.email], id="the admins in the place of leads who are away"),
        pytest.param(("mike", "jo", "dana"), [], id="nobody, until somebody is back"),
    ],
)
def test_it_is_the_leads_who_are_there_that_hear(
    make: Callable[..., Office], away: tuple[str, ...], expected: list[str]
) -> None:
    office = make(LEAD, JO, ADMIN, KIM)
    for staff_id in away:
        office.actions.away(staff_id, date(2026, 11, 3), date(2026, 11, 3))
    look(office, hours=26)
    assert [recipient for purpose, recipient in told(office) if purpose is ESCALATION] == expected
    look(office, hours=24)
    # Who was away is back, and hears only what nobody heard.
    assert len([purpose for purpose, _ in told(office) if purpose is ESCALATION]) == len(expected or (MIKE, JO))


def test_a_lead_who_must_not_have_this_persons_tickets_hears_nothing(make: Callable[..., Office]) -> None:
    office = make(replace(LEAD, excludes=("sam@example.org",)), JO, KIM)
    look(office, hours=26)
    assert [recipient for purpose, recipient in told(office) if purpose is ESCALATION] == [JO.email]


def test_reminders_do_not_fill_an_inbox_and_come_in_time_all_the_same(make: Callable[..., Office]) -> None:
    office = make(replace(KIM, capacity=1000), LEAD)
    for number in range(MOST_NOTICES_AN_HOUR):
        sender, body = f"p{number}@example.org", f"Number {number}.\n"
        office.work(make_mail(sender, message_id=f"<{number}@example.org>", body=body))
    look(office, hours=4)
    assert told(office) == [(REMINDER, KIM.email)] * MOST_NOTICES_AN_HOUR
    look(office, hours=0.5)
    look(office, hours=0.4)
    assert len(told(office)) == MOST_NOTICES_AN_HOUR
    # In the morning the last reminder comes; the leads hear of none before eight hours.
    look(office, hours=18.7)
    assert told(office) == [(REMINDER, KIM.email)] * (MOST_NOTICES_AN_HOUR + 1)


def test_whoever_waits_for_days_is_told_once_under_their_own_mail(make: Callable[..., Office]) -> None:
    office = make(tickets=PATIENT)
    for _ in range(3):
        look(office, hours=24)
    note = one(office, STILL)
    mail = message_from_bytes(note.content)
    assert (note.recipient, note.ticket_id) == ("sam@example.org", office.tickets()[0].id)
    assert (mail["From"], mail["Subject"]) == ("Mike <info@exithate.org>", "Re: Your message")
    assert mail["In-Reply-To"] == "<one@example.org>"
    assert mail["Auto-Submitted"] == "auto-replied"
    assert "we have not forgotten you" in words_of(note)
    assert "You Are Not Alone." in words_of(note)
    assert "still_with_you" in office.ticket_events(1001)


def test_an_answer_to_that_note_joins_the_ticket_and_brings_no_second_one(make: Callable[..., Office]) -> None:
    office = make(tickets=PATIENT)
    look(office, hours=24)
    reply = make_mail(message_id="<2@example.org>", body="Thank you.\n", In_Reply_To=f"<{one(office, STILL).message_id}>")
    office.work(reply)
    look(office, hours=96)
    assert len(office.tickets()) == 1
    assert len([purpose for purpose, _ in told(office) if purpose is STILL]) == 1


def test_nobody_is_told_so_whose_first_answer_did_not_arrive(tmp_path: Path) -> None:
    office = make_office(tmp_path, replace(the_desk(), staff=(LEAD, KIM), tickets=PATIENT))
    with closing(office.store):
        office.start()
        office.transport.answers = [Attempt(Outcome.PERMANENT, 550)]
        office.work(make_mail())
        for _ in range(3):
            look(office, hours=24)
        assert STILL not in [purpose for purpose, _ in told(office)]


def test_the_note_goes_to_the_address_of_the_ticket_and_answers_what_came_from_there(make: Callable[..., Office]) -> None:
    office = make(tickets=PATIENT)
    ours = office.transport.to("sam@example.org")[0].message_id
    office.work(make_mail("sam.new@example.com", message_id="<two@example.com>", body="New.\n", In_Reply_To=f"<{ours}>"))
    look(office, hours=24)
    note = one(office, STILL)
    assert note.recipient == "sam@example.org"
    assert message_from_bytes(note.content)["In-Reply-To"] == "<one@example.org>"


def test_where_the_persons_mail_is_not_at_hand_no_note_is_written(make: Callable[..., Office]) -> None:
    office = make(tickets=PATIENT)
    with office.store.writing() as uow:
        (view,) = uow.messages.of_ticket(office.tickets()[0].id)
        uow._transaction.write(message_content.delete().where(message_content.c.message_id == view.id))
        uow.commit()
    look(office, hours=24)
    assert STILL not in [purpose for purpose, _ in told(office)]
