"""The outbox is emptied, each mail once; what fails waits, stops or is held."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from helpdesk.errors import DatabaseUnavailable
from helpdesk.jobs.tell_admins import NoticeWatch
from helpdesk.model.delivery import Attempt, Delivery, DeliveryState, OutboxRow, Outcome, Purpose
from helpdesk.store.unit_of_work import SqlUnitOfWork
from tests.fakes import FakePresence, make_mail
from tests.jobs.conftest import DANA, MIKE, Office

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
        claimed = uow.outbox.claim(office.clock.now(), timedelta(seconds=120), 10, 2)
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
    # Two went out; the others' claim would have run out, so they were claimed anew before they were tried.
    assert len(office.transport.sent) == 4
    assert {delivery.attempts for delivery in office.transport.sent} == {1}


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


UNANSWERED = Attempt(Outcome.TRANSIENT, detail="no connection", reached_server=False)
GREYLISTED = Attempt(Outcome.TRANSIENT, 450, "greylisted", reached_server=False)


@pytest.mark.parametrize(
    ("failure", "sent"), [(UNANSWERED, 6), (GREYLISTED, 2)], ids=["the server was away", "the server wants it later"]
)
def test_when_the_server_is_back_what_it_did_not_answer_goes_at_once(office: Office, failure: Attempt, sent: int) -> None:
    office.start()
    office.transport.answers = [failure] * 4
    office.work(make_mail(), make_mail("kim@example.org", message_id="<two@example.org>"))
    office.clock.advance(seconds=5)
    office.work(make_mail("lee@example.org", message_id="<three@example.org>"))
    assert len(office.transport.sent) == sent


def test_an_acknowledgement_that_a_person_let_go_is_sent_however_late_it_is(office: Office) -> None:
    office.start()
    office.folder.put(make_mail())
    office.ingest.poll()
    office.clock.advance(hours=25)
    office.freshener.freshen()
    office.actions.release(acknowledgement(office).id)
    office.clock.advance(hours=25)
    office.freshener.freshen()
    office.deliverer.deliver_due()
    assert len(office.transport.to("sam@example.org")) == 1


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
        office.clock.advance(seconds=2)
    acknowledged = [each for each in office.transport.sent if each.recipient.endswith("@machine.example")]
    assert len(acknowledged) == 2
    assert len(rows(office, DeliveryState.HELD)) == 10


def test_people_of_one_place_who_wrote_alike_before_any_was_answered_are_all_answered(office: Office) -> None:
    office.start()
    office.work(*(make_mail(f"p{n}@school.example", body="Please help.\n", message_id=f"<{n}@s.example>") for n in range(60)))
    assert [row.purpose for row in rows(office, DeliveryState.HELD)] == []


def test_what_was_sent_while_the_database_was_away_is_recorded_and_not_sent_again(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.start()
    office.folder.put(make_mail())
    office.ingest.poll()
    sends, writing = office.transport.send, office.store.delivering
    away = threading.Event()

    def send(delivery):  # type: ignore[no-untyped-def]
        away.set()
        return sends(delivery)

    def write():  # type: ignore[no-untyped-def]
        if away.is_set():
            raise DatabaseUnavailable("locked")
        return writing()

    office.transport.send = send  # type: ignore[method-assign]
    office.store.delivering = write  # type: ignore[method-assign]
    with pytest.raises(DatabaseUnavailable):
        office.deliverer.deliver_due()
    office.transport.send = sends  # type: ignore[method-assign]
    away.clear()
    office.clock.advance(days=1)
    office.deliverer.deliver_due()
    assert len(office.transport.to("sam@example.org")) == 1
    assert acknowledgement(office).state is DeliveryState.SENT


def test_a_worker_that_is_to_end_gives_back_what_it_did_not_try(office: Office) -> None:
    office.start()
    for number in range(3):
        office.folder.put(make_mail(f"p{number}@example.org", message_id=f"<{number}@example.org>"))
    office.ingest.poll()
    office.deliverer.stopping = lambda: bool(office.transport.sent)
    assert office.deliverer.deliver_due() == 1
    office.deliverer.stopping = lambda: False
    assert office.deliverer.deliver_due() == 5
    assert {delivery.attempts for delivery in office.transport.sent} == {1}


def test_a_worker_that_others_take_for_dead_claims_nothing(office: Office) -> None:
    office.start()
    office.folder.put(make_mail())
    office.ingest.poll()
    office.deliverer.presence = FakePresence(lost=DatabaseUnavailable("the lock is lost"))
    with pytest.raises(DatabaseUnavailable):
        office.deliverer.deliver_due()
    assert office.transport.tried == []
    office.deliverer.presence = FakePresence()
    assert office.deliverer.deliver_due() == 2


def test_a_worker_that_others_may_take_for_dead_sends_nothing_more_of_what_it_had_claimed(office: Office) -> None:
    office.start()
    office.folder.put(make_mail())
    office.ingest.poll()
    presence = FakePresence()
    sends = office.transport.send

    def send_and_lose(delivery: Delivery) -> Attempt:
        presence.lost = DatabaseUnavailable("the lock is lost")
        return sends(delivery)

    office.transport.send = send_and_lose  # type: ignore[method-assign]
    office.deliverer.presence = presence
    with pytest.raises(DatabaseUnavailable):
        office.deliverer.deliver_due()
    assert len(office.transport.sent) == 1
    presence.lost = None
    office.transport.send = sends  # type: ignore[method-assign]
    assert office.deliverer.deliver_due() == 1
    assert len({delivery.id for delivery in office.transport.tried}) == len(office.transport.tried) == 2


def test_what_was_claimed_when_the_database_failed_is_due_when_it_is_back(office: Office) -> None:
    """The claim was committed, and the answer to the commit was lost on the way."""
    office.start()
    office.folder.put(make_mail())
    office.ingest.poll()
    delivering = office.store.delivering

    @contextmanager
    def losing_the_answer() -> Iterator[SqlUnitOfWork]:
        with delivering() as uow:
            yield uow
        raise DatabaseUnavailable("the connection was lost")

    office.store.delivering = losing_the_answer  # type: ignore[method-assign]
    with pytest.raises(DatabaseUnavailable):
        office.deliverer.deliver_due()
    office.store.delivering = delivering  # type: ignore[method-assign]
    assert office.transport.tried == []
    assert office.deliverer.deliver_due() == 2
    assert office.deliverer.deliver_due() == 0


def test_a_notice_that_reaches_nobody_is_told_to_the_leads(office: Office) -> None:
    office.start()
    office.deliverer.failed = NoticeWatch(office.desk, office.clock).failed
    office.transport.answers = [Attempt(Outcome.SENT, 250), PERMANENT]
    office.work(make_mail())
    office.deliverer.deliver_due()
    (alert,) = [each for each in office.transport.sent if each.purpose is Purpose.ADMIN_ALERT]
    assert alert.recipient == MIKE.email
