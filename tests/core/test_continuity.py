"""Who knows a requester already."""

from __future__ import annotations

from dataclasses import replace

import pytest

from helpdesk.core.continuity import who_knows
from helpdesk.model.ticket import HandedOver, Ticket, TicketState
from tests.core.test_plan import TICKET

FIRST = replace(TICKET, id="t1", assignee="dana", state=TicketState.CLOSED)
SECOND = replace(FIRST, id="t2", assignee="omar")
OPEN = replace(FIRST, id="t3", assignee="mike", state=TicketState.OPEN)
NOBODYS = replace(FIRST, id="t4", assignee=None)


@pytest.mark.parametrize(
    ("tickets", "handed_over", "expected"),
    [
        ([], [], ()),
        ([NOBODYS], [], ()),
        ([SECOND, FIRST], [], ("omar", "dana")),
        ([SECOND, OPEN, FIRST], [], ("mike", "omar", "dana")),
        ([SECOND], [HandedOver("t2", "dana")], ("dana", "omar")),
        ([SECOND], [HandedOver("t2", "dana"), HandedOver("t2", "kim")], ("dana", "kim", "omar")),
        ([replace(SECOND, state=TicketState.PENDING)], [HandedOver("t2", "dana")], ("omar", "dana")),
        ([NOBODYS, FIRST], [HandedOver("t4", "kim")], ("kim", "dana")),
    ],
    ids=[
        "a stranger",
        "nobody ever had one",
        "newest first",
        "whoever has one that is not closed",
        "who had it before their leave",
        "two leaves, one after the other",
        "who has it now before who had it",
        "nobody could take it from them",
    ],
)
def test_who_knows_a_requester(tickets: list[Ticket], handed_over: list[HandedOver], expected: tuple[str, ...]) -> None:
    assert who_knows(tickets, handed_over) == expected
