"""How much of one mail is read: what is counted before parsing, and what is counted while parsing.

Everything here exists so that no input, however it was made, costs more time or memory than these numbers allow. Nothing
here looks at what a mail says.
"""

from __future__ import annotations

from dataclasses import dataclass, field

# DESIGN 2.6: beyond one of these a mail is not parsed in full, only its headers and the first text.
FULL_BYTES = 25 * 1024 * 1024
FULL_LINES = 500_000
FULL_HEADER_LINES = 2_000
FULL_BOUNDARIES = 100

# What is read of a mail that is over a limit: room for the headers and a long letter behind them.
FIRST_BYTES = 1_000_000

HEADER_BYTES = 512_000
VALUE_CHARS = 64_000
ADDRESSES = 500
REFERENCES = 200
ID_CHARS = 998

DEPTH = 30
PARTS = 1_000
# Lines that begin like a delimiter, over all levels: hostile mail repeats them without ever closing a part.
DELIMITERS = 100_000

# Per text part, encoded; a part over it is cut and the cut is noted. Twice that for all visible text together.
TEXT_BYTES = 2_000_000
TEXT_CHARS = 2_000_000
# Of attached text and returned messages only the beginning is of use to anyone who looks into the parts.
ATTACHED_TEXT_BYTES = 64_000
NESTED_BYTES = 4_000_000
# Of encoded messages inside the message, all levels together: each level is held while the next is read.
DECODED_BYTES = 32_000_000

DEFECTS = 50


@dataclass(slots=True)
class Defects:
    """What was mended or left out, in order, each once."""

    notes: list[str] = field(default_factory=list)

    def add(self, note: str) -> None:
        if len(self.notes) < DEFECTS and note not in self.notes:
            self.notes.append(note)


@dataclass(slots=True)
class Budget:
    """What may still be spent on the tree of one mail."""

    parts: int = PARTS
    decoded_bytes: int = DECODED_BYTES
    delimiters: int = DELIMITERS


def over_limit(raw: bytes) -> str:
    """Which limit of DESIGN 2.6 the mail is over, in words; empty when it may be parsed in full.

    Counts with plain byte searches only, so that 60 MB cost some tens of milliseconds.
    """
    if len(raw) > FULL_BYTES:
        return f"over {FULL_BYTES // 1024 // 1024} MB"
    if len(raw) > FULL_LINES and max(raw.count(b"\n"), raw.count(b"\r")) > FULL_LINES:
        return f"over {FULL_LINES:,} lines"
    if _header_lines(raw) > FULL_HEADER_LINES:
        return f"over {FULL_HEADER_LINES:,} header lines"
    # Capitals and spaces escape this count, and then meet the budgets of the tree instead.
    if raw.count(b"oundary=") > FULL_BOUNDARIES:
        return f"over {FULL_BOUNDARIES} boundaries"
    return ""


def _header_lines(raw: bytes) -> int:
    ends = [end for blank in (b"\n\n", b"\n\r\n") if (end := raw.find(blank, 0, HEADER_BYTES)) >= 0]
    return raw.count(b"\n", 0, min(ends, default=HEADER_BYTES))
