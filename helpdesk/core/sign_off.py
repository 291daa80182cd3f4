"""The signature that a mail program, or a habit, puts below a staff member's words without the "-- " that would tell it apart.

Cut only where it is plain: below a name of theirs, short lines that tell how to reach them. Whatever may be words stays, and is
for the leak guard to hold.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

_WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)*")
_CLOSING = re.compile(
    r"(?:(?:with )?(?:(?:very |my )?(?:kind(?:est)?|best|warm(?:est)?) (?:regards|wishes)|regards|best|all the best|take care"
    r"|(?:many )?thanks|thank you|cheers|love|warmly|bw|kr|yours(?: (?:sincerely|faithfully|truly))?|sincerely|speak soon))",
    re.IGNORECASE,
)
_CONTACT = re.compile(
    r"(?:\+|\(?0)[\d ()./\u2010-\u2015-]{6,22}\d|[\w.+%-]{1,64}@[\w.-]{3,100}|(?:https?://|www\.)\S{3,100}", re.IGNORECASE
)
# With one of these somebody says something to the person.
_SAYING = frozenset(
    "i i'm i'll me my we we'll you you're your us is are was be will can could would if or but please see let call ring text"
    " meet come talk speak write on at by ps no not yes".split()
)
_LONGEST_LINE = 80
# "999" and "111" stand in many numbers.
_SHORTEST_PUBLIC = 5
_MOST_WORDS_BESIDE_CONTACT = 3
_MOST_WORDS = 7
_MOST_LINES = 7


@dataclass(frozen=True, slots=True)
class SignedText:
    """What goes to the person, and the lines of a signature that do not."""

    words: str = field(repr=False)
    signature: str = field(default="", repr=False)


def split_signature(text: str, written_as: str, public_name: str, public: Collection[str]) -> SignedText:
    """The words without a signature below them; `written_as` is the author's name in their mail program.

    What stands below a name and is `public`, as a number of Samaritans, is no signature.
    """
    lines = text.rstrip().split("\n")
    for number in range(max(1, len(lines) - 2 * _MOST_LINES), len(lines)):
        start = _start_of_signature(lines, number, _words(written_as), _words(public_name))
        if start is None or not _is_signature(lines[number + 1 :], public):
            continue
        words, signature = "\n".join(lines[:start]).rstrip(), "\n".join(lines[start:]).strip()
        return SignedText(words, signature) if words.strip() and signature else SignedText(text)
    return SignedText(text)


def is_sign_off(text: str, written_as: str, public_name: str) -> bool:
    """Whether there is nothing but "Kind regards", a name of the author's, and a signature below that."""
    names, has_name = {*_words(written_as), *_words(public_name)}, False
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    for line in lines:
        is_name = bool(_words(line)) and set(_words(line)) <= names
        if not is_name and not _is_closing(line) and not (has_name and _may_be_of_signature(line)):
            return False
        has_name |= is_name
    return bool(lines)


def _is_closing(line: str) -> bool:
    return _CLOSING.fullmatch(line.strip(" ,.!*_\u2013\u2014-")) is not None


def _start_of_signature(lines: Sequence[str], number: int, private: Sequence[str], public: Sequence[str]) -> int | None:
    """From where on a signature would be cut off whose name is this line; None where no signature has its name there.

    A public name may stay below "Kind regards".
    """
    name = _words(lines[number])
    # "Rosalind Jones BA (she/her)": a whole name is plain with a few words behind it, too, above a number or an address.
    is_whole = len(private) > 1 and name[: len(private)] == list(private) and _may_be_of_signature(lines[number])
    is_whole &= len(name) == len(private) or any(line.strip() for line in lines[number + 1 :])
    if not name or len(lines[number]) > _LONGEST_LINE or not (is_whole or set(name) <= {*private, *public}):
        return None
    above = next((line for line in reversed(lines[:number]) if line.strip()), "")
    stands_apart = is_whole and not lines[number - 1].strip()
    if not _is_closing(above) and not stands_apart:
        return None
    return number + 1 if set(name) <= set(public) else number


def _is_signature(below: Sequence[str], public: Collection[str]) -> bool:
    """Whether the lines below a name tell how to reach them, and nothing else; none at all do."""
    filled = [line.strip() for line in below if line.strip()]
    known = [re.sub(r"\s", "", each).casefold() for each in public if len(each) >= _SHORTEST_PUBLIC]
    if len(filled) > _MOST_LINES or any(each in re.sub(r"\s", "", line).casefold() for line in filled for each in known):
        return False
    return all(map(_may_be_of_signature, filled)) and (not filled or any(map(_CONTACT.search, filled)))


def _may_be_of_signature(line: str) -> bool:
    beside = _words(_CONTACT.sub(" ", line))
    most = _MOST_WORDS_BESIDE_CONTACT if _CONTACT.search(line) else _MOST_WORDS
    return len(line) <= _LONGEST_LINE and len(beside) <= most and _SAYING.isdisjoint(beside)


def _words(line: str) -> list[str]:
    return [word.casefold().replace("\u2019", "'") for word in _WORD.findall(line)]
