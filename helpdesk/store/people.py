"""Who is away, and when."""

from __future__ import annotations

from datetime import date

from sqlalchemy import bindparam, select

from helpdesk.model.staff import Absence
from helpdesk.store.schema import absence
from helpdesk.store.transaction import Transaction

_ABSENCES = select(absence).where(absence.c.last_day >= bindparam("day")).order_by(absence.c.staff_id, absence.c.first_day)


class SqlPeople:
    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def absences(self, day: date) -> list[Absence]:
        """Who is away on this day, or will be later."""
        return [Absence(row.staff_id, row.first_day, row.last_day) for row in self._transaction.read(_ABSENCES, {"day": day})]
