"""Days as people write them."""

from __future__ import annotations

from datetime import date

import pytest

from helpdesk.core.days import day_in_words, parse_day, parse_leave

# A Wednesday.
TODAY = date(2026, 12, 2)


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("today", date(2026, 12, 2)),
        ("tomorrow", date(2026, 12, 3)),
        ("friday", date(2026, 12, 4)),
        ("Fri", date(2026, 12, 4)),
        ("next friday", date(2026, 12, 4)),
        ("this coming Friday", date(2026, 12, 4)),
        ("wednesday", date(2026, 12, 9)),
        ("thurs.", date(2026, 12, 3)),
        ("and including Friday", date(2026, 12, 4)),
        ("14 December", date(2026, 12, 14)),
        ("14 Dec.", date(2026, 12, 14)),
        ("the 14th of December", date(2026, 12, 14)),
        ("December 14th", date(2026, 12, 14)),
        ("Monday, 14 December", date(2026, 12, 14)),
        ("14 December 2026", date(2026, 12, 14)),
        ("1 March", date(2027, 3, 1)),
        ("2026-12-14", date(2026, 12, 14)),
        ("14/12/2026", date(2026, 12, 14)),
        ("14.12.26", date(2026, 12, 14)),
        ("14.12.", date(2026, 12, 14)),
        ("3/1", date(2027, 1, 3)),
        ("in 3 days", date(2026, 12, 5)),
        ("2 weeks", date(2026, 12, 16)),
        ("weds", date(2026, 12, 9)),
        ("2026/12/14", date(2026, 12, 14)),
        ("14dec", date(2026, 12, 14)),
        ("Monday (14 Dec.)", date(2026, 12, 14)),
        ("1 December", None),
        ("1/12", None),
        ("1 December 2027", date(2027, 12, 1)),
        ("29 February", None),
        ("Tuesday 14 December", None),
        ("31 November", None),
        ("2026-11-30", None),
        ("2028-12-14", None),
        ("14/13/2026", None),
        ("14 15 December", None),
        ("December", None),
        ("14 December soon", None),
        ("14 December 26 2026", None),
        ("ma", None),
        ("xx December", None),
        ("soon", None),
        ("", None),
    ],
)
def test_a_day_is_read_in_every_plain_form_or_not_at_all(words: str, day: date | None) -> None:
    assert parse_day(words, TODAY) == day


@pytest.mark.parametrize(
    ("words", "leave"),
    [
        ("until friday", ((12, 2), (12, 4))),
        ("UNTIL Friday", ((12, 2), (12, 4))),
        ("till Mon 7th Dec", ((12, 2), (12, 7))),
        ("’til tomorrow", ((12, 2), (12, 3))),
        ("up to and including friday", ((12, 2), (12, 4))),
        ("for 2 weeks", ((12, 2), (12, 16))),
        ("3 days", ((12, 2), (12, 5))),
        ("today", ((12, 2), (12, 2))),
        ("tomorrow", ((12, 3), (12, 3))),
        ("on friday", ((12, 4), (12, 4))),
        ("from 7 to 9 December", None),
        ("from monday to friday", ((12, 7), (12, 11))),
        ("from now until friday", ((12, 2), (12, 4))),
        ("7 Dec - 9 Dec", ((12, 7), (12, 9))),
        ("from 2026-12-07 until 2026-12-09", ((12, 7), (12, 9))),
        ("until yesterday", None),
        ("until 31 November", None),
        ("from friday", None),
        ("on soon", None),
        ("from soon to friday", None),
        ("from friday to soon", None),
        ("friday", None),
        ("14 December", None),
        ("next week", None),
        ("", None),
    ],
)
def test_a_leave_is_read_where_both_ends_are_plain(words: str, leave: tuple[tuple[int, int], tuple[int, int]] | None) -> None:
    expected = (date(2026, *leave[0]), date(2026, *leave[1])) if leave else None
    assert parse_leave(words, TODAY) == expected


def test_a_leave_may_go_into_the_next_year_and_its_end_says_so() -> None:
    leave = parse_leave("from 24 December to 2 January", TODAY)
    assert leave == (date(2026, 12, 24), date(2027, 1, 2))
    assert [day_in_words(day, TODAY) for day in leave] == ["Thursday 24 December", "Saturday 2 January 2027"]
