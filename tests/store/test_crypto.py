"""Sealed content opens in its own place, whole, with its own key, and nowhere else."""

from __future__ import annotations

import pytest

from helpdesk.store.crypto import (
    ContentErased,
    HashPurpose,
    SealBroken,
    Vault,
    encode_text,
    key_of,
    keyed_hash,
)

PLACE = "ticket.subject"


class KeyTable:
    """The wrapped data keys, in memory."""

    def __init__(self) -> None:
        self.rows: dict[str, bytes] = {}

    def vault(self, master: bytes = b"m" * 32) -> Vault:
        return Vault(key_of(master), self.rows.get, self.rows.__setitem__)


@pytest.fixture
def table() -> KeyTable:
    return KeyTable()


@pytest.fixture
def sealed(table: KeyTable) -> bytes:
    vault = table.vault()
    vault.create("one")
    vault.create("two")
    return vault.seal("one", PLACE, "a quiet word")


def test_sealed_value_opens_in_its_place(table: KeyTable, sealed: bytes) -> None:
    assert table.vault().open_text("one", PLACE, sealed) == "a quiet word"


@pytest.mark.parametrize(
    ("scope_id", "place"),
    [("two", PLACE), ("one", "ticket.requester_name")],
    ids=["another row", "another column"],
)
def test_moved_value_does_not_open(table: KeyTable, sealed: bytes, scope_id: str, place: str) -> None:
    with pytest.raises(SealBroken, match="restore the last backup"):
        table.vault().open_sealed(scope_id, place, sealed)


def test_value_moved_between_scopes_that_share_a_key_does_not_open(table: KeyTable, sealed: bytes) -> None:
    vault = table.vault()
    vault.share("delivery", "one")
    assert vault.open_text("delivery", PLACE, vault.seal("delivery", PLACE, "hello")) == "hello"
    with pytest.raises(SealBroken):
        vault.open_sealed("delivery", PLACE, sealed)


def test_any_changed_byte_is_noticed(table: KeyTable, sealed: bytes) -> None:
    vault = table.vault()
    for position in range(len(sealed)):
        changed = bytearray(sealed)
        changed[position] ^= 1
        with pytest.raises(SealBroken):
            vault.open_sealed("one", PLACE, bytes(changed))


@pytest.mark.parametrize("length", [0, 1, 5, 17, 20, 32])
def test_cut_value_is_noticed(table: KeyTable, sealed: bytes, length: int) -> None:
    with pytest.raises(SealBroken):
        table.vault().open_sealed("one", PLACE, sealed[:length])


def test_another_master_key_opens_nothing(table: KeyTable, sealed: bytes) -> None:
    with pytest.raises(SealBroken):
        table.vault(b"x" * 32).open_sealed("one", PLACE, sealed)


def test_erasing_the_data_key_erases_the_content(table: KeyTable, sealed: bytes) -> None:
    del table.rows["one"]
    vault = table.vault()
    with pytest.raises(ContentErased):
        vault.open_sealed("one", PLACE, sealed)
    with pytest.raises(ContentErased):
        vault.seal("one", PLACE, "more")
    assert vault.read_text("one", PLACE, sealed) == ""


def test_scope_shared_with_an_erased_one_is_erased(table: KeyTable, sealed: bytes) -> None:
    vault = table.vault()
    vault.share("delivery", "one")
    del table.rows["one"]
    later = table.vault()
    later.share("delivery", "one")
    with pytest.raises(ContentErased):
        later.open_sealed("delivery", PLACE, vault.seal("delivery", PLACE, "hello"))


def test_keys_of_the_batch_in_hand_need_no_look_into_the_database(table: KeyTable, sealed: bytes) -> None:
    vault = table.vault()
    vault.open_sealed("one", PLACE, sealed)
    vault.keep_recent("messages", ["one", "unknown"])
    table.rows.clear()
    later = Vault(vault.master, table.rows.get, table.rows.__setitem__, vault.recent)
    assert later.knows("one")
    assert later.open_text("one", PLACE, sealed) == "a quiet word"
    later.keep_recent("messages", [])
    assert not Vault(vault.master, table.rows.get, table.rows.__setitem__, vault.recent).knows("one")


def test_no_value_reads_as_no_text(table: KeyTable) -> None:
    assert table.vault().read_text("one", PLACE, None) == ""


def test_same_value_is_never_sealed_alike(table: KeyTable, sealed: bytes) -> None:
    assert table.vault().seal("one", PLACE, "a quiet word") != sealed


def test_keys_do_not_show_in_a_repr(table: KeyTable, sealed: bytes) -> None:
    assert "AESGCM" not in repr(key_of(b"m" * 32))
    assert b"m" * 32 not in repr(table.vault()).encode()


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("plain", "plain"),
        ("Grüße 👋🏽", "Grüße 👋🏽"),
        ("a\0b", "ab"),
        ("a\ud800b", "a\ufffdb"),
        ("\0\udfff\0", "\ufffd"),
    ],
)
def test_text_that_cannot_be_stored_is_mended(text: str, stored: str) -> None:
    assert encode_text(text).decode() == stored


def test_hash_depends_on_key_purpose_and_each_part() -> None:
    hashes = {
        keyed_hash(b"k" * 32, HashPurpose.ADDRESS, b"ab"),
        keyed_hash(b"l" * 32, HashPurpose.ADDRESS, b"ab"),
        keyed_hash(b"k" * 32, HashPurpose.DOMAIN, b"ab"),
        keyed_hash(b"k" * 32, HashPurpose.ADDRESS, b"a", b"b"),
        keyed_hash(b"k" * 32, HashPurpose.ADDRESS, b"", b"ab"),
        keyed_hash(b"k" * 32, HashPurpose.ADDRESS, b"ab", b""),
    }
    assert len(hashes) == 6


def test_hash_of_the_same_value_is_the_same() -> None:
    assert keyed_hash(b"k" * 32, HashPurpose.TEXT, b"a") == keyed_hash(b"k" * 32, HashPurpose.TEXT, b"a")
