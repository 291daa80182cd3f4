"""Who gets a ticket, and why: DESIGN section 5. Knows nothing of what the ticket says."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from helpdesk.core.days import day_in_words
from helpdesk.core.office_hours import is_closed_day, is_open, next_opening, span_on
from helpdesk.model.office import OfficeHours
from helpdesk.model.staff import OPEN_ENDED, Absence, Assignment, Role, StaffMember, Workload

# The topic of a ticket that nothing else is known of: it asks for no skill.
_NO_TOPIC = "general"

# Skills without which nobody gets such a ticket, however free they are; all others are preferred.
REQUIRED_SKILLS = frozenset({"child"})

# Shifts come round weekly, so eight weeks outlast any closure that an assignment may look beyond.
_DAYS_AHEAD = 56
# Two days before the end of time, so that it is a day in every zone.
_NEVER = datetime.max.replace(tzinfo=UTC) - timedelta(days=2)
_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_DAY = timedelta(days=1)
_NO_WORK = Workload()


@dataclass(frozen=True, slots=True)
class AssignmentFacts:
    """What the choice goes by.

    `at` is an aware datetime; `workloads` is by staff id, and a missing one counts as no tickets; `absences` are those
    known around that day; `known_staff_ids` are those who know this requester, whoever is to be preferred first; `skills` is
    what the ticket's topic and signals ask for; `excluded` are the ids of those whom it is kept from.
    """

    staff: Sequence[StaffMember]
    at: datetime
    office_hours: OfficeHours
    workloads: Mapping[str, Workload] = field(default_factory=dict)
    absences: Sequence[Absence] = ()
    known_staff_ids: Sequence[str] = ()
    skills: frozenset[str] = frozenset()
    excluded: frozenset[str] = frozenset()

    @property
    def today(self) -> date:
        """The day that it is in the office."""
        return self.at.astimezone(self.office_hours.zone).date()


@dataclass(frozen=True, slots=True)
class _Candidate:
    """Somebody who may have the ticket, with what the order goes by."""

    member: StaffMember
    skilled: int
    works_now: bool
    works_on: date
    workload: Workload

    @property
    def precedence(self) -> tuple[int, bool, date]:
        """What comes before any count of tickets; lower comes first.

        Of those who don't work now, all count alike who work on the same day: by the hour, whoever begins first would get
        the mail of every night.
        """
        return (-self.skilled, not self.works_now, self.works_on)

    @property
    def rank(self) -> tuple[tuple[int, bool, date], int, datetime, str]:
        """Lower comes first; the id settles what is left, so that the same facts give the same answer."""
        last = self.workload.last_assigned_at or _LONG_AGO
        return (self.precedence, self.workload.open_tickets, last, self.member.id)


def skills_for(topic: str, signals: Collection[str] = ()) -> frozenset[str]:
    """The skills that a ticket asks for: they are called as its topic and its signals are."""
    return frozenset({topic, *signals}) - {_NO_TOPIC}


def choose_assignee(facts: AssignmentFacts) -> Assignment:
    """Choose who gets a ticket; the reason is a sentence for staff, and there whether somebody was found or not.

    In order: who knows this requester; who has the skills; who is at work now or soonest; fewest open tickets; longest
    since the last one. Never the absent, the excluded, those without a required skill, or those at capacity; when
    everybody who could is at capacity, a lead gets it beyond their own.
    """
    fit = [member for member in facts.staff if not _obstacle(member, facts)]
    free = [member for member in fit if not _is_full(member, facts)]
    known = next((member for staff_id in facts.known_staff_ids for member in free if member.id == staff_id), None)
    if known is not None:
        return Assignment(known.id, f"{known.public_name}: knows this person")
    if free:
        return _choose(_candidates(free, facts))
    leads = [member for member in fit if Role.LEAD in member.roles]
    if leads:
        lead = min(_candidates(leads, facts), key=lambda candidate: candidate.rank)
        count = _tickets(lead.workload.open_tickets)
        return Assignment(lead.member.id, f"{lead.member.public_name}: lead, all who could take it are full ({count} open)")
    return Assignment(None, _why_nobody(facts))


def choose_successor(staff_id: str, facts: AssignmentFacts) -> Assignment:
    """Choose who gets a ticket that this staff member can't keep; the reason says why, but for a conflict of interest."""
    assignment, because = choose_assignee(facts), _why_not_kept(staff_id, facts)
    if assignment.staff_id is None or not because:
        return assignment
    return Assignment(assignment.staff_id, f"{assignment.reason}; {because}")


def may_keep(staff_id: str, facts: AssignmentFacts) -> bool:
    """Whether somebody who has a ticket can act on it today, however many they have."""
    is_there = away_until(staff_id, facts.absences, facts.today) is None
    return is_there and staff_id not in facts.excluded and any(member.id == staff_id for member in facts.staff)


