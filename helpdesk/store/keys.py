"""The few keys of a database: random, made once, and kept in it wrapped by HELPDESK_SECRET_KEY."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import Connection, func, insert, select

from helpdesk.errors import KeyMismatch
from helpdesk.store.crypto import KEY_BYTES, HashPurpose, Key, SealBroken, key_of, keyed_hash, new_key
from helpdesk.store.schema import data_key, secret_key

_NAMES = ("master", "lookup", "token")
# What only machines can guess is hashed with a key of its own, so that a key that leaks from one use serves no other.
_TOKENS = frozenset({HashPurpose.MESSAGE_ID, HashPurpose.STAFF_TOKEN})


@dataclass(frozen=True, slots=True)
class Secrets:
    """The master key, which wraps data keys, and the keys for hashes of addresses and texts, and of tokens."""

    master: Key
    lookup: bytes = field(repr=False)
    token: bytes = field(repr=False)

    def hash(self, purpose: HashPurpose, *parts: bytes) -> bytes:
        """The keyed hash under which a value is found again."""
        return keyed_hash(self.token if purpose in _TOKENS else self.lookup, purpose, *parts)


def load_secrets(connection: Connection, secret: bytes) -> Secrets:
    """The keys of this database, made now if it holds nothing yet; raises KeyMismatch when `secret` opens them not."""
    if len(secret) != KEY_BYTES:
        raise KeyMismatch(
            f"HELPDESK_SECRET_KEY must be {KEY_BYTES} bytes, and is {len(secret)}. Nothing was changed, and no mail was "
            "touched. Copy the whole line from where you keep it. For a new database, `helpdesk check` makes one."
        )
    outer = key_of(secret)
    wrapped = {row.name: row.wrapped for row in connection.execute(select(secret_key))}
    if not wrapped and not connection.execute(select(func.count()).select_from(data_key)).scalar_one():
        wrapped = {name: outer.seal(new_key(), _bound_to(name)) for name in _NAMES}
        connection.execute(insert(secret_key), [{"name": name, "wrapped": value} for name, value in wrapped.items()])
    try:
        keys = {name: outer.open_sealed(wrapped[name], _bound_to(name)) for name in _NAMES}
    except (KeyError, SealBroken) as error:
        raise KeyMismatch(
            "HELPDESK_SECRET_KEY is not the key that this database was sealed with, so nothing in it can be read. Nothing was "
            "changed, and no mail was touched. Put back the key that stood in .env when the database was made (your backup of "
            ".env has it), or set HELPDESK_DATABASE_URL to the database that belongs to this key."
        ) from error
    return Secrets(key_of(keys["master"]), keys["lookup"], keys["token"])


def _bound_to(name: str) -> bytes:
    return f"{name}\0secret_key.wrapped".encode()
