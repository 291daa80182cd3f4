"""The Date field as an aware UTC datetime, or None: many clocks and many formats, none of them trusted."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from helpdesk.core.parse.limits import Defects

_CHARS = 200


def parse_date(value: str, defects: Defects) -> datetime | None:
    """The sender's date in UTC; None, with a defect, where it is missing or can't be read."""
    if not value:
        defects.add("no date")
        return None
    date = _rfc_5322(value[:_CHARS]) or _iso_8601(value[:_CHARS])
    if date is None:
        defects.add("date that can't be read")
    return date


def _rfc_5322(value: str) -> datetime | None:
    try:
        return _in_utc(parsedate_to_datetime(value))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _iso_8601(value: str) -> datetime | None:
    try:
        return _in_utc(datetime.fromisoformat(value.strip()))
    except (ValueError, OverflowError):
        return None


def _in_utc(date: datetime) -> datetime:
    # RFC 5322 section 3.3: "-0000" names UTC without saying where the sender is; so does no zone at all.
    return date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)
