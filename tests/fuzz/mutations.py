"""Broken mail made from good mail: each change is one that servers, programs and senders have been seen to make."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

Mutation = Callable[[bytes, random.Random], bytes]

_HEADERS = (
    b"Content-Type: multipart/mixed; boundary=",
    b"Content-Type: multipart/report; report-type=delivery-status; boundary=b",
    b"Content-Type: message/rfc822",
    b"Content-Type: text/html; charset=utf-7",
    b"Content-Type: text/plain; charset=x-unknown; format=flowed; delsp=yes",
    b"Content-Type: application/ms-tnef; name=winmail.dat",
    b"Content-Transfer-Encoding: base64",
    b"Content-Transfer-Encoding: quoted-printable",
    b"Content-Transfer-Encoding: uuencode",
    b"Content-Disposition: attachment; filename*0*=utf-8''%ff%; filename*1=x",
    b"Subject: =?utf-8?q?=?= =?x?b?====?=",
    b"From: =?utf-8?b?/w==?= <<a@b>@c>, d",
    b"Date: Tue, 99 Foo 99999 99:99:99 +9999",
    b"Message-ID: <<a b@c> d>",
    b"References: <a@b><c@d> e",
    b"Auto-Submitted: auto-replied (",
)
_WORDS = (
    *(b"\0", b"\r", b"\n", b"\r\n\r\n", b"--", b"=", b"=?", b"?=", b"<", b">", b"> "),
    *(b"&#x110000;", b"\xff\xfe", b"\xed\xa0\x80"),
)


def flip(raw: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(raw) + 1)
    return raw[:at] + bytes([chance.randrange(256)]) + raw[at + 1 :]


def cut(raw: bytes, chance: random.Random) -> bytes:
    start, end = sorted((chance.randrange(len(raw) + 1), chance.randrange(len(raw) + 1)))
    return raw[:start] + raw[end:] if chance.random() < 0.5 else raw[start:end]


def repeat(raw: bytes, chance: random.Random) -> bytes:
    start = chance.randrange(len(raw) + 1)
    piece = raw[start : start + chance.choice((1, 2, 40, 400))]
    return raw[:start] + piece * chance.choice((2, 20, 200)) + raw[start:]


def insert(raw: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(raw) + 1)
    return raw[:at] + chance.choice(_WORDS) * chance.choice((1, 3, 100)) + raw[at:]


def add_header(raw: bytes, chance: random.Random) -> bytes:
    lines = raw.split(b"\n")
    lines.insert(chance.randrange(min(len(lines), 30) + 1), chance.choice(_HEADERS))
    return b"\n".join(lines)


def shuffle_lines(raw: bytes, chance: random.Random) -> bytes:
    lines = raw.split(b"\n")
    first, second = chance.randrange(len(lines)), chance.randrange(len(lines))
    lines[first], lines[second] = lines[second], lines[first]
    return b"\n".join(lines)


def line_ends(raw: bytes, chance: random.Random) -> bytes:
    plain = raw.replace(b"\r\n", b"\n")
    return plain.replace(b"\n", chance.choice((b"\r", b"\r\n", b"\n\r", b"\n")))


MUTATIONS: Sequence[Mutation] = (flip, cut, repeat, insert, add_header, shuffle_lines, line_ends)


def splice(raw: bytes, other: bytes, chance: random.Random) -> bytes:
    """The head of one mail on the tail of another."""
    return raw[: chance.randrange(len(raw) + 1)] + other[chance.randrange(len(other) + 1) :]


def mutated(corpus: Sequence[bytes], chance: random.Random) -> bytes:
    """A mail of the corpus after one to eight changes."""
    raw = chance.choice(corpus)
    for _ in range(chance.randint(1, 8)):
        change = chance.choice(MUTATIONS)
        raw = splice(raw, chance.choice(corpus), chance) if chance.random() < 0.1 else change(raw, chance)
    return raw
