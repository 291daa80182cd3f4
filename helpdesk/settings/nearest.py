"""What somebody probably meant who wrote a name that we don't know."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

_CLOSE_ENOUGH = 0.6


def nearest(written: str, known: Iterable[str]) -> str | None:
    """The known name that looks most like the written one, whatever its case; None when none is close."""
    by_folded = {name.casefold(): name for name in known}
    matches = difflib.get_close_matches(written.casefold(), by_folded, n=1, cutoff=_CLOSE_ENOUGH)
    return by_folded[matches[0]] if matches else None
