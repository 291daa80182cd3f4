"""Looks for words in files in every form in which they might have leaked: plain, UTF-16, hex, base64."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator
from pathlib import Path


def forms_of(word: str) -> Iterator[bytes]:
    """The bytes to look for, as the word is spelt and in upper and lower case."""
    for spelling in {word, word.lower(), word.upper()}:
        for encoding in ("utf-8", "utf-16-le", "utf-16-be"):
            plain = spelling.encode(encoding)
            yield plain
            yield plain.hex().encode()
            yield plain.hex().upper().encode()
            yield from _base64_forms(plain)


def _base64_forms(plain: bytes) -> Iterator[bytes]:
    """What stays the same of base64 whatever stands around the word, at each of the three places where it may begin."""
    for before in range(3):
        encoded = base64.b64encode(b"\0" * before + plain).rstrip(b"=")
        # The first characters also hold bits of what stands before, the last one of what follows.
        inner = encoded[-(-before * 8 // 6) : len(encoded) - 1]
        yield inner
        yield inner.replace(b"+", b"-").replace(b"/", b"_")


def found_in(folder: Path, words: Iterable[str]) -> set[str]:
    """Which words stand in any file of the folder, in any form."""
    contents = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    return {word for word in words if any(form in content for form in forms_of(word) for content in contents)}
