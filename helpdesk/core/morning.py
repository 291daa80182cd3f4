"""Who gets which list in the morning: staff their own tickets, the leads what is with nobody, late, or reached nobody. Pure.

All of it is as it stood at the opening, so that a worker that comes late, or a second one, says the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from helpdesk.core.remind import ReminderRules, is_overdue, waits_since
from helpdesk.model.delivery import TO_REQUESTERS, DeliveryState, Purpose
from helpdesk.model.reminder import StoppedMail, WaitingTicket
from helpdesk.model.staff import Role, StaffMember


@dataclass(frozen=True, slots=True)
class MorningFacts:
    """What is known at `opening`.

    `stopped`, `junk` (how many mails were filed as junk) and `held_back` (the daily comparison held messages back) are those
    since the opening before. `told` are the ids of deliveries of which the leads got a mail already. `kept_from` are, by number
    of a ticket, the ids of those who must not hear of it; `answers`, by staff id, the numbers of the tickets on which an answer
    of theirs was held.
    """

    opening: datetime
    staff: Sequence[StaffMember]
    tickets: Sequence[WaitingTicket]
    stopped: Sequence[StoppedMail] = ()
    told: frozenset[str] = frozenset()
    junk: int = 0
    held_back: bool = False
    kept_from: Mapping[int, frozenset[str]] = field(default_factory=dict)
    answers: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    def may_hear(self, staff_id: str, ticket_number: int | None) -> bool:
        return ticket_number is None or staff_id not in self.kept_from.get(ticket_number, ())


@dataclass(frozen=True, slots=True)
class Digest:
    """What one staff member reads; the oldest comes first. All but `own` and `answers` is for leads."""

    staff_id: str
    own: tuple[WaitingTicket, ...] = ()
    answers: tuple[int, ...] = ()
    unassigned: tuple[WaitingTicket, ...] = ()
    overdue: tuple[WaitingTicket, ...] = ()
    stopped: tuple[StoppedMail, ...] = ()
    junk: int = 0
    held_back: bool = False

    @property
    def is_empty(self) -> bool:
        return not (self.own or self.answers or self.unassigned or self.overdue or self.stopped or self.junk or self.held_back)


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
    heard_of = [each for each in tickets if facts.may_hear(member.id, each.number)]
    own = tuple(each for each in heard_of if each.assignee == member.id) if member.digest else ()
    answers = facts.answers.get(member.id, ()) if member.digest else ()
    if Role.LEAD not in member.roles or not member.lead_digest:
        return Digest(member.id, own, answers)
    return Digest(
        member.id,
        own,
        answers,
        unassigned=tuple(each for each in heard_of if not _is_with_somebody(each, facts.staff)),
        overdue=tuple(each for each in heard_of if _is_late(each, facts, rules)),
        stopped=tuple(each for each in _news(facts) if facts.may_hear(member.id, each.ticket_number)),
        junk=facts.junk,
        # The admins have a mail of it.
        held_back=facts.held_back and Role.ADMIN not in member.roles,
    )


def for_leads(facts: MorningFacts, rules: ReminderRules) -> frozenset[int]:
    """The numbers of the tickets that leads would read of, before it is asked whom they are kept from."""
    listed = (each for each in facts.tickets if not _is_with_somebody(each, facts.staff) or _is_late(each, facts, rules))
    stopped = (each.ticket_number for each in _news(facts) if each.ticket_number)
    return frozenset((*(each.number for each in listed), *stopped))


def _is_with_somebody(ticket: WaitingTicket, staff: Sequence[StaffMember]) -> bool:
    return any(member.id == ticket.assignee for member in staff)


def _is_late(ticket: WaitingTicket, facts: MorningFacts, rules: ReminderRules) -> bool:
    return _is_with_somebody(ticket, facts.staff) and is_overdue(ticket, rules, facts.opening)


def _news(facts: MorningFacts) -> Iterator[StoppedMail]:
    return (each for each in facts.stopped if _is_news(each) and each.id not in facts.told)


def _is_news(mail: StoppedMail) -> bool:
    """Whether a person has not got what they should: of mail to staff the leads hear at once, a held reply is its author's."""
    is_with_its_author = mail.purpose is Purpose.REPLY and mail.state is DeliveryState.HELD
    return mail.purpose in TO_REQUESTERS and not is_with_its_author


def _oldest_first(tickets: Iterable[WaitingTicket]) -> tuple[WaitingTicket, ...]:
    return tuple(sorted(tickets, key=lambda ticket: (waits_since(ticket), ticket.number)))
