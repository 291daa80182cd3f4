"""Which ticket a Message-ID leads to, theirs and ours; kept as keyed hashes, since a Message-ID may name a person."""

from __future__ import annotations

from helpdesk.store.crypto import HashPurpose
from helpdesk.store.dialects import insert_ignoring
from helpdesk.store.schema import message_reference
from helpdesk.store.transaction import Transaction

# Who was first keeps it: a forger must not lead our own Message-IDs to another ticket.
_ADD = insert_ignoring(message_reference, "message_id_hash")


def hash_of(transaction: Transaction, message_id: str) -> bytes:
    return transaction.hash(HashPurpose.MESSAGE_ID, message_id)


def refer(transaction: Transaction, message_id: str, ticket_id: str) -> None:
    """Let a Message-ID lead to a ticket, unless it leads to one already."""
    transaction.write_later(_ADD, {"message_id_hash": hash_of(transaction, message_id), "ticket_id": ticket_id})
