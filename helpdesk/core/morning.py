"""Who gets which list in the morning: staff their own tickets, the leads what is with nobody, late, or reached nobody. Pure.

All of it is as it stood at the opening, so that a worker that comes late, or a second one, says the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from helpdesk.core.remind import ReminderRules, is_overdue, waits_since
from helpdesk.model.delivery import TO_REQUESTERS, DeliveryState, Purpose
from helpdesk.model.reminder import StoppedMail, WaitingTicket
from helpdesk.model.staff import Role, StaffMember


@dataclass(frozen=True, slots=True)
class MorningFacts:
    """What is known at `opening`.

    `stopped`, `junk` (how many mails were filed as junk) and `held_back` (the daily comparison held messages back) are those
    since the opening before. `told` are the ids of deliveries of which the leads got a mail already.
    """

    opening: datetime
    staff: Sequence[StaffMember]
    tickets: Sequence[WaitingTicket]
    stopped: Sequence[StoppedMail] = ()
    told: frozenset[str] = frozenset()
    junk: int = 0
    held_back: bool = False


@dataclass(frozen=True, slots=True)
class Digest:
    """What one staff member reads; the oldest comes first. All but `own` is for leads."""

    staff_id: str
    own: tuple[WaitingTicket, ...] = ()
    unassigned: tuple[WaitingTicket, ...] = ()
    overdue: tuple[WaitingTicket, ...] = ()
    stopped: tuple[StoppedMail, ...] = ()
    junk: int = 0
    held_back: bool = False

    @property
    def is_empty(self) -> bool:
        return not (self.own or self.unassigned or self.overdue or self.stopped or self.junk or self.held_back)


def decide_digests(facts: MorningFacts, rules: ReminderRules) -> tuple[Digest, ...]:
    """A digest for each who works today and has something to read in it; none for those who are away, or want none."""
    tickets = _oldest_first(each for each in facts.tickets if each.opened_at < facts.opening)
    digests = (_digest(member, tickets, facts, rules) for member in facts.staff if _works_today(member, facts, rules))
    return tuple(each for each in digests if not each.is_empty)


def _works_today(member: StaffMember, facts: MorningFacts, rules: ReminderRules) -> bool:
    weekday = facts.opening.astimezone(rules.hours.zone).weekday()
    has_shift = not member.shifts or any(shift.weekday == weekday for shift in member.shifts)
    return member.id in rules.there and has_shift


def _digest(member: StaffMember, tickets: Sequence[WaitingTicket], facts: MorningFacts, rules: ReminderRules) -> Digest:
    own = tuple(each for each in tickets if each.assignee == member.id) if member.digest else ()
    if Role.LEAD not in member.roles or not member.lead_digest:
        return Digest(member.id, own)
    known = {each.id for each in facts.staff}
    return Digest(
        member.id,
        own,
        unassigned=tuple(each for each in tickets if each.assignee not in known),
        overdue=tuple(each for each in tickets if each.assignee in known and is_overdue(each, rules, facts.opening)),
        stopped=tuple(each for each in facts.stopped if _is_news(each) and each.id not in facts.told),
        junk=facts.junk,
        # The admins have a mail of it.
        held_back=facts.held_back and Role.ADMIN not in member.roles,
    )


def _is_news(mail: StoppedMail) -> bool:
    """Whether a person has not got what they should: of mail to staff the leads hear at once, a held reply is its author's."""
    is_with_its_author = mail.purpose is Purpose.REPLY and mail.state is DeliveryState.HELD
    return mail.purpose in TO_REQUESTERS and not is_with_its_author


def _oldest_first(tickets: Iterable[WaitingTicket]) -> tuple[WaitingTicket, ...]:
    return tuple(sorted(tickets, key=lambda ticket: (waits_since(ticket), ticket.number)))
