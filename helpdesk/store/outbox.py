"""The outbox: mail on its way out, who may send it until when, and every try. What waits is here, and nowhere else."""

from __future__ import annotations

import builtins
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from sqlalchemy import bindparam, func, insert, null, or_, select, update

from helpdesk.core.addresses import lookup_form
from helpdesk.errors import NotFound
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
from helpdesk.store import outbox_views, references
from helpdesk.store.crypto import ContentErased, HashPurpose, SealBroken
from helpdesk.store.dialects import insert_ignoring
from helpdesk.store.schema import attempt, constant, data_key, delivery, delivery_content
from helpdesk.store.transaction import AnyRow, Transaction

_ADD = insert_ignoring(delivery, "cause", "purpose", "recipient_hash")
_ADD_CONTENT = insert(delivery_content)
_ADD_ATTEMPT = insert(attempt)
_EXISTS = select(delivery.c.id).where(
    delivery.c.cause == bindparam("cause"),
    delivery.c.purpose == bindparam("purpose"),
    delivery.c.recipient_hash == bindparam("recipient_hash"),
)

_IS_PENDING = delivery.c.state == constant(DeliveryState.PENDING)
# Every claim counts an attempt, and only a try that surely reached no server is counted here too: a worker that dies in
# between leaves the two different.
_IS_UNOFFERED = delivery.c.attempts == delivery.c.unreached
_DELIVERY = (
    select(
        delivery.c.id,
        delivery.c.scope_id,
        delivery.c.ticket_id,
        delivery.c.cause,
        delivery.c.purpose,
        delivery.c.attempts,
        delivery.c.created_at,
        delivery.c.names_opening_at,
        delivery.c.recipient,
        delivery.c.envelope_sender,
        delivery.c.message_id,
        delivery_content.c.content,
        data_key.c.wrapped,
    )
    .join(delivery_content, delivery_content.c.delivery_id == delivery.c.id)
    .outerjoin(data_key, data_key.c.scope_id == delivery.c.scope_id)
)
_DUE = (
    _DELIVERY.where(_IS_PENDING, delivery.c.next_attempt_at <= bindparam("now"))
    .order_by(delivery.c.next_attempt_at, delivery.c.id)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True, of=delivery)
)
_STALE = _DELIVERY.where(
    _IS_PENDING,
    _IS_UNOFFERED,
    or_(*(delivery.c.purpose == constant(purpose) for purpose in ACKNOWLEDGEMENTS)),
    or_(delivery.c.names_opening_at <= bindparam("now"), delivery.c.created_at < bindparam("created_before")),
).order_by(delivery.c.id)
_OF = update(delivery).where(delivery.c.id == bindparam("row_id"))
_CLAIM = _OF.values(attempts=delivery.c.attempts + 1, next_attempt_at=bindparam("lease_ends_at"))
_UNREADABLE = _OF.values(state=DeliveryState.FAILED.value, attempts=delivery.c.attempts + 1, next_attempt_at=null())
_RECORD = _OF.values(
    state=bindparam("new_state"),
    unreached=delivery.c.unreached + bindparam("more_unreached"),
    next_attempt_at=bindparam("next_attempt_at"),
    sent_at=bindparam("sent_at"),
)
_REPLACED = _OF.where(_IS_PENDING, _IS_UNOFFERED).values(names_opening_at=bindparam("names_opening_at"))
_REPLACE_CONTENT = (
    update(delivery_content)
    .where(delivery_content.c.delivery_id == bindparam("row_id"))
    .values(content=bindparam("new_content"))
)
_HOLD = _OF.where(delivery.c.state != constant(DeliveryState.SENT)).values(
    state=DeliveryState.HELD.value,
    held_because=bindparam("held_because"),
    held_at=bindparam("held_at"),
    next_attempt_at=null(),
)
_GIVE_BACK = _OF.where(_IS_PENDING).values(attempts=delivery.c.attempts - 1, next_attempt_at=bindparam("now"))
_RELEASE = _OF.where(delivery.c.state.in_((constant(DeliveryState.HELD), constant(DeliveryState.FAILED)))).values(
    state=DeliveryState.PENDING.value, held_because=null(), held_at=null(), next_attempt_at=bindparam("now")
)
_TRIED = select(func.count()).where(attempt.c.delivery_id == delivery.c.id).scalar_subquery()
_END_LEASES = update(delivery).where(_IS_PENDING, delivery.c.attempts > _TRIED).values(next_attempt_at=bindparam("now"))
_WAITING_FOR = select(delivery.c.id).where(_IS_PENDING, delivery.c.recipient_hash == bindparam("recipient_hash"))
_SCOPE = (
    select(delivery.c.scope_id, data_key.c.wrapped)
    .outerjoin(data_key, data_key.c.scope_id == delivery.c.scope_id)
    .where(delivery.c.id == bindparam("id"))
)


