"""The commands as an operator types them: what they print, and with which exit code they end."""

from __future__ import annotations

import json
import os
import re
import signal
import sys
import threading
from pathlib import Path

import pytest

from helpdesk.cli import doctor
from helpdesk.jobs import process
from helpdesk.model.delivery import Attempt, Outcome
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


@pytest.mark.parametrize(
    ("start", "words"),
    [
        ("now", r"INBOX was started before, from \d{4}-\d\d-\d\d \d\d:\d\d on; that holds\."),
        ("all", r"INBOX was started before, from its first message on \(said on \d{4}-\d\d-\d\d\); that holds\."),
        ("2026-11-01", r"INBOX was started before, from 2026-11-01 on \(said on \d{4}-\d\d-\d\d\); that holds\."),
    ],
)
def test_a_start_that_was_said_before_is_told_and_holds(helpdesk: Command, folder: FakeFolder, start: str, words: str) -> None:
    helpdesk("run", "--once", "--start-from", start)
    folder.put(make_mail())
    said = helpdesk("run", "--once", "--start-from", "all")
    assert said.code == 0
    assert re.fullmatch(words + r"\n\d messages? processed\.\n", said.out)


@pytest.mark.parametrize(
    "arguments",
    [
        ("tickets", "list"),
        ("tickets", "show", "1001"),
        ("tickets", "person", "0192f3c4a5"),
        ("tickets", "close", "1001"),
        ("tickets", "reopen", "1001"),
        ("tickets", "assign", "1001", "mike"),
        ("tickets", "pause", "1001"),
        ("tickets", "resume", "1001"),
        ("staff", "list"),
        ("staff", "away", "mike", "--until", "2999-12-31"),
        ("staff", "back", "mike"),
        ("staff", "exclude", "mike", "--requester", "1001"),
        ("staff", "allow", "mike", "--requester", "1001"),
        ("outbox", "list"),
        ("outbox", "release", "0192f3c4a5"),
        ("outbox", "retry", "0192f3c4a5"),
        ("quarantine", "list"),
        ("quarantine", "show", "0192f3c4a5"),
        ("quarantine", "retry", "0192f3c4a5"),
        ("quarantine", "dismiss", "0192f3c4a5"),
    ],
    ids=" ".join,
)
def test_a_mistyped_database_is_told_and_not_made(helpdesk: Command, desk_folder: Path, arguments: tuple[str, ...]) -> None:
    with (desk_folder / ".env").open("a") as env:
        env.write("HELPDESK_DATABASE_URL='sqlite:///lost/helpdesk.db'\n")
    said = helpdesk(*arguments)
    assert said.code == 1
    assert f"There is no database at {desk_folder}/lost/helpdesk.db yet" in said.err
    assert "helpdesk run --start-from now" in said.err
    assert not (desk_folder / "lost").exists()


@pytest.mark.parametrize(("start", "told"), [("yesterday", "2026-11-01"), ("2999-01-01", "lies ahead")])
def test_run_refuses_a_start_that_makes_no_sense(helpdesk: Command, start: str, told: str) -> None:
    said = helpdesk("run", "--once", "--start-from", start)
    assert said.code == 2
    assert told in " ".join(said.err.split())


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
    assert (said.code, said.out) == (
        0,
        "Done: it is now on EHT-1002. Its automatic answer goes out with the worker's next delivery.\n",
    )
    answered("run", "--once")
    assert len(transport.to("robot@example.org")) == 1
    assert answered("tickets", "person", "missing").code == 1


def test_a_ticket_is_closed_opened_again_and_given_to_somebody(answered: Command) -> None:
    assert "EHT-1001 is closed" in answered("tickets", "close", "1001").out
    assert answered("tickets", "list").out == "No tickets.\n"
    assert "EHT-1001 is new again" in answered("tickets", "reopen", "1001").out
    assert "EHT-1001 is mike's" in answered("tickets", "assign", "1001", "mike").out
    assert answered("tickets", "assign", "1001", "nobody").code == 1
    assert answered("tickets", "close", "1999").code == 1


def test_a_note_is_kept_on_its_ticket_and_goes_to_nobody(answered: Command, transport: FakeTransport) -> None:
    before = len(transport.sent)
    assert "the note is on EHT-1001" in answered("tickets", "note", "1001", "They called.").out
    assert "They called." in answered("tickets", "show", "1001").out
    assert answered("tickets", "note", "1001", " ").code == 1
    answered("run", "--once")
    assert len(transport.sent) == before


