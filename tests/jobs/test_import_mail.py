"""Mail that a person takes in: a ticket for each, no letter to anybody, and one summary for the leads."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from helpdesk.core.reconcile import MOST_UNEXPECTED
from helpdesk.errors import DatabaseUnavailable, MailboxNotStarted, MailboxUnavailable
from helpdesk.jobs.import_mail import Imported, Importer
from helpdesk.jobs.ingest import PROCESSED_AT_ONCE, FolderIngest
from helpdesk.jobs.reconcile import Reconciler
from helpdesk.model.delivery import Delivery, Purpose
from helpdesk.model.message import MessageState
from helpdesk.model.policy import AfterProcessing, FolderPolicy, StartFrom, StartMode
from tests.fakes import MONDAY, FakeFolder, make_mail
from tests.jobs.conftest import MIKE, Office, make_desk, make_office
from tests.jobs.test_letters import text_of
from tests.jobs.test_reconcile import mail, put_behind_the_cursor

MANY = MOST_UNEXPECTED + 10


def sent_since(office: Office, before: int) -> list[Delivery]:
    office.deliverer.deliver_due()
    return office.transport.sent[before:]


def other_folder(office: Office, *mails: bytes) -> tuple[FakeFolder, FolderIngest]:
    """A folder of the same account that nobody polls."""
    folder = FakeFolder(uidvalidity=5)
    for each in mails:
        folder.put(each, office.clock.now())
    return folder, replace(office.ingest, policy=FolderPolicy("Processed"), folder=folder)


def test_what_was_held_gets_its_tickets_and_no_answers(office: Office) -> None:
    office.start()
    put_behind_the_cursor(office, MANY)
    assert len(office.tickets()) == 3
    before = len(office.transport.sent)
    imported = Importer(office.ingest).import_missing()
    assert (imported.found, imported.taken, imported.stopped) == (MANY, MANY, False)
    assert len(office.tickets()) == 3 + MANY
    (summary,) = sent_since(office, before)
    assert (summary.purpose, summary.recipient) == (Purpose.ADMIN_ALERT, MIKE.email)
    said = " ".join(text_of(summary).split())
    assert f"{MANY} messages in INBOX were taken in by hand: EHT-1004 to EHT-{1003 + MANY}." in said
    assert "example.org" not in said.replace("info@exithate.org", "")
    done = Reconciler(office.ingest).reconcile()
    assert done is not None
    assert (done.found.missing, done.held) == ((), 0)


def test_the_ticket_says_why_nobody_was_answered_and_is_nobodys_yet(office: Office) -> None:
    office.start()
    put_behind_the_cursor(office, 1)
    (number,) = Importer(office.ingest).import_missing().tickets
    with office.store.reading() as uow:
        ticket = uow.tickets.by_number(number)
        assert ticket is not None
        why = [event.why for event in uow.tickets.events(ticket.id) if event.kind.value == "not_acknowledged"]
    assert why == ["it was taken in by hand, long after it came"]
    assert ticket.assignee is None
    assert office.ticket_events(number) == ["opened", "not_acknowledged"]


def test_nothing_to_take_in_tells_nobody(office: Office) -> None:
    office.start()
    office.work(mail(1))
    before = len(office.transport.sent)
    imported = Importer(office.ingest).import_missing()
    assert (imported.found, imported.taken, imported.tickets) == (0, 0, ())
    assert sent_since(office, before) == []


def test_it_tells_how_far_it_has_come(office: Office) -> None:
    office.start()
    put_behind_the_cursor(office, MANY)
    seen: list[tuple[int, int]] = []
    Importer(office.ingest, lambda done, found: seen.append((done, found))).import_missing()
    assert seen == [(0, MANY), (50, MANY), (MANY, MANY)]


def test_stopped_between_two_portions_it_goes_on_when_run_again(office: Office) -> None:
    office.start()
    put_behind_the_cursor(office, MANY)
    answers = itertools.chain([False], itertools.repeat(True))
    office.ingest.stopping = lambda: next(answers)
    first = Importer(office.ingest).import_missing()
    assert (first.taken, first.stopped) == (50, True)
    office.ingest.stopping = lambda: False
    again = Importer(office.ingest).import_missing()
    assert (again.found, again.taken, again.stopped) == (MANY - 50, MANY - 50, False)
    assert len(office.tickets()) == 3 + MANY
    assert len({ticket.requester_address for ticket in office.tickets()}) == 3 + MANY


def test_broken_off_in_the_middle_it_leaves_nothing_that_the_worker_would_answer(office: Office) -> None:
    """Stored and not processed is what a worker processes as it comes: with an answer."""
    office.start()
    put_behind_the_cursor(office, MANY)
    before = len(office.transport.sent)
    steps = itertools.count()

    def fail(step: str) -> None:
        if step == "fetch" and next(steps) == 1:
            office.folder.before = broken
            raise MailboxUnavailable("the server is away")

    def broken(step: str) -> None:
        raise MailboxUnavailable("the server is away")

    office.folder.before = fail
    with pytest.raises(MailboxUnavailable):
        Importer(office.ingest).import_missing()
    office.folder.before = lambda step: None
    assert office.count(MessageState.STORED) == 0
    office.work()
    assert [each.recipient for each in sent_since(office, before)] == [MIKE.email]
    assert Importer(office.ingest).import_missing().taken == MANY - 50
    assert len(office.tickets()) == 3 + MANY


def test_the_database_failing_half_way_through_a_portion_leaves_whole_messages(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.start()
    put_behind_the_cursor(office, 30)
    processor = type(office.ingest.processor)
    real = processor._process_one
    calls = itertools.count(1)

    def fail(self: object, *arguments: object) -> object:
        if next(calls) == PROCESSED_AT_ONCE + 5:
            raise DatabaseUnavailable("the disk is full")
        return real(self, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(processor, "_process_one", fail)
    with pytest.raises(DatabaseUnavailable):
        Importer(office.ingest).import_missing()
    assert office.count(MessageState.STORED) == 0
    assert len(office.tickets()) == 3 + PROCESSED_AT_ONCE
    assert Importer(office.ingest).import_missing().taken == 30 - PROCESSED_AT_ONCE


def test_a_message_that_fails_is_in_quarantine_at_once_and_the_others_go_on(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.start()
    put_behind_the_cursor(office, 3)
    processor = type(office.ingest.processor)
    real = processor.read

    def fail(self: object, stored: object, **junk: bool) -> object:
        if b"<1@example.org>" in stored.raw.raw:  # type: ignore[attr-defined]
            raise ValueError("a fault of ours")
        return real(self, stored, **junk)  # type: ignore[arg-type]

    monkeypatch.setattr(processor, "read", fail)
    assert Importer(office.ingest).import_missing().taken == 2
    assert office.count(MessageState.QUARANTINED) == 1
    assert office.count(MessageState.STORED) == 0


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (make_mail("mike.private@example.net", message_id="<s@example.org>"), "staff"),
        (make_mail("robot@example.org", message_id="<m@example.org>", Auto_Submitted="auto-replied"), "auto_reply"),
    ],
    ids=["a staff member's", "a machine's"],
)
def test_old_mail_of_others_is_kept_and_writes_to_nobody(office: Office, raw: bytes, kind: str) -> None:
    office.start()
    (uid,) = put_behind_the_cursor(office, 1)
    office.folder.messages[uid] = (raw, MONDAY)
    before = len(office.transport.sent)
    assert Importer(office.ingest).import_missing().taken == 1
    assert sent_since(office, before) == []
    with office.store.reading() as uow:
        assert [each.kind.value for each in uow.messages.machine_mail(10)] == [kind]


def test_what_is_taken_in_by_hand_is_marked_as_what_is_polled(tmp_path: Path) -> None:
    office = make_office(tmp_path, policy=FolderPolicy("INBOX", after=AfterProcessing.KEYWORD))
    office.start()
    missed = put_behind_the_cursor(office, 2)
    Importer(office.ingest).import_missing()
    assert set(missed) <= set(office.folder.marked)
    office.store.close()


def test_a_follow_up_by_hand_goes_on_its_ticket_and_tells_its_assignee_nothing(office: Office) -> None:
    office.start()
    office.work(make_mail())
    (uid,) = put_behind_the_cursor(office, 1)
    office.folder.messages[uid] = (make_mail(message_id="<again@example.org>", In_Reply_To="<one@example.org>"), MONDAY)
    before = len(office.transport.sent)
    imported = Importer(office.ingest).import_missing()
    assert imported.tickets == (1001,)
    assert [each.purpose for each in sent_since(office, before)] == [Purpose.ADMIN_ALERT]
    assert office.tickets()[0].assignee is not None


def test_another_folder_gives_what_the_database_does_not_have(office: Office) -> None:
    office.start()
    office.work(mail(1), mail(2))
    _, ingest = other_folder(office, mail(1), mail(2), mail(3), mail(4))
    before = len(office.transport.sent)
    imported = Importer(ingest).import_folder(office.ingest)
    assert (imported.found, imported.taken, imported.tickets) == (4, 2, (1003, 1004))
    assert [each.recipient for each in sent_since(office, before)] == [MIKE.email]
    # Copies of what we have are not kept a second time.
    assert office.count(MessageState.DUPLICATE) == 0
    assert Importer(ingest).import_folder(office.ingest).taken == 0
    assert len(office.tickets()) == 4


def test_another_folder_gives_only_what_came_since_the_start(office: Office) -> None:
    office.ingest.start(StartFrom(StartMode.DATE, MONDAY - timedelta(days=1)))
    folder, ingest = other_folder(office)
    folder.put(mail(1), MONDAY - timedelta(days=2))
    folder.put(mail(2), MONDAY - timedelta(hours=2))
    assert Importer(ingest).import_folder(office.ingest).taken == 1
    assert [ticket.requester_address for ticket in office.tickets()] == ["p2@d2.example.org"]


def test_another_folder_that_is_polled_one_day_begins_from_then(office: Office) -> None:
    office.start()
    folder, ingest = other_folder(office, mail(1))
    Importer(ingest).import_folder(office.ingest)
    folder.put(mail(2), office.clock.now())
    assert ingest.poll() == 1
    assert [ticket.requester_address for ticket in office.tickets()] == ["p1@d1.example.org", "p2@d2.example.org"]


def test_another_folder_of_a_mailbox_without_a_start_is_refused(office: Office) -> None:
    _, ingest = other_folder(office, mail(1))
    with pytest.raises(MailboxNotStarted, match="INBOX was never started"):
        Importer(ingest).import_folder(office.ingest)
    with office.store.reading() as uow:
        assert uow.mailboxes.all() == []


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        ((), ""),
        ((1001,), "EHT-1001"),
        ((1001, 1002, 1003, 1009), "EHT-1001 to EHT-1003, EHT-1009"),
        (tuple(range(1001, 1031, 2)), ", ".join(f"EHT-{n}" for n in range(1001, 1021, 2)) + ", and 5 more"),
    ],
    ids=["none", "one", "runs", "many runs"],
)
def test_tickets_are_named_in_few_words(numbers: tuple[int, ...], words: str) -> None:
    assert Imported("INBOX", 0, 0, numbers).references == words


def test_a_summary_goes_to_every_lead(tmp_path: Path) -> None:
    other = replace(MIKE, id="kim", email="kim.private@example.net")
    office = make_office(tmp_path, make_desk(staff=(MIKE, other)))
    office.start()
    put_behind_the_cursor(office, 1)
    before = len(office.transport.sent)
    Importer(office.ingest).import_missing()
    assert sorted(each.recipient for each in sent_since(office, before)) == ["kim.private@example.net", MIKE.email]
    office.store.close()
