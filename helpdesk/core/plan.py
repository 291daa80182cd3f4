"""What happens to a message: every decision about it in one value, made from facts alone.

Nothing here acts: `jobs` carries a plan out, and `helpdesk explain` prints one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from helpdesk.core.acknowledge import AcknowledgementDecision, AcknowledgementFacts, decide_acknowledgement
from helpdesk.core.addresses import is_listed, lookup_form
from helpdesk.core.assign import AssignmentFacts, choose_assignee
from helpdesk.core.priority import USUAL, PriorityDecision, choose_priority, raised
from helpdesk.core.thread import Thread
from helpdesk.model.message import BouncedRecipient, InboundMessage, Kind, Verdict
from helpdesk.model.policy import AcknowledgementPolicy
from helpdesk.model.staff import Assignment, Role
from helpdesk.model.ticket import Priority, Ticket, TicketState

# Kinds that belong to a person's case; all others are kept and linked, and never open, reopen or close a ticket.
PERSONAL = frozenset({Kind.PERSON, Kind.SPAM})


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that is known when a message is decided.

    For machine mail `thread.ticket` is the ticket that it belongs to, if any. `assignment` holds the staff and their
    load; `help_sent` counts the help notes that this staff address got in the last 24 hours.
    """

    message: InboundMessage
    verdict: Verdict
    thread: Thread
    acknowledgement: AcknowledgementFacts
    assignment: AssignmentFacts
    help_sent: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """The decided actions on one message.

    `opens_ticket`: a new ticket; else the message goes to `ticket` when there is one. `state` is the state that the
    ticket is in afterwards. `assignment` is None when the ticket keeps whom it has. `tell` are the staff ids that get a
    notice: the leads where nobody could take the ticket, without those who must not have this person's tickets.
    `help_staff`: a staff member replied to a notice.
    `unreachable` are the addresses of this ticket that mail came back from for good; `given_up` those that one mail is lost
    to, while the next may well arrive. `priority` is the one that the ticket has afterwards, with a reason where this message
    raised it.
    """

    opens_ticket: bool
    ticket: Ticket | None
    state: TicketState | None
    acknowledgement: AcknowledgementDecision
    assignment: Assignment | None = None
    tell: tuple[str, ...] = ()
    help_staff: bool = False
    unreachable: tuple[str, ...] = ()
    given_up: tuple[BouncedRecipient, ...] = ()
    priority: PriorityDecision = USUAL


def decide(facts: Facts, policy: AcknowledgementPolicy, now: datetime) -> Plan:
    """The plan for one message; `now` is an aware UTC datetime."""
    acknowledgement = decide_acknowledgement(facts.acknowledgement, policy, now)
    if facts.verdict.kind not in PERSONAL:
        helps = facts.verdict.kind is Kind.STAFF and facts.help_sent < policy.per_sender
        plan = Plan(False, facts.thread.ticket, None, acknowledgement)
        if facts.acknowledgement.by_hand:
            return plan
        gone, given_up = _not_reached(facts)
        return replace(plan, help_staff=helps, unreachable=gone, given_up=given_up)
    if facts.verdict.kind is Kind.SPAM:
        return _plan_spam(facts, acknowledgement)
    ticket = facts.thread.ticket
    priority = raised(ticket.priority if ticket else Priority.NORMAL, choose_priority(facts.message))
    if ticket is None:
        return _assigned(facts, Plan(True, None, TicketState.NEW, acknowledgement, priority=priority))
    state = _state_after(ticket, reopens=facts.thread.reopens)
    return _assigned(facts, Plan(False, ticket, state, acknowledgement, priority=priority))


def _not_reached(facts: Facts) -> tuple[tuple[str, ...], tuple[BouncedRecipient, ...]]:
    """The addresses that take no mail, and those whose mail was given up on.

    Only addresses that we wrote to on this ticket count, since anybody can write a bounce.
    """
    if facts.thread.ticket is None or facts.verdict.kind is not Kind.BOUNCE:
        return (), ()
    ours = {lookup_form(each.recipient) for each in facts.acknowledgement.on_ticket}
    bounced = [each for each in facts.verdict.bounced if lookup_form(each.address) in ours]
    gone = tuple(dict.fromkeys(each.address for each in bounced if each.permanent))
    # A full mailbox is emptied, a server that was down comes back: such an address is not stopped.
    return gone, tuple(each for each in bounced if each.gave_up)


def _plan_spam(facts: Facts, acknowledgement: AcknowledgementDecision) -> Plan:
    """Junk joins only a ticket that it answers by Message-ID; it disturbs nobody, and waits where it can be found."""
    ticket = facts.thread.ticket if facts.thread.rule == "references" else None
    priority = PriorityDecision(ticket.priority) if ticket else USUAL
    return Plan(ticket is None, ticket, ticket.state if ticket else TicketState.NEW, acknowledgement, priority=priority)


def _state_after(ticket: Ticket, *, reopens: bool) -> TicketState:
    """A follow-up makes a ticket `open`, unless no person has answered on it yet."""
    if reopens:
        return TicketState.OPEN if ticket.answered_at else TicketState.NEW
    return TicketState.NEW if ticket.state is TicketState.NEW else TicketState.OPEN


def _assigned(facts: Facts, plan: Plan) -> Plan:
    """Add who is told: the assignee where there is one who can act, else whoever is chosen now.

    What a person has taken in, perhaps hundreds at once, fills nobody's inbox or day: a lead hears of all of it at the end,
    and gives it out.
    """
    if facts.acknowledgement.by_hand:
        return plan
    current = plan.ticket.assignee if plan.ticket else None
    if current and _can_act(current, facts.assignment):
        return replace(plan, tell=(current,))
    assignment = choose_assignee(facts.assignment)
    if assignment.staff_id is None:
        return replace(plan, assignment=assignment, tell=_leads_for(facts.assignment))
    return replace(plan, assignment=assignment, tell=(assignment.staff_id,))


def _can_act(staff_id: str, facts: AssignmentFacts) -> bool:
    today = facts.at.astimezone(facts.office_hours.zone).date()
    away = {each.staff_id for each in facts.absences if each.first_day <= today <= each.last_day}
    member = next((each for each in facts.staff if each.id == staff_id), None)
    return member is not None and staff_id not in away and not is_listed(facts.requester, member.excludes)


def _leads_for(facts: AssignmentFacts) -> tuple[str, ...]:
    """Who hears of a ticket that nobody could take: the leads, but none whom this person's tickets are kept from."""
    return tuple(
        member.id for member in facts.staff if Role.LEAD in member.roles and not is_listed(facts.requester, member.excludes)
    )
