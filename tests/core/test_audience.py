"""Who hears of a ticket beside, or instead of, whoever has it."""

from __future__ import annotations

import pytest

from helpdesk.core.audience import Audience
from helpdesk.model.staff import Role, StaffMember

LEAD, ADMIN = frozenset({Role.LEAD}), frozenset({Role.ADMIN})
MIKE = StaffMember("mike", "Mike", "mike@example.org", roles=LEAD)
RUTH = StaffMember("ruth", "Ruth", "ruth@example.org", roles=LEAD)
DANA = StaffMember("dana", "Dana", "dana@example.org", roles=ADMIN)
OMAR = StaffMember("omar", "Omar", "omar@example.org")
STAFF = (MIKE, RUTH, DANA, OMAR)


def ids(members: tuple[StaffMember, ...]) -> list[str]:
    return [member.id for member in members]


@pytest.mark.parametrize(
    ("excluded", "away", "expected"),
    [
        ((), (), ["mike", "ruth"]),
        ((), ("mike",), ["ruth"]),
        ((), ("mike", "ruth"), ["mike", "ruth"]),
        (("mike",), (), ["ruth"]),
        (("mike",), ("ruth",), ["ruth"]),
        (("mike", "ruth"), (), []),
    ],
    ids=["all", "one away", "all away", "one kept from it", "the other away", "all kept from it"],
)
def test_leads_hear_of_it_when_they_may_and_are_there(
    excluded: tuple[str, ...], away: tuple[str, ...], expected: list[str]
) -> None:
    assert ids(Audience(STAFF, excluded, away).leads()) == expected


@pytest.mark.parametrize(
    ("assignee", "excluded", "away", "expected"),
    [
        ("omar", (), (), ["omar"]),
        ("omar", ("omar",), (), ["mike", "ruth"]),
        ("omar", (), ("omar",), ["mike", "ruth"]),
        ("left-long-ago", (), (), ["mike", "ruth"]),
        (None, (), (), ["mike", "ruth"]),
    ],
    ids=["there", "kept from it", "away", "left", "nobody"],
)
def test_the_leads_stand_in_for_an_assignee_who_can_not_hear_of_it(
    assignee: str | None, excluded: tuple[str, ...], away: tuple[str, ...], expected: list[str]
) -> None:
    assert ids(Audience(STAFF, excluded, away).of(assignee)) == expected


@pytest.mark.parametrize(
    ("excluded", "expected"),
    [(("mike", "ruth"), ["dana"]), (("mike", "ruth", "dana"), ["mike", "ruth", "dana"])],
    ids=["the admins", "everybody who leads, rather than nobody"],
)
def test_a_ticket_that_no_lead_may_see_is_told_of_all_the_same(excluded: tuple[str, ...], expected: list[str]) -> None:
    assert ids(Audience(STAFF, excluded).last_resort()) == expected
