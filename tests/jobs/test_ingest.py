"""From the mailbox to a ticket, an acknowledgement and a notice; what fails fails alone, and nothing twice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, nullcontext
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from helpdesk.errors import DatabaseUnavailable, MailboxNotStarted, MailboxUnavailable, NotFound
from helpdesk.jobs import ingest as ingest_module
from helpdesk.jobs import process
from helpdesk.jobs.ingest import FolderIngest
from helpdesk.model.delivery import Purpose
from helpdesk.model.mailbox import FolderStatus, MessageSummary
from helpdesk.model.message import MessageState, RawMessage
from helpdesk.model.policy import AfterProcessing, FolderPolicy, StartFrom, StartMode
from helpdesk.model.ticket import TicketState
from tests.fakes import MONDAY, FakeFolder, make_mail
from tests.jobs.conftest import DANA, MIKE, Office, make_office


def test_a_person_gets_one_acknowledgement_and_one_staff_member_a_notice(office: Office) -> None:
    office.start()
    assert office.work(make_mail()) == 1
    (acknowledgement,) = office.transport.to("sam@example.org")
    mail = message_from_bytes(acknowledgement.content, policy=default)
    assert mail["Auto-Submitted"] == "auto-replied"
    assert mail["In-Reply-To"] == "<one@example.org>"
    assert acknowledgement.envelope_sender == "info@exithate.org"
    notices = [each for each in office.transport.sent if each.purpose is Purpose.STAFF_ASSIGNED]
    assert [each.recipient for each in notices] in ([MIKE.email], [DANA.email])
    (ticket,) = office.tickets()
    assert ticket.state is TicketState.NEW
    assert ticket.assignee in {"mike", "dana"}
    assert office.ticket_events(ticket.number) == ["opened", "acknowledged", "assigned"]


def test_a_second_poll_answers_nothing_twice(office: Office) -> None:
    office.start()
    office.work(make_mail())
    sent = len(office.transport.sent)
    assert office.work() == 0
    assert len(office.transport.sent) == sent


def test_a_mailbox_that_was_never_started_is_refused_with_what_to_do(office: Office) -> None:
    office.folder.put(make_mail())
    with pytest.raises(MailboxNotStarted, match="--start-from now"):
        office.ingest.poll()
    with pytest.raises(MailboxNotStarted):
        office.ingest.make_sure_started()
    assert office.folder.fetched == []


def test_started_from_now_leaves_what_was_there(office: Office) -> None:
    office.folder.put(make_mail())
    office.start(StartMode.NOW)
    assert office.work() == 0
    assert office.work(make_mail(message_id="<two@example.org>", sender="kim@example.org")) == 1
    assert office.transport.to("sam@example.org") == []


def test_a_start_is_said_once_and_holds(office: Office) -> None:
    office.folder.put(make_mail())
    office.start(StartMode.NOW)
    before = office.ingest.start(StartFrom(StartMode.ALL))
    assert before is not None
    assert before.started_from is StartMode.NOW
    assert office.work() == 0


def test_started_from_a_date_takes_what_the_server_received_since(office: Office) -> None:
    office.folder.put(make_mail(), MONDAY - timedelta(days=2))
    office.folder.put(make_mail(message_id="<two@example.org>", sender="kim@example.org"), MONDAY - timedelta(hours=1))
    office.ingest.start(StartFrom(StartMode.DATE, MONDAY - timedelta(days=1)))
    assert office.work() == 1
    assert [ticket.requester_address for ticket in office.tickets()] == ["kim@example.org"]
    assert office.work() == 0
    assert office.folder.fetched == [[2]]


def test_old_mail_gets_a_ticket_and_no_acknowledgement(office: Office) -> None:
    office.start()
    office.folder.put(make_mail(), MONDAY - timedelta(days=4))
    assert office.work() == 1
    assert office.transport.to("sam@example.org") == []
    assert office.ticket_events(1001) == ["opened", "not_acknowledged", "assigned"]


def test_a_message_moved_out_and_back_is_not_taken_twice(office: Office) -> None:
    office.start()
    office.work(make_mail())
    office.folder.messages.clear()
    assert office.work(make_mail()) == 0
    assert len(office.tickets()) == 1
    assert office.count(MessageState.DUPLICATE) == 1
    assert len(office.transport.to("sam@example.org")) == 1


def test_new_uidvalidity_takes_nothing_twice_and_nothing_from_before_the_start(office: Office) -> None:
    office.folder.put(make_mail(message_id="<old@example.org>"), MONDAY - timedelta(days=1))
    office.start(StartMode.NOW)
    office.work(make_mail())
    before, (raw, received_at) = office.folder.messages[1], office.folder.messages[2]
    office.folder.messages = {7: before, 8: (raw, received_at)}
    office.folder.uidvalidity, office.folder.uidnext = 2, 9
    office.work()
    assert len(office.tickets()) == 1
    assert len(office.transport.to("sam@example.org")) == 1


def test_a_message_expunged_before_the_fetch_is_no_error(office: Office) -> None:
    office.start()
    office.folder.put(make_mail())
    office.folder.put(make_mail(message_id="<two@example.org>", sender="kim@example.org"))

    def expunge(step: str) -> None:
        if step == "fetch":
            office.folder.messages.pop(1, None)

    office.folder.before = expunge
    assert office.work() == 1
    assert [ticket.requester_address for ticket in office.tickets()] == ["kim@example.org"]


def test_a_uid_that_appears_below_the_cursor_is_found(office: Office) -> None:
    office.start()
    office.folder.uidnext = 5
    office.work(make_mail())
    office.folder.messages[3] = (make_mail(message_id="<late@example.org>", sender="kim@example.org"), MONDAY)
    assert office.work() == 1
    assert len(office.tickets()) == 2


def test_many_waiting_messages_come_in_batches(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ingest_module, "BATCH", 3)
    office.start()
    mails = [make_mail(sender=f"p{n}@example.org", message_id=f"<{n}@example.org>") for n in range(7)]
    assert office.work(*mails) == 7
    assert [len(batch) for batch in office.folder.fetched] == [3, 3, 1]


def test_large_messages_travel_in_small_batches(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ingest_module, "BATCH_BYTES", 1000)
    office.start()
    mails = [make_mail(sender=f"p{n}@example.org", body="x " * 300, message_id=f"<{n}@example.org>") for n in range(3)]
    assert office.work(*mails) == 3
    assert [len(batch) for batch in office.folder.fetched] == [1, 1, 1]


def test_the_database_is_written_before_the_mailbox_is_marked(office: Office) -> None:
    office.start()
    states = []

    def look(step: str) -> None:
        if step == "mark":
            states.append(office.count(MessageState.PROCESSED))

    office.folder.before = look
    office.work(make_mail())
    assert states == [1]
    assert office.folder.marked == [1]


@pytest.mark.parametrize("step", ["status", "search", "summaries", "fetch", "mark"])
def test_a_server_that_fails_at_any_step_loses_nothing_and_doubles_nothing(office: Office, step: str) -> None:
    office.start()
    office.folder.put(make_mail())
    failures = [step]

    def fail_once(at: str) -> None:
        if at in failures:
            failures.remove(at)
            raise MailboxUnavailable("the connection was lost")

    office.folder.before = fail_once
    # What fails within a batch is tried again at once; a server that is away ends the poll.
    with pytest.raises(MailboxUnavailable) if step in ("status", "search") else nullcontext():
        office.ingest.poll()
    office.work()
    assert len(office.tickets()) == 1
    assert len(office.transport.to("sam@example.org")) == 1


@pytest.fixture
def moving(tmp_path: Path) -> Iterator[Office]:
    policy = FolderPolicy("INBOX", after=AfterProcessing.MOVE, move_to="Processed")
    office = make_office(tmp_path, policy=policy)
    office.folder.moves = True
    with closing(office.store):
        yield office


def test_a_message_that_could_not_be_moved_is_moved_by_the_next_poll(moving: Office) -> None:
    moving.start()
    failures = ["mark"]

    def fail_once(at: str) -> None:
        if at in failures:
            failures.remove(at)
            raise MailboxUnavailable("the connection was lost")

    moving.folder.before = fail_once
    moving.folder.put(make_mail())
    moving.ingest.poll()
    assert len(moving.folder.messages) == 1
    moving.work()
    assert moving.folder.messages == {}
    assert len(moving.transport.to("sam@example.org")) == 1


def test_a_message_moved_back_by_a_person_stays_where_they_put_it(moving: Office) -> None:
    moving.start()
    moving.work(make_mail())
    moving.folder.put(make_mail())
    moving.work()
    assert moving.count(MessageState.DUPLICATE) == 1
    assert len(moving.folder.messages) == 1


def test_a_keyword_that_could_not_be_set_is_set_by_the_next_poll_once(tmp_path: Path) -> None:
    office = make_office(tmp_path, policy=FolderPolicy("INBOX", after=AfterProcessing.KEYWORD))
    failures = ["mark"]

    def fail_once(at: str) -> None:
        if at in failures:
            failures.remove(at)
            raise MailboxUnavailable("the connection was lost")

    with closing(office.store):
        office.start()
        office.folder.before = fail_once
        office.folder.put(make_mail())
        office.ingest.poll()
        assert office.folder.marked == []
        office.work()
        office.work()
        assert office.folder.marked == [1]


def test_old_mail_that_is_moved_in_after_a_start_from_now_lies_before_it(office: Office) -> None:
    office.start(StartMode.NOW)
    office.folder.put(make_mail(), MONDAY - timedelta(hours=20))
    office.folder.put(make_mail("kim@example.org", message_id="<two@example.org>"), MONDAY - timedelta(minutes=1))
    assert office.work() == 1
    assert [ticket.requester_address for ticket in office.tickets()] == ["kim@example.org"]


def test_a_folder_that_refuses_marks_keeps_no_mail_waiting(moving: Office) -> None:
    moving.start()

    def refuse(at: str) -> None:
        if at == "mark":
            raise MailboxUnavailable("the folder is full")

    moving.folder.before = refuse
    for number in range(3):
        moving.work(make_mail(f"p{number}@example.org", message_id=f"<{number}@example.org>"))
    assert len(moving.tickets()) == 3


@pytest.mark.parametrize("at", ["fetch", "summaries"])
def test_one_message_that_the_server_fails_on_keeps_no_other_waiting(office: Office, at: str) -> None:
    office.start()
    for number in range(7):
        office.folder.put(make_mail(f"p{number}@example.org", message_id=f"<{number}@example.org>"))
    real = getattr(office.folder, "fetch" if at == "fetch" else "summaries")

    def fail_on_four(uids):  # type: ignore[no-untyped-def]
        if 4 in uids:
            raise MailboxUnavailable("the connection was lost")
        return real(uids)

    setattr(office.folder, at, fail_on_four)
    assert office.work() == 6
    alerts = [each for each in office.transport.sent if each.purpose is Purpose.ADMIN_ALERT]
    assert len(alerts) == 1
    assert office.work() == 0
    assert len([each for each in office.transport.sent if each.purpose is Purpose.ADMIN_ALERT]) == 1
    setattr(office.folder, at, real)
    assert office.work() == 1


def test_a_message_that_is_listed_and_never_given_is_asked_for_again(office: Office) -> None:
    office.start()
    office.folder.put(make_mail())
    real = office.folder.fetch
    office.folder.fetch = lambda uids: []  # type: ignore[method-assign]
    assert office.work() == 0
    for number in range(600):
        office.folder.messages[100 + number] = office.folder.messages[1]
    office.folder.messages = {1: office.folder.messages[1]}
    office.folder.uidnext = 700
    office.folder.fetch = real  # type: ignore[method-assign]
    assert office.work() == 1


def test_a_message_of_which_the_server_tells_nothing_is_not_taken_for_deleted(office: Office) -> None:
    office.start()
    put_three(office)
    tells, gives = office.folder.summaries, office.folder.fetch
    office.folder.summaries = lambda uids: [each for each in tells(uids) if each.uid != 2]  # type: ignore[method-assign]
    office.folder.fetch = lambda uids: gives([uid for uid in uids if uid != 2])  # type: ignore[method-assign]
    assert office.work() == 2
    assert office.ingest.refused == {2}
    assert [each.recipient for each in office.transport.sent if each.cause.startswith("refused:")] == [DANA.email]
    office.folder.summaries, office.folder.fetch = tells, gives  # type: ignore[method-assign]
    assert office.work() == 1
    assert office.ingest.refused == set()


def test_new_uidvalidity_while_a_missing_message_is_looked_for_takes_in_nothing_by_its_old_number(office: Office) -> None:
    office.start()
    put_three(office)
    tells = office.folder.summaries

    def renew(uids: Sequence[int]) -> list[MessageSummary]:
        office.folder.uidvalidity = 2
        return [each for each in tells(uids) if each.uid != 2]

    office.folder.summaries = renew  # type: ignore[method-assign]
    office.folder.fetch = lambda uids: []  # type: ignore[method-assign]
    with pytest.raises(MailboxUnavailable, match="new numbers"):
        office.ingest.poll()
    assert office.tickets() == []


def put_three(office: Office) -> None:
    for number in range(3):
        office.folder.put(make_mail(f"p{number}@example.org", message_id=f"<{number}@example.org>"))


def test_what_waits_of_a_folder_that_is_not_polled_is_processed_by_the_one_that_sees_to_it(office: Office) -> None:
    """Such as a message of an imported folder, which a person has let out of quarantine."""
    office.start()
    with office.store.writing() as uow:
        other = uow.mailboxes.start("info", "Archive", FolderStatus(7, 2, 1), StartFrom(StartMode.NOW), office.clock.now())
        uow.messages.add(other.id, [RawMessage(7, 1, MONDAY, make_mail())], office.clock.now())
        uow.commit()
    assert office.work() == 0
    office.ingest.polled = frozenset({("info", "INBOX"), ("info", "Archive")})
    assert office.work() == 0
    office.ingest.polled = frozenset({("info", "INBOX")})
    assert office.work() == 1
    assert len(office.transport.to("sam@example.org")) == 1
    assert office.folder.marked == []


def test_stored_mail_is_processed_though_the_server_is_away(office: Office) -> None:
    office.start()
    with office.store.writing() as uow:
        record = uow.mailboxes.find("info", "INBOX")
        assert record is not None
        uow.messages.add(record.id, [RawMessage(1, 1, MONDAY, make_mail())], MONDAY)
        uow.commit()

    def away(at: str) -> None:
        raise MailboxUnavailable("the server is away")

    office.folder.before = away
    with pytest.raises(MailboxUnavailable):
        office.ingest.poll()
    office.deliverer.deliver_due()
    assert len(office.transport.to("sam@example.org")) == 1


def test_a_person_moved_out_of_the_junk_folder_by_hand_is_answered(tmp_path: Path) -> None:
    junk = make_office(tmp_path, policy=FolderPolicy("Junk", junk=True))
    with closing(junk.store):
        junk.start()
        junk.work(make_mail())
        processor, folder = junk.ingest.processor, FakeFolder()
        inbox = FolderIngest("info", FolderPolicy("INBOX"), folder, junk.store, processor, junk.clock, junk.wake.set)
        inbox.start(StartFrom(StartMode.ALL))
        folder.put(make_mail())
        assert inbox.poll() == 1
        junk.deliverer.deliver_due()
        (ticket,) = junk.tickets()
        assert not ticket.spam
        assert len(junk.transport.to("sam@example.org")) == 1


def test_junk_folder_gives_a_marked_ticket_without_acknowledgement(tmp_path: Path) -> None:
    office = make_office(tmp_path, policy=FolderPolicy("Junk", junk=True))
    with closing(office.store):
        office.start()
        office.work(make_mail())
        (ticket,) = office.tickets()
        assert ticket.spam
        assert office.transport.sent == []


def test_a_poisoned_message_is_quarantined_alone_and_the_admin_told(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    real = process.classify

    def break_on_poison(message, raw, us, *, junk=False):  # type: ignore[no-untyped-def]
        if b"poison" in raw:
            raise ValueError("what it says is private")
        return real(message, raw, us, junk=junk)

    monkeypatch.setattr(process, "classify", break_on_poison)
    office.start()
    mails = [
        make_mail(),
        make_mail(sender="bad@example.org", body="poison\n", message_id="<two@example.org>"),
        make_mail(sender="kim@example.org", message_id="<three@example.org>"),
    ]
    office.work(*mails)
    assert office.count(MessageState.PROCESSED) == 2
    assert office.count(MessageState.QUARANTINED) == 1
    assert len(office.tickets()) == 2
    (alert,) = [each for each in office.transport.sent if each.purpose is Purpose.ADMIN_ALERT]
    assert alert.recipient == DANA.email
    with office.store.reading() as uow:
        (quarantined,) = uow.messages.quarantined()
    assert quarantined.failures == 3
    assert quarantined.place.startswith("ValueError at test_ingest.py:")
    assert quarantined.error == "what it says is private"

    monkeypatch.setattr(process, "classify", real)
    office.actions.retry_quarantined(quarantined.id)
    office.work()
    assert office.count(MessageState.QUARANTINED) == 0
    assert len(office.transport.to("bad@example.org")) == 1


def test_a_poisoned_message_that_was_answered_by_hand_is_done_with(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ValueError("a fault")

    office.start()
    with monkeypatch.context() as patch:
        patch.setattr(process, "decide", fail)
        office.work(make_mail())
    with office.store.reading() as uow:
        (quarantined,) = uow.messages.quarantined()
    office.actions.dismiss_quarantined(quarantined.id)
    office.work()
    assert office.count(MessageState.QUARANTINED) == 0
    assert office.tickets() == []
    assert office.transport.to("sam@example.org") == []
    told = r"is not in quarantine any more: it was dismissed on 2026-11-02 at 11:00 UTC, as dealt with by hand"
    for again in (office.actions.retry_quarantined, office.actions.dismiss_quarantined):
        with pytest.raises(NotFound, match=told):
            again(quarantined.id)
    with pytest.raises(NotFound, match=r"is not machine mail \(it is dismissed\)"):
        office.actions.treat_as_person(quarantined.id)


def test_a_database_that_fails_is_not_the_messages_fault(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise DatabaseUnavailable("the disk is full")

    office.start()
    office.folder.put(make_mail())
    with monkeypatch.context() as patch:
        patch.setattr(process, "carry_out", full)
        with pytest.raises(DatabaseUnavailable):
            office.ingest.poll()
    assert office.count(MessageState.STORED) == 1
    office.work()
    assert office.count(MessageState.PROCESSED) == 1
    assert len(office.transport.to("sam@example.org")) == 1
