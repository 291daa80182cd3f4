"""Template files as they lie in the directory: a header block, a blank line, a body. Judges the form, not the words."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
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
    """All files of the directory: those that could be read, and a problem for each that could not."""

    files: dict[Key, TemplateFile]
    broken: dict[Key, Problem]
    strangers: tuple[Problem, ...] = ()


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


def read_directory(directory: Path) -> Reading:
    """Read every template file; raises nothing, since what can't be read is a problem like any other."""
    files: dict[Key, TemplateFile] = {}
    broken: dict[Key, Problem] = {}
    strangers: list[Problem] = []
    if not directory.is_dir():
        strangers.append(
            Problem(str(directory), "There is no such directory.", "Put the templates there, or set HELPDESK_TEMPLATES_DIR.")
        )
    for path in _template_paths(directory):
        key = key_of(path)
        if key is None:
            strangers.append(_stranger(path))
            continue
        read = read_file(path, key)
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


def read_file(path: Path, key: Key) -> TemplateFile | Problem:
    try:
        raw = path.read_bytes()
    except OSError as error:
        reason = error.strerror or "no reason given"
        return Problem(str(path), f"This file can't be read ({reason}).", "Make it readable for the helpdesk.")
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
    return _parse(path, key, text)


def _parse(path: Path, key: Key, text: str) -> TemplateFile | Problem:
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
            header[match["key"].casefold()] = (number, match["value"].strip())
    line_number, subject = header.get("subject", (1, ""))
    if not piece and not subject:
        remedy = "Write “Subject: Your message” in the first line."
        return Problem(f"{path}, line {line_number}", "The subject is missing.", remedy)
    body = "\n" * length + "\n".join(lines[length:]).rstrip() + "\n"
    if not body.strip():
        return Problem(f"{path}, line {length + 1}", "There is no text.", "Write the text after one blank line.")
    checked_line, checked_by = header.get("checked-by", (0, ""))
    if checked_line and not _is_signed(checked_by):
        return Problem(
            f"{path}, line {checked_line}",
            "It is not clear who checked this, and when.",
            "Write the name of a fluent reader and the day: “Checked-by: Siân Price 2026-11-03”.",
        )
    return TemplateFile(path, name, language, subject, line_number, body, bool(checked_by))


def _is_signed(value: str) -> bool:
    match = _CHECKED_BY.fullmatch(value)
    if match is None:
        return False
    try:
        date.fromisoformat(match[1])
    except ValueError:
        return False
    return True


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
    found = sorted(directory.glob("*.md"))
    return [path for path in found if not path.name.startswith((".", "#")) and path.name not in _NOT_TEMPLATES]
