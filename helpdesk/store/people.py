"""Who is away and when, and which addresses can't be reached."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import bindparam, delete, select, update

from helpdesk.core.addresses import lookup_form
from helpdesk.model.staff import Absence
from helpdesk.store.crypto import HashPurpose
from helpdesk.store.dialects import insert_ignoring
from helpdesk.store.schema import absence, unreachable
from helpdesk.store.transaction import Transaction

_ABSENCES = select(absence).where(absence.c.last_day >= bindparam("day")).order_by(absence.c.staff_id, absence.c.first_day)
_ADD_ABSENCE = insert_ignoring(absence, "staff_id", "first_day")
_SAME_DAY = (
    update(absence)
    .where(absence.c.staff_id == bindparam("staff"), absence.c.first_day == bindparam("first"))
    .values(last_day=bindparam("last"))
)
_FORGET_ABSENCES = delete(absence).where(absence.c.staff_id == bindparam("staff"), absence.c.first_day >= bindparam("day"))
_END_ABSENCES = (
    update(absence)
    .where(absence.c.staff_id == bindparam("staff"), absence.c.last_day >= bindparam("day"))
    .values(last_day=bindparam("day_before"))
)
_ADD_UNREACHABLE = insert_ignoring(unreachable, "address_hash")
_STILL_UNREACHABLE = update(unreachable).where(unreachable.c.address_hash == bindparam("hash")).values(since=bindparam("now"))
_UNREACHABLE_SINCE = select(unreachable.c.since).where(unreachable.c.address_hash == bindparam("hash"))


class SqlPeople:
    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def absences(self, day: date) -> list[Absence]:
        """Who is away on this day, or will be later."""
        return [Absence(row.staff_id, row.first_day, row.last_day) for row in self._transaction.read(_ABSENCES, {"day": day})]

    def add_absence(self, new: Absence) -> None:
        """Remember that somebody is away; one that begins on the same day is replaced."""
        row = {"staff_id": new.staff_id, "first_day": new.first_day, "last_day": new.last_day}
        if not self._transaction.write(_ADD_ABSENCE, row):
            self._transaction.write(_SAME_DAY, {"staff": new.staff_id, "first": new.first_day, "last": new.last_day})

    def end_absences(self, staff_id: str, day: date) -> bool:
        """From this day on they are there; whether they were away at all."""
        forgotten = self._transaction.write(_FORGET_ABSENCES, {"staff": staff_id, "day": day})
        day_before = {"staff": staff_id, "day": day, "day_before": day - timedelta(days=1)}
        return bool(self._transaction.write(_END_ABSENCES, day_before) + forgotten)

    def mark_unreachable(self, address: str, now: datetime) -> None:
        """Mail to this address came back for good, now for the last time that we know of."""
        if not self._transaction.write(_ADD_UNREACHABLE, {"address_hash": self._hash(address), "since": now}):
            self._transaction.write(_STILL_UNREACHABLE, {"hash": self._hash(address), "now": now})

    def unreachable_since(self, address: str) -> datetime | None:
        """When mail to this address last came back for good."""
        row = self._transaction.read(_UNREACHABLE_SINCE, {"hash": self._hash(address)}).first()
        return row.since if row else None

    def _hash(self, address: str) -> bytes:
        return self._transaction.hash(HashPurpose.ADDRESS, lookup_form(address))
