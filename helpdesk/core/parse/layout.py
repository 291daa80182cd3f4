"""Lines of text out of inline words, breaks, lists and quotes: what a page looks like when only its words are kept.

Knows nothing of tags; the reader of HTML calls it in document order.
"""

from __future__ import annotations

_INVISIBLE = {ord(mark): None for mark in "\u00ad\u034f\u200b\u2060\ufeff"}
_LIST_DEPTH = 20
_QUOTE_DEPTH = 20


class Layout:
    """Collects the words, `finish` gives the text: white space is one space, one blank line at most parts paragraphs."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._line: list[str] = []
        self._space = False
        self._gap = False
        # Whether the line that is begun holds a space that a browser keeps, and nothing else so far.
        self._kept_space = False
        self._bullet = ""
        # One entry for each open list: the number of its next item, 0 for a list without numbers.
        self._lists: list[int] = []
        # One entry for each open quote or indented block: whether its lines are marked as a quote.
        self._quotes: list[bool] = []
        self.preformatted = 0

    def words(self, text: str) -> None:
        if not text.isascii():
            text = text.translate(_INVISIBLE)
        if self.preformatted:
            self._verbatim(text)
            return
        words = text.split()
        if not words:
            self._space = self._space or bool(text)
            self._kept_space = self._kept_space or "\u00a0" in text
            return
        if self._line and (self._space or text[0].isspace()):
            self._line.append(" ")
        elif not self._line:
            self._begin()
        self._line.append(" ".join(words))
        self._space = text[-1].isspace()

    def line_break(self) -> None:
        """End the line, also an empty one."""
        if self._line:
            self._end()
        elif self._lines and self._lines[-1]:
            self._lines.append("")

    def block(self, *, paragraph: bool = False) -> None:
        """What follows starts on a line of its own, after a blank line if a paragraph ends or begins here."""
        if self._line:
            self._end()
        elif self._kept_space:
            # Outlook and GMX write an empty line so: <div>&nbsp;</div>
            self.line_break()
        self._kept_space = False
        self._gap = self._gap or paragraph

    def cell(self) -> None:
        self._space = self._space or bool(self._line)

    def open_list(self, *, numbered: bool) -> None:
        self.block(paragraph=not self._lists)
        if len(self._lists) < _LIST_DEPTH:
            self._lists.append(1 if numbered else 0)

    def close_list(self) -> None:
        self.block(paragraph=len(self._lists) <= 1)
        if self._lists:
            self._lists.pop()

    def item(self) -> None:
        self.block()
        number = self._lists[-1] if self._lists else 0
        if number:
            self._lists[-1] += 1
        self._bullet = "  " * (len(self._lists) - 1) + (f"{number}. " if number else "- ")

    def open_quote(self, *, marked: bool) -> None:
        self.block(paragraph=True)
        if len(self._quotes) < _QUOTE_DEPTH:
            self._quotes.append(marked)

    def close_quote(self) -> None:
        self.block(paragraph=True)
        if self._quotes:
            self._quotes.pop()

    def position(self) -> tuple[int, int]:
        """A mark for `since`."""
        return len(self._lines), len(self._line)

    def since(self, mark: tuple[int, int]) -> str:
        """The words that were added to this line since the mark; those of earlier lines are gone from view."""
        lines, pieces = mark
        return "".join(self._line[pieces:] if lines == len(self._lines) else self._line)

    def finish(self) -> str:
        self.block()
        return "\n".join(self._lines).strip("\n")

    def _begin(self) -> None:
        if self._gap and self._lines and self._lines[-1]:
            self._lines.append("")
        self._gap = False
        if self._bullet:
            self._line.append(self._bullet)
            self._bullet = ""

    def _end(self) -> None:
        line = "".join(self._line).rstrip()
        self._lines.append("> " * sum(self._quotes) + line)
        self._line.clear()
        self._space = self._kept_space = False

    def _verbatim(self, text: str) -> None:
        for number, line in enumerate(text.replace("\r\n", "\n").split("\n")):
            if number:
                self._end() if self._line else self.line_break()
            if line:
                if not self._line:
                    self._begin()
                self._line.append(line)
