"""RFC 2047 encoded words in header values, in every form in which they are found broken.

Linear in the length of the value; never raises. What is no encoded word stays as it stands.
"""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass, field

from helpdesk.core.parse.charsets import decode
from helpdesk.core.parse.limits import Defects

# RFC 2047 section 2, with the language tag of RFC 2231 section 5 and spaces where some senders put them.
_OPENING = re.compile(r"=\?\s?([^?\s=]{1,60}?)(?:\*[^?\s]{0,20})?\s?\?\s?([bBqQ])\s?\?")
_QUOTED = re.compile(rb"=([0-9A-Fa-f]{2})")
_NOT_BASE_64 = re.compile(r"[^A-Za-z0-9+/]+")


@dataclass(frozen=True, slots=True)
class _Word:
    charset: str
    encoding: str
    text: str = field(repr=False)


def decode_words(value: str, defects: Defects) -> str:
    """The value with its encoded words decoded and the white space between two of them gone (RFC 2047 section 6.2)."""
    if "=?" not in value:
        return value
    pieces: list[str] = []
    pending: list[_Word] = []
    position = 0
    while opening := _OPENING.search(value, position):
        between = value[position : opening.start()]
        end, after = _end_of(value, opening.end(), defects)
        if pending and (between.strip() or opening[1].lower() != pending[-1].charset):
            pieces.append(_joined(pending, defects))
            pending.clear()
            pieces.append(between if between.strip() else "")
        elif not pending:
            pieces.append(between)
        pending.append(_Word(opening[1].lower(), opening[2].lower(), value[opening.end() : end]))
        position = after
    if pending:
        pieces.append(_joined(pending, defects))
    pieces.append(value[position:])
    return "".join(pieces)


def _end_of(value: str, start: int, defects: Defects) -> tuple[int, int]:
    """Where the encoded text ends, and where to read on. A word that is never closed reaches to the next one, or to the end."""
    end = value.find("?=", start)
    # "?==?" closes one word and opens the next, while "?=?=" is an encoded text that ends in a question mark.
    following = value.find("=?", start, end if end >= 0 else len(value))
    if end >= 0 and (following < 0 or not _OPENING.match(value, following)):
        return end, end + 2
    defects.add("encoded word without an end")
    stop = following if following >= 0 and _OPENING.match(value, following) else len(value)
    return stop, stop


def _joined(words: list[_Word], defects: Defects) -> str:
    """The text of neighbouring words of one charset: letters may be cut between them, so their bytes are joined first."""
    data: list[bytes] = []
    base_64 = ""
    for word in words:
        if word.encoding == "b":
            base_64 += _NOT_BASE_64.sub("", word.text)
            # A word should end on a whole group; where it doesn't and no padding says so, the next one goes on with it.
            if word.text.rstrip().endswith("=") or len(base_64) % 4 == 0:
                data.append(_base_64(base_64))
                base_64 = ""
        else:
            data.append(_base_64(base_64))
            base_64 = ""
            data.append(_quoted(word.text))
    data.append(_base_64(base_64))
    return decode(b"".join(data), words[0].charset, defects)


def _base_64(text: str) -> bytes:
    if len(text) % 4 == 1:
        text = text[:-1]
    return binascii.a2b_base64(text + "=" * (-len(text) % 4)) if text else b""


def _quoted(text: str) -> bytes:
    data = text.encode("utf-8", "replace").replace(b"_", b" ")
    return _QUOTED.sub(lambda match: bytes((int(match[1], 16),)), data)
