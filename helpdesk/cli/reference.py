"""Ticket references as people type them."""

from __future__ import annotations

import re

from helpdesk.errors import NotFound

_REFERENCE = re.compile(r"(?:EHT-)?(\d{1,9})", re.IGNORECASE)


def number_of(reference: str) -> int:
    """The number of a ticket: EHT-1042 and 1042 are 1042. Raises NotFound."""
    found = _REFERENCE.fullmatch(reference.strip())
    if found is None:
        raise NotFound(f"{reference} is not a ticket reference. Write it like EHT-1001 or 1001.")
    return int(found.group(1))
