from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from helpdesk.core.acknowledge import RESTORED, AcknowledgementFacts, decide_acknowledgement
from helpdesk.core.thread import Thread
from helpdesk.model.delivery import Acknowledged, Purpose
from helpdesk.model.message import Kind
from helpdesk.model.policy import AcknowledgementPolicy
from helpdesk.model.stored import SameText
from helpdesk.model.ticket import Priority, Ticket, TicketState

NOW = datetime(2026, 11, 2, 11, 0, tzinfo=UTC)
POLICY = AcknowledgementPolicy()
FIRST = AcknowledgementFacts(Kind.PERSON, "sam@example.org", NOW, Thread(None, "new"))
TICKET = Ticket(
    id="t1",
    number=1001,
    state=TicketState.NEW,
    priority=Priority.NORMAL,
    topic="general",
    opened_at=NOW,
    updated_at=NOW,
    requester_address="sam@example.org",
    requester_name="Sam",
    subject="Hello",
)
JOINED = replace(FIRST, thread=Thread(TICKET, "references"))
ONE = Acknowledged(Purpose.ACKNOWLEDGEMENT, "sam@example.org", NOW)
TWO = Acknowledged(Purpose.ACKNOWLEDGEMENT_AGAIN, "sam@example.org", NOW)
KIM, MAX = replace(ONE, recipient="kim@example.org"), replace(ONE, recipient="max@example.org")
ELSEWHERE = replace(JOINED, sender="robin@example.org", thread=Thread(TICKET, "references", other_address=True))


def purpose_of(facts: AcknowledgementFacts, policy: AcknowledgementPolicy = POLICY) -> Purpose | None:
    decision = decide_acknowledgement(facts, policy, NOW)
    assert decision.reason
    return decision.purpose


@pytest.mark.parametrize(
    ("facts", "policy"),
    [
        (replace(FIRST, kind=Kind.SPAM), POLICY),
        (replace(FIRST, kind=Kind.AUTO_REPLY), POLICY),
        (replace(FIRST, kind=Kind.STAFF), POLICY),
        (replace(FIRST, by_hand=True), POLICY),
        (FIRST, AcknowledgementPolicy(enabled=False)),
        (replace(FIRST, sender=""), POLICY),
        (replace(FIRST, sender="undisclosed"), POLICY),
        (replace(FIRST, sender="no-reply@example.org"), POLICY),
        (replace(FIRST, null_sender=True), POLICY),
        (replace(FIRST, unreachable_since=NOW - timedelta(days=6)), POLICY),
        (replace(FIRST, received_at=NOW - timedelta(days=3, seconds=1)), POLICY),
        (replace(FIRST, received_at=NOW - timedelta(hours=37)), AcknowledgementPolicy(within=timedelta(hours=36))),
        (replace(FIRST, to_sender=3), POLICY),
        (replace(JOINED, thread=Thread(replace(TICKET, state=TicketState.OPEN), "references"), on_ticket=(ONE,)), POLICY),
        (replace(JOINED, on_ticket=(ONE, TWO)), POLICY),
        (replace(ELSEWHERE, on_ticket=(ONE, KIM, MAX)), POLICY),
    ],
    ids=[
        "junk",
        "machine",
        "staff",
        "taken-in-by-hand",
        "switched-off",
        "no-sender",
        "sender-without-domain",
        "no-reply",
        "null-sender",
        "unreachable",
        "older-than-three-days",
        "older-than-configured-hours",
        "third-in-a-day",
        "person-answered",
        "both-sent",
        "fourth-address-on-one-ticket",
    ],
)
def test_nothing_is_sent(facts: AcknowledgementFacts, policy: AcknowledgementPolicy) -> None:
    assert purpose_of(facts, policy) is None


@pytest.mark.parametrize(
    "facts",
    [
        FIRST,
        replace(FIRST, received_at=NOW - timedelta(days=3)),
        replace(FIRST, to_sender=2),
        replace(FIRST, unreachable_since=NOW - timedelta(days=7)),
        replace(JOINED, thread=Thread(TICKET, "references", reopens=True), on_ticket=(ONE, TWO)),
        replace(ELSEWHERE, on_ticket=(ONE,)),
        replace(ELSEWHERE, on_ticket=(ONE, KIM)),
        JOINED,
    ],
    ids=[
        "first",
        "three-days-old",
        "third-of-the-day",
        "worth-another-try",
        "reopened",
        "another-address",
        "third-address",
        "nothing-sent-yet",
    ],
)
def test_a_first_mail_is_acknowledged(facts: AcknowledgementFacts) -> None:
    assert purpose_of(facts) is Purpose.ACKNOWLEDGEMENT


def test_second_mail_before_an_answer_is_acknowledged_once_more() -> None:
    assert purpose_of(replace(JOINED, on_ticket=(ONE,))) is Purpose.ACKNOWLEDGEMENT_AGAIN


@pytest.mark.parametrize(
    ("facts", "alarming"),
    [
        (replace(FIRST, unproven=True), False),
        (replace(FIRST, same_text=SameText(100, 0)), True),
        (replace(FIRST, same_text=SameText(2, 2)), True),
        (replace(FIRST, in_all=200), True),
    ],
    ids=["sender-not-proven", "same-text-from-one-domain", "same-text-after-our-answers", "limit-of-the-hour"],
)
def test_held_for_a_person_to_release(facts: AcknowledgementFacts, alarming: bool) -> None:
    decision = decide_acknowledgement(facts, POLICY, NOW)
    assert decision.purpose is Purpose.ACKNOWLEDGEMENT
    assert decision.held_because
    assert decision.alarming is alarming


@pytest.mark.parametrize(
    "facts", [replace(FIRST, same_text=SameText(99, 1)), replace(FIRST, in_all=199)], ids=["same-text", "hour"]
)
def test_below_the_limits_nothing_is_held(facts: AcknowledgementFacts) -> None:
    assert decide_acknowledgement(facts, POLICY, NOW).held_because == ""


def test_mail_from_before_a_restoration_is_held_since_it_may_have_been_answered() -> None:
    decision = decide_acknowledgement(replace(FIRST, restored=True), POLICY, NOW)
    assert (decision.purpose, decision.held_because, decision.alarming) == (Purpose.ACKNOWLEDGEMENT, RESTORED, False)
