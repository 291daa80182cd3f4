"""Parsing is total: arbitrary bytes, mail made of odd pieces, and mutations of the corpus all give a message."""

from __future__ import annotations

import random
from datetime import UTC
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpdesk.core.parse import parse
from helpdesk.model.message import InboundMessage

CORPUS = sorted((Path(__file__).parent.parent / "corpus").rglob("*.eml"))
ROUNDS = 8

HEADERS = st.sampled_from(
    "From To Cc Reply-To Subject Date Message-ID References In-Reply-To Content-Type Content-Disposition "
    "Content-Transfer-Encoding X-Other".split()
)
# fmt: off
VALUE_PIECES = [
    '"', "\\", "<", ">", "(", ")", ",", ";", ":", "@", "=", "'", "\r\n ", "\n", "\0", "=?utf-8?q?", "=?utf-8?B?", "?=",
    "multipart/mixed", "multipart/alternative", "message/rfc822", "text/html", "text/plain", "text/enriched", "%E9",
    "application/ms-tnef", "application/pkcs7-mime", "text/calendar", "; boundary=b", "; charset=", "utf-7", "utf-16",
    "iso-2022-jp", "x-gbk", "; format=flowed", "; name*0*=utf-8''%C3", "; name*1*=%A9", "base64", "quoted-printable",
    "uuencode", "attachment", "inline", "; filename=", "sam@example.org", "Mon, 02 Nov 2026 11:00:00 +0000",
]
BODY_PIECES = [
    b"\n", b"\r\n", b"\r", b"\n\n", b"--b\n", b"--b--\n", b"<p>", b"</p>", b"<a href='", b"<!--", b"<style>", b"&#", b"> ",
    b"<div style='display:none'>", b"Content-Type: text/html\n\n", b"Content-Type: message/rfc822\n\n", b"\xff\xfe",
    b"Content-Type: multipart/mixed; boundary=b\n\n", b"begin 644 a\n", b"#0V%T\n", b"end\n", b"=C3", b"\x1b$B", b" \n",
    b"SGVsbG8=", b"\x78\x9f\x3e\x22\x01\x00", b"-----BEGIN PGP SIGNED MESSAGE-----\n", b"SUMMARY:", b"+2AA-",
]
# fmt: on
VALUES = st.lists(st.one_of(st.text(max_size=20), st.sampled_from(VALUE_PIECES)), max_size=6).map("".join)
BODIES = st.lists(st.one_of(st.binary(max_size=40), st.sampled_from(BODY_PIECES)), max_size=25).map(b"".join)


def _assert_sound(message: InboundMessage) -> None:
    """What everything behind the parser relies on: text that any database and terminal takes, and aware dates."""
    texts = [message.subject, message.text, message.new_text, message.message_id or "", *message.to, *message.defects]
    texts += [item.name for item in message.attachments] + [part.text for part in message.parts]
    texts += [value for _, value in message.headers.fields]
    texts += [message.sender.name, message.sender.address] if message.sender else []
    for text in texts:
        assert "\0" not in text
        text.encode("utf-8")
    assert all(item.name and item.size >= 0 for item in message.attachments)
    assert not any(mark in message.subject for mark in "\r\n")
    assert message.date is None or message.date.tzinfo is UTC


@given(st.binary(max_size=500))
def test_any_bytes_are_a_message(raw: bytes) -> None:
    _assert_sound(parse(raw))


@settings(max_examples=300)
@given(st.lists(st.tuples(HEADERS, VALUES), max_size=8), BODIES)
def test_mail_of_odd_pieces_is_a_message(fields: list[tuple[str, str]], body: bytes) -> None:
    head = "".join(f"{name}: {value}\r\n" for name, value in fields).encode("utf-8", "replace")
    _assert_sound(parse(head + b"\r\n" + body))


def _mutated(raw: bytes, chance: random.Random) -> bytes:
    mutated = bytearray(raw)
    for _ in range(chance.randint(1, 6)):
        start = chance.randrange(len(mutated) + 1)
        stop = min(len(mutated), start + chance.randint(0, 40))
        piece = bytes(mutated[start:stop])
        change = chance.randrange(5)
        if change == 0:
            del mutated[start:stop]
        elif change == 1:
            mutated[start:stop] = piece * chance.randint(2, 20)
        elif change == 2:
            mutated[start:stop] = chance.randbytes(len(piece))
        elif change == 3:
            mutated[start:stop] = piece.upper()
        else:
            place = chance.randrange(len(mutated) + 1)
            mutated[place:place] = piece
    return bytes(mutated)


@pytest.mark.parametrize("file", CORPUS, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_mutated_mail_is_a_message(file: Path) -> None:
    raw = file.read_bytes()
    chance = random.Random(file.name)  # noqa: S311 the same mutations in every run
    for _ in range(ROUNDS):
        _assert_sound(parse(_mutated(raw, chance)))
