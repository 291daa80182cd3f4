"""When the office is open and when it opens next, on the days on which that is not obvious, and the words for it."""

from __future__ import annotations

import locale
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from helpdesk.core.office_hours import (
    bank_holidays,
    closes_at,
    describe_hours,
    describe_moment,
    describe_opening,
    is_open,
    next_opening,
)
from helpdesk.model.office import Closure, OfficeHours

LONDON = ZoneInfo("Europe/London")
WEEK = frozenset(range(5))
OFFICE = OfficeHours(LONDON, time(10), time(16), WEEK)
CHRISTMAS = OfficeHours(LONDON, time(10), time(16), WEEK, closures=(Closure(date(2026, 12, 24), date(2027, 1, 3)),))


def london(text: str) -> datetime:
    """A time of the clock in London, such as "2026-11-02 09:59"."""
    return datetime.fromisoformat(text).replace(tzinfo=LONDON)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        pytest.param("2026-11-02 09:59:59", False, id="a second before opening"),
        pytest.param("2026-11-02 10:00", True, id="at the moment of opening"),
        pytest.param("2026-11-02 15:59:59", True, id="a second before closing"),
        pytest.param("2026-11-02 16:00", False, id="at the moment of closing"),
        pytest.param("2026-11-07 12:00", False, id="saturday"),
        pytest.param("2026-11-08 12:00", False, id="sunday"),
        pytest.param("2026-04-03 12:00", False, id="good friday"),
        pytest.param("2026-12-28 12:00", False, id="substitute day of boxing day"),
        pytest.param("2026-12-29 12:00", True, id="the day after it"),
    ],
)
def test_office_is_open_on_working_days_from_opening_until_closing(at: str, expected: bool) -> None:
    assert is_open(OFFICE, london(at)) is expected


@pytest.mark.parametrize(
    ("at", "opening"),
    [
        pytest.param("2026-11-03 00:30", "2026-11-03 10:00", id="at night, the same day"),
        pytest.param("2026-11-03 09:59:59", "2026-11-03 10:00", id="just before opening"),
        pytest.param("2026-11-03 10:00", "2026-11-04 10:00", id="open now, so tomorrow"),
        pytest.param("2026-11-03 16:00", "2026-11-04 10:00", id="closed until tomorrow"),
        pytest.param("2026-11-06 16:00", "2026-11-09 10:00", id="friday evening until monday"),
        pytest.param("2026-04-02 18:00", "2026-04-07 10:00", id="easter: until tuesday"),
        pytest.param("2026-05-01 18:00", "2026-05-05 10:00", id="may day weekend"),
        pytest.param("2026-08-28 18:00", "2026-09-01 10:00", id="late summer bank holiday"),
        pytest.param("2026-12-24 18:00", "2026-12-29 10:00", id="christmas with its substitute day"),
        pytest.param("2021-12-24 18:00", "2021-12-29 10:00", id="christmas on a weekend: two substitute days"),
        pytest.param("2026-12-31 18:00", "2027-01-04 10:00", id="new year on a friday"),
        pytest.param("2026-03-28 23:00", "2026-03-30 10:00", id="over the night when summer time begins"),
        pytest.param("2026-10-24 23:00", "2026-10-26 10:00", id="over the night when summer time ends"),
    ],
)
def test_next_opening_is_the_first_one_later_than_now(at: str, opening: str) -> None:
    found = next_opening(OFFICE, london(at))
    assert found == london(opening)
    assert found.tzinfo is UTC


def test_opening_in_winter_and_summer_is_at_the_same_time_of_the_clock() -> None:
    assert next_opening(OFFICE, london("2026-03-27 18:00")) == datetime(2026, 3, 30, 9, tzinfo=UTC)
    assert next_opening(OFFICE, london("2026-10-23 18:00")) == datetime(2026, 10, 26, 10, tzinfo=UTC)


def test_closures_are_closed_from_first_to_last_day() -> None:
    assert is_open(CHRISTMAS, london("2026-12-23 12:00"))
    assert not is_open(CHRISTMAS, london("2026-12-24 12:00"))
    assert not is_open(CHRISTMAS, london("2026-12-30 12:00"))
    assert next_opening(CHRISTMAS, london("2026-12-23 17:00")) == london("2027-01-04 10:00")


def test_bank_holidays_can_be_worked() -> None:
    working = OfficeHours(LONDON, time(10), time(16), WEEK, bank_holidays=False)
    assert is_open(working, london("2026-12-25 12:00"))
    assert next_opening(working, london("2026-12-24 17:00")) == london("2026-12-25 10:00")


@pytest.mark.parametrize(
    ("year", "day"),
    [
        pytest.param(2022, date(2022, 1, 3), id="new year on a saturday"),
        pytest.param(2021, date(2021, 12, 28), id="boxing day on a sunday"),
        pytest.param(2023, date(2023, 5, 8), id="coronation"),
        pytest.param(2030, date(2030, 4, 22), id="easter monday years ahead"),
    ],
)
def test_bank_holidays_are_those_of_england(year: int, day: date) -> None:
    assert day in bank_holidays(year)
    assert date(year, 3, 17) not in bank_holidays(year), "St Patrick's Day is no bank holiday in England"


def test_office_that_never_opens_has_no_next_opening() -> None:
    shut = OfficeHours(LONDON, time(10), time(16), WEEK, closures=(Closure(date(2026, 1, 1), date(2029, 1, 1)),))
    assert next_opening(shut, london("2026-11-02 12:00")) is None
    assert closes_at(shut, london("2026-11-02 12:00")) is None


