"""Where HTML says that history begins: every mail program marks what it quotes, whatever language its user reads.

It looks for the marks in the source only; the lines it names are those of the text that the parser made.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape

_MAX_HTML = 500_000
_MAX_TAG = 3_000
_ANCHOR_SOURCE = 4_000
_ANCHOR_LENGTHS = (48, 32, 20, 12)
_ANCHOR_LINES = 6
_DATE_WITHIN = 200

# A box around the quotation may end before the writer goes on. Gmail, Yahoo, Proton, Tuta, Zoho, Thunderbird, GMX,
# Front, Superhuman, Apple Mail, Zimbra, Spark.
_BOXES = (
    *("gmail_quote", "yahoo_quoted", "yahoo-quoted", "protonmail_quote", "tutanota_quote", "zmail_extra", "moz-cite-prefix"),
    *("gmx_quote", 'name="quote"', "name='quote'", "name=quote", "front-blockquote"),
    *("sh-quoted-content", 'type="cite"', "type='cite'", "type=cite", "__QUOTED_TEXT__", "messageReplySection"),
)
# Behind a rule or a header block all is history: Outlook of every kind, Hotmail, Zimbra.
_RULES = (
    *("divRplyFwdMsg", "stopSpelling", '"zwchr"', "'zwchr'", "OLK_SRC_BODY_SECTION", "mail-editor-reference-message-container"),
    *("ms-outlook-mobile-reference-message", "OutlookMessageHeader", "moz-email-headers-table"),
    *("border-top:solid #E1E1E1 1.0pt", "border-top:solid #B5C4DF 1.0pt"),
)
_MAX_MARKS = 20
_UNSEEN = re.compile(r"<!--.*?(?:-->|\Z)|<(style|script|head|title)\b.*?(?:</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<[^<>]*>")
_NOT_LETTERS = re.compile(r"[\W_]+")
_CITATION = re.compile(r"<blockquote\b", re.IGNORECASE)
_ELEMENT = re.compile(r"<([A-Za-z]\w*)")


@dataclass(frozen=True, slots=True)
class History:
    """What the markup knows of history; an empty one where it knows nothing.

    `line` is where it begins, to go on to the end. `marked`: some is there, be its line known or not. `answered_inside`:
    the writer's words follow a quotation. `indented`: there are quotations, but the writer made them, since no mail
    program marked them as history.
    """

    line: int | None = None
    marked: bool = False
    answered_inside: bool = False
    indented: bool = False


@dataclass(frozen=True, slots=True)
class _Mark:
    """A tag in the source, and whether it is the box around a quotation."""

    opened: int
    closed: int
    element: str
    boxed: bool


def find_history(html: str, lines: list[str]) -> History:
    """What the marks in `html` say about `lines`, the text made of it."""
    if not any(word in html for word in _BOXES + _RULES):
        return History(indented="<blockquote" in html or "<BLOCKQUOTE" in html)
    source = _UNSEEN.sub(" ", html[:_MAX_HTML])
    seen = letters_before = 0
    for mark in _marks(source):
        if mark.opened < seen:
            continue
        letters_before += len(_letters(source[seen : mark.opened]))
        seen = mark.closed
        if not letters_before:
            continue
        if mark.boxed and _is_answer(source[_end_of_box(source, mark) :]):
            return History(marked=True, answered_inside=True)
        words = _letters(source[mark.closed : mark.closed + _ANCHOR_SOURCE].rpartition("<")[0])
        # Who has written within the box, and taken the introduction away, has no date near its beginning.
        dated = mark.element == "blockquote" or any(letter.isdigit() for letter in words[:_DATE_WITHIN])
        return History(line=_line_of(words, lines, letters_before) if dated else None, marked=True)
    return History()


def _marks(source: str) -> list[_Mark]:
    """The tags that carry a mark, in order; plain searches, since every HTML mail passes here."""
    marks = []
    for word in _BOXES + _RULES:
        at = source.find(word)
        for _ in range(_MAX_MARKS):
            if at < 0:
                break
            opened = source.rfind("<", max(0, at - _MAX_TAG), at)
            closed = source.find(">", at, at + _MAX_TAG)
            tag = _ELEMENT.match(source, opened) if opened >= 0 else None
            if tag and closed >= 0 and source.find(">", opened, at) < 0:
                marks.append(_Mark(opened, closed + 1, tag[1], word in _BOXES))
            at = source.find(word, at + len(word))
    return sorted(marks, key=lambda mark: mark.opened)


def _end_of_box(source: str, mark: _Mark) -> int:
    """Where the first quotation of the box ends: Gmail puts answers into its box, behind the blockquote."""
    citation = _CITATION.search(source, mark.opened)
    start, element = (citation.start(), "blockquote") if citation else (mark.opened, mark.element)
    depth = 0
    for tag in re.finditer(rf"<(/?){element}\b", source[start:], re.IGNORECASE):
        depth += -1 if tag[1] else 1
        if depth == 0:
            return start + tag.start()
    return len(source)


def _is_answer(source: str) -> bool:
    """Whether a reader sees words there; a signature below the quotation is none."""
    return bool(_letters(source)) and not unescape(_TAG.sub("", source)).lstrip().startswith("--")


def _letters(source: str) -> str:
    """Letters and digits that a reader sees, in lower case and without anything between."""
    return _NOT_LETTERS.sub("", unescape(_TAG.sub(" ", source))).casefold()


def _line_of(words: str, lines: list[str], letters_before: int) -> int | None:
    """The line that begins like `words`; of several, the one with as much text above it."""
    bare = [_NOT_LETTERS.sub("", line).casefold() for line in lines]
    above, total = [], 0
    for line in bare:
        above.append(total)
        total += len(line)
    for length in _ANCHOR_LENGTHS:
        anchor = words[:length]
        found = [index for index in range(len(bare)) if _begins(bare, index, anchor)]
        if len(anchor) >= _ANCHOR_LENGTHS[-1] and found:
            return min(found, key=lambda index: abs(above[index] - letters_before))
    return None


def _begins(bare: list[str], index: int, anchor: str) -> bool:
    line = bare[index]
    if not line or not (line.startswith(anchor) or anchor.startswith(line)):
        return False
    return "".join(bare[index : index + _ANCHOR_LINES]).startswith(anchor)
