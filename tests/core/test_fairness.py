"""A month of simulated mail: how evenly it is given out, by which reasons, and that nobody gets what they must not have.

Five staff with different hours, capacities and skills, one of them away for a week; people write at the hours at which people
write, some of them again and again, and each ticket is closed after a random time. The seeds are fixed.
"""

from __future__ import annotations

import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest

from helpdesk.core.assign import REQUIRED_SKILLS, AssignmentFacts, choose_assignee, choose_successor
from helpdesk.core.office_hours import is_closed_day, span_on
from helpdesk.model.office import OfficeHours
from helpdesk.model.staff import Absence, Assignment, Role, Shift, StaffMember, Workload

LONDON = ZoneInfo("Europe/London")
OFFICE = OfficeHours(LONDON, time(10), time(16), frozenset(range(5)))
BEGINS = date(2026, 11, 2)
WEEKS = 4
# The spread: the tickets that somebody gets for each hour at work, as a part of those that all get on average. Whoever has few
# hours has as many open as others, since the order goes by open tickets; `capacity` is there to set that right.
LEAST, MOST = 0.5, 1.5


def shifts(days: tuple[int, ...], starts: int, ends: int) -> tuple[Shift, ...]:
    return tuple(Shift(day, time(starts), time(ends)) for day in days)


STAFF = (
    StaffMember("mike", "Mike", "mike@example.org", roles=frozenset({Role.LEAD}), capacity=25),
    StaffMember("dana", "Dana", "dana@example.org", shifts=shifts((0, 2, 4), 10, 16), capacity=15),
    StaffMember("omar", "Omar", "omar@example.org", shifts=shifts((0, 1, 2, 3, 4), 8, 12), skills=frozenset({"housing"})),
    StaffMember("asha", "Asha", "asha@example.org", shifts=shifts((1, 3), 12, 20), skills=frozenset({"child"}), capacity=10),
    StaffMember("toby", "Toby", "toby@example.org", skills=frozenset({"child", "housing"})),
)
BY_ID = {member.id: member for member in STAFF}
LEAVE = Absence("toby", date(2026, 11, 9), date(2026, 11, 15))
# How many of a day's mails come in each hour, of all in a hundred.
BY_HOUR = (2, 1, 1, 1, 1, 1, 1, 2, 5, 7, 8, 8, 6, 6, 7, 7, 6, 5, 4, 5, 6, 5, 3, 2)
SKILLS = (frozenset[str](), frozenset({"housing"}), frozenset({"child"}))

DOCUMENTED = re.compile(
    r"(?P<name>\w+): (?:"
    r"knows this person"
    r"|(?:has the skill, )?(?:working now|next at work)"
    r"(?:, fewest open tickets \(\d+\)(?:, longest since the last one)?)?(?:, nobody else could take it)?"
    r"|lead, all who could take it are full \(\d+ tickets? open\)"
    r")(?:; Toby is away until Sunday 15 November)?"
    r"|Nobody could take it: (?:\w+ (?:is away|is full \(\d+ tickets? open\)|does not have the skill that it needs)(?:; |\.))+"
)


@dataclass(frozen=True, slots=True)
class Mail:
    at: datetime
    requester: int
    skills: frozenset[str]
    closed_at: datetime


@dataclass(frozen=True, slots=True)
class Choice:
    mail: Mail
    at: datetime
    assignment: Assignment


