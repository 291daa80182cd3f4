"""What became of the mail of a run, and the tables of it in `docs/reliability.md`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "reliability.md"


@dataclass(frozen=True, slots=True)
class Double:
    """A mail that the SMTP server took more than once; `same_id` says that every time had the same Message-ID."""

    purpose: str
    message_id: str
    times: int
    same_id: bool


@dataclass(frozen=True, slots=True)
class Findings:
    """What became of the mails that were put in, each named by its Message-ID.

    `lost`: no message in the database. `repeated`: several, or several tickets. `ticketless`: no ticket of its own.
    `unanswered`: no acknowledgement taken by the SMTP server. `untold`: no notice taken. `pending`: deliveries that wait.
    `in_doubt`: claims that were never recorded. `unprocessed`: messages stored and not decided. `failed` and `held`:
    deliveries that stopped; `unshown` those of them that stopped and do not show on their tickets. `strangers`: mails taken
    that no delivery accounts for. Alerts to admins are neither in `pending` nor in `failed`.
    """

    deposited: int
    lost: tuple[str, ...] = ()
    repeated: tuple[str, ...] = ()
    ticketless: tuple[str, ...] = ()
    unanswered: tuple[str, ...] = ()
    untold: tuple[str, ...] = ()
    doubles: tuple[Double, ...] = ()
    pending: int = 0
    in_doubt: int = 0
    unprocessed: int = 0
    quarantined: int = 0
    failed: int = 0
    unshown: int = 0
    held: int = 0
    strangers: int = 0

    @property
    def doubles_with_other_id(self) -> tuple[Double, ...]:
        """Doubles that a mail program shows twice, since their Message-IDs differ: never right."""
        return tuple(double for double in self.doubles if not double.same_id)

    def problems(self, *, doubles: int = 0, failed: int = 0, gone: int = 0) -> list[str]:
        """What is wrong, in words; up to `doubles` repeated mails, `failed` stopped ones and `gone` deleted ones are not."""
        told = {
            "not in the database": len(self.lost) > gone,
            "in the database more than once": bool(self.repeated),
            "without a ticket of their own": len(self.ticketless) > gone,
            "without an acknowledgement and not stopped": len(self.unanswered) + len(self.untold) > failed + 2 * gone,
            "sent again with another Message-ID": bool(self.doubles_with_other_id),
            f"sent again: {len(self.doubles)}, at most {doubles} may be": len(self.doubles) > doubles,
            f"waiting in the outbox: {self.pending}": self.pending > 0,
            f"claimed and never recorded: {self.in_doubt}": self.in_doubt > 0,
            f"stored and not processed: {self.unprocessed}": self.unprocessed > 0,
            f"in quarantine: {self.quarantined}": self.quarantined > 0,
            f"stopped for good: {self.failed}, and not {failed}": self.failed != failed,
            f"stopped, and not shown on the ticket: {self.unshown}": self.unshown > 0,
            f"held: {self.held}": self.held > 0,
            f"taken by the SMTP server and unknown to the outbox: {self.strangers}": self.strangers > 0,
        }
        return [what for what, so in told.items() if so]


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a table: its cells as they are shown, and whether the run was as it should be."""

    cells: tuple[str, ...]
    good: bool = True


def as_table(head: Sequence[str], rows: Sequence[Row]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *(row.cells for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def write_table(name: str, table: str, document: Path = DOCUMENT) -> None:
    """Put a table between the marks `<!-- NAME:begin -->` and `<!-- NAME:end -->` of the document, in place of the old one."""
    text = document.read_text(encoding="utf-8")
    begin, end = f"<!-- {name}:begin -->\n", f"<!-- {name}:end -->"
    before, found, rest = text.partition(begin)
    _, found_end, after = rest.partition(end)
    if not (found and found_end):
        raise SystemExit(f"{document} has no place for the table {name}: write {begin.strip()} and {end} in it.")
    document.write_text(f"{before}{begin}\n{table}\n{end}{after}", encoding="utf-8")
