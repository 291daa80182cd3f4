"""What happens to a message: every decision about it in one value, made from facts alone.

Nothing here acts: `jobs` carries a plan out, and `helpdesk explain` prints one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from helpdesk.core.acknowledge import AcknowledgementDecision, AcknowledgementFacts, decide_acknowledgement
from helpdesk.core.addresses import lookup_form
from helpdesk.core.assign import AssignmentFacts, away_until, choose_assignee, choose_successor, may_keep
from helpdesk.core.audience import Audience
from helpdesk.core.priority import USUAL, PriorityDecision, choose_priority, raised
from helpdesk.core.thread import Thread
from helpdesk.model.message import BouncedRecipient, InboundMessage, Kind, Verdict
from helpdesk.model.policy import AcknowledgementPolicy
from helpdesk.model.staff import Assignment
from helpdesk.model.ticket import Priority, Ticket, TicketState

# Kinds that belong to a person's case; all others are kept and linked, and never open, reopen or close a ticket.
PERSONAL = frozenset({Kind.PERSON, Kind.SPAM})


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that is known when a message is decided.

    For machine mail `thread.ticket` is the ticket that it belongs to, if any. `assignment` holds the staff and their load.
    """

    message: InboundMessage
    verdict: Verdict
    thread: Thread
    acknowledgement: AcknowledgementFacts
    assignment: AssignmentFacts


@dataclass(frozen=True, slots=True)
class Plan:
    """The decided actions on one message.

    `opens_ticket`: a new ticket; else the message goes to `ticket` when there is one. `state` is the state that the
    ticket is in afterwards. `assignment` is None when the ticket keeps whom it has; `taken_from` is the id of who had it
    until now, and can't act on it. `tell` are the staff ids that get a
    notice: the leads where nobody could take the ticket, without those who must not have this person's tickets.
    `unreachable` are the addresses of this ticket that mail came back from for good; `given_up` those that one mail is lost
    to, while the next may well arrive. `priority` is the one that the ticket has afterwards, with a reason where this message
    raised it.
    """

    opens_ticket: bool
    ticket: Ticket | None
    state: TicketState | None
    acknowledgement: AcknowledgementDecision
    assignment: Assignment | None = None
    taken_from: str | None = None
    tell: tuple[str, ...] = ()
    unreachable: tuple[str, ...] = ()
    given_up: tuple[BouncedRecipient, ...] = ()
    priority: PriorityDecision = USUAL


def decide(facts: Facts, policy: AcknowledgementPolicy, now: datetime) -> Plan:
    """The plan for one message; `now` is an aware UTC datetime."""
    acknowledgement = decide_acknowledgement(facts.acknowledgement, policy, now)
    if facts.verdict.kind not in PERSONAL:
        plan = Plan(False, facts.thread.ticket, None, acknowledgement)
        if facts.acknowledgement.by_hand:
            return plan
        gone, given_up = _not_reached(facts)
        return replace(plan, unreachable=gone, given_up=given_up)
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
    if current and may_keep(current, facts.assignment):
        return replace(plan, tell=(current,))
    assignment = choose_successor(current, facts.assignment) if current else choose_assignee(facts.assignment)
    tell = (assignment.staff_id,) if assignment.staff_id else _leads_for(facts.assignment)
    return replace(plan, assignment=assignment, taken_from=current, tell=tell)


def _leads_for(facts: AssignmentFacts) -> tuple[str, ...]:
    """Who hears of a ticket that nobody could take."""
    away = {member.id for member in facts.staff if away_until(member.id, facts.absences, facts.today)}
    return tuple(lead.id for lead in Audience(facts.staff, facts.excluded, away).leads())
