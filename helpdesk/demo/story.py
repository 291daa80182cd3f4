"""Shows what happened, for a terminal of 80 columns or more and for a pipe; reads and decides nothing."""

from __future__ import annotations

import re
from email.message import EmailMessage

from rich.console import Console
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from helpdesk.demo import words
from helpdesk.demo.outcomes import Outcome
from helpdesk.demo.post import text_of
from helpdesk.model.message import InboundMessage
from helpdesk.model.staff import StaffMember

WIDEST = 96
_LABELS = 11
_FEW_WORDS = 330
# What a phone shows of a mail while it is locked: DESIGN section 1.
_LOCK_SCREEN = 140


class Story:
    """Tells one mail after the other; an acknowledgement is shown whole once, and then only where it differs."""

    def __init__(self, console: Console, staff: tuple[StaffMember, ...]) -> None:
        self._console = console
        self._staff = staff
        self._known_paragraphs: set[str] = set()

    def say(self, *paragraphs: str) -> None:
        for paragraph in paragraphs:
            self._console.print(Padding(Text(_plain(paragraph)), (0, 1)))
            self._console.print()

    def heading(self, title: str, *, number: int | None = None) -> None:
        text = Text(f"{number:>2}  " if number else "", style="dim").append(_plain(title), style="bold not dim")
        self._console.rule(text, align="left", style="dim")
        self._console.print()

    def rows(self, rows: list[tuple[str, str]]) -> None:
        """Labels and what belongs to them; a row without words is left out."""
        grid = Table.grid(padding=(0, 2))
        grid.add_column(width=_LABELS, style="cyan", justify="left")
        grid.add_column(overflow="fold")
        for label, value in rows:
            if value:
                grid.add_row(label, Text(_plain(value)))
        self._console.print(Padding(grid, (0, 1, 1, 1)))

    def as_typed(self, text: str) -> None:
        """Text to copy: never wrapped."""
        self._console.print(Text(text, style="bold"), soft_wrap=True)
        self._console.print()

    def message(self, outcome: Outcome, remark: str = "") -> None:
        """What came, and what the worker made of it."""
        came = outcome.inbound
        self.rows(
            [
                ("from", _sender(came)),
                ("subject", came.subject),
                ("text", _few_lines(came.new_text)),
                ("attached", ", ".join(each.name for each in came.attachments)),
            ]
        )
        self.rows(
            [
                ("kind", words.kind_in_words(outcome)),
                ("answer", words.answer_in_words(outcome)),
                ("", remark),
                ("ticket", words.ticket_in_words(outcome)),
                ("goes to", words.staff_in_words(outcome, self._staff)),
            ]
        )

    def answer(self, mail: EmailMessage, reader: str) -> None:
        """The acknowledgement, as it lies in the mailbox of the person who wrote."""
        text = text_of(mail)
        paragraphs = re.split(r"\n\s*\n", text)
        new = [paragraph for paragraph in paragraphs if paragraph not in self._known_paragraphs]
        if not self._known_paragraphs:
            self._mail(mail, text, f"What {reader} reads")
            self.rows([("lock screen", f"{_name(mail)} · {mail['Subject']} · {_beginning(text)}")])
        elif new:
            self._mail(mail, "\n\n".join([*new, "[The rest is as above.]"]), f"What {reader} reads")
        else:
            self.rows([("they read", "the same words as above")])
        self._known_paragraphs.update(paragraphs)

    def notice(self, mail: EmailMessage, reader: str) -> None:
        """The notice, as it lies in a staff member's mailbox."""
        self._mail(mail, text_of(mail), f"What {reader} gets, at home")

    def _mail(self, mail: EmailMessage, text: str, title: str) -> None:
        head = Text()
        for name in ("From", "To", "Subject"):
            head.append(f"{name:8} ", style="cyan").append(f"{_plain(str(mail[name]))}\n")
        head.append(f"\n{_plain(text)}")
        self._console.print(
            Padding(
                Panel(head, title=Text(title, style="bold"), title_align="left", border_style="dim", padding=(1, 2)), (0, 1)
            )
        )
        self._console.print()


def _sender(message: InboundMessage) -> str:
    if message.sender is None:
        return "nobody that can be answered"
    return f"{message.sender.name} <{message.sender.address}>".strip()


def _name(mail: EmailMessage) -> str:
    return str(mail["From"]).partition(" <")[0]


def _few_lines(text: str) -> str:
    """The first paragraphs, each as one line; the rest is left out."""
    lines = [" ".join(paragraph.split()) for paragraph in re.split(r"\n\s*\n", text.strip())]
    shown = lines[:1]
    for line in lines[1:]:
        if len("\n".join([*shown, line])) > _FEW_WORDS:
            break
        shown.append(line)
    few = _cut("\n".join(shown), _FEW_WORDS)
    return few if few.endswith("…") or len(shown) == len(lines) else f"{few}\n…"


def _beginning(text: str) -> str:
    return _cut(" ".join(text.split()), _LOCK_SCREEN)


def _cut(text: str, length: int) -> str:
    """At most so many characters, cut at a word."""
    return text if len(text) <= length else f"{text[:length].rpartition(' ')[0] or text[:length]} …"


def _plain(text: str) -> str:
    """Text without the control characters by which a mail's words could steer the terminal."""
    return "".join(each if each.isprintable() or each == "\n" else " " for each in text)
