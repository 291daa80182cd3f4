"""The MIME tree as offsets into the bytes: what parts there are, and where each begins and ends.

Decodes nothing but returned messages that are themselves encoded. Bounded by a budget of parts, depth and delimiter
lines, so that nesting and repetition cost no more than they may; a part beyond the budget stays one leaf.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from helpdesk.core.parse.fields import Fields, split_headers
from helpdesk.core.parse.limits import DEPTH, NESTED_BYTES, Budget, Defects
from helpdesk.core.parse.parameters import Parametered, parse_parameters
from helpdesk.core.parse.signed import signed_content
from helpdesk.core.parse.transfer import decode_transfer, encoding_of

_TYPE = re.compile(r"[a-z0-9!#$&^_.+*-]+/[a-z0-9!#$&^_.+*-]+")
_GUESSED_DELIMITER = re.compile(rb"^--([^\s-][^\r\n]{0,68}?)[ \t]*\r?\n", re.MULTILINE)
_GUESS_WITHIN = 4_000
_NO_HEADER = Parametered()


@dataclass(frozen=True, slots=True)
class Node:
    """One part: its fields, and `data[start:end]` as its encoded body. `children` of message/rfc822 is the inner message."""

    data: bytes = field(repr=False)
    start: int
    end: int
    fields: Fields
    content_type: str
    typed: Parametered
    disposition: Parametered
    encoding: str
    depth: int
    children: tuple[Node, ...] = ()

    def body(self, limit: int | None = None) -> bytes:
        """The encoded body, or its first `limit` bytes."""
        return self.data[self.start : self.end if limit is None else min(self.end, self.start + limit)]

    def boundaries(self) -> frozenset[str]:
        """Every boundary that is named in the tree, down to the messages inside it."""
        inner = (child.boundaries() for child in self.children)
        return frozenset((self.typed.get("boundary"),)).union(*inner)

    def leaves(self) -> Iterator[Node]:
        """The parts without parts of their own, in order; a message inside the message is one of them."""
        if self.children and not self.content_type.startswith("message/"):
            for child in self.children:
                yield from child.leaves()
        else:
            yield self


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a part stands: bytes, bounds, depth, and the type it has when it names none (RFC 2046 section 5.1.5)."""

    data: bytes = field(repr=False)
    start: int
    end: int
    depth: int
    default_type: str = "text/plain"


def read_tree(data: bytes, budget: Budget, defects: Defects) -> Node:
    """The tree of a whole message."""
    return _read(_Place(data, 0, len(data), 0), budget, defects)


def _read(place: _Place, budget: Budget, defects: Defects) -> Node:
    fields, body = split_headers(place.data, place.start, place.end, defects)
    budget.parts -= 1
    header = fields.first("content-type")
    typed = parse_parameters(header, defects) if header else _NO_HEADER
    disposition = fields.first("content-disposition")
    node = Node(
        data=place.data,
        start=body,
        end=max(place.end, body),
        fields=fields,
        content_type=_type_of(typed, place.default_type, defects),
        typed=typed,
        disposition=parse_parameters(disposition, defects) if disposition else _NO_HEADER,
        encoding=encoding_of(fields.first("content-transfer-encoding")),
        depth=place.depth,
    )
    if node.content_type.startswith("multipart/"):
        return _with_parts(node, budget, defects)
    if node.content_type in ("message/rfc822", "message/global", "message/news"):
        return _with_message(node, budget, defects)
    if node.content_type in ("application/pkcs7-mime", "application/x-pkcs7-mime"):
        return _with_signed_content(node, budget, defects)
    return node


def _type_of(typed: Parametered, default: str, defects: Defects) -> str:
    value = typed.value
    if not value:
        return default
    if _TYPE.fullmatch(value):
        return value
    bare = {"text": "text/plain", "plain": "text/plain", "html": "text/html", "text/": "text/plain"}.get(value)
    defects.add("content type that can't be read")
    # RFC 2045 section 5.2: what has no valid type is plain text.
    if value in ("application", "image", "audio", "video"):
        return "application/octet-stream"
    return bare or ("multipart/mixed" if value.startswith("multipart") else "text/plain")


