"""Which of a staff member's words go to the requester: those that they newly wrote, without any that they quote."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from itertools import accumulate

from helpdesk.core.parse.html import html_to_text
from helpdesk.core.reply.lines import Mark, read_lines
from helpdesk.core.reply.signature import end_of_words, is_separator
from helpdesk.model.message import InboundMessage

_WORD = re.compile(r"\w+")
_MANY_BLANKS = re.compile(r"\n\s*\n\s*\n+")
# So many words in the same order are no chance.
_IN_A_ROW = 8
_A_WHOLE_LINE = 3
# What may follow the last letter of a quotation on its line.
_END_OF_LINE = re.compile(r"\A[^\w\n#]+")
# A line that a program has broken is nearly full with the word that follows: Gmail at 72, Outlook at 76.
_NEARLY_FULL = 60
# More is no letter that somebody typed.
_PAGE_CHARS, _MOST_PARTS = 200_000, 300
_BLANK_LINES = re.compile(r"\n[^\S\n]*(?:\n[^\S\n]*)+")


def own_words(text: str) -> str:
    """The text without quoted lines, what introduces them, and the rule that some programs draw there."""
    lines = text.split("\n")
    marks = read_lines(lines, unmarked_history=False).marks
    kept = [line.rstrip() for line, mark in zip(lines, marks, strict=False) if mark not in (Mark.QUOTE, Mark.ATTRIBUTION)]
    while kept and (not kept[-1] or is_separator(kept[-1])):
        kept.pop()
    return _MANY_BLANKS.sub("\n\n", "\n".join(kept)).strip()


def as_typed(text: str, message: InboundMessage) -> str:
    """The words of a message in the lines that its writer sees, where it has a page beside the plain text.

    In the plain text Gmail and Outlook break long lines, and Yahoo puts lines together: "Yes.Thursday is fine." Changes nothing
    but white space.
    """
    pages = (html_to_text(part.text[:_PAGE_CHARS]) for part in message.parts if part.content_type == "text/html")
    page = "\n".join(line.strip() for each in pages for line in each.split("\n"))
    if not page:
        return text
    letters, places = _letters(page, str.isspace)
    parts = _BLANK_LINES.split(text)
    if whole := _found(text, letters, places, page):
        return whole
    first, rest = parts[:_MOST_PARTS], parts[_MOST_PARTS:]
    return "\n\n".join((*(_found(part, letters, places, page) or part for part in first), *rest))


def unsigned(text: str) -> str:
    """The text without a signature below it that a line sets off, or a program wrote."""
    lines = text.split("\n")
    return "\n".join(lines[: end_of_words(lines, len(lines))])


def _found(text: str, letters: str, places: list[int], page: str) -> str | None:
    wanted = "".join(text.split())
    start = letters.find(wanted) if wanted else -1
    found = "" if start < 0 else page[places[start] : places[start + len(wanted) - 1] + 1]
    # A page may keep its lines by a style sheet, which we don't read.
    return found if found and _typed_breaks(text) <= _breaks(found) else None


def _breaks(text: str) -> set[int]:
    """Behind which letter, white space not counted, a line ends."""
    return set(accumulate(len("".join(line.split())) for line in text.split("\n")))


def _typed_breaks(text: str) -> set[int]:
    """Those that no program has made, since the next word would have had its place on the line."""
    lines = text.split("\n")
    words = [next(iter(line.split()), "") for line in lines[1:]]
    ends = accumulate(len("".join(line.split())) for line in lines)
    kept = (not word or len(line) + 1 + len(word) <= _NEARLY_FULL for line, word in zip(lines, words, strict=False))
    return {end for end, is_typed in zip(ends, kept, strict=False) if is_typed and end}


def _letters(text: str, is_left_out: Callable[[str], bool]) -> tuple[str, list[int]]:
    """The characters of a text without some, and where each of them stands in it."""
    places = [place for place, letter in enumerate(text) if not is_left_out(letter)]
    return "".join([text[place] for place in places]), places


def without_notice(text: str, notice: str) -> str:
    """The text without the notice, if it quotes that whole and unbroken, marked or not: what is above it and what is below.

    Apple Mail marks what introduces the quotation too, and Yahoo marks nothing; where the cursor stood below, neither tells
    where the writer's own words begin.
    """
    letters, places = _letters(text, _is_no_letter)
    quoted, _ = _letters(notice, _is_no_letter)
    start = letters.find(quoted) if quoted else -1
    if start < 0:
        return text
    first, last = places[start], places[start + len(quoted) - 1]
    return f"{text[: text.rfind(chr(10), 0, first) + 1]}\n{_END_OF_LINE.sub('', text[last + 1 :], count=1)}"


def _is_no_letter(letter: str) -> bool:
    return not letter.isalnum()


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
    return own_words(unsigned("\n".join(lines[quoted[-1] + 1 :])))


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
