"""Days as people write them."""

from __future__ import annotations

from datetime import date

import pytest

from helpdesk.core.days import parse_day

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
