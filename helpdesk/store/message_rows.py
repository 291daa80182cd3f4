"""What the row of a message holds: which fields are sealed, and under which hashes it is found again."""

from __future__ import annotations

from datetime import datetime

from helpdesk.core.addresses import domain_of
from helpdesk.model.message import InboundMessage, MessageState, StoredMessage
from helpdesk.store.crypto import HashPurpose
from helpdesk.store.transaction import Transaction

# How much of a text tells whether two are the same.
_TEXT_COMPARED = 4_000
_DIGITS = str.maketrans("123456789", "000000000")


def new_row(stored: StoredMessage, now: datetime) -> dict[str, object]:
    return {
        "id": stored.id,
        "mailbox_id": stored.mailbox_id,
        "uidvalidity": stored.raw.uidvalidity,
        "uid": stored.raw.uid,
        "received_at": stored.raw.received_at,
        "size": len(stored.raw.raw),
        "state": MessageState.STORED.value,
        "stored_at": now,
        "failures": 0,
    }


def new_content(transaction: Transaction, stored: StoredMessage) -> dict[str, object]:
    """The sealed bytes; makes the message's data key."""
    transaction.vault.create(stored.id)
    sealed = transaction.vault.seal(stored.id, "message_content.raw", stored.raw.raw)
    return {"message_id": stored.id, "raw": sealed}


def sealed_fields(transaction: Transaction, row_id: str, message: InboundMessage) -> dict[str, object]:
    seal, sender = transaction.vault.seal, message.sender
    return {
        "message_id": seal(row_id, "message.message_id", message.message_id) if message.message_id else None,
        "sender_name": seal(row_id, "message.sender_name", sender.name) if sender else None,
        "sender_address": seal(row_id, "message.sender_address", sender.address) if sender else None,
        "subject": seal(row_id, "message.subject", message.subject),
        "new_text": seal(row_id, "message.new_text", message.new_text),
    }


def hashed_fields(transaction: Transaction, message: InboundMessage, hash_of_text: bytes) -> dict[str, object]:
    address = message.sender.address if message.sender else None
    return {
        "sender_hash": transaction.hash_of_address(address) if address is not None else None,
        "domain_hash": domain_hash(transaction, domain_of(address)) if address is not None else None,
        "text_hash": hash_of_text,
    }


def domain_hash(transaction: Transaction, domain: str) -> bytes:
    return transaction.hash(HashPurpose.DOMAIN, domain_of(f"@{domain}"))


def text_hash(transaction: Transaction, text: str) -> bytes:
    """White space, case and digits are folded: a machine that repeats itself wraps lines as it likes, and counts."""
    folded = " ".join(text[:_TEXT_COMPARED].split()).casefold().translate(_DIGITS)
    return transaction.hash(HashPurpose.TEXT, folded)
