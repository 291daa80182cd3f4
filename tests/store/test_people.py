"""Who is away."""

from __future__ import annotations

from datetime import date

import pytest

from helpdesk.model.staff import Absence
from helpdesk.store.database import Database
from tests.store.files import sql


@pytest.mark.parametrize(
    ("day", "away"),
    [
        (date(2026, 11, 1), ["ann", "mike"]),
        (date(2026, 11, 2), ["ann", "mike"]),
        (date(2026, 11, 4), ["ann", "mike"]),
        (date(2026, 11, 5), ["ann"]),
        (date(2026, 11, 6), []),
    ],
    ids=["before", "first day", "both", "last day", "after"],
)
def test_absence_is_known_before_it_begins_and_until_its_last_day(
    database: Database, url: str, day: date, away: list[str]
) -> None:
    for row in ("mike", "2026-11-02", "2026-11-04"), ("ann", "2026-11-04", "2026-11-05"):
        sql(url, "INSERT INTO absence VALUES (?, ?, ?)", *row)
    with database.reading() as uow:
        found = uow.people.absences(day)
    assert [each.staff_id for each in found] == away
    assert all(isinstance(each, Absence) and day <= each.last_day for each in found)
