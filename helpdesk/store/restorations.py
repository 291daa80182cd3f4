"""When backups were put back: what was received since one was made may have been answered, and it forgot."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, insert, select

from helpdesk.store.schema import restoration
from helpdesk.store.transaction import Transaction

_ADD = insert(restoration)
_COVERING = (
    select(restoration.c.id)
    .where(restoration.c.backed_up_at <= bindparam("moment"), restoration.c.restored_at >= bindparam("moment"))
    .limit(1)
)


class SqlRestorations:
    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def add(self, backed_up_at: datetime, restored_at: datetime, now: datetime) -> None:
        """A backup of that time was put back."""
        row = {"id": self._transaction.ids.new(now), "backed_up_at": backed_up_at, "restored_at": restored_at}
        self._transaction.write(_ADD, row)

    def covering(self, received_at: datetime) -> bool:
        """Whether a message of that time was received between a backup and its restoration."""
        return self._transaction.read(_COVERING, {"moment": received_at}).first() is not None
