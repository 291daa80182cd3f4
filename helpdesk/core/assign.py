"""Who gets a ticket, and why: DESIGN section 5. Knows nothing of what the ticket says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from helpdesk.core.addresses import lookup_form
from helpdesk.core.office_hours import is_closed_day, is_open, next_opening, span_on
from helpdesk.model.office import OfficeHours
from helpdesk.model.staff import Absence, Assignment, Role, StaffMember, Workload

# Skills without which nobody gets such a ticket, however free they are; all others are preferred.
REQUIRED_SKILLS = frozenset({"child"})

# Shifts come round weekly, so eight weeks outlast any closure that an assignment may look beyond.
_DAYS_AHEAD = 56
_NEVER = datetime.max.replace(tzinfo=UTC)
_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_NO_WORK = Workload()


@dataclass(frozen=True, slots=True)
class AssignmentFacts:
    """What the choice goes by.

    `at` is an aware datetime; `workloads` is by staff id, and a missing one counts as no tickets; `absences` are those
    known around that day; `known_staff_id` is the most recent assignee of this requester's tickets; `skills` is what
    the ticket's topic and signals ask for.
    """

    staff: Sequence[StaffMember]
    requester: str = field(repr=False)
    at: datetime
    office_hours: OfficeHours
    workloads: Mapping[str, Workload] = field(default_factory=dict)
    absences: Sequence[Absence] = ()
    known_staff_id: str | None = None
    skills: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Candidate:
    """Somebody who may have the ticket, with what the order goes by."""

    member: StaffMember
    skilled: int
    at_work_from: datetime
    workload: Workload

    @property
    def rank(self) -> tuple[int, datetime, int, datetime, str]:
        """Lower comes first; the id settles what is left, so that the same facts give the same answer."""
        last = self.workload.last_assigned_at or _LONG_AGO
        return (-self.skilled, self.at_work_from, self.workload.open_tickets, last, self.member.id)


def choose_assignee(facts: AssignmentFacts) -> Assignment:
    """Choose who gets a ticket; the reason is a sentence for staff, and there whether somebody was found or not.

    In order: who knows this requester; who has the skills; who is at work now or soonest; fewest open tickets; longest
    since the last one. Never the absent, the excluded, those without a required skill, or those at capacity; when
    everybody who could is at capacity, a lead gets it beyond their own.
    """
    requester = _names_of(facts.requester)
    fit = [member for member in facts.staff if not _obstacle(member, requester, facts)]
    free = [member for member in fit if not _is_full(member, facts)]
    known = next((member for member in free if member.id == facts.known_staff_id), None)
    if known is not None:
        return Assignment(known.id, f"{known.public_name}: knows this person")
    if free:
        return _choose(_candidates(free, facts), facts)
    leads = [member for member in fit if Role.LEAD in member.roles]
    if leads:
        lead = min(_candidates(leads, facts), key=lambda candidate: candidate.rank)
        count = _tickets(lead.workload.open_tickets)
        return Assignment(lead.member.id, f"{lead.member.public_name}: lead, all who could take it are full ({count} open)")
    return Assignment(None, _why_nobody(requester, facts))


def _candidates(members: Sequence[StaffMember], facts: AssignmentFacts) -> list[_Candidate]:
    office_from, today = _office_from(facts), _local_day(facts, facts.at)
    return [
        _Candidate(
            member=member,
            skilled=len(member.skills & facts.skills),
            at_work_from=_shift_from(member, facts, today) if member.shifts else office_from,
            workload=facts.workloads.get(member.id, _NO_WORK),
        )
        for member in members
    ]


def _choose(candidates: Sequence[_Candidate], facts: AssignmentFacts) -> Assignment:
    chosen = min(candidates, key=lambda candidate: candidate.rank)
    words = ["has the skill"] if chosen.skilled else []
    words.append("working now" if chosen.at_work_from <= facts.at else "next at work")
    rivals = [
        other
        for other in candidates
        if other is not chosen and (other.skilled, other.at_work_from) == (chosen.skilled, chosen.at_work_from)
    ]
    if rivals:
        words.append(f"fewest open tickets ({chosen.workload.open_tickets})")
    if any(other.workload.open_tickets == chosen.workload.open_tickets for other in rivals):
        words.append("longest since the last one")
    if len(candidates) == 1:
        words.append("nobody else could take it")
    return Assignment(chosen.member.id, f"{chosen.member.public_name}: {', '.join(words)}")


def _obstacle(member: StaffMember, requester: frozenset[str], facts: AssignmentFacts) -> str:
    """Why this ticket can never be this person's now, in words; empty when nothing stands against it."""
    if facts.absences and _is_away(member, facts):
        return "is away"
    if not requester.isdisjoint(member.excludes):
        return "is not to have this person's tickets"
    if facts.skills and not facts.skills & REQUIRED_SKILLS <= member.skills:
        return "does not have the skill that it needs"
    return ""


