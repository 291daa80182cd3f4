"""Who gets a ticket: the order of the choice, and who never gets one. `test_fairness` has a month of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from helpdesk.core.assign import AssignmentFacts, away_until, choose_assignee, choose_successor, may_keep, skills_for
from helpdesk.core.conflict import kept_from
from helpdesk.model.office import Closure, OfficeHours
from helpdesk.model.staff import OPEN_ENDED, Absence, Role, Shift, StaffMember, Workload

OFFICE = OfficeHours(ZoneInfo("Europe/London"), time(10), time(16), frozenset(range(5)))
# Monday 2 November 2026, 11:00 in London: the office is open.
NOW = datetime(2026, 11, 2, 11, tzinfo=UTC)
NIGHT = datetime(2026, 11, 2, 23, tzinfo=UTC)

MIKE = StaffMember("mike", "Mike", "mike@example.org", roles=frozenset({Role.LEAD}))
DANA = StaffMember("dana", "Dana", "dana@example.org")
OMAR = StaffMember("omar", "Omar", "omar@example.org")

FACTS = AssignmentFacts(staff=(MIKE, DANA, OMAR), at=NOW, office_hours=OFFICE)


def load(open_tickets: int, last: datetime | None = None) -> Workload:
    return Workload(open_tickets, last)


def test_person_who_knows_the_requester_comes_first_even_with_more_tickets() -> None:
    facts = replace(FACTS, known_staff_ids=("dana",), workloads={"dana": load(9)})
    assert choose_assignee(facts).staff_id == "dana"
    assert choose_assignee(facts).reason == "Dana: knows this person"


def test_person_who_knows_the_requester_comes_first_when_not_at_work() -> None:
    evening = replace(DANA, shifts=(Shift(4, time(18), time(20)),))
    facts = replace(FACTS, staff=(MIKE, evening), known_staff_ids=("dana",))
    assert choose_assignee(facts).staff_id == "dana"


def test_skill_comes_before_load() -> None:
    skilled = replace(OMAR, skills=frozenset({"housing"}))
    facts = replace(FACTS, staff=(MIKE, DANA, skilled), skills=frozenset({"housing"}), workloads={"omar": load(9)})
    assert choose_assignee(facts).staff_id == "omar"
    assert choose_assignee(facts).reason == "Omar: has the skill, working now"


def test_missing_skill_that_is_only_preferred_stops_nobody() -> None:
    facts = replace(FACTS, skills=frozenset({"housing"}))
    assert choose_assignee(facts).staff_id == "dana"


def test_child_goes_only_to_those_skilled_for_it_even_from_who_knows_them() -> None:
    skilled = replace(OMAR, skills=frozenset({"child"}))
    facts = replace(FACTS, staff=(MIKE, DANA, skilled), skills=frozenset({"child"}), known_staff_ids=("dana",))
    assert choose_assignee(facts).staff_id == "omar"


def test_child_with_nobody_skilled_goes_to_nobody() -> None:
    assignment = choose_assignee(replace(FACTS, staff=(MIKE,), skills=frozenset({"child"})))
    assert assignment.staff_id is None
    assert assignment.reason == "Nobody could take it: Mike does not have the skill that it needs."


def test_those_working_now_come_before_those_with_fewer_tickets() -> None:
    later = replace(DANA, shifts=(Shift(0, time(14), time(18)),))
    facts = replace(FACTS, staff=(MIKE, later), workloads={"mike": load(5)})
    assert choose_assignee(facts).staff_id == "mike"
    assert choose_assignee(facts).reason == "Mike: working now"


@pytest.mark.parametrize(
    ("shift", "expected"),
    [
        pytest.param(Shift(1, time(11), time(12)), "dana", id="tomorrow, whatever the hour"),
        pytest.param(Shift(2, time(9), time(12)), "mike", id="the day after"),
        pytest.param(Shift(0, time(22), time(0)), "dana", id="now, until midnight"),
        pytest.param(Shift(0, time(9), time(23)), "mike", id="a shift that has just ended"),
    ],
)
def test_at_night_whoever_is_at_work_now_or_on_the_next_day_gets_it(shift: Shift, expected: str) -> None:
    facts = replace(FACTS, staff=(MIKE, replace(DANA, shifts=(shift,))), at=NIGHT, workloads={"mike": load(1)})
    assert choose_assignee(facts).staff_id == expected


def test_whoever_begins_earliest_does_not_get_the_mail_of_every_night() -> None:
    early = replace(DANA, shifts=tuple(Shift(day, time(7), time(12)) for day in range(5)))
    facts = replace(FACTS, staff=(MIKE, early), at=NIGHT, workloads={"dana": load(1)})
    assert choose_assignee(facts).reason == "Mike: next at work, fewest open tickets (0)"


def test_of_two_shifts_on_a_day_the_sooner_counts() -> None:
    tuesday = NOW + timedelta(days=1)
    dana = replace(DANA, shifts=(Shift(1, time(18), time(20)), Shift(1, time(8), time(12))))
    mike = replace(MIKE, shifts=(Shift(1, time(12), time(13)),))
    assert choose_assignee(replace(FACTS, staff=(mike, dana), at=tuesday)).reason == "Dana: working now"


def test_fewest_open_tickets_wins_among_those_at_work() -> None:
    facts = replace(FACTS, workloads={"mike": load(3), "dana": load(2), "omar": load(4)})
    assert choose_assignee(facts).staff_id == "dana"
    assert choose_assignee(facts).reason == "Dana: working now, fewest open tickets (2)"


def test_longest_since_the_last_one_wins_among_equals() -> None:
    times = {"mike": load(1, NOW - timedelta(hours=1)), "dana": load(1, NOW - timedelta(hours=3)), "omar": load(1, NOW)}
    assignment = choose_assignee(replace(FACTS, workloads=times))
    assert assignment.staff_id == "dana"
    assert assignment.reason == "Dana: working now, fewest open tickets (1), longest since the last one"


def test_never_assigned_counts_as_longest() -> None:
    times = {"mike": load(0, NOW - timedelta(days=300)), "dana": load(0, NOW - timedelta(days=400))}
    assert choose_assignee(replace(FACTS, workloads=times)).staff_id == "omar"


@pytest.mark.parametrize("staff", [(MIKE, DANA, OMAR), (OMAR, MIKE, DANA), (DANA, OMAR, MIKE)])
def test_equals_are_settled_by_id_whatever_their_order(staff: tuple[StaffMember, ...]) -> None:
    assert choose_assignee(replace(FACTS, staff=staff)).staff_id == "dana"


@pytest.mark.parametrize(
    ("first", "last", "away"),
    [
        pytest.param(date(2026, 11, 2), date(2026, 11, 2), True, id="this day alone"),
        pytest.param(date(2026, 10, 26), date(2026, 11, 6), True, id="in the middle of leave"),
        pytest.param(date(2026, 10, 26), date(2026, 11, 1), False, id="back since today"),
        pytest.param(date(2026, 11, 3), date(2026, 11, 6), False, id="away from tomorrow on, at work now"),
    ],
)
def test_absent_staff_never_get_a_ticket(first: date, last: date, away: bool) -> None:
    facts = replace(FACTS, known_staff_ids=("dana",), absences=(Absence("dana", first, last),))
    assert (choose_assignee(facts).staff_id != "dana") is away


def test_leave_that_begins_with_the_next_working_day_counts_the_night_before() -> None:
    leave = Absence("dana", date(2026, 11, 3), date(2026, 11, 6))
    facts = replace(FACTS, at=NIGHT, known_staff_ids=("dana",), absences=(leave,))
    assert choose_assignee(facts).staff_id != "dana"
    on_wednesdays = replace(DANA, shifts=(Shift(2, time(10), time(16)),))
    assert choose_assignee(replace(facts, staff=(MIKE, on_wednesdays))).staff_id == "mike"


def test_staff_never_get_tickets_that_are_kept_from_them() -> None:
    facts = replace(FACTS, staff=(DANA, OMAR), known_staff_ids=("dana",), excluded=frozenset({"dana"}))
    assert choose_assignee(facts).staff_id == "omar"


@pytest.mark.parametrize("address", ["Sam@Example.NET", "sam@EXAMPLE.net."])
@pytest.mark.parametrize("entry", ["sam@example.net", "@example.net"])
def test_the_staff_list_keeps_an_address_or_a_domain_from_somebody(entry: str, address: str) -> None:
    staff = (replace(DANA, excludes=(entry,)), OMAR)
    assert kept_from(staff, ("somebody@example.org", address)) == {"dana"}


@pytest.mark.parametrize("addresses", [(), ("",), ("alex@sub.example.net",)], ids=["none", "empty", "another domain"])
def test_the_staff_list_keeps_nobody_else_from_them(addresses: tuple[str, ...]) -> None:
    assert kept_from((replace(DANA, excludes=("sam@example.net", "@example.net")),), addresses) == frozenset()


@pytest.mark.parametrize(
    ("known", "full", "expected"),
    [(("dana", "omar"), {}, "dana"), (("dana", "omar"), {"dana": load(20)}, "omar"), (("left-long-ago",), {}, "dana")],
    ids=["the first", "the second where the first is full", "nobody who is here"],
)
def test_of_several_who_know_the_requester_the_first_who_can_gets_it(
    known: tuple[str, ...], full: dict[str, Workload], expected: str
) -> None:
    facts = replace(FACTS, known_staff_ids=known, workloads={"mike": load(5), "omar": load(5), **full})
    assert choose_assignee(facts).staff_id == expected


def test_a_topic_and_signals_ask_for_skills_of_their_names() -> None:
    assert skills_for("general") == frozenset()
    assert skills_for("housing", ["child"]) == {"housing", "child"}


WEEK = Absence("dana", date(2026, 11, 2), date(2026, 11, 6))


@pytest.mark.parametrize(
    ("absences", "until"),
    [
        ((), None),
        ((WEEK,), date(2026, 11, 6)),
        ((replace(WEEK, staff_id="omar"),), None),
        ((replace(WEEK, first_day=date(2026, 11, 3)),), None),
        ((replace(WEEK, last_day=date(2026, 11, 1), first_day=date(2026, 10, 1)),), None),
        ((Absence("dana", date(2026, 11, 7), date(2026, 11, 9)), WEEK), date(2026, 11, 9)),
        ((WEEK, Absence("dana", date(2026, 11, 4), date(2026, 11, 11))), date(2026, 11, 11)),
        ((WEEK, Absence("dana", date(2026, 11, 4), date(2026, 11, 5))), date(2026, 11, 6)),
        ((WEEK, Absence("dana", date(2026, 11, 8), date(2026, 11, 9))), date(2026, 11, 6)),
        ((replace(WEEK, last_day=OPEN_ENDED), replace(WEEK, first_day=date(2026, 12, 1))), OPEN_ENDED),
    ],
    ids=["none", "one", "another's", "tomorrow", "over", "one after the other", "overlapping", "within", "a gap", "no end"],
)
def test_an_absence_lasts_as_long_as_those_that_follow_it(absences: tuple[Absence, ...], until: date | None) -> None:
    assert away_until("dana", absences, date(2026, 11, 2)) == until


@pytest.mark.parametrize(
    ("holder", "changes", "reason"),
    [
        ("dana", {"absences": (WEEK,)}, "Omar: working now, fewest open tickets (0); Dana is away until Friday 6 November"),
        (
            "dana",
            {"absences": (replace(WEEK, last_day=OPEN_ENDED),)},
            "Omar: working now, fewest open tickets (0); Dana is away",
        ),
        ("kim", {}, "Omar: working now, fewest open tickets (0); kim is not among the staff any more"),
        ("dana", {"excluded": frozenset({"dana"}), "absences": (WEEK,)}, "Omar: working now, fewest open tickets (0)"),
        ("kim", {"excluded": frozenset({"kim"})}, "Omar: working now, fewest open tickets (0)"),
        ("dana", {}, "Omar: working now, fewest open tickets (0)"),
        (
            "dana",
            {"absences": (WEEK,), "staff": (DANA,)},
            "Nobody could take it: Dana is away.",
        ),
    ],
    ids=["away", "away, nobody knows how long", "left", "kept from them", "left, and kept", "there", "nobody else"],
)
def test_a_successor_is_told_why_but_for_a_conflict_of_interest(holder: str, changes: dict[str, object], reason: str) -> None:
    facts = replace(FACTS, workloads={"mike": load(3), "dana": load(3)}, **changes)
    assert choose_successor(holder, facts).reason == reason


@pytest.mark.parametrize(
    ("holder", "changes", "may"),
    [
        ("dana", {}, True),
        ("dana", {"workloads": {"dana": load(99)}}, True),
        ("dana", {"absences": (WEEK,)}, False),
        ("dana", {"excluded": frozenset({"dana"})}, False),
        ("kim", {}, False),
    ],
    ids=["there", "over capacity", "away", "kept from them", "left"],
)
def test_who_may_keep_a_ticket(holder: str, changes: dict[str, object], may: bool) -> None:
    assert may_keep(holder, replace(FACTS, **changes)) is may


def test_staff_at_capacity_are_passed_over_even_when_they_know_the_requester() -> None:
    full = replace(DANA, capacity=2)
    facts = replace(FACTS, staff=(MIKE, full), known_staff_ids=("dana",), workloads={"dana": load(2)})
    assert choose_assignee(facts).staff_id == "mike"
    assert choose_assignee(facts).reason == "Mike: working now, nobody else could take it"


def test_when_all_are_full_the_lead_gets_it_beyond_their_capacity() -> None:
    staff = (replace(MIKE, capacity=1), replace(DANA, capacity=0))
    assignment = choose_assignee(replace(FACTS, staff=staff, workloads={"mike": load(1)}))
    assert assignment.staff_id == "mike"
    assert assignment.reason == "Mike: lead, all who could take it are full (1 ticket open)"


def test_of_two_full_leads_the_one_with_fewer_tickets_gets_it() -> None:
    staff = (replace(MIKE, capacity=1), replace(DANA, capacity=1, roles=frozenset({Role.LEAD})))
    facts = replace(FACTS, staff=staff, workloads={"mike": load(1), "dana": load(3)})
    assert choose_assignee(facts).staff_id == "mike"


def test_full_lead_who_is_excluded_does_not_get_it() -> None:
    staff = (replace(MIKE, capacity=0), replace(DANA, capacity=2))
    away = Absence("omar", date(2026, 11, 2), date(2026, 11, 2))
    facts = replace(FACTS, staff=(*staff, OMAR), workloads={"dana": load(2)}, absences=(away,), excluded=frozenset({"mike"}))
    assignment = choose_assignee(facts)
    assert assignment.staff_id is None
    assert assignment.reason == (
        "Nobody could take it: Mike is not to have this person's tickets; Dana is full (2 tickets open); Omar is away."
    )


def test_no_staff_is_said() -> None:
    assert choose_assignee(replace(FACTS, staff=())).reason == "Nobody could take it: there are no staff."


def test_shifts_fall_out_on_bank_holidays_and_closures() -> None:
    office = replace(OFFICE, closures=(Closure(date(2026, 11, 3), date(2026, 11, 3)),))
    tuesdays = replace(DANA, shifts=(Shift(1, time(8), time(9)),))
    facts = replace(FACTS, staff=(MIKE, tuesdays), at=NIGHT, office_hours=office)
    assert choose_assignee(facts).staff_id == "mike", "both closed on Tuesday, and Mike is back on Wednesday"


def test_office_that_never_opens_still_finds_somebody() -> None:
    shut = replace(OFFICE, closures=(Closure(date(2026, 1, 1), date(2029, 1, 1)),))
    with_shift = replace(OMAR, shifts=(Shift(0, time(8), time(9)),))
    absence = Absence("dana", date(2026, 1, 1), date(2026, 1, 2))
    facts = replace(FACTS, staff=(DANA, with_shift), office_hours=shut, absences=(absence,))
    assert choose_assignee(facts).staff_id == "dana"
