"""Mail that is taken out of the outbox before anybody sends it."""

from __future__ import annotations

from datetime import timedelta

from helpdesk.model.delivery import Attempt, DeliveryState, Outcome, Purpose
from helpdesk.store.database import Database
from tests.store.samples import HOUR, NOW, inbound, letter, write_in

LEASE = timedelta(seconds=90)
GREYLISTED = Attempt(Outcome.TRANSIENT, 451, "4.7.1 try again later")
SENT = Attempt(Outcome.SENT, 250)


def test_only_what_is_not_sent_to_this_address_about_this_ticket_is_taken_out(database: Database) -> None:
    with database.writing() as uow:
        ticket, other = write_in(uow, 1).ticket, write_in(uow, 2, inbound(message_id="2@x.example")).ticket
        dana = [
            letter(ticket.id, f"event:{number}", recipient="dana@example.net", purpose=Purpose.STAFF_MESSAGE)
            for number in range(4)
        ]
        for each in dana:
            uow.outbox.add(each, NOW)
        first, second, held = uow.outbox.claim(NOW, LEASE, 3, 1)
        uow.outbox.record(first, SENT, DeliveryState.SENT, None, NOW)
        uow.outbox.record(second, GREYLISTED, DeliveryState.PENDING, NOW + HOUR, NOW)
        uow.outbox.hold(held.id, "for a test", NOW)
        kept = [
            uow.outbox.add(letter(ticket.id, "event:5", recipient="mike@example.net"), NOW),
            uow.outbox.add(letter(other.id, "event:6", recipient="dana@example.net"), NOW),
        ]
        assert uow.outbox.withdraw(ticket.id, "DANA@example.net") == 3
        assert uow.outbox.withdraw(ticket.id, "dana@example.net") == 0
        assert {row.id for row in uow.outbox.list(tuple(DeliveryState), 10)} == {first.id, *kept}
        uow.commit()
    with database.writing() as uow:
        assert {each.id for each in uow.outbox.claim(NOW + HOUR, LEASE, 10, 1)} == set(kept)


def test_what_is_being_sent_is_on_its_way(database: Database) -> None:
    with database.writing() as uow:
        ticket = write_in(uow).ticket
        uow.outbox.add(letter(ticket.id, recipient="dana@example.net"), NOW)
        (claimed,) = uow.outbox.claim(NOW, LEASE, 1, 1)
        assert uow.outbox.withdraw(ticket.id, "dana@example.net") == 0
        uow.outbox.record(claimed, SENT, DeliveryState.SENT, None, NOW)
        assert [row.state for row in uow.outbox.list(tuple(DeliveryState), 10)] == [DeliveryState.SENT]
