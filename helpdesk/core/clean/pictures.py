"""Pictures without metadata: segments that say where, when, by whom and on what they were made are left out.

What is kept is an allow-list, so that a segment nobody has heard of is left out too. The pixels are not touched. None for
what breaks its format's rules.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

# JPEG (ITU-T T.81, table B.1): tables, frames, scans; JFIF, and Adobe's mark of how colours are coded.
_JPEG_KEPT = frozenset({*range(0xC0, 0xD0), 0xDA, 0xDB, 0xDC, 0xDD, 0xE0, 0xEE})
_APP0, _APP1, _APP14 = 0xE0, 0xE1, 0xEE
_START_OF_SCAN, _END_OF_IMAGE = 0xDA, 0xD9
_RESTARTS = range(0xD0, 0xD8)
_ORIENTATION = 0x0112
_ORIENTATIONS = range(2, 9)

# PNG (ISO 15948), with the animation chunks: what the pixels are, and how they are to be shown.
_PNG_KEPT = frozenset(b"IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB sBIT bKGD pHYs acTL fcTL fdAT".split())
_PNG_HEAD = 8

_GIF_HEAD = 13
_GIF_LOOPS = (b"NETSCAPE2.0", b"ANIMEXTS1.0")

_WEBP_KEPT = frozenset((b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF"))
# VP8X: the flags that promise a colour profile, Exif and XMP.
_WEBP_PROMISES = 0x20 | 0x08 | 0x04


def clean_jpeg(content: bytes) -> bytes | None:
    """The picture with nothing but what draws it, and which side is up: a phone says that in its metadata."""
    kept, position = [b"\xff\xd8"], 2
    upright = 1
    while True:
        # Any number of filling bytes may stand before a marker.
        while content[position : position + 2] == b"\xff\xff":
            position += 1
        if len(content) < position + 2 or content[position] != 0xFF:
            return None
        marker = content[position + 1]
        if marker == _END_OF_IMAGE:
            return b"".join((kept[0], _only_orientation(upright), *kept[1:], b"\xff\xd9"))
        length = int.from_bytes(content[position + 2 : position + 4], "big")
        end = position + 2 + length
        if length < 2 or end > len(content):
            return None
        body = content[position + 4 : end]
        if marker == _APP1 and body.startswith(b"Exif\0\0"):
            upright = _orientation(body[6:])
        if marker == _START_OF_SCAN:
            end = _end_of_scan(content, end)
        if marker in _JPEG_KEPT and _is_kept_application(marker, body):
            kept.append(content[position:end])
        position = end


def _is_kept_application(marker: int, body: bytes) -> bool:
    """Of the segments that programs fill as they like only the two that a decoder needs; a thumbnail shows what was cut off."""
    if marker == _APP0:
        return body.startswith(b"JFIF\0") and body[12:14] == b"\0\0"
    return marker != _APP14 or body.startswith(b"Adobe")


def _end_of_scan(content: bytes, start: int) -> int:
    """Where the coded pixels end: at a marker that is neither a stuffed 0xFF nor a restart."""
    position = content.find(b"\xff", start)
    while position >= 0 and position + 1 < len(content):
        following = content[position + 1]
        if following and following != 0xFF and following not in _RESTARTS:
            return position
        position = content.find(b"\xff", position + 1)
    return len(content)


def _orientation(tiff: bytes) -> int:
    """Which side is up (Exif 2.3, tag 0x0112); 1, as it is, where that can't be read."""
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(tiff[:4])
    if order is None:
        return 1
    try:
        (first,) = struct.unpack_from(f"{order}I", tiff, 4)
        (count,) = struct.unpack_from(f"{order}H", tiff, first)
        for number in range(count):
            tag, _, _, value = struct.unpack_from(f"{order}HHIH", tiff, first + 2 + 12 * number)
            if tag == _ORIENTATION:
                return int(value)
    except struct.error:
        return 1
    return 1


def _only_orientation(upright: int) -> bytes:
    """An Exif segment that says nothing else; none where the picture is upright."""
    if upright not in _ORIENTATIONS:
        return b""
    tiff = b"MM\0*" + struct.pack(">IHHHIHHI", 8, 1, _ORIENTATION, 3, 1, upright, 0, 0)
    return b"\xff\xe1" + (len(tiff) + 8).to_bytes(2, "big") + b"Exif\0\0" + tiff


def clean_png(content: bytes) -> bytes | None:
    """The picture without texts, times, profiles and Exif."""
    kept, position = [content[:_PNG_HEAD]], _PNG_HEAD
    while position + 12 <= len(content):
        length = int.from_bytes(content[position : position + 4], "big")
        name, end = content[position + 4 : position + 8], position + 12 + length
        if end > len(content):
            return None
        if name in _PNG_KEPT:
            kept.append(content[position:end])
        if name == b"IEND":
            return b"".join(kept)
        position = end
    return None


def clean_gif(content: bytes) -> bytes | None:
    """The picture or film without comments and what programs put between its pictures."""
    if len(content) < _GIF_HEAD:
        return None
    position = _GIF_HEAD + _table_size(content[10])
    kept = [content[:position]]
    while position < len(content):
        kind = content[position]
        if kind == 0x3B:
            return b"".join((*kept, b";"))
        start, end = position, _end_of_gif_block(content, position)
        if end is None:
            return None
        if kind == 0x2C or _is_kept_extension(content, start):
            kept.append(content[start:end])
        position = end
    return None


def _is_kept_extension(content: bytes, start: int) -> bool:
    label = content[start + 1]
    return label == 0xF9 or (label == 0xFF and content[start + 3 : start + 14] in _GIF_LOOPS)


def _end_of_gif_block(content: bytes, start: int) -> int | None:
    kind = content[start]
    if kind == 0x2C and start + 10 <= len(content):
        position = start + 10 + _table_size(content[start + 9]) + 1
    elif kind == 0x21:
        position = start + 2
    else:
        return None
    while position < len(content):
        size = content[position]
        position += 1 + size
        if not size:
            return position
    return None


def _table_size(packed: int) -> int:
    """The bytes of a colour table, whose size the low bits of this byte tell."""
    return 3 * 2 ** ((packed & 0x07) + 1) if packed & 0x80 else 0


def clean_webp(content: bytes) -> bytes | None:
    """The picture without profile, Exif and XMP, and without the flags that promise them."""
    if content[8:12] != b"WEBP":
        return None
    chunks = [chunk for chunk in _chunks(content) if chunk[:4] in _WEBP_KEPT]
    if not chunks:
        return None
    body = b"WEBP" + b"".join(_without_promises(chunk) for chunk in chunks)
    return b"RIFF" + len(body).to_bytes(4, "little") + body


def _chunks(content: bytes) -> Iterator[bytes]:
    position = 12
    while position + 8 <= len(content):
        length = int.from_bytes(content[position + 4 : position + 8], "little")
        end = position + 8 + length + length % 2
        yield content[position:end]
        position = end


def _without_promises(chunk: bytes) -> bytes:
    if chunk[:4] != b"VP8X" or len(chunk) < 9:
        return chunk
    return chunk[:8] + bytes((chunk[8] & ~_WEBP_PROMISES,)) + chunk[9:]
