"""Reads one TOML file: its content, the line of each key, or the problem that stopped it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from helpdesk.errors import Problem
from helpdesk.settings.files import read_text
from helpdesk.settings.lines import KeyPath, TomlLines

_PLACE = re.compile(r"\s*\(at line (\d+), column \d+\)$")
_AT_END = re.compile(r"\s*\(at end of document\)$")

# What tomllib says, and what an admin most often did; the first that is found in its message counts.
_LIKELY = (
    ("Cannot overwrite", "The same key stands twice in one section. Remove one of them."),
    ("Cannot declare", "The same section stands twice. Put its keys together under one heading."),
    ("Cannot mutate", "The same section stands twice. Put its keys together under one heading."),
    ("Expected '=' after a key", 'A line is a key, = and a value: opens = "10:00"'),
    ("Invalid value", 'Texts stand in quotation marks (name = "Exit Hate Trust"), true and false in small letters.'),
    ("Unclosed array", 'A list ends with a bracket: folders = ["INBOX"]'),
    ("Illegal character", "A text begins and ends with a quotation mark on the same line."),
    ("Expected newline or end of document", "Each key has a line of its own, and a text one pair of quotation marks."),
    ("", 'Compare the line with the ones around it: key = value, texts in "quotation marks".'),
)


@dataclass(frozen=True, slots=True)
class TomlFile:
    """A file that was read. `shown` is its path as an admin would type it."""

    shown: str
    data: Mapping[str, object]
    lines: TomlLines

    def where(self, path: KeyPath) -> str:
        line = self.lines.line_of(path)
        return f"{self.shown}, line {line}" if line else self.shown


def read_toml(path: Path, shown: str) -> TomlFile | Problem | None:
    """Read the file as UTF-8 TOML; None when there is no such file."""
    text = read_text(path, shown)
    if not isinstance(text, str):
        return text
    try:
        return TomlFile(shown, tomllib.loads(text), TomlLines(text))
    except tomllib.TOMLDecodeError as error:
        return _syntax_problem(shown, str(error))
    except RecursionError:
        what = "There are too many brackets within brackets, so nothing in the file counts."
        return Problem(shown, what, 'A list needs one pair: folders = ["INBOX"]')
    except ValueError:
        # Python reads no number of more than 4,300 digits.
        what = "There is a number that is far too long, so nothing in the file counts."
        return Problem(shown, what, "Look for a line that is much longer than the others.")


def _syntax_problem(shown: str, message: str) -> Problem:
    place = _PLACE.search(message)
    said = _AT_END.sub("", _PLACE.sub("", message))
    where = f"{shown}, line {place[1]}" if place else f"{shown}, at its end"
    remedy = next(remedy for clue, remedy in _LIKELY if clue in said)
    return Problem(where, f"This is not TOML ({said}), so nothing in the file counts.", remedy)
