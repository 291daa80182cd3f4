"""Content-Type and Content-Disposition: a value with parameters, by RFC 2045 and RFC 2231 and as senders get them wrong.

Reads one header value; what a parameter means is for others. Never raises, linear in the length of the value.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import unquote_to_bytes

from helpdesk.core.parse.charsets import decode
from helpdesk.core.parse.limits import Defects
from helpdesk.core.parse.words import decode_words

_VALUE = re.compile(r'\s*([^;"=\s]*)')
# Parameters should be divided by semicolons; a space, or nothing after a closing quote, is common enough.
_PARAMETER = re.compile(r'([^\s;="]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^;]*)')
_STRAY = re.compile(r'[\s;,"]+')
_NEXT_PARAMETER = re.compile(r"\s(?:boundary|charset|format|delsp|name|filename|type|protocol|micalg|size)\*?=", re.IGNORECASE)
_ESCAPED = re.compile(r'\\(["\\])')
_SECTION = re.compile(r"(.+?)\*(\d{1,4})?(\*)?$")
_PERCENT = re.compile(r"%[89A-Fa-f][0-9A-Fa-f]")
_SECTIONS = 200


@dataclass(frozen=True, slots=True)
class Parametered:
    """A header value in lower case, and its parameters, decoded, in order of first appearance."""

    value: str = field(default="", repr=False)
    parameters: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    def get(self, name: str) -> str:
        for parameter, value in self.parameters:
            if parameter == name:
                return value
        return ""


def parse_parameters(header: str, defects: Defects) -> Parametered:
    """The value and parameters of a header; everything missing is empty."""
    header = _without_comments(header)
    found = _VALUE.match(header)
    value = found[1].lower() if found else ""
    position = found.end() if found else 0
    if header[position : position + 1] == "=":
        # 'Content-Disposition: filename=…': the value itself was forgotten.
        value, position = "", 0
    parameters = _raw_parameters(header, position)
    return Parametered(value, tuple(_decoded(parameters, defects)))


def _without_comments(header: str) -> str:
    """RFC 2045 allows comments; only those outside quotes are cut, and only where the header has no file name."""
    if "(" not in header or "name" in header.lower():
        return header
    return re.sub(r"\([^()]*\)", "", header) if '"' not in header else header


def _raw_parameters(header: str, position: int) -> list[tuple[str, str]]:
    parameters: list[tuple[str, str]] = []
    while position < len(header):
        stray = _STRAY.match(header, position)
        if stray:
            position = stray.end()
        found = _PARAMETER.match(header, position)
        if not found:
            semicolon = header.find(";", position)
            space = header.find(" ", position)
            following = min((place for place in (semicolon, space) if place >= 0), default=-1)
            if following < 0:
                break
            position = following + 1
            continue
        value, position = found[2], found.end()
        if not value.startswith('"'):
            cut = _NEXT_PARAMETER.search(value)
            if cut:
                position = found.start(2) + cut.start()
                value = value[: cut.start()]
        parameters.append((found[1].lower(), _unquoted(value)))
    return parameters


def _unquoted(value: str) -> str:
    value = value.strip()
    if value.startswith('"'):
        closed = len(value) > 1 and value.endswith('"')
        # Only a quote and a backslash are ever escaped in practice; any other backslash belongs to a Windows path.
        return _ESCAPED.sub(r"\1", value[1:-1] if closed else value[1:])
    return value.removesuffix('"') if value.count('"') == 1 else value


def _decoded(parameters: list[tuple[str, str]], defects: Defects) -> list[tuple[str, str]]:
    plain: dict[str, str] = {}
    sections: dict[str, list[tuple[int, bool, str]]] = {}
    for name, value in parameters:
        found = _SECTION.match(name) if "*" in name else None
        if found:
            sections.setdefault(found[1], []).append((int(found[2] or 0), found[3] is not None or found[2] is None, value))
        else:
            plain.setdefault(name, value)
    decoded = {name: _readable(value, defects) for name, value in plain.items()}
    for name, pieces in sections.items():
        # RFC 2231 section 4: the extended form says more than the plain one beside it.
        decoded[name] = _joined(pieces[:_SECTIONS], defects) or decoded.get(name, "")
    return list(decoded.items())


def _readable(value: str, defects: Defects) -> str:
    """A plain parameter: encoded words are not allowed in it (RFC 2047 section 5), and the rule rather than the exception."""
    if "=?" in value:
        return decode_words(value, defects)
    if _PERCENT.search(value):
        try:
            return unquote_to_bytes(value).decode("utf-8")
        except UnicodeDecodeError:
            return value
    return value


def _joined(pieces: list[tuple[int, bool, str]], defects: Defects) -> str:
    """RFC 2231 sections 3 and 4: numbered pieces in any order, each percent-encoded or not, the charset before the first."""
    pieces = sorted(pieces, key=lambda piece: piece[0])
    charset = ""
    data: list[bytes] = []
    for position, (_, extended, value) in enumerate(pieces):
        if extended and position == 0 and value.count("'") >= 2:
            charset, _, value = value.split("'", 2)
        data.append(unquote_to_bytes(value) if extended else value.encode("utf-8", "replace"))
    joined = b"".join(data)
    if b"=?" in joined and joined.isascii():
        return decode_words(joined.decode("ascii"), defects)
    return decode(joined, charset, defects)
