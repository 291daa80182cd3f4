"""The leak guard: what must not leave in a reply before its author has said so. DESIGN section 6.

It looks for private words of staff in the bytes that would be sent, and in the author's own words for what belongs in a note.
It takes nothing out: a sentence with a hole says more than one that was never sent.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from helpdesk.core.addresses import lookup_form
from helpdesk.core.decoded import bodies_in, contents_in, texts_of
from helpdesk.core.reply.attribution import INVISIBLE
from helpdesk.model.message import Address
from helpdesk.model.staff import StaffMember

_DIGITS = re.compile(r"\D+")
# What people write between the digits of a number.
_NUMBER = re.compile(r"(?<![\w.])(?:\+|00)?\(?\d(?:[ \t().\u2010-\u2015/-]{0,3}\d){6,17}(?![\w])")
_D, _M, _Y, _TIME = r"(?:0?[1-9]|[12]\d|3[01])", r"(?:0?[1-9]|1[0-2])", r"(?:19|20)\d\d", r"[0-2]?\d[.:][0-5]\d"
_DASH = r" ?[-\u2013] ?"
# Days, hours and years, which are no numbers to call; not where more digits follow, as in a number that is written in pairs.
_DATES_AND_TIMES = re.compile(
    rf"(?<!\d)(?<!\d[./-])(?:(?:{_D}[./]{_M}\.?{_DASH})?{_D}([./-]){_M}\1(?:{_Y}|\d\d(?! \d))|{_Y}-{_M}-{_D}"
    rf"|{_Y}(?:{_DASH}|/){_Y}|{_TIME}{_DASH}{_TIME})(?![./-]?\d)"
)
_EMAIL = re.compile(r"[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_SHORTEST_NUMBER = 7
# The beginning of a number depends on who dials it: +44 1632 960123 is 01632 960123.
_TELLING_DIGITS = 9
_SHORTEST_LOCAL_PART = 6
_SHORTEST_NAME = 2
_LONG_ENOUGH = 6
_CHARSETS = ("utf-8", "utf-16-le", "utf-16-be")


@dataclass(frozen=True, slots=True)
class Guard:
    """What to look for in what an author wrote: guarded `words`, and their `first_name`; `public` may stand there."""

    words: tuple[str, ...] = ()
    first_name: str = field(default="", repr=False)
    public: tuple[str, ...] = field(default=(), repr=False)


def private_words(staff: Iterable[StaffMember], author: StaffMember, written_as: Address) -> tuple[str, ...]:
    """Every private word of everybody, and the name that the author's own mail program gives to them."""
    public = {member.public_name.casefold() for member in staff}
    found: list[str] = []
    for member in staff:
        found += (member.email, *member.private_words)
        local = member.email.rpartition("@")[0]
        if len(local) >= _SHORTEST_LOCAL_PART:
            found.append(local)
    name = " ".join(written_as.name.split())
    if name.casefold() != author.public_name.casefold() and len(name) >= _SHORTEST_NAME:
        found += (name, *surnames(written_as))
    return tuple(dict.fromkeys(word for word in found if word.strip() and word.casefold() not in public))


def surnames(written_as: Address) -> tuple[str, ...]:
    """All but the first of the names that a mail program gives to its user."""
    return tuple(part for part in written_as.name.split()[1:] if len(part) > _SHORTEST_NAME)


def first_name(author: StaffMember, written_as: Address, requester: str) -> str:
    """The first name in the author's mail program, unless it is the public one, or that of the requester, who is greeted."""
    name = next(iter(written_as.name.split()), "").strip(",;")
    known = {author.public_name.casefold(), *requester.casefold().split()}
    return "" if len(name) <= _SHORTEST_NAME or name.casefold() in known else name


