"""What to do with mail that lies on the server and that the database does not have, though polls have passed it."""

from __future__ import annotations

from collections.abc import Iterable, Set
from dataclasses import dataclass

# More than a slow server or a fault of ours can account for: then something else is wrong, and a person looks first.
MOST_UNEXPECTED = 50


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """The UIDs to take in now, and those that wait until a person takes them in; both ascending."""

    take: tuple[int, ...]
    hold: tuple[int, ...]


def decide_reconciliation(missing: Iterable[int], expected: Set[int]) -> Reconciliation:
    """Of the UIDs that are `missing`, take in those `expected` after a restoration, and the others unless they are many."""
    found = sorted(missing)
    unexpected = tuple(uid for uid in found if uid not in expected)
    if len(unexpected) <= MOST_UNEXPECTED:
        return Reconciliation(tuple(found), ())
    return Reconciliation(tuple(uid for uid in found if uid in expected), unexpected)
