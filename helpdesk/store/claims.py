"""Who may send a delivery, and until when: claims, what becomes of each, and the ends of those that nobody recorded.

All of it may run beside that of other workers: a claim passes over what another is claiming, and what is recorded of a claim
that does not hold any more changes nothing but the list of tries.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Integer, and_, bindparam, insert, null, select, update

from helpdesk.model.delivery import Attempt, Delivery, DeliveryState
from helpdesk.store.crypto import ContentErased, SealBroken
from helpdesk.store.outbox_rows import DELIVERY, IS_PENDING, OF, delivery_of, learn_scope
from helpdesk.store.schema import attempt, delivery, delivery_content
from helpdesk.store.transaction import Transaction

_ADD_ATTEMPT = insert(attempt)
_DUE = (
    DELIVERY.where(IS_PENDING, delivery.c.next_attempt_at <= bindparam("now"))
    .order_by(delivery.c.next_attempt_at, delivery.c.id)
    .limit(bindparam("limit"))
    # The content is locked too: else one that was replaced just now might come with the row as it was before.
    .with_for_update(skip_locked=True, key_share=True, of=(delivery, delivery_content))
)
_CLAIM = OF.values(attempts=delivery.c.attempts + 1, next_attempt_at=bindparam("lease_ends_at"), claimed_by=bindparam("worker"))
_UNREADABLE = OF.values(
    state=DeliveryState.FAILED.value, attempts=delivery.c.attempts + 1, next_attempt_at=null(), claimed_by=null()
)
# Every claim counts, so the count tells whether this one still holds, or its lease ended and another took the mail.
_IS_STILL_CLAIMED = and_(
    IS_PENDING, delivery.c.claimed_by.is_not(None), delivery.c.attempts == bindparam("claimed_as", type_=Integer)
)
_SENT = OF.values(
    state=DeliveryState.SENT.value,
    next_attempt_at=null(),
    sent_at=bindparam("sent_at"),
    held_because=null(),
    held_at=null(),
    claimed_by=null(),
)
_NOT_SENT = OF.where(_IS_STILL_CLAIMED).values(
    state=bindparam("new_state"),
    unreached=delivery.c.unreached + bindparam("more_unreached"),
    next_attempt_at=bindparam("next_attempt_at"),
    claimed_by=null(),
)
_GIVE_BACK = OF.where(_IS_STILL_CLAIMED).values(
    attempts=delivery.c.attempts - 1, next_attempt_at=bindparam("now"), claimed_by=null()
)
_CLAIMANTS = (
    select(delivery.c.claimed_by)
    .where(IS_PENDING, delivery.c.claimed_by.is_not(None), delivery.c.next_attempt_at > bindparam("now"))
    .distinct()
)
_END_LEASES = (
    update(delivery)
    .where(IS_PENDING, delivery.c.claimed_by.is_not(None), delivery.c.claimed_by == bindparam("worker"))
    .values(next_attempt_at=bindparam("now"), claimed_by=null())
)

# Not what is claimed: a lease that ended early would be sent twice.
_WAITING = select(delivery.c.id, delivery.c.next_attempt_at).where(IS_PENDING, delivery.c.claimed_by.is_(None))
# No answer at all: one that was answered, as by a greylist, is to wait.
_LAST_TRY_UNANSWERED = (
    select(and_(attempt.c.code.is_(None), attempt.c.reached_server.is_(False)))
    .where(attempt.c.delivery_id == delivery.c.id)
    .order_by(attempt.c.id.desc())
    .limit(1)
    .scalar_subquery()
)
_UNHEARD = (
    update(delivery)
    .where(
        IS_PENDING,
        delivery.c.claimed_by.is_(None),
        delivery.c.next_attempt_at > bindparam("now"),
        _LAST_TRY_UNANSWERED,
    )
    .values(next_attempt_at=bindparam("now"))
)
_DUE_AT = OF.where(IS_PENDING, delivery.c.claimed_by.is_(None)).values(next_attempt_at=bindparam("due_at"))


@dataclass(frozen=True, slots=True)
class Result:
    """What a try led to: the state that follows, and when it is tried again."""

    attempt: Attempt
    state: DeliveryState
    next_attempt_at: datetime | None


def claim(transaction: Transaction, now: datetime, lease: timedelta, limit: int, worker: int) -> list[Delivery]:
    transaction.flush()
    claimed = []
    for row in transaction.read(_DUE, {"now": now, "limit": limit}).all():
        try:
            claimed.append(delivery_of(transaction, row, attempts=row.attempts + 1))
        except (SealBroken, ContentErased):
            transaction.write(_UNREADABLE, {"row_id": row.id})
    if claimed:
        lease_ends = {"lease_ends_at": now + lease, "worker": worker}
        transaction.write(_CLAIM, [{"row_id": each.id, **lease_ends} for each in claimed])
        transaction.vault.keep_recent("deliveries", [each.id for each in claimed])
    return claimed


def record(transaction: Transaction, delivery: Delivery, result: Result, now: datetime) -> None:
    tried = _attempt_row(transaction, delivery.id, result.attempt, now)
    if result.state is DeliveryState.SENT:
        transaction.write_later(_SENT, {"row_id": delivery.id, "sent_at": now})
    else:
        not_sent = {
            "row_id": delivery.id,
            "claimed_as": delivery.attempts,
            "new_state": result.state.value,
            "more_unreached": 0 if result.attempt.reached_server else 1,
            "next_attempt_at": result.next_attempt_at,
        }
        transaction.write_later(_NOT_SENT, not_sent)
    transaction.write_later(_ADD_ATTEMPT, tried)


def give_back(transaction: Transaction, deliveries: Sequence[Delivery], now: datetime) -> None:
    given = [{"row_id": each.id, "claimed_as": each.attempts, "now": now} for each in deliveries]
    transaction.write(_GIVE_BACK, given)


def claimants(transaction: Transaction, now: datetime) -> set[int]:
    return set(transaction.read(_CLAIMANTS, {"now": now}).scalars())


def end_leases_of(transaction: Transaction, worker: int, now: datetime) -> int:
    return transaction.write(_END_LEASES, {"worker": worker, "now": now})


def bring_forward(transaction: Transaction, by: timedelta) -> int:
    transaction.flush()
    earlier = [{"row_id": row.id, "due_at": row.next_attempt_at - by} for row in transaction.read(_WAITING).all()]
    return transaction.write(_DUE_AT, earlier) if earlier else 0


def hasten(transaction: Transaction, now: datetime) -> int:
    transaction.flush()
    return transaction.write(_UNHEARD, {"now": now})


def _attempt_row(transaction: Transaction, delivery_id: str, attempt: Attempt, now: datetime) -> dict[str, object]:
    learn_scope(transaction, delivery_id)
    vault = transaction.vault
    # Where the content was erased while it was being sent, that it was sent must still be recorded.
    sealed = vault.seal(delivery_id, "attempt.detail", attempt.detail) if vault.knows(delivery_id) else None
    return {
        "delivery_id": delivery_id,
        "id": transaction.ids.new(now),
        "at": now,
        "outcome": attempt.outcome.value,
        "code": attempt.code,
        "reached_server": attempt.reached_server,
        "detail": sealed,
    }
