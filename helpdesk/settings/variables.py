"""The variables that the operator set: those of the environment, and behind them those of `.env`."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from dotenv.parser import Binding, parse_stream

from helpdesk.errors import Problem
from helpdesk.settings.files import is_open_to_others, read_text
from helpdesk.settings.nearest import nearest

PREFIX = "HELPDESK_"
_DOTENV = ".env"
_EXAMPLE_LINE = "HELPDESK_IMAP_HOST='imap.example.org'"


@dataclass(frozen=True, slots=True)
class Variable:
    """A value that is not empty, and where it stands: "environment" or ".env, line 3"."""

    name: str
    value: str = field(repr=False)
    where: str


@dataclass(frozen=True, slots=True)
class Variables:
    """Every HELPDESK_ variable with a value, each once; an empty one counts as not set, so that `.env` may list it.

    `file_unread` says that there is a `.env`, and that nobody knows what it holds.
    """

    entries: tuple[Variable, ...]
    file_exists: bool
    problems: tuple[Problem, ...] = ()
    file_unread: bool = False

    def find(self, name: str) -> Variable | None:
        return next((entry for entry in self.entries if entry.name == name), None)

    def get(self, name: str, default: str = "") -> str:
        found = self.find(name)
        return found.value if found else default

    def where(self, name: str) -> str:
        """Where this variable stands, or where it would have to be written."""
        found = self.find(name)
        return found.where if found else _DOTENV


def read_variables(directory: Path, environ: Mapping[str, str]) -> Variables:
    """Read `.env` and put the environment before it; never raises, what can't be read is among the problems."""
    path = directory / _DOTENV
    text = read_text(path, _DOTENV)
    from_file, problems = _read_lines(text) if isinstance(text, str) else ([], [])
    if isinstance(text, Problem):
        problems.append(text)
    elif text is not None and is_open_to_others(path):
        problems.append(_open_to_others())
    from_environment = [Variable(name, value, "environment") for name, value in environ.items()]
    entries = {
        entry.name: entry
        for entry in (*from_file, *from_environment)
        if entry.name.upper().startswith(PREFIX) and entry.value.strip()
    }
    return Variables(tuple(entries.values()), text is not None, tuple(problems), isinstance(text, Problem))


def find_unknown(variables: Variables, known: Iterable[str]) -> list[Problem]:
    """A problem for each variable whose name means nothing here: most are slips, and would silently be ignored."""
    names = frozenset(known)
    return [
        Problem(entry.where, f"{entry.name} is no setting of the helpdesk.", _meant(entry.name, names))
        for entry in variables.entries
        if entry.name not in names
    ]


def _meant(name: str, known: frozenset[str]) -> str:
    near = nearest(name, known)
    return f"Did you mean {near}? Rename it, or remove it." if near else "Remove it, or look its name up in .env.example."


def _read_lines(text: str) -> tuple[list[Variable], list[Problem]]:
    problems: list[Problem] = []
    entries: list[Variable] = []
    for binding in parse_stream(io.StringIO(text)):
        # A binding begins with the blank lines before it, which belong to no variable.
        blank = len(binding.original.string) - len(binding.original.string.lstrip())
        line = binding.original.line + binding.original.string[:blank].count("\n")
        where = f"{_DOTENV}, line {line}"
        mistake = _mistake(binding, where)
        if mistake:
            problems.append(mistake)
        elif binding.key and binding.value:
            entries.append(Variable(binding.key, binding.value, where))
    return entries, [*problems, *_find_repeated(entries), *_find_unprefixed(entries)]


def _open_to_others() -> Problem:
    what = "Others on this machine can read the passwords in it."
    return Problem(_DOTENV, what, "Run: chmod 600 .env", warning=True)


def _mistake(binding: Binding, where: str) -> Problem | None:
    if binding.error:
        what = "The line can't be read; most often a quotation mark is missing at its end."
        return Problem(where, what, f"Write it like this: {_EXAMPLE_LINE}")
    if binding.key and binding.value is None:
        return Problem(where, f"{binding.key} has no value.", f"Write a name, = and a value: {_EXAMPLE_LINE}")
    text = binding.original.string.partition("=")[2].strip()
    if binding.value and text[:1] not in ("'", '"') and " #" in text:
        what = f"{binding.key} stands without quotation marks, so what follows the # was taken for a comment."
        return Problem(where, what, f"If the # belongs to it, write: {binding.key}='…'", warning=True)
    return None


def _find_repeated(entries: list[Variable]) -> list[Problem]:
    last = {entry.name: entry for entry in entries}
    return [
        Problem(entry.where, f"{entry.name} is set again further down, and the last one counts.", "Remove one.", warning=True)
        for entry in entries
        if entry is not last[entry.name]
    ]


def _find_unprefixed(entries: list[Variable]) -> list[Problem]:
    return [
        Problem(entry.where, f"{entry.name} is not read.", f"Write {PREFIX}{entry.name}, or remove it.", warning=True)
        for entry in entries
        if entry.name.startswith(("IMAP_", "SMTP_", "DATABASE_URL", "SECRET_KEY"))
    ]
