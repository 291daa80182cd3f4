"""Tickets, the events that say what happened to them, and which Message-IDs lead to which ticket."""

from __future__ import annotations

import builtins
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import CTE, bindparam, case, func, insert, select, update

from helpdesk.errors import NotFound
from helpdesk.model.message import Address
from helpdesk.model.staff import Workload
from helpdesk.model.ticket import STAFF, Event, EventKind, HandedOver, Priority, Ticket, TicketState
from helpdesk.store import references
from helpdesk.store.schema import constant, data_key, event, message, message_reference, ticket
from helpdesk.store.transaction import AnyRow, Transaction

# A References field may name any number of messages; the first ones given are the most telling.
_MESSAGE_IDS_AT_MOST = 500

# What the column can hold: PostgreSQL does not look for more, and refuses the question.
_LARGEST_NUMBER = 2**31 - 1

_OPEN = insert(ticket)
_SAVE = (
    update(ticket)
    .where(ticket.c.id == bindparam("row_id"))
    .values(
        state=bindparam("state"),
        priority=bindparam("priority"),
        topic=bindparam("topic"),
        assignee=bindparam("new_assignee"),
        assigned_at=case(
            (ticket.c.assignee.is_not_distinct_from(bindparam("new_assignee")), ticket.c.assigned_at),
            else_=bindparam("updated_at", type_=ticket.c.updated_at.type),
        ),
        updated_at=bindparam("updated_at"),
        answered_at=bindparam("answered_at"),
        closed_at=bindparam("closed_at"),
        spam=bindparam("spam"),
        reminders_paused=bindparam("reminders_paused"),
    )
)

_TICKET = select(ticket, data_key.c.wrapped).outerjoin(data_key, data_key.c.scope_id == ticket.c.id)
_BY_NUMBER = _TICKET.where(ticket.c.number == bindparam("number"))
_BY_ID = _TICKET.where(ticket.c.id == bindparam("row_id"))
_BY_MESSAGE_IDS = (
    _TICKET.add_columns(message_reference.c.message_id_hash)
    .join(message_reference, message_reference.c.ticket_id == ticket.c.id)
    .where(message_reference.c.message_id_hash.in_(bindparam("hashes", expanding=True)))
)
_OF_REQUESTER = (
    _TICKET.where(ticket.c.requester_hash == bindparam("requester_hash"))
    .order_by(ticket.c.number.desc())
    .limit(bindparam("limit"))
)
_PARTICIPANT = (
    select(message.c.id)
    .where(message.c.ticket_id == bindparam("ticket_id"), message.c.sender_hash == bindparam("sender_hash"))
    .limit(1)
)
_IN_STATES = (
    _TICKET.where(ticket.c.state.in_(bindparam("states", expanding=True)))
    .order_by(ticket.c.number.desc())
    .limit(bindparam("limit"))
)
# Named besides, so that closed tickets, which in time are nearly all, need not be read to be passed over.
_NOT_CLOSED_IN_STATES = _IN_STATES.where(ticket.c.state != constant(TicketState.CLOSED))

_OF_ASSIGNEE = _TICKET.where(
    ticket.c.assignee == bindparam("staff_id"),
    ticket.c.state.in_(bindparam("states", expanding=True)),
    ticket.c.state != constant(TicketState.CLOSED),
).order_by(ticket.c.number)

_ADD_EVENT = insert(event)
_EVENTS = (
    select(event, data_key.c.wrapped)
    .outerjoin(data_key, data_key.c.scope_id == event.c.ticket_id)
    .where(event.c.ticket_id == bindparam("ticket_id"))
    .order_by(event.c.id)
)

_HANDED_OVER = (
    select(event.c.ticket_id, event.c.actor)
    .where(event.c.ticket_id.in_(bindparam("ticket_ids", expanding=True)), event.c.kind == constant(EventKind.HANDED_OVER))
    .order_by(event.c.id)
)


def _assignees() -> CTE:
    """Everyone who ever got a ticket, found by a step in the index for each, not by reading every ticket."""
    first = select(func.min(ticket.c.assignee).label("assignee")).where(ticket.c.assignee.is_not(None))
    found = first.cte("assignees", recursive=True)
    following = select(func.min(ticket.c.assignee)).where(ticket.c.assignee > found.c.assignee).scalar_subquery()
    return found.union_all(select(following).where(found.c.assignee.is_not(None)))


