"""Time as the office counts it: over nights, weekends, bank holidays and the nights on which the clocks change."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from helpdesk.core.office_time import after_office_time, last_opening, office_day
from helpdesk.model.office import Closure, OfficeHours

LONDON = ZoneInfo("Europe/London")
OFFICE = OfficeHours(LONDON, time(10), time(16), frozenset(range(5)))
SHUT = replace(OFFICE, closures=(Closure(date(2025, 1, 1), date(2029, 1, 1)),))


def london(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LONDON)


@pytest.mark.parametrize(
    ("since", "hours", "full_at"),
    [
        pytest.param("2026-11-02 10:00", 4, "2026-11-02 14:00", id="from the opening"),
        pytest.param("2026-11-02 08:00", 4, "2026-11-02 14:00", id="from before the opening"),
        pytest.param("2026-11-02 12:00", 4, "2026-11-02 16:00", id="full as the office closes"),
        pytest.param("2026-11-02 12:01", 4, "2026-11-03 10:01", id="a minute is left for the next day"),
        pytest.param("2026-11-02 16:00", 4, "2026-11-03 14:00", id="at the moment of closing"),
        pytest.param("2026-11-06 15:00", 4, "2026-11-09 13:00", id="over a weekend"),
        pytest.param("2026-11-07 12:00", 4, "2026-11-09 14:00", id="from a saturday"),
        pytest.param("2026-04-02 15:00", 4, "2026-04-07 13:00", id="over easter"),
        pytest.param("2026-12-24 15:00", 8, "2026-12-30 11:00", id="over christmas and its substitute day"),
        pytest.param("2026-03-27 15:00", 4, "2026-03-30 13:00", id="over the night when summer time begins"),
        pytest.param("2026-10-23 15:00", 4, "2026-10-26 13:00", id="over the night when summer time ends"),
        pytest.param("2026-11-02 11:00", 18, "2026-11-05 11:00", id="three days"),
    ],
)
def test_only_open_hours_count(since: str, hours: int, full_at: str) -> None:
    found = after_office_time(OFFICE, london(since), timedelta(hours=hours))
    assert found == london(full_at)
    assert found is not None
    assert found.tzinfo is UTC


def test_an_office_open_by_night_counts_the_hours_that_pass_and_not_those_of_its_clock() -> None:
    night = OfficeHours(LONDON, time(0), time(6), frozenset(range(7)))
    assert after_office_time(night, london("2026-03-29 00:00"), timedelta(hours=5)) == datetime(2026, 3, 29, 5, tzinfo=UTC)
    assert after_office_time(night, london("2026-10-25 00:00"), timedelta(hours=5)) == datetime(2026, 10, 25, 4, tzinfo=UTC)


def test_hours_that_the_clocks_skip_altogether_count_for_nothing() -> None:
    gone = OfficeHours(LONDON, time(1, 45), time(2, 15), frozenset(range(7)))
    assert after_office_time(gone, london("2026-03-29 00:00"), timedelta(minutes=30)) == datetime(
        2026, 3, 30, 1, 15, tzinfo=UTC
    )


def test_an_office_that_never_opens_counts_no_time() -> None:
    assert after_office_time(SHUT, london("2026-11-02 12:00"), timedelta(hours=1)) is None
    assert last_opening(SHUT, london("2026-11-02 12:00")) is None


@pytest.mark.parametrize(
    ("at", "opened_at"),
    [
        pytest.param("2026-11-03 10:00", "2026-11-03 10:00", id="at the moment of opening"),
        pytest.param("2026-11-03 09:59:59", "2026-11-02 10:00", id="a second before"),
        pytest.param("2026-11-03 20:00", "2026-11-03 10:00", id="in the evening"),
        pytest.param("2026-11-09 09:00", "2026-11-06 10:00", id="before monday's: friday's"),
        pytest.param("2026-05-05 09:00", "2026-05-01 10:00", id="over a bank holiday"),
        pytest.param("2026-10-26 09:00", "2026-10-23 10:00", id="over the end of summer time"),
    ],
)
def test_last_opening_is_the_newest_that_has_been(at: str, opened_at: str) -> None:
    assert last_opening(OFFICE, london(at)) == london(opened_at)


@pytest.mark.parametrize(
    ("opens", "closes", "hours"),
    [
        pytest.param(time(10), time(16), 6, id="six hours"),
        pytest.param(time(9, 30), time(17), 7.5, id="with minutes"),
        pytest.param(time(18), time(0), 6, id="until midnight"),
    ],
)
def test_an_office_day_is_as_long_as_the_office_is_open(opens: time, closes: time, hours: float) -> None:
    assert office_day(OfficeHours(LONDON, opens, closes, frozenset({0}))) == timedelta(hours=hours)
