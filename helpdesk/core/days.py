"""Reads days as people write them: "until friday", "from 24 December to 2 January". British: the month comes second."""

from __future__ import annotations

import re
from datetime import date, timedelta

from helpdesk.core.office_hours import describe_day

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_SHORTEST = 3
_FURTHEST = timedelta(days=366)
# Who writes "23 November" on the 24th means the day before, and not the next year.
_FURTHEST_WITHOUT_YEAR = timedelta(days=270)
_FILLERS = frozenset({"the", "of", "on", "and", "including", "inclusive", "coming", "this"})
_SHORT = {"weds": "wednesday"}
_ISO = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})")
_BRITISH = re.compile(r"(\d{1,2})[./-](\d{1,2})(?:[./-](\d{2}|\d{4}))?\.?")
_DAY = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?\.?")
_IN = re.compile(r"(?:in )?(\d{1,2}) (days?|weeks?)")
# "7dec", "7.Dec".
_STUCK = re.compile(r"(\d)\.?(?=[a-z]{3})")
_UNTIL = r"(?:untill?|'?till?|up to|to|through|thru)"
_SPAN = re.compile(r"(?:from )?(.+?) (?:until|till|to|through|thru|[-\u2013\u2014]) (.+)")
_A_WEEK = 7
_CENTURY = 100


def parse_leave(words: str, today: date) -> tuple[date, date] | None:
    """The first and the last day of "until friday", "on friday", "from monday to friday"; None where that can't be told.

    A day alone says nothing: "friday" may be that day, or all days until then.
    """
    text = " ".join(words.casefold().replace("\u2019", "'").split())
    if text in ("today", "tonight"):
        return today, today
    if until := re.fullmatch(rf"{_UNTIL} (.+)", text):
        return _from_to(today, parse_day(until[1], today))
    if during := re.fullmatch(r"(?:for )?(\d{1,2} (?:days?|weeks?))", text):
        return _from_to(today, parse_day(during[1], today))
    if only := re.fullmatch(r"(?:on )(.+)|(tomorrow)", text):
        day = parse_day(only[1] or only[2], today)
        return _from_to(day, day)
    span = _SPAN.fullmatch(text)
    first = parse_day(span[1], today) if span else None
    return _from_to(first, parse_day(span[2], first)) if span and first else None


def day_in_words(day: date, today: date) -> str:
    """Weekday, day and month, and the year where it is another one: "Saturday 2 January 2027"."""
    return describe_day(day) if day.year == today.year else f"{describe_day(day)} {day.year}"


def parse_day(words: str, today: date) -> date | None:
    """The day that is meant, from today on and within a year; None where that can't be told."""
    plain = _STUCK.sub(r"\1 ", re.sub(r"[,()]", " ", words.casefold()))
    text = " ".join(_SHORT.get(word, word) for word in plain.split() if word not in _FILLERS).rstrip(".")
    day = _relative(text, today) or _numeric(text, today) or _named(text.split(), today)
    return day if day and today <= day <= today + _FURTHEST else None


def _from_to(first: date | None, last: date | None) -> tuple[date, date] | None:
    return (first, last) if first and last else None


def _relative(text: str, today: date) -> date | None:
    if text in ("today", "tonight", "now"):
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
    found = this_year if this_year and this_year >= today else _date(today.year + 1, month, day)
    return found if found and found - today <= _FURTHEST_WITHOUT_YEAR else None


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
