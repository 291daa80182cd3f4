"""When the office is open, when it opens next, and the words for both; the one place that knows bank holidays.

Moments come in and go out as aware datetimes, the ones that go out in UTC. Words are always English and never depend
on the machine's locale. Nothing here reads the time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

from helpdesk.model.office import OfficeHours

DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTH_NAMES = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip

# An office that stays closed for longer than this has no next opening that a mail could name.
_DAYS_AHEAD = 400

_UK_ZONES = frozenset({"Europe/London", "Europe/Belfast", "GB", "GB-Eire"})
_UTC_ZONES = frozenset({"UTC", "Etc/UTC", "Etc/UCT", "Etc/Universal", "Etc/Zulu", "UCT", "Universal", "Zulu"})


@dataclass(frozen=True, slots=True)
class MomentWords:
    """A moment as people say it: "Monday 9 November", "10:00", "Monday 9 November at 10:00 UK time"."""

    day: str
    time: str
    at: str


@lru_cache(maxsize=64)
def bank_holidays(year: int) -> frozenset[date]:
    """England's bank holidays of a year, substitute days included."""
    return frozenset(holidays.country_holidays("GB", subdiv="ENG", years=year))


def is_closed_day(hours: OfficeHours, day: date) -> bool:
    """Whether a bank holiday or a closure keeps everybody at home on this day, whatever the weekday."""
    if hours.bank_holidays and day in bank_holidays(day.year):
        return True
    return any(closure.first_day <= day <= closure.last_day for closure in hours.closures)


def is_open(hours: OfficeHours, at: datetime) -> bool:
    """Whether the office is open; the moment of closing is not part of it."""
    return closes_at(hours, at) is not None


def closes_at(hours: OfficeHours, at: datetime) -> datetime | None:
    """When the office closes that is open at this moment, in UTC; None when it is closed."""
    day = at.astimezone(hours.zone).date()
    if day.weekday() not in hours.weekdays or is_closed_day(hours, day):
        return None
    opening, closing = span_on(hours.zone, day, hours.opens, hours.closes)
    return closing if opening <= at < closing else None


def next_opening(hours: OfficeHours, at: datetime) -> datetime | None:
    """The first moment after `at` at which the office opens, in UTC; None when it does not within 400 days."""
    today = at.astimezone(hours.zone).date()
    for ahead in range(_DAYS_AHEAD):
        day = today + timedelta(days=ahead)
        if day.weekday() not in hours.weekdays or is_closed_day(hours, day):
            continue
        opening, closing = span_on(hours.zone, day, hours.opens, hours.closes)
        if at < opening < closing:
            return opening
    return None


@lru_cache(maxsize=4096)
def span_on(zone: ZoneInfo, day: date, starts: time, ends: time) -> tuple[datetime, datetime]:
    """Two times of the clock on a day in a zone as moments in UTC; `ends` at 00:00 is the midnight that follows.

    A time that the clocks skip in spring counts with the offset before the change (PEP 495, fold=0), so 01:30 becomes
    02:30; of a time that they show twice in autumn, the first counts.
    """
    last_day = day if ends > time.min else day + timedelta(days=1)
    return (
        datetime.combine(day, starts, tzinfo=zone).astimezone(UTC),
        datetime.combine(last_day, ends, tzinfo=zone).astimezone(UTC),
    )


def describe_moment(hours: OfficeHours, at: datetime) -> str:
    """Weekday, day, month, time and zone: "Tuesday 3 November at 14:05 UK time"."""
    return describe_opening(hours, at).at


def describe_opening(hours: OfficeHours, opening: datetime) -> MomentWords:
    """The words for an opening, in the office's time zone."""
    local = opening.astimezone(hours.zone)
    day = describe_day(local.date())
    clock = _clock_words(local.time())
    return MomentWords(day=day, time=clock, at=f"{day} at {clock} {_zone_words(hours)}")


def describe_day(day: date) -> str:
    """Weekday, day and month: "Tuesday 3 November"."""
    return f"{DAY_NAMES[day.weekday()]} {day.day} {_MONTH_NAMES[day.month - 1]}"


def describe_hours(hours: OfficeHours) -> str:
    """The office's week, to stand within a sentence: "Monday to Friday, 10:00 to 16:00 UK time"."""
    closes = "midnight" if hours.closes == time.min else _clock_words(hours.closes)
    return f"{_days_words(hours.weekdays)}, {_clock_words(hours.opens)} to {closes} {_zone_words(hours)}"


def _clock_words(clock: time) -> str:
    return f"{clock.hour:02}:{clock.minute:02}"


def _days_words(weekdays: frozenset[int]) -> str:
    if len(weekdays) == len(DAY_NAMES):
        return "every day"
    parts: list[str] = []
    for run in _runs(sorted(weekdays)):
        names = [DAY_NAMES[weekday] for weekday in run]
        parts += [f"{names[0]} to {names[-1]}"] if len(names) > 2 else names
    return " and ".join(", ".join(parts).rsplit(", ", 1))


def _runs(weekdays: list[int]) -> list[list[int]]:
    """Days that follow each other, put together."""
    runs: list[list[int]] = []
    for weekday in weekdays:
        if runs and runs[-1][-1] == weekday - 1:
            runs[-1].append(weekday)
        else:
            runs.append([weekday])
    return runs


def _zone_words(hours: OfficeHours) -> str:
    key = hours.zone.key or ""
    if key in _UK_ZONES:
        return "UK time"
    if key in _UTC_ZONES:
        return "UTC"
    return f"{key.rpartition('/')[2].replace('_', ' ')} time"
