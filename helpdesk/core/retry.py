"""When a mail that could not be delivered is tried again."""

from __future__ import annotations

from datetime import datetime, timedelta

FIRST_DELAY = timedelta(minutes=1)
LONGEST_DELAY = timedelta(hours=4)
# RFC 5321 section 4.5.4.1 asks for at least 4 to 5 days before a sender gives up.
GIVE_UP_AFTER = timedelta(days=5)


def next_attempt_at(attempts: int, created_at: datetime, now: datetime, jitter: float) -> datetime | None:
    """When to try again after `attempts` transient failures, or None when it is time to give up.

    The delay doubles from one minute to four hours. `jitter` is a number in [0, 1) that spreads it over 75 to 125 %, so
    that a hundred mails which failed together do not come back together.
    """
    if now - created_at >= GIVE_UP_AFTER:
        return None
    doublings = min(max(attempts - 1, 0), 16)
    delay = min(FIRST_DELAY * (1 << doublings), LONGEST_DELAY)
    return now + delay * (0.75 + jitter / 2)
