"""When backups were put back: what was received since one was made may have been answered, and it forgot."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import insert, select

from helpdesk.store.schema import restoration
from helpdesk.store.transaction import Transaction

_ADD = insert(restoration)
_ALL = select(restoration.c.backed_up_at, restoration.c.restored_at)


class SqlRestorations:
    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        # Few, if any, and asked for at every message.
        self._periods: list[tuple[datetime, datetime]] | None = None

    def add(self, backed_up_at: datetime, restored_at: datetime, now: datetime) -> None:
        """A backup of that time was put back."""
        row = {"id": self._transaction.ids.new(now), "backed_up_at": backed_up_at, "restored_at": restored_at}
        self._transaction.write(_ADD, row)
        self._periods = None

    def covering(self, received_at: datetime) -> bool:
        """Whether a message of that time was received between a backup and its restoration."""
        if self._periods is None:
            self._periods = [(row.backed_up_at, row.restored_at) for row in self._transaction.read(_ALL)]
        return any(begin <= received_at <= end for begin, end in self._periods)
