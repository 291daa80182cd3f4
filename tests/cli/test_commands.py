"""The commands as an operator types them: what they print, and with which exit code they end."""

from __future__ import annotations

import json
import os
import signal
import threading
from pathlib import Path

import pytest

from helpdesk.jobs import process
from tests.cli.conftest import Command
from tests.fakes import FakeFolder, FakeTransport, make_mail


def test_run_once_answers_and_says_how_many(helpdesk: Command, folder: FakeFolder, transport: FakeTransport) -> None:
    assert helpdesk("run", "--once", "--start-from", "all").out == "0 messages processed.\n"
    folder.put(make_mail())
    said = helpdesk("run", "--once")
    assert (said.code, said.out) == (0, "1 message processed.\n")
    assert len(transport.to("sam@example.org")) == 1


@pytest.mark.parametrize("start", ["now", "ALL", "2026-11-01"])
def test_run_takes_each_way_to_start(helpdesk: Command, start: str) -> None:
    assert helpdesk("run", "--once", "--start-from", start).code == 0


def test_run_refuses_a_start_that_it_does_not_know(helpdesk: Command) -> None:
    said = helpdesk("run", "--once", "--start-from", "yesterday")
    assert said.code == 2
    assert "2026-11-01" in said.err


def test_run_refuses_a_mailbox_that_was_never_started(helpdesk: Command, folder: FakeFolder) -> None:
    folder.put(make_mail())
    said = helpdesk("run")
    assert said.code == 1
    assert "--start-from now" in said.err


def test_run_goes_on_until_it_is_told_to_end(helpdesk: Command, folder: FakeFolder, transport: FakeTransport) -> None:
    helpdesk("run", "--once", "--start-from", "all")
    folder.put(make_mail())

    def end_when_answered(step: str) -> None:
        if step == "wait" and transport.to("sam@example.org"):
            os.kill(os.getpid(), signal.SIGTERM)
        threading.Event().wait(0.01)

    folder.before = end_when_answered
    assert helpdesk("run").code == 0
    assert folder.closed


def test_run_ends_with_a_problem_when_a_part_of_it_cannot_go_on(helpdesk: Command, folder: FakeFolder) -> None:
    helpdesk("run", "--once", "--start-from", "all")

    def break_in_the_loop(step: str) -> None:
        if step == "search":
            raise RuntimeError("a fault of ours")

    folder.before = break_in_the_loop
    said = helpdesk("run")
    assert said.code == 1
    assert 'place="RuntimeError at test_commands.py' in said.err
    assert "a fault of ours" not in said.err


@pytest.fixture
def answered(helpdesk: Command, folder: FakeFolder) -> Command:
    folder.put(make_mail(body="I would like to talk.\x1b[31m\n"))
    folder.put(make_mail("robot@example.org", message_id="<two@example.org>", Auto_Submitted="auto-replied"))
    helpdesk("run", "--once", "--start-from", "all")
    return helpdesk


def test_tickets_are_listed(answered: Command) -> None:
    (ticket,) = json.loads(answered("tickets", "list", "--json").out)
    assert ticket["ticket"] == "EHT-1001"
    assert ticket["state"] == "new"
    assert ticket["assignee"] == "mike"
    assert ticket["requester"] == "sam@example.org"
    assert "EHT-1001" in answered("tickets", "list").out
    assert json.loads(answered("tickets", "list", "--state", "closed", "--json").out) == []
    assert answered("tickets", "list", "--state", "closed").out == "No tickets.\n"


@pytest.mark.parametrize("reference", ["EHT-1001", "eht-1001", "1001"])
def test_a_ticket_is_shown(answered: Command, reference: str) -> None:
    said = answered("tickets", "show", reference)
    assert said.code == 0
    assert "I would like to talk." in said.out
    assert "acknowledged" in said.out
    assert "\x1b" not in said.out


def test_a_ticket_is_shown_to_programs(answered: Command) -> None:
    shown = json.loads(answered("tickets", "show", "1001", "--json").out)
    assert [event["event"] for event in shown["events"]] == ["opened", "acknowledged", "assigned"]
    assert shown["messages"][0]["new_text"].startswith("I would like to talk.")


@pytest.mark.parametrize("reference", ["1002", "EHT-", "nonsense"])
def test_a_ticket_that_is_not_there_is_told(answered: Command, reference: str) -> None:
    said = answered("tickets", "show", reference)
    assert said.code == 1
    assert reference in said.err


def test_machine_mail_is_listed_and_can_become_a_persons(answered: Command, transport: FakeTransport) -> None:
    (mail,) = json.loads(answered("tickets", "list", "--machine", "--json").out)
    assert (mail["kind"], mail["ticket"]) == ("auto_reply", None)
    said = answered("tickets", "person", mail["message"])
    assert (said.code, "EHT-1002" in said.out) == (0, True)
    answered("run", "--once")
    assert len(transport.to("robot@example.org")) == 1
    assert answered("tickets", "person", "missing").code == 1


def test_the_outbox_is_listed(answered: Command) -> None:
    assert answered("outbox", "list").out == "Nothing waits: every mail was sent.\n"
    sent = json.loads(answered("outbox", "list", "--state", "sent", "--json").out)
    assert sorted(row["purpose"] for row in sent) == ["acknowledgement", "staff_assigned"]
    assert all(row["ticket"] == "EHT-1001" for row in sent)


