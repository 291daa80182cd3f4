"""Replies of staff: which are on their way, what became of each, and the mail of ours that a staff member answered."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Exists, Update, and_, bindparam, case, exists, null, or_, select, update

from helpdesk.model.delivery import Delivery, DeliveryState, Purpose, Reply
from helpdesk.model.message import Kind
from helpdesk.model.ticket import TicketState
from helpdesk.store.crypto import ContentErased, SealBroken
from helpdesk.store.outbox_rows import DELIVERY, IS_PENDING, OF, delivery_of
from helpdesk.store.schema import constant, delivery, message, ticket
from helpdesk.store.transaction import AnyRow, Transaction

CAUSE = "reply:"

_REPLIES = select(
    delivery.c.id,
    delivery.c.cause,
    delivery.c.state,
    delivery.c.created_at,
    delivery.c.next_attempt_at,
    delivery.c.sent_at,
    delivery.c.claimed_by,
    delivery.c.attempts,
).where(delivery.c.purpose == constant(Purpose.REPLY))
_OF_TICKET = _REPLIES.where(delivery.c.ticket_id == bindparam("ticket_id")).order_by(delivery.c.id)
_BY_CAUSE = _REPLIES.where(delivery.c.cause == bindparam("cause"))
_BY_ID = DELIVERY.where(delivery.c.id == bindparam("row_id"))
_IS_UNTOUCHED = and_(IS_PENDING, delivery.c.claimed_by.is_(None))
_LET_GO = OF.where(or_(_IS_UNTOUCHED, delivery.c.state == constant(DeliveryState.HELD))).values(
    state=DeliveryState.PENDING.value,
    held_because=null(),
    # Kept, or set, as a note that a person let it go.
    held_at=bindparam("now"),
    next_attempt_at=bindparam("now"),
)
# One statement, since workers deliver beside whoever changes the same ticket: what they wrote must not be written over.
_WROTE_SINCE = exists().where(
    message.c.ticket_id == ticket.c.id,
    message.c.kind == constant(Kind.PERSON),
    message.c.processed_at > bindparam("written_at"),
)
_NOW = bindparam("now", type_=ticket.c.answered_at.type)
_SENT_AT = bindparam("sent_at", type_=ticket.c.answered_at.type)
_RECEIVED_SINCE = exists().where(
    message.c.ticket_id == ticket.c.id,
    message.c.kind == constant(Kind.PERSON),
    message.c.received_at > _SENT_AT,
)
_WAITS_FOR_US = ticket.c.state.in_((constant(TicketState.NEW), constant(TicketState.OPEN)))


def _answered(wrote_since: Exists, answered_at: ColumnElement[datetime | None]) -> Update:
    """The ticket waits for the requester, unless they wrote since; one that is closed stays so."""
    state = case(
        (and_(_WAITS_FOR_US, ~wrote_since), constant(TicketState.PENDING)),
        (ticket.c.state == constant(TicketState.NEW), constant(TicketState.OPEN)),
        else_=ticket.c.state,
    )
    changed = update(ticket).where(ticket.c.id == bindparam("row_id"))
    return changed.values(state=state, answered_at=answered_at, updated_at=bindparam("now"))


_ANSWERED = _answered(_WROTE_SINCE, _NOW)
_ANSWERED_ELSEWHERE = _answered(_RECEIVED_SINCE, case((ticket.c.answered_at > _SENT_AT, ticket.c.answered_at), else_=_SENT_AT))


class SqlReplies:
    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def of_ticket(self, ticket_id: str) -> list[Reply]:
        """Every reply on a ticket, oldest first."""
        self._transaction.flush()
        return [_reply(row) for row in self._transaction.read(_OF_TICKET, {"ticket_id": ticket_id}).all()]

    def caused_by(self, cause: str) -> Reply | None:
        """The reply that a mail of ours tells of: both have the same cause."""
        self._transaction.flush()
        row = self._transaction.read(_BY_CAUSE, {"cause": cause}).first()
        return _reply(row) if row else None

    def let_go(self, delivery_id: str, now: datetime) -> bool:
        """Make it due at once, held or waiting; False where it is sent, being sent, or has failed."""
        self._transaction.flush()
        return bool(self._transaction.write(_LET_GO, {"row_id": delivery_id, "now": now}))

    def answered_mail(self, delivery_id: str) -> Delivery | None:
        """A mail of ours as it was written, whatever became of it; None where it does not open any more."""
        self._transaction.flush()
        row = self._transaction.read(_BY_ID, {"row_id": delivery_id}).first()
        try:
            return delivery_of(self._transaction, row, attempts=row.attempts) if row else None
        except (SealBroken, ContentErased):
            return None

    def record_answer(self, ticket_id: str, written_at: datetime, now: datetime) -> None:
        """A reply that was written then was sent now: the ticket waits for the requester, unless they wrote since."""
        self._transaction.flush()
        self._transaction.write(_ANSWERED, {"row_id": ticket_id, "written_at": written_at, "now": now})

    def record_answer_elsewhere(self, ticket_id: str, sent_at: datetime, now: datetime) -> None:
        """A person was answered past the helpdesk: the ticket waits for them, unless they wrote since, by INTERNALDATE."""
        self._transaction.flush()
        self._transaction.write(_ANSWERED_ELSEWHERE, {"row_id": ticket_id, "sent_at": sent_at, "now": now})


def _reply(row: AnyRow) -> Reply:
    return Reply(
        delivery_id=row.id,
        message_id=row.cause.removeprefix(CAUSE),
        state=DeliveryState(row.state),
        written_at=row.created_at,
        due_at=row.next_attempt_at,
        sent_at=row.sent_at,
        in_doubt=row.claimed_by is not None or row.attempts > 0,
    )