def _is_away(member: StaffMember, facts: AssignmentFacts) -> bool:
    """Away today, or on the day on which they would next be at work."""
    own = [absence for absence in facts.absences if absence.staff_id == member.id]
    if not own:
        return False
    today = _local_day(facts, facts.at)
    at_work_from = _shift_from(member, facts, today) if member.shifts else _office_from(facts)
    days = {today, _local_day(facts, min(at_work_from, _NEVER - timedelta(days=1)))}
    return any(absence.first_day <= day <= absence.last_day for absence in own for day in days)


def _is_full(member: StaffMember, facts: AssignmentFacts) -> bool:
    return facts.workloads.get(member.id, _NO_WORK).open_tickets >= member.capacity


def _office_from(facts: AssignmentFacts) -> datetime:
    """When those who work the office hours are at work: now, or at the next opening."""
    if is_open(facts.office_hours, facts.at):
        return facts.at
    return next_opening(facts.office_hours, facts.at) or _NEVER


def _shift_from(member: StaffMember, facts: AssignmentFacts, today: date) -> datetime:
    """When somebody with shifts of their own is at work; bank holidays and closures are theirs too."""
    weekdays = {shift.weekday for shift in member.shifts}
    first_weekday = today.weekday()
    for ahead in range(_DAYS_AHEAD):
        if (first_weekday + ahead) % 7 not in weekdays:
            continue
        day = today + timedelta(days=ahead)
        starts = [] if is_closed_day(facts.office_hours, day) else _starts_on(member, facts, day)
        if starts:
            return min(starts)
    return _NEVER


def _starts_on(member: StaffMember, facts: AssignmentFacts, day: date) -> list[datetime]:
    """The moments from which the shifts of one day count: now for one that runs, its start for one to come."""
    spans = [
        span_on(facts.office_hours.zone, day, shift.starts, shift.ends)
        for shift in member.shifts
        if shift.weekday == day.weekday()
    ]
    return [max(starts, facts.at) for starts, ends in spans if facts.at < ends and starts < ends]


def _local_day(facts: AssignmentFacts, at: datetime) -> date:
    return at.astimezone(facts.office_hours.zone).date()


def _names_of(address: str) -> frozenset[str]:
    """What a list of exclusions may call this address; made once, since IDNA is slow."""
    form = lookup_form(address)
    return frozenset({form, f"@{form.rpartition('@')[2]}"})


def _why_nobody(requester: frozenset[str], facts: AssignmentFacts) -> str:
    if not facts.staff:
        return "Nobody could take it: there are no staff."
    reasons = [
        f"{member.public_name} {_obstacle(member, requester, facts) or _fullness(member, facts)}" for member in facts.staff
    ]
    return f"Nobody could take it: {'; '.join(reasons)}."


def _fullness(member: StaffMember, facts: AssignmentFacts) -> str:
    open_tickets = facts.workloads.get(member.id, _NO_WORK).open_tickets
    return f"is full ({_tickets(open_tickets)} open)"


def _tickets(count: int) -> str:
    return f"{count} ticket" if count == 1 else f"{count} tickets"
