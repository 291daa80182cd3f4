"""What the matrices call wrong is wrong: each way in which mail can come to harm is told, and put into the document."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.reliability.results import Double, Findings, Row, as_table, write_table
from tests.reliability.world import Kind, running_world

WELL = Findings(deposited=2)
SAME = Double("acknowledgement", "one@example.org", 2, same_id=True)


def test_mail_that_came_to_no_harm_is_no_problem() -> None:
    assert WELL.problems() == []


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        (replace(WELL, lost=("one@example.org",)), "not in the database"),
        (replace(WELL, repeated=("one@example.org",)), "in the database more than once"),
        (replace(WELL, ticketless=("one@example.org",)), "without a ticket of their own"),
        (replace(WELL, unanswered=("one@example.org",)), "without an acknowledgement and not stopped"),
        (replace(WELL, untold=("one@example.org",)), "without an acknowledgement and not stopped"),
        (replace(WELL, doubles=(SAME,)), "sent again: 1, at most 0 may be"),
        (replace(WELL, pending=1), "waiting in the outbox: 1"),
        (replace(WELL, in_doubt=1), "claimed and never recorded: 1"),
        (replace(WELL, unprocessed=1), "stored and not processed: 1"),
        (replace(WELL, quarantined=1), "in quarantine: 1"),
        (replace(WELL, failed=1), "stopped for good: 1, and not 0"),
        (replace(WELL, unshown=1), "stopped, and not shown on the ticket: 1"),
        (replace(WELL, held=1), "held: 1"),
        (replace(WELL, strangers=1), "taken by the SMTP server and unknown to the outbox: 1"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_harm_is_told(harm: Findings, told: str) -> None:
    assert harm.problems() == [told]


def test_a_double_with_another_message_id_is_wrong_even_where_doubles_may_be() -> None:
    harm = replace(WELL, doubles=(replace(SAME, same_id=False),))
    assert harm.problems(doubles=1) == ["sent again with another Message-ID"]


def test_what_a_fault_may_leave_behind_is_no_problem() -> None:
    left = replace(WELL, lost=("a",), ticketless=("a",), unanswered=("a", "b"), untold=("a",), failed=1, doubles=(SAME,))
    assert left.problems(doubles=1, failed=1, gone=1) == []


def test_mail_that_no_worker_took_in_is_found_lost() -> None:
    with running_world(Kind.SQLITE) as world:
        (lost,) = world.deposit(1)
        assert world.findings().lost == (lost,)


def test_a_mail_that_was_taken_twice_and_one_that_nobody_knows_are_found() -> None:
    with running_world(Kind.SQLITE) as world:
        (message_id,) = world.deposit(1)
        world.start_worker()
        world.settled()
        (answer,) = [each for each in world.sink.caught if b"In-Reply-To: <" + message_id.encode() in each.content]
        unknown = replace(answer, content=answer.content.replace(b"Message-ID: <", b"Message-ID: <x"))
        world.sink.caught.extend((answer, unknown))
        findings = world.findings()
    assert [(double.purpose, double.times, double.same_id) for double in findings.doubles] == [("acknowledgement", 2, True)]
    assert findings.strangers == 1


def test_a_table_takes_the_place_of_the_old_one_and_of_nothing_else(tmp_path: Path) -> None:
    document = tmp_path / "reliability.md"
    document.write_text("before\n<!-- one:begin -->\nold\n<!-- one:end -->\nafter\n")
    write_table("one", as_table(("a", "b"), [Row(("1", "2"))]), document)
    assert document.read_text() == (
        "before\n<!-- one:begin -->\n\n| a | b |\n| --- | --- |\n| 1 | 2 |\n\n<!-- one:end -->\nafter\n"
    )


def test_a_table_without_a_place_is_refused(tmp_path: Path) -> None:
    document = tmp_path / "reliability.md"
    document.write_text("nothing\n")
    with pytest.raises(SystemExit, match="has no place for the table one"):
        write_table("one", "", document)
