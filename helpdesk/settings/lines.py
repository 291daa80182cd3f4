"""Finds the line on which a key of a TOML text stands, since tomllib does not tell.

It reads a text that tomllib has taken already, so it goes by the shape alone and judges nothing; of any other text it
still comes to the end.
"""

from __future__ import annotations

import re

KeyPath = tuple[str | int, ...]

_KEY_PART = re.compile(r"""[ \t]*(?:"((?:\\.|[^"\\])*)"|'([^']*)'|([A-Za-z0-9_-]+))[ \t]*""")
_HEADER = re.compile(r"(\[\[?)((?:\"(?:\\.|[^\"\\])*\"|'[^']*'|[^\]\"'])*)\]\]?")
_STRING = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}' + r"|'''.*?'{3,5}" + r'|"(?:\\.|[^"\\\n])*"' + r"|'[^'\n]*'",
    re.DOTALL,
)
_BARE = re.compile(r"[^,\]}#\n]*")
_BLANK = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)*")


class TomlLines:
    """The line of every key, table and array element of one TOML text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._lines: dict[KeyPath, int] = {}
        self._tables: dict[KeyPath, int] = {}
        self._read()

    def line_of(self, path: KeyPath) -> int | None:
        """The line, from 1, of this key or of the closest thing that it would stand in; None when there is neither."""
        for length in range(len(path), 0, -1):
            line = self._lines.get(path[:length])
            if line is not None:
                return line
        return None

    def _read(self) -> None:
        position, table = self._after_blanks(0), ()  # type: tuple[int, KeyPath]
        while position < len(self._text):
            header = _HEADER.match(self._text, position)
            if header:
                table = self._enter(_key_parts(header[2]), array=header[1] == "[[", position=position)
                position = header.end()
            else:
                position = self._read_pair(position, table)
            position = self._after_blanks(position)

    def _enter(self, names: list[str], *, array: bool, position: int) -> KeyPath:
        """The full path of a table header: an array of tables on the way stands for its last element."""
        path: KeyPath = ()
        for index, name in enumerate(names):
            path = (*path, name)
            if array and index == len(names) - 1:
                self._tables[path] = self._tables.get(path, -1) + 1
                self._note(path, position)
            if path in self._tables:
                path = (*path, self._tables[path])
        self._note(path, position)
        return path

    def _read_pair(self, position: int, table: KeyPath) -> int:
        """Read `key = value`; returns where the value ends."""
        end, path = position, table
        while True:
            part = _KEY_PART.match(self._text, end)
            if part is None:
                return len(self._text)
            path, end = (*path, _name(part)), part.end()
            self._note(path, position)
            if self._text[end : end + 1] != ".":
                break
            end += 1
        return self._read_value(self._after_blanks(end + 1), path)

    def _read_value(self, position: int, path: KeyPath) -> int:
        first = self._text[position : position + 1]
        if first == "[":
            return self._read_array(position + 1, path)
        if first == "{":
            return self._read_inline_table(position + 1, path)
        string = _STRING.match(self._text, position)
        if string:
            return string.end()
        return self._end_of(_BARE, position)

    def _read_array(self, position: int, path: KeyPath) -> int:
        position, index = self._after_blanks(position), 0
        while position < len(self._text) and self._text[position] != "]":
            self._note((*path, index), position)
            end = self._after_comma(self._read_value(position, (*path, index)))
            if end == position:
                return len(self._text)
            position, index = end, index + 1
        return position + 1

    def _read_inline_table(self, position: int, path: KeyPath) -> int:
        position = self._after_blanks(position)
        while position < len(self._text) and self._text[position] != "}":
            position = self._after_comma(self._read_pair(position, path))
        return position + 1

    def _after_comma(self, position: int) -> int:
        position = self._after_blanks(position)
        return self._after_blanks(position + 1) if self._text[position : position + 1] == "," else position

    def _after_blanks(self, position: int) -> int:
        return self._end_of(_BLANK, position)

    def _end_of(self, pattern: re.Pattern[str], position: int) -> int:
        match = pattern.match(self._text, position)
        return match.end() if match else position

    def _note(self, path: KeyPath, position: int) -> None:
        self._lines.setdefault(path, self._text.count("\n", 0, position) + 1)


def _key_parts(dotted: str) -> list[str]:
    return [_name(part) for part in _KEY_PART.finditer(dotted)]


def _name(part: re.Match[str]) -> str:
    return next(group for group in part.groups() if group is not None)
