"""Mails that are taken out of the outbox before anybody sends them, as if they had never been written."""

from __future__ import annotations

from sqlalchemy import bindparam, delete, select

from helpdesk.model.delivery import DeliveryState
from helpdesk.store.schema import attempt, constant, delivery, delivery_content, staff_token
from helpdesk.store.transaction import Transaction

# What is claimed is on its way already. Locked, so that nobody claims one while it is taken out.
_UNSENT = (
    select(delivery.c.id)
    .where(
        delivery.c.ticket_id == bindparam("ticket_id"),
        delivery.c.recipient_hash == bindparam("recipient_hash"),
        delivery.c.state != constant(DeliveryState.SENT),
        delivery.c.claimed_by.is_(None),
    )
    .with_for_update()
)
_OUT_OF_EACH_TABLE = (
    delete(attempt).where(attempt.c.delivery_id == bindparam("row_id")),
    delete(delivery_content).where(delivery_content.c.delivery_id == bindparam("row_id")),
    delete(staff_token).where(staff_token.c.delivery_id == bindparam("row_id")),
    delete(delivery).where(delivery.c.id == bindparam("row_id")),
)


def withdraw(transaction: Transaction, ticket_id: str, address: str) -> int:
    """Take out what is on its way to this address about this ticket; returns how many mails that were."""
    transaction.flush()
    recipient_hash = transaction.hash_of_address(address)
    rows = transaction.read(_UNSENT, {"ticket_id": ticket_id, "recipient_hash": recipient_hash}).all()
    for row in rows:
        for statement in _OUT_OF_EACH_TABLE:
            transaction.write(statement, {"row_id": row.id})
    return len(rows)