def test_closing_is_told_while_open() -> None:
    assert closes_at(OFFICE, london("2026-07-01 12:00")) == datetime(2026, 7, 1, 15, tzinfo=UTC)
    assert closes_at(OFFICE, london("2026-07-01 16:00")) is None


def test_closing_at_midnight_is_the_end_of_the_day() -> None:
    late = OfficeHours(LONDON, time(18), time(0), frozenset({4}))
    assert is_open(late, london("2026-11-06 23:59:59"))
    assert not is_open(late, london("2026-11-07 00:00"))
    assert closes_at(late, london("2026-11-06 20:00")) == london("2026-11-07 00:00")


def test_opening_at_midnight_is_the_start_of_the_day() -> None:
    early = OfficeHours(LONDON, time(0), time(6), frozenset({0}))
    assert next_opening(early, london("2026-11-01 23:59:59")) == london("2026-11-02 00:00")
    assert is_open(early, london("2026-11-02 00:00"))


def test_time_that_the_clocks_skip_opens_when_they_have_gone_forward() -> None:
    night = OfficeHours(LONDON, time(1, 30), time(5), frozenset(range(7)))
    opening = next_opening(night, london("2026-03-29 00:30"))
    assert opening == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert describe_opening(night, opening).time == "02:30"
    assert not is_open(night, opening - timedelta(seconds=1))
    assert is_open(night, opening)


def test_hours_that_the_clocks_skip_altogether_name_no_opening_after_their_end() -> None:
    gone = OfficeHours(LONDON, time(1, 45), time(2, 15), frozenset(range(7)))
    assert next_opening(gone, london("2026-03-29 00:30")) == datetime(2026, 3, 30, 0, 45, tzinfo=UTC)
    assert not is_open(gone, datetime(2026, 3, 29, 1, 30, tzinfo=UTC))


def test_time_that_the_clocks_show_twice_opens_at_the_first() -> None:
    night = OfficeHours(LONDON, time(1, 30), time(5), frozenset(range(7)))
    assert next_opening(night, london("2026-10-25 00:00")) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_day_is_that_of_the_office_wherever_the_moment_was_told() -> None:
    auckland = datetime(2026, 11, 7, 0, 30, tzinfo=ZoneInfo("Pacific/Auckland"))
    assert is_open(OFFICE, auckland), "half past eleven on Friday in London"


@pytest.mark.parametrize(
    ("opening", "day", "at"),
    [
        pytest.param("2026-11-09 10:00", "Monday 9 November", "Monday 9 November at 10:00 UK time", id="winter"),
        pytest.param("2026-07-01 09:05", "Wednesday 1 July", "Wednesday 1 July at 09:05 UK time", id="summer time"),
        pytest.param("2027-01-04 10:00", "Monday 4 January", "Monday 4 January at 10:00 UK time", id="next year"),
    ],
)
def test_opening_is_named_by_weekday_day_month_and_uk_time(opening: str, day: str, at: str) -> None:
    words = describe_opening(OFFICE, london(opening).astimezone(UTC))
    assert (words.day, words.at) == (day, at)
    assert words.time == opening[-5:]


def test_moment_is_described_in_the_offices_time() -> None:
    assert describe_moment(OFFICE, datetime(2026, 7, 7, 23, 30, tzinfo=UTC)) == "Wednesday 8 July at 00:30 UK time"


@pytest.mark.parametrize(
    ("days", "words"),
    [
        pytest.param({0, 1, 2, 3, 4}, "Monday to Friday", id="the working week"),
        pytest.param({0, 1, 2, 3, 4, 5, 6}, "every day", id="all"),
        pytest.param({2}, "Wednesday", id="one"),
        pytest.param({5, 6}, "Saturday and Sunday", id="two that follow"),
        pytest.param({0, 2, 4}, "Monday, Wednesday and Friday", id="three apart"),
        pytest.param({0, 1, 2, 4}, "Monday to Wednesday and Friday", id="a run and one"),
    ],
)
def test_hours_read_as_people_say_them(days: set[int], words: str) -> None:
    hours = OfficeHours(LONDON, time(10), time(16), frozenset(days))
    assert describe_hours(hours) == f"{words}, 10:00 to 16:00 UK time"


def test_closing_at_midnight_is_called_midnight() -> None:
    hours = OfficeHours(LONDON, time(18), time(0), frozenset({4}))
    assert describe_hours(hours) == "Friday, 18:00 to midnight UK time"


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        ("Europe/London", "UK time"),
        ("Europe/Belfast", "UK time"),
        ("Europe/Paris", "Paris time"),
        ("America/Argentina/Buenos_Aires", "Buenos Aires time"),
        ("Etc/UTC", "UTC"),
        ("UTC", "UTC"),
    ],
)
def test_zone_is_called_by_its_city_and_londons_uk_time(zone: str, words: str) -> None:
    hours = OfficeHours(ZoneInfo(zone), time(10), time(16), WEEK)
    assert describe_hours(hours) == f"Monday to Friday, 10:00 to 16:00 {words}"


def test_words_do_not_depend_on_the_machines_locale() -> None:
    before = locale.setlocale(locale.LC_TIME)
    other = next((name for name in ("de_DE.UTF-8", "fr_FR.UTF-8", "C.UTF-8") if _is_available(name)), "C")
    try:
        locale.setlocale(locale.LC_TIME, other)
        assert describe_moment(OFFICE, london("2026-11-03 14:05")) == "Tuesday 3 November at 14:05 UK time"
    finally:
        locale.setlocale(locale.LC_TIME, before)


def _is_available(name: str) -> bool:
    before = locale.setlocale(locale.LC_TIME)
    try:
        locale.setlocale(locale.LC_TIME, name)
    except locale.Error:
        return False
    locale.setlocale(locale.LC_TIME, before)
    return True
