"""Which words of a page its reader never sees: preheaders, and text of no size.

Follows the elements inside a hidden one, so that it ends where a browser would end it even where end tags are missing.
"""

from __future__ import annotations

import re

_HIDES = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|max-height\s*:\s*0(?:px)?\s*(?:[;!\"']|$)|opacity\s*:\s*0(?:\.0+)?\s*(?:[;!\"']|$)"
    r"|(?:^|\s)hidden(?:\s|=|$)|class\s*=\s*[\"']?(?:[^\"'>]{0,200}\s)?preheader[\s\"'>]",
    re.IGNORECASE,
)
_FONT_SIZE = re.compile(r"font-size\s*:\s*([0-9.]{1,10})", re.IGNORECASE)
_MAY_HIDE = re.compile(r"none|hidden|max-height|opacity|preheader|font-size", re.IGNORECASE)

_VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())
# An open one of these is closed by the start of any of those (HTML Standard, optional tags).
_BLOCKS = frozenset(
    "address article aside blockquote center div dl fieldset figure footer form h1 h2 h3 h4 h5 h6 header hr main nav ol p pre "
    "section table ul".split()
)
_CLOSED_BY = {
    "p": _BLOCKS,
    "li": frozenset(("li",)),
    "td": frozenset(("td", "th", "tr", "tbody")),
    "th": frozenset(("td", "th", "tr", "tbody")),
    "tr": frozenset(("tr", "tbody")),
    "dt": frozenset(("dt", "dd")),
    "dd": frozenset(("dt", "dd")),
}
_DEPTH = 100


def _shows(attributes: str, shown: bool | None) -> bool | None:
    """Whether an element shows its words: True, False for good, None for text without size, which an inner size undoes."""
    if shown is False or not attributes or not _MAY_HIDE.search(attributes):
        return shown
    if _HIDES.search(attributes):
        return False
    size = _FONT_SIZE.search(attributes)
    if size is None:
        return shown
    return True if size[1].strip("0.") else None


class Visibility:
    """Fed with every tag in order, it knows whether the words that follow are seen."""

    def __init__(self) -> None:
        self._open: list[tuple[str, bool | None]] = []
        self._too_deep = 0

    @property
    def shown(self) -> bool:
        return not self._open or self._open[-1][1] is True

    def opened(self, name: str, attributes: str) -> None:
        if self._open:
            while self._open and name in _CLOSED_BY.get(self._open[-1][0], ()):
                self._open.pop()
        shown = _shows(attributes, self._open[-1][1] if self._open else True)
        # Elements are only followed from the first hidden one on.
        if name in _VOID or (not self._open and shown is True):
            return
        if len(self._open) < _DEPTH:
            self._open.append((name, shown))
        else:
            self._too_deep += 1

    def closed(self, name: str) -> None:
        if not self._open or name in _VOID:
            return
        if self._too_deep:
            self._too_deep -= 1
            return
        names = [open_name for open_name, _ in self._open]
        if name in names:
            del self._open[len(names) - 1 - names[::-1].index(name) :]
        elif name not in ("p", "span", "font", "b", "i", "u", "em", "strong", "a"):
            # The end of something around the hidden element ends it too; a stray inline end tag ends nothing.
            self._open.clear()
