from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from helpdesk.core.acknowledge import AcknowledgementFacts
from helpdesk.core.assign import AssignmentFacts
from helpdesk.core.plan import Facts, Plan, decide
from helpdesk.core.thread import Thread
from helpdesk.model.delivery import Acknowledged, Purpose
from helpdesk.model.message import Address, BouncedRecipient, InboundMessage, Kind, Verdict
from helpdesk.model.office import OfficeHours
from helpdesk.model.policy import AcknowledgementPolicy
from helpdesk.model.staff import Absence, Role, StaffMember, Workload
from helpdesk.model.ticket import Priority, Ticket, TicketState

NOW = datetime(2026, 11, 2, 11, 0, tzinfo=UTC)
HOURS = OfficeHours(ZoneInfo("Europe/London"), time(10), time(16), frozenset(range(5)))
MIKE = StaffMember("mike", "Mike", "mike@example.net")
DANA = StaffMember("dana", "Dana", "dana@example.net")
TICKET = Ticket(
    id="t1",
    number=1001,
    state=TicketState.PENDING,
    priority=Priority.NORMAL,
    topic="general",
    opened_at=NOW,
    updated_at=NOW,
    requester_address="sam@example.org",
    requester_name="Sam",
    subject="Hello",
    assignee="dana",
    answered_at=NOW,
)


def facts(kind: Kind = Kind.PERSON, thread: Thread = Thread(None, "new"), **assignment: object) -> Facts:  # noqa: B008
    return Facts(
        InboundMessage(sender=Address("Sam", "sam@example.org")),
        Verdict(kind, "default"),
        thread,
        AcknowledgementFacts(kind, "sam@example.org", NOW, thread),
        replace(AssignmentFacts(staff=(MIKE, DANA), at=NOW, office_hours=HOURS), **assignment),
    )


def plan(given: Facts) -> Plan:
    return decide(given, AcknowledgementPolicy(), NOW)


def test_first_mail_opens_a_ticket_and_tells_the_one_who_gets_it() -> None:
    decided = plan(facts())
    assert decided.opens_ticket
    assert decided.state is TicketState.NEW
    assert decided.assignment is not None
    assert decided.tell == (decided.assignment.staff_id,)


def test_leave_that_begins_tomorrow_keeps_nobody_from_their_ticket_today() -> None:
    tomorrow = NOW.date() + timedelta(days=1)
    decided = plan(facts(thread=Thread(TICKET, "references"), absences=(Absence("dana", tomorrow, tomorrow),)))
    assert decided.tell == ("dana",)


def test_nobody_at_all_is_told_where_there_is_nobody() -> None:
    decided = plan(facts(staff=()))
    assert decided.assignment is not None
    assert decided.assignment.staff_id is None
    assert decided.tell == ()


def test_nobody_free_tells_the_leads_except_those_who_must_not_know() -> None:
    full = Workload(open_tickets=20)
    leads = (
        replace(MIKE, roles=frozenset({Role.LEAD})),
        replace(DANA, roles=frozenset({Role.LEAD})),
    )
    away = (Absence("dana", NOW.date(), NOW.date()),)
    decided = plan(facts(staff=leads, workloads={"dana": full}, absences=away, excluded=frozenset({"mike"})))
    assert decided.assignment is not None
    assert decided.assignment.staff_id is None
    assert decided.tell == ("dana",)


def test_follow_up_is_kept_from_an_assignee_who_must_not_have_it_any_more() -> None:
    decided = plan(facts(thread=Thread(TICKET, "references"), excluded=frozenset({"dana"})))
    assert (decided.tell, decided.taken_from) == (("mike",), "dana")


def test_follow_up_goes_to_the_one_who_has_the_ticket() -> None:
    decided = plan(facts(thread=Thread(TICKET, "references")))
    assert not decided.opens_ticket
    assert decided.state is TicketState.OPEN
    assert decided.assignment is None
    assert decided.tell == ("dana",)


@pytest.mark.parametrize(
    ("ticket", "changes"),
    [
        (TICKET, {"absences": (Absence("dana", NOW.date(), NOW.date()),)}),
        (replace(TICKET, assignee="left-long-ago"), {}),
        (replace(TICKET, assignee=None), {}),
    ],
    ids=["away", "left", "unassigned"],
)
def test_follow_up_on_a_ticket_whose_assignee_cannot_act_is_assigned_anew(ticket: Ticket, changes: dict[str, object]) -> None:
    decided = plan(facts(thread=Thread(ticket, "references"), **changes))
    assert decided.assignment is not None
    assert decided.assignment.staff_id in {"mike", "dana"}
    assert decided.taken_from == ticket.assignee
    assert decided.tell == (decided.assignment.staff_id,)


