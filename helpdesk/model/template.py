"""What a template gives: a subject, a plain text and an HTML body, ready to become a mail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

# What a template sees: a name, a dot, a field ("office.opens_at"); lists of such mappings for loops.
Value = str | bool | int
Values = Mapping[str, Mapping[str, Value] | tuple[Mapping[str, Value], ...]]


@dataclass(frozen=True, slots=True)
class Rendered:
    """A mail's words, not yet addressed to anybody; `language` is that of the template that served."""

    subject: str = field(repr=False)
    text: str = field(repr=False)
    html: str = field(repr=False)
    language: str = "en"
