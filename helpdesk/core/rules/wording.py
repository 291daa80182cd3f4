"""Reads tables of wording: lines of phrases parted by bars, each line under the language that it is in."""

from __future__ import annotations

import re

_LANGUAGE = re.compile(r"^\[\w{2}\]\s*")


def phrases(table: str) -> tuple[str, ...]:
    """Every phrase of a table once, casefolded, in order. A line is "[cy] ateb awtomatig | allan o'r swyddfa"."""
    lines = (_LANGUAGE.sub("", line.strip()) for line in table.splitlines())
    return tuple(dict.fromkeys(phrase.strip().casefold() for line in lines for phrase in line.split("|") if phrase.strip()))


def at_start(expressions: tuple[str, ...]) -> re.Pattern[str]:
    """A pattern for the start of a casefolded text, past a bracket or two, that is any of these expressions."""
    longest_first = sorted(expressions, key=len, reverse=True)
    return re.compile(rf"\W{{0,4}}(?:{'|'.join(longest_first)})")