def test_quarantine_is_listed_shown_and_tried_again(
    helpdesk: Command, folder: FakeFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ValueError("a fault")

    folder.put(make_mail())
    with monkeypatch.context() as patch:
        patch.setattr(process, "decide", fail)
        said = helpdesk("run", "--once", "--start-from", "all")
    assert said.out == "0 messages processed.\nIn quarantine: 1. See them with: helpdesk quarantine list\n"
    (row,) = json.loads(helpdesk("quarantine", "list", "--json").out)
    assert (row["failures"], row["error"]) == (3, "a fault")
    assert row["message"] in helpdesk("quarantine", "list").out
    assert "a fault" in helpdesk("quarantine", "show", row["message"]).out
    assert json.loads(helpdesk("quarantine", "show", row["message"], "--json").out) == row
    assert helpdesk("quarantine", "show", "missing").code == 1
    assert helpdesk("quarantine", "retry", "missing").code == 1
    assert helpdesk("quarantine", "retry", row["message"]).code == 0
    assert helpdesk("run", "--once").out == "1 message processed.\n"
    assert helpdesk("quarantine", "list").out == "Nothing is in quarantine.\n"


def test_the_database_is_brought_up_to_date(helpdesk: Command) -> None:
    assert helpdesk("db", "upgrade").out == "The database is up to date.\n"
    assert helpdesk("db", "upgrade").code == 0


def test_check_is_content_with_what_is_right(helpdesk: Command) -> None:
    said = helpdesk("check")
    assert said.code == 0
    assert "Everything is in order" in said.out


def test_check_tells_every_mistake_at_once_with_its_place_and_remedy(helpdesk: Command, desk_folder: Path) -> None:
    (desk_folder / ".env").write_text("HELPDESK_IMAP_HOST='localhost'\nHELPDESK_IMAP_PROT='993'\n")
    toml = desk_folder / "config" / "helpdesk.toml"
    toml.write_text(toml.read_text().replace("per_sender =", "per_sneder ="))
    (desk_folder / "templates" / "acknowledgement.md").write_text("Subject: Your message\n\n{{ office.opnes_at }}\n")
    said = helpdesk("check")
    assert said.code == 1
    for mark in (".env, line 2", "HELPDESK_IMAP_PORT", "config/helpdesk.toml, line", "per_sender", "HELPDESK_SECRET_KEY"):
        assert mark in said.out, mark
    rows = json.loads(helpdesk("check", "--json").out)
    assert all(row["where"] and row["what"] for row in rows)


def test_check_tells_a_broken_template_with_its_line(helpdesk: Command, desk_folder: Path) -> None:
    (desk_folder / "templates" / "acknowledgement.md").write_text("Subject: Your message\n\n{{ office.opnes_at }}\n")
    said = helpdesk("check")
    assert said.code == 1
    assert "templates/acknowledgement.md, line 3" in said.out
    assert "Nothing was started or changed" in said.out


def test_run_with_a_mistake_in_the_settings_tells_it_like_check(helpdesk: Command, desk_folder: Path) -> None:
    (desk_folder / ".env").write_text("HELPDESK_IMAP_HOST='localhost'\n")
    said = helpdesk("run", "--once")
    assert said.code == 1
    assert "HELPDESK_IMAP_PASSWORD" in said.err
    assert "HELPDESK_SECRET_KEY" in said.err


def test_every_command_has_help_with_an_example(helpdesk: Command) -> None:
    commands = [
        ("demo",),
        ("check",),
        ("run",),
        ("explain",),
        *(("tickets", name) for name in ("list", "show", "person")),
        *(("staff", name) for name in ("list", "away", "back")),
        *(("templates", name) for name in ("list", "check", "preview")),
        ("outbox", "list"),
        *(("quarantine", name) for name in ("list", "show", "retry")),
        ("db", "upgrade"),
    ]
    for command in commands:
        said = helpdesk(*command, "--help")
        assert said.code == 0
        assert f"Example: helpdesk {' '.join(command)}" in " ".join(said.out.split()), command


def test_staff_who_are_away_get_no_ticket_until_they_are_back(
    helpdesk: Command, folder: FakeFolder, transport: FakeTransport
) -> None:
    assert "away from" in helpdesk("staff", "away", "mike", "--until", "2999-12-31").out
    (mike,) = json.loads(helpdesk("staff", "list", "--json").out)
    assert mike["away"].endswith("to 2999-12-31")
    folder.put(make_mail())
    helpdesk("run", "--once", "--start-from", "all")
    (ticket,) = json.loads(helpdesk("tickets", "list", "--json").out)
    assert ticket["assignee"] is None
    assert helpdesk("staff", "back", "mike").out.startswith("Done")
    assert helpdesk("staff", "back", "mike").out.startswith("They were not away")
    folder.put(make_mail("kim@example.org", message_id="<two@example.org>"))
    helpdesk("run", "--once")
    assert json.loads(helpdesk("tickets", "list", "--json").out)[0]["assignee"] == "mike"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("away", "nobody", "--until", "2999-12-31"), 1),
        (("away", "mike", "--until", "friday"), 2),
        (("away", "mike", "--until", "2026-01-01"), 2),
        (("away", "mike"), 2),
        (("back", "nobody"), 1),
    ],
    ids=["unknown", "no-day", "ended-before-it-began", "no-end", "unknown-back"],
)
def test_an_absence_that_makes_no_sense_is_told(helpdesk: Command, arguments: tuple[str, ...], code: int) -> None:
    assert helpdesk("staff", *arguments).code == code
    assert json.loads(helpdesk("staff", "list", "--json").out)[0]["away"] == ""


def test_wrong_usage_ends_with_two(helpdesk: Command) -> None:
    assert helpdesk("tickets", "lost").code == 2
    assert helpdesk("explain").code == 2
