"""Who answers tickets. Their addresses are private: no repr, log or mail to a requester shows one."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum


class Role(StrEnum):
    """`lead` hears of tickets that nobody could take; `admin` of what is broken."""

    LEAD = "lead"
    ADMIN = "admin"


class Notices(StrEnum):
    """How much of a ticket a staff member wants in their private inbox."""

    FULL = "full"
    MINIMAL = "minimal"


@dataclass(frozen=True, slots=True)
class Shift:
    """Hours on one weekday (0 is Monday) in the office's time zone; `ends` is not part of it."""

    weekday: int
    starts: time
    ends: time


@dataclass(frozen=True, slots=True)
class StaffMember:
    """A staff member. Without `shifts` they work the office hours.

    `excludes` are addresses and @domains whose tickets they never get (conflict of interest). `digest`: they want the list of
    their own tickets in the morning; `lead_digest`: as a lead, that of the whole desk.
    """

    id: str
    public_name: str
    email: str = field(repr=False)
    skills: frozenset[str] = frozenset()
    roles: frozenset[Role] = frozenset()
    shifts: tuple[Shift, ...] = ()
    capacity: int = 20
    notices: Notices = Notices.FULL
    private_words: tuple[str, ...] = field(default=(), repr=False)
    excludes: tuple[str, ...] = field(default=(), repr=False)
    digest: bool = True
    lead_digest: bool = True


# The last day of an absence of which nobody knows yet when it ends.
OPEN_ENDED = date.max


@dataclass(frozen=True, slots=True)
class Absence:
    """A staff member is away on these days, both included, in the office's time zone."""

    staff_id: str
    first_day: date
    last_day: date


@dataclass(frozen=True, slots=True)
class StaffToken:
    """What a mail of ours, `delivery_id`, lets a staff member do by answering it until `expires_at`: act on this ticket."""

    staff_id: str
    ticket_id: str
    delivery_id: str
    issued_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Workload:
    """What a staff member has now: how many tickets that are not closed, and when they last got one."""

    open_tickets: int = 0
    last_assigned_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Assignment:
    """Who got a ticket and why; `staff_id` is None when nobody could take it."""

    staff_id: str | None
    reason: str
