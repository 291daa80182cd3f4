"""What is taken in of the mail that polls have missed, and when a person has to look first."""

from __future__ import annotations

import pytest

from helpdesk.core.reconcile import MOST_UNEXPECTED, Reconciliation, decide_reconciliation

FEW = tuple(range(1, MOST_UNEXPECTED + 1))
MANY = tuple(range(1, MOST_UNEXPECTED + 2))


@pytest.mark.parametrize(
    ("missing", "expected", "take", "hold"),
    [
        ((), (), (), ()),
        ((3, 1), (), (1, 3), ()),
        (FEW, (), FEW, ()),
        (MANY, (), (), MANY),
        (MANY, MANY, MANY, ()),
        ((*MANY, 900), (900,), (900,), MANY),
        (MANY, (1,), MANY, ()),
    ],
    ids=[
        "nothing is missing",
        "a few",
        "as many as may be",
        "one too many",
        "after a restoration",
        "some of the restoration, and too many others",
        "the restoration's don't count",
    ],
)
def test_what_was_missed_is_taken_in_or_held(
    missing: tuple[int, ...], expected: tuple[int, ...], take: tuple[int, ...], hold: tuple[int, ...]
) -> None:
    assert decide_reconciliation(missing, frozenset(expected)) == Reconciliation(take, hold)