@dataclass(slots=True)
class Month:
    """Who has which tickets now, and all that was chosen."""

    chosen: list[Choice] = field(default_factory=list)
    holding: dict[str, list[Mail]] = field(default_factory=lambda: {member.id: [] for member in STAFF})
    last: dict[str, datetime] = field(default_factory=dict)
    known: dict[int, str] = field(default_factory=dict)
    most_open: Counter[str] = field(default_factory=Counter)

    def facts(self, mail: Mail, at: datetime) -> AssignmentFacts:
        for mails in self.holding.values():
            mails[:] = [each for each in mails if each.closed_at > at]
        return AssignmentFacts(
            staff=STAFF,
            at=at,
            office_hours=OFFICE,
            workloads={name: Workload(len(mails), self.last.get(name)) for name, mails in self.holding.items()},
            absences=(LEAVE,),
            known_staff_ids=(self.known[mail.requester],) if mail.requester in self.known else (),
            skills=mail.skills,
        )

    def take(self, mail: Mail) -> None:
        self._give(mail, mail.at, choose_assignee(self.facts(mail, mail.at)))

    def hand_over(self, staff_id: str, at: datetime) -> None:
        leaving, self.holding[staff_id] = self.holding[staff_id], []
        for mail in leaving:
            if mail.closed_at > at:
                self._give(mail, at, choose_successor(staff_id, self.facts(mail, at)))

    def _give(self, mail: Mail, at: datetime, assignment: Assignment) -> None:
        self.chosen.append(Choice(mail, at, assignment))
        if assignment.staff_id:
            self.holding[assignment.staff_id].append(mail)
            self.last[assignment.staff_id] = at
            self.known[mail.requester] = assignment.staff_id
            self.most_open[assignment.staff_id] = max(
                self.most_open[assignment.staff_id], len(self.holding[assignment.staff_id])
            )


def mails(seed: int, a_day: int) -> Iterator[Mail]:
    chance = random.Random(seed)  # noqa: S311 - a simulation has to be the same each time
    for day in range(7 * WEEKS):
        midnight = datetime.combine(BEGINS + timedelta(days=day), time(0), tzinfo=UTC)
        hours = sorted(hour + chance.random() for hour in chance.choices(range(24), BY_HOUR, k=a_day))
        for hour in hours:
            at = midnight + timedelta(hours=hour)
            yield Mail(
                at=at,
                # Of 400 people some write again within the month.
                requester=chance.randrange(400),
                skills=chance.choices(SKILLS, (85, 10, 5))[0],
                closed_at=at + timedelta(hours=chance.expovariate(1 / 30)),
            )


@cache
def month(seed: int, a_day: int) -> Month:
    simulated, leaves_at = Month(), datetime.combine(LEAVE.first_day, time(0), tzinfo=UTC)
    has_left = False
    for mail in mails(seed, a_day):
        if mail.at >= leaves_at and not has_left:
            simulated.hand_over(LEAVE.staff_id, leaves_at)
            has_left = True
        simulated.take(mail)
    return simulated


def hours_of(member: StaffMember) -> float:
    """How many hours somebody is at work in this month."""
    own = member.shifts or shifts(tuple(sorted(OFFICE.weekdays)), OFFICE.opens.hour, OFFICE.closes.hour)
    seconds = 0.0
    for number in range(7 * WEEKS):
        day = BEGINS + timedelta(days=number)
        away = member.id == LEAVE.staff_id and LEAVE.first_day <= day <= LEAVE.last_day
        for shift in own:
            if shift.weekday == day.weekday() and not away and not is_closed_day(OFFICE, day):
                starts, ends = span_on(LONDON, day, shift.starts, shift.ends)
                seconds += (ends - starts).total_seconds()
    return seconds / 3600


def a_working_hour(simulated: Month) -> dict[str, float]:
    """Tickets that each staff member got, for each hour that they work."""
    given = Counter(choice.assignment.staff_id for choice in simulated.chosen)
    return {member.id: given[member.id] / hours_of(member) for member in STAFF}


MONTHS = [pytest.param(seed, a_day, id=f"{a_day} mails a day, seed {seed}") for a_day in (12, 24) for seed in range(5)]


@pytest.mark.parametrize(("seed", "a_day"), MONTHS)
def test_a_month_is_spread_evenly_over_the_hours_that_each_works(seed: int, a_day: int) -> None:
    simulated = month(seed, a_day)
    rates = a_working_hour(simulated)
    average = sum(bool(choice.assignment.staff_id) for choice in simulated.chosen) / sum(map(hours_of, STAFF))
    assert min(rates.values()) / average >= LEAST, rates
    assert max(rates.values()) / average <= MOST, rates


