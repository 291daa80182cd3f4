"""What is counted and shown of the outbox. Reads only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache

from sqlalchemy import Select, and_, bindparam, case, func, or_, select

from helpdesk.model.delivery import ACKNOWLEDGEMENTS, Acknowledged, DeliveryState, OutboxRow, Purpose
from helpdesk.store.schema import attempt, constant, data_key, delivery, ticket
from helpdesk.store.transaction import AnyRow, Transaction

_ACKNOWLEDGED = (
    select(delivery.c.id, delivery.c.scope_id, delivery.c.purpose, delivery.c.recipient, delivery.c.created_at)
    .add_columns(data_key.c.wrapped)
    .outerjoin(data_key, data_key.c.scope_id == delivery.c.scope_id)
    .where(
        delivery.c.ticket_id == bindparam("ticket_id"),
        delivery.c.state != constant(DeliveryState.FAILED),
        or_(*(delivery.c.purpose == constant(purpose) for purpose in ACKNOWLEDGEMENTS)),
    )
    .order_by(delivery.c.id)
)
_IS_HELD = delivery.c.state == constant(DeliveryState.HELD)
_LAST_ATTEMPT = (
    select(func.max(attempt.c.id)).where(attempt.c.delivery_id == delivery.c.id).correlate(delivery).scalar_subquery()
)
_ROWS = (
    select(
        delivery.c.id,
        delivery.c.scope_id,
        delivery.c.state,
        delivery.c.purpose,
        delivery.c.recipient,
        delivery.c.attempts,
        delivery.c.created_at,
        delivery.c.next_attempt_at,
        delivery.c.sent_at,
        ticket.c.number,
        data_key.c.wrapped,
        delivery.c.held_because,
        attempt.c.code.label("last_code"),
        attempt.c.detail.label("last_answer"),
    )
    .outerjoin(attempt, and_(attempt.c.delivery_id == delivery.c.id, attempt.c.id == _LAST_ATTEMPT))
    .outerjoin(ticket, ticket.c.id == delivery.c.ticket_id)
    .outerjoin(data_key, data_key.c.scope_id == delivery.c.scope_id)
    .order_by(delivery.c.id.desc())
    .limit(bindparam("limit"))
)
# One for each state, so that the few that are stuck are found without reading the many that were sent.
_IN_STATE = {
    state: _ROWS.where(delivery.c.state == constant(state), delivery.c.state != constant(DeliveryState.SENT))
    for state in DeliveryState
} | {DeliveryState.SENT: _ROWS.where(delivery.c.state == constant(DeliveryState.SENT))}
# One that a person has let go waits since then, however long it was held; a reply that its author may still take back does
# not wait for a server yet.
_WAITS_SINCE = case(
    (and_(delivery.c.purpose == constant(Purpose.REPLY), delivery.c.attempts == 0), delivery.c.next_attempt_at),
    else_=func.coalesce(delivery.c.held_at, delivery.c.created_at, type_=delivery.c.created_at.type),
)
_OLDEST = select(func.min(_WAITS_SINCE)).where(
    delivery.c.state == constant(DeliveryState.PENDING),
    delivery.c.created_at <= bindparam("now"),
    bindparam("now", type_=delivery.c.created_at.type) >= _WAITS_SINCE,
)
_COUNTS = (
    select(delivery.c.state, func.count().label("number"))
    .where(delivery.c.state != constant(DeliveryState.SENT))
    .group_by(delivery.c.state)
)


def acknowledged_on(transaction: Transaction, ticket_id: str) -> list[Acknowledged]:
    """Every acknowledgement on a ticket, oldest first; held ones count, since they may still go."""
    found = []
    for row in transaction.read(_ACKNOWLEDGED, {"ticket_id": ticket_id}).all():
        found.append(Acknowledged(Purpose(row.purpose), _recipient(transaction, row), row.created_at))
    return found


def sent_to(transaction: Transaction, address: str, purposes: Sequence[Purpose], since: datetime) -> int:
    recipient_hash = transaction.hash_of_address(address)
    statement = _count_to_one(tuple(purposes))
    count: int = transaction.read(statement, {"recipient_hash": recipient_hash, "since": since}).scalar_one()
    return count


def sent_in_all(transaction: Transaction, purposes: Sequence[Purpose], since: datetime) -> int:
    count: int = transaction.read(_count_in_all(tuple(purposes)), {"since": since}).scalar_one()
    return count


def oldest_due(transaction: Transaction, now: datetime) -> datetime | None:
    transaction.flush()
    oldest: datetime | None = transaction.read(_OLDEST, {"now": now}).scalar()
    return oldest


def counts(transaction: Transaction) -> Mapping[DeliveryState, int]:
    transaction.flush()
    found = {DeliveryState(row.state): row.number for row in transaction.read(_COUNTS)}
    return {state: found.get(state, 0) for state in DeliveryState if state is not DeliveryState.SENT}


@cache
def _count_to_one(purposes: tuple[Purpose, ...]) -> Select[int]:
    return _count_since(purposes).where(delivery.c.recipient_hash == bindparam("recipient_hash"), ~_IS_HELD)


@cache
def _count_in_all(purposes: tuple[Purpose, ...]) -> Select[int]:
    """All less those held, since each of the two is counted in an index without a look at any row."""
    everything = _count_since(purposes)
    return select(everything.scalar_subquery() - everything.where(_IS_HELD).scalar_subquery())


def _count_since(purposes: tuple[Purpose, ...]) -> Select[int]:
    for_purpose = delivery.c.purpose.in_([constant(purpose) for purpose in purposes])
    return select(func.count()).select_from(delivery).where(for_purpose, delivery.c.created_at >= bindparam("since"))


def rows(transaction: Transaction, states: Sequence[DeliveryState], limit: int) -> list[OutboxRow]:
    found: list[AnyRow] = []
    for state in set(states):
        found += transaction.read(_IN_STATE[state], {"limit": limit}).all()
    found.sort(key=lambda row: row.id, reverse=True)
    return [_row(transaction, row) for row in found[:limit]]


def _row(transaction: Transaction, row: AnyRow) -> OutboxRow:
    return OutboxRow(
        id=row.id,
        state=DeliveryState(row.state),
        purpose=Purpose(row.purpose),
        recipient=_recipient(transaction, row),
        ticket_number=row.number,
        attempts=row.attempts,
        created_at=row.created_at,
        next_attempt_at=row.next_attempt_at,
        sent_at=row.sent_at,
        held_because=transaction.vault.read_text(row.id, "delivery.held_because", row.held_because),
        last_code=row.last_code,
        last_answer=transaction.vault.read_text(row.id, "attempt.detail", row.last_answer),
    )


def _recipient(transaction: Transaction, row: AnyRow) -> str:
    transaction.vault.learn(row.scope_id, row.wrapped)
    transaction.vault.share(row.id, row.scope_id)
    return transaction.vault.read_text(row.id, "delivery.recipient", row.recipient)
