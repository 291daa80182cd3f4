"""Messages that came in: stored sealed before anything is decided, then how far each has come and what it was taken for.

What a person is shown of them is in `message_views`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime

from sqlalchemy import bindparam, case, func, insert, null, select, update

from helpdesk.errors import NotFound
from helpdesk.model.message import InboundMessage, MessageState, RawMessage, StoredMessage, Verdict
from helpdesk.model.stored import DISMISSED, MachineMail, MessageView, QuarantinedMessage, SameText
from helpdesk.store import message_rows, message_views, references
from helpdesk.store.crypto import ContentErased, HashPurpose, SealBroken
from helpdesk.store.dialects import insert_ignoring
from helpdesk.store.faults import RowRefused
from helpdesk.store.schema import constant, data_key, message, message_content
from helpdesk.store.transaction import AnyRow, Transaction

# SQLite takes 32,766 parameters in one statement.
_AT_ONCE = 1_000

_ADD = insert_ignoring(message, "mailbox_id", "uidvalidity", "uid")
_ADD_CONTENT = insert(message_content)
_THERE = select(message.c.id).where(message.c.id.in_(bindparam("ids", expanding=True)))
_KNOWN = select(message.c.uid, message.c.state).where(
    message.c.mailbox_id == bindparam("mailbox_id"),
    message.c.uidvalidity == bindparam("uidvalidity"),
    message.c.uid.in_(bindparam("uids", expanding=True)),
)
_RAW = (
    select(
        message.c.id,
        message.c.mailbox_id,
        message.c.uidvalidity,
        message.c.uid,
        message.c.received_at,
        message.c.stored_at,
        message.c.failures,
        message_content.c.raw,
        data_key.c.wrapped,
    )
    .join(message_content, message_content.c.message_id == message.c.id)
    .outerjoin(data_key, data_key.c.scope_id == message.c.id)
)
_RAW_OF = _RAW.where(message.c.id == bindparam("id"))
_UNPROCESSED = (
    _RAW.where(message.c.mailbox_id == bindparam("mailbox_id"), message.c.state == constant(MessageState.STORED))
    .order_by(message.c.received_at, message.c.id)
    .limit(bindparam("limit"))
)
_TWIN = (
    select(message.c.id)
    .where(message.c.digest == bindparam("digest"), message.c.state == constant(MessageState.PROCESSED))
    .limit(1)
)
_TWIN_OF_RULE = _TWIN.where(message.c.rule == bindparam("rule"))
_SAME_TEXT = select(
    func.count(case((message.c.processed_at >= bindparam("since"), 1))).label("in_all"),
    func.count(case((message.c.processed_at < bindparam("came_at"), 1))).label("answered"),
).where(
    message.c.domain_hash == bindparam("domain_hash"),
    message.c.text_hash == bindparam("text_hash"),
    message.c.processed_at >= bindparam("answered_since"),
)
# Only a message that still waits: where two workers hold the same one, the second must not write on it again.
_WAITING = update(message).where(message.c.id == bindparam("row_id"), message.c.state == constant(MessageState.STORED))
_PROCESSED = _WAITING.values(
    state=MessageState.PROCESSED.value,
    **{
        name: bindparam(name)
        for name in (
            "processed_at",
            "kind",
            "rule",
            "ticket_id",
            "digest",
            "sender_hash",
            "domain_hash",
            "text_hash",
            "message_id",
            "sender_name",
            "sender_address",
            "subject",
            "new_text",
        )
    },
)
_DUPLICATE = _WAITING.values(
    state=MessageState.DUPLICATE.value, duplicate_of=bindparam("twin_id"), processed_at=bindparam("processed_at")
)
_FAILED = _WAITING.values(
    failures=message.c.failures + 1,
    error=bindparam("error"),
    error_place=bindparam("error_place"),
    state=bindparam("new_state"),
)
_RESET = (
    update(message)
    .where(
        message.c.id == bindparam("row_id"),
        message.c.state.in_((constant(MessageState.QUARANTINED), constant(MessageState.PROCESSED))),
    )
    .values(state=MessageState.STORED.value, failures=0, begun=0, error=null(), error_place=null())
)
_QUARANTINED = update(message).where(message.c.id == bindparam("row_id"), message.c.state == constant(MessageState.QUARANTINED))
_DISMISS = _QUARANTINED.values(state=MessageState.PROCESSED.value, rule=DISMISSED, processed_at=bindparam("processed_at"))
_BEGIN_ALONE = update(message).where(message.c.id == bindparam("row_id")).values(begun=message.c.begun + 1)
_BEGUN = select(message.c.begun).where(message.c.id == bindparam("row_id"))


class SqlMessages:
    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        self._hashed: tuple[str, bytes] | None = None

    def known_uids(self, mailbox_id: str, uidvalidity: int, uids: Iterable[int]) -> set[int]:
        return {row.uid for row in self._known(mailbox_id, uidvalidity, uids)}

    def count_in(self, mailbox_id: str, uidvalidity: int) -> int:
        """How many messages of this mailbox, under this UIDVALIDITY, were ever taken in."""
        return message_views.count_in(self._transaction, mailbox_id, uidvalidity)

    def processed_uids(self, mailbox_id: str, uidvalidity: int, uids: Iterable[int]) -> set[int]:
        """Those of `uids` whose messages are in state `processed`."""
        return {row.uid for row in self._known(mailbox_id, uidvalidity, uids) if row.state == MessageState.PROCESSED}

    def add(self, mailbox_id: str, messages: Sequence[RawMessage], now: datetime) -> list[StoredMessage]:
        """Store raw messages, sealed, in state `stored`; one that is stored already (same UID) is left out."""
        new = {(raw.uidvalidity, raw.uid): raw for raw in messages}
        added = [StoredMessage(self._transaction.ids.new(now), mailbox_id, raw, now) for raw in new.values()]
        rows = [message_rows.new_row(stored, now) for stored in added]
        if rows and self._transaction.write(_ADD, rows) < len(rows):
            there = self._there([stored.id for stored in added])
            added = [stored for stored in added if stored.id in there]
        if added:
            self._transaction.write(_ADD_CONTENT, [message_rows.new_content(self._transaction, stored) for stored in added])
            self._transaction.vault.keep_recent("messages", [stored.id for stored in added])
        return added

    def unprocessed(self, mailbox_id: str, limit: int) -> list[StoredMessage]:
        """Messages of this mailbox in state `stored`, oldest first.

        One whose content does not open any more is left out and, where this unit of work writes, put in quarantine.
        """
        found = []
        self._transaction.flush()
        for row in self._transaction.read(_UNPROCESSED, {"mailbox_id": mailbox_id, "limit": limit}).all():
            try:
                found.append(self._stored(row))
            except (SealBroken, ContentErased) as error:
                self._quarantine_unreadable(row.id, error)
        self._transaction.vault.keep_recent("messages", [stored.id for stored in found])
        return found

    def get(self, message_id: str) -> MessageView | None:
        return message_views.one(self._transaction, message_id)

    def raw(self, message_id: str) -> StoredMessage | None:
        row = self._transaction.read(_RAW_OF, {"id": message_id}).first()
        with suppress(SealBroken, ContentErased):
            return self._stored(row) if row else None
        return None

    def find_twin(self, digest_parts: Sequence[str], rule: str = "") -> str | None:
        """The id of a processed message with the same digest (keyed HMAC over the parts), if any; `rule`: that it hit."""
        wanted = {"digest": self._transaction.hash(HashPurpose.DIGEST, *digest_parts), "rule": rule}
        row = self._transaction.read(_TWIN_OF_RULE if rule else _TWIN, wanted).first()
        return row.id if row else None

    def same_text(self, domain: str, text: str, since: datetime, answered_since: datetime, came_at: datetime) -> SameText:
        """How many messages with this text came from this domain at or after `since` (by processing time).

        `answered` counts those that were processed from `answered_since`, which is the earlier one, until before `came_at`.
        """
        parameters = {
            "domain_hash": message_rows.domain_hash(self._transaction, domain),
            "text_hash": self._text_hash(text),
            "since": since,
            "answered_since": answered_since,
            "came_at": came_at,
        }
        row = self._transaction.read(_SAME_TEXT, parameters).one()
        return SameText(row.in_all, row.answered)

    def record_processed(
        self,
        stored: StoredMessage,
        message: InboundMessage,
        verdict: Verdict,
        *,
        digest_parts: Sequence[str],
        ticket_id: str | None,
        now: datetime,
    ) -> None:
        """Set state `processed`, seal subject, sender and new text, and remember its Message-ID for threading."""
        parameters: dict[str, object] = {
            "row_id": stored.id,
            "processed_at": now,
            "kind": verdict.kind.value,
            "rule": verdict.rule,
            "ticket_id": ticket_id,
            "digest": self._transaction.hash(HashPurpose.DIGEST, *digest_parts),
            **message_rows.sealed_fields(self._transaction, stored.id, message),
            **message_rows.hashed_fields(self._transaction, message, self._text_hash(message.text)),
        }
        _require(self._transaction.write(_PROCESSED, parameters))
        if ticket_id and message.message_id:
            references.refer(self._transaction, message.message_id, ticket_id)

    def record_duplicate(self, stored: StoredMessage, twin_id: str, now: datetime) -> None:
        _require(self._transaction.write(_DUPLICATE, {"row_id": stored.id, "twin_id": twin_id, "processed_at": now}))

    def record_failure(self, message_id: str, error: str, place: str, *, quarantine: bool, now: datetime) -> None:
        """Count a failed try; `error` (sealed) is the exception's text, `place` its class and file:line."""
        parameters = {
            "row_id": message_id,
            "error": self._transaction.vault.seal(message_id, "message.error", error),
            "error_place": place,
            "new_state": MessageState.QUARANTINED if quarantine else MessageState.STORED,
        }
        self._transaction.write(_FAILED, parameters)

    def begin_alone(self, message_id: str) -> int:
        """Count that a message which a dead worker left over is begun with, by itself; returns how often that was."""
        if not self._transaction.write(_BEGIN_ALONE, {"row_id": message_id}):
            raise NotFound("No such message is in the database.")
        begun: int = self._transaction.read(_BEGUN, {"row_id": message_id}).scalar_one()
        return begun

    def reset(self, message_id: str) -> None:
        """Put a quarantined or processed message back to `stored` with no failures counted."""
        self._transaction.write(_RESET, {"row_id": message_id})

    def dismiss(self, message_id: str, now: datetime) -> bool:
        """Take a message out of quarantine, unread, as one that a person has dealt with; False when it is not there."""
        return bool(self._transaction.write(_DISMISS, {"row_id": message_id, "processed_at": now}))

    def failed(self, message_id: str) -> QuarantinedMessage | None:
        return message_views.failed(self._transaction, message_id)

    def quarantined(self) -> list[QuarantinedMessage]:
        return message_views.quarantined(self._transaction)

    def of_ticket(self, ticket_id: str) -> list[MessageView]:
        return message_views.of_ticket(self._transaction, ticket_id)

    def machine_mail(self, limit: int) -> list[MachineMail]:
        """Processed messages that are no person's, newest first."""
        return message_views.machine_mail(self._transaction, limit)

    def count(self, state: MessageState) -> int:
        return message_views.count(self._transaction, state)

    def counts(self) -> Mapping[MessageState, int]:
        """How many messages are in each state that waits for somebody; the many that are done with are not counted."""
        return {state: self.count(state) for state in (MessageState.STORED, MessageState.QUARANTINED)}

    def _text_hash(self, text: str) -> bytes:
        # Asked for twice for each message: to look for the same text, and to write it down.
        if self._hashed is None or self._hashed[0] is not text:
            self._hashed = (text, message_rows.text_hash(self._transaction, text))
        return self._hashed[1]

    def _known(self, mailbox_id: str, uidvalidity: int, uids: Iterable[int]) -> list[AnyRow]:
        wanted = list(uids)
        rows: list[AnyRow] = []
        for start in range(0, len(wanted), _AT_ONCE):
            some = wanted[start : start + _AT_ONCE]
            rows += self._transaction.read(_KNOWN, {"mailbox_id": mailbox_id, "uidvalidity": uidvalidity, "uids": some})
        return rows

    def _there(self, ids: list[str]) -> set[str]:
        found: set[str] = set()
        for start in range(0, len(ids), _AT_ONCE):
            found.update(row.id for row in self._transaction.read(_THERE, {"ids": ids[start : start + _AT_ONCE]}))
        return found

    def _stored(self, row: AnyRow) -> StoredMessage:
        self._transaction.vault.learn(row.id, row.wrapped)
        content = self._transaction.vault.open_sealed(row.id, "message_content.raw", row.raw)
        return StoredMessage(
            row.id, row.mailbox_id, RawMessage(row.uidvalidity, row.uid, row.received_at, content), row.stored_at, row.failures
        )

    def _quarantine_unreadable(self, message_id: str, error: SealBroken | ContentErased) -> None:
        if self._transaction.writing:
            place = f"{type(error).__name__}: the stored message does not open"
            failed = {"row_id": message_id, "error": None, "error_place": place, "new_state": MessageState.QUARANTINED}
            self._transaction.write(_FAILED, failed)


def _require(changed: int) -> None:
    if not changed:
        raise RowRefused("This message was dealt with already, by another worker. Nothing was changed by this one.")
