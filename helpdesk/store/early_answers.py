"""Answers that were sent from the mailbox itself, and seen before the message that they answer was taken in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, select

from helpdesk.store import references
from helpdesk.store.dialects import insert_ignoring
from helpdesk.store.schema import early_answer
from helpdesk.store.transaction import Transaction

# What has not come by then will not: a message waits for days at most where the worker was away.
KEPT_FOR = timedelta(days=30)

_ADD = insert_ignoring(early_answer, "answered_hash", "message_id")
_ANY = select(early_answer.c.message_id).limit(1)
_TO = (
    select(early_answer.c.message_id)
    .where(early_answer.c.answered_hash == bindparam("hash"))
    .order_by(early_answer.c.message_id)
)
_FORGET = delete(early_answer).where(early_answer.c.message_id == bindparam("row_id"))
_CLEAR = delete(early_answer).where(early_answer.c.seen_at < bindparam("before"))


class SqlEarlyAnswers:
    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        # Mostly there are none, and it is asked at every message.
        self._any: bool | None = None

    def add(self, answer_id: str, answered: Sequence[str], now: datetime) -> None:
        """Remember that the stored message `answer_id` answers these Message-IDs, and forget what is a month old."""
        hashes = (references.hash_of(self._transaction, each) for each in dict.fromkeys(answered))
        rows = [{"answered_hash": each, "message_id": answer_id, "seen_at": now} for each in hashes]
        if rows:
            self._transaction.write(_ADD, rows)
        self._transaction.write(_CLEAR, {"before": now - KEPT_FOR})
        self._any = None

    def to(self, message_id: str | None) -> list[str]:
        """The ids of the stored messages that answer this Message-ID, those that were sent first in front."""
        if self._any is None:
            self._any = self._transaction.read(_ANY).first() is not None
        if not self._any or not message_id:
            return []
        rows = self._transaction.read(_TO, {"hash": references.hash_of(self._transaction, message_id)})
        return [row.message_id for row in rows]

    def forget(self, answer_id: str) -> None:
        """It has found its ticket."""
        self._transaction.write(_FORGET, {"row_id": answer_id})
