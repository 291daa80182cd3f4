"""What holds a reply until its author lets it go."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from helpdesk.core.relay import ReplyFacts, reasons_to_hold
from helpdesk.model.ticket import Priority, Ticket, TicketState

NOW = datetime(2026, 11, 2, 11, 0, tzinfo=UTC)
TICKET = Ticket("t", 1001, TicketState.NEW, Priority.NORMAL, "general", NOW, NOW, "sam@example.org", "Sam", "Help")
FREE = ReplyFacts(TICKET)


def test_a_plain_answer_goes_by_itself() -> None:
    assert reasons_to_hold(FREE) == ()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"ticket": replace(TICKET, state=TicketState.CLOSED)}, "closed in the meantime"),
        ({"holder": "Mike"}, "with Mike now"),
        ({"wrote_since": True}, "written again"),
        ({"others": ("Mike is answering too.",)}, "Mike is answering too."),
        ({"private": ("dana@example.net",)}, "“dana@example.net”"),
        ({"unfit": ("police", "Dana Jones")}, "“police”, “Dana Jones”"),
        ({"unclean": ("a.pdf, because it is locked",)}, "a.pdf, because it is locked."),
        ({"repeats": True}, "quote"),
        ({"is_unreachable": True}, "came back"),
        ({"is_cut": True}, "too large"),
        ({"seems_automatic": True}, "while you are away"),
        ({"was_restored": True}, "A backup was put back"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_each_finding_holds_it_and_says_why(changes: dict[str, object], words: str) -> None:
    (reason,) = reasons_to_hold(replace(FREE, **changes))  # type: ignore[arg-type]
    assert words in reason
    assert reason.endswith(".")


def test_every_reason_is_said() -> None:
    assert len(reasons_to_hold(replace(FREE, repeats=True, is_cut=True, unclean=("a: b", "c: d")))) == 4
