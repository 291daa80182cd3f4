"""Seals what people wrote, and hashes what must be found again: AES-256-GCM and HMAC-SHA256, nothing of our own making.

A sealed value is one format byte, the id of the key that sealed it, a random nonce, and the ciphertext with its tag. Scope
and place are bound in as associated data, so that a value moved to another row or column does not open. Reads and writes
no database: `keys` knows where keys are kept.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from helpdesk.errors import HelpdeskError

KEY_BYTES = 32
_FORMAT = b"\x01"
_KEY_ID_BYTES = 4
_NONCE_BYTES = 12
_NONCE_AT = len(_FORMAT) + _KEY_ID_BYTES
_CIPHERTEXT_AT = _NONCE_AT + _NONCE_BYTES
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class SealBroken(HelpdeskError):
    """A sealed value does not open: it was changed, moved to another row or column, or sealed with another key."""


class ContentErased(HelpdeskError):
    """The data key of this content was erased, so that nobody can read it any more."""


class HashPurpose(StrEnum):
    """What a keyed hash is for; equal values hashed for two purposes have nothing in common."""

    ADDRESS = "address"
    DIGEST = "digest"
    DOMAIN = "domain"
    MESSAGE_ID = "message-id"
    STAFF_TOKEN = "staff-token"  # noqa: S105 - the name of a use, not a secret
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Key:
    """An AES-256 key, ready to seal, and the id that its sealed values carry."""

    id: bytes
    cipher: AESGCM = field(repr=False)

    def seal(self, value: bytes, bound_to: bytes) -> bytes:
        nonce = os.urandom(_NONCE_BYTES)
        return _FORMAT + self.id + nonce + self.cipher.encrypt(nonce, value, bound_to)

    def open_sealed(self, sealed: bytes, bound_to: bytes) -> bytes:
        """The value; raises SealBroken unless this key sealed it, and for `bound_to`."""
        if sealed[:1] != _FORMAT or not self.has_sealed(sealed):
            raise SealBroken(_BROKEN)
        try:
            return self.cipher.decrypt(sealed[_NONCE_AT:_CIPHERTEXT_AT], sealed[_CIPHERTEXT_AT:], bound_to)
        except (InvalidTag, ValueError) as error:
            raise SealBroken(_BROKEN) from error

    def has_sealed(self, sealed: bytes) -> bool:
        """Whether the sealed value carries this key's id."""
        return sealed[len(_FORMAT) : _NONCE_AT] == self.id


_BROKEN = (
    "A stored value could not be opened: it was damaged, or moved from its place. The rest of the database is not touched. "
    "Take a copy of the database file, and restore the last backup in which this row is whole."
)


def new_key() -> bytes:
    return os.urandom(KEY_BYTES)


def key_of(secret: bytes) -> Key:
    """A key ready to use. Its id is a short hash of it, which tells keys apart and tells nothing about them."""
    return Key(hashlib.sha256(b"helpdesk key id\0" + secret).digest()[:_KEY_ID_BYTES], AESGCM(secret))


def encode_text(text: str) -> bytes:
    """UTF-8 without what can't be stored: NUL is dropped, a lone surrogate becomes U+FFFD."""
    if "\0" not in text:
        try:
            return text.encode()
        except UnicodeEncodeError:
            pass
    return _UNSTORABLE.sub(lambda match: "" if match[0] == "\0" else "\ufffd", text).encode()


def keyed_hash(key: bytes, purpose: HashPurpose, *parts: bytes) -> bytes:
    """HMAC-SHA256 over the purpose and the parts, each with its length, so that no two lists of parts look alike."""
    message = b"".join((purpose.encode(), b"\0", *(len(part).to_bytes(8, "big") + part for part in parts)))
    return hmac.digest(key, message, "sha256")


