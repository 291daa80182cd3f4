"""What a row of the outbox holds, and how it becomes a delivery again; `outbox` and `claims` share it."""

from __future__ import annotations

from sqlalchemy import bindparam, select, update

from helpdesk.errors import NotFound
from helpdesk.model.delivery import Delivery, DeliveryState, Purpose
from helpdesk.store.schema import constant, data_key, delivery, delivery_content
from helpdesk.store.transaction import AnyRow, Transaction

IS_PENDING = delivery.c.state == constant(DeliveryState.PENDING)
# Every claim counts an attempt, and only a try that surely reached no server is counted here too: a worker that dies in
# between leaves the two different.
IS_UNOFFERED = delivery.c.attempts == delivery.c.unreached
DELIVERY = (
    select(
        delivery.c.id,
        delivery.c.scope_id,
        delivery.c.ticket_id,
        delivery.c.cause,
        delivery.c.purpose,
        delivery.c.attempts,
        delivery.c.created_at,
        delivery.c.names_opening_at,
        delivery.c.held_at,
        delivery.c.recipient,
        delivery.c.envelope_sender,
        delivery.c.message_id,
        delivery_content.c.content,
        data_key.c.wrapped,
    )
    .join(delivery_content, delivery_content.c.delivery_id == delivery.c.id)
    .outerjoin(data_key, data_key.c.scope_id == delivery.c.scope_id)
)
OF = update(delivery).where(delivery.c.id == bindparam("row_id"))
_SCOPE = (
    select(delivery.c.scope_id, data_key.c.wrapped)
    .outerjoin(data_key, data_key.c.scope_id == delivery.c.scope_id)
    .where(delivery.c.id == bindparam("id"))
)


def delivery_of(transaction: Transaction, row: AnyRow, *, attempts: int) -> Delivery:
    """The delivery; raises SealBroken or ContentErased where it does not open any more."""
    vault = transaction.vault
    vault.learn(row.scope_id, row.wrapped)
    vault.share(row.id, row.scope_id)
    return Delivery(
        id=row.id,
        ticket_id=row.ticket_id,
        cause=row.cause,
        purpose=Purpose(row.purpose),
        attempts=attempts,
        created_at=row.created_at,
        envelope_sender=vault.open_text(row.id, "delivery.envelope_sender", row.envelope_sender),
        recipient=vault.open_text(row.id, "delivery.recipient", row.recipient),
        content=vault.open_sealed(row.id, "delivery_content.content", row.content),
        message_id=vault.open_text(row.id, "delivery.message_id", row.message_id),
        names_opening_at=row.names_opening_at,
        let_go=row.held_at is not None,
    )


def learn_scope(transaction: Transaction, delivery_id: str) -> None:
    """Have the key of a delivery at hand, unless it was erased; raises NotFound."""
    if transaction.vault.knows(delivery_id):
        return
    row = transaction.read(_SCOPE, {"id": delivery_id}).first()
    if row is None:
        raise NotFound("No such delivery is in the outbox.")
    transaction.vault.learn(row.scope_id, row.wrapped)
    transaction.vault.share(delivery_id, row.scope_id)
