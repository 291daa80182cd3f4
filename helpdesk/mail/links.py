"""Which words of a template become links: the numbers to call or text, and our website.

Only words of a template become links. What a mail brought never does: a click shows where its reader lives.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

from helpdesk.model.organisation import Organisation, Signpost

# Mail programs make links of their own out of these, unless the words stand in an <a> already.
_LINKISH = re.compile(r"://|@|\w\.\w")
# The same for a whole text, where a search for one dot is several times faster than one for any letter.
_DOTTED = re.compile(r"\.(?<=\w\.)(?=\w)")
_WORD = re.compile(r"\S+")
# What a mail program takes for the dot of a web address that it was not told is one; a file's ending is none.
_DOT_OF_A_NAME = re.compile(r"(?<=\w)\.(?=[^\W\d_]{2})(?!(?:csv|docx?|eml|gif|heic|jpe?g|odt|pdf|png|rtf|txt|xlsx?)\b(?!\.))")
_ANY_DOT = re.compile(r"(?<=\w)\.(?=\w)")
_MAIL_ADDRESS = re.compile(r"[^\s@/:]+@[^\s@/:]+")


def digits_of(number: str) -> str:
    """The digits alone: "116 123" and "116-123" are one number."""
    return "".join(character for character in number if character in "0123456789")


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text, and where it leads; `href` is empty for plain text."""

    text: str
    href: str = ""


class Linker:
    """Finds what is worth a link in a template's own words."""

    def __init__(self, signposts: tuple[Signpost, ...], organisation: Organisation) -> None:
        targets: dict[str, str] = {}
        patterns: list[str] = []
        for signpost in signposts:
            digits = digits_of(signpost.number)
            if signpost.enabled and digits and digits not in targets:
                targets[digits] = f"{'sms' if signpost.action == 'text' else 'tel'}:{digits}"
                patterns.append(r"(?<![\d+])" + r"[ \u00a0-]?".join(digits) + r"(?!\d)")
        if organisation.website:
            address = re.sub(r"^https?://", "", organisation.website).rstrip("/")
            targets[address.casefold()] = f"https://{address}"
            patterns.append(rf"(?<![\w./@-])(?:https?://)?{re.escape(address)}(?![\w-])")
        self._targets = targets
        # The longest first, so that 0800 1111 is not read as an 111 with something before it.
        self._pattern = re.compile("|".join(sorted(patterns, key=len, reverse=True)), re.IGNORECASE) if patterns else None

    def runs(self, text: str) -> Iterator[Run]:
        """The text in stretches, in order; joined they are the text again."""
        position = 0
        for match in self._pattern.finditer(text) if self._pattern else ():
            if match.start() > position:
                yield Run(text[position : match.start()])
            yield Run(match.group(), self._target(match.group()))
            position = match.end()
        if position < len(text):
            yield Run(text[position:])

    def _target(self, found: str) -> str:
        address = re.sub(r"^https?://", "", found.casefold())
        return self._targets.get(address) or self._targets[digits_of(found)]


def literal_html(value: str) -> str:
    """A value as HTML that shows exactly its characters, with its line breaks, and nothing in it to click.

    Addresses are wrapped in an <a> without a target, since mail programs link bare ones but leave what is in an <a>.
    """
    shown = escape(value)
    if "@" in shown or "://" in shown or _DOTTED.search(shown):
        shown = _WORD.sub(_unclickable, shown)
    return shown.replace("\n", "<br>\n")


def unlinked_text(value: str) -> str:
    """A value as plain text in which no mail program finds a web address to link: "https: //www .example .org".

    Plain text knows no way to say "this is no link". A mail address stays whole: a click on it shows nobody's home.
    """
    if "://" not in value and not _DOTTED.search(value):
        return value
    return _WORD.sub(_spaced, value)


def _spaced(match: re.Match[str]) -> str:
    word = match.group()
    if "@" in word and _MAIL_ADDRESS.fullmatch(word.rstrip(":")):
        return word
    is_address = "://" in word or "www." in word.casefold()
    return (_ANY_DOT if is_address else _DOT_OF_A_NAME).sub(" .", word.replace("://", ": //"))


def _unclickable(match: re.Match[str]) -> str:
    word = match.group()
    return f"<a>{word}</a>" if _LINKISH.search(word) else word
