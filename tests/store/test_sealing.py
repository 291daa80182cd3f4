"""Nothing that anybody wrote, and no name or address, stands readable in the database or beside it."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import make_url

from helpdesk.model.delivery import Attempt, DeliveryState, NewDelivery, Outcome, Purpose
from helpdesk.model.message import Address, InboundMessage, Kind, MessageState, Verdict
from helpdesk.model.ticket import Event, EventKind, Priority, TicketState
from helpdesk.store.database import Database, open_database
from helpdesk.store.unit_of_work import SqlUnitOfWork
from tests.servers.postgres import Postgres
from tests.store.files import path_of, sql
from tests.store.samples import HOUR, NOW, PERSON, SECRET, raw, start_mailbox
from tests.store.spying import found_in

# What is planted, each in the field that its end names.
WORDS = {
    field: f"geheimwort{field}"
    for field in (
        "header",
        "body",
        "messageid",
        "sendername",
        "senderlocal",
        "senderdomain",
        "subject",
        "alltext",
        "newtext",
        "digestpart",
        "requestername",
        "requesterlocal",
        "requesterdomain",
        "ticketsubject",
        "eventwhy",
        "recipientlocal",
        "recipientdomain",
        "envelopelocal",
        "ourmessageid",
        "lettercontent",
        "replacedcontent",
        "heldbecause",
        "heldlater",
        "serveranswer",
        "failure",
        "asked",
    )
}
SENDER = Address(WORDS["sendername"], f"{WORDS['senderlocal']}@{WORDS['senderdomain']}.example")
REQUESTER = Address(WORDS["requestername"], f"{WORDS['requesterlocal']}@{WORDS['requesterdomain']}.example")
RECIPIENT = f"{WORDS['recipientlocal']}@{WORDS['recipientdomain']}.example"
RAW = f"Subject: {WORDS['header']}\r\n\r\n{WORDS['body']}\r\n".encode()
MESSAGE = InboundMessage(
    message_id=f"{WORDS['messageid']}@x.example",
    sender=SENDER,
    subject=WORDS["subject"],
    text=WORDS["alltext"],
    new_text=WORDS["newtext"],
)
PARTS = (WORDS["digestpart"], WORDS["messageid"], SENDER.address)
LETTER = NewDelivery(
    cause="message:1",
    purpose=Purpose.ACKNOWLEDGEMENT,
    ticket_id=None,
    message_id=f"{WORDS['ourmessageid']}@desk.example",
    envelope_sender=f"{WORDS['envelopelocal']}@desk.example",
    recipient=RECIPIENT,
    content=WORDS["lettercontent"].encode() * 3,
    names_opening_at=NOW,
)


@pytest.fixture
def url(file_url: str) -> str:
    """Files can be searched; what a server writes is looked at in a test of its own."""
    return file_url


def take_in(uow: SqlUnitOfWork) -> None:
    mailbox = start_mailbox(uow)
    first, second, third, _ = uow.messages.add(mailbox.id, [raw(uid, RAW) for uid in range(1, 5)], NOW)
    ticket = uow.tickets.open(
        opened_by=first.id,
        requester=REQUESTER,
        subject=WORDS["ticketsubject"],
        language="en",
        priority=Priority.NORMAL,
        spam=False,
        assignee="mike",
        now=NOW,
    )
    uow.messages.record_processed(first, MESSAGE, PERSON, digest_parts=PARTS, ticket_id=ticket.id, now=NOW)
    uow.messages.record_duplicate(second, first.id, NOW)
    uow.messages.record_failure(third.id, WORDS["failure"], "ValueError at parse.py:1", quarantine=True, now=NOW)
    uow.tickets.add_events(ticket.id, [Event(EventKind.OPENED, NOW, "requester", WORDS["eventwhy"], first.id)])
    uow.outbox.add(replace(LETTER, ticket_id=ticket.id), NOW)
    uow.outbox.add(replace(LETTER, cause="message:2", ticket_id=ticket.id, held_because=WORDS["heldbecause"]), NOW)
    uow.outbox.add(replace(LETTER, cause="day:2026-11-02", purpose=Purpose.ADMIN_ALERT), NOW)
    uow.tickets.save(replace(ticket, state=TicketState.OPEN))


def send(uow: SqlUnitOfWork) -> None:
    for delivery in uow.outbox.stale(NOW, NOW):
        uow.outbox.replace_content(delivery.id, WORDS["replacedcontent"].encode(), NOW + HOUR)
    answer = Attempt(Outcome.PERMANENT, 550, f"no such mailbox: {WORDS['serveranswer']}")
    for delivery in uow.outbox.claim(NOW, timedelta(minutes=2), 10, 7):
        uow.outbox.record(delivery, answer, DeliveryState.FAILED, None, NOW)
        uow.outbox.hold(delivery.id, WORDS["heldlater"], NOW)


def ask(uow: SqlUnitOfWork) -> list[object]:
    asked = f"{WORDS['asked']}@{WORDS['asked']}.example"
    ticket = uow.tickets.of_requester(REQUESTER.address)[0]
    return [
        ticket,
        uow.messages.get(uow.messages.find_twin(PARTS) or ""),
        uow.messages.same_text(WORDS["asked"], WORDS["asked"], NOW, NOW, NOW),
        uow.tickets.by_message_ids([MESSAGE.message_id or "", asked]),
        uow.tickets.has_participant(ticket.id, asked),
        uow.tickets.events(ticket.id),
        uow.outbox.sent_to(asked, [Purpose.ACKNOWLEDGEMENT], NOW),
        uow.outbox.acknowledged_on(ticket.id),
        uow.outbox.list(list(DeliveryState), 10),
        uow.messages.quarantined(),
        uow.messages.of_ticket(ticket.id),
    ]


def make_it_a_persons(uow: SqlUnitOfWork) -> None:
    ticket = uow.tickets.of_requester(REQUESTER.address)[0]
    mailbox = uow.mailboxes.find("info@example.org", "INBOX")
    assert mailbox is not None
    (last,) = uow.messages.unprocessed(mailbox.id, 1)
    uow.messages.record_processed(last, MESSAGE, Verdict(Kind.BULK, "list"), digest_parts=PARTS, ticket_id=None, now=NOW)
    assert len(uow.messages.machine_mail(10)) == 1
    uow.messages.reset(last.id)
    uow.messages.record_processed(last, MESSAGE, PERSON, digest_parts=PARTS, ticket_id=ticket.id, now=NOW)
    uow.messages.reset(uow.messages.quarantined()[0].id)


def test_no_planted_word_is_found_in_any_file(database: Database, url: str) -> None:
    folder = path_of(url).parent
    for work in (take_in, send, ask, make_it_a_persons):
        with database.writing() as uow:
            work(uow)
            assert found_in(folder, WORDS.values()) == set(), f"during {work.__name__}"
            uow.commit()
        assert found_in(folder, WORDS.values()) == set(), f"after {work.__name__}"
    assert (folder / "helpdesk.db-wal").stat().st_size > 0
    database.close()
    assert found_in(folder, WORDS.values()) == set()
    assert path_of(url).stat().st_size > 0


def test_no_planted_word_is_found_in_any_file_of_the_server(postgres: Postgres, postgres_url: str) -> None:
    database = open_database(postgres_url, SECRET)
    for work in (take_in, send, ask, make_it_a_persons):
        with database.writing() as uow:
            work(uow)
            uow.commit()
    database.close()
    postgres.execute("CHECKPOINT")
    (number,) = postgres.execute("SELECT oid FROM pg_database WHERE datname = %s", make_url(postgres_url).database)[0]
    tables, log = postgres.directory / "data" / "base" / str(number), postgres.directory / "data" / "pg_wal"
    assert found_in(tables, [*WORDS.values(), "acknowledgement"]) == {"acknowledgement"}, "or it looked in the wrong files"
    assert found_in(log, WORDS.values()) == set()


def test_planted_words_were_all_stored(database: Database) -> None:
    """Else the test above would look for what was never there."""
    for work in (take_in, send):
        with database.writing() as uow:
            work(uow)
            uow.commit()
    with database.reading() as uow:
        ticket = uow.tickets.of_requester(REQUESTER.address)[0]
        (view,) = uow.messages.of_ticket(ticket.id)
        stored = uow.messages.raw(view.id)
        assert stored is not None
        shown = [ticket.requester_address, ticket.requester_name, ticket.subject, uow.tickets.events(ticket.id)[0].why]
        assert view.sender is not None
        shown += [view.sender.name, view.sender.address, view.subject, view.new_text, view.message_id or ""]
        shown += [stored.raw.raw.decode(), uow.messages.quarantined()[0].error]
        for row in uow.outbox.list(list(DeliveryState), 10):
            shown += [row.recipient, row.last_answer]
        assert uow.messages.find_twin(PARTS) == view.id
        assert uow.messages.same_text(f"{WORDS['senderdomain']}.example", WORDS["alltext"], NOW, NOW, NOW).in_all == 1
        assert uow.tickets.by_message_ids([LETTER.message_id]) == [ticket]
        assert uow.messages.count(MessageState.DUPLICATE) == 1
    only_hashed_or_not_shown = {"alltext", "digestpart", "ourmessageid", "asked"}
    only_hashed_or_not_shown |= {"lettercontent", "replacedcontent", "envelopelocal", "heldbecause", "heldlater"}
    assert {field for field, word in WORDS.items() if word not in "\n".join(shown)} == only_hashed_or_not_shown


@pytest.mark.parametrize("column", ["message.rule", "delivery.cause", "event.actor", "ticket.topic"])
def test_search_finds_a_word_in_a_column_that_is_not_sealed(database: Database, url: str, column: str) -> None:
    with database.writing() as uow:
        take_in(uow)
        uow.commit()
    table, _, name = column.partition(".")
    sql(url, f"UPDATE {table} SET {name} = {name} || ?", WORDS["asked"])  # noqa: S608 - names from the table above
    assert found_in(path_of(url).parent, WORDS.values()) == {WORDS["asked"]}


@pytest.mark.parametrize(
    "leak",
    [
        lambda word: word,
        lambda word: word.upper(),
        lambda word: word.encode("utf-16-le"),
        lambda word: word.encode("utf-16-be"),
        lambda word: word.encode().hex(),
        lambda word: base64.b64encode(word.encode()),
        lambda word: base64.b64encode(b"x" + word.encode() + b"x"),
        lambda word: base64.b64encode(b"xy" + word.encode() + b"xy"),
        lambda word: base64.urlsafe_b64encode(b"~~~" + word.encode("utf-16-le")),
    ],
    ids=["plain", "upper", "utf-16-le", "utf-16-be", "hex", "base64", "base64 +1", "base64 +2", "base64 of utf-16"],
)
def test_search_finds_every_form_in_a_file_beside_the_database(
    database: Database, url: str, leak: Callable[[str], str | bytes]
) -> None:
    leaked = leak(WORDS["body"])
    scratch = path_of(url).parent / "helpdesk.db-journal-of-somebody"
    scratch.write_bytes(b"\x00\x01" + (leaked.encode() if isinstance(leaked, str) else leaked) + b"\x02")
    assert found_in(path_of(url).parent, WORDS.values()) == {WORDS["body"]}


def test_keys_stand_nowhere_readable(database: Database, url: str) -> None:
    with database.writing() as uow:
        take_in(uow)
        uow.commit()
    keys = {database._secrets.lookup, database._secrets.token, SECRET}
    database.close()
    content = path_of(url).read_bytes()
    assert not [key for key in keys if key in content or key.hex().encode() in content]


def test_same_words_look_different_in_two_databases(tmp_path: Path) -> None:
    hashes = []
    for name in ("one", "two"):
        database = open_database(f"sqlite:///{tmp_path / name}.db", SECRET, create=True)
        with database.writing() as uow:
            take_in(uow)
            uow.commit()
        database.close()
        hashes += sql(f"sqlite:///{tmp_path / name}.db", "SELECT requester_hash FROM ticket")
    assert len(set(hashes)) == 2
