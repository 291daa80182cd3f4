"""Content-Transfer-Encoding: the bytes behind base64, quoted-printable and uuencode, and how many there are.

Lenient as RFC 2045 section 6 asks readers to be. Never raises; the size of base64 is computed without decoding it.
"""

from __future__ import annotations

import binascii
import re

from helpdesk.core.parse.uuencode import decode_lines

_NOT_BASE_64 = re.compile(rb"[^A-Za-z0-9+/]+")
# What stands behind the padding is no base64 any more, and doesn't count.
_BASE_64_LINE = re.compile(rb"\s*(?:[A-Za-z0-9+/]++={1,2}(?:\s|\Z)|[A-Za-z0-9+/=]++[ \t]*(?:\r*\n|\Z))")
_PADDING = re.compile(rb"=++[ \t]*+\r*+\n")
_SEGMENTS = 10_000


def encoding_of(header: str) -> str:
    """ "base64", "quoted-printable", "uuencode", or empty for bytes as they are; labels are often misspelt."""
    name = "".join(letter for letter in header.lower() if letter.isalnum())
    if not name or name[0] in "78":
        return ""
    if "base64" in name:
        return "base64"
    if "quotedprintable" in name:
        return "quoted-printable"
    return "uuencode" if "uue" in name else ""


def decode_transfer(data: bytes, encoding: str) -> bytes:
    """The decoded bytes, as many as can be read."""
    if encoding == "base64":
        return _base_64(data)
    if encoding == "quoted-printable":
        return binascii.a2b_qp(data)
    if encoding == "uuencode":
        return decode_lines(data)
    return data


def looks_like_base_64(data: bytes) -> bool:
    """Whether the first line could be base64, so that text which is only labelled so is not garbled."""
    return _BASE_64_LINE.match(data) is not None


def decoded_size(data: bytes, encoding: str) -> int:
    """The number of bytes after decoding."""
    if encoding != "base64":
        return len(decode_transfer(data, encoding)) if encoding else len(data)
    return len(data.translate(None, b"\r\n\t =")) * 3 // 4


def _base_64(data: bytes) -> bytes:
    padding = data.find(b"=")
    if padding >= 0 and len(data[padding : padding + 200].strip(b"=\r\n\t ")) > 0:
        return _segments(data)
    try:
        return binascii.a2b_base64(data)
    except binascii.Error:
        return _whole_groups(data)


def _whole_groups(data: bytes) -> bytes:
    letters = _NOT_BASE_64.sub(b"", data)
    letters = letters[:-1] if len(letters) % 4 == 1 else letters
    return binascii.a2b_base64(letters + b"=" * (-len(letters) % 4))


def _segments(data: bytes) -> bytes:
    """Several encoded texts one after the other, each with its padding; what is no base64 behind one is a list's footer."""
    decoded: list[bytes] = []
    for segment in _PADDING.split(data, maxsplit=_SEGMENTS):
        if decoded and not looks_like_base_64(segment):
            break
        decoded.append(_whole_groups(segment.partition(b"=")[0]))
    return b"".join(decoded)
