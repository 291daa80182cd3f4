"""Stored messages become tickets, events and outbox rows: gather the facts, decide, carry out.

One message's failure rolls back that message alone. Nothing here talks to a server.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import TypeVar

from helpdesk.clock import Clock
from helpdesk.core.acknowledge import AcknowledgementFacts
from helpdesk.core.addresses import domain_of
from helpdesk.core.assign import AssignmentFacts
from helpdesk.core.authenticity import is_sender_unproven
from helpdesk.core.bounce import returned_message_ids
from helpdesk.core.classify import classify
from helpdesk.core.digest import digest_parts
from helpdesk.core.parse import parse
from helpdesk.core.plan import PERSONAL, Facts, Plan, decide
from helpdesk.core.requester import answerable_address, as_from_requester, has_null_sender
from helpdesk.core.thread import Thread, ThreadFacts, choose_thread, reference_candidates, subject_reference
from helpdesk.errors import DatabaseUnavailable, NotFound, place_of
from helpdesk.jobs.carry_out import Desk, Read, carry_out
from helpdesk.jobs.letters import Alert
from helpdesk.jobs.ports import Store, UnitOfWork
from helpdesk.log import Log
from helpdesk.model.delivery import Purpose
from helpdesk.model.message import Kind, StoredMessage, Verdict
from helpdesk.model.staff import Absence, Role
from helpdesk.model.ticket import Ticket

MOST_FAILURES = 3
ACKNOWLEDGEMENTS = (Purpose.ACKNOWLEDGEMENT, Purpose.ACKNOWLEDGEMENT_AGAIN)

T = TypeVar("T")


class _Became(StrEnum):
    PROCESSED = "processed"
    DUPLICATE = "duplicate"
    FAILED = "failed"


@dataclass(slots=True)
class _Bench:
    """What the messages of one batch have in common: the transaction, the moment, who is away.

    `acknowledged` counts all acknowledgements of the last hour, this batch's too.
    """

    uow: UnitOfWork
    now: datetime
    absences: tuple[Absence, ...]
    acknowledged: int


@dataclass(frozen=True, slots=True)
class ProcessedBatch:
    """What became of a batch: `processed` may be marked on the server, `failed` counts those to be tried again."""

    processed: tuple[StoredMessage, ...]
    failed: int


@dataclass(frozen=True, slots=True)
class Processor:
    """Turns stored messages into tickets; `junk` says that they come from a folder of junk mail."""

    desk: Desk
    store: Store
    clock: Clock
    log: Log = field(default_factory=Log)

    def process(self, batch: Sequence[StoredMessage], *, junk: bool = False) -> ProcessedBatch:
        """Process a batch in one transaction.

        A message that failed is counted and tried again by the next call; after the third time it is in quarantine.
        """
        # Read before the transaction begins: others wait for it to end.
        readings = [(stored, self._guarded(partial(self._read, stored, junk=junk))) for stored in batch]
        with self.store.writing() as uow:
            bench = self._bench(uow)
            became = [self._process_alone(bench, stored, reading) for stored, reading in readings]
            uow.commit()
        processed = tuple(each for each, state in zip(batch, became, strict=True) if state is _Became.PROCESSED)
        return ProcessedBatch(processed, became.count(_Became.FAILED))

    def process_as(self, uow: UnitOfWork, stored: StoredMessage, verdict: Verdict) -> Ticket:
        """Process a message anew under a person's verdict, inside the caller's transaction; it always gets a ticket."""
        read = replace(self._read(stored, junk=False), verdict=verdict)
        bench = self._bench(uow)
        facts = self._gather(bench, read)
        plan = decide(facts, self.desk.acknowledgement, bench.now)
        ticket = carry_out(self.desk, uow, facts, read, plan, bench.now)
        if ticket is None:
            raise NotFound(f"Message {stored.id} can't have a ticket. Nothing was changed.")
        return ticket

    def _read(self, stored: StoredMessage, *, junk: bool) -> Read:
        message = parse(stored.raw.raw)
        parts = digest_parts(message, stored.raw.received_at)
        verdict = classify(message, stored.raw.raw, self.desk.ourselves, junk=junk)
        return Read(stored, as_from_requester(message, self.desk.ourselves), verdict, parts)

    def _process_alone(self, bench: _Bench, stored: StoredMessage, reading: Read | Exception) -> _Became:
        became: _Became | Exception = (
            reading if isinstance(reading, Exception) else self._guarded(partial(self._process_one, bench, reading))
        )
        if isinstance(became, Exception):
            self._record_failure(bench, stored, became)
            return _Became.FAILED
        return became

    def _guarded(self, step: Callable[[], T]) -> T | Exception:
        """What one step on one message gives, or the exception that it ended with."""
        try:
            return step()
        except DatabaseUnavailable:
            raise
        # One bad mail must not stop the line: it is counted, and after three tries waits in quarantine for a person.
        except Exception as error:  # noqa: BLE001
            return error

    def _process_one(self, bench: _Bench, read: Read) -> _Became:
        with bench.uow.savepoint():
            twin = bench.uow.messages.find_twin(read.digest_parts)
            if twin:
                bench.uow.messages.record_duplicate(read.stored, twin, bench.now)
                self.log.info("duplicate", message=read.stored.id, twin=twin)
                return _Became.DUPLICATE
            facts = self._gather(bench, read)
            plan = decide(facts, self.desk.acknowledgement, bench.now)
            ticket = carry_out(self.desk, bench.uow, facts, read, plan, bench.now)
        if plan.acknowledgement.purpose and not plan.acknowledgement.held_because:
            bench.acknowledged += 1
        self._log_plan(read.stored, read.verdict, plan, ticket)
        return _Became.PROCESSED

    def _gather(self, bench: _Bench, read: Read) -> Facts:
        uow, now = bench.uow, bench.now
        sender = read.message.sender.address if read.message.sender else ""
        if read.verdict.kind not in PERSONAL:
            return self._gather_machine(bench, read, sender)
        mine = tuple(uow.tickets.of_requester(sender)) if sender else ()
        thread = choose_thread(
            read.message, self._thread_facts(uow, read, sender, mine), self.desk.tickets, self.desk.ourselves, now
        )
        hour_ago = now - timedelta(hours=1)
        acknowledgement = AcknowledgementFacts(
            kind=read.verdict.kind,
            sender=answerable_address(read.message),
            received_at=read.stored.raw.received_at,
            thread=thread,
            on_ticket=tuple(uow.outbox.acknowledged_on(thread.ticket.id)) if thread.ticket else (),
            to_sender=uow.outbox.sent_to(sender, ACKNOWLEDGEMENTS, now - timedelta(hours=24)) if sender else 0,
            in_all=bench.acknowledged,
            same_text=uow.messages.same_text_count(domain_of(sender), read.message.text, hour_ago),
            unproven=is_sender_unproven(read.message, self.desk.ourselves),
            null_sender=has_null_sender(read.message),
            unreachable_since=uow.people.unreachable_since(sender) if sender else None,
        )
        return Facts(read.message, read.verdict, thread, acknowledgement, self._assignment_facts(bench, sender, mine))

    def _gather_machine(self, bench: _Bench, read: Read, sender: str) -> Facts:
        uow, now = bench.uow, bench.now
        candidates = reference_candidates(read.message, self.desk.ourselves)
        if read.verdict.kind is Kind.BOUNCE:
            candidates = (*returned_message_ids(read.message), *candidates)
        known = uow.tickets.by_message_ids(candidates) if candidates else []
        thread = Thread(known[0] if known else None, "references" if known else "none")
        helped = 0
        if read.verdict.kind is Kind.STAFF:
            helped = uow.outbox.sent_to(sender, (Purpose.STAFF_HELP,), now - timedelta(hours=24))
        written_to = uow.outbox.acknowledged_on(known[0].id) if known and read.verdict.kind is Kind.BOUNCE else ()
        received_at = read.stored.raw.received_at
        acknowledgement = AcknowledgementFacts(read.verdict.kind, sender, received_at, thread, tuple(written_to))
        nobody = AssignmentFacts(staff=(), requester=sender, at=now, office_hours=self.desk.hours)
        return Facts(read.message, read.verdict, thread, acknowledgement, nobody, help_sent=helped)

    def _thread_facts(self, uow: UnitOfWork, read: Read, sender: str, mine: tuple[Ticket, ...]) -> ThreadFacts:
        candidates = reference_candidates(read.message, self.desk.ourselves)
        referenced = tuple(uow.tickets.by_message_ids(candidates)) if candidates else ()
        number = subject_reference(read.message.subject) if self.desk.tickets.subject_reference else None
        named = uow.tickets.by_number(number) if number else None
        if named and not uow.tickets.has_participant(named.id, sender):
            named = None
        return ThreadFacts(referenced, named, mine)

    def _assignment_facts(self, bench: _Bench, sender: str, mine: tuple[Ticket, ...]) -> AssignmentFacts:
        return AssignmentFacts(
            staff=self.desk.staff,
            requester=sender,
            at=bench.now,
            office_hours=self.desk.hours,
            absences=bench.absences,
            workloads=bench.uow.tickets.workloads(),
            known_staff_id=next((ticket.assignee for ticket in mine if ticket.assignee), None),
        )

    def _bench(self, uow: UnitOfWork) -> _Bench:
        now = self.clock.now()
        absences = tuple(uow.people.absences(now.astimezone(self.desk.hours.zone).date()))
        return _Bench(uow, now, absences, uow.outbox.sent_in_all(ACKNOWLEDGEMENTS, now - timedelta(hours=1)))

    def _record_failure(self, bench: _Bench, stored: StoredMessage, error: Exception) -> None:
        quarantine = stored.failures + 1 >= MOST_FAILURES
        place = place_of(error)
        bench.uow.messages.record_failure(stored.id, str(error), place, quarantine=quarantine, now=bench.now)
        self.log.warning("processing_failed", message=stored.id, failures=stored.failures + 1, place=place)
        if not quarantine:
            return
        self.log.warning("quarantined", message=stored.id)
        alert = Alert(
            cause=f"quarantine:{stored.id}",
            what="One message could not be processed, after three tries. It is in quarantine.",
            mail="It is stored whole and still in the mailbox. It has no ticket, and nobody was answered.",
            remedy=f"Read it in the mailbox. Then run: helpdesk quarantine show {stored.id}",
        )
        for member in self.desk.with_role(Role.ADMIN):
            bench.uow.outbox.add(self.desk.letters.alert(alert, member, bench.now), bench.now)

    def _log_plan(self, stored: StoredMessage, verdict: Verdict, plan: Plan, ticket: Ticket | None) -> None:
        self.log.info(
            "processed",
            message=stored.id,
            kind=verdict.kind.value,
            rule=verdict.rule,
            ticket=ticket.number if ticket else None,
            acknowledgement=plan.acknowledgement.purpose.value if plan.acknowledgement.purpose else None,
            held=bool(plan.acknowledgement.held_because),
        )
