"""Writes the digests when the office opens: to staff what is theirs, to the leads what is with nobody, late, or went nowhere.

All of a day are written in one transaction, so that one of them in the outbox tells that the day is done.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from helpdesk.boundary import Boundary, reached
from helpdesk.clock import Clock
from helpdesk.core.morning import MorningFacts, decide_digests, for_leads
from helpdesk.core.office_hours import is_open
from helpdesk.core.office_time import last_opening
from helpdesk.errors import DatabaseUnavailable, place_of
from helpdesk.jobs.audience import excluded_from
from helpdesk.jobs.carry_out import Desk
from helpdesk.jobs.held_answers import held_answers
from helpdesk.jobs.ports import Store, UnitOfWork
from helpdesk.jobs.remind import rules_of
from helpdesk.jobs.reminder_letters import letter_of_digest
from helpdesk.log import Log
from helpdesk.model.delivery import NewDelivery, Purpose

# How alerts begin that the leads got of a single delivery, before its id, and that the admins got of a daily comparison.
_TOLD = ("held:", "not-told:")
_HELD_BACK = "reconciliation:"


@dataclass(slots=True)
class Morning:
    """Looks again and again whether the office has opened. `done_on` is the day that this worker knows to be done."""

    desk: Desk
    store: Store
    clock: Clock
    log: Log = field(default_factory=Log)
    done_on: date | None = None

    def look(self) -> None:
        """Write the digests of the day once; a database that can't be used delays them, and stops nothing."""
        now = self.clock.now()
        opening = last_opening(self.desk.hours, now) if is_open(self.desk.hours, now) else None
        if opening is None or self.done_on == self.desk.day_of(opening):
            return
        try:
            count = self._write(opening, now)
        except DatabaseUnavailable as error:
            self.log.warning("digests_put_off", place=place_of(error))
            return
        self.done_on = self.desk.day_of(opening)
        if count:
            self.log.info("digests_written", count=count)

    def _write(self, opening: datetime, now: datetime) -> int:
        with self.store.writing() as uow:
            is_done = uow.outbox.sent_in_all((Purpose.DIGEST,), opening) > 0
            letters = [] if is_done else self._letters(uow, opening, now)
            for letter in letters:
                uow.outbox.add(letter, now)
            uow.commit()
            reached(Boundary.DIGESTS_WRITTEN)
        return len(letters)

    def _letters(self, uow: UnitOfWork, opening: datetime, now: datetime) -> list[NewDelivery]:
        facts, rules = self._facts(uow, opening), rules_of(self.desk, uow, now)
        facts = replace(facts, kept_from=self._kept_from(uow, for_leads(facts, rules)))
        members = {member.id: member for member in self.desk.staff}
        return [
            letter_of_digest(self.desk, digest, members[digest.staff_id], opening, now)
            for digest in decide_digests(facts, rules)
        ]

    def _kept_from(self, uow: UnitOfWork, numbers: Iterable[int]) -> dict[int, frozenset[str]]:
        """By number of a ticket, who must not hear of it, not even that it is there."""
        tickets = (uow.tickets.by_number(number) for number in numbers)
        return {each.number: excluded_from(uow, self.desk.staff, (each.requester_address,)) for each in tickets if each}

    def _facts(self, uow: UnitOfWork, opening: datetime) -> MorningFacts:
        before = last_opening(self.desk.hours, opening - timedelta(microseconds=1)) or opening - timedelta(days=1)
        alerts, stopped = uow.waiting.alerts(before, opening), uow.waiting.stopped(before, opening)
        return MorningFacts(
            opening=opening,
            staff=self.desk.staff,
            tickets=uow.waiting.tickets(opening),
            stopped=stopped,
            answers=held_answers(self.desk, uow, stopped),
            told=frozenset(each.partition(":")[2] for each in alerts if each.startswith(_TOLD)),
            junk=uow.waiting.junk(before, opening),
            held_back=any(each.startswith(_HELD_BACK) for each in alerts),
        )
