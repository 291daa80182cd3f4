"""What a person is shown of the messages that came in. Reads only."""

from __future__ import annotations

from sqlalchemy import bindparam, func, select

from helpdesk.core.sent_elsewhere import SENT_ELSEWHERE
from helpdesk.model.message import Address, Kind, MessageState
from helpdesk.model.stored import DISMISSED, MachineMail, MessageView, QuarantinedMessage
from helpdesk.store.schema import constant, data_key, message, ticket
from helpdesk.store.transaction import AnyRow, Transaction

_VIEW = select(
    message.c.id,
    message.c.state,
    message.c.received_at,
    message.c.kind,
    message.c.rule,
    message.c.ticket_id,
    message.c.message_id,
    message.c.sender_name,
    message.c.sender_address,
    message.c.subject,
    message.c.new_text,
    data_key.c.wrapped,
).outerjoin(data_key, data_key.c.scope_id == message.c.id)
_ONE = _VIEW.where(message.c.id == bindparam("id"))
_OF_TICKET = _VIEW.where(message.c.ticket_id == bindparam("ticket_id")).order_by(message.c.received_at, message.c.id)
_FAILED = select(
    message.c.id,
    message.c.received_at,
    message.c.size,
    message.c.failures,
    message.c.error,
    message.c.error_place,
    message.c.state,
    message.c.processed_at,
    data_key.c.wrapped,
).outerjoin(data_key, data_key.c.scope_id == message.c.id)
_QUARANTINED = _FAILED.where(message.c.state == constant(MessageState.QUARANTINED)).order_by(
    message.c.received_at, message.c.id
)
_FAILED_ONE = _FAILED.where(
    message.c.id == bindparam("id"),
    (message.c.state == constant(MessageState.QUARANTINED))
    | ((message.c.state == constant(MessageState.PROCESSED)) & (message.c.rule == DISMISSED)),
)
_MACHINE = (
    select(
        message.c.id,
        message.c.received_at,
        message.c.kind,
        message.c.rule,
        message.c.sender_address,
        message.c.subject,
        ticket.c.number,
        data_key.c.wrapped,
    )
    .outerjoin(ticket, ticket.c.id == message.c.ticket_id)
    .outerjoin(data_key, data_key.c.scope_id == message.c.id)
    # What somebody sent from the mailbox itself did not come in.
    .where(message.c.kind != constant(Kind.PERSON), message.c.rule != SENT_ELSEWHERE.rule)
    .order_by(message.c.received_at.desc(), message.c.id.desc())
    .limit(bindparam("limit"))
)
_COUNT = {state: select(func.count()).select_from(message).where(message.c.state == constant(state)) for state in MessageState}

_COUNT_IN = (
    select(func.count())
    .select_from(message)
    .where(message.c.mailbox_id == bindparam("mailbox_id"), message.c.uidvalidity == bindparam("uidvalidity"))
)


def one(transaction: Transaction, message_id: str) -> MessageView | None:
    row = transaction.read(_ONE, {"id": message_id}).first()
    return _view(transaction, row) if row else None


def of_ticket(transaction: Transaction, ticket_id: str) -> list[MessageView]:
    """The messages on a ticket, oldest first."""
    return [_view(transaction, row) for row in transaction.read(_OF_TICKET, {"ticket_id": ticket_id}).all()]


def quarantined(transaction: Transaction) -> list[QuarantinedMessage]:
    """The messages in quarantine, oldest first."""
    return [_quarantined(transaction, row) for row in transaction.read(_QUARANTINED).all()]


def failed(transaction: Transaction, message_id: str) -> QuarantinedMessage | None:
    """A message that is in quarantine, or that a person has dismissed from it."""
    row = transaction.read(_FAILED_ONE, {"id": message_id}).first()
    return _quarantined(transaction, row) if row else None


def machine_mail(transaction: Transaction, limit: int) -> list[MachineMail]:
    return [_machine(transaction, row) for row in transaction.read(_MACHINE, {"limit": limit}).all()]


def count(transaction: Transaction, state: MessageState) -> int:
    number: int = transaction.read(_COUNT[state]).scalar_one()
    return number


def count_in(transaction: Transaction, mailbox_id: str, uidvalidity: int) -> int:
    number: int = transaction.read(_COUNT_IN, {"mailbox_id": mailbox_id, "uidvalidity": uidvalidity}).scalar_one()
    return number


def _view(transaction: Transaction, row: AnyRow) -> MessageView:
    vault = transaction.vault
    vault.learn(row.id, row.wrapped)
    sender = None
    if row.sender_address is not None:
        name = vault.read_text(row.id, "message.sender_name", row.sender_name)
        sender = Address(name, vault.read_text(row.id, "message.sender_address", row.sender_address))
    return MessageView(
        id=row.id,
        state=MessageState(row.state),
        received_at=row.received_at,
        kind=Kind(row.kind) if row.kind else None,
        rule=row.rule or "",
        ticket_id=row.ticket_id,
        message_id=vault.read_text(row.id, "message.message_id", row.message_id) or None,
        sender=sender,
        subject=vault.read_text(row.id, "message.subject", row.subject),
        new_text=vault.read_text(row.id, "message.new_text", row.new_text),
    )


def _quarantined(transaction: Transaction, row: AnyRow) -> QuarantinedMessage:
    transaction.vault.learn(row.id, row.wrapped)
    error = transaction.vault.read_text(row.id, "message.error", row.error)
    dismissed_at = row.processed_at if row.state == MessageState.PROCESSED else None
    return QuarantinedMessage(row.id, row.received_at, row.size, row.failures, row.error_place or "", error, dismissed_at)


def _machine(transaction: Transaction, row: AnyRow) -> MachineMail:
    vault = transaction.vault
    vault.learn(row.id, row.wrapped)
    return MachineMail(
        id=row.id,
        received_at=row.received_at,
        kind=Kind(row.kind),
        rule=row.rule,
        ticket_number=row.number,
        sender=vault.read_text(row.id, "message.sender_address", row.sender_address),
        subject=vault.read_text(row.id, "message.subject", row.subject),
    )
