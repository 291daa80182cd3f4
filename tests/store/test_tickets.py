"""Tickets: numbers, states, who has how many, and how a mail finds the one it belongs to."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import pytest

from helpdesk.errors import NotFound
from helpdesk.model.message import Address
from helpdesk.model.staff import Workload
from helpdesk.model.ticket import Event, EventKind, HandedOver, Priority, TicketState
from helpdesk.store.database import Database
from helpdesk.store.faults import RowRefused
from tests.store.files import sql
from tests.store.samples import (
    HOUR,
    NOW,
    SAM,
    inbound,
    letter,
    open_ticket,
    process,
    raw,
    store_messages,
    write_in,
    write_in_once,
)


def test_new_ticket_is_as_the_protocol_says(database: Database) -> None:
    ticket = write_in_once(database).ticket
    assert (ticket.number, ticket.state, ticket.priority, ticket.topic) == (1001, TicketState.NEW, Priority.NORMAL, "general")
    assert (ticket.requester_address, ticket.requester_name, ticket.subject) == (SAM.address, SAM.name, "Help")
    with database.reading() as uow:
        assert uow.tickets.by_number(1001) == ticket
        assert uow.tickets.by_number(1002) is None


def test_numbers_go_up_and_are_never_given_twice(database: Database, url: str) -> None:
    with database.writing() as uow:
        assert [write_in(uow, uid).ticket.number for uid in (1, 2)] == [1001, 1002]
        uow.commit()
    sql(url, "DELETE FROM message_reference")
    sql(url, "UPDATE message SET ticket_id = NULL")
    sql(url, "DELETE FROM ticket")
    with database.writing() as uow:
        assert write_in(uow, 3).ticket.number == 1003


def test_one_message_opens_one_ticket(database: Database) -> None:
    with database.writing() as uow:
        written = write_in(uow)
        with pytest.raises(RowRefused, match="opened_by_message"):
            open_ticket(uow, written.stored)


def test_saved_changes_come_back(database: Database) -> None:
    with database.writing() as uow:
        changed = replace(
            write_in(uow).ticket,
            state=TicketState.CLOSED,
            priority=Priority.URGENT,
            topic="leaving",
            assignee="mike",
            updated_at=NOW + HOUR,
            answered_at=NOW,
            closed_at=NOW + HOUR,
            spam=True,
            reminders_paused=True,
        )
        uow.tickets.save(changed)
        assert uow.tickets.by_number(changed.number) == changed


def test_saving_an_unknown_ticket_is_refused(database: Database) -> None:
    with database.writing() as uow, pytest.raises(NotFound, match="EHT-1001"):
        uow.tickets.save(replace(write_in(uow).ticket, id="unknown"))


def test_message_ids_lead_to_tickets_in_the_order_given(database: Database) -> None:
    with database.writing() as uow:
        first, second = write_in(uow, 1), write_in(uow, 2, inbound(message_id="second@example.org"))
        uow.outbox.add(letter(first.ticket.id, message_id="ours@desk.example.org"), NOW)
        wanted = ["unknown@x.example", "second@example.org", "ours@desk.example.org", "first@example.org"]
        assert uow.tickets.by_message_ids(wanted) == [second.ticket, first.ticket]
        assert uow.tickets.by_message_ids([]) == []


def test_message_id_belongs_to_whom_it_was_first(database: Database) -> None:
    with database.writing() as uow:
        first = write_in(uow, 1)
        write_in(uow, 2, inbound(message_id="first@example.org"))
        assert uow.tickets.by_message_ids(["first@example.org"]) == [first.ticket]


def test_endless_references_are_cut(database: Database) -> None:
    with database.writing() as uow:
        ticket = write_in(uow).ticket
        many = [f"{number}@x.example" for number in range(40_000)]
        assert uow.tickets.by_message_ids(["first@example.org", *many]) == [ticket]


def test_tickets_of_a_requester_newest_first(database: Database) -> None:
    with database.writing() as uow:
        first, second = write_in(uow, 1), write_in(uow, 2, inbound(message_id="2@x.example"))
        write_in(uow, 3, inbound(Address("Ann", "ann@example.org"), "3@x.example"))
        assert uow.tickets.of_requester("SAM@Example.ORG") == [second.ticket, first.ticket]
        assert uow.tickets.of_requester(SAM.address, limit=1) == [second.ticket]
        assert uow.tickets.of_requester("nobody@example.org") == []


def test_participants_are_those_who_wrote_on_the_ticket(database: Database) -> None:
    with database.writing() as uow:
        ticket = write_in(uow, 1).ticket
        (follow_up,) = store_messages(uow, raw(2))
        process(uow, follow_up, inbound(Address("Ann", "ann@example.org"), "2@x.example"), ticket.id)
        assert uow.tickets.has_participant(ticket.id, "Ann@example.org")
        assert uow.tickets.has_participant(ticket.id, SAM.address)
        assert not uow.tickets.has_participant(ticket.id, "other@example.org")


def test_events_keep_their_order_and_ids(database: Database) -> None:
    with database.writing() as uow:
        written = write_in(uow)
        events = [
            Event(EventKind.OPENED, NOW, "requester", "default", written.stored.id),
            Event(EventKind.ACKNOWLEDGED, NOW, "worker", "first mail of a person"),
            Event(EventKind.ASSIGNED, NOW, "worker", "Mike: knows this person"),
        ]
        ids = uow.tickets.add_events(written.ticket.id, events[:2]) + uow.tickets.add_events(written.ticket.id, events[2:])
        assert uow.tickets.add_events(written.ticket.id, []) == []
        assert uow.tickets.events(written.ticket.id) == events
    assert ids == sorted(set(ids))
    assert len(ids) == 3


def test_event_of_an_unknown_message_is_refused(database: Database) -> None:
    with database.writing() as uow:
        ticket = write_in(uow).ticket
        uow.tickets.add_events(ticket.id, [Event(EventKind.OPENED, NOW, "worker", message_id="unknown")])
        with pytest.raises(RowRefused, match=r"FOREIGN KEY|fk_event_message"):
            uow.commit()


def test_workloads_count_what_is_not_closed(database: Database) -> None:
    with database.writing() as uow:
        tickets = [write_in(uow, uid, assignee=staff).ticket for uid, staff in enumerate(["ann", "mike", "mike", None], 1)]
        uow.tickets.save(replace(tickets[1], state=TicketState.CLOSED, closed_at=NOW))
        uow.tickets.save(replace(tickets[2], assignee="zoe", updated_at=NOW + HOUR))
        uow.commit()
    with database.reading() as uow:
        assert uow.tickets.workloads() == {"ann": Workload(1, NOW), "mike": Workload(0, NOW), "zoe": Workload(1, NOW + HOUR)}


def test_last_assignment_is_remembered_when_everything_is_closed(database: Database) -> None:
    with database.writing() as uow:
        ticket = write_in(uow, assignee="mike").ticket
        uow.tickets.save(replace(ticket, state=TicketState.CLOSED, updated_at=NOW + HOUR))
        assert uow.tickets.workloads() == {"mike": Workload(0, NOW)}


def test_saving_without_a_new_assignee_is_no_assignment(database: Database) -> None:
    with database.writing() as uow:
        ticket = write_in(uow, assignee="mike").ticket
        uow.tickets.save(replace(ticket, state=TicketState.OPEN, updated_at=NOW + HOUR))
        assert uow.tickets.workloads() == {"mike": Workload(1, NOW)}


def test_workloads_follow_what_this_transaction_does(database: Database) -> None:
    with database.writing() as uow:
        assert uow.tickets.workloads() == {}
        ticket = write_in(uow, 1, assignee="mike").ticket
        write_in(uow, 2)
        assert uow.tickets.workloads() == {"mike": Workload(1, NOW)}
        write_in(uow, 3, assignee="mike")
        assert uow.tickets.workloads() == {"mike": Workload(2, NOW)}
        uow.tickets.save(replace(ticket, state=TicketState.CLOSED))
        assert uow.tickets.workloads() == {"mike": Workload(1, NOW)}
        with suppress(KeyError), uow.savepoint():
            write_in(uow, 4, assignee="ann")
            assert set(uow.tickets.workloads()) == {"ann", "mike"}
            raise KeyError
        assert uow.tickets.workloads() == {"mike": Workload(1, NOW)}


def test_somebodys_tickets_in_the_states_asked_for_oldest_first(database: Database) -> None:
    with database.writing() as uow:
        tickets = [write_in(uow, uid, assignee=staff).ticket for uid, staff in enumerate(["ann", "ann", "mike", "ann"], 1)]
        uow.tickets.save(replace(tickets[1], state=TicketState.OPEN))
        uow.tickets.save(replace(tickets[3], state=TicketState.CLOSED))
        waiting = (TicketState.NEW, TicketState.OPEN, TicketState.CLOSED)
        assert [ticket.number for ticket in uow.tickets.of_assignee("ann", waiting)] == [1001, 1002]
        assert uow.tickets.of_assignee("ann", (TicketState.PENDING,)) == []


def test_who_handed_over_which_ticket_is_known_in_order(database: Database) -> None:
    with database.writing() as uow:
        first, second = (write_in(uow, uid).ticket.id for uid in (1, 2))
        for ticket_id, staff_id in ((first, "ann"), (second, "zoe"), (first, "mike")):
            uow.tickets.add_events(ticket_id, [Event(EventKind.HANDED_OVER, NOW, f"staff:{staff_id}", "away")])
            uow.tickets.add_events(ticket_id, [Event(EventKind.ASSIGNED, NOW, "worker", "next")])
        assert uow.tickets.handed_over([first]) == [HandedOver(first, "ann"), HandedOver(first, "mike")]
        assert uow.tickets.handed_over([]) == []


def test_list_shows_the_states_asked_for_newest_first(database: Database) -> None:
    with database.writing() as uow:
        tickets = [write_in(uow, uid).ticket for uid in range(1, 5)]
        closed = replace(tickets[0], state=TicketState.CLOSED)
        waiting = replace(tickets[2], state=TicketState.PENDING)
        uow.tickets.save(closed)
        uow.tickets.save(waiting)
        assert uow.tickets.list([TicketState.NEW, TicketState.PENDING], 10) == [tickets[3], waiting, tickets[1]]
        assert uow.tickets.list([TicketState.NEW], 1) == [tickets[3]]
        assert uow.tickets.list([TicketState.CLOSED], 10) == [closed]
        assert uow.tickets.list(list(TicketState), 2) == [tickets[3], waiting]
        assert uow.tickets.list([], 10) == []


@pytest.mark.parametrize(("column", "value"), [("state", "lost"), ("priority", "so-so")])
def test_unknown_states_are_refused(database: Database, url: str, column: str, value: str) -> None:
    write_in_once(database)
    with pytest.raises(Exception, match=f"ck_ticket_{column}"):
        sql(url, f"UPDATE ticket SET {column} = ?", value)  # noqa: S608 - a name from the table above


def test_erased_ticket_reads_as_empty(database: Database, url: str) -> None:
    with database.writing() as uow:
        ticket = write_in(uow).ticket
        uow.tickets.add_events(ticket.id, [Event(EventKind.OPENED, NOW, "requester", "default")])
        uow.commit()
    sql(url, "DELETE FROM data_key WHERE scope_id = ?", ticket.id)
    with database.reading() as uow:
        assert uow.tickets.by_number(1001) == replace(ticket, requester_address="", requester_name="", subject="")
        assert uow.tickets.events(ticket.id)[0].why == ""