class SqlOutbox:
    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def add(self, delivery: NewDelivery, now: datetime) -> str | None:
        """Add a row, due at once (or held); None when this cause, purpose and recipient is there already."""
        transaction = self._transaction
        values: dict[str, object] = {
            "cause": delivery.cause,
            "purpose": delivery.purpose.value,
            "recipient_hash": transaction.hash(HashPurpose.ADDRESS, lookup_form(delivery.recipient)),
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
        return delivery_id

    def claim(self, now: datetime, lease: timedelta, limit: int) -> list[Delivery]:
        """Take up to `limit` due deliveries: attempts + 1, lease until now + lease. Oldest first.

        Due is: pending, next_attempt_at passed, and no lease that still runs. One whose content does not open any more
        has failed for good.
        """
        self._transaction.flush()
        claimed = []
        for row in self._transaction.read(_DUE, {"now": now, "limit": limit}).all():
            try:
                claimed.append(self._delivery(row, attempts=row.attempts + 1))
            except (SealBroken, ContentErased):
                self._transaction.write(_UNREADABLE, {"row_id": row.id})
        if claimed:
            self._transaction.write(_CLAIM, [{"row_id": each.id, "lease_ends_at": now + lease} for each in claimed])
            self._transaction.vault.keep_recent("deliveries", [each.id for each in claimed])
        return claimed

    def record(
        self, delivery_id: str, attempt: Attempt, state: DeliveryState, next_attempt_at: datetime | None, now: datetime
    ) -> None:
        """Write an attempt and the state it leads to, and end the lease."""
        tried = self._attempt_row(delivery_id, attempt, now)
        self._transaction.write_later(
            _RECORD,
            {
                "row_id": delivery_id,
                "new_state": state.value,
                "more_unreached": 0 if attempt.reached_server else 1,
                "next_attempt_at": next_attempt_at,
                "sent_at": now if state is DeliveryState.SENT else None,
            },
        )
        self._transaction.write_later(_ADD_ATTEMPT, tried)

    def give_back(self, delivery_ids: Sequence[str], now: datetime) -> None:
        """End the claim of deliveries that were not tried: attempts - 1, due at once."""
        self._transaction.write(_GIVE_BACK, [{"row_id": each, "now": now} for each in delivery_ids])

    def release(self, delivery_id: str, now: datetime) -> bool:
        """A held or failed delivery is due at once; False when there is none."""
        self._transaction.flush()
        return bool(self._transaction.write(_RELEASE, {"row_id": delivery_id, "now": now}))

    def end_leases(self, now: datetime) -> int:
        """Make everything due that was claimed and never recorded; only for a worker that is surely alone."""
        return self._transaction.write(_END_LEASES, {"now": now})

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
                found.append(self._delivery(row, attempts=row.attempts))
        return found

    def replace_content(self, delivery_id: str, content: bytes, names_opening_at: datetime | None) -> None:
        """Give a mail that no server was offered yet new bytes; one that was claimed in the meantime stays as it is."""
        if not self._transaction.write(_REPLACED, {"row_id": delivery_id, "names_opening_at": names_opening_at}):
            return
        self._learn_scope(delivery_id)
        sealed = self._transaction.vault.seal(delivery_id, "delivery_content.content", content)
        self._transaction.flush()
        self._transaction.write(_REPLACE_CONTENT, {"row_id": delivery_id, "new_content": sealed})

    def hold(self, delivery_id: str, because: str, now: datetime) -> None:
        """Let it wait for a person; what was sent already stays sent."""
        self._learn_scope(delivery_id)
        self._transaction.flush()
        sealed = self._transaction.vault.seal(delivery_id, "delivery.held_because", because)
        self._transaction.write(_HOLD, {"row_id": delivery_id, "held_because": sealed, "held_at": now})

    def hold_all_to(self, address: str, because: str, now: datetime) -> int:
        """Hold every pending delivery to this address; returns how many."""
        self._transaction.flush()
        address_hash = self._transaction.hash(HashPurpose.ADDRESS, lookup_form(address))
        waiting = self._transaction.read(_WAITING_FOR, {"recipient_hash": address_hash}).all()
        for row in waiting:
            self.hold(row.id, because, now)
        return len(waiting)

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
            "next_attempt_at": None if held else now,
            "names_opening_at": new.names_opening_at,
            "held_at": now if held else None,
            "recipient": vault.seal(delivery_id, "delivery.recipient", new.recipient),
            "envelope_sender": vault.seal(delivery_id, "delivery.envelope_sender", new.envelope_sender),
            "message_id": vault.seal(delivery_id, "delivery.message_id", new.message_id),
            "held_because": vault.seal(delivery_id, "delivery.held_because", new.held_because) if held else None,
        }

    def _delivery(self, row: AnyRow, *, attempts: int) -> Delivery:
        vault = self._transaction.vault
        vault.learn(row.scope_id, row.wrapped)
        vault.share(row.id, row.scope_id)
        return Delivery(
            id=row.id,
            ticket_id=row.ticket_id,
            cause=row.cause,
            purpose=Purpose(row.purpose),
            attempts=attempts,
            created_at=row.created_at,
            envelope_sender=vault.open_text(row.id, "delivery.envelope_sender", row.envelope_sender),
            recipient=vault.open_text(row.id, "delivery.recipient", row.recipient),
            content=vault.open_sealed(row.id, "delivery_content.content", row.content),
            message_id=vault.open_text(row.id, "delivery.message_id", row.message_id),
            names_opening_at=row.names_opening_at,
        )

    def _attempt_row(self, delivery_id: str, attempt: Attempt, now: datetime) -> dict[str, object]:
        self._learn_scope(delivery_id)
        vault = self._transaction.vault
        # Where the content was erased while it was being sent, that it was sent must still be recorded.
        sealed = vault.seal(delivery_id, "attempt.detail", attempt.detail) if vault.knows(delivery_id) else None
        return {
            "delivery_id": delivery_id,
            "id": self._transaction.ids.new(now),
            "at": now,
            "outcome": attempt.outcome.value,
            "code": attempt.code,
            "reached_server": attempt.reached_server,
            "detail": sealed,
        }

    def _learn_scope(self, delivery_id: str) -> None:
        if self._transaction.vault.knows(delivery_id):
            return
        row = self._transaction.read(_SCOPE, {"id": delivery_id}).first()
        if row is None:
            raise NotFound("No such delivery is in the outbox.")
        self._transaction.vault.learn(row.scope_id, row.wrapped)
        self._transaction.vault.share(delivery_id, row.scope_id)
