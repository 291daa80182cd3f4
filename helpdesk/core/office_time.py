"""Time as the office counts it: only the hours in which it is open. Nothing here reads the time.

Moments come in and go out as aware datetimes, the ones that go out in UTC.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta

from helpdesk.core.office_hours import is_closed_day, span_on
from helpdesk.model.office import OfficeHours

# An office that is closed for longer than this counts no time at all.
_DAYS_AHEAD = 400
_MIDNIGHT = timedelta(days=1)


def after_office_time(hours: OfficeHours, since: datetime, amount: timedelta) -> datetime | None:
    """The moment at which the office has been open for `amount` since `since`; None when that is over 400 days away.

    What is full as the office closes is so at that moment, and not only in the morning.
    """
    # Sums in a zone go by its clock, and would be wrong by an hour when that is changed.
    left, since = amount, since.astimezone(UTC)
    for opening, closing in _spans(hours, since, step=1):
        starts = max(opening, since)
        if closing - starts >= left:
            return starts + left
        left -= max(closing - starts, timedelta())
    return None


def last_opening(hours: OfficeHours, at: datetime) -> datetime | None:
    """When the office last opened, at `at` or before; None when it did not within 400 days."""
    return next((opening for opening, _ in _spans(hours, at, step=-1) if opening <= at), None)


def office_day(hours: OfficeHours) -> timedelta:
    """How long the office is open on a day on which it is, by the clock."""
    closes = _MIDNIGHT if hours.closes == time.min else _since_midnight(hours.closes)
    return closes - _since_midnight(hours.opens)


def _spans(hours: OfficeHours, at: datetime, *, step: int) -> Iterator[tuple[datetime, datetime]]:
    """When the office opens and closes, day by day from the day of `at` on, forward or back."""
    today = at.astimezone(hours.zone).date()
    for number in range(_DAYS_AHEAD):
        day = today + timedelta(days=number * step)
        if day.weekday() in hours.weekdays and not is_closed_day(hours, day):
            opening, closing = span_on(hours.zone, day, hours.opens, hours.closes)
            # Hours that the clocks skip in spring are none.
            if opening < closing:
                yield opening, closing


def _since_midnight(clock: time) -> timedelta:
    return timedelta(hours=clock.hour, minutes=clock.minute)
