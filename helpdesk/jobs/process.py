"""Stored messages become tickets, events and outbox rows: have the facts gathered, decide, have the plan carried out.

One message's failure rolls back that message alone. Nothing here talks to a server.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Protocol, TypeVar

from helpdesk.boundary import Boundary, reached
from helpdesk.clock import Clock
from helpdesk.core.classify import classify
from helpdesk.core.digest import digest_parts
from helpdesk.core.files import Enclosed, enclosed_in
from helpdesk.core.parse import parse
from helpdesk.core.plan import Facts, Plan, decide
from helpdesk.core.requester import as_from_requester
from helpdesk.core.thread import Thread
from helpdesk.errors import DatabaseUnavailable, NotFound, place_of
from helpdesk.jobs.carry_out import Desk, Read, carry_out
from helpdesk.jobs.elsewhere import join_early_answers
from helpdesk.jobs.facts import FactFinder, Standing, standing_of, thread_of_junk
from helpdesk.jobs.letters import Alert
from helpdesk.jobs.ports import Store, UnitOfWork
from helpdesk.jobs.tell_admins import tell_of_quarantine
from helpdesk.log import Log
from helpdesk.model.mailbox import MailboxRecord
from helpdesk.model.message import Kind, RawMessage, StoredMessage, Verdict
from helpdesk.model.staff import Role
from helpdesk.model.ticket import Ticket

MOST_FAILURES = 3

T = TypeVar("T")
# A message, and what reading it gave: also the exception that it ended with.
_Reading = tuple[StoredMessage, Read | Exception]


class _Became(StrEnum):
    PROCESSED = "processed"
    DUPLICATE = "duplicate"
    FAILED = "failed"


def guarded(step: Callable[[], T]) -> T | Exception:
    """What one step on one message gives, or the exception that it ended with. Raises DatabaseUnavailable."""
    try:
        return step()
    except DatabaseUnavailable:
        raise
    # One bad mail must not stop the line: it is counted, and after three tries waits in quarantine for a person.
    except Exception as error:  # noqa: BLE001
        return error


class StaffMailTaker(Protocol):
    def take(self, uow: UnitOfWork, read: Read, now: datetime) -> tuple[Ticket | None, str | None]:
        """Record a staff member's mail, and do what it asks for; returns its ticket, and what became of it."""
        ...


@dataclass(frozen=True, slots=True)
class ProcessedBatch:
    """What became of a batch: `processed` may be marked on the server, `failed` counts those to be tried again.

    `tickets` are the numbers of the tickets that the messages are on now.
    """

    processed: tuple[StoredMessage, ...]
    failed: int
    tickets: tuple[int, ...] = ()


@dataclass(slots=True)
class _Batch:
    """A batch under way. What there is to log is said after the commit, when it is true."""

    standing: Standing
    to_log: list[Callable[[], None]] = field(default_factory=list)
    most_failures: int = MOST_FAILURES
    tickets: list[int] = field(default_factory=list)

    @property
    def uow(self) -> UnitOfWork:
        return self.standing.uow