_ASSIGNEES = _assignees()
_WORKLOADS = select(
    _ASSIGNEES.c.assignee,
    select(func.count())
    .where(ticket.c.assignee == _ASSIGNEES.c.assignee, ticket.c.state != constant(TicketState.CLOSED))
    .scalar_subquery()
    .label("open_tickets"),
    select(func.max(ticket.c.assigned_at))
    .where(ticket.c.assignee == _ASSIGNEES.c.assignee)
    .scalar_subquery()
    .label("last_assigned_at"),
).where(_ASSIGNEES.c.assignee.is_not(None))


class SqlTickets:
    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        self._workloads: dict[str, Workload] = {}
        self._workloads_at = -1

    # More parameters than five, as the protocol has them: each is a field of the row, and all are named.
    def open(
        self,
        *,
        opened_by: str,
        requester: Address,
        subject: str,
        language: str,
        priority: Priority,
        spam: bool,
        assignee: str | None,
        now: datetime,
    ) -> Ticket:
        """A new ticket in state `new`, topic general, with the next number."""
        transaction, vault, ticket_id = self._transaction, self._transaction.vault, self._transaction.ids.new(now)
        vault.create(ticket_id)
        values = {
            "id": ticket_id,
            "opened_by_message": opened_by,
            "state": TicketState.NEW.value,
            "priority": priority.value,
            "topic": "general",
            "language": language,
            "assignee": assignee,
            "assigned_at": now if assignee else None,
            "opened_at": now,
            "updated_at": now,
            "spam": spam,
            "requester_hash": self._requester_hash(requester.address),
            "requester_address": vault.seal(ticket_id, "ticket.requester_address", requester.address),
            "requester_name": vault.seal(ticket_id, "ticket.requester_name", requester.name),
            "subject": vault.seal(ticket_id, "ticket.subject", subject),
        }
        number = transaction.insert_numbered(_OPEN, values)
        if assignee and self._workloads_at == transaction.undone:
            before = self._workloads.get(assignee, Workload())
            self._workloads[assignee] = Workload(before.open_tickets + 1, now)
        return Ticket(
            id=ticket_id,
            number=number,
            state=TicketState.NEW,
            priority=priority,
            topic="general",
            opened_at=now,
            updated_at=now,
            requester_address=requester.address,
            requester_name=requester.name,
            subject=subject,
            language=language,
            assignee=assignee,
            spam=spam,
        )

    def save(self, ticket: Ticket) -> None:
        """Write what may change: state, priority, topic, assignee, the times but `opened_at`, spam, reminders_paused."""
        values = {
            "row_id": ticket.id,
            "state": ticket.state.value,
            "priority": ticket.priority.value,
            "topic": ticket.topic,
            "new_assignee": ticket.assignee,
            "updated_at": ticket.updated_at,
            "answered_at": ticket.answered_at,
            "closed_at": ticket.closed_at,
            "spam": ticket.spam,
            "reminders_paused": ticket.reminders_paused,
        }
        if not self._transaction.write(_SAVE, values):
            raise NotFound(f"No ticket {ticket.reference} is in the database.")
        self._workloads_at = -1

    def by_number(self, number: int) -> Ticket | None:
        if not 0 < number <= _LARGEST_NUMBER:
            return None
        row = self._transaction.read(_BY_NUMBER, {"number": number}).first()
        return self._ticket(row) if row else None

    def by_id(self, ticket_id: str) -> Ticket | None:
        row = self._transaction.read(_BY_ID, {"row_id": ticket_id}).first()
        return self._ticket(row) if row else None

    def by_message_ids(self, message_ids: Sequence[str]) -> builtins.list[Ticket]:
        """The tickets that these Message-IDs (without brackets) belong to, in the order given, each once."""
        wanted = [references.hash_of(self._transaction, each) for each in message_ids[:_MESSAGE_IDS_AT_MOST]]
        if not wanted:
            return []
        self._transaction.flush()
        rows = {row.message_id_hash: row for row in self._transaction.read(_BY_MESSAGE_IDS, {"hashes": wanted})}
        found = {row.id: row for digest in wanted if (row := rows.get(digest))}
        return [self._ticket(row) for row in found.values()]

    def of_requester(self, address: str, limit: int = 20) -> builtins.list[Ticket]:
        """The tickets whose answers go to this address, newest first."""
        parameters = {"requester_hash": self._requester_hash(address), "limit": limit}
        return [self._ticket(row) for row in self._transaction.read(_OF_REQUESTER, parameters).all()]

    def has_participant(self, ticket_id: str, address: str) -> bool:
        """Whether a message on this ticket came from this address."""
        parameters = {"ticket_id": ticket_id, "sender_hash": self._requester_hash(address)}
        return self._transaction.read(_PARTICIPANT, parameters).first() is not None

    def add_events(self, ticket_id: str, events: Sequence[Event]) -> builtins.list[str]:
        """Append events; returns their ids, in order."""
        ids = [self._transaction.ids.new(each.at) for each in events]
        for event_id, each in zip(ids, events, strict=True):
            row = {
                "ticket_id": ticket_id,
                "id": event_id,
                "kind": each.kind.value,
                "at": each.at,
                "actor": each.actor,
                "why": self._transaction.vault.seal(ticket_id, "event.why", each.why),
                "message_id": each.message_id,
            }
            self._transaction.write_later(_ADD_EVENT, row)
        return ids

    def events(self, ticket_id: str) -> builtins.list[Event]:
        """Everything that happened to the ticket, in order."""
        self._transaction.flush()
        return [self._event(row) for row in self._transaction.read(_EVENTS, {"ticket_id": ticket_id}).all()]

    def workloads(self) -> Mapping[str, Workload]:
        """How many tickets that are not closed each staff member has, and when they last got one, closed or not."""
        # Asked for with every mail of a batch: counted once in a transaction, unless a part of it was undone.
        if self._workloads_at != self._transaction.undone:
            rows = self._transaction.read(_WORKLOADS)
            self._workloads = {row.assignee: Workload(row.open_tickets, row.last_assigned_at) for row in rows}
            self._workloads_at = self._transaction.undone
        return dict(self._workloads)

    def of_assignee(self, staff_id: str, states: Sequence[TicketState]) -> builtins.list[Ticket]:
        """Their tickets in these states, oldest first; never one that is closed."""
        parameters = {"staff_id": staff_id, "states": [state.value for state in states]}
        return [self._ticket(row) for row in self._transaction.read(_OF_ASSIGNEE, parameters).all()]

    def handed_over(self, ticket_ids: Sequence[str]) -> builtins.list[HandedOver]:
        """Who gave up which of these tickets for a leave, in order."""
        self._transaction.flush()
        rows = self._transaction.read(_HANDED_OVER, {"ticket_ids": list(ticket_ids)})
        return [HandedOver(row.ticket_id, row.actor.removeprefix(STAFF)) for row in rows]

    def list(self, states: Sequence[TicketState], limit: int) -> builtins.list[Ticket]:
        """Tickets in these states, newest first."""
        statement = _IN_STATES if TicketState.CLOSED in states else _NOT_CLOSED_IN_STATES
        parameters = {"states": [state.value for state in states], "limit": limit}
        return [self._ticket(row) for row in self._transaction.read(statement, parameters).all()]

    def _requester_hash(self, address: str) -> bytes:
        return self._transaction.hash_of_address(address)

    def _ticket(self, row: AnyRow) -> Ticket:
        vault = self._transaction.vault
        vault.learn(row.id, row.wrapped)
        return Ticket(
            id=row.id,
            number=row.number,
            state=TicketState(row.state),
            priority=Priority(row.priority),
            topic=row.topic,
            opened_at=row.opened_at,
            updated_at=row.updated_at,
            requester_address=vault.read_text(row.id, "ticket.requester_address", row.requester_address),
            requester_name=vault.read_text(row.id, "ticket.requester_name", row.requester_name),
            subject=vault.read_text(row.id, "ticket.subject", row.subject),
            language=row.language,
            assignee=row.assignee,
            answered_at=row.answered_at,
            closed_at=row.closed_at,
            spam=row.spam,
            reminders_paused=row.reminders_paused,
        )

    def _event(self, row: AnyRow) -> Event:
        self._transaction.vault.learn(row.ticket_id, row.wrapped)
        why = self._transaction.vault.read_text(row.ticket_id, "event.why", row.why)
        return Event(EventKind(row.kind), row.at, row.actor, why, row.message_id)
