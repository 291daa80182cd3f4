"""Who we are, and where people in danger can turn to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Signpost:
    """One line of help: `text` as the reader sees it ("Call Samaritans: 116 123"), `number` to dial or text.

    `action` is "call" or "text"; `checked_on` is the day on which somebody last made sure that the number is right.
    `listed` is False for a number that a template names in a sentence of its own (999), so that no list repeats it.
    """

    name: str
    text: str
    number: str
    action: str
    checked_on: date
    enabled: bool = True
    listed: bool = True


@dataclass(frozen=True, slots=True)
class Organisation:
    """The facts of the charity that templates may show."""

    name: str
    registered_name: str
    registered_office: str
    charity_number: str
    company_number: str
    email: str
    website: str
    sender_name: str
    signature: str
    signposts: tuple[Signpost, ...] = ()
