"""Who is away."""

from __future__ import annotations

from datetime import date

import pytest

from helpdesk.model.staff import Absence
from helpdesk.store.database import Database
from tests.store.files import sql
from tests.store.samples import HOUR, NOW


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


def test_absence_that_begins_on_the_same_day_is_replaced(database: Database) -> None:
    with database.writing() as uow:
        uow.people.add_absence(Absence("mike", date(2026, 11, 2), date(2026, 11, 9)))
        uow.people.add_absence(Absence("mike", date(2026, 11, 2), date(2026, 11, 4)))
        assert uow.people.absences(date(2026, 11, 2)) == [Absence("mike", date(2026, 11, 2), date(2026, 11, 4))]


def test_coming_back_ends_what_runs_and_forgets_what_was_planned(database: Database) -> None:
    with database.writing() as uow:
        for first, last in ((2, 9), (20, 22)):
            uow.people.add_absence(Absence("mike", date(2026, 11, first), date(2026, 11, last)))
        uow.people.add_absence(Absence("ann", date(2026, 11, 2), date(2026, 11, 9)))
        assert uow.people.end_absences("mike", date(2026, 11, 5))
        assert uow.people.absences(date(2026, 11, 4)) == [
            Absence("ann", date(2026, 11, 2), date(2026, 11, 9)),
            Absence("mike", date(2026, 11, 2), date(2026, 11, 4)),
        ]
        assert not uow.people.end_absences("mike", date(2026, 11, 5))


def test_an_address_is_unreachable_since_mail_last_came_back(database: Database) -> None:
    with database.writing() as uow:
        assert uow.people.unreachable_since("sam@example.org") is None
        uow.people.mark_unreachable("sam@example.org", NOW)
        assert uow.people.unreachable_since("SAM@example.org") == NOW
        uow.people.mark_unreachable("Sam@Example.org", NOW + HOUR)
        assert uow.people.unreachable_since("sam@example.org") == NOW + HOUR
