"""The mails of the benchmark: invented, each by another person, always the same ones."""

from __future__ import annotations

import base64
import random

COUNT = 1000

_WORDS = (
    "I would like to talk to somebody about my brother and the people he has met since the summer we are all worried "
    "and do not know how to begin thank you for reading this far it took me a long time to write"
).split()


def make_mails(count: int = COUNT) -> list[bytes]:
    """Mails of 2 to 8 KB; one in ten has an attachment of 50 to 200 KB."""
    chance = random.Random(20261124)  # noqa: S311 - the same mails in every run, not a secret
    return [_mail(number, chance) for number in range(count)]


def _mail(number: int, chance: random.Random) -> bytes:
    text = _text(chance, chance.randrange(1500, 7000))
    head = (
        f"Received: from mx.example.org by mail.exithate.org; Mon, 2 Nov 2026 10:59:00 +0000\r\n"
        f"From: Person {number} <person{number}@p{number}.example.org>\r\n"
        f"To: info@exithate.org\r\nSubject: A question {number}\r\nDate: Mon, 02 Nov 2026 10:59:00 +0000\r\n"
        f"Message-ID: <{number}.{chance.randrange(10**9)}@p{number}.example.org>\r\nMIME-Version: 1.0\r\n"
    )
    if number % 10:
        return f"{head}Content-Type: text/plain; charset=utf-8\r\n\r\n{text}".encode()
    content = base64.encodebytes(chance.randbytes(chance.randrange(50_000, 200_000))).replace(b"\n", b"\r\n")
    return (
        (
            f'{head}Content-Type: multipart/mixed; boundary="b"\r\n\r\n'
            f"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}"
            '\r\n--b\r\nContent-Type: application/pdf; name="letter.pdf"\r\nContent-Transfer-Encoding: base64\r\n'
            'Content-Disposition: attachment; filename="letter.pdf"\r\n\r\n'
        ).encode()
        + content
        + b"\r\n--b--\r\n"
    )


def _text(chance: random.Random, size: int) -> str:
    lines, length = [], 0
    while length < size:
        line = " ".join(chance.choices(_WORDS, k=12))
        lines.append(line)
        length += len(line) + 2
    return "\r\n".join(lines) + "\r\n"
