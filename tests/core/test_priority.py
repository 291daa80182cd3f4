from __future__ import annotations

import pytest

from helpdesk.core.priority import PriorityDecision, choose_priority, raised
from helpdesk.model.message import InboundMessage
from helpdesk.model.ticket import Priority

HIGH = PriorityDecision(Priority.HIGH, "because")


@pytest.mark.parametrize(
    ("message", "priority", "reason"),
    [
        (InboundMessage(), Priority.NORMAL, ""),
        (InboundMessage(language="pl"), Priority.HIGH, "written in Polish, which our rules can't read"),
        (InboundMessage(language="cy"), Priority.HIGH, "written in Welsh, which our rules can't read"),
        (InboundMessage(locked=True), Priority.HIGH, "it came locked, so our rules can't read it"),
    ],
    ids=["english", "polish", "welsh", "locked"],
)
def test_what_the_rules_can_not_read_is_high(message: InboundMessage, priority: Priority, reason: str) -> None:
    assert choose_priority(message) == PriorityDecision(priority, reason)


@pytest.mark.parametrize(
    ("current", "decision", "after"),
    [
        (Priority.NORMAL, HIGH, HIGH),
        (Priority.HIGH, HIGH, PriorityDecision(Priority.HIGH)),
        (Priority.URGENT, HIGH, PriorityDecision(Priority.URGENT)),
        (Priority.HIGH, PriorityDecision(), PriorityDecision(Priority.HIGH)),
    ],
    ids=["raised", "as-before", "urgent-stays", "never-lowered"],
)
def test_a_message_raises_a_priority_and_never_lowers_it(
    current: Priority, decision: PriorityDecision, after: PriorityDecision
) -> None:
    assert raised(current, decision) == after
