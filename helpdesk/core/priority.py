"""How much a message presses, before anybody has read it. Staff see the reason; nothing here weighs what it says."""

from __future__ import annotations

from dataclasses import dataclass

from helpdesk.core.language import NAMES
from helpdesk.model.message import InboundMessage
from helpdesk.model.ticket import Priority

# The languages that our rules look for signs of danger in. What they can't read a person has to, and soon.
READ_BY_RULES = frozenset({"en"})
_ORDER = tuple(Priority)


@dataclass(frozen=True, slots=True)
class PriorityDecision:
    """A priority and, where it is not the usual one, why: a clause for staff to read."""

    priority: Priority = Priority.NORMAL
    reason: str = ""


USUAL = PriorityDecision()


def choose_priority(message: InboundMessage) -> PriorityDecision:
    """The priority that a person's message asks for by itself."""
    if message.locked:
        return PriorityDecision(Priority.HIGH, "it came locked, so our rules can't read it")
    if message.language not in READ_BY_RULES:
        return PriorityDecision(Priority.HIGH, f"written in {NAMES[message.language]}, which our rules can't read")
    return USUAL


def raised(current: Priority, decision: PriorityDecision) -> PriorityDecision:
    """What a ticket's priority becomes: a message may raise it, never lower it. Without a reason, nothing was raised."""
    if _ORDER.index(decision.priority) > _ORDER.index(current):
        return decision
    return PriorityDecision(current)
