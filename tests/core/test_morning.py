"""Who gets which list in the morning, as all stood at the opening."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from helpdesk.core.morning import Digest, MorningFacts, decide_digests, for_leads
from helpdesk.core.remind import ReminderRules
from helpdesk.model.delivery import DeliveryState, Purpose
from helpdesk.model.office import OfficeHours
from helpdesk.model.policy import TicketPolicy
from helpdesk.model.reminder import Step, StoppedMail, WaitingTicket
from helpdesk.model.staff import Role, Shift, StaffMember
from helpdesk.model.ticket import EventKind, Priority, TicketState

OPENING = datetime(2026, 11, 9, 10, tzinfo=UTC)
MIKE = StaffMember("mike", "Mike", "mike@example.net", roles=frozenset({Role.LEAD}))
DANA = StaffMember("dana", "Dana", "dana@example.net", roles=frozenset({Role.ADMIN}))
RULES = ReminderRules(
    OfficeHours(ZoneInfo("Europe/London"), time(10), time(16), frozenset(range(5))), TicketPolicy(), frozenset({"mike", "dana"})
)


def ticket(number: int, day: int, assignee: str | None = "dana", **changes: object) -> WaitingTicket:
    """A ticket that was opened, and came to staff, on a day of November 2026 at noon."""
    at = datetime(2026, 11, day, 12, tzinfo=UTC)
    given = EventKind.ASSIGNED if assignee else EventKind.UNASSIGNED
    waiting = WaitingTicket(
        id=str(number),
        number=number,
        state=TicketState.NEW,
        priority=Priority.NORMAL,
        assignee=assignee,
        opened_at=at,
        answered_at=None,
        paused=False,
        reached=True,
        steps=(Step("1", EventKind.OPENED, at), Step("2", given, at)),
    )
    return replace(waiting, **changes)  # type: ignore[arg-type]


def stopped(purpose: Purpose = Purpose.ACKNOWLEDGEMENT, mail: str = "m") -> StoppedMail:
    return StoppedMail(mail, purpose, DeliveryState.HELD, 1001, OPENING)


def facts(*tickets: WaitingTicket, **changes: object) -> MorningFacts:
    return replace(MorningFacts(OPENING, (MIKE, DANA), tickets), **changes)  # type: ignore[arg-type]


def digests(known: MorningFacts, rules: ReminderRules = RULES) -> dict[str, Digest]:
    return {each.staff_id: each for each in decide_digests(known, rules)}


def numbers(tickets: tuple[WaitingTicket, ...]) -> list[int]:
    return [each.number for each in tickets]


def test_staff_get_their_own_tickets_the_longest_wait_first() -> None:
    again = Step("3", EventKind.FOLLOW_UP, datetime(2026, 11, 6, 12, tzinfo=UTC))
    old = ticket(1001, 2)
    answered = replace(old, answered_at=datetime(2026, 11, 3, 12, tzinfo=UTC), steps=(*old.steps, again))
    found = digests(facts(answered, ticket(1002, 5), ticket(1003, 5), ticket(1004, 4, "mike")))
    assert numbers(found["dana"].own) == [1002, 1003, 1001]
    assert numbers(found["mike"].own) == [1004]


def test_who_has_nothing_gets_nothing() -> None:
    assert digests(facts()) == {}
    assert list(digests(facts(ticket(1001, 8)))) == ["dana"]


def test_leads_get_what_is_with_nobody_and_what_is_late() -> None:
    left = ticket(1003, 2, "who-left")
    found = digests(facts(ticket(1001, 5), ticket(1002, 2, None), left, ticket(1004, 8), ticket(1005, 2, paused=True)))
    assert numbers(found["mike"].unassigned) == [1002, 1003]
    assert numbers(found["mike"].overdue) == [1001]
    assert (found["dana"].unassigned, found["dana"].overdue) == ((), ())


def test_leads_get_mail_to_people_that_went_nowhere_and_no_leads_were_told_of() -> None:
    lost = replace(stopped(Purpose.REPLY, "lost"), state=DeliveryState.FAILED)
    mails = (stopped(mail="new"), stopped(mail="known"), lost, stopped(Purpose.REPLY, "with its author"))
    to_staff = (stopped(Purpose.STAFF_ASSIGNED), stopped(Purpose.DIGEST))
    found = digests(facts(stopped=(*mails, *to_staff), told=frozenset({"known"})))
    assert {staff_id: [each.id for each in digest.stopped] for staff_id, digest in found.items()} == {"mike": ["new", "lost"]}


@pytest.mark.parametrize(
    ("roles", "expected"),
    [
        pytest.param({Role.LEAD}, True, id="a lead"),
        pytest.param({Role.LEAD, Role.ADMIN}, False, id="who is an admin too, and has a mail of it"),
        pytest.param({Role.ADMIN}, False, id="an admin"),
    ],
)
def test_what_a_comparison_held_back_is_told_once(roles: set[Role], expected: bool) -> None:
    member = replace(MIKE, roles=frozenset(roles))
    assert bool(digests(facts(staff=(member,), held_back=True))) is expected


def test_junk_is_counted_for_the_leads() -> None:
    assert {staff_id: digest.junk for staff_id, digest in digests(facts(junk=3)).items()} == {"mike": 3}


def test_what_came_after_the_opening_belongs_to_the_next_day() -> None:
    assert digests(facts(ticket(1001, 9), ticket(1002, 8, opened_at=OPENING))) == {}


@pytest.mark.parametrize(
    ("member", "there", "has_one"),
    [
        pytest.param(DANA, True, True, id="in the office"),
        pytest.param(DANA, False, False, id="away"),
        pytest.param(replace(DANA, shifts=(Shift(0, time(12), time(16)),)), True, True, id="works on mondays"),
        pytest.param(replace(DANA, shifts=(Shift(1, time(12), time(16)),)), True, False, id="works on tuesdays"),
        pytest.param(replace(DANA, digest=False), True, False, id="wants none"),
    ],
)
def test_only_those_get_a_list_who_work_on_that_day_and_want_it(member: StaffMember, there: bool, has_one: bool) -> None:
    rules = RULES if there else replace(RULES, there=frozenset({"mike"}))
    assert ("dana" in digests(facts(ticket(1001, 8), staff=(member,)), rules)) is has_one


@pytest.mark.parametrize(
    ("digest", "lead_digest", "own", "junk"),
    [
        pytest.param(True, True, [1001], 3, id="both lists"),
        pytest.param(True, False, [1001], 0, id="their own alone"),
        pytest.param(False, True, [], 3, id="that of the desk alone"),
    ],
)
def test_a_lead_may_want_one_of_the_two_lists(digest: bool, lead_digest: bool, own: list[int], junk: int) -> None:
    lead = replace(MIKE, digest=digest, lead_digest=lead_digest)
    found = digests(facts(ticket(1001, 8, "mike"), staff=(lead,), junk=3))["mike"]
    assert (numbers(found.own), found.junk) == (own, junk)


def test_whose_answer_was_held_reads_on_which_ticket() -> None:
    found = digests(facts(answers={"dana": (1001, 1002)}))
    assert {staff_id: digest.answers for staff_id, digest in found.items()} == {"dana": (1001, 1002)}
    quiet = replace(DANA, digest=False)
    assert digests(facts(staff=(MIKE, quiet), answers={"dana": (1001,)})) == {}


def test_leads_do_not_read_of_what_is_kept_from_them() -> None:
    tickets = (ticket(1001, 2, None), ticket(1002, 2), ticket(1003, 2, "mike"), ticket(1004, 2, None))
    mails = (stopped(), replace(stopped(mail="x"), ticket_number=1004), replace(stopped(mail="y"), ticket_number=None))
    kept = dict.fromkeys((1001, 1002, 1003), frozenset({"mike"}))
    found = digests(facts(*tickets, stopped=mails, kept_from=kept))
    mikes = found["mike"]
    assert (numbers(mikes.own), numbers(mikes.unassigned), numbers(mikes.overdue)) == ([], [1004], [])
    assert [each.id for each in mikes.stopped] == ["x", "y"]
    assert numbers(found["dana"].own) == [1002]


def test_it_is_only_asked_of_what_leads_would_read_of_whom_it_is_kept_from() -> None:
    known = facts(
        *(ticket(1001, 2, None), ticket(1002, 2), ticket(1003, 8)),
        stopped=(replace(stopped(), ticket_number=1004), replace(stopped(mail="x"), ticket_number=None)),
    )
    assert for_leads(known, RULES) == {1001, 1002, 1004}
