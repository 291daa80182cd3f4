"""Files that old mail programs put into the text itself: "begin 644 name", lines of uuencode, "end".

Reads each line once, so that many beginnings without an end cost no more than one. Content is not kept, only names and
sizes, except for whole parts that are labelled as uuencoded.
"""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass, field

_BEGIN = re.compile(r"^begin(?:-base64)? [0-7]{3,4} ([^\r\n]{1,255})\r?\n", re.MULTILINE)
_BEGIN_BYTES = re.compile(rb"^begin [0-7]{3,4} [^\r\n]{1,255}\r?\n", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class UuFile:
    name: str = field(repr=False)
    size: int


def cut_files(text: str) -> tuple[str, tuple[UuFile, ...]]:
    """The text without the files in it, and the files."""
    if "begin" not in text:
        return text, ()
    files: list[UuFile] = []
    kept: list[str] = []
    position = 0
    while begin := _BEGIN.search(text, position):
        size, end = _lines(text, begin.end())
        if size:
            kept.append(text[position : begin.start()])
            files.append(UuFile(begin[1].strip(), size))
            position = end
        else:
            kept.append(text[position : begin.end()])
            position = begin.end()
    if not files:
        return text, ()
    kept.append(text[position:])
    return "".join(kept), tuple(files)


def _lines(text: str, position: int) -> tuple[int, int]:
    """The decoded size of the lines from `position`, and where the text goes on."""
    size = 0
    while position < len(text):
        newline = text.find("\n", position)
        stop = newline if newline >= 0 else len(text)
        line = text[position:stop].rstrip("\r")
        after = stop + 1
        if line == "end":
            return size, after
        count = (ord(line[0]) - 32) & 63 if line else 0
        # A line holds 4 letters for every 3 bytes that its first letter counts; trailing spaces may have been cut.
        if count and not (count * 4 // 3 - 2 <= len(line.rstrip()) + 3 and len(line) <= (count + 2) // 3 * 4 + 3):
            return size, position
        if not count and line.strip("` "):
            return size, position
        size += count
        position = after
    return size, len(text)


def decode_lines(data: bytes) -> bytes:
    """The bytes of a part that is uuencoded as a whole, as far as its lines can be read."""
    begin = _BEGIN_BYTES.search(data)
    decoded: list[bytes] = []
    for line in data[begin.end() if begin else 0 :].split(b"\n"):
        line = line.rstrip(b"\r")
        if line == b"end":
            break
        if not line:
            continue
        try:
            decoded.append(binascii.a2b_uu(line))
        except binascii.Error:
            # Some encoders write more letters than the count needs: RFC-less, but common enough for the stdlib to know.
            length = (((line[0] - 32) & 63) * 4 + 5) // 3
            try:
                decoded.append(binascii.a2b_uu(line[:length]))
            except binascii.Error:
                break
    return b"".join(decoded)
