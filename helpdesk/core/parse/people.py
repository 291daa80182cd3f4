"""Address fields (RFC 5322 section 3.4) as they are really written: names, comments, groups, encoded words, missing brackets.

Reads each letter once. Only what has an @ with something on both sides is an address; nothing is looked up or compared.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from helpdesk.core.parse.limits import ADDRESSES, Defects
from helpdesk.core.parse.words import decode_words
from helpdesk.model.message import Address

# A quoted string, a comment without a comment in it, an address in angle brackets, a separator, or other letters.
_TOKEN = re.compile(
    r"""(?P<quoted>"(?:[^"\\]|\\.){0,400}+")|(?P<comment>\((?:[^()\\]|\\.){0,400}+\))|<(?P<angle>[^<>]*+)>?|(?P<separator>[,;])"""
    r"""|(?P<encoded>=\?[^?\s]{1,60}\?[bBqQ]\?[^?]{0,400}+\?=)|(?P<words>(?:\\.|[^"(<,;=\\])++|.)""",
    re.DOTALL,
)
# It starts where a word starts, or every letter of a long word would be tried.
_BARE = re.compile(r"(?<![^\s<>()\[\],;:\"@])[^\s<>()\[\],;:\"@]++@(?:[^\s<>()\[\],;:\"@]++|\[[^\s\[\]]{1,60}\])")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_COMMENT = re.compile(r"\([^()]*+\)")
_WHITE = re.compile(r"\s+")
_NAME_CHARS = 300
_ADDRESS_CHARS = 400


def parse_addresses(value: str, defects: Defects) -> tuple[Address, ...]:
    """The addresses of one header value, in order; a name without an address is left out."""
    if not value:
        return ()
    found = tuple(_addresses(value, defects))
    if not found and "=?" in value:
        # RFC 2047 section 5 forbids to encode the address itself; some do, and nothing else can be meant.
        found = tuple(_addresses(decode_words(value, defects), defects))
    return found


def _addresses(value: str, defects: Defects) -> Iterator[Address]:
    count = 0
    for name, angle, comment in _entries(value, defects):
        address = _address(name, angle, comment, defects)
        if address is not None:
            yield address
            count += 1
            if count >= ADDRESSES:
                defects.add(f"only the first {ADDRESSES} addresses were read")
                return


def _entries(value: str, defects: Defects) -> Iterator[tuple[str, str, str]]:
    """(name, address in angle brackets, comment) of each entry of the list; the name may be the address."""
    name: list[str] = []
    angle = comment = ""
    before_angle = 0
    has_groups = ";" in value
    for token in _TOKEN.finditer(value):
        kind = token.lastgroup
        text = token[0]
        if kind == "separator":
            yield "".join(name), angle, comment
            name.clear()
            angle = comment = ""
        elif kind == "quoted":
            name.append(_quoted(text[1:-1], defects))
        elif kind == "comment":
            comment = comment or decode_words(_ESCAPED.sub(r"\1", text[1:-1]), defects)
        elif kind == "angle":
            if angle and "@" in token["angle"] and "@" in angle:
                # A separator was forgotten: "a@example.org <a@example.org> <b@example.org>".
                yield "".join(name[:before_angle]), angle, comment
                del name[:before_angle]
                comment = ""
            before_angle = len(name)
            angle = token["angle"] if "@" in token["angle"] or not angle else angle
        elif kind == "encoded":
            name.append(text)
        elif has_groups and ":" in text and not angle and not any("@" in piece for piece in (*name, text.partition(":")[0])):
            # RFC 5322 group: its name is nobody's.
            name.clear()
            name.append(text.rpartition(":")[2] if "@" not in text.partition(":")[2] else text.partition(":")[2])
        else:
            name.append(text)
    yield "".join(name), angle, comment


def _quoted(text: str, defects: Defects) -> str:
    text = _ESCAPED.sub(r"\1", text) if "\\" in text else text
    # Spaces at the ends keep it apart from its neighbours; a local part in quotes is joined again below.
    return decode_words(text, defects) if "=?" in text else text


def _address(name: str, angle: str, comment: str, defects: Defects) -> Address | None:
    # RFC 5322 section 4.4 allows white space around dots and the @; other spaces stay, rather than make another address.
    spelled = _WHITE.sub(" ", angle).strip().removeprefix("mailto:")
    if "(" in spelled:
        spelled = _COMMENT.sub("", spelled)
    if " " in spelled:
        for mark in (".", "@"):
            spelled = spelled.replace(f" {mark}", mark).replace(f"{mark} ", mark)
    display = decode_words(name, defects) if "=?" in name else name
    if "@" not in spelled.strip("@"):
        bare = _BARE.search(name) or _BARE.search(display)
        if bare is None:
            return None
        spelled = bare[0]
        display = name.replace(spelled, " ", 1) if bare.string is name else display.replace(spelled, " ", 1)
        display = decode_words(display, defects) if "=?" in display else display
    # RFC 5322 section 4.4: an obsolete route before the address.
    if spelled.startswith("@") and ":" in spelled:
        spelled = spelled.partition(":")[2]
    local, _, domain = spelled.rpartition("@")
    if not local or not domain or len(spelled) > _ADDRESS_CHARS:
        return None
    display = _tidy(display) or _tidy(comment)
    return Address(name="" if display == spelled else display, address=_local(local) + "@" + domain.strip("."))


def _local(local: str) -> str:
    return local[1:-1] if len(local) > 2 and local[0] == local[-1] == "'" else local


def _tidy(name: str) -> str:
    """One line, without the quotes that some programs put around an encoded name, and without invisible control letters."""
    name = _WHITE.sub(" ", name).strip()
    if not name.isprintable():
        name = "".join(letter for letter in name if letter.isprintable() or letter in "\u200c\u200d").strip()
    while len(name) > 1 and name[0] == name[-1] and name[0] in "\"'":
        name = name[1:-1].strip()
    return name.strip(" <>")[:_NAME_CHARS]
