"""The decoded text of each leaf of one mail, as it was sent: HTML as HTML. Each leaf is decoded once, all within a bound."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from helpdesk.core.parse.charsets import decode
from helpdesk.core.parse.limits import ATTACHED_TEXT_BYTES, TEXT_BYTES, TEXT_CHARS, Defects
from helpdesk.core.parse.transfer import decode_transfer, looks_like_base_64
from helpdesk.core.parse.tree import Node

_META_CHARSET = re.compile(rb"<meta\s[^>]{0,200}charset\s*=\s*[\"']?([A-Za-z0-9_:-]{2,40})", re.IGNORECASE)
_META_WITHIN = 4_000


@dataclass(slots=True)
class Sources:
    defects: Defects
    _remaining: int = 2 * TEXT_CHARS
    _known: dict[int, str] = field(default_factory=dict, repr=False)

    def whole(self, node: Node) -> str:
        """All of it, up to the bound of a text part; a part that is longer is cut, which is noted."""
        if node.end - node.start > TEXT_BYTES:
            self.defects.add("text cut: too long")
        return self._source(node, TEXT_BYTES)

    def beginning(self, node: Node) -> str:
        """Enough for those who look for an address or an id in a part that nobody reads."""
        return self._source(node, ATTACHED_TEXT_BYTES)

    def _source(self, node: Node, limit: int) -> str:
        known = self._known.get(id(node))
        if known is None:
            known = self._known[id(node)] = self._decoded(node, min(limit, self._remaining))
            self._remaining -= len(known)
        return known

    def _decoded(self, node: Node, limit: int) -> str:
        data = node.body(limit)
        if node.encoding == "base64" and not looks_like_base_64(data):
            if data.strip():
                self.defects.add("text is not base64")
        elif node.encoding:
            data = decode_transfer(data, node.encoding)
        label = node.typed.get("charset")
        if node.content_type == "text/html" and not data.isascii() and (not label or label.lower() == "us-ascii"):
            meta = _META_CHARSET.search(data, 0, _META_WITHIN)
            label = meta[1].decode("ascii") if meta else label
        text = decode(data, label, self.defects)
        return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
