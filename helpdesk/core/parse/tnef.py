"""winmail.dat: the names, sizes and plain words inside Outlook's own wrapping (MS-OXTNEF), with nothing unpacked.

Reads only what it needs and stops at the first thing that makes no sense; never raises.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from helpdesk.core.parse.charsets import clean, decode
from helpdesk.core.parse.limits import Defects

_SIGNATURE = b"\x78\x9f\x3e\x22"
# Attributes (MS-OXTNEF 2.1.3.2), and the properties (MS-OXPROPS) inside two of them.
_ATTACH_REND_DATA = 0x9002
_ATTACH_TITLE = 0x8010
_ATTACH_DATA = 0x800F
_ATTACHMENT_PROPERTIES = 0x9005
_MESSAGE_PROPERTIES = 0x9003
_BODY = 0x800C
_OEM_CODEPAGE = 0x9007
_P_BODY, _P_HTML = 0x1000, 0x1013
_P_LONG_NAME, _P_NAME, _P_DISPLAY_NAME, _P_DATA = 0x3707, 0x3704, 0x3001, 0x3701

_FIXED = {0x0001: 0, 0x0002: 4, 0x0003: 4, 0x0004: 4, 0x0005: 8, 0x0006: 8, 0x0007: 8, 0x000A: 4, 0x000B: 4}
_FIXED |= {0x0014: 8, 0x0040: 8, 0x0048: 16}
_STRING8, _UNICODE, _OBJECT, _BINARY = 0x001E, 0x001F, 0x000D, 0x0102
_MULTIPLE = 0x1000
_PROPERTIES = 2_000
_VALUES = 2_000
_FILES = 200


@dataclass(frozen=True, slots=True)
class TnefFile:
    name: str = field(repr=False)
    size: int


@dataclass(frozen=True, slots=True)
class Tnef:
    files: tuple[TnefFile, ...] = ()
    text: str = field(default="", repr=False)
    html: str = field(default="", repr=False)


@dataclass(slots=True)
class _File:
    names: dict[int, str] = field(default_factory=dict, repr=False)
    size: int = 0

    def finished(self) -> TnefFile:
        order = (_P_LONG_NAME, _P_NAME, _ATTACH_TITLE, _P_DISPLAY_NAME)
        return TnefFile(next((self.names[key] for key in order if self.names.get(key)), ""), self.size)


def read_tnef(data: bytes, defects: Defects) -> Tnef | None:
    """What is inside; None when this is no TNEF."""
    if not data.startswith(_SIGNATURE):
        return None
    files: list[_File] = []
    texts: dict[int, str] = {}
    charset = "cp1252"
    for attribute, value in _attributes(data):
        if attribute == _OEM_CODEPAGE and len(value) >= 4:
            charset = f"cp{struct.unpack_from('<I', value)[0]}"
        elif attribute == _ATTACH_REND_DATA and len(files) < _FILES:
            files.append(_File())
        elif attribute == _ATTACH_TITLE and files:
            files[-1].names[_ATTACH_TITLE] = decode(value.rstrip(b"\0"), charset, defects)
        elif attribute == _ATTACH_DATA and files:
            files[-1].size = len(value)
        elif attribute == _BODY:
            texts[_P_BODY] = decode(value.rstrip(b"\0"), charset, defects)
        elif attribute == _ATTACHMENT_PROPERTIES and files:
            _read_file(files[-1], value, charset, defects)
        elif attribute == _MESSAGE_PROPERTIES:
            for name, kind, content in _properties(value):
                if name in (_P_BODY, _P_HTML) and kind in (_STRING8, _UNICODE, _BINARY):
                    texts[name] = _string(kind, content, "" if name == _P_HTML else charset, defects)
    return Tnef(tuple(file.finished() for file in files), texts.get(_P_BODY, ""), texts.get(_P_HTML, ""))


def _read_file(file: _File, value: bytes, charset: str, defects: Defects) -> None:
    for name, kind, content in _properties(value):
        if kind in (_STRING8, _UNICODE) and name in (_P_LONG_NAME, _P_NAME, _P_DISPLAY_NAME):
            file.names[name] = _string(kind, content[:2_000], charset, defects)
        elif name == _P_DATA and not file.size:
            file.size = len(content)


def _attributes(data: bytes) -> Iterator[tuple[int, bytes]]:
    """MS-OXTNEF 2.1.3: level, id, type, length, value, checksum, one after the other behind signature and key."""
    position = 6
    while position + 9 <= len(data):
        attribute, _, length = struct.unpack_from("<HHI", data, position + 1)
        position += 9
        if position + length > len(data):
            return
        yield attribute, data[position : position + length]
        position += length + 2


def _properties(value: bytes) -> Iterator[tuple[int, int, bytes]]:
    """MS-OXTNEF 2.1.3.4: (id, type, content) of each property, until one can't be read."""
    position = 4
    for _ in range(min(_PROPERTIES, int.from_bytes(value[:4], "little"))):
        if position + 4 > len(value):
            return
        kind, name = struct.unpack_from("<HH", value, position)
        position += 4
        if name >= 0x8000:
            position = _past_name(value, position)
        base = kind & ~_MULTIPLE
        if kind & _MULTIPLE or base in (_STRING8, _UNICODE, _OBJECT, _BINARY):
            content, position = _counted(value, position, _FIXED.get(base))
        elif base in _FIXED:
            content, position = b"", position + _FIXED[base]
        else:
            return
        if position > len(value):
            return
        yield name, kind, content


def _past_name(value: bytes, position: int) -> int:
    """A named property: GUID, then a number, or a counted name."""
    if position + 24 > len(value):
        return len(value) + 1
    named_by_string, length = struct.unpack_from("<II", value, position + 16)
    return position + 24 + ((length + 3) // 4 * 4 if named_by_string else 0)


def _counted(value: bytes, position: int, width: int | None) -> tuple[bytes, int]:
    """The first of a counted list of values, and where the next property begins; values are padded to four bytes."""
    if position + 4 > len(value):
        return b"", len(value) + 1
    count = int.from_bytes(value[position : position + 4], "little")
    position += 4
    if width is not None:
        return b"", position + count * ((width + 3) // 4 * 4)
    first = b""
    for number in range(min(count, _VALUES)):
        if position + 4 > len(value):
            return b"", len(value) + 1
        length = int.from_bytes(value[position : position + 4], "little")
        position += 4
        if number == 0:
            first = value[position : position + length]
        position += (length + 3) // 4 * 4
    return first, position


def _string(kind: int, content: bytes, charset: str, defects: Defects) -> str:
    if kind == _UNICODE:
        return clean(content.decode("utf-16-le", "replace"))
    return decode(content.rstrip(b"\0"), charset, defects)
