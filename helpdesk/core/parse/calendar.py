"""The words of a calendar invitation (RFC 5545), for mail that has no others."""

from __future__ import annotations

import re

_FOLD = re.compile(r"\r?\n[ \t]")
_LINE = re.compile(r"^(SUMMARY|DESCRIPTION|LOCATION|COMMENT)(?:;[^:\r\n]{0,500})?:([^\r\n]+)", re.MULTILINE | re.IGNORECASE)
_ESCAPED = re.compile(r"\\([\\;,nN])")
_LINES = 200


def calendar_words(source: str) -> str:
    """Title, description and place, a line each; empty when there are none."""
    lines: dict[str, None] = {}
    for found in _LINE.finditer(_FOLD.sub("", source)):
        text = _ESCAPED.sub(lambda escape: "\n" if escape[1] in "nN" else escape[1], found[2]).strip()
        if text and len(lines) < _LINES:
            lines[text] = None
    return "\n".join(lines)
