"""Finds the line, often wrapped, by which a mail program introduces a quotation: "On … Sam wrote:".

It says how sure it is, never what becomes of the line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from helpdesk.core.reply.wording import OPENER, STORY_WORDS, WROTE

# RFC 5322 allows 998 characters a line, but no program's introduction comes near this.
MAX_LENGTH = 500
MAX_LINES = 4

INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+")
COLONS = ":："
# Programs for right-to-left writing put direction marks behind the colon.
ENDINGS = COLONS + "\u200e\u200f\u202c\u2069"

_WHEN = re.compile(
    r"\d{1,2} ?[:.hH٫] ?\d{2}|\b\d{4}\b|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d年"
    r"|\b\d{1,2}\.? (?:de )?[^\W\d]{3,10}\b|\b[^\W\d]{3,10} \d{1,2},",
)
# Without a verb, as Gmail writes in Russian and Japanese, only a time and a year tell it from a list or a log.
_EXACTLY_WHEN = re.compile(r"^(?=.*\d{1,2}[:.]\d\d(?!\d))(?=.*(?<!\d)(?:19|20|[٠-٩۰-۹]{2})\d\d(?![\d.]))")
_BRACKETED = re.compile(r"<[^<>]{0,200}@[^<>]{1,200}>|mailto:|[(\[][^\s()\[\]]{1,64}@[^\s()\[\]]{1,200}[)\]]")
_BARE = re.compile(r"[^\s<>()]{1,64}@[^\s<>()]{1,200}")
_DECORATION = re.compile(r"^[-–—*_=\s]+|[-–—*_=\s]+$")
_OLD_GMAIL = re.compile(r"\d{4}-\d\d-\d\d \d{1,2}:\d\d (?:GMT|UTC)(?:[+-]\d\d:?\d\d)? .{1,100}")
_DIGIT = re.compile(r"\d")
_MAX_WORDS_WITHOUT_DATE = 8
_MAX_NAMES = 5
_LAST_WORD = re.compile(r"(\w+)\W*$")


@dataclass(frozen=True, slots=True)
class Attribution:
    """The lines from `start` on introduce a quotation; only a sure one is believed when nothing else speaks for it."""

    start: int
    sure: bool


def attribution_ending_at(lines: list[str], last: int) -> Attribution | None:
    """The introduction whose last line is `last`, a filled one; blank and quoted lines end the search upwards."""
    joined = ""
    found: Attribution | None = None
    for start in range(last, max(-1, last - MAX_LINES), -1):
        line = lines[start].strip()
        if not line or (line[0] == ">" and start < last):
            break
        joined = f"{line} {joined}" if joined else line
        if len(joined) > MAX_LENGTH:
            break
        clean = _DECORATION.sub("", INVISIBLE.sub("", joined))
        if found and not (OPENER.match(clean) and _WHEN.search(line)):
            continue
        sure = _judge(clean)
        if sure is not None:
            found = Attribution(start, sure)
            if _WHEN.search(clean):
                break
    return found


def _judge(line: str) -> bool | None:
    """True where this is an introduction, False where it may be one, None where it is not."""
    if _OLD_GMAIL.fullmatch(line):
        return True
    if "@" not in line and len(line.split()) > _MAX_WORDS_WITHOUT_DATE and not _DIGIT.search(line):
        return None
    colon = line[-1:] in COLONS and bool(line)
    verb = _last(WROTE, line)
    when = _WHEN.search(line)
    bracketed = _BRACKETED.search(line)
    if verb is None:
        return True if colon and bracketed and _EXACTLY_WHEN.search(line) and line.rstrip(" :：")[-1:] in ">)]" else None
    at_end = not line[verb.end() :].strip(" :：")
    if not colon and not (at_end and when and _BARE.search(line)):
        return None
    before = _LAST_WORD.search(line[: verb.start()])
    if before and before[1].casefold() in STORY_WORDS:
        return None
    if (bracketed and (when or at_end)) or (_BARE.search(line) and when):
        return True
    return False if when or (at_end and _is_name(line[: verb.start()])) else None


def _is_name(words: str) -> bool:
    """Whether this may be who wrote: "Sam Person", and not "See what Sam"."""
    names = words.split()
    return 0 < len(names) <= _MAX_NAMES and not any(name[0].islower() for name in names)


def _last(pattern: re.Pattern[str], line: str) -> re.Match[str] | None:
    last = None
    for match in pattern.finditer(line):
        last = match
    return last