def test_the_reminders_of_a_ticket_are_paused_and_resumed_and_that_is_shown(answered: Command) -> None:
    paused = answered("tickets", "pause", "1001")
    assert (paused.code, "nobody is reminded of EHT-1001 any more" in paused.out) == (0, True)
    assert "reminders paused" in answered("tickets", "show", "1001").out.splitlines()
    assert json.loads(answered("tickets", "show", "1001", "--json").out)["reminders_paused"] is True
    assert "are paused already" in answered("tickets", "pause", "1001").err
    assert "the reminders of EHT-1001 begin again" in answered("tickets", "resume", "EHT-1001").out
    assert "reminders paused" not in answered("tickets", "show", "1001").out.splitlines()
    assert answered("tickets", "resume", "1001").code == 1


@pytest.mark.parametrize(
    ("sender", "setting", "words"),
    [
        ("no-reply@example.org", "", "No automatic answer goes out: "),
        ("robot@example.org", "HELPDESK_ACKNOWLEDGEMENT__PER_HOUR='1'", "Its automatic answer is held: "),
    ],
    ids=["none", "held"],
)
def test_what_became_of_the_acknowledgement_of_a_person_after_all_is_told(
    helpdesk: Command, folder: FakeFolder, desk_folder: Path, sender: str, setting: str, words: str
) -> None:
    with (desk_folder / ".env").open("a") as env:
        env.write(f"{setting}\n")
    folder.put(make_mail())
    folder.put(make_mail(sender, message_id="<two@example.org>", Auto_Submitted="auto-replied"))
    helpdesk("run", "--once", "--start-from", "all")
    (mail,) = json.loads(helpdesk("tickets", "list", "--machine", "--json").out)
    assert f"Done: it is now on EHT-1002. {words}" in helpdesk("tickets", "person", mail["message"]).out


def test_states_of_machine_mail_are_wrong_usage(answered: Command) -> None:
    said = answered("tickets", "list", "--machine", "--state", "new")
    assert said.code == 2
    assert "--state is for tickets" in " ".join(said.err.split())


def test_the_outbox_says_why_a_mail_is_held_and_what_the_server_said(
    helpdesk: Command, folder: FakeFolder, transport: FakeTransport, desk_folder: Path
) -> None:
    with (desk_folder / ".env").open("a") as env:
        env.write("HELPDESK_ACKNOWLEDGEMENT__PER_HOUR='1'\n")
    folder.put(make_mail())
    folder.put(make_mail("kim@example.org", message_id="<two@example.org>"))
    transport.answers = [Attempt(Outcome.TRANSIENT, 451, "4.7.1 try again later")] * 9
    helpdesk("run", "--once", "--start-from", "all")
    rows = json.loads(helpdesk("outbox", "list", "--json").out)
    held = [row for row in rows if row["state"] == "held"]
    assert [(row["recipient"], bool(row["held_because"]), row["last_answer"]) for row in held] == [
        ("kim@example.org", True, "")
    ]
    waiting = {(row["held_because"], row["last_answer"]) for row in rows if row["state"] == "pending"}
    assert waiting == {("", "451 4.7.1 try again later")}


def test_the_outbox_is_listed(answered: Command) -> None:
    assert answered("outbox", "list").out == "Nothing waits: every mail was sent.\n"
    assert answered("outbox", "list", "--state", "held", "--state", "failed").out == "No mail is held or failed.\n"
    sent = json.loads(answered("outbox", "list", "--state", "sent", "--json").out)
    assert sorted(row["purpose"] for row in sent) == ["acknowledgement", "staff_assigned"]
    assert all(row["ticket"] == "EHT-1001" for row in sent)


def test_a_failed_mail_is_tried_again(helpdesk: Command, folder: FakeFolder, transport: FakeTransport) -> None:
    folder.put(make_mail())
    transport.answers = [Attempt(Outcome.PERMANENT, 550, "5.1.1 no such user")]
    helpdesk("run", "--once", "--start-from", "all")
    (row,) = json.loads(helpdesk("outbox", "list", "--json").out)
    assert row["state"] == "failed"
    assert helpdesk("outbox", "retry", row["delivery"]).code == 0
    helpdesk("run", "--once")
    assert len(transport.to("sam@example.org")) == 1
    assert helpdesk("outbox", "release", row["delivery"]).code == 1


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


