"""The outbox is emptied, each mail once; what fails waits, stops or is held."""

from __future__ import annotations

from datetime import timedelta

import pytest

from helpdesk.errors import DatabaseUnavailable
from helpdesk.model.delivery import Attempt, DeliveryState, OutboxRow, Outcome, Purpose
from tests.fakes import make_mail
from tests.jobs.conftest import DANA, Office

TRANSIENT = Attempt(Outcome.TRANSIENT, 451, "try again later")
PERMANENT = Attempt(Outcome.PERMANENT, 550, "no such mailbox")


def rows(office: Office, *states: DeliveryState) -> list[OutboxRow]:
    with office.store.reading() as uow:
        return uow.outbox.list(states or tuple(DeliveryState), 100)


def acknowledgement(office: Office) -> OutboxRow:
    return next(row for row in rows(office) if row.purpose is Purpose.ACKNOWLEDGEMENT)


def test_a_transient_failure_is_tried_again_when_its_time_has_come(office: Office) -> None:
    office.start()
    office.transport.answers = [TRANSIENT]
    office.work(make_mail())
    assert acknowledgement(office).state is DeliveryState.PENDING
    assert acknowledgement(office).last_answer == "try again later"
    office.clock.advance(seconds=59)
    assert office.deliverer.deliver_due() == 0
    office.clock.advance(seconds=1)
    assert office.deliverer.deliver_due() == 1
    assert acknowledgement(office).state is DeliveryState.SENT
    assert acknowledgement(office).attempts == 2


def test_a_permanent_failure_stops_and_shows_on_the_ticket(office: Office) -> None:
    office.start()
    office.transport.answers = [PERMANENT]
    office.work(make_mail())
    assert acknowledgement(office).state is DeliveryState.FAILED
    assert "delivery_failed" in office.ticket_events(1001)
    office.clock.advance(days=1)
    assert office.deliverer.deliver_due() == 0


def test_after_five_days_of_transient_failures_it_stops(office: Office) -> None:
    office.start()
    office.transport.answers = [TRANSIENT] * 200
    office.work(make_mail())
    for _ in range(60):
        office.clock.advance(hours=5)
        office.deliverer.deliver_due()
    assert acknowledgement(office).state is DeliveryState.FAILED


def test_an_error_in_the_transport_keeps_no_other_mail_from_going(office: Office) -> None:
    office.start()
    office.transport.answers = [ValueError("what it says is private")]
    office.work(make_mail())
    assert len(office.transport.sent) == 1
    assert [row.state for row in rows(office, DeliveryState.PENDING)] == [DeliveryState.PENDING]


def test_a_database_that_fails_while_sending_is_told(office: Office) -> None:
    office.start()
    office.transport.answers = [DatabaseUnavailable("the disk is full")]
    office.folder.put(make_mail())
    office.ingest.poll()
    with pytest.raises(DatabaseUnavailable):
        office.deliverer.deliver_due()


def test_an_attempt_is_counted_and_leased_before_the_server_is_dialled(office: Office) -> None:
    office.start()
    office.folder.put(make_mail())
    office.ingest.poll()
    with office.store.writing() as uow:
        claimed = uow.outbox.claim(office.clock.now(), timedelta(seconds=120), 10)
        uow.commit()
    # The worker died here: nothing was sent, and nobody may send it until the lease ends.
    assert {delivery.attempts for delivery in claimed} == {1}
    assert office.deliverer.deliver_due() == 0
    office.clock.advance(seconds=121)
    assert office.deliverer.deliver_due() == len(claimed)
    assert acknowledgement(office).attempts == 2


def test_a_slow_server_does_not_let_a_lease_run_out_under_a_delivery(office: Office) -> None:
    office.start()
    office.folder.put(make_mail())
    office.folder.put(make_mail("kim@example.org", message_id="<two@example.org>"))
    office.ingest.poll()
    sends = office.transport.send

    def slowly(delivery):  # type: ignore[no-untyped-def]
        office.clock.advance(seconds=60)
        return sends(delivery)

    office.transport.send = slowly  # type: ignore[method-assign]
    office.deliverer.deliver_due()
    # An acknowledgement and its notice go out together; the other person's had to wait for another claim.
    assert len(office.transport.sent) == 2
    office.clock.advance(seconds=61)
    office.deliverer.deliver_due()
    assert len(office.transport.sent) == 4


def test_acknowledgement_is_composed_anew_when_the_opening_it_names_has_passed(office: Office) -> None:
    office.start()
    office.clock.advance(hours=10)
    office.transport.answers = [Attempt(Outcome.TRANSIENT, detail="no connection", reached_server=False)] * 2
    office.work(make_mail())
    (first, *_) = [each for each in office.transport.tried if each.purpose is Purpose.ACKNOWLEDGEMENT]
    assert b"Tuesday 3 November" in first.content
    office.clock.advance(hours=14)
    office.freshener.freshen()
    office.deliverer.deliver_due()
    (sent,) = office.transport.to("sam@example.org")
    assert b"Tuesday 3 November" not in sent.content
    assert sent.message_id == first.message_id
    assert sent.message_id.encode() in sent.content


def test_acknowledgement_that_a_server_was_offered_keeps_its_bytes(office: Office) -> None:
    office.start()
    office.clock.advance(hours=10)
    office.transport.answers = [TRANSIENT, TRANSIENT]
    office.work(make_mail())
    office.clock.advance(hours=14)
    office.freshener.freshen()
    office.deliverer.deliver_due()
    (sent,) = office.transport.to("sam@example.org")
    assert b"Tuesday 3 November" in sent.content


def test_acknowledgement_that_waited_a_day_is_held_and_the_lead_told(office: Office) -> None:
    office.start()
    office.folder.put(make_mail())
    office.ingest.poll()
    office.clock.advance(hours=25)
    office.freshener.freshen()
    assert acknowledgement(office).state is DeliveryState.HELD
    office.deliverer.deliver_due()
    assert office.transport.to("sam@example.org") == []
    assert [each.purpose for each in office.transport.sent].count(Purpose.ADMIN_ALERT) == 1


def test_above_the_limit_of_the_hour_acknowledgements_wait_and_the_admin_is_told_once(office: Office) -> None:
    office.start()
    mails = [
        make_mail(sender=f"p{n}@example{n}.org", body=f"number {n}\n", message_id=f"<{n}@example.org>") for n in range(203)
    ]
    office.work(*mails)
    held = rows(office, DeliveryState.HELD)
    assert len(held) == 3
    assert {row.purpose for row in held} == {Purpose.ACKNOWLEDGEMENT}
    assert len(office.tickets()) == 203
    alerts = [each for each in office.transport.sent if each.purpose is Purpose.ADMIN_ALERT]
    assert [alert.recipient for alert in alerts] == [DANA.email]


def test_a_machine_that_changes_its_address_is_stopped_by_its_text(office: Office) -> None:
    office.start()
    for n in range(12):
        office.work(make_mail(sender=f"robot{n}@machine.example", body="I am away.\n", message_id=f"<{n}@machine.example>"))
    acknowledged = [each for each in office.transport.sent if each.recipient.endswith("@machine.example")]
    assert len(acknowledged) == 10
    assert len(rows(office, DeliveryState.HELD)) == 2
