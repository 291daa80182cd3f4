"""What a person is shown of the messages, and what they may change about them."""

from __future__ import annotations

from dataclasses import replace

from helpdesk.core.sent_elsewhere import SENT_ELSEWHERE
from helpdesk.model.message import Kind, MessageState, Verdict
from helpdesk.store.database import Database
from tests.store.samples import (
    HOUR,
    NOW,
    SAM,
    inbound,
    open_ticket,
    process,
    raw,
    store_messages,
    waiting,
    write_in,
    write_in_once,
)


def test_processed_message_is_shown_as_it_was_read(database: Database) -> None:
    written = write_in_once(database)
    with database.reading() as uow:
        view = uow.messages.get(written.stored.id)
        assert uow.messages.of_ticket(written.ticket.id) == [view]
        assert waiting(uow) == []
    assert view is not None
    assert (view.state, view.kind, view.rule) == (MessageState.PROCESSED, Kind.PERSON, "default")
    assert (view.sender, view.subject, view.new_text) == (SAM, "Help", "hello")
    assert (view.message_id, view.ticket_id, view.received_at) == ("first@example.org", written.ticket.id, NOW)


def test_unprocessed_message_is_shown_empty(database: Database) -> None:
    with database.writing() as uow:
        (stored,) = store_messages(uow, raw())
        view = uow.messages.get(stored.id)
    assert view is not None
    assert (view.state, view.kind, view.rule, view.sender, view.subject) == (MessageState.STORED, None, "", None, "")


def test_quarantined_message_explains_itself_and_can_be_retried(database: Database) -> None:
    with database.writing() as uow:
        (stored,) = store_messages(uow, raw(content=b"odd"))
        uow.messages.record_failure(stored.id, "bad header", "ValueError at parse.py:12", quarantine=True, now=NOW)
        (kept,) = uow.messages.quarantined()
        assert (kept.id, kept.received_at, kept.size, kept.failures) == (stored.id, NOW, 3, 1)
        assert (kept.place, kept.error) == ("ValueError at parse.py:12", "bad header")
        assert waiting(uow) == []
        assert uow.messages.count(MessageState.QUARANTINED) == 1
        uow.messages.reset(stored.id)
        assert uow.messages.quarantined() == []
        assert waiting(uow) == [stored]


def test_dismissed_message_is_done_with_unread_and_stays_as_it_came(database: Database) -> None:
    with database.writing() as uow:
        (stored,) = store_messages(uow, raw(content=b"odd"))
        assert not uow.messages.dismiss(stored.id, NOW)
        uow.messages.record_failure(stored.id, "bad header", "ValueError at parse.py:12", quarantine=True, now=NOW)
        (kept,) = uow.messages.quarantined()
        assert uow.messages.failed(stored.id) == kept
        assert uow.messages.dismiss(stored.id, NOW + HOUR)
        assert not uow.messages.dismiss(stored.id, NOW)
        uow.commit()
    with database.reading() as uow:
        assert uow.messages.quarantined() == waiting(uow) == uow.messages.machine_mail(10) == []
        assert uow.messages.count(MessageState.QUARANTINED) == 0
        assert uow.messages.failed(stored.id) == replace(kept, dismissed_at=NOW + HOUR)
        view, found = uow.messages.get(stored.id), uow.messages.raw(stored.id)
        assert uow.messages.processed_uids(stored.mailbox_id, stored.raw.uidvalidity, [stored.raw.uid]) == {stored.raw.uid}
    assert view is not None
    assert (view.state, view.kind, view.rule, view.ticket_id) == (MessageState.PROCESSED, None, "dismissed", None)
    assert found is not None
    assert found.raw.raw == b"odd"


def test_a_message_that_was_processed_as_any_other_has_not_failed(database: Database) -> None:
    written = write_in_once(database)
    with database.reading() as uow:
        assert uow.messages.failed(written.stored.id) is None


def test_a_duplicate_is_not_reset(database: Database) -> None:
    with database.writing() as uow:
        written = write_in(uow)
        (copy,) = store_messages(uow, raw(2))
        uow.messages.record_duplicate(copy, written.stored.id, NOW)
        uow.messages.reset(copy.id)
        assert waiting(uow) == []


def test_machine_mail_is_listed_newest_first(database: Database) -> None:
    with database.writing() as uow:
        ticket = write_in(uow, 1).ticket
        bounce, newsletter = store_messages(uow, raw(2, received_at=NOW - HOUR), raw(3))
        process(uow, bounce, inbound(message_id="2@x.example"), ticket.id, Verdict(Kind.BOUNCE, "dsn"))
        process(uow, newsletter, inbound(sender=None, message_id="3@x.example"), None, Verdict(Kind.BULK, "list"))
        listed = uow.messages.machine_mail(10)
        assert [(each.id, each.kind, each.rule) for each in listed] == [
            (newsletter.id, Kind.BULK, "list"),
            (bounce.id, Kind.BOUNCE, "dsn"),
        ]
        assert [(each.ticket_number, each.sender, each.subject) for each in listed] == [
            (None, "", "Help"),
            (ticket.number, SAM.address, "Help"),
        ]
        assert len(uow.messages.machine_mail(1)) == 1


def test_what_was_sent_from_the_mailbox_is_no_machine_mail(database: Database) -> None:
    with database.writing() as uow:
        (sent,) = store_messages(uow, raw())
        process(uow, sent, verdict=SENT_ELSEWHERE)
        assert uow.messages.machine_mail(10) == []


def test_machine_mail_becomes_a_persons(database: Database) -> None:
    with database.writing() as uow:
        (stored,) = store_messages(uow, raw())
        process(uow, stored, verdict=Verdict(Kind.AUTO_REPLY, "auto-submitted"))
        assert uow.tickets.by_message_ids(["first@example.org"]) == []
        uow.messages.reset(stored.id)
        ticket = open_ticket(uow, stored)
        process(uow, stored, ticket_id=ticket.id)
        (view,) = uow.messages.of_ticket(ticket.id)
        assert (view.kind, view.rule) == (Kind.PERSON, "default")
        assert uow.tickets.by_message_ids(["first@example.org"]) == [ticket]
        assert uow.messages.machine_mail(10) == []
