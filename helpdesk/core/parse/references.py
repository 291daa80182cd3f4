"""Message-IDs out of Message-ID, In-Reply-To and References, kept as their senders wrote them, without brackets."""

from __future__ import annotations

import re

from helpdesk.core.parse.limits import ID_CHARS, REFERENCES, Defects
from helpdesk.core.parse.words import decode_words

_BRACKETED = re.compile(r"<([^<>]*)>")
_COMMENT = re.compile(r"\([^()]*\)")


def parse_message_id(value: str, defects: Defects) -> str | None:
    """The id of a Message-ID field; one without brackets or with spaces in it is kept as it is."""
    value = _plain(value, defects)
    if not value:
        return None
    found = _BRACKETED.search(value)
    written = found[1].strip() if found else value.strip("<> \t").split(" ")[0]
    if found is None or " " in written or "@" not in written:
        defects.add("malformed Message-ID")
    return written[:ID_CHARS] or None


def parse_references(values: list[str], defects: Defects) -> tuple[str, ...]:
    """The ids of In-Reply-To or References, in order, each once; of very many the newest are kept."""
    ids: dict[str, None] = {}
    for value in values:
        value = _plain(value, defects)
        # Without any bracket (Lotus, some web mail) every word with an @ in it is one.
        found = _BRACKETED.findall(value) or [word for word in re.split(r"[\s,;]+", _COMMENT.sub(" ", value)) if "@" in word]
        ids.update((written.strip(" <>\t")[:ID_CHARS], None) for written in found)
    return tuple(written for written in ids if written)[-REFERENCES:]


def _plain(value: str, defects: Defects) -> str:
    # Old Exchange encodes a References field that is too long for one line.
    return decode_words(value, defects).strip() if "=?" in value else value.strip()
