"""Which words of the tree its reader sees: the choice that a mail program makes.

Prefers the plain text of alternatives, unless it is empty, only says that the mail is HTML, or says something else
altogether. Where nothing is shown, it looks for words in places that a mail program leaves closed, so that nobody's words
are lost.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

from helpdesk.core.parse.calendar import calendar_words
from helpdesk.core.parse.flowed import unflow
from helpdesk.core.parse.html import html_to_text
from helpdesk.core.parse.signed import without_armour
from helpdesk.core.parse.sources import Sources
from helpdesk.core.parse.tree import Node

_HTML_TYPES = frozenset(("text/html", "application/xhtml+xml", "text/enriched", "text/richtext"))
_PLAIN_TYPES = frozenset(("text/plain", "text/markdown", "text/x-markdown", "text/x-patch", "text/x-diff"))
_PAGE = re.compile(r"\s*<(?:!doctype html|html|body)\b", re.IGNORECASE)
# "This is an HTML message, please use a program that can show it", in whatever language: it is short and names HTML.
_PLACEHOLDER = re.compile(r"\bhtml\b", re.IGNORECASE)
_PLACEHOLDER_CHARS = 400
_WORD = re.compile(r"\w{2,}")
_ADDRESS = re.compile(r"https?://\S{1,2000}|\S{1,100}@\S{1,100}")
_COMPARED_CHARS = 20_000
_STUB_WORDS = 5
_UNRELATED_WORDS = 20
_ECHO = re.compile(r"([ \t\n]?)<((?:https?://|mailto:)[^<>\s]{1,2000})>")
_SHORTEST_DELIMITER = 3
_NESTED = 10


def _is_stub(plain: str, page: str) -> bool:
    """Whether the plain text is not what was written: it points to the page, lacks many of its words, or is another text."""
    if len(plain) < _PLACEHOLDER_CHARS and _PLACEHOLDER.search(plain) and len(page) > 2 * len(plain):
        return True
    page_words = _WORD.findall(_ADDRESS.sub(" ", page[:_COMPARED_CHARS]))
    plain_words = _WORD.findall(plain[: 2 * _COMPARED_CHARS])
    missing = (Counter(page_words) - Counter(plain_words)).total()
    if missing < _STUB_WORDS:
        return False
    # Alternatives should say the same. Where they say different things at some length, the page is what its writer saw.
    if missing >= _UNRELATED_WORDS and missing * 4 > len(page_words) * 3 and len(page_words) * 2 > len(plain_words):
        return True
    return missing * 4 > len(page_words) > len(plain_words)


def _without_delimiter(text: str, root: Node) -> str:
    """The text without a delimiter line that ends it: parts that were closed in the wrong order leave one behind."""
    before, _, last = text.rstrip().rpartition("\n")
    if not last.startswith("--") or len(last) < _SHORTEST_DELIMITER:
        return text
    return before if last[2:].removesuffix("--") in root.boundaries() else text


def _without_echoes(text: str) -> str:
    """The plain text without the addresses that Outlook repeats behind themselves: "www.example.org <http://www.example.org/>"."""
    if "://" not in text and "<mailto:" not in text:
        return text
    return _ECHO.sub(_echo, text)


def _echo(found: re.Match[str]) -> str:
    address = found[2].removeprefix("mailto:").rstrip("/")
    before = found.string[max(0, found.start() - len(address)) : found.start()]
    bare = address.removeprefix("https://").removeprefix("http://")
    return "" if bare and before.rstrip("/").endswith(bare) else found[0]


def is_text(node: Node) -> bool:
    """Whether the part can be words that a mail program shows."""
    return node.content_type in _PLAIN_TYPES or node.content_type in _HTML_TYPES


def file_name(node: Node) -> str:
    """The name that a part was given, as it is written there."""
    return (
        node.disposition.get("filename") or node.typed.get("name") or node.disposition.get("name") or node.typed.get("filename")
    )


def is_attached(node: Node) -> bool:
    """Whether a text part is a file rather than words of the mail: it says so, or it has a name and doesn't say "inline"."""
    if node.disposition.value == "attachment":
        return True
    return bool(node.disposition.value != "inline" and node.depth and file_name(node))


