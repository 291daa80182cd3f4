"""What a mail to a staff member lets its reader do is found by its token, and the token itself is nowhere."""

from __future__ import annotations

from dataclasses import replace

from helpdesk.model.delivery import Answerable, NewDelivery
from helpdesk.model.staff import StaffToken
from helpdesk.store.database import Database
from tests.store.files import sql
from tests.store.samples import HOUR, NOW, letter, write_in

TOKEN = "0123456789abcdef0123456789abcdef"


def answerable(ticket_id: str) -> NewDelivery:
    return letter(ticket_id, message_id=f"{TOKEN}@desk.example.org", answerable=Answerable("ann", NOW + HOUR))


def test_token_leads_to_what_it_is_bound_to_whatever_its_spelling(database: Database) -> None:
    with database.writing() as uow:
        ticket = write_in(uow).ticket
        delivery_id = uow.outbox.add(answerable(ticket.id), NOW)
        assert delivery_id is not None
        bound = StaffToken("ann", ticket.id, delivery_id, NOW, NOW + HOUR)
        assert uow.tokens.find(TOKEN) == bound
        assert uow.tokens.find(TOKEN.upper()) == bound
        assert uow.tokens.find(TOKEN[::-1]) is None


def test_mail_that_is_there_already_adds_no_second_token(database: Database) -> None:
    with database.writing() as uow:
        ticket = write_in(uow).ticket
        uow.outbox.add(answerable(ticket.id), NOW)
        assert uow.outbox.add(replace(answerable(ticket.id), message_id=f"{TOKEN[::-1]}@desk.example.org"), NOW) is None
        assert uow.tokens.find(TOKEN[::-1]) is None


def test_token_is_not_stored_readable(database: Database, url: str) -> None:
    with database.writing() as uow:
        uow.outbox.add(answerable(write_in(uow).ticket.id), NOW)
        uow.commit()
    (row,) = sql(url, "SELECT token_hash FROM staff_token")
    assert TOKEN.encode() not in bytes(row[0])
    assert bytes.fromhex(TOKEN) not in bytes(row[0])