def find_private(mail: bytes, private: Sequence[str], names: Sequence[str] = ()) -> tuple[str, ...]:
    """Those private words that stand in these bytes, however they are written there.

    Those of them that are `names` may be common words too, as Young, White and May: among the words of the mail they count
    where they are written as a name. In a file, and in all that no eye sees, they count in any spelling.
    """
    if not private:
        return ()
    bodies, common = bodies_in(mail), {*names}
    whole = [word for word in private if not word.isalpha()]
    found = set(_written_in(mail.lower(), whole))
    numbers = {word: digits for word in private if (digits := _telling_digits(word))}
    pattern = _any_of(private)
    for content in contents_in(mail):
        is_body = content in bodies
        # In a path or the like names stand without a space; Porter stands in "supporter".
        found.update(_written_in(content.lower(), whole if is_body else private))
        for text in texts_of(content):
            said = {_spaced(match) for match in pattern.findall(_folded(text))}
            digits = _DIGITS.sub("", text) if numbers else ""
            said_words = (word for word in private if _spaced(_folded(word)) in said or numbers.get(word, "-") in digits)
            found.update(word for word in said_words if not is_body or word not in common or _is_spelled(text, word))
    return tuple(word for word in private if word in found)


def _written_in(content: bytes, private: Sequence[str]) -> Iterator[str]:
    """Words of some length, which are in bytes by no chance, in the encodings that programs write names in."""
    for word in private:
        if len(word) >= _LONG_ENOUGH and any(word.encode(charset).lower() in content for charset in _CHARSETS):
            yield word


def find_unfit(text: str, guard: Guard) -> tuple[str, ...]:
    """What in the author's own words belongs in a note, or may be theirs: guarded words, unknown numbers and addresses."""
    folded = _folded(text)
    found = [guard.first_name] if guard.first_name and _is_named(text, guard.first_name) else []
    found += [word for word in guard.words if _any_of((word,)).search(folded)]
    known_numbers = {_DIGITS.sub("", word) for word in guard.public}
    found += [each for each in _numbers(text) if _DIGITS.sub("", each) not in known_numbers]
    known_addresses = {lookup_form(word) for word in guard.public}
    found += [each for each in _EMAIL.findall(text) if lookup_form(each) not in known_addresses]
    return tuple(dict.fromkeys(found))


def _is_spelled(text: str, name: str) -> bool:
    """Whether a name stands there as names are written, whatever its bearer's mail program makes of it."""
    plain = INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
    spellings = {unicodedata.normalize("NFKC", each) for each in (name, name.title(), name.capitalize(), name.upper())}
    spellings -= {name.lower()}
    return bool(re.search(rf"(?<!\w)(?:{'|'.join(map(re.escape, spellings))})(?!\w)", plain))


def _is_named(text: str, name: str) -> bool:
    """In its own spelling, since "Will" may be a name and "will" is none; in any where a mail is signed: "love, will x"."""
    written = re.escape(name)
    signed = rf"^[^\w\n]*(?:\w+[^\w\n]+){{0,2}}{written}[^\w\n]*(?:x{{1,3}}[^\w\n]*)?$"
    return bool(re.search(rf"(?<!\w){written}(?!\w)", text) or re.search(signed, text, re.IGNORECASE | re.MULTILINE))


def _numbers(text: str) -> Iterator[str]:
    for match in _NUMBER.finditer(_DATES_AND_TIMES.sub("|", text)):
        yield match[0].strip()


def _telling_digits(word: str) -> str:
    digits = _DIGITS.sub("", word)
    return digits[-_TELLING_DIGITS:] if len(digits) >= _SHORTEST_NUMBER and not re.search(r"[^\W\d_]", word) else ""


def _any_of(words: Iterable[str]) -> re.Pattern[str]:
    """Any of these on its own, longest first: "Ann" is not in "planned"."""
    spaced = (r"\s+".join(map(re.escape, _folded(word).split())) for word in sorted(words, key=len, reverse=True))
    return re.compile(rf"(?<!\w)(?:{'|'.join(spaced)})(?!\w)")


def _spaced(words: str) -> str:
    return " ".join(words.split())


def _folded(text: str) -> str:
    """Without what makes two spellings of one word different, and without what no eye sees."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return INVISIBLE.sub("", plain).replace("\u2019", "'")