def away_until(staff_id: str, absences: Sequence[Absence], day: date) -> date | None:
    """The last day of the absence that this day falls in, with those that follow it at once; None for somebody who is there."""
    last = day - _DAY
    for each in sorted(absences, key=lambda absence: absence.first_day):
        if each.staff_id == staff_id and last < OPEN_ENDED and each.first_day <= last + _DAY:
            last = max(last, each.last_day)
    return last if last >= day else None


def leave_in_words(staff_id: str, facts: AssignmentFacts) -> str:
    """That somebody is away, as "Dana is away until Monday 14 December"; empty for who is there or whom it is kept from."""
    member = next((member for member in facts.staff if member.id == staff_id), None)
    until = away_until(staff_id, facts.absences, facts.today)
    if member is None or until is None or staff_id in facts.excluded:
        return ""
    return f"{member.public_name} is away" + (f" until {day_in_words(until, facts.today)}" if until < OPEN_ENDED else "")


def _why_not_kept(staff_id: str, facts: AssignmentFacts) -> str:
    if all(member.id != staff_id for member in facts.staff) and staff_id not in facts.excluded:
        return f"{staff_id} is not among the staff any more"
    return leave_in_words(staff_id, facts)


def _candidates(members: Sequence[StaffMember], facts: AssignmentFacts) -> list[_Candidate]:
    found = []
    for member in members:
        at_work_from = _at_work_from(member, facts)
        found.append(
            _Candidate(
                member=member,
                skilled=len(member.skills & facts.skills),
                works_now=at_work_from <= facts.at,
                works_on=_local_day(facts, at_work_from),
                workload=facts.workloads.get(member.id, _NO_WORK),
            )
        )
    return found


def _choose(candidates: Sequence[_Candidate]) -> Assignment:
    chosen = min(candidates, key=lambda candidate: candidate.rank)
    words = ["has the skill"] if chosen.skilled else []
    words.append("working now" if chosen.works_now else "next at work")
    rivals = [other for other in candidates if other is not chosen and other.precedence == chosen.precedence]
    if rivals:
        words.append(f"fewest open tickets ({chosen.workload.open_tickets})")
    if any(other.workload.open_tickets == chosen.workload.open_tickets for other in rivals):
        words.append("longest since the last one")
    if len(candidates) == 1:
        words.append("nobody else could take it")
    return Assignment(chosen.member.id, f"{chosen.member.public_name}: {', '.join(words)}")


def _obstacle(member: StaffMember, facts: AssignmentFacts) -> str:
    """Why this ticket can never be this person's now, in words; empty when nothing stands against it."""
    if facts.absences and _is_away(member, facts):
        return "is away"
    if member.id in facts.excluded:
        return "is not to have this person's tickets"
    if facts.skills and not facts.skills & REQUIRED_SKILLS <= member.skills:
        return "does not have the skill that it needs"
    return ""


def _is_away(member: StaffMember, facts: AssignmentFacts) -> bool:
    """Away today, or on the day on which they would next be at work."""
    own = [absence for absence in facts.absences if absence.staff_id == member.id]
    if not own:
        return False
    days = {facts.today, _local_day(facts, _at_work_from(member, facts))}
    return any(absence.first_day <= day <= absence.last_day for absence in own for day in days)


def _is_full(member: StaffMember, facts: AssignmentFacts) -> bool:
    return facts.workloads.get(member.id, _NO_WORK).open_tickets >= member.capacity


def _at_work_from(member: StaffMember, facts: AssignmentFacts) -> datetime:
    """When somebody is at work: now, or at the beginning of their next shift, which for most is the next opening."""
    if member.shifts:
        return _shift_from(member, facts)
    if is_open(facts.office_hours, facts.at):
        return facts.at
    return next_opening(facts.office_hours, facts.at) or _NEVER


def _shift_from(member: StaffMember, facts: AssignmentFacts) -> datetime:
    """When somebody with shifts of their own is at work; bank holidays and closures are theirs too."""
    today, weekdays = facts.today, {shift.weekday for shift in member.shifts}
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


def _why_nobody(facts: AssignmentFacts) -> str:
    if not facts.staff:
        return "Nobody could take it: there are no staff."
    reasons = [f"{member.public_name} {_obstacle(member, facts) or _fullness(member, facts)}" for member in facts.staff]
    return f"Nobody could take it: {'; '.join(reasons)}."


def _fullness(member: StaffMember, facts: AssignmentFacts) -> str:
    open_tickets = facts.workloads.get(member.id, _NO_WORK).open_tickets
    return f"is full ({_tickets(open_tickets)} open)"


def _tickets(count: int) -> str:
    return f"{count} ticket" if count == 1 else f"{count} tickets"
