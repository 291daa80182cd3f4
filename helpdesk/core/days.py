"""Reads a day as people write it: "friday", "14 December", "2026-12-14". British: the day stands before the month."""

from __future__ import annotations

import re
from datetime import date, timedelta

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_SHORTEST = 3
_FURTHEST = timedelta(days=366)
_FILLERS = frozenset({"the", "of", "on", "and", "including", "inclusive", "coming", "this"})
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_BRITISH = re.compile(r"(\d{1,2})[./-](\d{1,2})(?:[./-](\d{2}|\d{4}))?\.?")
_DAY = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?\.?")
_IN = re.compile(r"(?:in )?(\d{1,2}) (days?|weeks?)")
_A_WEEK = 7
_CENTURY = 100


def parse_day(words: str, today: date) -> date | None:
    """The day that is meant, from today on and within a year; None where that can't be told."""
    text = " ".join(word for word in words.casefold().replace(",", " ").split() if word not in _FILLERS)
    day = _relative(text, today) or _numeric(text, today) or _named(text.split(), today)
    return day if day and today <= day <= today + _FURTHEST else None


def _relative(text: str, today: date) -> date | None:
    if text in ("today", "tonight"):
        return today
    if text == "tomorrow":
        return today + timedelta(days=1)
    span = _IN.fullmatch(text)
    if span:
        return today + timedelta(days=int(span[1]) * (_A_WEEK if span[2].startswith("week") else 1))
    weekday = _index(_WEEKDAYS, text.removeprefix("next "))
    if weekday is None:
        return None
    # On a Friday nobody says "until friday" of the day that it is.
    return today + timedelta(days=(weekday - today.weekday() - 1) % _A_WEEK + 1)


def _numeric(text: str, today: date) -> date | None:
    iso = _ISO.fullmatch(text)
    if iso:
        return _date(int(iso[1]), int(iso[2]), int(iso[3]))
    british = _BRITISH.fullmatch(text)
    if british is None:
        return None
    year = int(british[3]) if british[3] else None
    return _in_year(year, int(british[2]), int(british[1]), today)


def _named(words: list[str], today: date) -> date | None:
    """ "14 December", "December 14th 2026", with or without the weekday, which then has to be right."""
    weekday = _index(_WEEKDAYS, words[0]) if words else None
    rest = words[1:] if weekday is not None else words
    month = next((found for word in rest if (found := _index(_MONTHS, word)) is not None), None)
    numbers = [word for word in rest if _index(_MONTHS, word) is None]
    if month is None or len(rest) != len(numbers) + 1:
        return None
    match numbers:
        case [day]:
            year = None
        case [day, written] if re.fullmatch(r"\d{4}", written):
            year = int(written)
        case _:
            return None
    in_month = _DAY.fullmatch(day)
    named = _in_year(year, month + 1, int(in_month[1]), today) if in_month else None
    return named if named and weekday in (None, named.weekday()) else None


def _index(names: tuple[str, ...], word: str) -> int | None:
    """Which of these a word is, written out or shortened: "dec", "sept.", "thurs"."""
    short = word.rstrip(".")
    found = [number for number, name in enumerate(names) if len(short) >= _SHORTEST and name.startswith(short)]
    return found[0] if len(found) == 1 else None


def _in_year(year: int | None, month: int, day: int, today: date) -> date | None:
    if year is not None:
        return _date(year + 2000 if year < _CENTURY else year, month, day)
    this_year = _date(today.year, month, day)
    return this_year if this_year and this_year >= today else _date(today.year + 1, month, day)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