@pytest.mark.parametrize(
    ("ticket", "reopens", "state"),
    [
        (TICKET, False, TicketState.OPEN),
        (replace(TICKET, state=TicketState.NEW, answered_at=None), False, TicketState.NEW),
        (replace(TICKET, state=TicketState.CLOSED), True, TicketState.OPEN),
        (replace(TICKET, state=TicketState.CLOSED, answered_at=None), True, TicketState.NEW),
    ],
    ids=["answered", "not-answered", "reopened", "reopened-unanswered"],
)
def test_state_after_a_follow_up(ticket: Ticket, reopens: bool, state: TicketState) -> None:
    assert plan(facts(thread=Thread(ticket, "references", reopens=reopens))).state is state


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind not in (Kind.PERSON, Kind.SPAM)])
def test_machine_mail_is_linked_and_changes_nothing(kind: Kind) -> None:
    decided = plan(facts(kind, Thread(TICKET, "references")))
    assert decided.ticket is TICKET
    assert not decided.opens_ticket
    assert decided.state is None
    assert decided.acknowledgement.purpose is None
    assert decided.tell == ()


GIVEN_UP = BouncedRecipient("Sam@example.org", "4.2.2", permanent=False, gave_up=True)


@pytest.mark.parametrize(
    ("bounced", "gone", "given_up"),
    [
        (BouncedRecipient("Sam@example.org", "5.1.1"), ("Sam@example.org",), ()),
        (BouncedRecipient("sam.new@example.com", "5.1.1"), ("sam.new@example.com",), ()),
        (GIVEN_UP, (), (GIVEN_UP,)),
        (BouncedRecipient("sam@example.org", "4.4.1", permanent=False), (), ()),
        (BouncedRecipient("somebody.else@example.org", "5.1.1"), (), ()),
        (replace(GIVEN_UP, address="somebody.else@example.org"), (), ()),
    ],
    ids=[
        "requester",
        "other-address-that-was-answered",
        "given-up-on",
        "delay",
        "address-that-we-never-wrote-to",
        "given-up-on-where-we-never-wrote-to",
    ],
)
def test_bounce_of_our_mail_tells_which_address_is_gone_and_which_mail_is_lost(
    bounced: BouncedRecipient, gone: tuple[str, ...], given_up: tuple[BouncedRecipient, ...]
) -> None:
    given = facts(Kind.BOUNCE, Thread(TICKET, "references"))
    on_ticket = tuple(
        Acknowledged(Purpose.ACKNOWLEDGEMENT, recipient, NOW) for recipient in ("sam@example.org", "sam.new@example.com")
    )
    given = replace(
        given,
        verdict=Verdict(Kind.BOUNCE, "delivery-status", (bounced,)),
        acknowledgement=replace(given.acknowledgement, on_ticket=on_ticket),
    )
    decided = plan(given)
    assert (decided.unreachable, decided.given_up) == (gone, given_up)


def test_junk_opens_a_ticket_and_disturbs_nobody() -> None:
    decided = plan(facts(Kind.SPAM))
    assert decided.opens_ticket
    assert decided.tell == ()
    assert decided.acknowledgement.purpose is None


@pytest.mark.parametrize(("rule", "joins"), [("references", True), ("same-sender-recently", False)])
def test_junk_joins_a_ticket_only_by_message_id(rule: str, joins: bool) -> None:
    decided = plan(facts(Kind.SPAM, Thread(TICKET, rule)))
    assert decided.opens_ticket is not joins
    assert decided.state is (TicketState.PENDING if joins else TicketState.NEW)


def by_hand(given: Facts) -> Facts:
    """The facts of a message that a person has taken in."""
    return replace(given, acknowledgement=replace(given.acknowledgement, by_hand=True, on_ticket=(SENT,)))


SENT = Acknowledged(Purpose.ACKNOWLEDGEMENT, "sam@example.org", NOW)
GONE = Verdict(Kind.BOUNCE, "delivery-status", (BouncedRecipient("sam@example.org", "5.1.1"),))


@pytest.mark.parametrize(
    ("given", "opens"),
    [
        (facts(), True),
        (facts(thread=Thread(TICKET, "references")), False),
        (facts(Kind.STAFF), False),
        (replace(facts(Kind.BOUNCE, Thread(TICKET, "references")), verdict=GONE), False),
    ],
    ids=["first mail", "follow-up", "staff mail", "bounce"],
)
def test_what_a_person_has_taken_in_writes_to_nobody(given: Facts, opens: bool) -> None:
    decided = plan(by_hand(given))
    assert decided.opens_ticket is opens
    assert decided.acknowledgement.purpose is None
    assert (decided.tell, decided.assignment) == ((), None)
    assert (decided.unreachable, decided.given_up) == ((), ())
