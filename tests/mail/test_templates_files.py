"""Files as admins and their editors leave them: every odd one is a problem with a line, never an exception."""

from __future__ import annotations

import os
import socket
from contextlib import chdir, closing
from pathlib import Path

import pytest

from helpdesk.errors import Problem
from helpdesk.mail.template_files import TemplateFile, read_directory, stamp_of
from tests.mail.templates_ground import ACKNOWLEDGEMENT, write
from tests.unprivileged import unprivileged, unprivileged_folder


def only_problem(directory: Path) -> Problem:
    reading = read_directory(directory)
    found = [*([reading.closed] if reading.closed else []), *reading.strangers, *reading.broken.values()]
    assert len(found) == 1
    return found[0]


def only_file(directory: Path) -> TemplateFile:
    reading = read_directory(directory)
    assert not reading.broken
    return next(iter(reading.files.values()))


@pytest.mark.parametrize(
    ("content", "line", "said"),
    [
        (b"", ", line 1", "The subject is missing."),
        (b"Hello there\n\nWords.", ", line 1", "This is no header line."),
        (b"Subject:\n\nWords.", ", line 1", "The subject is missing."),
        (b"Checked-by: A B 2026-11-03\n\nWords.", ", line 1", "The subject is missing."),
        (b"Subject: x\nSubjekt: y\n\nWords.", ", line 2", "is not known."),
        (b"Subject: x\nTo: y\n\nWords.", ", line 2", "is not known."),
        (b"Subject: x\nSUBJECT: y\n\nWords.", ", line 2", "stands twice."),
        (b"Subject: x\nWords at once.\n", ", line 2", "This is no header line."),
        (b"Subject: x\n", ", line 2", "There is no text."),
        (b"Subject: x\n\n \n\n", ", line 2", "There is no text."),
        (b"Subject: x\n\nWords.\n\xff\xfe\n", ", line 4", "This line is not UTF-8 text."),
        (b"Subject: x\n\nWor\0ds.\n", ", line 3", "This line holds a character that is no text."),
        (b"Subject: x\n\n\xf3\xb0\x80\x80\n", ", line 3", "This line holds a character that is no text."),
        (b"Subject: x\nChecked-by: Sian\n\nWords.", ", line 2", "It is not clear who checked this, and when."),
        (b"Subject: x\nChecked-by: Sian 2026-13-40\n\nWords.", ", line 2", "It is not clear who checked this, and when."),
        (b"Subject: x\nChecked-by: 2026-11-03\n\nWords.", ", line 2", "It is not clear who checked this, and when."),
        (b"Subject: x\n\n" + b"word " * 30_000, "", "This file is longer than 100 KB."),
    ],
    ids=[
        "empty", "no header", "empty subject", "no subject", "misspelt", "foreign header", "subject twice",
        "no blank line", "header only",
        "blank text", "not utf-8", "nul", "our own mark", "no day", "no such day", "nobody", "too long",
    ],
)  # fmt: skip
def test_a_broken_file_says_where_and_what(tmp_path: Path, content: bytes, line: str, said: str) -> None:
    path = tmp_path / "acknowledgement.md"
    path.write_bytes(content)
    problem = only_problem(tmp_path)
    assert problem.where == f"{path}{line}"
    assert said in problem.what
    assert problem.remedy
    assert not problem.warning


def test_a_misspelt_header_is_answered_with_the_right_one(tmp_path: Path) -> None:
    write(tmp_path, "acknowledgement.md", "Subjekt: x\n\nWords.")
    assert only_problem(tmp_path).remedy == "Did you mean “Subject:”?"


def test_a_file_that_can_not_be_read_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "acknowledgement.md").symlink_to(tmp_path / "acknowledgement.md")
    assert "can't be read" in only_problem(tmp_path).what


