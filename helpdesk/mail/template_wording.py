"""What a template says, judged: numbers that nobody vouched for, promises, and what a lock screen would give away.

Plain rules over plain text; knows nothing of Jinja or Markdown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from helpdesk.mail.links import digits_of
from helpdesk.model.organisation import Organisation, Signpost

LOCK_SCREEN = 140
SUBJECT = "Your message"
MOTTO = "You Are Not Alone"

_CLOCK_OR_DATE = re.compile(r"(?<!\d)(?<!\d[.:])(?:\d{1,2}[:.]\d{2}|\d{4}-\d{2}-\d{2})(?![.:]?\d)")
_DIGIT_RUN = re.compile(r"\+?\(?\d(?:[\s().\u2013-]{0,2}\d)*")
_SHORT_NUMBERS = re.compile(r"999|911|112|10[0-5]|111|11[4-9]|12[0-3]|15[0-9]|0[1-9]\d")
_LONG_ENOUGH = 5

_PROMISES = re.compile(
    r"\bconfidential(?:ly|ity)?\b|\balways\b|\b24\s*/\s*7\b|\baround\s+the\s+clock\b|\bimmediately\b|\bstraight\s+away\b"
    r"|\bwithin\s+(?:the\s+|an?\s+)?(?:\w+\s+){0,2}(?:hours?|minutes?|days?)\b|\btoday\b|\btomorrow\b|\btonight\b",
    re.IGNORECASE,
)
_DANGER = re.compile(
    r"\b(?:abus\w*|attack\w*|cris[ie]s|danger\w*|die|dying|dead|emergenc\w*|exit|extremis\w*|far[ -]right|fascis\w*|gangs?"
    r"|hat(?:e|ed|red)|hurt\w*|islamis\w*|jihad\w*|kill\w*|nazi\w*|neo-nazi\w*|police|racis\w*|radical\w*|safeguarding"
    r"|self[ -]harm\w*|suicid\w*|terror\w*|threat\w*|violen\w*|weapons?)\b",
    re.IGNORECASE,
)
_LEGAL_FORM = re.compile(r"(?:[\s,]+(?:trust|charity|foundation|cio|uk|ltd|limited|plc|cic))+\.?$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Words:
    """A stretch of a template file: `text` begins on `line`."""

    path: str
    line: int
    text: str = field(repr=False)

    def place_of(self, position: int) -> str:
        return f"{self.path}, line {self.line + self.text.count(chr(10), 0, position)}"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something found, where it stands, as it is written there."""

    where: str
    found: str


def unvouched_numbers(words: Words, allowed: frozenset[str]) -> Iterator[Finding]:
    """What looks like a number to call or text, and whose digits are not among `allowed`."""
    text = _CLOCK_OR_DATE.sub(lambda match: " " * len(match.group()), words.text)
    for match in _DIGIT_RUN.finditer(text):
        digits = digits_of(match.group())
        if digits not in allowed and (len(digits) >= _LONG_ENOUGH or _SHORT_NUMBERS.fullmatch(digits)):
            yield Finding(words.place_of(match.start()), " ".join(match.group().split()))


def allowed_digits(signposts: tuple[Signpost, ...], organisation: Organisation) -> frozenset[str]:
    """The digits of what may stand in a template: enabled signposts, and our numbers in the registers."""
    numbers = [signpost.number for signpost in signposts if signpost.enabled]
    registers = [organisation.charity_number, organisation.company_number]
    return frozenset(digits_of(number) for number in (*numbers, *registers))


def promises(words: Words) -> Iterator[Finding]:
    """Words that promise what nobody can keep, or that are wrong when read a day later."""
    for match in _PROMISES.finditer(words.text):
        yield Finding(words.place_of(match.start()), " ".join(match.group().split()))


def lock_screen(text: str) -> str:
    """What a phone shows of a mail before anybody unlocks it."""
    return " ".join(text.split())[:LOCK_SCREEN]


def revealing_words(text: str, names: tuple[str, ...]) -> tuple[str, ...]:
    """What in a text would tell an onlooker who wrote, or about what: our names, danger words, digits."""
    found = [name for name in names if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text, re.IGNORECASE)]
    found += [match.group() for match in _DANGER.finditer(text)]
    found += re.findall(r"\d[\d\s:.-]*\d|\d", text)
    return tuple(dict.fromkeys(found))


def names_of(organisation: Organisation) -> tuple[str, ...]:
    """The names by which an onlooker would know the charity, with and without "Trust" or "Ltd"."""
    full = [organisation.name, organisation.registered_name]
    short = [_LEGAL_FORM.sub("", name) for name in full]
    domains = [organisation.email.rpartition("@")[2], re.sub(r"^(?:https?://)?(?:www\.)?", "", organisation.website)]
    return tuple(dict.fromkeys(name.strip() for name in (*full, *short, *domains) if name.strip()))
