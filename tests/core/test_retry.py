from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from helpdesk.core.retry import next_attempt_at

NOW = datetime(2026, 11, 2, 11, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("attempts", "minutes"),
    [(1, 1), (2, 2), (3, 4), (4, 8), (8, 128), (9, 240), (40, 240), (0, 1)],
    ids=lambda value: str(value),
)
def test_delay_doubles_from_one_minute_to_four_hours(attempts: int, minutes: int) -> None:
    assert next_attempt_at(attempts, NOW, NOW, jitter=0.5) == NOW + timedelta(minutes=minutes)


@pytest.mark.parametrize(("jitter", "share"), [(0.0, 0.75), (0.5, 1.0), (0.999, 1.2495)])
def test_jitter_spreads_the_delay_by_a_quarter_each_way(jitter: float, share: float) -> None:
    assert next_attempt_at(2, NOW, NOW, jitter) == NOW + timedelta(minutes=2) * share


@pytest.mark.parametrize(("age", "gives_up"), [(timedelta(days=4, hours=23), False), (timedelta(days=5), True)])
def test_it_gives_up_after_five_days(age: timedelta, gives_up: bool) -> None:
    assert (next_attempt_at(30, NOW - age, NOW, 0.5) is None) is gives_up