def test_a_folder_a_pipe_or_a_socket_is_a_problem_and_keeps_nobody_waiting(tmp_path: Path) -> None:
    path = tmp_path / "acknowledgement.md"
    path.mkdir()
    assert only_problem(tmp_path).what == "This is a folder, and has to be a file."
    path.rmdir()
    os.mkfifo(path)
    assert only_problem(tmp_path).what == "This is no regular file."
    path.unlink()
    with closing(socket.socket(socket.AF_UNIX)) as listener:
        # The path of a socket may be no longer than about 100 characters.
        with chdir(tmp_path):
            listener.bind(path.name)
        assert only_problem(tmp_path).what == "This is no regular file."


@pytest.mark.parametrize("name", ["x" * 300, "no\0name"], ids=["a name that is too long", "no name"])
def test_a_directory_that_can_not_be_looked_at_is_one_problem(tmp_path: Path, name: str) -> None:
    assert "This folder can't be entered" in only_problem(tmp_path / name).what
    assert stamp_of(tmp_path / name) == ()


def test_a_file_for_a_directory_is_one_problem(tmp_path: Path) -> None:
    path = write(tmp_path, "templates", "")
    assert "This is a file, and has to be a folder." in only_problem(path).what


@pytest.mark.parametrize("mode", [0o600, 0o300, 0], ids=["not entered", "not listed", "neither"])
def test_a_directory_that_may_not_be_entered_says_so_once(mode: int) -> None:
    with unprivileged_folder() as directory:
        templates = directory / "templates"
        templates.mkdir()
        write(templates, "acknowledgement.md", ACKNOWLEDGEMENT)
        templates.chmod(mode)
        with unprivileged():
            problem = only_problem(templates)
    assert "This folder can't be entered (Permission denied)." in problem.what
    assert "chown" in problem.remedy


def test_a_file_that_may_not_be_read_says_so() -> None:
    with unprivileged_folder() as directory:
        write(directory, "acknowledgement.md", ACKNOWLEDGEMENT).chmod(0)
        with unprivileged():
            assert only_problem(directory).what == "This file can't be read (Permission denied)."


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("acknowledgment.md", "Rename it to acknowledgement.md"),
        ("acknowledgement.en.md", "Rename it to acknowledgement.md"),
        ("Acknowledgement.md", "Rename it to acknowledgement.md"),
        ("zzz.md", "Take it away"),
    ],
)
def test_a_file_that_no_mail_is_made_from_is_warned_of(tmp_path: Path, name: str, hint: str) -> None:
    write(tmp_path, name, ACKNOWLEDGEMENT)
    problem = only_problem(tmp_path)
    assert problem.warning
    assert hint in problem.remedy


@pytest.mark.parametrize(
    "name", ["README.md", ".acknowledgement.md", "#acknowledgement.md", "acknowledgement.md~", "notes.txt"]
)
def test_what_editors_leave_is_passed_over(tmp_path: Path, name: str) -> None:
    write(tmp_path, name, "anything")
    reading = read_directory(tmp_path)
    assert (reading.files, reading.broken, reading.strangers) == ({}, {}, ())
    assert stamp_of(tmp_path) == ()


def test_line_ends_and_byte_order_marks_of_windows_are_fine(tmp_path: Path) -> None:
    (tmp_path / "acknowledgement.md").write_bytes(b"\xef\xbb\xbfSUBJECT:  Your message \r\n\r\nHello,\r\nyou.\r\n\r\n\r\n")
    file = only_file(tmp_path)
    assert file.subject == "Your message"
    assert file.body == "\n\nHello,\nyou.\n"


def test_a_piece_needs_no_header_and_may_begin_like_one(tmp_path: Path) -> None:
    write(tmp_path, "_a.md", "Please note: this is text.\n\nMore.")
    file = only_file(tmp_path)
    assert file.is_piece
    assert file.body == "Please note: this is text.\n\nMore.\n"


def test_a_directory_that_is_not_there_has_an_empty_stamp(tmp_path: Path) -> None:
    assert stamp_of(tmp_path / "nowhere") == ()


def test_a_link_to_nowhere_is_no_stamp_and_a_problem(tmp_path: Path) -> None:
    (tmp_path / "acknowledgement.md").symlink_to(tmp_path / "nowhere")
    assert stamp_of(tmp_path) == ()
    assert only_problem(tmp_path).what == "This link leads nowhere."
