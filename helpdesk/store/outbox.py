"""The outbox: mail on its way out, who may send it until when, and every try. What waits is here, and nowhere else."""

from __future__ import annotations

import builtins
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from sqlalchemy import and_, bindparam, insert, null, or_, select, update

from helpdesk.model.delivery import (
    ACKNOWLEDGEMENTS,
    Acknowledged,
    Attempt,
    Delivery,
    DeliveryState,
    NewDelivery,
    OutboxRow,
    Purpose,
)
from helpdesk.model.staff import StaffToken
from helpdesk.store import claims, outbox_views, references, withdrawals
from helpdesk.store.crypto import ContentErased, SealBroken
from helpdesk.store.dialects import insert_ignoring
from helpdesk.store.outbox_rows import DELIVERY, IS_PENDING, IS_UNOFFERED, OF, delivery_of, learn_scope
from helpdesk.store.schema import constant, delivery, delivery_content
from helpdesk.store.tokens import SqlTokens
from helpdesk.store.transaction import Transaction

_ADD = insert_ignoring(delivery, "cause", "purpose", "recipient_hash")
_ADD_CONTENT = insert(delivery_content)
_EXISTS = select(delivery.c.id).where(
    delivery.c.cause == bindparam("cause"),
    delivery.c.purpose == bindparam("purpose"),
    delivery.c.recipient_hash == bindparam("recipient_hash"),
)

_STALE = DELIVERY.where(
    IS_PENDING,
    IS_UNOFFERED,
    or_(*(delivery.c.purpose == constant(purpose) for purpose in ACKNOWLEDGEMENTS)),
    or_(
        delivery.c.names_opening_at <= bindparam("now"),
        # One that a person has let go is late by their will.
        and_(delivery.c.created_at < bindparam("created_before"), delivery.c.held_at.is_(None)),
    ),
).order_by(delivery.c.id)
_REPLACED = OF.where(IS_PENDING, IS_UNOFFERED).values(names_opening_at=bindparam("names_opening_at"))
_REPLACE_CONTENT = (
    update(delivery_content)
    .where(delivery_content.c.delivery_id == bindparam("row_id"))
    .values(content=bindparam("new_content"))
)
_HOLD = OF.where(delivery.c.state != constant(DeliveryState.SENT)).values(
    state=DeliveryState.HELD.value,
    held_because=bindparam("held_because"),
    held_at=bindparam("held_at"),
    next_attempt_at=null(),
    claimed_by=null(),
)
_RELEASE = OF.where(delivery.c.state.in_((constant(DeliveryState.HELD), constant(DeliveryState.FAILED)))).values(
    state=DeliveryState.PENDING.value,
    held_because=null(),
    # From now on it is the note that a person let it go, and when.
    held_at=bindparam("now"),
    next_attempt_at=bindparam("now"),
)
_WAITING_FOR = select(delivery.c.id).where(IS_PENDING, delivery.c.recipient_hash == bindparam("recipient_hash"))


