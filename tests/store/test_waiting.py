"""What waits, and what reached nobody, as the database shows it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from helpdesk.model.delivery import Attempt, DeliveryState, Outcome, Purpose
from helpdesk.model.reminder import Step, StoppedMail
from helpdesk.model.ticket import Event, EventKind, TicketState
from helpdesk.store.database import Database
from helpdesk.store.unit_of_work import SqlUnitOfWork
from tests.store.samples import HOUR, NOW, SAM, inbound, letter, write_in

SECOND = timedelta(seconds=1)


def send(uow: SqlUnitOfWork, outcome: Outcome = Outcome.SENT, at: timedelta = timedelta()) -> str:
    """Let the one mail that is due come to an end; returns its id."""
    (claimed,) = uow.outbox.claim(NOW, HOUR, 1, 7)
    state = DeliveryState.SENT if outcome is Outcome.SENT else DeliveryState.FAILED
    uow.outbox.record(claimed, Attempt(outcome), state, None, NOW + at)
    return claimed.id


def test_tickets_that_wait_come_by_number_with_what_their_clocks_go_by(database: Database) -> None:
    with database.writing() as uow:
        first, second = (write_in(uow, uid, inbound(message_id=f"{uid}@example.org"), "mike").ticket for uid in (1, 2))
        uow.tickets.save(replace(second, state=TicketState.OPEN, answered_at=NOW, updated_at=NOW, reminders_paused=True))
        kinds = (EventKind.OPENED, EventKind.ACKNOWLEDGED, EventKind.ASSIGNED)
        ids = uow.tickets.add_events(first.id, [Event(kind, NOW, "worker", "why") for kind in kinds])
        uow.tickets.add_events(second.id, [Event(EventKind.PAUSED, NOW, "terminal")])
        (resumed,) = uow.tickets.add_events(second.id, [Event(EventKind.RESUMED, NOW + HOUR, "terminal")])
        found = uow.waiting.tickets(NOW + HOUR)
    assert [(each.number, each.state, each.paused, each.answered_at) for each in found] == [
        (first.number, TicketState.NEW, False, None),
        (second.number, TicketState.OPEN, True, NOW),
    ]
    assert found[0].steps == (Step(ids[0], EventKind.OPENED, NOW), Step(ids[2], EventKind.ASSIGNED, NOW))
    assert found[1].steps == (Step(resumed, EventKind.RESUMED, NOW + HOUR),)
    assert (found[0].assignee, found[0].opened_at, found[0].reference) == ("mike", NOW, first.reference)


@pytest.mark.parametrize(
    "changes",
    [{"state": TicketState.PENDING}, {"state": TicketState.CLOSED}, {"spam": True}],
    ids=["waits for them", "closed", "junk"],
)
def test_what_does_not_wait_for_us_is_left_out(database: Database, changes: dict[str, object]) -> None:
    with database.writing() as uow:
        ticket = write_in(uow).ticket
        uow.tickets.save(replace(ticket, **changes))  # type: ignore[arg-type]
        assert uow.waiting.tickets(NOW + HOUR) == []


@pytest.mark.parametrize(
    ("recipient", "outcome", "comes_back", "reached"),
    [
        pytest.param(SAM.address, Outcome.SENT, False, True, id="sent"),
        pytest.param(SAM.address.upper(), Outcome.SENT, False, True, id="sent, written otherwise"),
        pytest.param(SAM.address, Outcome.PERMANENT, False, False, id="refused"),
        pytest.param("other@example.org", Outcome.SENT, False, False, id="sent to another address"),
        pytest.param(SAM.address, Outcome.SENT, True, False, id="sent, and mail came back"),
    ],
)
def test_a_requester_is_reached_whose_first_answer_was_sent_and_did_not_come_back(
    database: Database, recipient: str, outcome: Outcome, comes_back: bool, reached: bool
) -> None:
    with database.writing() as uow:
        ticket = write_in(uow).ticket
        uow.outbox.add(letter(ticket.id, recipient=recipient), NOW)
        send(uow, outcome)
        if comes_back:
            uow.people.mark_unreachable(SAM.address, NOW)
        assert [each.reached for each in uow.waiting.tickets(NOW + HOUR)] == [reached]


def test_a_notice_to_staff_reaches_no_requester(database: Database) -> None:
    with database.writing() as uow:
        ticket = write_in(uow).ticket
        uow.outbox.add(letter(ticket.id, purpose=Purpose.STAFF_ASSIGNED), NOW)
        send(uow)
        assert [each.reached for each in uow.waiting.tickets(NOW + HOUR)] == [False]


def test_mail_that_stopped_is_told_by_when_it_did(database: Database) -> None:
    with database.writing() as uow:
        ticket = write_in(uow).ticket
        uow.outbox.add(letter(ticket.id), NOW)
        failed = send(uow, Outcome.PERMANENT, at=HOUR)
        held = uow.outbox.add(letter(None, "message:2", held_because="too many"), NOW)
        uow.outbox.add(letter(ticket.id, "message:3"), NOW)
        assert held
        everything = uow.waiting.stopped(NOW, NOW + 2 * HOUR)
        later = uow.waiting.stopped(NOW + SECOND, NOW + 2 * HOUR)
        before = uow.waiting.stopped(NOW, NOW + HOUR)
    acknowledgement = Purpose.ACKNOWLEDGEMENT
    assert everything == [
        StoppedMail(failed, acknowledgement, DeliveryState.FAILED, ticket.number, NOW + HOUR),
        StoppedMail(held, acknowledgement, DeliveryState.HELD, None, NOW),
    ]
    assert [each.id for each in later] == [failed]
    assert [each.id for each in before] == [held]


def test_junk_is_counted_by_when_it_came(database: Database) -> None:
    with database.writing() as uow:
        for uid, spam in ((1, True), (2, True), (3, False)):
            ticket = write_in(uow, uid, inbound(message_id=f"{uid}@example.org")).ticket
            uow.tickets.save(replace(ticket, spam=spam))
        assert uow.waiting.junk(NOW, NOW + SECOND) == 2
        assert uow.waiting.junk(NOW - HOUR, NOW) == 0
        assert uow.waiting.junk(NOW + SECOND, NOW + HOUR) == 0


def test_alerts_are_known_by_their_causes(database: Database) -> None:
    with database.writing() as uow:
        uow.outbox.add(letter(None, "held:1", purpose=Purpose.ADMIN_ALERT), NOW)
        uow.outbox.add(letter(None, "held:2", purpose=Purpose.ADMIN_ALERT), NOW + HOUR)
        uow.outbox.add(letter(None, "held:3"), NOW)
        assert uow.waiting.alerts(NOW, NOW + HOUR) == {"held:1"}
