"""Template files as they lie in the directory: a header block, a blank line, a body. Judges the form, not the words."""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass, field
from datetime import date, timedelta
from difflib import get_close_matches
from pathlib import Path

from helpdesk.errors import Problem
from helpdesk.mail.markup import SLOT
from helpdesk.model.delivery import Purpose

ENGLISH = "en"
MAX_FILE_BYTES = 100_000
_FILE_NAME = re.compile(r"(?P<name>_?[a-z][a-z0-9_]*)(?:\.(?P<language>[a-z]{2,3}(?:-[a-z0-9]{2,8})?))?\.md")
_HEADER_LINE = re.compile(r"(?P<key>[A-Za-z][A-Za-z-]*):[ \t]*(?P<value>.*)")
_HEADER_KEYS = ("subject", "checked-by")
_CHECKED_BY = re.compile(r".*\S.*[ \t](\d{4}-\d{2}-\d{2})")
_NOT_TEMPLATES = frozenset({"README.md"})

_MEANWHILE = "The last good versions or the built-in texts are sent."

Key = tuple[str, str]
Stamp = tuple[tuple[str, int, int, int], ...]


@dataclass(frozen=True, slots=True)
class TemplateFile:
    """One file, read: `name` without ending, `body` with empty lines before it so that line numbers are the file's."""

    path: Path
    name: str
    language: str
    subject: str = field(repr=False)
    subject_line: int
    body: str = field(repr=False)
    checked: bool

    @property
    def is_piece(self) -> bool:
        return self.name.startswith("_")

    @property
    def serves(self) -> bool:
        """English always; another language only once a fluent reader has put their name to it."""
        return self.language == ENGLISH or self.checked


@dataclass(frozen=True, slots=True)
class Reading:
    """All files of the directory: those that could be read, and a problem for each that could not.

    `closed` is why the directory itself can't be read; then nothing is known of any file in it.
    """

    files: dict[Key, TemplateFile]
    broken: dict[Key, Problem]
    strangers: tuple[Problem, ...] = ()
    closed: Problem | None = None


def stamp_of(directory: Path) -> Stamp:
    """What tells cheaply whether any template changed: names, sizes, times and inodes. Empty without a directory."""
    stamps = []
    for path in _template_paths(directory):
        try:
            status = path.stat()
        except OSError:
            continue
        stamps.append((path.name, status.st_size, status.st_mtime_ns, status.st_ino))
    return tuple(stamps)


def read_directory(directory: Path, today: date | None = None) -> Reading:
    """Read every template file; raises nothing, since what can't be read is a problem like any other.

    Without `today` a Checked-by line may hold any day.
    """
    files: dict[Key, TemplateFile] = {}
    broken: dict[Key, Problem] = {}
    strangers: list[Problem] = []
    closed = _why_closed(directory)
    if closed:
        return Reading(files, broken, closed=closed)
    for path in _template_paths(directory):
        key = key_of(path)
        if key is None:
            strangers.append(_stranger(path))
            continue
        read = read_file(path, key, today)
        if isinstance(read, Problem):
            broken[key] = read
        else:
            files[key] = read
    return Reading(files, broken, tuple(strangers))


def key_of(path: Path) -> Key | None:
    """Name and language by the file's name; None where no mail is made from a file of this name."""
    match = _FILE_NAME.fullmatch(path.name)
    if match is None:
        return None
    name, language = match["name"], match["language"] or ENGLISH
    if match["language"] == ENGLISH or not (name.startswith("_") or name in set(Purpose)):
        return None
    return name, language


def _why_closed(directory: Path) -> Problem | None:
    """What keeps us out of the directory, in words; None where it can be listed and entered."""
    try:
        os.listdir(directory)
        # Pathlib drops the dot, without which a directory that may be listed but not entered looks sound.
        os.stat(os.path.join(directory, "."))
    except FileNotFoundError:
        remedy = "Put the templates there, or let HELPDESK_TEMPLATES_DIR name their folder."
        return Problem(str(directory), f"There is no such folder. {_MEANWHILE}", remedy)
    except NotADirectoryError:
        remedy = "Let HELPDESK_TEMPLATES_DIR name the folder that the templates are in."
        return Problem(str(directory), f"This is a file, and has to be a folder. {_MEANWHILE}", remedy)
    except (OSError, ValueError) as error:
        what = f"This folder can't be entered ({_reason(error)}). {_MEANWHILE}"
        return Problem(str(directory), what, f"Give it to the user that the helpdesk runs as: chown -R USER {directory}")
    return None


def _reason(error: OSError | ValueError) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or "no reason given"


