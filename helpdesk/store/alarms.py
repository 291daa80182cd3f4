"""Which alarms stand, and whether a person was told; workers share them, so that each is said once."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, delete, select, update

from helpdesk.model.health import RaisedAlarm
from helpdesk.store.dialects import insert_ignoring
from helpdesk.store.schema import alarm
from helpdesk.store.transaction import Transaction

_RAISED = select(alarm).order_by(alarm.c.since, alarm.c.name)
_RAISE = insert_ignoring(alarm, "name")
_TOLD = update(alarm).where(alarm.c.name == bindparam("of_name")).values(told_at=bindparam("now"))
_END = delete(alarm).where(alarm.c.name == bindparam("of_name"))


class SqlAlarms:
    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def raised(self) -> list[RaisedAlarm]:
        """The alarms that stand, oldest first."""
        return [RaisedAlarm(row.name, row.since, row.told_at) for row in self._transaction.read(_RAISED)]

    def raise_(self, name: str, now: datetime) -> bool:
        """Let an alarm stand from now on; False when it stands already."""
        return bool(self._transaction.write(_RAISE, {"name": name, "since": now, "told_at": None}))

    def told(self, name: str, now: datetime) -> None:
        """A person was told of it."""
        self._transaction.write(_TOLD, {"of_name": name, "now": now})

    def end(self, name: str) -> bool:
        """It is over; False when it did not stand."""
        return bool(self._transaction.write(_END, {"of_name": name}))
