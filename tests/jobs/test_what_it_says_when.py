"""The acknowledgement says the right thing at the right time, as it is sent."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest

from helpdesk.model.office import Closure
from tests.fakes import make_mail
from tests.jobs.conftest import Office, make_desk, make_office

CHRISTMAS = Closure(date(2026, 12, 24), date(2027, 1, 3))


def words(office: Office, at: datetime) -> dict[str, str]:
    """What somebody who writes at this moment reads, in plain text and in HTML with its tags taken out."""
    office.clock.at = at
    office.start()
    office.work(make_mail())
    mail = message_from_bytes(office.transport.to("sam@example.org")[0].content, policy=default)
    assert isinstance(mail, EmailMessage)
    found = {}
    for kind in ("plain", "html"):
        part = mail.get_body((kind,))
        assert part is not None
        found[kind] = " ".join(re.sub(r"<[^>]+>", "", str(part.get_content())).split())
    return found


@pytest.fixture
def closed_over_christmas(tmp_path: Path) -> Iterator[Office]:
    desk = make_desk()
    hours = replace(desk.hours, closures=(CHRISTMAS,))
    office = make_office(tmp_path, replace(desk, hours=hours, letters=replace(desk.letters, hours=hours)))
    with closing(office.store):
        yield office


@pytest.mark.parametrize(
    ("at", "opening"),
    [
        (datetime(2026, 11, 2, 18, 0, tzinfo=UTC), "Tuesday 3 November at 10:00 UK time"),
        (datetime(2026, 11, 3, 2, 0, tzinfo=UTC), "Tuesday 3 November at 10:00 UK time"),
        (datetime(2026, 11, 6, 16, 0, tzinfo=UTC), "Monday 9 November at 10:00 UK time"),
        (datetime(2026, 11, 7, 12, 0, tzinfo=UTC), "Monday 9 November at 10:00 UK time"),
        # The spring bank holiday is Monday 31 May 2027; British Summer Time makes 15:00 UTC the end of the day.
        (datetime(2027, 5, 28, 15, 0, tzinfo=UTC), "Tuesday 1 June at 10:00 UK time"),
        # Good Friday and Easter Monday.
        (datetime(2027, 3, 25, 17, 0, tzinfo=UTC), "Tuesday 30 March at 10:00 UK time"),
        # Christmas Day 2027 is a Saturday and Boxing Day a Sunday: Monday and Tuesday stand in for them.
        (datetime(2027, 12, 24, 17, 0, tzinfo=UTC), "Wednesday 29 December at 10:00 UK time"),
        # Clocks go forward on 28 March 2027 and back on 25 October 2026, both on a Sunday at 01:00 UTC.
        (datetime(2027, 3, 28, 0, 30, tzinfo=UTC), "Tuesday 30 March at 10:00 UK time"),
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "Monday 26 October at 10:00 UK time"),
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "Monday 26 October at 10:00 UK time"),
        (datetime(2027, 10, 31, 0, 30, tzinfo=UTC), "Monday 1 November at 10:00 UK time"),
    ],
    ids=[
        "evening",
        "night",
        "friday-on-the-hour-of-closing",
        "saturday",
        "bank-holiday-weekend",
        "easter",
        "substitute-days",
        "clocks-forward",
        "clocks-back-before",
        "clocks-back-after",
        "clocks-back-next-year",
    ],
)
def test_closed_names_the_next_opening(office: Office, at: datetime, opening: str) -> None:
    for text in words(office, at).values():
        assert f"open again on {opening}" in text
        assert "talk to before we open" in text


def test_closed_over_christmas_names_the_day_after_the_closure(closed_over_christmas: Office) -> None:
    for text in words(closed_over_christmas, datetime(2026, 12, 23, 20, 0, tzinfo=UTC)).values():
        assert "open again on Monday 4 January at 10:00 UK time" in text


@pytest.mark.parametrize(
    "at",
    [
        datetime(2026, 11, 2, 10, 0, tzinfo=UTC),
        datetime(2026, 11, 2, 15, 59, tzinfo=UTC),
        # The first hours of summer time and of winter time on a working day.
        datetime(2027, 3, 30, 9, 0, tzinfo=UTC),
        datetime(2026, 10, 26, 10, 0, tzinfo=UTC),
    ],
    ids=["opening", "last-minute", "summer-time", "winter-time"],
)
def test_open_says_so_and_names_no_opening(office: Office, at: datetime) -> None:
    for text in words(office, at).values():
        assert "We are here Monday to Friday, 10:00 to 16:00 UK time" in text
        assert "closed" not in text
        assert "talk to now" in text


def test_the_first_words_give_nothing_away_on_a_locked_screen(office: Office) -> None:
    for text in words(office, datetime(2026, 11, 3, 2, 0, tzinfo=UTC)).values():
        shown = text[text.index("Hello,") :][:140]
        assert not any(character.isdigit() for character in shown)
        for word in ("Exit", "Hate", "Trust", "Sam", "danger", "safe ", "suicid", "extrem", "police", "helpline"):
            assert word.casefold() not in shown.casefold()
