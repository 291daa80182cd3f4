"""What the mails to staff let their readers do: tokens, kept as keyed hashes only, so that no copy of the database has one."""

from __future__ import annotations

from sqlalchemy import bindparam, insert, select

from helpdesk.model.staff import StaffToken
from helpdesk.store.crypto import HashPurpose
from helpdesk.store.schema import staff_token
from helpdesk.store.transaction import Transaction

_ADD = insert(staff_token)
_FIND = select(staff_token).where(staff_token.c.token_hash == bindparam("token_hash"))


class SqlTokens:
    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def add(self, token: str, bound: StaffToken) -> None:
        """Remember what the mail with this token lets its reader do."""
        row = {
            "token_hash": self._hash(token),
            "staff_id": bound.staff_id,
            "ticket_id": bound.ticket_id,
            "delivery_id": bound.delivery_id,
            "issued_at": bound.issued_at,
            "expires_at": bound.expires_at,
        }
        self._transaction.write_later(_ADD, row)

    def find(self, token: str) -> StaffToken | None:
        """What this token is bound to, also when it has expired."""
        self._transaction.flush()
        row = self._transaction.read(_FIND, {"token_hash": self._hash(token)}).first()
        return StaffToken(row.staff_id, row.ticket_id, row.delivery_id, row.issued_at, row.expires_at) if row else None

    def _hash(self, token: str) -> bytes:
        # Programs on the way may change the case of an address, and ours are written small.
        return self._transaction.hash(HashPurpose.STAFF_TOKEN, token.casefold())
