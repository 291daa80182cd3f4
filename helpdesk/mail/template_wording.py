"""What a template says, judged: numbers that nobody vouched for, promises, and what a lock screen would give away.

Plain rules over plain text; knows nothing of Jinja or Markdown.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field

from helpdesk.mail.links import digits_of
from helpdesk.model.delivery import ACKNOWLEDGEMENTS, Purpose
from helpdesk.model.organisation import Organisation, Signpost

LOCK_SCREEN = 140
LONGEST_SUBJECT = 150
SUBJECT = "Your message"
LATER_SUBJECT = "Re: Your message"
MOTTO = "You Are Not Alone"

_CLOCK_OR_DATE = re.compile(r"(?<!\d)(?<!\d[.:])(?:\d{1,2}[:.]\d{2}|\d{4}-\d{2}-\d{2})(?![.:]?\d)")
_DIGIT_RUN = re.compile(r"\+?\(?\d(?:[\s().\u2013-]{0,2}\d)*")
_DASHES = dict.fromkeys("\u2010\u2011\u2012\u2014\u2015\u2212", "\u2013")
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


@dataclass(frozen=True, slots=True)
class Ban:
    """What may stand in no mail: `what` goes on from what was found, in quotation marks."""

    pattern: re.Pattern[str]
    what: str
    remedy: str


_BRACES = Ban(
    re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}|\{\s*[A-Za-z_]\w*(?:\.\w+)*\s*\}|\{[{%#]|[}%#]\}", re.DOTALL),
    "would reach the reader just like this.",
    "Write a value in two pairs of braces, as {{ office.hours }}, without {% raw %} and without \\ before them.",
)
_PICTURE = Ban(
    re.compile(r"!\[[^\]\n]*(?:\]|$)|<img\b[^>]*>?", re.IGNORECASE),
    "is a picture, and our mails have none: it would tell a stranger when and where they were opened.",
    "Take it out, or write [words](https://www.example.org) without the ! for a link.",
)
_MAIL_LINK = Ban(
    re.compile(r"\bmailto:[^\s)\"'>]*", re.IGNORECASE),
    "is a link that writes a new mail, outside of the conversation.",
    "Ask for an answer to this mail instead.",
)
_ADDRESS = Ban(
    re.compile(r"[\w.!#$%&'*+/=?^`~-]+@[\w-]+(?:\.[\w-]+)+"),
    "is not the address that people write to.",
    "Write {{ organisation.email }}. No address of staff may ever reach the people who write.",
)
BANNED = (_BRACES, _PICTURE)
BANNED_FOR_REQUESTERS = (_MAIL_LINK, _ADDRESS)


def in_plain_characters(text: str) -> str:
    """The text as an eye reads it: any script's digits and wide letters as the usual ones, nothing that can't be seen.

    Lines stay lines, so that a place in it is on the same line as in the file.
    """
    seen = (character for character in unicodedata.normalize("NFKC", text) if unicodedata.category(character) != "Cf")
    return "".join(str(unicodedata.decimal(each)) if each.isdecimal() else _DASHES.get(each, each) for each in seen)


def banned(words: Words, ban: Ban, excepting: frozenset[str] = frozenset()) -> Iterator[Finding]:
    """Where a banned thing stands; `excepting` are those that are right, in small letters."""
    for match in ban.pattern.finditer(words.text):
        if match.group().casefold() not in excepting:
            yield Finding(words.place_of(match.start()), " ".join(match.group().split()))


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


def subject_of(purpose: Purpose) -> str:
    """The subject that a mail to a requester has: after the first answer it reads like the next one of a conversation."""
    return SUBJECT if purpose in ACKNOWLEDGEMENTS else LATER_SUBJECT


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