class SqlOutbox:
    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def add(self, delivery: NewDelivery, now: datetime) -> str | None:
        """Add a row, due when it says (or held); None when this cause, purpose and recipient is there already."""
        transaction = self._transaction
        values: dict[str, object] = {
            "cause": delivery.cause,
            "purpose": delivery.purpose.value,
            "recipient_hash": transaction.hash_of_address(delivery.recipient),
        }
        # Looked up first where the row would need a data key of its own, which would be left over.
        if delivery.ticket_id is None and transaction.read(_EXISTS, values).first():
            return None
        delivery_id = transaction.ids.new(now)
        values |= self._row_of(delivery_id, delivery, now)
        if not transaction.write(_ADD, values):
            return None
        content = transaction.vault.seal(delivery_id, "delivery_content.content", delivery.content)
        transaction.write_later(_ADD_CONTENT, {"delivery_id": delivery_id, "content": content})
        if delivery.ticket_id and delivery.message_id:
            references.refer(transaction, delivery.message_id, delivery.ticket_id)
        if delivery.ticket_id and delivery.answerable:
            may = delivery.answerable
            bound = StaffToken(may.staff_id, delivery.ticket_id, delivery_id, now, may.until)
            SqlTokens(transaction).add(delivery.message_id.partition("@")[0], bound)
        return delivery_id

    def claim(self, now: datetime, lease: timedelta, limit: int, worker: int) -> list[Delivery]:
        """Take up to `limit` due deliveries for this worker: attempts + 1, lease until now + lease. Oldest first.

        Due is: pending, next_attempt_at passed, and no lease that still runs. One whose content does not open any more
        has failed for good.
        """
        return claims.claim(self._transaction, now, lease, limit, worker)

    def record(
        self, delivery: Delivery, attempt: Attempt, state: DeliveryState, next_attempt_at: datetime | None, now: datetime
    ) -> None:
        """Write the attempt that a claim led to, the state that follows from it, and end the lease.

        What was sent is sent, whatever happened meanwhile. Else nothing but the attempt is written where the claim holds no
        more: another worker may be sending it, or a person holds it.
        """
        claims.record(self._transaction, delivery, claims.Result(attempt, state, next_attempt_at), now)

    def give_back(self, deliveries: Sequence[Delivery], now: datetime) -> None:
        """End the claim of deliveries that were not tried: attempts - 1, due at once."""
        claims.give_back(self._transaction, deliveries, now)

    def release(self, delivery_id: str, now: datetime) -> bool:
        """A held or failed delivery is due at once; False when there is none."""
        self._transaction.flush()
        return bool(self._transaction.write(_RELEASE, {"row_id": delivery_id, "now": now}))

    def claimants(self, now: datetime) -> set[int]:
        """The workers that have claimed something, have not recorded it yet, and whose lease still runs."""
        return claims.claimants(self._transaction, now)

    def end_leases_of(self, worker: int, now: datetime) -> int:
        """Make everything due that this worker claimed and never recorded; only for one that is surely at it no more."""
        return claims.end_leases_of(self._transaction, worker, now)

    def bring_forward(self, by: timedelta) -> int:
        """Make what waits, and nobody has claimed, due so much earlier; returns how many that were."""
        return claims.bring_forward(self._transaction, by)

    def hasten(self, now: datetime) -> int:
        """Make due at once what was tried and got no answer, now that the server answers again; returns how many that were."""
        return claims.hasten(self._transaction, now)

    def acknowledged_on(self, ticket_id: str) -> builtins.list[Acknowledged]:
        return outbox_views.acknowledged_on(self._transaction, ticket_id)

    def sent_to(self, address: str, purposes: Sequence[Purpose], since: datetime) -> int:
        """How many mails for these purposes were put in the outbox for this address at or after `since`; not those held."""
        return outbox_views.sent_to(self._transaction, address, purposes, since)

    def sent_in_all(self, purposes: Sequence[Purpose], since: datetime) -> int:
        """How many mails for these purposes were put in the outbox at or after `since`; not those held."""
        return outbox_views.sent_in_all(self._transaction, purposes, since)

    def stale(self, now: datetime, created_before: datetime) -> builtins.list[Delivery]:
        """Pending acknowledgements that no server was ever offered and that are not leased, whose words are out of date.

        That is: the opening that they name has passed, or they were created before `created_before`. A lease that ran out
        counts as offered, since nobody knows what became of it.
        """
        self._transaction.flush()
        found = []
        for row in self._transaction.read(_STALE, {"now": now, "created_before": created_before}).all():
            # What does not open any more can't be composed anew either; the next claim finds it.
            with suppress(SealBroken, ContentErased):
                found.append(delivery_of(self._transaction, row, attempts=row.attempts))
        return found

    def replace_content(self, delivery_id: str, content: bytes, names_opening_at: datetime | None) -> None:
        """Give a mail that no server was offered yet new bytes; one that was claimed in the meantime stays as it is."""
        if not self._transaction.write(_REPLACED, {"row_id": delivery_id, "names_opening_at": names_opening_at}):
            return
        learn_scope(self._transaction, delivery_id)
        sealed = self._transaction.vault.seal(delivery_id, "delivery_content.content", content)
        self._transaction.flush()
        self._transaction.write(_REPLACE_CONTENT, {"row_id": delivery_id, "new_content": sealed})

    def hold(self, delivery_id: str, because: str, now: datetime) -> None:
        """Let it wait for a person; what was sent already stays sent."""
        learn_scope(self._transaction, delivery_id)
        self._transaction.flush()
        sealed = self._transaction.vault.seal(delivery_id, "delivery.held_because", because)
        self._transaction.write(_HOLD, {"row_id": delivery_id, "held_because": sealed, "held_at": now})

    def hold_all_to(self, address: str, because: str, now: datetime) -> int:
        """Hold every pending delivery to this address; returns how many."""
        self._transaction.flush()
        address_hash = self._transaction.hash_of_address(address)
        waiting = self._transaction.read(_WAITING_FOR, {"recipient_hash": address_hash}).all()
        for row in waiting:
            self.hold(row.id, because, now)
        return len(waiting)

    def withdraw(self, ticket_id: str, address: str) -> int:
        """Take out, as if it had never been written, what is on its way to this address about this ticket; how many."""
        return withdrawals.withdraw(self._transaction, ticket_id, address)

    def oldest_due(self, now: datetime) -> datetime | None:
        """When the oldest of the deliveries was added, or let go by a person, that wait to be sent; those held don't count."""
        return outbox_views.oldest_due(self._transaction, now)

    def counts(self) -> Mapping[DeliveryState, int]:
        """How many deliveries are in each state but `sent`; the many that were sent are not counted."""
        return outbox_views.counts(self._transaction)

    def list(self, states: Sequence[DeliveryState], limit: int) -> builtins.list[OutboxRow]:
        """Deliveries in these states, newest first."""
        self._transaction.flush()
        return outbox_views.rows(self._transaction, states, limit)

    def _row_of(self, delivery_id: str, new: NewDelivery, now: datetime) -> dict[str, object]:
        vault, held = self._transaction.vault, bool(new.held_because)
        if new.ticket_id:
            vault.share(delivery_id, new.ticket_id)
        else:
            vault.create(delivery_id)
        return {
            "id": delivery_id,
            "scope_id": new.ticket_id or delivery_id,
            "ticket_id": new.ticket_id,
            "state": (DeliveryState.HELD if held else DeliveryState.PENDING).value,
            "attempts": 0,
            "unreached": 0,
            "created_at": now,
            "next_attempt_at": None if held else new.due_at or now,
            "names_opening_at": new.names_opening_at,
            "held_at": now if held else None,
            "recipient": vault.seal(delivery_id, "delivery.recipient", new.recipient),
            "envelope_sender": vault.seal(delivery_id, "delivery.envelope_sender", new.envelope_sender),
            "message_id": vault.seal(delivery_id, "delivery.message_id", new.message_id),
            "held_because": vault.seal(delivery_id, "delivery.held_because", new.held_because) if held else None,
        }
