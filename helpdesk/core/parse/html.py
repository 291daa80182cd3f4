"""HTML to the text that its reader sees: links, lists and quotes kept; hidden words, scripts and pixels gone.

Reads the tags in one pass and builds no tree: a tree that repairs tags as a browser does takes gigabytes for 50 KB of
hostile HTML, and minutes for deep nesting. Never raises; linear in the length of the input.
"""

from __future__ import annotations

import html
import re

from helpdesk.core.parse.hidden import Visibility
from helpdesk.core.parse.layout import Layout

# A quote opens a value only behind "=", as in the HTML Standard; possessive, so that no input makes it backtrack.
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9:_-]*+)((?:[^>=]++|=\s*+(?:\"[^\"]*+\"|'[^']*+')?+)*+)>")
_COMMENT = re.compile(r"<(?:[!?]|/[^A-Za-z])")
# Any other bracket is a word's ("2 < 3").
_START = re.compile(r"<[A-Za-z/!?]")
_ANY_TAG = re.compile(r"<[^<>]*+>")
_LONG_NUMBER = re.compile(r"&#[xX]?[0-9a-fA-F]{9,}+;?")
_ATTRIBUTE = re.compile(r"""\b(href|alt|type|class|style)\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s"'>]++))""", re.IGNORECASE)
_NOT_QUOTE = re.compile(r"border(?:-left)?\s*:\s*(?:none|0)", re.IGNORECASE)

_UNSEEN = {
    name: re.compile(rf"</{name}[^<>]*+>", re.IGNORECASE)
    for name in "script style title template iframe noembed noframes object svg math select audio video canvas".split()
}
# Word says of its paragraphs that nothing is between them; what looks like an empty line is a paragraph with a space in it.
_WITHOUT_GAPS = re.compile(r"p\.MsoNormal\b[^{}]{0,200}\{\s*margin:\s*0(?:cm|in|pt)?;(?![^{}]{0,200}margin-bottom:\s*\d*[1-9])")
_STYLE_CHARS = 20_000
_PARAGRAPHS = frozenset("p h1 h2 h3 h4 h5 h6 table dl pre figure fieldset".split())
_LINES = frozenset(
    "div tr address article aside center dd dt footer form header main nav section caption thead tbody tfoot figcaption body "
    "html option details summary legend".split()
)
# The line that Outlook's plain text has where its HTML has a rule, and that quoted history is known by.
_RULE = "_" * 32
_URL_CHARS = 300


def html_to_text(page: str) -> str:
    """The visible words of an HTML page."""
    return _Reader(page).read()


class _Reader:
    def __init__(self, page: str) -> None:
        self._page = page
        self._without_gaps = _WITHOUT_GAPS.search(page, 0, _STYLE_CHARS) is not None
        self._gap = True
        self._layout = Layout()
        self._visibility = Visibility()
        self._link = ""
        self._link_mark = (0, 0)

    def read(self) -> str:
        page, position = self._page, 0
        while start := _START.search(page, position):
            bracket = start.start()
            if bracket > position:
                self._words(page[position:bracket])
            tag = _TAG.match(page, bracket)
            if tag:
                position = self._tag(tag)
            elif _COMMENT.match(page, bracket):
                position = self._past_comment(bracket)
            else:
                # The page ends inside a tag: nothing behind it is a tag, but words may be there.
                self._words(_ANY_TAG.sub(" ", page[bracket:]).lstrip("<"))
                return self._layout.finish()
        self._words(page[position:])
        return self._layout.finish()

    def _words(self, text: str) -> None:
        if not text or not self._visibility.shown:
            return
        if "&" in text:
            # A number of thousands of digits is an error to the standard library, and a letter to nobody.
            text = html.unescape(_LONG_NUMBER.sub("", text) if "&#" in text else text)
        self._layout.words(text)

    def _past_comment(self, bracket: int) -> int:
        page = self._page
        if page.startswith("<!--", bracket):
            end = page.find("-->", bracket + 2)
            return end + 3 if end >= 0 else len(page)
        end = page.find(">", bracket)
        return end + 1 if end >= 0 else len(page)

    def _tag(self, tag: re.Match[str]) -> int:
        name, attributes = tag[2].lower(), tag[3]
        if tag[1]:
            self._visibility.closed(name)
            self._closed(name)
            return tag.end()
        if name in _UNSEEN and not attributes.endswith("/"):
            end = _UNSEEN[name].search(self._page, tag.end())
            # An unclosed one hides the rest of the page from a browser too, so nobody has ever seen it.
            return end.end() if end else len(self._page)
        self._visibility.opened(name, attributes)
        self._opened(name, attributes)
        return tag.end()

    def _opened(self, name: str, attributes: str) -> None:
        layout = self._layout
        if name == "br":
            if self._visibility.shown:
                layout.line_break()
        elif name in _PARAGRAPHS:
            self._gap = not (self._without_gaps and "MsoNormal" in attributes)
            layout.block(paragraph=self._gap)
            layout.preformatted += name == "pre"
        elif name in _LINES:
            layout.block()
        elif name in ("td", "th"):
            layout.cell()
        elif name == "li":
            layout.item()
        elif name in ("ul", "ol", "menu", "dir"):
            layout.open_list(numbered=name == "ol")
        elif name == "a":
            if self._link:
                self._end_link()
                layout.cell()
            self._link = _attribute(attributes, "href").strip()
            self._link_mark = layout.position()
        elif name == "blockquote":
            self._open_quote(attributes)
        elif name == "hr":
            layout.block()
            self._words(_RULE)
            layout.block()
        elif name == "img":
            self._picture(attributes)

    def _closed(self, name: str) -> None:
        layout = self._layout
        if name in _PARAGRAPHS:
            layout.block(paragraph=self._gap)
            self._gap = True
            layout.preformatted = max(0, layout.preformatted - (name == "pre"))
        elif name in _LINES or name == "li":
            layout.block()
        elif name in ("ul", "ol", "menu", "dir"):
            layout.close_list()
        elif name == "a":
            self._end_link()
        elif name == "blockquote":
            layout.close_quote()

    def _open_quote(self, attributes: str) -> None:
        # Mail programs indent with <blockquote> too, and then take its border away.
        self._layout.open_quote(marked="cite" in attributes.lower() or not _NOT_QUOTE.search(attributes))

    def _end_link(self) -> None:
        """Where the words of a link don't say where it leads, say so behind them."""
        address, self._link = html.unescape(self._link[:2000]), ""
        if not address or not self._visibility.shown:
            return
        words = self._layout.since(self._link_mark).strip()
        bare = address.removeprefix("mailto:").removeprefix("tel:").rstrip("/")
        if not words or address.startswith("#") or ":" not in address or _same_place(words, bare):
            return
        if not address.lower().startswith(("http:", "https:", "mailto:", "tel:")):
            return
        self._layout.words(f" <{address[:_URL_CHARS]}{'…' if len(address) > _URL_CHARS else ''}>")

    def _picture(self, attributes: str) -> None:
        """A smiley that a mail program made a picture of is a word; other pictures are attachments, or spy on the reader."""
        words = html.unescape(_attribute(attributes, "alt")[:40]).strip()
        if words and not any(letter.isalnum() or letter.isascii() for letter in words):
            self._words(words)


def _attribute(attributes: str, name: str) -> str:
    for found in _ATTRIBUTE.finditer(attributes):
        if found[1].lower() == name:
            return found[2] or found[3] or found[4] or ""
    return ""


def _same_place(words: str, address: str) -> bool:
    def bare(text: str) -> str:
        return re.sub(r"^(?:https?://)?(?:www\.)?", "", text.casefold()).rstrip("/")

    return bare(words) == bare(address) or bare(words) in ("", bare(address).partition("?")[0])