@dataclass(frozen=True, slots=True)
class Processor:
    """Turns stored messages into tickets. What staff write is given to `staff_mail`; without it, it is only kept."""

    desk: Desk
    store: Store
    clock: Clock
    log: Log = field(default_factory=Log)
    staff_mail: StaffMailTaker | None = None

    def process(self, stored: Sequence[StoredMessage], *, junk: bool = False) -> ProcessedBatch:
        """Process some messages in one transaction; `junk` says that they come from a folder of junk mail.

        A message that failed is counted and tried again by the next call; after the third time it is in quarantine.
        """
        # Read before the transaction begins: others wait for it to end.
        readings = self._read_all(stored, junk=junk)
        with self.store.writing() as uow:
            return self._process_all(_Batch(standing_of(uow, self.desk, self.clock.now())), readings)

    def take_in_by_hand(
        self, mailbox_id: str, messages: Sequence[RawMessage], *, junk: bool = False, only_new: bool = False
    ) -> ProcessedBatch:
        """Store and process messages that a person has taken in: each gets its ticket, and nobody is written to.

        In one transaction, since the worker answers what it finds stored and not processed. A message that fails is in
        quarantine at once. With `only_new` copies of what we have are not stored.
        """
        with self.store.writing() as uow:
            now = self.clock.now()
            new = [each for each in messages if not (only_new and self._has_twin(uow, each))]
            stored = uow.messages.add(mailbox_id, new, now)
            batch = _Batch(standing_of(uow, self.desk, now, by_hand=True), most_failures=1)
            return self._process_all(batch, self._read_all(stored, junk=junk))

    def _has_twin(self, uow: UnitOfWork, raw: RawMessage) -> bool:
        return uow.messages.find_twin(digest_parts(parse(raw.raw), raw.received_at)) is not None

    def _read_all(self, stored: Sequence[StoredMessage], *, junk: bool) -> list[_Reading]:
        return [(each, guarded(partial(self.read, each, junk=junk))) for each in stored]

    def _process_all(self, batch: _Batch, readings: Sequence[_Reading]) -> ProcessedBatch:
        """Process each alone, commit, and say what became of them."""
        batch.uow.people.look_up(_senders(readings))
        became = [(each, self._process_alone(batch, each, reading)) for each, reading in readings]
        batch.uow.commit()
        reached(Boundary.PROCESSED)
        for say in batch.to_log:
            say()
        processed = tuple(each for each, state in became if state is _Became.PROCESSED)
        failed = sum(state is _Became.FAILED for _, state in became)
        return ProcessedBatch(processed, failed, tuple(batch.tickets))

    def read(self, stored: StoredMessage, *, junk: bool = False) -> Read:
        """Parse and classify a message; raises nothing that comes from its bytes."""
        message = parse(stored.raw.raw)
        parts = digest_parts(message, stored.raw.received_at)
        verdict = classify(message, stored.raw.raw, self.desk.ourselves, junk=junk)
        enclosed = enclosed_in(message, stored.raw.raw) if verdict.kind is Kind.STAFF else Enclosed()
        return Read(stored, as_from_requester(message, self.desk.ourselves), verdict, parts, enclosed)

    def process_as(self, uow: UnitOfWork, read: Read, verdict: Verdict, thread: Thread | None) -> tuple[Ticket, Plan]:
        """Process a message anew under a person's verdict, inside the caller's transaction.

        A given `thread` says which ticket it goes to. Raises NotFound where such a verdict gives no ticket.
        """
        standing = standing_of(uow, self.desk, self.clock.now())
        facts, plan = self._decide(standing, replace(read, verdict=verdict), thread)
        ticket = carry_out(self.desk, uow, facts, replace(read, verdict=verdict), plan, standing.now)
        if ticket is None:
            raise NotFound(f"Message {read.stored.id} can't have a ticket. Nothing was changed.")
        join_early_answers(self.desk, uow, read.message, ticket, standing.now)
        return ticket, plan

    def _decide(self, standing: Standing, read: Read, thread: Thread | None = None) -> tuple[Facts, Plan]:
        facts = FactFinder(self.desk).gather(standing, read, thread)
        return facts, decide(facts, self.desk.acknowledgement, standing.now)

    def _process_alone(self, batch: _Batch, stored: StoredMessage, reading: Read | Exception) -> _Became:
        became: _Became | Exception = (
            reading if isinstance(reading, Exception) else guarded(partial(self._process_one, batch, reading))
        )
        if isinstance(became, Exception):
            self._record_failure(batch, stored, became)
            return _Became.FAILED
        return became

    def _process_one(self, batch: _Batch, read: Read) -> _Became:
        standing = batch.standing
        with batch.uow.savepoint():
            twin = batch.uow.messages.find_twin(read.digest_parts)
            rescued = self._rescued(batch.uow, read, twin) if twin else None
            if twin and rescued is None:
                batch.uow.messages.record_duplicate(read.stored, twin, standing.now)
                batch.to_log.append(partial(self.log.info, "duplicate", message=read.stored.id, twin=twin))
                return _Became.DUPLICATE
            if read.verdict.kind is Kind.STAFF and self.staff_mail and not standing.by_hand:
                return self._take_staff_mail(batch, read, self.staff_mail)
            facts, plan = self._decide(standing, read, rescued)
            ticket = carry_out(self.desk, batch.uow, facts, read, plan, standing.now)
            if ticket:
                join_early_answers(self.desk, batch.uow, read.message, ticket, standing.now)
        if plan.acknowledgement.purpose and not plan.acknowledgement.held_because:
            standing.acknowledged += 1
        if ticket:
            batch.tickets.append(ticket.number)
        batch.to_log.append(partial(self._log_plan, read, plan, ticket))
        return _Became.PROCESSED

    def _take_staff_mail(self, batch: _Batch, read: Read, staff_mail: StaffMailTaker) -> _Became:
        ticket, outcome = staff_mail.take(batch.uow, read, batch.standing.now)
        number = ticket.number if ticket else None
        batch.to_log.append(partial(self.log.info, "staff_mail", message=read.stored.id, ticket=number, outcome=outcome))
        return _Became.PROCESSED

    def _rescued(self, uow: UnitOfWork, read: Read, twin: str) -> Thread | None:
        """Where a message belongs that a person has moved out of the junk folder: its ticket becomes a person's."""
        view = uow.messages.get(twin)
        if view is None or view.kind is not Kind.SPAM or read.verdict.kind is not Kind.PERSON:
            return None
        return thread_of_junk(uow, read, view.ticket_id)

    def _record_failure(self, batch: _Batch, stored: StoredMessage, error: Exception) -> None:
        failures, place, now = stored.failures + 1, place_of(error), batch.standing.now
        quarantine = failures >= batch.most_failures
        batch.uow.messages.record_failure(stored.id, str(error), place, quarantine=quarantine, now=now)
        say = partial(self.log.warning, "processing_failed", message=stored.id, failures=failures, place=place)
        batch.to_log.append(say)
        if not quarantine:
            return
        batch.to_log.append(partial(self.log.warning, "quarantined", message=stored.id))
        guarded(partial(tell_of_quarantine, self.desk, batch.uow, stored, now))

    def tell_of_refused(self, record: MailboxRecord, uid: int) -> None:
        """Tell the admins once of a message that the server can't give."""
        now = self.clock.now()
        alert = Alert(
            cause=f"refused:{record.id}:{record.uidvalidity}:{uid}",
            what=f"The mail server lists a message in {record.folder} (UID {uid}), and does not give it to us.",
            mail="It is still in the mailbox. It has no ticket, and nobody was answered. All others are taken in.",
            remedy="Please look at it in webmail, and answer from there. It is asked for again at every poll.",
        )
        with self.store.writing() as uow:
            self.desk.tell(self.desk.with_role(Role.ADMIN), alert, uow, now)
            uow.commit()
            reached(Boundary.REFUSAL_TOLD)

    def _log_plan(self, read: Read, plan: Plan, ticket: Ticket | None) -> None:
        self.log.info(
            "processed",
            message=read.stored.id,
            kind=read.verdict.kind.value,
            rule=read.verdict.rule,
            ticket=ticket.number if ticket else None,
            acknowledgement=plan.acknowledgement.purpose.value if plan.acknowledgement.purpose else None,
            held=bool(plan.acknowledgement.held_because),
        )


def _senders(readings: Sequence[_Reading]) -> Iterator[str]:
    for _, read in readings:
        if not isinstance(read, Exception) and read.message.sender:
            yield read.message.sender.address
