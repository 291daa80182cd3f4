"""Tells the language of a text: by its script where that is not Latin, else by its small words.

Made for short mails that are mostly English. English is given up only for clear evidence, since a wrong language costs
more than an unsure one. Looks at a bounded beginning, and judges nothing of what the text says.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

from helpdesk.core.language.letters import TELLING_LETTERS
from helpdesk.core.language.scripts import language_in_script, letters_of_other_scripts
from helpdesk.core.language.words import SMALL_WORDS

# What a text is taken for where nothing speaks clearly against it.
DEFAULT = "en"

_READ = 1_500
_JUDGED = 600
_QUOTED = re.compile(r"^[ \t]*>.*", re.MULTILINE)
_IN_ADDRESSES = ("://", "www.", "@")
_LOOSE_MARKS = re.compile("[\u0300-\u036f]+")
_LETTER = re.compile(r"[^\W\d_]")
_WORD = re.compile(r"[^\W\d_]+")
# "van der Berg", "de la Cruz": the particle of a name is no word of the language that a mail is in.
_PARTICLES = re.compile(
    r"\b(?:(?:al|bin|da|de|del|della|den|der|di|do|dos|du|el|la|le|ten|ter|van|von|zu) ){1,3}(?=[^\W\d_a-zß-ÿ])", re.IGNORECASE
)

_NONE: frozenset[str] = frozenset()
_FEWEST_WORDS = 2
_LEAST_SHARE = 0.2
_CLEARLY = 2


def language_of(text: str) -> str:
    """The ISO 639-1 code of the language that a text is written in; DEFAULT where that is not sure."""
    prose = _prose(text)
    if not prose.isascii():
        foreign = letters_of_other_scripts(prose)
        if len(foreign) * 2 > len(_LETTER.findall(prose)):
            return language_in_script(prose, foreign) or DEFAULT
    return _by_small_words(prose)


def _prose(text: str) -> str:
    """The beginning, without quoted lines and addresses, in composed letters (as phones and Macs don't always send)."""
    beginning = text[:_READ]
    if ">" in beginning:
        beginning = _QUOTED.sub("", beginning)
    if any(mark in beginning for mark in _IN_ADDRESSES):
        beginning = " ".join(word for word in beginning.split() if not any(mark in word for mark in _IN_ADDRESSES))
    prose = beginning.strip()[:_JUDGED]
    return prose if prose.isascii() else _LOOSE_MARKS.sub("", unicodedata.normalize("NFC", prose.replace("İ", "i")))


def _by_small_words(prose: str) -> str:
    # Nearly all mail is English and is done here; what follows looks closer at the rest.
    if _leading(_known(_WORD.findall(prose))) == DEFAULT:
        return DEFAULT
    words = _WORD.findall(_PARTICLES.sub("", prose))
    known = _known(words)
    best = _leading(known)
    own = [word.casefold() for word in words if best in _spoken(word)]
    if best == DEFAULT or len(own) < _LEAST_SHARE * len(words) or len({word for word in own if len(word) > 1}) < _FEWEST_WORDS:
        return DEFAULT
    rivals = {language for spoken in known for language in spoken} | {DEFAULT}
    return best if all(_is_clear(best, rival, known) for rival in rivals - {best}) else DEFAULT


def _known(words: list[str]) -> Counter[frozenset[str]]:
    """How many of the words speak for each group of languages."""
    known = Counter(map(_spoken, words))
    del known[_NONE]
    return known


def _leading(known: Counter[frozenset[str]]) -> str:
    """The language that most words speak for; DEFAULT where no other has more than it."""
    scores: Counter[str] = Counter()
    for spoken, count in known.items():
        for language in spoken:
            scores[language] += count
    best = max(scores, key=scores.__getitem__, default=DEFAULT)
    return best if scores[best] > scores[DEFAULT] else DEFAULT


def _spoken(word: str) -> frozenset[str]:
    """The languages that a word speaks for; names, which begin with a capital letter, speak for none by their letters."""
    spoken = SMALL_WORDS.get(word.casefold())
    if spoken or word.isascii() or not word[0].islower():
        return spoken or _NONE
    told = [TELLING_LETTERS[letter] for letter in word if letter in TELLING_LETTERS]
    return frozenset.intersection(*told) if told else _NONE


def _is_clear(best: str, rival: str, known: Counter[frozenset[str]]) -> bool:
    """Whether the words that only one of the two has speak for `best`."""
    own = sum(count for spoken, count in known.items() if best in spoken and rival not in spoken)
    against = sum(count for spoken, count in known.items() if rival in spoken and best not in spoken)
    return own > 0 and own >= _CLEARLY * against
