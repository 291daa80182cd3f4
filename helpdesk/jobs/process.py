"""Stored messages become tickets, events and outbox rows: gather the facts, decide, carry out.

One message's failure rolls back that message alone. Nothing here talks to a server.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

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
from helpdesk.core.requester import as_from_requester, has_null_sender
from helpdesk.core.thread import Thread, ThreadFacts, choose_thread, reference_candidates, subject_reference
from helpdesk.errors import DatabaseUnavailable, NotFound, place_of
from helpdesk.jobs.carry_out import Desk, Read, carry_out
from helpdesk.jobs.letters import Alert
from helpdesk.jobs.ports import Store, UnitOfWork
from helpdesk.log import Log
from helpdesk.model.delivery import Purpose
from helpdesk.model.message import Kind, StoredMessage, Verdict
from helpdesk.model.staff import Role
from helpdesk.model.ticket import Ticket

MOST_FAILURES = 3
ACKNOWLEDGEMENTS = (Purpose.ACKNOWLEDGEMENT, Purpose.ACKNOWLEDGEMENT_AGAIN)


class _Became(StrEnum):
    PROCESSED = "processed"
    DUPLICATE = "duplicate"
    FAILED = "failed"


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
        with self.store.writing() as uow:
            became = [self._process_alone(uow, stored, junk=junk) for stored in batch]
            uow.commit()
        processed = tuple(each for each, state in zip(batch, became, strict=True) if state is _Became.PROCESSED)
        return ProcessedBatch(processed, became.count(_Became.FAILED))

    def _process_alone(self, uow: UnitOfWork, stored: StoredMessage, *, junk: bool) -> _Became:
        try:
            with uow.savepoint():
                return self._process_one(uow, stored, junk=junk)
        except DatabaseUnavailable:
            raise
        # One bad mail must not stop the line: it is counted, and after three tries waits in quarantine for a person.
        except Exception as error:  # noqa: BLE001
            self._record_failure(uow, stored, error)
            return _Became.FAILED

    def process_as(self, uow: UnitOfWork, stored: StoredMessage, verdict: Verdict) -> Ticket:
        """Process a message anew under a person's verdict, inside the caller's transaction; it always gets a ticket."""
        now = self.clock.now()
        message = parse(stored.raw.raw)
        parts = digest_parts(message, stored.raw.received_at)
        read = Read(stored, as_from_requester(message, self.desk.ourselves), verdict, parts)
        facts = self._gather(uow, read, now)
        ticket = carry_out(self.desk, uow, facts, read, decide(facts, self.desk.acknowledgement, now), now)
        if ticket is None:
            raise NotFound(f"Message {stored.id} can't have a ticket. Nothing was changed.")
        return ticket

    def _process_one(self, uow: UnitOfWork, stored: StoredMessage, *, junk: bool) -> _Became:
        now = self.clock.now()
        message = parse(stored.raw.raw)
        parts = digest_parts(message, stored.raw.received_at)
        twin = uow.messages.find_twin(parts)
        if twin:
            uow.messages.record_duplicate(stored, twin, now)
            self.log.info("duplicate", message=stored.id, twin=twin)
            return _Became.DUPLICATE
        verdict = classify(message, stored.raw.raw, self.desk.ourselves, junk=junk)
        read = Read(stored, as_from_requester(message, self.desk.ourselves), verdict, parts)
        facts = self._gather(uow, read, now)
        plan = decide(facts, self.desk.acknowledgement, now)
        ticket = carry_out(self.desk, uow, facts, read, plan, now)
        self._log_plan(stored, verdict, plan, ticket)
        return _Became.PROCESSED

    def _gather(self, uow: UnitOfWork, read: Read, now: datetime) -> Facts:
        sender = read.message.sender.address if read.message.sender else ""
        if read.verdict.kind not in PERSONAL:
            return self._gather_machine(uow, read, sender, now)
        mine = tuple(uow.tickets.of_requester(sender)) if sender else ()
        thread = choose_thread(
            read.message, self._thread_facts(uow, read, sender, mine), self.desk.tickets, self.desk.ourselves, now
        )
        hour_ago = now - timedelta(hours=1)
        acknowledgement = AcknowledgementFacts(
            kind=read.verdict.kind,
            sender=sender,
            received_at=read.stored.raw.received_at,
            thread=thread,
            on_ticket=tuple(uow.outbox.acknowledged_on(thread.ticket.id)) if thread.ticket else (),
            to_sender=uow.outbox.sent_to(sender, ACKNOWLEDGEMENTS, now - timedelta(hours=24)) if sender else 0,
            in_all=uow.outbox.sent_in_all(ACKNOWLEDGEMENTS, hour_ago),
            same_text=uow.messages.same_text_count(domain_of(sender), read.message.text, hour_ago),
            unproven=is_sender_unproven(read.message, self.desk.ourselves),
            null_sender=has_null_sender(read.message),
        )
        return Facts(read.message, read.verdict, thread, acknowledgement, self._assignment_facts(uow, sender, mine, now))

    def _gather_machine(self, uow: UnitOfWork, read: Read, sender: str, now: datetime) -> Facts:
        candidates = reference_candidates(read.message, self.desk.ourselves)
        if read.verdict.kind is Kind.BOUNCE:
            candidates = (*returned_message_ids(read.message), *candidates)
        known = uow.tickets.by_message_ids(candidates) if candidates else []
        thread = Thread(known[0] if known else None, "references" if known else "none")
        helped = 0
        if read.verdict.kind is Kind.STAFF:
            helped = uow.outbox.sent_to(sender, (Purpose.STAFF_HELP,), now - timedelta(hours=24))
        acknowledgement = AcknowledgementFacts(read.verdict.kind, sender, read.stored.raw.received_at, thread)
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

    def _assignment_facts(self, uow: UnitOfWork, sender: str, mine: tuple[Ticket, ...], now: datetime) -> AssignmentFacts:
        today = now.astimezone(self.desk.hours.zone).date()
        return AssignmentFacts(
            staff=self.desk.staff,
            requester=sender,
            at=now,
            office_hours=self.desk.hours,
            absences=tuple(uow.people.absences(today)),
            workloads=uow.tickets.workloads(),
            known_staff_id=next((ticket.assignee for ticket in mine if ticket.assignee), None),
        )

    def _record_failure(self, uow: UnitOfWork, stored: StoredMessage, error: Exception) -> None:
        now = self.clock.now()
        quarantine = stored.failures + 1 >= MOST_FAILURES
        uow.messages.record_failure(stored.id, str(error), place_of(error), quarantine=quarantine, now=now)
        self.log.warning("processing_failed", message=stored.id, failures=stored.failures + 1, place=place_of(error))
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
            uow.outbox.add(self.desk.letters.alert(alert, member, now), now)

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
