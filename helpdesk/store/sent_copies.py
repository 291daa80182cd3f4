"""Which replies were sent and are not in the mailbox's folder of sent mail yet."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from sqlalchemy import bindparam, delete, update

from helpdesk.model.delivery import SentCopy
from helpdesk.store.crypto import ContentErased, SealBroken
from helpdesk.store.dialects import insert_ignoring
from helpdesk.store.outbox_rows import DELIVERY, delivery_of
from helpdesk.store.schema import delivery, sent_copy
from helpdesk.store.transaction import Transaction

_ADD = insert_ignoring(sent_copy, "delivery_id")
_DUE = (
    DELIVERY.add_columns(delivery.c.sent_at, sent_copy.c.attempts.label("copy_attempts"))
    .join(sent_copy, sent_copy.c.delivery_id == delivery.c.id)
    .where(sent_copy.c.next_attempt_at <= bindparam("now"))
    .order_by(sent_copy.c.next_attempt_at)
    .limit(bindparam("limit"))
)
_PUT_OFF = (
    update(sent_copy)
    .where(sent_copy.c.delivery_id == bindparam("row_id"))
    .values(attempts=sent_copy.c.attempts + 1, next_attempt_at=bindparam("at"))
)
_DONE = delete(sent_copy).where(sent_copy.c.delivery_id == bindparam("row_id"))


class SqlSentCopies:
    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def add(self, delivery_id: str, now: datetime) -> None:
        """Remember that a copy of this sent mail is to be made; a second time changes nothing."""
        self._transaction.write(_ADD, {"delivery_id": delivery_id, "attempts": 0, "next_attempt_at": now})

    def due(self, now: datetime, limit: int) -> list[SentCopy]:
        """Copies to be made by now, those that waited longest first. What does not open any more is left out."""
        self._transaction.flush()
        found = []
        for row in self._transaction.read(_DUE, {"now": now, "limit": limit}).all():
            with suppress(SealBroken, ContentErased):
                sent = delivery_of(self._transaction, row, attempts=row.attempts)
                found.append(SentCopy(sent.id, sent.message_id, row.sent_at, row.copy_attempts, sent.content))
        return found

    def put_off(self, delivery_id: str, at: datetime) -> None:
        """It could not be made: count the try, and let it be due again then."""
        self._transaction.write(_PUT_OFF, {"row_id": delivery_id, "at": at})

    def done(self, delivery_id: str) -> None:
        """It is made, or is not wanted any more."""
        self._transaction.write(_DONE, {"row_id": delivery_id})
