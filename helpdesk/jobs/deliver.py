"""Sends what is due in the outbox. The only place that hands mail to the transport."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from helpdesk.boundary import Boundary, reached
from helpdesk.clock import Clock
from helpdesk.core.retry import next_attempt_at
from helpdesk.errors import DatabaseUnavailable, place_of
from helpdesk.jobs.ports import Presence, Random, Store, Transport, UnitOfWork
from helpdesk.log import Log
from helpdesk.model.delivery import Attempt, Delivery, DeliveryState, Outcome
from helpdesk.model.ticket import Event, EventKind

BATCH = 20
# What a lease leaves for the database beyond the time that one delivery may take.
MARGIN = timedelta(seconds=60)


def longest_lease(deadline: timedelta) -> timedelta:
    """How long a claim holds where one delivery may take up to `deadline`: for a slow one, and for a second one after it."""
    return deadline * 2 + MARGIN


@dataclass(slots=True)
class Deliverer:
    """Claims due deliveries, sends them over one kept connection, and records what became of each.

    `deadline` bounds one delivery, all its steps together. The attempt is counted and the lease taken before the server
    is dialled, so that a worker that dies leaves a mail that another takes up when the lease ends. `sent` is told, in the
    transaction that records it, of each mail that went out, and `failed` of each that never will; `stopping` says that the
    worker is to end.
    `presence` lets other workers know that this one is at what it claimed. `unrecorded` is what was tried while the database
    was away; `in_doubt` says that it failed, so that something may be claimed of which we don't know. `away`: the server
    gave no answer to the last try, or nothing is known of it yet.
    """

    store: Store
    transport: Transport
    clock: Clock
    random: Random
    deadline: timedelta
    presence: Presence
    log: Log = field(default_factory=Log)
    failed: Callable[[UnitOfWork, Delivery], None] = lambda uow, delivery: None
    sent: Callable[[UnitOfWork, Delivery], None] = lambda uow, delivery: None
    stopping: Callable[[], bool] = lambda: False
    unrecorded: list[tuple[Delivery, Attempt]] = field(default_factory=list)
    in_doubt: bool = False
    away: bool = True

    def deliver_due(self) -> int:
        """Send all that is due now; returns how many were sent. Raises DatabaseUnavailable."""
        # What was sent while the database was away is recorded before anything else is touched.
        self._record_all()
        if self.in_doubt:
            self._take_back()
        self.in_doubt = True
        sent = self._deliver_all()
        self.in_doubt = False
        return sent

    def finish(self) -> None:
        """Record what was sent and not recorded yet, before the worker ends and forgets it; raises DatabaseUnavailable."""
        self._record_all()

    def _deliver_all(self) -> int:
        sent = 0
        while not self.stopping() and (batch := self._claim()):
            lease_ends = self.clock.now() + self.lease
            while batch and not self._must_stop(lease_ends):
                # While others may take this worker for dead, what it had claimed may be another's.
                self.presence.check()
                sent += self._deliver(batch.pop(0))
            if batch:
                self._give_back(batch)
        return sent

    def _must_stop(self, lease_ends: datetime) -> bool:
        # A slow server must not let a lease run out under a delivery.
        return self.stopping() or self.clock.now() + self.deadline > lease_ends

    @property
    def lease(self) -> timedelta:
        return longest_lease(self.deadline)

    def _take_back(self) -> None:
        """The database failed the last time. What is claimed for us still, nobody is at."""
        with self.store.delivering() as uow:
            count = uow.outbox.end_leases_of(self.presence.number, self.clock.now())
            uow.commit()
            reached(Boundary.TAKEN_BACK)
        if count:
            self.log.info("given_back", count=count)

    def _claim(self) -> list[Delivery]:
        self.presence.check()
        with self.store.delivering() as uow:
            batch = uow.outbox.claim(self.clock.now(), self.lease, BATCH, self.presence.number)
            uow.commit()
            reached(Boundary.CLAIMED)
        return batch

    def _give_back(self, untried: Sequence[Delivery]) -> None:
        """What was claimed and not tried is due at once, for whoever comes next."""
        with self.store.delivering() as uow:
            uow.outbox.give_back(untried, self.clock.now())
            uow.commit()
            reached(Boundary.GIVEN_BACK)
        self.log.info("given_back", count=len(untried))

    def _deliver(self, delivery: Delivery) -> bool:
        """Send one mail, and record it before another is touched: what is sent and not recorded would be sent again."""
        attempt = self._try(delivery)
        self.unrecorded.append((delivery, attempt))
        self._record_all()
        return attempt.outcome is Outcome.SENT

    def _record_all(self) -> None:
        """Record what was tried. While the database is away it is kept in memory, since it can't be sent again."""
        if not self.unrecorded:
            return
        with self.store.delivering() as uow:
            states = [self._record(uow, delivery, attempt) for delivery, attempt in self.unrecorded]
            if self._is_back():
                # What waits longer and longer while a server is away need not wait when it is back.
                uow.outbox.hasten(self.clock.now())
            uow.commit()
            reached(Boundary.RECORDED)
        last = self.unrecorded[-1][1]
        self.away = last.code is None and not last.reached_server
        recorded, self.unrecorded = self.unrecorded, []
        for (delivery, attempt), state in zip(recorded, states, strict=True):
            self._log_attempt(delivery, attempt, state)

    def _is_back(self) -> bool:
        """Whether the server takes mail again, as far as this worker knows for the first time since it was away."""
        return self.away and any(attempt.outcome is Outcome.SENT for _, attempt in self.unrecorded)

    def _try(self, delivery: Delivery) -> Attempt:
        try:
            return self.transport.send(delivery)
        except DatabaseUnavailable:
            raise
        # One mail that breaks the transport must not keep the others from going: it is tried again later.
        except Exception as error:  # noqa: BLE001
            self.log.warning("delivery_error", delivery=delivery.id, place=place_of(error))
            return Attempt(Outcome.TRANSIENT, detail=place_of(error))

    def _record(self, uow: UnitOfWork, delivery: Delivery, attempt: Attempt) -> DeliveryState:
        now = self.clock.now()
        state, retry_at = DeliveryState.SENT, None
        if attempt.outcome is Outcome.TRANSIENT:
            retry_at = next_attempt_at(delivery.attempts, delivery.created_at, now, self.random())
            state = DeliveryState.PENDING if retry_at else DeliveryState.FAILED
        elif attempt.outcome is Outcome.PERMANENT:
            state = DeliveryState.FAILED
        uow.outbox.record(delivery, attempt, state, retry_at, now)
        if state is DeliveryState.SENT:
            self.sent(uow, delivery)
        if state is DeliveryState.FAILED:
            if delivery.ticket_id:
                why = f"{delivery.purpose} could not be delivered to {delivery.recipient}: {_answer(attempt)}"
                uow.tickets.add_events(delivery.ticket_id, [Event(EventKind.DELIVERY_FAILED, now, "worker", why)])
            self.failed(uow, delivery)
        return state

    def _log_attempt(self, delivery: Delivery, attempt: Attempt, state: DeliveryState) -> None:
        self.log.info(
            "delivered" if state is DeliveryState.SENT else "not_delivered",
            delivery=delivery.id,
            purpose=delivery.purpose.value,
            state=state.value,
            code=attempt.code,
            attempts=delivery.attempts,
        )


def _answer(attempt: Attempt) -> str:
    return f"{attempt.code} {attempt.detail}" if attempt.code else attempt.detail or "no answer from the server"
