"""Who is away, and whose tickets they never get."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import date

import pytest

from helpdesk.model.staff import OPEN_ENDED, Absence
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


def test_coming_back_ends_what_runs_and_leaves_what_is_planned(database: Database) -> None:
    planned = Absence("mike", date(2026, 11, 20), date(2026, 11, 22))
    with database.writing() as uow:
        for absence in (Absence("mike", date(2026, 11, 2), date(2026, 11, 9)), planned, replace(planned, staff_id="ann")):
            uow.people.add_absence(absence)
        assert uow.people.end_absences("mike", date(2026, 11, 5))
        assert uow.people.absences(date(2026, 11, 4)) == [
            replace(planned, staff_id="ann"),
            Absence("mike", date(2026, 11, 2), date(2026, 11, 4)),
            planned,
        ]
        assert uow.people.end_absences("mike", date(2026, 11, 5)), "who is there calls off what is planned"
        assert not uow.people.end_absences("mike", date(2026, 11, 5))
        assert uow.people.absences(date(2026, 11, 5)) == [replace(planned, staff_id="ann")]


def test_who_comes_back_on_the_first_day_was_never_away(database: Database) -> None:
    with database.writing() as uow:
        uow.people.add_absence(Absence("mike", date(2026, 11, 2), OPEN_ENDED))
        assert uow.people.absences(date(2027, 1, 1)) == [Absence("mike", date(2026, 11, 2), OPEN_ENDED)]
        assert uow.people.end_absences("mike", date(2026, 11, 2))
        assert uow.people.absences(date(2026, 11, 1)) == []


def test_an_address_is_unreachable_since_mail_last_came_back(database: Database) -> None:
    with database.writing() as uow:
        assert uow.people.unreachable_since("sam@example.org") is None
        uow.people.mark_unreachable("sam@example.org", NOW)
        assert uow.people.unreachable_since("SAM@example.org") == NOW
        uow.people.mark_unreachable("Sam@Example.org", NOW + HOUR)
        assert uow.people.unreachable_since("sam@example.org") == NOW + HOUR


def test_an_excluded_staff_member_is_known_by_the_requesters_address_until_allowed_again(database: Database) -> None:
    with database.writing() as uow:
        uow.people.exclude("mike", "Sam@Example.org", NOW)
        uow.people.exclude("mike", "sam@example.org", NOW + HOUR)
        uow.people.exclude("ann", "sam@example.org", NOW)
        assert uow.people.excluded_for("sam@EXAMPLE.org") == {"ann", "mike"}
        assert uow.people.excluded_for("another@example.org") == set()
        assert uow.people.allow("mike", "SAM@example.org")
        assert not uow.people.allow("mike", "sam@example.org")
        assert uow.people.excluded_for("sam@example.org") == {"ann"}


def test_what_was_looked_up_for_many_is_what_is_found_for_each(database: Database) -> None:
    known, unknown = "sam@example.org", "kim@example.org"
    with database.writing() as uow:
        uow.people.mark_unreachable(known, NOW)
        uow.people.exclude("mike", known, NOW)
        uow.people.exclude("dana", known, NOW)
        uow.people.look_up([known, "SAM@example.org", unknown])
        uow.people.look_up([])
        assert [uow.people.unreachable_since(each) for each in (known, unknown)] == [NOW, None]
        assert [uow.people.excluded_for(each) for each in (known, unknown)] == [{"mike", "dana"}, set()]


def test_what_was_looked_up_does_not_hide_what_is_written_later(database: Database) -> None:
    address = "sam@example.org"
    with database.writing() as uow:
        uow.people.look_up([address])
        uow.people.mark_unreachable(address, NOW)
        uow.people.exclude("mike", address, NOW)
        assert uow.people.unreachable_since(address) == NOW
        assert uow.people.excluded_for(address) == {"mike"}
        uow.people.look_up([address])
        uow.people.allow("mike", address)
        assert uow.people.excluded_for(address) == set()


class Undone(Exception):
    pass


def test_what_was_looked_up_is_so_again_when_a_part_is_undone(database: Database) -> None:
    address = "sam@example.org"
    with database.writing() as uow:
        uow.people.look_up([address])
        with suppress(Undone), uow.savepoint():
            uow.people.mark_unreachable(address, NOW)
            raise Undone
        assert uow.people.unreachable_since(address) is None
