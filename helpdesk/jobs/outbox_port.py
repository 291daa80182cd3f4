"""What the jobs need of the outbox: mail on its way out, and who may send it until when. The store gives the real one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from helpdesk.model.delivery import (
    Acknowledged,
    Attempt,
    Delivery,
    DeliveryState,
    NewDelivery,
    OutboxRow,
    Purpose,
)


class Outbox(Protocol):
    def add(self, delivery: NewDelivery, now: datetime) -> str | None:
        """Add a row, due when it says (or held); None when this cause, purpose and recipient is there already."""
        ...

    def claim(self, now: datetime, lease: timedelta, limit: int, worker: int) -> list[Delivery]:
        """Take up to `limit` due deliveries for this worker: attempts + 1, lease until now + lease. Oldest first.

        Due is: pending, next_attempt_at passed, and no lease that still runs.
        """
        ...

    def record(
        self, delivery: Delivery, attempt: Attempt, state: DeliveryState, next_attempt_at: datetime | None, now: datetime
    ) -> None:
        """Write the attempt that a claim led to, the state that follows from it, and end the lease.

        What was sent is sent, whatever happened meanwhile. Else nothing but the attempt is written where the claim holds no
        more: another worker may be sending it, or a person holds it.
        """
        ...

    def acknowledged_on(self, ticket_id: str) -> list[Acknowledged]: ...

    def give_back(self, deliveries: Sequence[Delivery], now: datetime) -> None:
        """End the claim of deliveries that were not tried: attempts - 1, due at once."""
        ...

    def release(self, delivery_id: str, now: datetime) -> bool:
        """A held or failed delivery is due at once; False when there is none."""
        ...

    def claimants(self, now: datetime) -> set[int]:
        """The workers that have claimed something, have not recorded it yet, and whose lease still runs."""
        ...

    def end_leases_of(self, worker: int, now: datetime) -> int:
        """Make everything due that this worker claimed and never recorded; only for one that is surely at it no more."""
        ...

    def bring_forward(self, by: timedelta) -> int:
        """Make what waits, and nobody has claimed, due so much earlier; returns how many that were."""
        ...

    def hasten(self, now: datetime) -> int:
        """Make due at once what was tried and got no answer, now that the server answers again; returns how many that were."""
        ...

    def sent_to(self, address: str, purposes: Sequence[Purpose], since: datetime) -> int:
        """How many mails for these purposes were put in the outbox for this address at or after `since`."""
        ...

    def sent_in_all(self, purposes: Sequence[Purpose], since: datetime) -> int:
        """How many mails for these purposes were put in the outbox at or after `since`."""
        ...

    def stale(self, now: datetime, created_before: datetime) -> list[Delivery]:
        """Pending acknowledgements that no server was ever offered and that are not leased, whose words are out of date.

        That is: the opening that they name has passed, or they were created before `created_before`.
        """
        ...

    def replace_content(self, delivery_id: str, content: bytes, names_opening_at: datetime | None) -> None: ...

    def hold(self, delivery_id: str, because: str, now: datetime) -> None: ...

    def hold_all_to(self, address: str, because: str, now: datetime) -> int:
        """Hold every pending delivery to this address; returns how many."""
        ...

    def withdraw(self, ticket_id: str, address: str) -> int:
        """Take out, as if it had never been written, what is on its way to this address about this ticket; how many.

        What is being sent at this moment is on its way.
        """
        ...

    def oldest_due(self, now: datetime) -> datetime | None:
        """When the oldest of the deliveries was added that wait to be sent; those held wait for a person."""
        ...

    def counts(self) -> Mapping[DeliveryState, int]:
        """How many deliveries are in each state but `sent`; the many that were sent are not counted."""
        ...

    def list(self, states: Sequence[DeliveryState], limit: int) -> list[OutboxRow]: ...
