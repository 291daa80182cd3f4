from __future__ import annotations

import pytest

from helpdesk.core.bounce import reason_of


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ("5.1.1", "there is no such mailbox (5.1.1)"),
        ("4.2.2", "the mailbox is full (4.2.2)"),
        ("5.9.9", "5.9.9"),
        ("5", "5"),
        ("", "no reason was given"),
        (None, "no reason was given"),
    ],
    ids=str,
)
def test_status_is_told_in_words(status: str | None, reason: str) -> None:
    assert reason_of(status) == reason
