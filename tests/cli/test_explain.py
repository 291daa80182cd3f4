"""`helpdesk explain`: one line a file whatever is in it, and words for people."""

from __future__ import annotations

import io
import json
import os
import socket
import sys
from pathlib import Path

import pytest

from helpdesk.core import alone
from tests.cli.conftest import ROOT, Command
from tests.fakes import make_mail

KEYS = {
    "file", "message_id", "in_reply_to", "references", "from", "to", "subject", "date", "kind", "rule", "acknowledge",
    "reason", "text", "new_text", "language", "attachments", "bounced", "signals", "topic", "priority", "template", "defects",
}  # fmt: skip


@pytest.fixture
def mails(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("mails")
    (folder / "b").mkdir()
    (folder / "a.eml").write_bytes(make_mail(Cc="Kim <kim@example.org>"))
    (folder / "b" / "machine.eml").write_bytes(make_mail(Auto_Submitted="auto-replied"))
    (folder / "c.eml").write_bytes(b"\xff\x00")
    return folder


def rows(helpdesk: Command, *paths: Path) -> list[dict[str, object]]:
    said = helpdesk("explain", "--jsonl", *map(str, paths))
    assert said.code == 0
    return [json.loads(line) for line in said.out.splitlines()]


def test_each_file_gives_one_object_in_order(helpdesk: Command, mails: Path) -> None:
    found = rows(helpdesk, mails)
    assert [Path(str(row["file"])).name for row in found] == ["a.eml", "c.eml", "machine.eml"]
    assert all(set(row) == KEYS for row in found)
    person, garbage, machine = found
    assert person["from"] == {"name": "Sam", "address": "sam@example.org"}
    assert person["to"] == ["info@exithate.org", "kim@example.org"]
    assert person["message_id"] == "one@example.org"
    assert person["date"] == "2026-11-02T10:59:00+00:00"
    assert (person["kind"], person["acknowledge"], person["template"]) == ("person", True, "acknowledgement")
    assert (machine["kind"], machine["acknowledge"], machine["template"]) == ("auto_reply", False, None)
    assert garbage["from"] is None
    assert garbage["acknowledge"] is False


def test_it_needs_neither_secrets_nor_staff_nor_a_database(helpdesk: Command, desk_folder: Path, mails: Path) -> None:
    (desk_folder / ".env").unlink()
    (desk_folder / "config" / "staff.toml").unlink()
    (desk_folder / "config" / "staff.example.toml").write_bytes((ROOT / "config" / "staff.example.toml").read_bytes())
    assert len(rows(helpdesk, mails / "a.eml")) == 1
    assert not (desk_folder / "data").exists()


def test_a_file_that_breaks_the_reader_still_yields_its_line(
    helpdesk: Command, mails: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(raw: bytes) -> None:
        raise ValueError("private")

    monkeypatch.setattr(alone, "parse", fail)
    found = rows(helpdesk, mails)
    assert len(found) == 3
    assert str(found[0]["defects"]).startswith("['could not be read: ValueError at test_explain.py")
    assert "private" not in str(found)


def test_people_read_it_in_words(helpdesk: Command, mails: Path) -> None:
    said = helpdesk("explain", str(mails / "a.eml"), "--full")
    assert "person (rule: default)" in said.out
    assert "acknowledgement (first mail of a person)" in said.out
    assert "| I would like to talk to somebody." in said.out
    assert "nobody that can be answered" in helpdesk("explain", str(mails / "c.eml")).out


def test_a_mail_cannot_steer_the_terminal(helpdesk: Command, mails: Path) -> None:
    (mails / "a.eml").write_bytes(make_mail(body="Hello\x1b[2J\x07\u202e there\n", subject="=?utf-8?q?a=1B]0;title=07?="))
    out = helpdesk("explain", str(mails / "a.eml"), "--full").out
    assert "Hello" in out
    assert all(character.isprintable() for character in out.replace("\n", ""))


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_a_terminal_that_knows_few_letters_shows_what_it_can(
    helpdesk: Command, mails: Path, monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    (mails / "a.eml").write_bytes(make_mail(body="Zażółć 日本\n"))
    shown = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    monkeypatch.setattr(sys, "stdout", shown)
    assert helpdesk("explain", str(mails / "a.eml")).code == 0
    shown.seek(0)
    assert "| Za???? ??" in shown.read().replace("ó", "?")


def test_what_is_no_file_gets_its_line_and_hangs_nothing(
    helpdesk: Command, mails: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = mails / "b"
    os.mkfifo(folder / "pipe")
    (folder / "loop").symlink_to(folder, target_is_directory=True)
    (folder / "itself").symlink_to(folder / "itself")
    # The path of a socket is short, so it is named from where it lies.
    with monkeypatch.context() as there, socket.socket(socket.AF_UNIX) as listening:
        there.chdir(folder)
        listening.bind("socket")
    found = {Path(str(row["file"])).name: row["defects"] for row in rows(helpdesk, folder)}
    assert found == {
        "itself": ["could not be read: no regular file"],
        "machine.eml": [],
        "pipe": ["could not be read: no regular file"],
        "socket": ["could not be read: no regular file"],
    }
    assert "no regular file" in helpdesk("explain", str(folder / "pipe")).out


def test_a_path_that_is_not_there_is_wrong_usage(helpdesk: Command) -> None:
    assert helpdesk("explain", "missing.eml").code == 2


def test_priority_is_the_real_one(helpdesk: Command, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("languages")
    (folder / "english.eml").write_bytes(make_mail())
    (folder / "polish.eml").write_bytes(make_mail(body="Dzień dobry, nie wiem, co robić. Potrzebuję pomocy.\n"))
    assert [(row["language"], row["priority"]) for row in rows(helpdesk, folder)] == [("en", "normal"), ("pl", "high")]
    assert "priority  high" in helpdesk("explain", str(folder / "polish.eml")).out
    assert "priority" not in helpdesk("explain", str(folder / "english.eml")).out
