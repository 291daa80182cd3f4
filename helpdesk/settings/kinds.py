"""The kinds of value that a TOML key may hold, as lenient as is safe: what an admin plainly meant is taken.

A validator here only says no; the words for the admin are the `description` and `examples` of the key in `shape`.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable
from datetime import date, datetime, time
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints
from pydantic_settings import NoDecode

from helpdesk.core.addresses import lookup_form
from helpdesk.core.greeting import greeting_name
from helpdesk.core.office_hours import DAY_NAMES
from helpdesk.model.staff import Shift

_ADDRESS = re.compile(r"""[^\s@<>(),;:\\"]+@(?:[^\s@.<>(),;:\\"]+\.)+[^\s@.<>(),;:\\"]{2,}""")
_DOMAIN = re.compile(r"""@(?:[^\s@.<>(),;:\\"]+\.)+[^\s@.<>(),;:\\"]{2,}""")
_WEBSITE = re.compile(r"""(?:https://)?(?:[\w-]{1,63}\.)+[^\W\d_][\w-]{1,62}(?:/[^\s<>"']*)?""", re.IGNORECASE)
_CLOCK = re.compile(r"(\d{1,2})[:.](\d{2})")
_SHIFT = re.compile(r"([A-Za-z]+)\s*,?\s+(\d{1,2}[:.]\d{2})\s*(?:-|–|to)\s*(\d{1,2}[:.]\d{2})")
_MIDNIGHT = "24:00"


class NotAmong(ValueError):
    """The value is none of the few that are known."""

    def __init__(self, known: Iterable[str]) -> None:
        super().__init__("one of those known")
        self.known = tuple(known)


def _refuse_truth(value: object) -> object:
    """Python counts True as 1, and an admin who writes `per_hour = true` means neither."""
    if isinstance(value, bool):
        raise ValueError("a number")
    return value


def _to_line(value: str) -> str:
    if not all(character.isprintable() for character in value):
        raise ValueError("one line")
    return value


def _to_list(value: object) -> object:
    """A list; from a variable also JSON, or words with commas between."""
    if not isinstance(value, str):
        return value
    if value.lstrip().startswith("["):
        try:
            return json.loads(value)
        # A number of more than 4,300 digits is a plain ValueError, brackets a thousand deep a RecursionError.
        except (ValueError, RecursionError) as error:
            raise ValueError("a list") from error
    return [word.strip() for word in value.split(",") if word.strip()]


def _to_website(value: str) -> str:
    if not _WEBSITE.fullmatch(value):
        raise ValueError("a website")
    return value


def _to_address(value: str) -> str:
    if not _ADDRESS.fullmatch(value):
        raise ValueError("an address")
    return value


def _to_lookup_form(value: str) -> str:
    if not (_ADDRESS.fullmatch(value) or _DOMAIN.fullmatch(value)):
        raise ValueError("an address or @domain")
    return lookup_form(value)


def _to_first_name(value: str) -> str:
    if not greeting_name(value) or " " in value:
        raise ValueError("a first name")
    return value


def _to_public_name(value: str) -> str:
    if not greeting_name(value):
        raise ValueError("a name")
    return unicodedata.normalize("NFC", value)


def _to_opening(value: object) -> time:
    """A time of the clock from "9:30", "09.30" or TOML's own 09:30:00."""
    if isinstance(value, time):
        return value.replace(second=0, microsecond=0)
    match = _CLOCK.fullmatch(str(value).strip())
    if not match:
        raise ValueError("a time")
    return time(int(match[1]), int(match[2]))


def _to_closing(value: object) -> time:
    """As an opening, and "24:00" is the midnight at the end of the day, which is 00:00 in the model."""
    return time.min if str(value).strip() == _MIDNIGHT else _to_opening(value)


def _to_day(value: object) -> date:
    """A day from TOML's 2026-12-24 or the same as a text, never from a number, which pydantic takes for seconds."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    return date.fromisoformat(str(value).strip())


def _to_weekday(value: object) -> int:
    """0 for Monday, from "Monday", "monday" or "Mon"."""
    written = str(value).strip().casefold()
    for number, name in enumerate(DAY_NAMES):
        if written in (name.casefold(), name[:3].casefold()):
            return number
    raise NotAmong(DAY_NAMES)


def _to_zone(value: object) -> ZoneInfo:
    try:
        return ZoneInfo(str(value))
    # What is no key at all is a ValueError, a folder of the zone database such as "Europe" an OSError.
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise NotAmong(sorted(available_timezones())) from error


def _to_shift(value: object) -> Shift:
    """Hours such as "Monday 10:00-16:00"; they end on the day on which they start."""
    match = _SHIFT.fullmatch(str(value).strip())
    if not match:
        raise ValueError("hours")
    shift = Shift(_to_weekday(match[1]), _to_opening(match[2]), _to_closing(match[3]))
    if not ends_after(shift.starts, shift.ends):
        raise ValueError("hours that end after they start")
    return shift


def ends_after(starts: time, ends: time) -> bool:
    """Whether a span of the clock is one: 00:00 as an end is midnight."""
    return ends > starts or ends == time.min


Count = Annotated[int, BeforeValidator(_refuse_truth)]
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(_to_line)]
FirstName = Annotated[Line, AfterValidator(_to_first_name)]
PublicName = Annotated[Line, AfterValidator(_to_public_name)]
EmailAddress = Annotated[Line, AfterValidator(_to_address)]
Website = Annotated[Line, AfterValidator(_to_website)]
LookupAddress = Annotated[EmailAddress, AfterValidator(lookup_form)]
AddressOrDomain = Annotated[Line, AfterValidator(_to_lookup_form)]
Keyword = Annotated[str, StringConstraints(pattern=r"^[$A-Za-z][$A-Za-z0-9_.-]{0,63}$")]
StaffId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,31}$")]
Word = Annotated[str, StringConstraints(strip_whitespace=True, to_lower=True, pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,31}$")]
OptionalLine = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200), AfterValidator(_to_line)]
Opening = Annotated[time, BeforeValidator(_to_opening)]
Closing = Annotated[time, BeforeValidator(_to_closing)]
Day = Annotated[date, BeforeValidator(_to_day)]
Weekday = Annotated[int, BeforeValidator(_to_weekday)]
Zone = Annotated[ZoneInfo, BeforeValidator(_to_zone)]
Hours = Annotated[Shift, BeforeValidator(_to_shift)]
Action = Literal["call", "text"]

# NoDecode: pydantic-settings would take only JSON, and stop at the first value that is none.
AsList = BeforeValidator(_to_list)
Lines = Annotated[tuple[Line, ...], NoDecode, AsList]
Words = Annotated[frozenset[Word], NoDecode, AsList]
Weekdays = Annotated[frozenset[Weekday], Field(min_length=1), NoDecode, AsList]
LookupAddresses = Annotated[frozenset[LookupAddress], NoDecode, AsList]
AddressesOrDomains = Annotated[frozenset[AddressOrDomain], NoDecode, AsList]
Shifts = Annotated[tuple[Hours, ...], NoDecode, AsList]