@dataclass(frozen=True, slots=True)
class Words:
    """What the reader sees: `html` is the page behind the text or an alternative to it, or empty; `shown` the leaves used."""

    text: str = field(default="", repr=False)
    html: str = field(default="", repr=False)
    shown: tuple[Node, ...] = ()


@dataclass(slots=True)
class BodyReader:
    """Reads the words of one tree."""

    sources: Sources
    _pages: list[Node] = field(default_factory=list)
    _texts: dict[int, str] = field(default_factory=dict, repr=False)

    def read(self, root: Node) -> Words:
        """The visible words, or else whatever words there are."""
        shown = self._shown(root)
        text = _without_delimiter(self._joined(shown), root)
        if not text.strip():
            text = _without_delimiter(self._hidden_words(root), root)
        html = "\n".join(self.sources.whole(page) for page in self._pages)
        return Words(text, html, tuple(shown))

    def _joined(self, leaves: list[Node]) -> str:
        if len(leaves) == 1:
            return self._text(leaves[0])
        return "\n\n".join(text for leaf in leaves if (text := self._text(leaf).strip("\n")))

    def _shown(self, node: Node) -> list[Node]:
        """The text leaves that are shown, in order; the pages among them or beside them are remembered."""
        if not node.children:
            if not is_text(node) or is_attached(node):
                return []
            if self._is_page(node):
                self._pages.append(node)
            return [node]
        if node.content_type.startswith("message/"):
            return []
        if node.content_type == "multipart/alternative":
            return self._chosen(node)
        return [leaf for child in node.children for leaf in self._shown(child)]

    def _chosen(self, node: Node) -> list[Node]:
        """RFC 2046 section 5.1.4 puts the best last; for us it is plain text, wherever it stands, if it says anything."""
        choices = [shown for child in node.children if (shown := self._shown(child))]
        pages = [choice for choice in choices if any(self._is_page(leaf) for leaf in choice)]
        written = [choice for choice in pages if self._joined(choice).strip()]
        for choice in choices:
            text = self._joined(choice)
            if choice not in pages and text.strip() and not (written and _is_stub(text, self._joined(written[-1]))):
                return choice
        return (written or pages or choices or [[]])[-1]

    def _is_page(self, leaf: Node) -> bool:
        if leaf.content_type in _HTML_TYPES:
            return True
        # A mail without any Content-Type may still be a page.
        return not leaf.typed.value and leaf.depth == 0 and _PAGE.match(self.sources.whole(leaf)) is not None

    def _text(self, leaf: Node) -> str:
        known = self._texts.get(id(leaf))
        if known is None:
            known = self._texts[id(leaf)] = self._read(leaf)
        return known

    def _read(self, leaf: Node) -> str:
        source = self.sources.whole(leaf)
        if self._is_page(leaf):
            if leaf.content_type in ("text/enriched", "text/richtext"):
                # RFC 1896: "<<" is a literal bracket, and single line breaks are spaces.
                source = source.replace("<<", "&lt;").replace("\n\n", "<p>")
            return html_to_text(source)
        if leaf.typed.get("format").lower() == "flowed":
            source = unflow(source, delete_space=leaf.typed.get("delsp").lower() == "yes")
        return _without_echoes(without_armour(source))

    def _hidden_words(self, root: Node) -> str:
        """Words where none are shown: a text sent as a file, an invitation, a mail inside the mail."""
        leaves = list(root.leaves())
        for leaf in leaves:
            if is_text(leaf) and (text := self._text(leaf)).strip():
                return text
        for leaf in leaves:
            if leaf.content_type in ("text/calendar", "application/ics") and (text := calendar_words(self.sources.whole(leaf))):
                return text
        for leaf in leaves[:_NESTED]:
            if leaf.children and root.content_type != "multipart/report":
                inner = BodyReader(self.sources)
                if (text := inner.read(leaf.children[0]).text).strip():
                    return text
        return ""
