"""Doctor, import, backup and restore as an operator types them."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from helpdesk import upkeep
from helpdesk.core.reconcile import MOST_UNEXPECTED
from helpdesk.errors import HelpdeskError, TransportUnavailable
from helpdesk.jobs.process import Processor
from helpdesk.store.database import backend_of
from tests.cli.conftest import Command
from tests.fakes import FakeFolder, FakeTransport, make_mail


@pytest.fixture(autouse=True)
def _servers_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upkeep, "probe_transport", lambda login: None)
    monkeypatch.setattr(upkeep, "sent_folder_of", lambda login, name: "")


@pytest.fixture
def answered(helpdesk: Command, folder: FakeFolder) -> Command:
    folder.put(make_mail())
    helpdesk("run", "--once", "--start-from", "all")
    return helpdesk


@pytest.fixture
def worker(answered: Command) -> Iterator[None]:
    """A worker that is alive on the same database."""
    with backend_of("sqlite:///data/helpdesk.db").presence(timedelta(minutes=5)):
        yield


def hold_back(folder: FakeFolder, helpdesk: Command, count: int = MOST_UNEXPECTED + 1) -> None:
    """Messages that the server shows late, under UIDs that the poll has passed."""
    first = folder.uidnext
    folder.uidnext += count
    folder.newest_uids = lambda count: []  # type: ignore[method-assign]
    helpdesk("run", "--once")
    for number in range(count):
        raw = make_mail(f"p{number}@d{number}.example.org", message_id=f"<{number}@example.org>", body=f"{number}\n")
        folder.messages[first + number] = (raw, datetime.now(UTC))


@pytest.mark.usefixtures("worker")
def test_doctor_is_content_with_a_desk_that_works(answered: Command) -> None:
    said = answered("doctor")
    assert said.code == 0, said.out
    assert "Settings, staff and templates are sound." in said.out
    assert said.out.endswith("All is well: mail is flowing.\n")
    shown = json.loads(answered("doctor", "--json").out)
    assert (shown["well"], shown["findings"]) == (True, [])
    assert "Nothing is in quarantine." in shown["seen"]


def test_doctor_tells_what_is_wrong_what_became_of_the_mail_and_what_to_do(
    answered: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(login: object) -> None:
        raise TransportUnavailable("The SMTP server localhost refused the login.")

    monkeypatch.setattr(upkeep, "probe_transport", refuse)
    said = answered("doctor")
    assert said.code == 1
    assert "wrong: worker\n  No worker is running.\n  New mail stays in the mailbox." in said.out
    assert "  To do: The SMTP server localhost refused the login." in said.out
    assert said.out.endswith("Something is wrong: see above.\n")
    shown = json.loads(answered("doctor", "--json").out)
    assert [finding["about"] for finding in shown["findings"]] == ["worker", "SMTP server"]
    assert all(finding["what"] and finding["mail"] and finding["remedy"] for finding in shown["findings"])


def test_doctor_names_mistakes_in_the_settings_first(answered: Command, desk_folder: Path) -> None:
    with (desk_folder / "config" / "helpdesk.toml").open("a") as settings:
        settings.write("\n[nonsense]\nkey = 1\n")
    shown = json.loads(answered("doctor", "--json").out)
    assert len(shown["findings"]) == 1
    assert "config/helpdesk.toml" in shown["findings"][0]["about"]


def test_doctor_of_a_database_that_was_never_made(helpdesk: Command, desk_folder: Path) -> None:
    said = helpdesk("doctor")
    assert said.code == 1
    assert "wrong: database" in said.out
    assert "  To do: There is no database at" in said.out
    (finding,) = json.loads(helpdesk("doctor", "--json").out)["findings"]
    assert all(finding.values())
    assert not (desk_folder / "data").exists()


def test_doctor_of_a_database_with_another_key(answered: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HELPDESK_SECRET_KEY", "b2" * 21 + "M")
    (finding,) = json.loads(answered("doctor", "--json").out)["findings"]
    assert finding["what"] == "The database can't be used."
    assert "HELPDESK_SECRET_KEY is not the key" in finding["remedy"]


def test_what_is_held_is_shown_by_doctor_and_taken_in_by_import(
    answered: Command, folder: FakeFolder, transport: FakeTransport
) -> None:
    hold_back(folder, answered)
    assert "helpdesk import --mailbox" in answered("doctor").out
    before = len(transport.sent)
    said = answered("import", "--mailbox")
    assert said.code == 0
    assert said.out == (
        f"INBOX: {MOST_UNEXPECTED + 1} of {MOST_UNEXPECTED + 1} messages taken in. They are on EHT-1002 to EHT-"
        f"{1002 + MOST_UNEXPECTED}; nobody was answered, and the lead gets one summary.\n"
    )
    answered("run", "--once")
    assert {each.recipient for each in transport.sent[before:]} == {"mike.private@staff.example"}
    assert answered("import", "--mailbox").out == "INBOX: nothing to take in, the database has everything.\n"
    assert "helpdesk import --mailbox" not in answered("doctor").out


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
def test_import_ends_between_two_messages_when_told_and_goes_on(
    answered: Command, folder: FakeFolder, transport: FakeTransport, number: signal.Signals
) -> None:
    hold_back(folder, answered)

    def interrupt(step: str) -> None:
        if step == "fetch":
            os.kill(os.getpid(), number)

    folder.before = interrupt
    # Where the command does not listen, it must not end the tests.
    before = signal.signal(number, signal.SIG_IGN)
    try:
        said = answered("import", "--mailbox")
        assert signal.getsignal(number) is signal.SIG_IGN
    finally:
        signal.signal(number, before)
    assert said.code == 1
    assert f"INBOX: 50 of {MOST_UNEXPECTED + 1} messages taken in." in said.out
    assert "the same command goes on with the rest" in said.out
    folder.before = lambda step: None
    answered("run", "--once")
    assert [each.recipient for each in transport.sent if each.cause.startswith("imported:")] == ["mike.private@staff.example"]
    assert "1 of 1 messages taken in" in answered("import", "--mailbox").out


def test_import_on_a_terminal_shows_a_bar_and_not_a_line_for_each_message(
    answered: Command, folder: FakeFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold_back(folder, answered)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    said = answered("import", "--mailbox")
    assert said.code == 0
    assert "event=processed" not in said.err


def test_import_of_another_folder(answered: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    other = FakeFolder(uidvalidity=9)
    other.put(make_mail("kim@example.org", message_id="<kim@example.org>"), datetime.now(UTC))
    monkeypatch.setattr(upkeep, "ImapFolder", lambda login, policy, clock: other)
    said = answered("import", "--mailbox", "--folder", "Processed")
    assert "Processed: 1 of 1 messages taken in. They are on EHT-1002;" in said.out
    assert other.closed


def test_what_failed_in_another_folder_is_processed_by_the_worker_when_it_is_let_go(
    answered: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = FakeFolder(uidvalidity=9)
    other.put(make_mail("kim@example.org", message_id="<kim@example.org>"), datetime.now(UTC))

    def fail(self: Processor, stored: object, *, junk: bool = False) -> None:
        raise ValueError("a fault of ours")

    with monkeypatch.context() as broken:
        broken.setattr(upkeep, "ImapFolder", lambda login, policy, clock: other)
        broken.setattr(Processor, "read", fail)
        answered("import", "--mailbox", "--folder", "Processed")
    (waiting,) = json.loads(answered("quarantine", "list", "--json").out)
    answered("quarantine", "retry", waiting["message"])
    assert answered("run", "--once").out == "1 message processed.\n"
    assert json.loads(answered("quarantine", "list", "--json").out) == []


@pytest.mark.parametrize("arguments", [(), ("--folder", "Processed")], ids=["nothing", "a folder alone"])
def test_import_asks_from_where(answered: Command, arguments: tuple[str, ...]) -> None:
    said = answered("import", *arguments)
    assert said.code == 2
    assert "--mailbox" in said.err


def test_backup_says_what_it_holds_and_that_the_key_is_needed(answered: Command, desk_folder: Path) -> None:
    said = answered("db", "backup", "copy.db")
    assert said.code == 0
    assert said.out.startswith("copy.db: 1 message, 1 ticket, 1 MB, checked.\n")
    assert "without HELPDESK_SECRET_KEY nobody can read it" in said.out
    content = (desk_folder / "copy.db").read_bytes()
    assert b"sam@example.org" not in content
    assert b"talk to somebody" not in content


def test_restore_brings_it_back_and_says_what_to_look_at(answered: Command, desk_folder: Path, folder: FakeFolder) -> None:
    answered("db", "backup", "copy.db")
    folder.put(make_mail("kim@example.org", message_id="<kim@example.org>"), datetime.now(UTC) - timedelta(seconds=2))
    answered("run", "--once")
    assert len(json.loads(answered("tickets", "list", "--json").out)) == 2
    said = answered("db", "restore", "copy.db")
    assert said.code == 0, said.err
    assert "1 message, 1 ticket." in said.out
    assert "is kept as" in said.out
    assert "helpdesk outbox list --state held" in said.out
    assert len(json.loads(answered("tickets", "list", "--json").out)) == 1
    assert answered("run", "--once").out == "1 message processed.\n"
    (held,) = json.loads(answered("outbox", "list", "--state", "held", "--json").out)
    assert held["recipient"] == "kim@example.org"
    assert held["held_because"].startswith("the database was restored from a backup")
    (kept,) = (desk_folder / "data").glob("helpdesk.db.before-*")
    with sqlite3.connect(kept) as connection:
        assert connection.execute("SELECT count(*) FROM ticket").fetchone() == (2,)
    connection.close()


def test_restore_says_where_moved_mail_is(answered: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    answered("db", "backup", "copy.db")
    monkeypatch.setenv("HELPDESK_MAILBOX__AFTER", "move")
    said = answered("db", "restore", "copy.db")
    assert "helpdesk import --mailbox --folder Processed." in said.out


def test_a_restoration_is_logged_once_it_is_in_place_and_not_when_it_was_refused_to_the_end(
    answered: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered("db", "backup", "copy.db")

    def refuse(*_: object, **__: object) -> None:
        raise HelpdeskError("Another program has the database open.")

    with monkeypatch.context() as refusing:
        refusing.setattr(upkeep, "put_in_place", refuse)
        said = answered("db", "restore", "copy.db")
    assert said.code == 1
    assert "event=restored" not in said.err
    assert answered("db", "restore", "copy.db").err.count("event=restored held=") == 1


def test_restore_of_what_is_no_backup_changes_nothing(answered: Command, desk_folder: Path) -> None:
    with sqlite3.connect(desk_folder / "other.db") as connection:
        connection.execute("PRAGMA user_version=3")
    connection.close()
    said = answered("db", "restore", "other.db")
    assert said.code == 1
    assert "other.db is no backup of a helpdesk. Nothing was changed" in said.err
    assert len(json.loads(answered("tickets", "list", "--json").out)) == 1
    assert not list((desk_folder / "data").glob("helpdesk.db.before-*"))


def test_restore_into_a_server_that_holds_something_is_refused_before_the_backup_is_looked_at(
    answered: Command, monkeypatch: pytest.MonkeyPatch, postgres_url: str
) -> None:
    monkeypatch.setenv("HELPDESK_DATABASE_URL", postgres_url)
    answered("run", "--once", "--start-from", "now")
    said = answered("db", "restore", "missing.db")
    assert said.code == 1
    assert "The database is not empty." in said.err
    assert "event=restored" not in said.err


@pytest.mark.usefixtures("worker")
def test_restore_is_refused_while_a_worker_runs(answered: Command, desk_folder: Path) -> None:
    answered("db", "backup", "copy.db")
    said = answered("db", "restore", "copy.db")
    assert said.code == 1
    assert "A worker runs on this database." in said.err
    assert not list((desk_folder / "data").glob("helpdesk.db.before-*"))
