"""Once a day a whole folder is compared with the database, and what polls have missed is taken in."""

from __future__ import annotations

import io
import threading
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from helpdesk.core.acknowledge import RESTORED
from helpdesk.core.reconcile import MOST_UNEXPECTED
from helpdesk.jobs.ingest import BATCH, NEWEST_COMPARED
from helpdesk.jobs.reconcile import COMPARED_AT_ONCE, EVERY, Reconciled, Reconciler
from helpdesk.jobs.watch import DeliveryLoop, FolderWatch, run_once
from helpdesk.log import configure_logs
from helpdesk.model.delivery import DeliveryState, Purpose
from helpdesk.model.mailbox import MailboxRecord
from helpdesk.model.message import MessageState
from helpdesk.model.policy import StartFrom, StartMode
from tests.fakes import MONDAY, make_mail
from tests.jobs.conftest import Office, make_office


def mail(number: int) -> bytes:
    return make_mail(f"p{number}@d{number}.example.org", body=f"Hello, {number}.\n", message_id=f"<{number}@example.org>")


def record(office: Office) -> MailboxRecord:
    with office.store.reading() as uow:
        found = uow.mailboxes.find("info", "INBOX")
    assert found is not None
    return found


def reconcile(office: Office) -> Reconciled:
    done = Reconciler(office.ingest).reconcile()
    assert done is not None
    return done


def put_behind_the_cursor(office: Office, count: int) -> list[int]:
    """Messages that the server shows late, under UIDs that every poll has passed and looks at no more."""
    first = office.folder.uidnext
    office.folder.uidnext += count
    office.work(*(mail(10_000 + number) for number in range(3)))
    late = {first + number: (mail(number), office.clock.now()) for number in range(count)}
    office.folder.messages |= late
    office.folder.newest_uids = lambda count: []  # type: ignore[method-assign]
    return list(late)


def mails_to_admins(office: Office) -> list[str]:
    office.deliverer.deliver_due()
    return [each.cause for each in office.transport.sent if each.purpose is Purpose.ADMIN_ALERT]


def test_nothing_missed_is_nothing_done(office: Office) -> None:
    office.start()
    office.work(mail(1), mail(2))
    done = reconcile(office)
    assert (done.found.on_server, done.found.missing, done.found.waiting, done.found.gone) == (2, (), 0, 0)
    assert (done.taken, done.held) == (0, 0)
    assert office.folder.fetched == [[1, 2]]


def test_what_polls_have_missed_is_taken_in_and_answered(office: Office) -> None:
    office.start()
    missed = put_behind_the_cursor(office, MOST_UNEXPECTED)
    assert office.work() == 0
    done = reconcile(office)
    assert (len(done.found.missing), done.taken, done.held) == (len(missed), len(missed), 0)
    office.deliverer.deliver_due()
    assert len(office.transport.to("p7@d7.example.org")) == 1
    again = reconcile(office)
    assert (again.found.missing, again.taken) == ((), 0)


def test_too_many_are_held_and_the_admins_told_once_a_day(office: Office) -> None:
    office.start()
    missed = put_behind_the_cursor(office, MOST_UNEXPECTED + 1)
    tickets = len(office.tickets())
    done = reconcile(office)
    assert (done.taken, done.held) == (0, len(missed))
    assert len(office.tickets()) == tickets
    reconcile(office)
    assert len(mails_to_admins(office)) == 1
    office.clock.advance(days=1)
    assert reconcile(office).held == len(missed)
    assert len(mails_to_admins(office)) == 2


def test_what_lies_before_the_start_is_nobodys(office: Office) -> None:
    office.folder.put(mail(1), MONDAY - timedelta(days=9))
    office.folder.put(mail(2), MONDAY - timedelta(hours=1))
    office.ingest.start(StartFrom(StartMode.DATE, MONDAY - timedelta(days=1)))
    office.work()
    done = reconcile(office)
    assert (done.found.on_server, done.found.missing, done.found.waiting) == (2, (), 0)
    assert len(office.tickets()) == 1


def test_what_came_after_the_poll_is_left_to_the_next_one(office: Office) -> None:
    office.start()
    office.work(mail(1))
    office.folder.put(mail(2))
    done = reconcile(office)
    assert (done.found.waiting, done.taken) == (1, 0)
    assert office.work() == 1


def test_what_the_server_has_no_more_is_counted_and_kept(office: Office) -> None:
    office.start()
    office.work(mail(1), mail(2), mail(3))
    del office.folder.messages[2]
    done = reconcile(office)
    assert (done.found.on_server, done.found.gone) == (2, 1)
    assert office.count(MessageState.PROCESSED) == 3


