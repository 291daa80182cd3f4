"""The name that a mail may call a person by."""

from __future__ import annotations

import unicodedata

MAX_LETTERS = 40
_JOINERS = frozenset("-'’ ")


def greeting_name(display_name: str) -> str:
    """A display name if it is one that a kind mail can use, else empty.

    At most 40 letters, hyphens and apostrophes in any script: a From name is written by anybody, and our template must
    not carry a stranger's link or sentence to somebody else.
    """
    name = " ".join(unicodedata.normalize("NFC", display_name).split())
    if not name or len(name) > MAX_LETTERS or "@" in name:
        return ""
    if not all(character in _JOINERS or unicodedata.category(character)[0] in "LM" for character in name):
        return ""
    return name if name[0] not in _JOINERS else ""
