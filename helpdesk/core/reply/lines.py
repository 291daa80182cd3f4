"""Reads a mail line by line: what is blank, quoted, an introduction of a quotation, and where unmarked history begins.

It only names the lines; what of them is new is decided by `fold`. One pass, so that no mail makes it slow.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from helpdesk.core.reply.attribution import COLONS, ENDINGS, INVISIBLE, attribution_ending_at
from helpdesk.core.reply.wording import LABELS, PREVIOUS_REPLIES, QUOTED_MAIL, REPLY_ABOVE, Field

# Nobody's mail has more; beyond it a mail is built to make us slow.
MAX_ATTRIBUTIONS = 100
# "Empfangsbestätigung an" and the like: longer labels are sentences.
_LABEL_LENGTH = 30
_LABEL_EDGE = " \t*_|\xa0\u200b\u200e\u200f\u202a\u202b\u202c"
_MARK_EDGE = " \t*_-–—=#<>~:.+\xa0\u200b\u200e\u200f"
_QUOTERS = ">＞&"
_DECORATED = "-_=*#<~–—+"
# A line of a header block may go on: a list of recipients, a name and its address on two lines.
_MAX_UNLABELLED = 3


class Mark(StrEnum):
    """What a line is."""

    TEXT = "text"
    BLANK = "blank"
    QUOTE = "quote"
    ATTRIBUTION = "attribution"


@dataclass(slots=True)
class Reading:
    """The marks of the lines up to `end`, where unmarked history begins; `forwarded` where nothing stands before it."""

    marks: list[Mark] = field(default_factory=list)
    end: int | None = None
    forwarded: bool = False


class _HeaderBlock:
    """Header lines in a row (From, Sent, To, Subject), as Outlook puts them above what it quotes."""

    def __init__(self) -> None:
        self.start = -1
        self._fields: set[Field] = set()
        self._address = False
        self._unlabelled = 0
        self._gap = False

    def label(self, index: int, name: Field, line: str) -> bool:
        """Take a header line; true once the block is surely one of a quoted mail."""
        fresh = name is Field.FROM and (self._gap or Field.FROM in self._fields)
        if self.start < 0 or fresh:
            self.start, self._fields, self._address = index, set(), False
        self._fields.add(name)
        self._address |= "@" in line
        self._unlabelled, self._gap = 0, False
        # The website's contact form sends From and Subject, a traveller From, To and Date: neither is a quoted mail.
        known = self._fields
        if Field.FROM not in known or Field.DATE not in known:
            return False
        return Field.SUBJECT in known or (Field.TO in known and self._address)

    def other(self, line: str) -> None:
        """Take a line without a label: the block ends, or goes on where addresses are wrapped."""
        if self._gap or self._unlabelled >= _MAX_UNLABELLED:
            self.start = -1
            return
        self._unlabelled += "@" not in line
        self._address |= "@" in line

    def end(self) -> None:
        """Take a quoted line, which no header block holds."""
        self.start = -1

    def blank(self) -> None:
        """Take a blank line: one may stand between two labels, two end the block."""
        if self._gap:
            self.start = -1
        self._gap = True


def read_lines(lines: list[str], *, unmarked_history: bool = True) -> Reading:
    """Name each line; with `unmarked_history` false an introduction without `>` behind it hides nothing."""
    reading = Reading()
    marks, block = reading.marks, _HeaderBlock()
    text, blank, attributions = Mark.TEXT, Mark.BLANK, 0
    for index, whole in enumerate(lines):
        line = whole.strip()
        if not line:
            marks.append(blank)
            block.blank()
            continue
        first, last = line[0], line[-1]
        if first in _QUOTERS and _is_quoted(line) and not _closes_address(lines[index - 1] if index else ""):
            marks.append(Mark.QUOTE)
            block.end()
            continue
        marks.append(text)
        start = line[:_LABEL_LENGTH]
        name = label_of(line) if ":" in start or "：" in start else None
        if name is not None:
            if block.label(index, name, line):
                return _stopped(reading, block.start)
        elif block.start >= 0:
            block.other(line)
        if (first in _DECORATED or last in COLONS) and _opens_history(lines, index, line):
            return _stopped(reading, index)
        if (last in ENDINGS or "@" in line or first in "12") and attributions < MAX_ATTRIBUTIONS:
            attributions += 1
            if _take_attribution(lines, index, reading, unmarked_history=unmarked_history):
                return reading
    return reading


def _take_attribution(lines: list[str], index: int, reading: Reading, *, unmarked_history: bool) -> bool:
    """Mark an introduction that ends here; true where the history behind it goes on to the end."""
    found = attribution_ending_at(lines, index)
    if found is None:
        return False
    quoted = _next_is_quoted(lines, index)
    at_top = Mark.TEXT not in reading.marks[: found.start]
    if not quoted and not (found.sure and unmarked_history):
        return False
    if quoted or at_top:
        reading.marks[found.start :] = [Mark.ATTRIBUTION] * (index + 1 - found.start)
        return False
    reading.end = found.start
    del reading.marks[found.start :]
    return True


def _stopped(reading: Reading, at: int) -> Reading:
    """The reading up to a marker or header block; a mail that begins with it only passes another on."""
    del reading.marks[at:]
    reading.end = at
    reading.forwarded = Mark.TEXT not in reading.marks
    return reading


def _is_quoted(line: str) -> bool:
    return line[0] == ">" or line[0] == "＞" or line.startswith("&gt;")


def _closes_address(before: str) -> bool:
    """Whether the `>` of a line belongs to an address that the line before left open: "Sam <sam@example.org", ">:"."""
    return "@" in before and before.rfind("<") > before.rfind(">")


def label_of(line: str) -> Field | None:
    """What a line holds that begins with a label of a header block and a colon, in whatever language."""
    label, colon, _ = line[:_LABEL_LENGTH].replace("：", ":").partition(":")
    return LABELS.get(label.strip(_LABEL_EDGE).casefold()) if colon else None


def _opens_history(lines: list[str], index: int, line: str) -> bool:
    if len(line) > 120:
        return False
    phrase = INVISIBLE.sub("", line).strip(_MARK_EDGE).casefold().replace("’", "'")
    if phrase in QUOTED_MAIL:
        return line[0] in _DECORATED or _next_is_label(lines, index)
    if phrase in PREVIOUS_REPLIES:
        return index > 0 and lines[index - 1].strip(" -_*") == "" and lines[index - 1].strip() != ""
    return line[0] in _DECORATED and REPLY_ABOVE.search(line) is not None


def _next_line(lines: list[str], index: int) -> str:
    return next((line.strip() for line in lines[index + 1 : index + 6] if line.strip()), "")


def _next_is_quoted(lines: list[str], index: int) -> bool:
    following = _next_line(lines, index)
    return bool(following) and _is_quoted(following)


def _next_is_label(lines: list[str], index: int) -> bool:
    return label_of(_next_line(lines, index).lstrip("> ")) is not None