def test_it_is_due_once_a_day(office: Office) -> None:
    office.start()
    office.work(mail(1))
    reconciler = Reconciler(office.ingest)
    assert reconciler.reconcile_if_due() is not None
    assert record(office).reconciled_at == MONDAY
    office.clock.advance(hours=23)
    assert reconciler.reconcile_if_due() is None
    office.clock.advance(hours=1)
    assert reconciler.reconcile_if_due() is not None
    assert record(office).reconciled_at == MONDAY + EVERY


def test_a_clock_that_was_set_back_makes_it_due(office: Office) -> None:
    office.start()
    reconcile(office)
    office.clock.advance(hours=-2)
    assert Reconciler(office.ingest).reconcile_if_due() is not None


def test_a_folder_that_was_never_started_is_not_compared(office: Office) -> None:
    assert Reconciler(office.ingest).reconcile_if_due() is None


def test_a_worker_that_is_told_to_end_leaves_the_rest_for_the_next_day_and_start(office: Office) -> None:
    office.start()
    put_behind_the_cursor(office, 3)
    before = record(office).reconciled_at
    office.ingest.stopping = lambda: True
    assert Reconciler(office.ingest).reconcile() is None
    assert record(office).reconciled_at == before
    office.ingest.stopping = lambda: False
    assert reconcile(office).taken == 3


def test_mail_of_before_a_restoration_is_taken_in_however_much_and_its_answers_are_held(office: Office) -> None:
    office.start()
    missed = put_behind_the_cursor(office, MOST_UNEXPECTED + 10)
    office.clock.advance(minutes=1)
    with office.store.writing() as uow:
        uow.restorations.add(MONDAY - timedelta(hours=1), MONDAY, MONDAY)
        uow.commit()
    done = reconcile(office)
    assert (done.taken, done.held) == (len(missed), 0)
    assert office.deliverer.deliver_due() > 0
    assert office.transport.to("p7@d7.example.org") == []
    with office.store.reading() as uow:
        held = uow.outbox.list((DeliveryState.HELD,), 1000)
    assert {row.held_because for row in held} == {RESTORED}
    assert len(held) == len(missed)


def test_it_is_logged_in_numbers(office: Office) -> None:
    office.start()
    put_behind_the_cursor(office, MOST_UNEXPECTED + 1)
    log = io.StringIO()
    configure_logs(stream=log)
    reconcile(office)
    assert "event=reconciled" in log.getvalue()
    assert f"missing={MOST_UNEXPECTED + 1} taken=0 held={MOST_UNEXPECTED + 1}" in log.getvalue()
    assert "event=reconciliation_held" in log.getvalue()
    assert "example.org" not in log.getvalue()


def test_a_watch_reconciles_when_it_is_due(office: Office) -> None:
    office.start()
    put_behind_the_cursor(office, 3)
    stop = threading.Event()

    def end(step: str) -> None:
        if step == "wait":
            stop.set()

    office.folder.before = end
    FolderWatch(office.ingest, stop, lambda: 0.5, EVERY).run()
    assert record(office).reconciled_at == MONDAY
    assert len(office.tickets()) == 6


def test_one_run_reconciles_when_it_is_due(office: Office) -> None:
    office.start()
    put_behind_the_cursor(office, 3)
    delivery = DeliveryLoop(office.deliverer, office.freshener, threading.Event(), office.wake)
    run_once([office.ingest], delivery, lambda words: None)
    assert record(office).reconciled_at == MONDAY
    assert len(office.transport.to("p1@d1.example.org")) == 1


def test_a_large_folder_is_compared_in_portions(tmp_path: Path) -> None:
    office = make_office(tmp_path)
    office.start()
    count = 2 * COMPARED_AT_ONCE + NEWEST_COMPARED
    office.folder.uidnext = count + 1
    office.work()
    old = MONDAY - timedelta(days=30)
    office.folder.messages = {uid: (b"", old) for uid in range(1, count + 1)}
    asked: list[int] = []
    real = office.folder.summaries

    def summaries(uids: Sequence[int]) -> list[object]:
        asked.append(len(uids))
        return real(uids)  # type: ignore[return-value]

    office.folder.summaries = summaries  # type: ignore[method-assign,assignment]
    done = reconcile(office)
    assert (done.found.on_server, done.held) == (count, count)
    assert max(asked) == COMPARED_AT_ONCE
    assert office.folder.fetched == []
    assert BATCH < COMPARED_AT_ONCE
    office.store.close()
