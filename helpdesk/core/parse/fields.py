"""Where a header block ends and what fields it holds, unfolded, undecoded.

Tolerates what real mail holds: a leading mbox line, blank lines before the first field, continuation lines that were not
indented, a body that follows without a blank line. What a field means is not decided here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from helpdesk.core.parse.charsets import clean, decode
from helpdesk.core.parse.limits import FULL_HEADER_LINES, HEADER_BYTES, VALUE_CHARS, Defects

_BLANK_LINE = re.compile(rb"\n\r*\n")
# RFC 5322 section 2.2; white space before the colon is the obsolete form of section 4.5.
_FIELD = re.compile(rb"([!-9;-~]{1,200})[ \t]*:([^\n]*(?:\n[ \t][^\n]*)*)(?:\n|\Z)")
_MBOX_LINE = re.compile(rb">?From [^\n:]*[^\n]*\n")
_GARBAGE_LINES = 2


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of one header block in order: names in lower case, values unfolded but not decoded."""

    items: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    def first(self, name: str) -> str:
        for known, value in self.items:
            if known == name:
                return value
        return ""

    def every(self, name: str) -> list[str]:
        return [value for known, value in self.items if known == name]


def split_headers(data: bytes, start: int, end: int, defects: Defects) -> tuple[Fields, int]:
    """The header block at `start` and the offset of the body behind it, both within `end`."""
    start = _first_line(data, start, end)
    if data[start : start + 1] == b"\n" or data[start : start + 2] == b"\r\n":
        return Fields(), data.index(b"\n", start) + 1
    blank = _BLANK_LINE.search(data, start, end)
    stop, body = (blank.start() + 1, blank.end()) if blank else (end, end)
    block = data[start : min(stop, start + HEADER_BYTES)]
    if block.count(b"\n") > FULL_HEADER_LINES:
        block = b"\n".join(block.split(b"\n", FULL_HEADER_LINES)[:FULL_HEADER_LINES])
    if len(block) < stop - start:
        defects.add("headers cut: too many or too long")
    fields, used = _fields_of(block, defects)
    if used < len(block):
        # RFC 5322 section 2.1 wants a blank line; without one the body begins where the fields end.
        defects.add("no blank line between headers and body")
        return fields, start + used
    return fields, body


def _first_line(data: bytes, start: int, end: int) -> int:
    """Past an mbox separator, and at the top past blank lines that some servers and exports put before the fields."""
    if start == 0:
        # A file may begin with a byte order mark, and with any white space.
        while data[start : start + 1] in (b"\n", b"\r", b"\xef", b"\xbb", b"\xbf") and start < end:
            start += 1
    mbox = _MBOX_LINE.match(data, start, end) if data[start : start + 6].lstrip(b">")[:5] == b"From " else None
    return mbox.end() if mbox else start


def _fields_of(block: bytes, defects: Defects) -> tuple[Fields, int]:
    """The fields, and how much of the block they take: all of it, unless a body follows without a blank line."""
    items: list[tuple[bytes, bytes]] = []
    position = 0
    while position < len(block):
        found = _FIELD.match(block, position)
        if found:
            items.append((found[1], found[2]))
            position = found.end()
            continue
        resume = _after_garbage(block, position)
        if resume is None and items and items[-1][1].rstrip().endswith(b";"):
            # A parameter on a line of its own that was not indented.
            resume = block.find(b"\n", position) + 1 or len(block)
        if resume is None:
            break
        defects.add("header line without a name")
        if items and block[position : position + 5] not in (b"From ", b">From"):
            name, value = items[-1]
            items[-1] = (name, value + b" " + block[position:resume])
        position = resume
    return Fields(tuple((name.decode("ascii").lower(), _value(value, defects)) for name, value in items)), position


def _after_garbage(block: bytes, position: int) -> int | None:
    """Where fields go on after a line or two that are none; None when they don't, so that this is the body."""
    for _ in range(_GARBAGE_LINES):
        newline = block.find(b"\n", position)
        if newline < 0:
            return None
        position = newline + 1
        if position >= len(block):
            return None
        if _FIELD.match(block, position):
            return position
    return None


def _value(value: bytes, defects: Defects) -> str:
    value = value[:VALUE_CHARS]
    value = value.replace(b"\n", b"").replace(b"\r", b"").strip()
    if value.isascii():
        text = value.decode("ascii")
        return text.replace("\0", "") if "\0" in text else text
    defects.add("header with bytes beyond ascii")
    return clean(decode(value, "", defects))