def _read_bytes(path: Path) -> bytes | Problem:
    """The bytes of a regular file: a pipe would keep us waiting for ever, a device would never end."""
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):
            what = "This is a folder, and has to be a file." if stat.S_ISDIR(mode) else "This is no regular file."
            return Problem(str(path), what, "Take it away, and put the template there.")
        with path.open("rb") as file:
            return file.read(MAX_FILE_BYTES + 1)
    except FileNotFoundError:
        # It is listed, so it is a link.
        return Problem(str(path), "This link leads nowhere.", "Let it lead to a template, or put the template there.")
    except OSError as error:
        what, remedy = f"This file can't be read ({_reason(error)}).", "Make it readable for the helpdesk."
        return Problem(str(path), what, remedy)


def read_file(path: Path, key: Key, today: date | None = None) -> TemplateFile | Problem:
    raw = _read_bytes(path)
    if isinstance(raw, Problem):
        return raw
    if len(raw) > MAX_FILE_BYTES:
        return Problem(str(path), "This file is longer than 100 KB.", "A template is a page of text; take out the rest.")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        number = raw.count(b"\n", 0, error.start) + 1
        return Problem(f"{path}, line {number}", "This line is not UTF-8 text.", "Save the file as UTF-8.")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    for number, line in enumerate(text.split("\n"), start=1):
        if "\0" in line or SLOT.search(line):
            what = "This line holds a character that is no text."
            return Problem(f"{path}, line {number}", what, "Write the line again by hand.")
    return _parse(path, key, text, today)


def _parse(path: Path, key: Key, text: str, today: date | None) -> TemplateFile | Problem:
    name, language = key
    lines = text.split("\n")
    piece = name.startswith("_")
    header: dict[str, tuple[int, str]] = {}
    length = 0
    # A piece needs no header block; only a translated one has it, for its Checked-by line.
    if not piece or lines[0].casefold().startswith("checked-by:"):
        length = next((place for place, line in enumerate(lines) if not line.strip()), len(lines))
        for number, line in enumerate(lines[:length], start=1):
            match = _HEADER_LINE.fullmatch(line)
            if match is None or match["key"].casefold() not in _HEADER_KEYS:
                return _bad_header(f"{path}, line {number}", match["key"] if match else "")
            if match["key"].casefold() in header:
                return Problem(f"{path}, line {number}", f"“{match['key']}:” stands twice.", "Remove one of the two lines.")
            header[match["key"].casefold()] = (number, match["value"].strip())
    line_number, subject = header.get("subject", (1, ""))
    if not piece and not subject:
        remedy = "Write “Subject: Your message” in the first line."
        return Problem(f"{path}, line {line_number}", "The subject is missing.", remedy)
    body = "\n" * length + "\n".join(lines[length:]).rstrip() + "\n"
    if not body.strip():
        return Problem(f"{path}, line {length + 1}", "There is no text.", "Write the text after one blank line.")
    checked_line, checked_by = header.get("checked-by", (0, ""))
    unsigned = _unsigned(checked_by, today) if checked_line else ""
    if unsigned:
        remedy = "Write the name of a fluent reader and the day: “Checked-by: Siân Price 2026-11-03”."
        return Problem(f"{path}, line {checked_line}", unsigned, remedy)
    return TemplateFile(path, name, language, subject, line_number, body, bool(checked_by))


def _unsigned(value: str, today: date | None) -> str:
    """Why this names nobody who has checked the text; empty where it does."""
    match = _CHECKED_BY.fullmatch(value)
    try:
        signed_on = date.fromisoformat(match[1]) if match else None
    except ValueError:
        signed_on = None
    if signed_on is None:
        return "It is not clear who checked this, and when."
    # Whoever signs may be a few hours ahead of our clock, never a day.
    if today and signed_on > today + timedelta(days=1):
        return f"It says that somebody checked this on {signed_on}, and that day is still to come."
    return ""


def _bad_header(where: str, key: str) -> Problem:
    if not key:
        return Problem(
            where, "This is no header line.", "Begin with “Subject: Your message”, then one blank line, then the text."
        )
    near = get_close_matches(key.casefold(), _HEADER_KEYS, 1, 0.5)
    hint = f"Did you mean “{near[0].capitalize()}:”?" if near else "Only “Subject:” and “Checked-by:” stand here."
    return Problem(where, f"“{key}:” is not known.", hint)


def _stranger(path: Path) -> Problem:
    near = get_close_matches(path.name, [f"{purpose.value}.md" for purpose in Purpose], 1, 0.5)
    hint = f"Rename it to {near[0]}, or take it away." if near else "Take it away, or see README.md for the names."
    return Problem(str(path), "No mail is made from a file of this name.", hint, warning=True)


def _template_paths(directory: Path) -> list[Path]:
    """Every .md file but the README and what editors leave lying about, by name."""
    try:
        names = sorted(name for name in os.listdir(directory) if name.endswith(".md"))
    except (OSError, ValueError):
        return []
    return [directory / name for name in names if not name.startswith((".", "#")) and name not in _NOT_TEMPLATES]