def test_what_was_answered_by_hand_leaves_the_quarantine_and_says_so(
    helpdesk: Command, folder: FakeFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ValueError("a fault")

    folder.put(make_mail())
    with monkeypatch.context() as patch:
        patch.setattr(process, "decide", fail)
        helpdesk("run", "--once", "--start-from", "all")
    (row,) = json.loads(helpdesk("quarantine", "list", "--json").out)
    assert f"helpdesk quarantine dismiss {row['message']}" in helpdesk("quarantine", "show", row["message"]).out
    assert helpdesk("quarantine", "dismiss", "missing").code == 1
    said = helpdesk("quarantine", "dismiss", row["message"])
    assert (said.code, said.out.partition(":")[0]) == (0, "Done")
    assert helpdesk("quarantine", "list").out == "Nothing is in quarantine.\n"
    assert helpdesk("run", "--once").out == "0 messages processed.\n"
    shown = helpdesk("quarantine", "show", row["message"])
    assert "It was dealt with by hand, and dismissed on " in shown.out
    assert json.loads(helpdesk("quarantine", "show", row["message"], "--json").out)["dismissed_at"]
    again = helpdesk("quarantine", "retry", row["message"])
    assert again.code == 1
    assert "is not in quarantine any more: it was dismissed on" in again.err


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
    marks = (".env, line 2", "HELPDESK_IMAP_PORT", "config/helpdesk.toml, line", "per_sender", "HELPDESK_SECRET_KEY")
    for mark in (*marks, "templates/acknowledgement.md, line 3"):
        assert mark in said.out, mark
    rows = json.loads(helpdesk("check", "--json").out)
    assert all(row["where"] and row["what"] for row in rows)


def test_check_tells_what_a_start_would_find_wrong_with_the_database(helpdesk: Command, desk_folder: Path) -> None:
    helpdesk("db", "upgrade")
    helpdesk("run", "--once", "--start-from", "now")
    assert helpdesk("check").code == 0
    env = (desk_folder / ".env").read_text()
    (desk_folder / ".env").write_text(env.replace("a2a2", "b3b3"))
    assert "HELPDESK_SECRET_KEY" in helpdesk("check").out
    (desk_folder / ".env").write_text(env)
    (desk_folder / "data" / "helpdesk.db").write_bytes(b"this is no database at all, it is words" * 100)
    said = helpdesk("check")
    assert said.code == 1
    assert "database" in said.out


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
        *(("tickets", name) for name in ("list", "show", "person", "close", "reopen", "assign", "pause", "resume")),
        *(("staff", name) for name in ("list", "away", "back", "exclude", "allow")),
        *(("templates", name) for name in ("list", "check", "preview")),
        ("outbox", "list"),
        *(("quarantine", name) for name in ("list", "show", "retry", "dismiss")),
        ("db", "upgrade"),
    ]
    for command in commands:
        said = helpdesk(*command, "--help")
        assert said.code == 0
        assert f"Example: helpdesk {' '.join(command)}" in " ".join(said.out.split()), command


def test_staff_who_are_away_get_no_ticket_until_they_are_back(
    helpdesk: Command, folder: FakeFolder, transport: FakeTransport
) -> None:
    helpdesk("db", "upgrade")
    helpdesk("db", "upgrade")
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
        (("back", "nobody"), 1),
    ],
    ids=["unknown", "no-day", "ended-before-it-began", "unknown-back"],
)
def test_an_absence_that_makes_no_sense_is_told(helpdesk: Command, arguments: tuple[str, ...], code: int) -> None:
    helpdesk("db", "upgrade")
    helpdesk("db", "upgrade")
    assert helpdesk("staff", *arguments).code == code
    assert json.loads(helpdesk("staff", "list", "--json").out)[0]["away"] == ""


def test_wrong_usage_ends_with_two(helpdesk: Command) -> None:
    assert helpdesk("tickets", "lost").code == 2
    assert helpdesk("explain").code == 2


def test_a_fault_of_ours_is_told_by_its_place_and_never_by_its_words(
    helpdesk: Command, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object) -> None:
        raise ValueError("sam@example.org")

    monkeypatch.setattr(doctor, "examine", fail)
    with pytest.raises(ValueError, match="sam@") as caught:
        helpdesk("doctor")
    # What Python does when nobody catches it.
    sys.excepthook(caught.type, caught.value, caught.tb)
    said = capsys.readouterr().err
    assert "event=unexpected_error" in said
    assert "sam@" not in said
