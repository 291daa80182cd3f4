"""A fortnight with leave, weekends and a bank holiday: every mail that was sent, to whom and when."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import date
from functools import cache
from itertools import count
from pathlib import Path
from uuid import NAMESPACE_DNS, uuid5

import pytest

from helpdesk.jobs.carry_out import Desk
from helpdesk.model.policy import TicketPolicy
from helpdesk.model.staff import Role, StaffMember
from tests.jobs.conftest import make_desk, make_office
from tests.jobs.days import Days

# Made once: its templates are tried in every situation.
the_desk = cache(make_desk)
# Who leads takes tickets only where nobody else can.
MIKE = StaffMember("mike", "Mike", "mike.private@example.net", roles=frozenset({Role.LEAD, Role.ADMIN}), capacity=0)
DANA = StaffMember("dana", "Dana", "dana.private@example.net")
KIM = StaffMember("kim", "Kim", "kim.private@example.net")


def desk_of(*staff: StaffMember, tickets: TicketPolicy = TicketPolicy()) -> Desk:  # noqa: B008 - it is frozen
    """A desk with these staff; its tokens look like real ones, since the guard over replies looks for them."""
    desk, numbers = the_desk(), count()
    return replace(
        desk,
        staff=staff,
        tickets=tickets,
        ourselves=replace(desk.ourselves, staff_addresses=frozenset(member.email for member in staff)),
        letters=replace(desk.letters, new_token=lambda: uuid5(NAMESPACE_DNS, str(next(numbers))).hex),
    )


# By the clock in London. The office is open from 10:00 to 16:00; Monday 4 May 2026 is a bank holiday. Reminders come after four
# office hours, the leads hear after eight, and a person who waits is told so after three office days.
FORTNIGHT = """\
Mon 27 Apr 10:30  rowan   acknowledgement      EHT-1001
Mon 27 Apr 10:30  Dana    staff_assigned       EHT-1001
Mon 27 Apr 14:30  Dana    staff_reminder       EHT-1001
Mon 27 Apr 22:00  noor    acknowledgement      EHT-1002
Mon 27 Apr 22:00  Kim     staff_assigned       EHT-1002
Tue 28 Apr 10:00  Dana    digest               yours EHT-1001
Tue 28 Apr 10:00  Kim     digest               yours EHT-1002
Tue 28 Apr 11:00  Dana    staff_reply_waiting  EHT-1001
Tue 28 Apr 11:10  rowan   reply                EHT-1001
Tue 28 Apr 14:00  Kim     staff_reminder       EHT-1002
Tue 28 Apr 15:00  claire  acknowledgement      EHT-1003
Tue 28 Apr 15:00  Dana    staff_assigned       EHT-1003
Wed 29 Apr 00:00  Kim     staff_assigned       EHT-1003
Wed 29 Apr 00:00  Dana    staff_moved          EHT-1003
Wed 29 Apr 10:00  Kim     digest               yours EHT-1002 EHT-1003
Wed 29 Apr 12:00  Mike    staff_escalation     EHT-1002
Wed 29 Apr 13:00  Kim     staff_reply_waiting  EHT-1002
Wed 29 Apr 13:10  noor    reply                EHT-1002
Wed 29 Apr 14:00  Kim     staff_reminder       EHT-1003
Thu 30 Apr 10:00  Kim     digest               yours EHT-1003
Thu 30 Apr 11:00  Mike    staff_escalation     EHT-1003
Thu 30 Apr 12:00  Kim     staff_reply_waiting  EHT-1003
Thu 30 Apr 12:10  claire  reply                EHT-1003
Thu 30 Apr 13:00  sian    acknowledgement      EHT-1004
Thu 30 Apr 13:00  Kim     staff_assigned       EHT-1004
Fri 01 May 10:00  Kim     digest               yours EHT-1004
Fri 01 May 15:00  ade     acknowledgement      EHT-1005
Fri 01 May 15:00  Kim     staff_assigned       EHT-1005
Tue 05 May 10:00  Mike    digest               junk 1 mail
Tue 05 May 10:00  Kim     digest               yours EHT-1004 EHT-1005
Tue 05 May 11:00  Dana    staff_message        EHT-1001
Tue 05 May 13:00  Kim     staff_reminder       EHT-1005
Tue 05 May 15:00  Dana    staff_reminder       EHT-1001
Wed 06 May 10:00  Dana    digest               yours EHT-1001
Wed 06 May 10:00  Kim     digest               yours EHT-1004 EHT-1005
Wed 06 May 11:00  Mike    staff_escalation     EHT-1005
Wed 06 May 13:00  Mike    staff_escalation     EHT-1001
Wed 06 May 13:00  sian    still_with_you       EHT-1004
Wed 06 May 14:00  Kim     staff_reminder       EHT-1004
Wed 06 May 14:30  Dana    staff_reply_waiting  EHT-1001
Wed 06 May 14:40  rowan   reply                EHT-1001
Thu 07 May 10:00  Mike    digest               late EHT-1005
Thu 07 May 10:00  Kim     digest               yours EHT-1004 EHT-1005
Thu 07 May 11:00  Kim     staff_reply_waiting  EHT-1004
Thu 07 May 11:10  sian    reply                EHT-1004
Thu 07 May 15:00  ade     still_with_you       EHT-1005
Fri 08 May 10:00  Mike    digest               late EHT-1005
Fri 08 May 10:00  Kim     digest               yours EHT-1005
"""


def test_every_mail_of_a_fortnight(tmp_path: Path) -> None:
    office = make_office(tmp_path, desk_of(MIKE, DANA, KIM, tickets=TicketPolicy(still_with_you_days=3)))
    days = Days(office)
    # Answered after the reminder, before the leads hear; then they write again, and wait until the leads hear.
    days.writes("2026-04-27 10:30", "Rowan")
    days.answers("2026-04-28 11:00", 1001)
    days.writes("2026-05-05 11:00", "Rowan")
    days.answers("2026-05-06 14:30", 1001)
    # Written at night: the clocks begin in the morning.
    days.writes("2026-04-27 22:00", "Noor")
    days.answers("2026-04-29 13:00", 1002)
    # Dana has it, and goes on leave: Kim has four hours of her own, and the leads hear when Claire has waited for eight.
    days.writes("2026-04-28 15:00", "Claire")
    days.at("2026-04-28 15:30", lambda: office.actions.away("dana", date(2026, 4, 29), date(2026, 5, 1)))
    days.answers("2026-04-30 12:00", 1003)
    # Nobody is reminded while it is paused. It stays on Kim's list, and the reminder comes four hours after.
    days.writes("2026-04-30 13:00", "Sian")
    days.at("2026-04-30 14:00", lambda: office.actions.pause(1004))
    days.at("2026-05-06 10:00", lambda: office.actions.resume(1004))
    days.answers("2026-05-07 11:00", 1004)
    # Over a weekend and a bank holiday, and never answered: four, eight and eighteen office hours, and no more.
    days.writes("2026-05-01 15:00", "Ade")
    days.at("2026-05-08 11:00", lambda: office.actions.close(1005))
    # Nobody is told of junk but the lead, in the morning.
    days.writes("2026-05-02 09:00", "Prize", junk=True)
    with closing(office.store):
        days.live("2026-04-27 00:00", "2026-05-10 23:50")
        assert days.table().splitlines() == FORTNIGHT.splitlines()


SPRING = """\
Fri 27 Mar 15:00  rowan   acknowledgement      EHT-1001
Fri 27 Mar 15:00  Dana    staff_assigned       EHT-1001
Mon 30 Mar 10:00  Dana    digest               yours EHT-1001
Mon 30 Mar 13:00  Dana    staff_reminder       EHT-1001
Tue 31 Mar 10:00  Dana    digest               yours EHT-1001
Tue 31 Mar 11:00  Mike    staff_escalation     EHT-1001
"""
AUTUMN = """\
Fri 23 Oct 15:00  rowan   acknowledgement      EHT-1001
Fri 23 Oct 15:00  Dana    staff_assigned       EHT-1001
Mon 26 Oct 10:00  Dana    digest               yours EHT-1001
Mon 26 Oct 13:00  Dana    staff_reminder       EHT-1001
Tue 27 Oct 10:00  Dana    digest               yours EHT-1001
Tue 27 Oct 11:00  Mike    staff_escalation     EHT-1001
"""


@pytest.mark.parametrize(
    ("wrote_at", "last", "table"),
    [
        pytest.param("2026-03-27 15:00", "2026-03-31 16:00", SPRING, id="when summer time begins"),
        pytest.param("2026-10-23 15:00", "2026-10-27 16:00", AUTUMN, id="when summer time ends"),
    ],
)
def test_a_changed_clock_moves_no_mail_by_an_hour(tmp_path: Path, wrote_at: str, last: str, table: str) -> None:
    office = make_office(tmp_path, desk_of(MIKE, DANA))
    days = Days(office)
    days.writes(wrote_at, "Rowan")
    with closing(office.store):
        days.live(wrote_at, last)
        assert days.table().splitlines() == table.splitlines()
