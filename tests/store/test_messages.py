"""Messages that came in: stored first, found again, and how far each has come."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from helpdesk.model.message import Address, Kind, MessageState, Verdict
from helpdesk.model.stored import SameText
from helpdesk.store.database import Database
from helpdesk.store.faults import RowRefused
from tests.store.files import sql
from tests.store.samples import (
    HOUR,
    NOW,
    inbound,
    process,
    raw,
    start_mailbox,
    store_messages,
    waiting,
    write_in,
    write_in_once,
)


def test_stored_message_comes_back_as_it_was(database: Database) -> None:
    content = bytes(range(256)) * 300
    with database.writing() as uow:
        (stored,) = store_messages(uow, raw(content=content))
        uow.commit()
    assert stored.raw == raw(content=content)
    with database.reading() as uow:
        assert waiting(uow) == [stored]
        assert uow.messages.raw(stored.id) == stored
        assert uow.messages.count(MessageState.STORED) == 1


def test_messages_stored_in_this_transaction_can_be_read_in_it(database: Database) -> None:
    with database.writing() as uow:
        stored = store_messages(uow, raw(1), raw(2))
        assert waiting(uow) == stored


def test_message_with_a_known_uid_is_left_out(database: Database) -> None:
    with database.writing() as uow:
        store_messages(uow, raw(1), raw(2))
        added = store_messages(uow, raw(2), raw(3), raw(3, b"the same UID"), replace(raw(1), uidvalidity=8))
        assert sorted((each.raw.uidvalidity, each.raw.uid) for each in added) == [(7, 3), (8, 1)]
        assert store_messages(uow, raw(2)) == []
        assert store_messages(uow) == []


def test_same_uid_in_another_folder_is_another_message(database: Database) -> None:
    with database.writing() as uow:
        junk = start_mailbox(uow, "Junk")
        store_messages(uow, raw(1))
        assert len(uow.messages.add(junk.id, [raw(1)], NOW)) == 1
        assert [each.mailbox_id for each in uow.messages.unprocessed(junk.id, 10)] == [junk.id]


def test_uid_is_unique_in_the_database_itself(database: Database, url: str) -> None:
    write_in_once(database)
    columns = "mailbox_id, uidvalidity, uid, received_at, size, state, stored_at, failures"
    with pytest.raises(
        Exception, match=r"UNIQUE constraint failed: message.mailbox_id, message.uidvalidity, message.uid|uq_message_uid"
    ):
        sql(url, f"INSERT INTO message (id, {columns}) SELECT 'other', {columns} FROM message")  # noqa: S608 - fixed names


def test_known_and_processed_uids(database: Database) -> None:
    with database.writing() as uow:
        done = write_in(uow, 1).stored
        store_messages(uow, raw(2))
        known = uow.messages.known_uids(done.mailbox_id, 7, range(1, 3000))
        assert known == {1, 2}
        assert uow.messages.processed_uids(done.mailbox_id, 7, known) == {1}
        assert uow.messages.known_uids(done.mailbox_id, 8, [1, 2]) == set()
        assert uow.messages.known_uids(done.mailbox_id, 7, []) == set()


def test_oldest_waits_first_and_the_limit_holds(database: Database) -> None:
    with database.writing() as uow:
        store_messages(uow, raw(1, received_at=NOW), raw(2, received_at=NOW - HOUR), raw(3, received_at=NOW))
        assert [each.raw.uid for each in waiting(uow, 2)] == [2, 1]
        assert [each.raw.uid for each in waiting(uow)] == [2, 1, 3]


def test_message_without_sender_and_id_is_processed(database: Database) -> None:
    with database.writing() as uow:
        (stored,) = store_messages(uow, raw())
        process(uow, stored, inbound(sender=None, message_id=None))
        view = uow.messages.get(stored.id)
    assert view is not None
    assert (view.sender, view.message_id, view.ticket_id) == (None, None, None)


def test_unstorable_characters_do_not_stop_a_message(database: Database) -> None:
    with database.writing() as uow:
        (stored,) = store_messages(uow, raw())
        process(uow, stored, inbound(Address("S\0am\ud800", "s\ud800m@ex\0ample.org"), "a\0b@example.org", "text\udfff\0"))
        view = uow.messages.get(stored.id)
    assert view is not None
    assert view.sender == Address("Sam\ufffd", "s\ufffdm@example.org")
    assert view.new_text == "text\ufffd"


def test_unknown_message_is_not_there(database: Database) -> None:
    with database.reading() as uow:
        assert uow.messages.get("unknown") is None
        assert uow.messages.raw("unknown") is None
        assert uow.messages.of_ticket("unknown") == []


def test_message_is_processed_only_once(database: Database) -> None:
    written = write_in_once(database)
    with database.writing() as uow:
        with pytest.raises(RowRefused, match="another worker"):
            process(uow, written.stored, ticket_id=written.ticket.id)
        with pytest.raises(RowRefused, match="another worker"):
            uow.messages.record_duplicate(written.stored, written.stored.id, NOW)


def test_twin_is_found_by_the_same_parts_only(database: Database) -> None:
    with database.writing() as uow:
        written = write_in(uow)
        assert uow.messages.find_twin(("first@example.org", "hello")) == written.stored.id
        assert uow.messages.find_twin(("first@example.orghello", "")) is None
        assert uow.messages.find_twin(("first@example.org",)) is None


def test_twin_that_a_rule_hit_is_found_beside_another(database: Database) -> None:
    with database.writing() as uow:
        write_in(uow)
        (second,) = store_messages(uow, raw(2))
        assert uow.messages.find_twin(("first@example.org", "hello"), "sent-elsewhere") is None
        process(uow, second, verdict=Verdict(Kind.OWN, "sent-elsewhere"))
        assert uow.messages.find_twin(("first@example.org", "hello"), "sent-elsewhere") == second.id


def test_message_not_yet_processed_is_no_twin(database: Database) -> None:
    with database.writing() as uow:
        (stored,) = store_messages(uow, raw())
        assert uow.messages.find_twin(("first@example.org", "hello")) is None
        uow.messages.record_failure(stored.id, "odd", "ValueError at parse.py:1", quarantine=True, now=NOW)
        assert uow.messages.find_twin(("first@example.org", "hello")) is None


def test_duplicate_is_kept_and_done_with(database: Database) -> None:
    with database.writing() as uow:
        first = write_in(uow).stored
        (second,) = store_messages(uow, raw(2))
        uow.messages.record_duplicate(second, first.id, NOW)
        view = uow.messages.get(second.id)
        assert view is not None
        assert view.state is MessageState.DUPLICATE
        assert waiting(uow) == []
        assert uow.messages.count(MessageState.DUPLICATE) == 1
        assert uow.messages.find_twin(("first@example.org", "hello")) == first.id


@pytest.mark.parametrize(
    ("domain", "text", "since", "count"),
    [
        ("example.org", "hello", NOW, 1),
        ("EXAMPLE.org", " Hello\n", NOW, 1),
        ("example.org", "hello", NOW + timedelta(seconds=1), 0),
        ("example.org", "hello you", NOW, 0),
        ("example.com", "hello", NOW, 0),
        ("", "hello", NOW, 0),
    ],
    ids=["same", "folded", "before", "other text", "other domain", "no domain"],
)
def test_same_text_from_one_domain_is_counted(database: Database, domain: str, text: str, since: object, count: int) -> None:
    write_in_once(database)
    with database.reading() as uow:
        assert uow.messages.same_text(domain, text, since, NOW, NOW).in_all == count  # type: ignore[arg-type]


def test_same_text_of_changing_addresses_adds_up(database: Database) -> None:
    with database.writing() as uow:
        for uid in range(1, 4):
            write_in(uow, uid, inbound(Address("", f"robot{uid}@xn--bcher-kva.example"), f"{uid}@robot.example"))
        assert uow.messages.same_text("bücher.example", "hello", NOW, NOW, NOW).in_all == 3


def test_answers_of_the_day_are_remembered_when_the_hour_is_over(database: Database) -> None:
    write_in_once(database)
    hour, later = NOW + timedelta(minutes=1), NOW + timedelta(hours=1)
    with database.reading() as uow:
        assert uow.messages.same_text("example.org", "hello", hour, NOW, later) == SameText(in_all=0, answered=1)
        assert uow.messages.same_text("example.org", "hello", hour, hour, later) == SameText(in_all=0, answered=0)
        assert uow.messages.same_text("example.org", "hello", NOW, NOW, NOW) == SameText(in_all=1, answered=0)


def test_failures_are_counted_and_the_message_waits_on(database: Database) -> None:
    with database.writing() as uow:
        (stored,) = store_messages(uow, raw())
        uow.messages.record_failure(stored.id, "bad header", "ValueError at parse.py:12", quarantine=False, now=NOW)
        assert waiting(uow) == [replace(stored, failures=1)]
        assert uow.messages.quarantined() == []


def test_message_whose_bytes_were_damaged_does_not_stop_the_others(database: Database, url: str) -> None:
    with database.writing() as uow:
        damaged, erased, whole = store_messages(uow, raw(1), raw(2), raw(3))
        uow.commit()
    sql(url, "UPDATE message_content SET raw = ? WHERE message_id = ?", bytes(100), damaged.id)
    sql(url, "DELETE FROM data_key WHERE scope_id = ?", erased.id)
    with database.reading() as uow:
        assert waiting(uow) == [whole]
    with database.writing() as uow:
        assert waiting(uow) == [whole]
        assert [each.id for each in uow.messages.quarantined()] == [damaged.id, erased.id]
        assert all("does not open" in each.place for each in uow.messages.quarantined())


def test_erased_message_reads_as_empty(database: Database, url: str) -> None:
    written = write_in_once(database)
    sql(url, "DELETE FROM data_key WHERE scope_id = ?", written.stored.id)
    with database.reading() as uow:
        view = uow.messages.get(written.stored.id)
    assert view is not None
    assert (view.sender, view.subject, view.new_text, view.message_id) == (Address("", ""), "", "", None)
