"""Which of a staff member's words go to the requester: those that they newly wrote, without any that they quote."""

from __future__ import annotations

import re
from collections.abc import Iterable

from helpdesk.core.reply.lines import Mark, read_lines
from helpdesk.core.reply.signature import end_of_words, is_separator

_WORD = re.compile(r"\w+")
_MANY_BLANKS = re.compile(r"\n\s*\n\s*\n+")
# So many words in the same order are no chance.
_IN_A_ROW = 8
_A_WHOLE_LINE = 3


def own_words(text: str) -> str:
    """The text without quoted lines, what introduces them, and the rule that some programs draw there."""
    lines = text.split("\n")
    marks = read_lines(lines, unmarked_history=False).marks
    kept = [line.rstrip() for line, mark in zip(lines, marks, strict=False) if mark not in (Mark.QUOTE, Mark.ATTRIBUTION)]
    while kept and (not kept[-1] or is_separator(kept[-1])):
        kept.pop()
    return _MANY_BLANKS.sub("\n\n", "\n".join(kept)).strip()


def words_below(text: str, notice: str) -> str:
    """What stands behind the last line of the notice that `text` quotes without a mark, as Outlook does; empty where none is.

    Without a signature. Only who has the notice can tell that its writer had the cursor below it.
    """
    lines, said = text.split("\n"), f" {_folded(notice)} "
    quoted = [
        number
        for number, line in enumerate(lines)
        if len(_WORD.findall(line)) >= _A_WHOLE_LINE and f" {_folded(line)} " in said
    ]
    if not quoted:
        return ""
    below = lines[quoted[-1] + 1 :]
    return own_words("\n".join(below[: end_of_words(below, len(below))]))


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


def _folded(text: str) -> str:
    return " ".join(_WORD.findall(text.casefold()))
