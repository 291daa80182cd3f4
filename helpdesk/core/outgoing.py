"""Which of a staff member's words go to the requester: those that they newly wrote, without any that they quote."""

from __future__ import annotations

import re
from collections.abc import Iterable

from helpdesk.core.reply.lines import Mark, read_lines

_WORD = re.compile(r"\w+")
_MANY_BLANKS = re.compile(r"\n\s*\n\s*\n+")
# So many words in the same order are no chance.
_IN_A_ROW = 8


def own_words(text: str) -> str:
    """The text without quoted lines and what introduces them."""
    lines = text.split("\n")
    marks = read_lines(lines, unmarked_history=False).marks
    kept = [line.rstrip() for line, mark in zip(lines, marks, strict=False) if mark not in (Mark.QUOTE, Mark.ATTRIBUTION)]
    return _MANY_BLANKS.sub("\n\n", "\n".join(kept)).strip()


def repeats(text: str, theirs: Iterable[str], notice: str = "", history: str = "") -> bool:
    """Whether the text holds a stretch of what the requester wrote, or of the notice: then a quotation was not told apart.

    The notice shows `history` too, which may hold an earlier answer; that may say the same again.
    """
    said = set(_runs(notice)) - set(_runs(history))
    said.update(run for each in theirs for run in _runs(each))
    return any(run in said for run in _runs(text))


def _runs(text: str) -> Iterable[tuple[str, ...]]:
    words = _WORD.findall(text.casefold())
    return zip(*(words[start:] for start in range(_IN_A_ROW)), strict=False)
