"""A backup of yesterday loses nothing of today that the mailbox still has, and nobody is answered twice. Real servers."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from helpdesk.model.policy import StartMode
from tests.e2e.conftest import STAFF_ADDRESSES, Place
from tests.fakes import make_mail

BEFORE = [f"b{number}@example.org" for number in range(3)]
AFTER = [f"a{number}@example.org" for number in range(4)]


def mail(sender: str) -> bytes:
    return make_mail(sender, message_id=f"<{sender}>", body=f"Could somebody call me? It is about {sender[0]}.\n")


@pytest.fixture(params=["sqlite", "postgresql"])
def desk(place: Place, request: pytest.FixtureRequest) -> Place:
    """A place on each kind of database."""
    if request.param == "postgresql":
        place.write_env(HELPDESK_DATABASE_URL=request.getfixturevalue("empty_postgres_url"))
    return place


@contextmanager
def worker(place: Place) -> Iterator[None]:
    """`helpdesk run`, in a process of its own."""
    running = subprocess.Popen(
        [sys.executable, "-m", "helpdesk", "run"],
        cwd=place.directory,
        env=place.process_environment(),
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield
    finally:
        running.send_signal(signal.SIGTERM)
        _, log = running.communicate(timeout=60)
    assert running.returncode == 0, log


def write_in(place: Place, *senders: str) -> None:
    """These people write, and are answered."""
    place.dovecot.append_all(place.user, [mail(sender) for sender in senders])
    for sender in senders:
        place.sink.wait_for(lambda sender=sender: place.mails_to(sender))


def lose_the_database(place: Place) -> bool:
    """As a broken disk does; False where the database is on a server."""
    files = list((place.directory / "data").glob("helpdesk.db*")) if (place.directory / "data").exists() else []
    for file in files:
        file.unlink()
    return bool(files)


def listed(place: Place, *command: str) -> list[dict[str, object]]:
    said = place.command(*command, "--json")
    assert said.returncode == 0, said.stderr
    rows: list[dict[str, object]] = json.loads(said.stdout)
    return rows


def restore(place: Place, backup: Path, *, lost: bool) -> str:
    said = place.command("db", "restore", str(backup), *([] if lost else ["--replace"]))
    assert said.returncode == 0, said.stderr
    return said.stdout


def back_up_and_go_on(place: Place) -> Path:
    """A day: three people, a backup while the worker runs, four more people."""
    backup = place.directory / "backup.db"
    place.work(StartMode.ALL)
    with worker(place):
        write_in(place, *BEFORE)
        made = place.command("db", "backup", str(backup))
        assert made.returncode == 0, made.stderr
        refused = place.command("db", "restore", str(backup), "--replace")
        assert refused.returncode == 1
        assert "A worker runs on this database" in refused.stderr
        write_in(place, *AFTER)
    return backup


def test_a_restored_backup_loses_nothing_and_answers_nobody_twice(desk: Place) -> None:
    backup = back_up_and_go_on(desk)
    said = restore(desk, backup, lost=lose_the_database(desk))
    assert "3 tickets" in said
    assert {row["requester"] for row in listed(desk, "tickets", "list")} == set(BEFORE)
    desk.work()
    # Each mail has one ticket, and no number stands for two people.
    tickets = listed(desk, "tickets", "list")
    assert sorted(str(row["requester"]) for row in tickets) == sorted(BEFORE + AFTER)
    assert len({row["ticket"] for row in tickets}) == len(tickets)
    # Everybody has one answer, the one from before.
    assert {sender: len(desk.mails_to(sender)) for sender in BEFORE + AFTER} == dict.fromkeys(BEFORE + AFTER, 1)
    # What is held is listed with its reason, and a person can let it go.
    held = [row for row in listed(desk, "outbox", "list", "--state", "held") if row["purpose"] == "acknowledgement"]
    assert {row["recipient"] for row in held} >= set(AFTER)
    assert all("restored from a backup" in str(row["held_because"]) for row in held)
    assert any("restored from a backup" in mail.as_string() for mail in desk.mails_to("mike.private@staff.example"))
    (one,) = [row for row in held if row["recipient"] == AFTER[0]]
    assert desk.command("outbox", "release", str(one["delivery"])).returncode == 0
    desk.work()
    assert len(desk.mails_to(AFTER[0])) == 2
    assert {len(desk.mails_to(sender)) for sender in AFTER[1:]} == {1}


def see_the_next_second() -> None:
    """INTERNALDATE has no fractions: what comes within the second of the restoration counts as having come before it."""
    second = int(time.time())
    while int(time.time()) == second:
        time.sleep(0.01)


def test_after_a_restoration_people_who_write_are_answered_as_ever(desk: Place) -> None:
    backup = back_up_and_go_on(desk)
    restore(desk, backup, lost=lose_the_database(desk))
    see_the_next_second()
    with worker(desk):
        write_in(desk, "new@example.org")
    assert len(desk.mails_to("new@example.org")) == 1
    assert len([row for row in listed(desk, "tickets", "list") if row["requester"] == "new@example.org"]) == 1


def test_mail_that_was_moved_meanwhile_is_taken_in_from_where_it_lies(desk: Place) -> None:
    desk.more["HELPDESK_MAILBOX__AFTER"] = "move"
    backup = back_up_and_go_on(desk)
    said = restore(desk, backup, lost=lose_the_database(desk))
    assert "helpdesk import --mailbox --folder Processed" in said
    desk.work()
    assert {row["requester"] for row in listed(desk, "tickets", "list")} == set(BEFORE)
    imported = desk.command("import", "--mailbox", "--folder", "Processed")
    assert imported.returncode == 0, imported.stderr
    assert "4 of 7 messages taken in" in imported.stdout
    desk.work()
    assert sorted(str(row["requester"]) for row in listed(desk, "tickets", "list")) == sorted(BEFORE + AFTER)
    assert {sender: len(desk.mails_to(sender)) for sender in BEFORE + AFTER} == dict.fromkeys(BEFORE + AFTER, 1)
    again = desk.command("import", "--mailbox", "--folder", "Processed")
    assert "0 of 3 messages taken in" in again.stdout
    with desk.dovecot.client(desk.user) as client:
        client.select_folder("Processed")
        assert len(client.search("ALL")) == 7


def test_doctor_says_that_mail_flows_while_a_worker_runs(desk: Place) -> None:
    desk.work(StartMode.ALL)
    with worker(desk):
        write_in(desk, BEFORE[0])
        said = desk.command("doctor")
    assert said.returncode == 0, said.stdout
    assert "The certificate of the server of INBOX is valid until" in said.stdout
    assert said.stdout.endswith("All is well: mail is flowing.\n")
    stopped = desk.command("doctor", "--json")
    assert stopped.returncode == 1
    assert [finding["about"] for finding in json.loads(stopped.stdout)["findings"]] == ["worker"]
    assert not any(address in said.stdout for address in STAFF_ADDRESSES)
