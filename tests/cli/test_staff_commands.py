"""`helpdesk staff`: leave with what it moves, and conflicts of interest, as they are typed and told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import STAFF, Command
from tests.fakes import FakeFolder, FakeTransport, make_mail

DANA = """
[[staff]]
id = "dana"
public_name = "Dana"
email = "dana.private@staff.example"
"""


@pytest.fixture
def two(helpdesk: Command, desk_folder: Path, folder: FakeFolder, transport: FakeTransport) -> Command:
    """Mike and Dana, and Sam's ticket, which is Dana's."""
    (desk_folder / "config" / "staff.toml").write_text(STAFF + DANA)
    folder.put(make_mail())
    helpdesk("run", "--once", "--start-from", "all")
    helpdesk("tickets", "assign", "EHT-1001", "dana")
    return helpdesk


def assignee(helpdesk: Command) -> str | None:
    found: str | None = json.loads(helpdesk("tickets", "list", "--json").out)[0]["assignee"]
    return found


def away(helpdesk: Command) -> dict[str, str]:
    return {row["staff"]: row["away"] for row in json.loads(helpdesk("staff", "list", "--json").out)}


def test_going_on_leave_says_who_has_what_waited(two: Command) -> None:
    said = two("staff", "away", "dana", "--until", "2999-12-31").out
    assert said.endswith("to 2999-12-31. EHT-1001 is mike's now.\n")
    assert assignee(two) == "mike"
    assert two("staff", "away", "mike", "--until", "2999-12-31").out.endswith(
        "EHT-1001 is with nobody, and the leads are told.\n"
    )


def test_a_leave_that_is_planned_moves_nothing_yet(two: Command) -> None:
    said = two("staff", "away", "dana", "--from", "2998-12-24", "--until", "2999-01-02").out
    assert said == (
        "Done: Dana is away from 2998-12-24 to 2999-01-02. "
        "When that begins, tickets that wait for an answer of theirs go to others.\n"
    )
    assert assignee(two) == "dana"
    assert away(two)["dana"] == "from 2998-12-24 to 2999-01-02"


def test_a_worker_that_runs_once_hands_over_what_waits(two: Command, desk_folder: Path) -> None:
    two("staff", "away", "mike")
    assert away(two)["mike"].endswith("until they are back")
    two("tickets", "close", "1001")
    # Nobody else is left in the staff list.
    (desk_folder / "config" / "staff.toml").write_text(STAFF)
    two("tickets", "reopen", "1001")
    assert assignee(two) == "dana"
    two("staff", "back", "mike")
    two("run", "--once")
    assert assignee(two) == "mike"


def test_a_leave_without_an_end_lasts_until_they_are_back_and_another_one_stays(two: Command) -> None:
    assert "until they are back. Nothing waited for an answer of theirs." in two("staff", "away", "mike").out
    two("staff", "away", "mike", "--from", "2998-12-24", "--until", "2999-01-02")
    two("staff", "back", "mike")
    assert away(two)["mike"] == ""


def test_who_comes_back_is_told_of_what_is_still_planned(two: Command) -> None:
    two("staff", "away", "mike", "--until", "2997-01-01")
    two("staff", "away", "mike", "--from", "2998-12-24", "--until", "2999-01-02")
    assert two("staff", "back", "mike").out == (
        "Done: they get tickets again from today on. They will be away again from 2998-12-24 to 2999-01-02.\n"
    )
    assert two("staff", "back", "mike").out == "Done: the leave that was planned is off.\n"
    assert two("staff", "back", "mike").out == "They were not away. Nothing was changed.\n"


def test_a_conflict_of_interest_is_entered_by_a_ticket_and_no_address_is_typed(two: Command) -> None:
    said = two("staff", "exclude", "dana", "--requester", "EHT-1001")
    assert said.out == (
        "Done: dana never gets tickets of the person of EHT-1001, and is not told of them. EHT-1001 is mike's now.\n"
    )
    refused = two("tickets", "assign", "EHT-1001", "dana")
    assert (refused.code, "Dana must not have this person's tickets. Nothing was changed." in refused.err) == (1, True)
    assert two("staff", "exclude", "dana", "--requester", "1001").out.endswith("is not told of them.\n")
    assert two("staff", "allow", "dana", "--requester", "1001").out.endswith("again. Nothing was moved.\n")
    assert two("staff", "allow", "dana", "--requester", "1001").out == (
        "They were not kept from this person's tickets. Nothing was changed.\n"
    )
    assert two("tickets", "assign", "EHT-1001", "dana").code == 0


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("exclude", "nobody", "--requester", "1001"), 1, "Nobody among the staff is called nobody"),
        (("exclude", "dana", "--requester", "1009"), 1, "There is no ticket EHT-1009"),
        (("exclude", "dana", "--requester", "sam@example.org"), 1, "is not a ticket reference"),
        (("exclude", "dana"), 2, "--requester"),
        (("allow", "dana", "--requester", "1009"), 1, "There is no ticket EHT-1009"),
    ],
    ids=["nobody", "no ticket", "an address", "nobody named", "allow"],
)
def test_a_conflict_of_interest_that_names_nobody_is_told(
    two: Command, arguments: tuple[str, ...], code: int, words: str
) -> None:
    said = two("staff", *arguments)
    assert (said.code, words in " ".join(said.err.split())) == (code, True)
    assert assignee(two) == "dana"