@dataclass(slots=True)
class Vault:
    """Seals and opens content, each scope (a message, a ticket, a delivery without one) with its own data key.

    `master` wraps the data keys. `fetch` gives the wrapped key of a scope that this vault has not met yet, or None when it
    was erased; `store` takes the wrapped key of a new scope. `recent` outlives the vault: it holds the keys of the batch of
    each sort that is being worked on, and no others, so that an erased key does not stay in memory for long.
    """

    master: Key
    fetch: Callable[[str], bytes | None]
    store: Callable[[str, bytes], None]
    recent: dict[str, dict[str, Key]] = field(default_factory=dict, repr=False)
    keys: dict[str, Key] = field(default_factory=dict, repr=False)

    def create(self, scope_id: str) -> None:
        """Make the data key of a new scope."""
        secret = new_key()
        self.store(scope_id, self.master.seal(secret, _bound_to(scope_id, _DATA_KEY)))
        self.keys[scope_id] = key_of(secret)

    def learn(self, scope_id: str, wrapped: bytes | None) -> None:
        """Take the wrapped key of a scope that was read along with a row; None where it was erased, or is new."""
        if wrapped is None:
            self._forget(scope_id)
        elif scope_id not in self.keys:
            self.keys[scope_id] = key_of(self.master.open_sealed(wrapped, _bound_to(scope_id, _DATA_KEY)))

    def share(self, scope_id: str, owner_id: str) -> None:
        """Let a scope without a data key of its own, such as a delivery of a ticket, be sealed with its owner's."""
        try:
            self.keys[scope_id] = self._key(owner_id)
        except ContentErased:
            self._forget(scope_id)

    def keep_recent(self, sort: str, scope_ids: Iterable[str]) -> None:
        """Keep the keys of this batch for the next transactions, in place of those of the last batch of its sort."""
        self.recent[sort] = {scope_id: self.keys[scope_id] for scope_id in scope_ids if scope_id in self.keys}

    def seal(self, scope_id: str, place: str, value: bytes | str) -> bytes:
        """Seal a value of `scope_id` for its `place`, "table.column"; raises ContentErased where the scope is erased."""
        plain = encode_text(value) if isinstance(value, str) else value
        return self._key(scope_id).seal(plain, _bound_to(scope_id, place))

    def open_sealed(self, scope_id: str, place: str, sealed: bytes) -> bytes:
        """The value that was sealed; raises SealBroken or ContentErased."""
        return self._key(scope_id).open_sealed(sealed, _bound_to(scope_id, place))

    def open_text(self, scope_id: str, place: str, sealed: bytes) -> str:
        """The text that was sealed; raises SealBroken or ContentErased."""
        return self.open_sealed(scope_id, place, sealed).decode()

    def read_text(self, scope_id: str, place: str, sealed: bytes | None) -> str:
        """The text for a person to read: empty where there is none, or where it was erased."""
        if sealed is None:
            return ""
        try:
            return self.open_text(scope_id, place, sealed)
        except ContentErased:
            return ""

    def knows(self, scope_id: str) -> bool:
        """Whether the key of a scope is at hand without asking the database."""
        return self._at_hand(scope_id) is not None

    def _forget(self, scope_id: str) -> None:
        """What was erased must not be read with a key from an earlier transaction."""
        for batch in self.recent.values():
            batch.pop(scope_id, None)

    def _at_hand(self, scope_id: str) -> Key | None:
        found = (batch.get(scope_id) for batch in (self.keys, *self.recent.values()))
        return next((key for key in found if key), None)

    def _key(self, scope_id: str) -> Key:
        key = self._at_hand(scope_id)
        if key is None:
            self.learn(scope_id, self.fetch(scope_id))
            key = self.keys.get(scope_id)
        if key is None:
            raise ContentErased("This content was erased on request, and can't be read any more.")
        return key


_DATA_KEY = "data_key.wrapped"


def _bound_to(scope_id: str, place: str) -> bytes:
    return f"{scope_id}\0{place}".encode()
