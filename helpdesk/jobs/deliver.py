"""Sends what is due in the outbox. The only place that hands mail to the transport."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from helpdesk.clock import Clock
from helpdesk.core.retry import next_attempt_at
from helpdesk.errors import DatabaseUnavailable, place_of
from helpdesk.jobs.ports import Random, Store, Transport
from helpdesk.log import Log
from helpdesk.model.delivery import Attempt, Delivery, DeliveryState, Outcome
from helpdesk.model.ticket import Event, EventKind

BATCH = 20
# What a lease leaves for the database beyond the time that one delivery may take.
MARGIN = timedelta(seconds=60)


@dataclass(slots=True)
class Deliverer:
    """Claims due deliveries, sends them over one kept connection, and records what became of each.

    `deadline` bounds one delivery, all its steps together. The attempt is counted and the lease taken before the server
    is dialled, so that a worker that dies leaves a mail that another takes up when the lease ends.
    """

    store: Store
    transport: Transport
    clock: Clock
    random: Random
    deadline: timedelta
    log: Log = field(default_factory=Log)

    def deliver_due(self) -> int:
        """Send all that is due now; returns how many were sent. Raises DatabaseUnavailable."""
        sent = 0
        while batch := self._claim():
            lease_ends = self.clock.now() + self.deadline + MARGIN
            for delivery in batch:
                # A slow server must not let a lease run out under a delivery: what is left is claimed anew, later.
                if self.clock.now() + self.deadline > lease_ends:
                    self.log.warning("lease_too_short", delivery=delivery.id)
                    break
                sent += self._deliver(delivery)
        return sent

    def _claim(self) -> list[Delivery]:
        with self.store.writing() as uow:
            batch = uow.outbox.claim(self.clock.now(), self.deadline + MARGIN, BATCH)
            if batch:
                uow.commit()
        return batch

    def _deliver(self, delivery: Delivery) -> bool:
        try:
            attempt = self.transport.send(delivery)
        except DatabaseUnavailable:
            raise
        # One mail that breaks the transport must not keep the others from going: it is tried again later.
        except Exception as error:  # noqa: BLE001
            self.log.warning("delivery_error", delivery=delivery.id, place=place_of(error))
            attempt = Attempt(Outcome.TRANSIENT, detail=place_of(error))
        self._record(delivery, attempt)
        return attempt.outcome is Outcome.SENT

    def _record(self, delivery: Delivery, attempt: Attempt) -> None:
        now = self.clock.now()
        state, retry_at = DeliveryState.SENT, None
        if attempt.outcome is Outcome.TRANSIENT:
            retry_at = next_attempt_at(delivery.attempts, delivery.created_at, now, self.random())
            state = DeliveryState.PENDING if retry_at else DeliveryState.FAILED
        elif attempt.outcome is Outcome.PERMANENT:
            state = DeliveryState.FAILED
        with self.store.writing() as uow:
            uow.outbox.record(delivery.id, attempt, state, retry_at, now)
            if state is DeliveryState.FAILED and delivery.ticket_id:
                why = f"{delivery.purpose} could not be delivered to {delivery.recipient}: {_answer(attempt)}"
                uow.tickets.add_events(delivery.ticket_id, [Event(EventKind.DELIVERY_FAILED, now, "worker", why)])
            uow.commit()
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
