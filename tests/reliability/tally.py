"""Counts what became of each mail, in the database and among what the SMTP server took. Reads only."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from email import policy
from email.parser import BytesHeaderParser

from sqlalchemy import func, select

from helpdesk.errors import DatabaseUnavailable
from helpdesk.model.delivery import ACKNOWLEDGEMENTS, DeliveryState, Purpose
from helpdesk.model.message import Kind, MessageState
from helpdesk.model.ticket import EventKind
from helpdesk.store.database import Database
from helpdesk.store.schema import attempt, data_key, delivery, event, message
from helpdesk.store.transaction import Transaction
from tests.reliability.results import Double, Findings
from tests.servers.smtp_sink import Caught

_TRIED = select(func.count()).where(attempt.c.delivery_id == delivery.c.id).scalar_subquery()
# What staff write, to us or from the mailbox itself, is not among what was put in.
_IS_COUNTED = func.coalesce(message.c.kind, "").not_in((Kind.STAFF.value, Kind.OWN.value))
_MESSAGES = (
    select(message.c.id, message.c.state, message.c.ticket_id, message.c.message_id, data_key.c.wrapped)
    .outerjoin(data_key, data_key.c.scope_id == message.c.id)
    .where(_IS_COUNTED)
)
_DELIVERIES = select(
    delivery.c.id,
    delivery.c.scope_id,
    delivery.c.ticket_id,
    delivery.c.purpose,
    delivery.c.state,
    delivery.c.attempts,
    delivery.c.message_id,
    delivery.c.claimed_by,
    _TRIED.label("tried"),
    data_key.c.wrapped,
).outerjoin(data_key, data_key.c.scope_id == delivery.c.scope_id)
_SHOWN = (
    select(event.c.ticket_id, func.count().label("number"))
    .where(event.c.kind == EventKind.DELIVERY_FAILED)
    .group_by(event.c.ticket_id)
)
_MOVED = (
    select(event.c.ticket_id, func.count().label("number"))
    .where(event.c.kind == EventKind.HANDED_OVER)
    .group_by(event.c.ticket_id)
)
_DONE = (MessageState.PROCESSED, MessageState.QUARANTINED)
_COUNT_DONE = select(func.count()).select_from(message).where(message.c.state.in_(_DONE), _IS_COUNTED)
_COUNT_ALL = select(func.count()).select_from(message)
_COUNT_STORED = select(func.count()).select_from(message).where(message.c.state == MessageState.STORED)
_COUNT_PENDING = select(func.count()).select_from(delivery).where(delivery.c.state == DeliveryState.PENDING)
_NOTICES = (Purpose.STAFF_ASSIGNED,)


@dataclass(slots=True)
class _Books:
    """What the database holds: the tickets of each Message-ID, and the deliveries of each ticket."""

    messages: defaultdict[str, list[str | None]] = field(default_factory=lambda: defaultdict(list))
    deliveries: dict[str, tuple[str | None, Purpose]] = field(default_factory=dict)
    states: Counter[str] = field(default_factory=Counter)
    message_states: Counter[str] = field(default_factory=Counter)
    in_doubt: int = 0
    pending: int = 0
    stopped: Counter[str | None] = field(default_factory=Counter)
    shown: Counter[str | None] = field(default_factory=Counter)
    moved: Counter[str | None] = field(default_factory=Counter)


def unfinished(database: Database, expected: int) -> int:
    """How much is still to do: messages of `expected` that are not dealt with, and deliveries that wait."""
    try:
        with database.reading() as uow:
            transaction = uow._transaction
            done, stored, pending = (
                int(transaction.read(count).scalar_one()) for count in (_COUNT_DONE, _COUNT_STORED, _COUNT_PENDING)
            )
    except DatabaseUnavailable:
        # It is part of what may fail.
        return expected
    return max(0, expected - done) + stored + pending


def count_messages(database: Database) -> int:
    """How many messages were ever stored."""
    with database.reading() as uow:
        return int(uow._transaction.read(_COUNT_ALL).scalar_one())


def look(database: Database, deposited: Sequence[str], caught: Sequence[Caught]) -> Findings:
    """What became of the mails with these Message-IDs."""
    with database.reading() as uow:
        books = _read(uow._transaction)
    owners = Counter(tickets[0] for tickets in books.messages.values() if len(tickets) == 1)
    taken = [_ids(each.content) for each in caught]
    copies = Counter(message_id for message_id, _ in taken)
    answers: defaultdict[str, list[str]] = defaultdict(list)
    notices: defaultdict[str | None, list[str]] = defaultdict(list)
    for message_id, answered in taken:
        ticket_id, purpose = books.deliveries.get(message_id, (None, None))
        if purpose in ACKNOWLEDGEMENTS:
            answers[answered].append(message_id)
        elif purpose in _NOTICES:
            notices[ticket_id].append(message_id)
    ticket_of = {each: tickets[0] for each, tickets in books.messages.items() if tickets}
    # Whoever gets a ticket that is handed over has a notice of it beside the one of whoever had it.
    told = {each: notices[at][books.moved[at] :] for each in deposited if (at := ticket_of.get(each))}
    return Findings(
        deposited=len(deposited),
        lost=tuple(each for each in deposited if not books.messages[each]),
        repeated=tuple(each for each in deposited if len(books.messages[each]) > 1),
        ticketless=tuple(each for each in deposited if owners[ticket_of.get(each)] != 1 or ticket_of.get(each) is None),
        unanswered=tuple(each for each in deposited if not answers[each]),
        untold=tuple(each for each in deposited if not told.get(each)),
        doubles=(
            *_doubles("acknowledgement", {each: answers[each] for each in deposited}),
            *_doubles("notice", told),
        ),
        pending=books.pending,
        in_doubt=books.in_doubt,
        unprocessed=books.message_states[MessageState.STORED],
        quarantined=books.message_states[MessageState.QUARANTINED],
        failed=books.stopped.total(),
        unshown=(books.stopped - books.shown).total(),
        held=books.states[DeliveryState.HELD],
        strangers=sum(number for message_id, number in copies.items() if message_id not in books.deliveries),
    )


def _doubles(purpose: str, found: dict[str, list[str]]) -> list[Double]:
    return [
        Double(purpose, message_id, len(copies), same_id=len(set(copies)) == 1)
        for message_id, copies in found.items()
        if len(copies) > 1
    ]


def _read(transaction: Transaction) -> _Books:
    books, vault = _Books(), transaction.vault
    for row in transaction.read(_MESSAGES).all():
        books.message_states[row.state] += 1
        # A duplicate is how a message with a new UID is recorded: it has no ticket and no answer of its own.
        if row.state != MessageState.DUPLICATE and row.message_id is not None:
            vault.learn(row.id, row.wrapped)
            books.messages[vault.read_text(row.id, "message.message_id", row.message_id)].append(row.ticket_id)
        elif row.state == MessageState.STORED:
            books.message_states["unread"] += 1
    for row in transaction.read(_DELIVERIES).all():
        vault.learn(row.scope_id, row.wrapped)
        vault.share(row.id, row.scope_id)
        message_id = vault.open_text(row.id, "delivery.message_id", row.message_id)
        books.deliveries[message_id] = (row.ticket_id, Purpose(row.purpose))
        books.states[row.state] += 1
        # Alerts are not counted: one that tells of stopped mail may be stopped itself, and one that tells that all is well
        # again comes when it is.
        is_alert = row.purpose == Purpose.ADMIN_ALERT
        books.pending += row.state == DeliveryState.PENDING and not is_alert
        books.stopped[row.ticket_id] += row.state == DeliveryState.FAILED and not is_alert
        books.in_doubt += row.claimed_by is not None or (row.state == DeliveryState.PENDING and row.attempts > row.tried)
    books.shown.update({row.ticket_id: row.number for row in transaction.read(_SHOWN).all()})
    books.moved.update({row.ticket_id: row.number for row in transaction.read(_MOVED).all()})
    return books


def _ids(content: bytes) -> tuple[str, str]:
    """Message-ID and In-Reply-To, without <>."""
    head = BytesHeaderParser(policy=policy.compat32).parsebytes(content, headersonly=True)
    return str(head["Message-ID"] or "").strip("<> "), str(head["In-Reply-To"] or "").strip("<> ")
