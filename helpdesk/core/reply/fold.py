"""Puts together what the writer newly wrote, out of what the lines, the markup and the signature say.

Nothing is ever lost by it: the caller keeps the whole text, and where little speaks for folding the text stays whole.
"""

from __future__ import annotations

import re

from helpdesk.core.reply.attribution import COLONS, INVISIBLE, attribution_ending_at
from helpdesk.core.reply.lines import Mark, label_of, read_lines
from helpdesk.core.reply.markup import History, find_history
from helpdesk.core.reply.signature import end_of_words, is_separator
from helpdesk.core.reply.wording import ANSWERS_BELOW, WROTE, Field

# More than anybody writes by hand. What lies beyond is kept, unless history began before it.
MAX_LOOKED_AT = 200_000

_MANY_BLANKS = re.compile(r"\n(?:[^\S\n]*\n){3,}")
_UNQUOTED = re.compile(r"\n[^>\s]")
_FEW_LINES = 3
# A quoted line this long that breaks off within a sentence was wrapped by a mail program, which forgot the `>`.
_WRAPPED_FROM = 60


def new_text(text: str, html: str) -> str:
    """What the writer newly wrote in `text`, without quoted history and signature; all of it where nothing else is left.

    `html` is the source of the body if there was any, else "": it only helps to find where history begins. Answers
    between quoted lines are kept with the quotes they answer. Total and linear: any text gives a text.
    """
    head, rest = text[:MAX_LOOKED_AT], text[MAX_LOOKED_AT:]
    if "\r" in head:
        head = head.replace("\r\n", "\n").replace("\r", "\n")
    head = _MANY_BLANKS.sub("\n\n\n", head) if "\n\n\n\n" in head else head
    lines = head.split("\n")
    history = find_history(html, lines) if html else History()
    reading = read_lines(lines[: history.line], unmarked_history=not history.answered_inside)
    if reading.forwarded:
        return text.strip()
    folded = len(reading.marks) < len(lines)
    if folded and ANSWERS_BELOW.search("\n".join(lines[: len(reading.marks)])):
        return text.strip()
    if Mark.QUOTE in reading.marks:
        _join_wrapped_quotes(lines, reading.marks)
    end = _end_of_new(lines, reading.marks, history, folded=folded)
    if rest and not folded and (not "".join(lines[end:]).strip() or _UNQUOTED.search(rest)):
        return text.strip()
    kept = "\n".join(_without_quotes_above(lines, reading.marks[:end])).strip("\n").rstrip()
    return kept if INVISIBLE.sub("", kept).strip() else text.strip()


def _join_wrapped_quotes(lines: list[str], marks: list[Mark]) -> None:
    """Count the tail of a wrapped quoted line to the quote; only where it is plain that nobody typed it."""
    for index in range(1, len(marks) - 1):
        if marks[index] is not Mark.TEXT or marks[index - 1] is not Mark.QUOTE or marks[index + 1] is not Mark.QUOTE:
            continue
        before, line = lines[index - 1].rstrip(), lines[index].strip()
        if len(before) >= _WRAPPED_FROM and before[-1].isalpha() and line[0].islower():
            marks[index] = Mark.QUOTE


def _end_of_new(lines: list[str], marks: list[Mark], history: History, *, folded: bool) -> int:
    """Where the new words end: signatures and quotes at the bottom are taken off as often as there are any."""
    end = len(marks)
    while end:
        if folded:
            end = _before_introduction(lines, marks, end)
        shorter = _before_quotes(lines, marks, end_of_words(lines, end), history)
        folded = folded or (shorter < end and marks[shorter] is not Mark.TEXT)
        if shorter == end:
            break
        end = shorter
    return end


def _before_introduction(lines: list[str], marks: list[Mark], end: int) -> int:
    """Above history: without the rule, the "… wrote:" or the "From:" that announce it."""
    while end and (marks[end - 1] is Mark.BLANK or is_separator(lines[end - 1])):
        end -= 1
    if not end:
        return 0
    if label_of(lines[end - 1]) is Field.FROM and "@" in lines[end - 1]:
        return end - 1
    found = attribution_ending_at(lines, end - 1)
    dated = found and any(letter.isdigit() for line in lines[found.start : end] for letter in line)
    return found.start if found and (found.sure or dated) else end


def _before_quotes(lines: list[str], marks: list[Mark], end: int, history: History) -> int:
    """Above the quotes at the bottom; those stay that are the writer's own, as far as we can see.

    That is: nobody is said to have written them, and a sentence leads to them ("he said:"), or the writer indented them,
    or they are few and the only ones: some begin a line with ">" to stress it.
    """
    start = end
    while start and marks[start - 1] in (Mark.QUOTE, Mark.BLANK):
        start -= 1
    if Mark.QUOTE not in marks[start:end]:
        return end
    if start and marks[start - 1] is Mark.TEXT:
        quote = [line for line in lines[start:end] if line.strip(" >")]
        few = len(quote) <= _FEW_LINES and not history.marked and Mark.QUOTE not in marks[:start]
        own = few or history.indented or lines[start - 1].rstrip()[-1] in COLONS
        if own and not any(WROTE.search(line) or label_of(line.lstrip("> ")) for line in quote[:_FEW_LINES]):
            return end
    while start and marks[start - 1] in (Mark.ATTRIBUTION, Mark.BLANK):
        start -= 1
    return start


def _without_quotes_above(lines: list[str], marks: list[Mark]) -> list[str]:
    """Without "… wrote:", and without the quote at the top where the answer stands below it, all in one piece."""
    top = next((index for index, mark in enumerate(marks) if mark is not Mark.BLANK), 0)
    below = top
    if marks and marks[top] is Mark.ATTRIBUTION:
        below = next((index for index in range(top, len(marks)) if marks[index] is Mark.TEXT), top)
        if Mark.QUOTE in marks[below:] or Mark.QUOTE not in marks[top:below]:
            below = top
    return [lines[index] for index in range(below, len(marks)) if marks[index] is not Mark.ATTRIBUTION]
