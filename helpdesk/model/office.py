"""When the office is open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Closure:
    """Days on which the office is closed, both included, besides weekends and bank holidays."""

    first_day: date
    last_day: date


@dataclass(frozen=True, slots=True)
class OfficeHours:
    """The week of the office in its own time zone; `weekdays` holds 0 for Monday to 6 for Sunday.

    `bank_holidays` says whether England's bank holidays are closed days.
    """

    zone: ZoneInfo
    opens: time
    closes: time
    weekdays: frozenset[int]
    bank_holidays: bool = True
    closures: tuple[Closure, ...] = ()
