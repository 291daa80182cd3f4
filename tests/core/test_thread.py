from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from helpdesk.core.thread import (
    Thread,
    ThreadFacts,
    choose_thread,
    is_reply_to_us,
    reference_candidates,
    subject_reference,
)
from helpdesk.model.message import Address, InboundMessage
from helpdesk.model.policy import Ourselves, TicketPolicy
from helpdesk.model.ticket import Priority, Ticket, TicketState

NOW = datetime(2026, 11, 2, 11, 0, tzinfo=UTC)
US = Ourselves(addresses=frozenset({"info@exithate.org"}), professionals=frozenset({"@council.example"}))
POLICY = TicketPolicy()
TICKET = Ticket(
    id="t1",
    number=1001,
    state=TicketState.NEW,
    priority=Priority.NORMAL,
    topic="general",
    opened_at=NOW - timedelta(hours=1),
    updated_at=NOW,
    requester_address="sam@example.org",
    requester_name="Sam",
    subject="Hello",
)
MESSAGE = InboundMessage(sender=Address("Sam", "sam@example.org"), subject="Hello")
OTHER = replace(TICKET, id="t2")
CLOSED = replace(TICKET, state=TicketState.CLOSED, closed_at=NOW - timedelta(days=29))


def thread(facts: ThreadFacts, message: InboundMessage = MESSAGE, policy: TicketPolicy = POLICY) -> Thread:
    return choose_thread(message, facts, policy, US, NOW)


def test_references_decide_first() -> None:
    other = replace(TICKET, id="t2")
    assert thread(ThreadFacts(referenced=(TICKET, other), of_sender=(other,))) == Thread(TICKET, "references")


def test_reference_from_a_new_address_joins_and_is_marked() -> None:
    stranger = replace(MESSAGE, sender=Address("", "kim@example.org"))
    assert thread(ThreadFacts(referenced=(TICKET,)), stranger) == Thread(TICKET, "references", other_address=True)


def test_reply_to_a_ticket_closed_within_thirty_days_reopens_it() -> None:
    assert thread(ThreadFacts(referenced=(CLOSED,))) == Thread(CLOSED, "references", reopens=True)


def test_reply_to_a_ticket_closed_long_ago_opens_a_linked_one() -> None:
    old = replace(CLOSED, closed_at=NOW - timedelta(days=31))
    assert thread(ThreadFacts(referenced=(old,), of_sender=(old, OTHER))) == Thread(
        None, "closed-too-long-ago", earlier=(old, OTHER)
    )


@pytest.mark.parametrize(("enabled", "rule"), [(True, "subject-reference"), (False, "new")])
def test_subject_reference_counts_only_where_it_is_switched_on(enabled: bool, rule: str) -> None:
    facts = ThreadFacts(in_subject=TICKET)
    assert thread(facts, policy=TicketPolicy(subject_reference=enabled)).rule == rule


def test_reply_to_your_message_joins_the_only_ticket_that_is_not_closed() -> None:
    old = replace(TICKET, opened_at=NOW - timedelta(days=9), state=TicketState.PENDING)
    reply = replace(MESSAGE, subject="Re: Your message")
    assert thread(ThreadFacts(of_sender=(old, CLOSED)), reply) == Thread(old, "reply-to-your-message")


def test_reply_to_your_message_with_two_tickets_is_not_guessed() -> None:
    old = replace(TICKET, opened_at=NOW - timedelta(days=9), state=TicketState.PENDING)
    older = replace(old, id="t2")
    reply = replace(MESSAGE, subject="Re: Your message")
    assert thread(ThreadFacts(of_sender=(old, older)), reply) == Thread(None, "new", earlier=(old, older))


@pytest.mark.parametrize(
    ("ticket", "joins"),
    [
        (TICKET, True),
        (replace(TICKET, opened_at=NOW - timedelta(hours=24)), False),
        (replace(TICKET, state=TicketState.PENDING), False),
        (replace(TICKET, spam=True), False),
    ],
    ids=["fresh", "a-day-old", "answered", "junk"],
)
def test_new_mail_joins_a_fresh_unanswered_ticket_of_its_sender(ticket: Ticket, joins: bool) -> None:
    expected = Thread(ticket, "same-sender-recently") if joins else Thread(None, "new", earlier=(ticket,))
    assert thread(ThreadFacts(of_sender=(ticket,))) == expected


def test_professional_who_writes_for_others_gets_a_ticket_for_each_mail() -> None:
    nurse = replace(MESSAGE, sender=Address("", "nurse@council.example"))
    theirs = replace(TICKET, requester_address="nurse@council.example")
    assert thread(ThreadFacts(of_sender=(theirs,)), nurse) == Thread(None, "new", earlier=(theirs,))


def test_message_without_sender_opens_a_ticket() -> None:
    assert thread(ThreadFacts(), replace(MESSAGE, sender=None)) == Thread(None, "new")


@pytest.mark.parametrize(
    ("subject", "is_reply"),
    [
        ("Re: Your message", True),
        ("RE: AW: your MESSAGE ", True),
        ("SV: Your message", True),
        ("Re[2]: Your message", True),
        ("Your message", False),
        ("Re: Your message to the council", False),
    ],
)
def test_reply_to_us_is_known_by_its_subject(subject: str, is_reply: bool) -> None:
    assert is_reply_to_us(subject) is is_reply


def test_candidates_come_nearest_first_and_once() -> None:
    message = InboundMessage(
        in_reply_to=("c@x",),
        references=("a@x", "b@x", "c@x"),
        to=("info+feed@exithate.org", "info@exithate.org", "info+@exithate.org", "other+token@example.org"),
    )
    assert reference_candidates(message, US) == ("c@x", "b@x", "a@x", "feed@exithate.org")


@pytest.mark.parametrize(("subject", "number"), [("Re: [EHT-1042] x", 1042), ("[eht-7]", 7), ("EHT-1042", None)])
def test_subject_reference_is_read(subject: str, number: int | None) -> None:
    assert subject_reference(subject) == number