def test_who_works_the_same_hours_gets_the_same_number() -> None:
    """Forty mails a day at all hours for a month; each ticket is closed a day later."""
    alike = tuple(replace(member, shifts=(), skills=frozenset(), capacity=99) for member in STAFF[:3])
    holding: dict[str, list[datetime]] = {member.id: [] for member in alike}
    last: dict[str, datetime] = {}
    given = Counter[str]()
    for number in range(40 * 30):
        at = datetime(2026, 11, 2, 11, tzinfo=UTC) + timedelta(minutes=36 * number)
        for opened in holding.values():
            opened[:] = [each for each in opened if at - each < timedelta(days=1)]
        workloads = {name: Workload(len(opened), last.get(name)) for name, opened in holding.items()}
        chosen = choose_assignee(AssignmentFacts(staff=alike, at=at, office_hours=OFFICE, workloads=workloads)).staff_id
        assert chosen is not None
        holding[chosen].append(at)
        last[chosen] = at
        given[chosen] += 1
    assert max(given.values()) - min(given.values()) <= 2, given


@pytest.mark.parametrize(("seed", "a_day"), MONTHS)
def test_every_choice_of_the_month_has_one_of_the_documented_reasons(seed: int, a_day: int) -> None:
    for choice in month(seed, a_day).chosen:
        found = DOCUMENTED.fullmatch(choice.assignment.reason)
        assert found, choice.assignment.reason
        assert found["name"] == (BY_ID[choice.assignment.staff_id].public_name if choice.assignment.staff_id else None)


def test_each_reason_comes_up_in_the_months() -> None:
    reasons = " ".join(choice.assignment.reason for seed in range(5) for choice in month(seed, 24).chosen)
    wanted = (
        "knows this person", "has the skill", "working now", "next at work", "fewest open tickets",
        "longest since the last one", "is away until",
    )  # fmt: skip
    assert [each for each in wanted if each not in reasons] == []


@pytest.mark.parametrize(("seed", "a_day"), MONTHS)
def test_nobody_gets_what_they_must_not_have(seed: int, a_day: int) -> None:
    simulated = month(seed, a_day)
    for choice in simulated.chosen:
        member = BY_ID.get(choice.assignment.staff_id or "")
        if member:
            assert choice.mail.skills & REQUIRED_SKILLS <= member.skills
            day = choice.at.astimezone(LONDON).date()
            assert not (member.id == LEAVE.staff_id and LEAVE.first_day <= day <= LEAVE.last_day)
    over = {name: most for name, most in simulated.most_open.items() if most > BY_ID[name].capacity}
    assert set(over) <= {"mike"}, "the lead alone gets tickets beyond their capacity"


@pytest.mark.parametrize(("seed", "a_day"), MONTHS)
def test_a_ticket_stays_with_nobody_only_where_nobody_has_what_it_needs(seed: int, a_day: int) -> None:
    left = [choice for choice in month(seed, a_day).chosen if choice.assignment.staff_id is None]
    assert all(choice.mail.skills & REQUIRED_SKILLS for choice in left)


@pytest.mark.parametrize(("seed", "a_day"), MONTHS)
def test_who_writes_again_mostly_hears_from_whom_they_know(seed: int, a_day: int) -> None:
    """Unless that person is away, full, or not skilled for a child's case."""
    known: dict[int, str] = {}
    again: defaultdict[bool, int] = defaultdict(int)
    for choice in month(seed, a_day).chosen:
        staff_id = choice.assignment.staff_id
        if choice.mail.requester in known and choice.at == choice.mail.at:
            again[known[choice.mail.requester] == staff_id] += 1
        if staff_id:
            known[choice.mail.requester] = staff_id
    assert again[True] > 4 * again[False]
