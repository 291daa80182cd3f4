"""Conflict of interest: whom a person's tickets are kept from loses them, hears nothing more of them, and is told no reason."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from helpdesk.errors import NotFound
from helpdesk.model.delivery import Attempt, Outcome, Purpose
from helpdesk.model.staff import Role
from helpdesk.model.ticket import TicketState
from tests.fakes import make_mail
from tests.jobs.conftest import DANA, MIKE, Office, make_desk, make_office
from tests.jobs.test_conversation import BOUNCE
from tests.jobs.test_hand_over import (
    MONDAY,
    OMAR,
    SUNDAY,
    all_are_danas,
    change,
    events,
    holders,
    lines_of,
    to,
    write,
)
from tests.jobs.test_loops import text_of


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    office = make_office(tmp_path, make_desk(staff=(MIKE, DANA, OMAR)))
    office.start()
    yield office
    office.store.close()


def test_somebody_excluded_loses_the_ticket_at_once_and_is_told_no_reason(office: Office) -> None:
    all_are_danas(office, "sam")
    (lost,) = office.actions.exclude("dana", 1001)
    office.deliverer.deliver_due()
    assert (lost.assignee, holders(office)) == ("mike", ["mike"])
    (note,) = office.transport.to(DANA.email)
    assert note.purpose is Purpose.STAFF_MOVED
    assert lines_of(note) == ["EHT-1001"]
    for word in ("mike", "sam", "conflict", "exclude", "kept", "interest"):
        assert word not in text_of(note).casefold().replace("exit hate", "")
    (notice,) = office.transport.to(MIKE.email)
    assert "dana" not in text_of(notice).casefold()
    excluded, assigned = events(office, 1001)[-2:]
    assert (excluded.kind, excluded.actor, excluded.why) == (
        "excluded",
        "terminal",
        "Dana is not to have this person's tickets",
    )
    assert "Dana" not in assigned.why


def test_all_other_tickets_of_that_person_are_lost_too_and_those_of_others_are_not(office: Office) -> None:
    all_are_danas(office, "sam", "kim")
    office.actions.close(1001)
    office.clock.advance(days=60)
    write(office, "sam", 2)
    office.clock.advance(days=2)
    write(office, "sam", 3)
    for number in (1003, 1004):
        change(office, number, assignee="dana")
    change(office, 1003, state=TicketState.PENDING)
    lost = office.actions.exclude("dana", 1004)
    assert [ticket.number for ticket in lost] == [1004, 1003]
    assert holders(office)[:2] == [None, "dana"]
    assert "dana" not in holders(office)[2:]
    assert events(office, 1001)[-1].why == "no longer with Dana"


def test_nothing_of_it_reaches_them_any_more(office: Office) -> None:
    all_are_danas(office, "sam")
    # A notice waits to be tried again, and must not go out after all.
    office.transport.answers = [Attempt(Outcome.TRANSIENT, 451, "later")] * 2
    write(office, "sam", 2, In_Reply_To="<sam1@example.org>")
    assert DANA.email in [delivery.recipient for delivery in office.transport.tried[-2:]]
    office.actions.exclude("dana", 1001)
    office.transport.sent.clear()
    office.clock.advance(hours=5)
    office.deliverer.deliver_due()
    write(office, "sam", 3, In_Reply_To="<sam1@example.org>")
    office.actions.close(1001)
    office.clock.advance(days=60)
    write(office, "sam", 4)
    assert to(office, DANA) == [Purpose.STAFF_MOVED]


def test_a_mail_that_came_back_is_told_to_others(office: Office) -> None:
    write(office, "sam")
    answer = office.transport.to("sam@example.org")[0].message_id
    for staff_id in ("dana", "omar"):
        office.actions.exclude(staff_id, 1001)
    change(office, 1001, assignee="omar")
    office.deliverer.deliver_due()
    office.transport.sent.clear()
    office.work(BOUNCE.replace(b"OURS", answer.encode()))
    assert [(each.recipient, each.purpose) for each in office.transport.sent] == [(MIKE.email, Purpose.ADMIN_ALERT)]


def test_a_message_on_a_ticket_of_somebody_else_is_kept_from_whom_either_is_kept_from(office: Office) -> None:
    all_are_danas(office, "sam", "kim")
    office.actions.exclude("dana", 1002)
    change(office, 1001, assignee="dana")
    write(office, "kim", 2, In_Reply_To="<sam1@example.org>")
    assert holders(office)[0] != "dana"


def test_an_address_is_known_again_however_it_is_spelled(office: Office) -> None:
    all_are_danas(office, "sam")
    office.actions.exclude("dana", 1001)
    office.actions.close(1001)
    for staff_id in ("mike", "omar"):
        office.actions.away(staff_id, MONDAY, SUNDAY)
    office.work(make_mail("SAM@Example.ORG", message_id="<new@example.org>"))
    assert holders(office)[1] is None
    assert "Dana is not to have this person's tickets" in events(office, 1002)[-1].why


def test_where_no_lead_may_have_it_the_admins_hear_that_it_waits_and_nothing_else(tmp_path: Path) -> None:
    office = make_office(tmp_path, make_desk(staff=(MIKE, replace(DANA, capacity=0))))
    with closing(office.store):
        office.start()
        write(office, "sam")
        office.transport.sent.clear()
        (lost,) = office.actions.exclude("mike", 1001)
        office.deliverer.deliver_due()
        assert lost.assignee is None
        assert to(office, MIKE) == [Purpose.STAFF_MOVED]
        (alert,) = office.transport.to(DANA.email)
        assert alert.purpose is Purpose.ADMIN_ALERT
        assert "Ticket EHT-1001 waits, and nobody can have it." in " ".join(text_of(alert).split())
        write(office, "sam", 2, In_Reply_To="<sam1@example.org>")
        assert to(office, MIKE) == [Purpose.STAFF_MOVED]
        assert to(office, DANA) == [Purpose.ADMIN_ALERT] * 2


def test_a_ticket_is_not_given_by_hand_to_whom_it_is_kept_from(office: Office) -> None:
    all_are_danas(office, "sam")
    office.actions.exclude("dana", 1001)
    with pytest.raises(NotFound) as refused:
        office.actions.assign(1001, "dana")
    assert str(refused.value) == (
        "Dana must not have this person's tickets. Nothing was changed. "
        "To change that: helpdesk staff allow dana --requester EHT-1001"
    )
    assert office.actions.allow("dana", 1001)
    assert not office.actions.allow("dana", 1001)
    assert office.ticket_events(1001).count("allowed") == 1
    assert office.actions.assign(1001, "dana").assignee == "dana"


def test_the_staff_list_is_the_last_word(tmp_path: Path) -> None:
    listed = replace(DANA, excludes=("sam@example.org",), roles=frozenset({Role.ADMIN}))
    office = make_office(tmp_path, make_desk(staff=(MIKE, listed)))
    with closing(office.store):
        office.start()
        write(office, "sam")
        with pytest.raises(NotFound, match=r"It says so in config/staff\.toml"):
            office.actions.assign(1001, "dana")
        with pytest.raises(NotFound, match=r"Take the address out of excludes in config/staff\.toml"):
            office.actions.allow("dana", 1001)


def test_a_ticket_is_not_given_by_hand_to_somebody_who_is_away(office: Office) -> None:
    all_are_danas(office, "sam")
    office.actions.away("omar", MONDAY, SUNDAY)
    with pytest.raises(NotFound) as refused:
        office.actions.assign(1001, "omar")
    assert str(refused.value) == (
        "Omar is away until Sunday 15 November. Nothing was changed. If they are back: helpdesk staff back omar"
    )


def test_giving_a_ticket_by_hand_tells_whoever_had_it(office: Office) -> None:
    all_are_danas(office, "sam")
    office.actions.assign(1001, "omar")
    office.actions.assign(1001, "omar")
    office.deliverer.deliver_due()
    assert to(office, OMAR) == [Purpose.STAFF_ASSIGNED] * 2
    (note,) = office.transport.to(DANA.email)
    assert lines_of(note) == ["EHT-1001: Omar has it now"]


def test_a_person_without_an_address_can_not_be_known_again(office: Office) -> None:
    office.work(make_mail("nobody", message_id="<x@example.org>"))
    with pytest.raises(NotFound, match=r"EHT-1001 names no address .* Nothing was changed\."):
        office.actions.exclude("dana", 1001)
