"""What waits for staff, and what reached nobody: what reminders and the morning digest ask. Reads only, and unseals nothing."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from sqlalchemy import and_, bindparam, case, exists, func, or_, select, text

from helpdesk.core.remind import STEPS
from helpdesk.model.delivery import ACKNOWLEDGEMENTS, DeliveryState, Purpose
from helpdesk.model.reminder import Step, StoppedMail, WaitingTicket
from helpdesk.model.ticket import EventKind, Priority, TicketState
from helpdesk.store.schema import attempt, constant, delivery, event, ticket, unreachable
from helpdesk.store.transaction import AnyRow, Transaction

# In the words of the index `ix_ticket_waiting`, so that junk and what was answered are not read to be passed over.
_WAITS = and_(
    ticket.c.state.in_((constant(TicketState.NEW), constant(TicketState.OPEN))),
    text("NOT ticket.spam"),
)
_OPENED = ticket.c.opened_at <= bindparam("opened_by")
_GOT_OURS = exists().where(
    delivery.c.ticket_id == ticket.c.id,
    delivery.c.recipient_hash == ticket.c.requester_hash,
    delivery.c.state == constant(DeliveryState.SENT),
    or_(*(delivery.c.purpose == constant(purpose) for purpose in ACKNOWLEDGEMENTS)),
)
_COMES_BACK = exists().where(unreachable.c.address_hash == ticket.c.requester_hash)
_TICKETS = (
    select(
        ticket.c.id,
        ticket.c.number,
        ticket.c.state,
        ticket.c.priority,
        ticket.c.assignee,
        ticket.c.opened_at,
        ticket.c.answered_at,
        ticket.c.reminders_paused,
        and_(_GOT_OURS, ~_COMES_BACK).label("reached"),
    )
    .where(_WAITS, _OPENED)
    .order_by(ticket.c.number)
)
_STEPS = (
    select(event.c.ticket_id, event.c.id, event.c.kind, event.c.at)
    # Joined, SQLite would read every event that there is, in the order wanted, and look for its ticket.
    .where(
        event.c.ticket_id.in_(select(ticket.c.id).where(_WAITS, _OPENED)),
        or_(*(event.c.kind == constant(kind) for kind in sorted(STEPS))),
    )
    .order_by(event.c.ticket_id, event.c.id)
)
_LAST_TRY = select(func.max(attempt.c.at)).where(attempt.c.delivery_id == delivery.c.id).correlate(delivery).scalar_subquery()
_STOPPED_AT = case(
    (delivery.c.state == constant(DeliveryState.HELD), delivery.c.held_at),
    else_=func.coalesce(_LAST_TRY, delivery.c.created_at, type_=delivery.c.created_at.type),
)
_STOPPED = (
    select(delivery.c.id, delivery.c.purpose, delivery.c.state, ticket.c.number, _STOPPED_AT.label("stopped_at"))
    .outerjoin(ticket, ticket.c.id == delivery.c.ticket_id)
    .where(
        delivery.c.state != constant(DeliveryState.SENT),
        or_(delivery.c.state == constant(DeliveryState.HELD), delivery.c.state == constant(DeliveryState.FAILED)),
        bindparam("since", type_=delivery.c.created_at.type) <= _STOPPED_AT,
        bindparam("until", type_=delivery.c.created_at.type) > _STOPPED_AT,
    )
    .order_by(delivery.c.id)
)
_JUNK = (
    select(func.count())
    .select_from(ticket)
    .where(
        ticket.c.state != constant(TicketState.CLOSED),
        ticket.c.spam,
        ticket.c.opened_at >= bindparam("since"),
        ticket.c.opened_at < bindparam("until"),
    )
)
_ALERTS = select(delivery.c.cause).where(
    delivery.c.purpose == constant(Purpose.ADMIN_ALERT),
    delivery.c.created_at >= bindparam("since"),
    delivery.c.created_at < bindparam("until"),
)


class SqlWaiting:
    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def tickets(self, opened_by: datetime) -> list[WaitingTicket]:
        """The tickets that were opened by then, wait for us and are no junk, by number, each with its steps."""
        self._transaction.flush()
        steps: defaultdict[str, list[Step]] = defaultdict(list)
        for row in self._transaction.read(_STEPS, {"opened_by": opened_by}):
            steps[row.ticket_id].append(Step(row.id, EventKind(row.kind), row.at))
        return [_ticket(row, tuple(steps[row.id])) for row in self._transaction.read(_TICKETS, {"opened_by": opened_by})]

    def stopped(self, since: datetime, until: datetime) -> list[StoppedMail]:
        """The mails that are held or have failed for good, from `since` on and before `until`."""
        self._transaction.flush()
        return [
            StoppedMail(row.id, Purpose(row.purpose), DeliveryState(row.state), row.number, row.stopped_at)
            for row in self._transaction.read(_STOPPED, {"since": since, "until": until})
        ]

    def junk(self, since: datetime, until: datetime) -> int:
        """How many tickets were opened in that time by what was filed as junk, and are so still."""
        count: int = self._transaction.read(_JUNK, {"since": since, "until": until}).scalar_one()
        return count

    def alerts(self, since: datetime, until: datetime) -> set[str]:
        """The causes of all alerts that were written in that time."""
        return {row.cause for row in self._transaction.read(_ALERTS, {"since": since, "until": until})}


def _ticket(row: AnyRow, steps: tuple[Step, ...]) -> WaitingTicket:
    return WaitingTicket(
        id=row.id,
        number=row.number,
        state=TicketState(row.state),
        priority=Priority(row.priority),
        assignee=row.assignee,
        opened_at=row.opened_at,
        answered_at=row.answered_at,
        paused=row.reminders_paused,
        reached=bool(row.reached),
        steps=steps,
    )