def _changed(node: Node, content_type: str, children: tuple[Node, ...]) -> Node:
    return replace(node, content_type=content_type, children=children)


def _with_message(node: Node, budget: Budget, defects: Defects) -> Node:
    if node.depth >= DEPTH or budget.parts <= 0 or budget.decoded_bytes <= 0:
        defects.add("parts nested too deep or too many: not all were read")
        return node
    if node.encoding:
        inner = decode_transfer(node.body(NESTED_BYTES), node.encoding)
        budget.decoded_bytes -= len(inner)
        return _changed(node, node.content_type, (_read(_Place(inner, 0, len(inner), node.depth + 1), budget, defects),))
    inside = _read(_Place(node.data, node.start, node.end, node.depth + 1), budget, defects)
    return _changed(node, node.content_type, (inside,))


def _with_signed_content(node: Node, budget: Budget, defects: Defects) -> Node:
    """S/MIME that is only signed is read like multipart/signed; what is encrypted stays the file that it is."""
    if node.depth >= DEPTH or node.end - node.start > min(NESTED_BYTES, budget.decoded_bytes):
        return node
    inner = signed_content(decode_transfer(node.body(), node.encoding))
    if not inner:
        return node
    budget.decoded_bytes -= len(inner)
    return _changed(node, "multipart/signed", (_read(_Place(inner, 0, len(inner), node.depth + 1), budget, defects),))


def _with_parts(node: Node, budget: Budget, defects: Defects) -> Node:
    if node.depth >= DEPTH or budget.parts <= 0:
        defects.add("parts nested too deep or too many: not all were read")
        return node
    boundary = node.typed.get("boundary").rstrip().encode("utf-8", "replace")
    spans = _spans(node, boundary, budget) if boundary else []
    if not spans:
        guess = _GUESSED_DELIMITER.search(node.data, node.start, min(node.end, node.start + _GUESS_WITHIN))
        spans = _spans(node, guess[1], budget) if guess else []
        defects.add("multipart without its boundary")
    if not spans:
        # RFC 2045 section 5.2 again: words that can't be divided are still words.
        return _undivided(node)
    default = "message/rfc822" if node.content_type == "multipart/digest" else "text/plain"
    children: list[Node] = []
    for start, end in spans:
        if budget.parts <= 0:
            defects.add("parts nested too deep or too many: not all were read")
            break
        children.append(_read(_Place(node.data, start, end, node.depth + 1, default), budget, defects))
    return _changed(node, node.content_type, tuple(children))


def _undivided(node: Node) -> Node:
    leaf = _changed(node, "text/plain", ())
    only_delimiter = leaf.body(200).strip().startswith(b"--") and len(leaf.body(200).split()) == 1
    return replace(leaf, end=leaf.start) if only_delimiter else leaf


def _spans(node: Node, boundary: bytes, budget: Budget) -> list[tuple[int, int]]:
    """Where the parts between the delimiter lines begin and end (RFC 2046 section 5.1.1); the last may lack its end."""
    data, delimiter = node.data, b"--" + boundary
    spans: list[tuple[int, int]] = []
    opened = -1
    position = node.start
    while budget.delimiters > 0 and len(spans) < budget.parts:
        found = data.find(delimiter, position, node.end)
        if found < 0:
            break
        budget.delimiters -= 1
        position = found + len(delimiter)
        if found > node.start and data[found - 1] != 10:
            continue
        newline = data.find(b"\n", position, node.end)
        line_end = newline if newline >= 0 else node.end
        rest = data[position : min(line_end, position + 80)].strip()
        if rest and not rest.startswith(b"--"):
            continue
        if opened >= 0:
            spans.append((opened, _before_line(data, opened, found)))
            opened = -1
        position = min(line_end + 1, node.end)
        if rest:
            break
        opened = position
    if opened >= 0 and (data[opened : node.end].strip() or not spans):
        spans.append((opened, node.end))
    return spans


def _before_line(data: bytes, start: int, found: int) -> int:
    """The line break before a delimiter belongs to the delimiter."""
    end = found - 1 if found > start else found
    return end - 1 if end > start and data[end - 1] == 13 else end
