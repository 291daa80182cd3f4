"""Who is away and when, whose tickets they never get, and which addresses can't be reached."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from sqlalchemy import bindparam, delete, select, update

from helpdesk.model.staff import Absence
from helpdesk.store.dialects import insert_ignoring
from helpdesk.store.schema import absence, exclusion, unreachable
from helpdesk.store.transaction import Transaction

_ABSENCES = select(absence).where(absence.c.last_day >= bindparam("day")).order_by(absence.c.staff_id, absence.c.first_day)
_ADD_ABSENCE = insert_ignoring(absence, "staff_id", "first_day")
_SAME_DAY = (
    update(absence)
    .where(absence.c.staff_id == bindparam("staff"), absence.c.first_day == bindparam("first"))
    .values(last_day=bindparam("last"))
)
_FORGET_BEGUN_TODAY = delete(absence).where(absence.c.staff_id == bindparam("staff"), absence.c.first_day == bindparam("day"))
_FORGET_PLANNED = delete(absence).where(absence.c.staff_id == bindparam("staff"), absence.c.first_day > bindparam("day"))
_END_RUNNING = (
    update(absence)
    .where(
        absence.c.staff_id == bindparam("staff"),
        absence.c.first_day < bindparam("day"),
        absence.c.last_day >= bindparam("day"),
    )
    .values(last_day=bindparam("day_before"))
)
_ADD_UNREACHABLE = insert_ignoring(unreachable, "address_hash")
_STILL_UNREACHABLE = update(unreachable).where(unreachable.c.address_hash == bindparam("hash")).values(since=bindparam("now"))
_UNREACHABLE_SINCE = select(unreachable.c.since).where(unreachable.c.address_hash == bindparam("hash"))

_ADD_EXCLUSION = insert_ignoring(exclusion, "staff_id", "requester_hash")
_END_EXCLUSION = delete(exclusion).where(
    exclusion.c.staff_id == bindparam("staff"), exclusion.c.requester_hash == bindparam("hash")
)
_EXCLUDED = select(exclusion.c.staff_id).where(exclusion.c.requester_hash == bindparam("hash"))
_UNREACHABLE_AMONG = select(unreachable).where(unreachable.c.address_hash.in_(bindparam("hashes", expanding=True)))
_EXCLUDED_AMONG = select(exclusion).where(exclusion.c.requester_hash.in_(bindparam("hashes", expanding=True)))


class SqlPeople:
    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        # What was looked up in this transaction, until it is written to.
        self._unreachable: dict[bytes, datetime | None] = {}
        self._excluded: dict[bytes, set[str]] = {}

    def absences(self, day: date) -> list[Absence]:
        """Who is away on this day, or will be later."""
        return [Absence(row.staff_id, row.first_day, row.last_day) for row in self._transaction.read(_ABSENCES, {"day": day})]

    def add_absence(self, new: Absence) -> None:
        """Remember that somebody is away; one that begins on the same day is replaced."""
        row = {"staff_id": new.staff_id, "first_day": new.first_day, "last_day": new.last_day}
        if not self._transaction.write(_ADD_ABSENCE, row):
            self._transaction.write(_SAME_DAY, {"staff": new.staff_id, "first": new.first_day, "last": new.last_day})

    def end_absences(self, staff_id: str, day: date) -> bool:
        """From this day on they are there, until the next absence that is planned; whether anything was changed.

        For somebody who is there on that day, what is planned is off.
        """
        on_day = {"staff": staff_id, "day": day}
        ended = self._transaction.write(_FORGET_BEGUN_TODAY, on_day)
        ended += self._transaction.write(_END_RUNNING, {**on_day, "day_before": day - timedelta(days=1)})
        return bool(ended or self._transaction.write(_FORGET_PLANNED, on_day))

    def look_up(self, addresses: Iterable[str]) -> None:
        """Ask at once what will be asked of each of these few addresses in this transaction."""
        hashes = list({self._hash(address) for address in addresses})
        if not hashes:
            return
        self._unreachable.update(dict.fromkeys(hashes))
        self._excluded.update({each: set() for each in hashes})
        for row in self._transaction.read(_UNREACHABLE_AMONG, {"hashes": hashes}):
            self._unreachable[row.address_hash] = row.since
        for row in self._transaction.read(_EXCLUDED_AMONG, {"hashes": hashes}):
            self._excluded[row.requester_hash].add(row.staff_id)

    def mark_unreachable(self, address: str, now: datetime) -> None:
        """Mail to this address came back for good, now for the last time that we know of."""
        self._unreachable.pop(self._hash(address), None)
        if not self._transaction.write(_ADD_UNREACHABLE, {"address_hash": self._hash(address), "since": now}):
            self._transaction.write(_STILL_UNREACHABLE, {"hash": self._hash(address), "now": now})

    def unreachable_since(self, address: str) -> datetime | None:
        """When mail to this address last came back for good."""
        address_hash = self._hash(address)
        if address_hash in self._unreachable:
            return self._unreachable[address_hash]
        row = self._transaction.read(_UNREACHABLE_SINCE, {"hash": address_hash}).first()
        return row.since if row else None

    def exclude(self, staff_id: str, address: str, now: datetime) -> None:
        """From now on this staff member never gets tickets of this requester."""
        address_hash = self._hash(address)
        self._excluded.pop(address_hash, None)
        self._transaction.write(_ADD_EXCLUSION, {"staff_id": staff_id, "requester_hash": address_hash, "since": now})

    def allow(self, staff_id: str, address: str) -> bool:
        """End an exclusion; False when there was none."""
        address_hash = self._hash(address)
        self._excluded.pop(address_hash, None)
        return bool(self._transaction.write(_END_EXCLUSION, {"staff": staff_id, "hash": address_hash}))

    def excluded_for(self, address: str) -> set[str]:
        """The ids of the staff members who never get tickets of this requester."""
        address_hash = self._hash(address)
        if address_hash in self._excluded:
            return set(self._excluded[address_hash])
        return {row.staff_id for row in self._transaction.read(_EXCLUDED, {"hash": address_hash})}

    def _hash(self, address: str) -> bytes:
        return self._transaction.hash_of_address(address)
