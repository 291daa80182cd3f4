"""Invented mails in every situation, against which a template is tried before it serves, and which `preview` shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from helpdesk.mail.template_values import TO_REQUESTERS
from helpdesk.model.delivery import Purpose
from helpdesk.model.template import Value, Values

_HOURS = "Monday to Friday, 10:00 to 16:00 UK time"


@dataclass(frozen=True, slots=True)
class Situation:
    """A name to ask for, and the values that a mail has in it."""

    name: str
    values: Values


def _office(day: str, *, is_open: bool = False) -> Mapping[str, Value]:
    at = f"{day} at 10:00 UK time" if day else ""
    return {"open": is_open, "hours": _HOURS, "opens_at": at, "opens_day": day, "opens_time": "10:00" if day else ""}


_OPEN = _office("Wednesday 11 November", is_open=True)
_OFFICES: tuple[tuple[str, Mapping[str, Value]], ...] = (
    ("open", _OPEN),
    ("closed until the next day", _office("Wednesday 11 November")),
    ("closed until Monday", _office("Monday 9 November")),
    ("closed over a bank holiday", _office("Tuesday 4 May")),
    ("closed over Christmas", _office("Monday 4 January")),
    ("closed with no opening known", _office("")),
)

_STAFF: Mapping[str, Value] = {"name": "Mike", "minimal": False}
_TICKET: Mapping[str, Value] = {
    "reference": "EHT-1042",
    "priority": "normal",
    "state": "new",
    "earlier": "",
    "requester_address": "rowan@example.org",
}
_MESSAGE: Mapping[str, Value] = {
    "new_text": "Hello,\n\nI would like to talk to somebody about my brother. Would Thursday be good for you?\n\nRowan",
    "history": "",
    "subject": "A question about my brother",
    "sender_name": "Rowan Ashdown",
    "sender_address": "rowan@example.org",
    "received_at": "Monday 9 November at 11:32 UK time",
    "attachments": "",
    "other_address": False,
    "reply_to": "",
    "unproven": False,
}
_USUAL: Mapping[str, Value] = {"language": "", "locked": False}
_LOCKED: Mapping[str, Value] = {"language": "", "locked": True}
_FIRST: Values = {
    "office": _OPEN,
    "staff": _STAFF,
    "ticket": _TICKET,
    "message": _MESSAGE,
    "received": _USUAL,
    "assignment": {"reason": "Mike: working now, fewest open tickets"},
    "sent": {"what": "the acknowledgement, on Monday 9 November at 11:32 UK time"},
}

_FULLEST: Values = {
    **_FIRST,
    "ticket": {
        **_TICKET,
        "priority": "urgent",
        "state": "open",
        "earlier": "EHT-1001, EHT-1007",
        "requester_address": "rowan.at.home@example.com",
    },
    "message": {
        **_MESSAGE,
        "history": "On Sunday, Exit Hate wrote:\nThank you for writing.",
        "attachments": "letter.pdf (12 KB)\nphoto.jpg (310 KB)",
        "other_address": True,
        "reply_to": "rowan.ashdown@example.net",
        "unproven": True,
    },
    "received": {"language": "Polish", "locked": True},
    "assignment": {"reason": "Mike: knows this person"},
    "sent": {"what": "nothing, because a person has answered already"},
}
_BAREST: Values = {
    **_FIRST,
    "ticket": {**_TICKET, "requester_address": ""},
    "message": {**_MESSAGE, "new_text": "", "subject": "", "sender_name": "", "sender_address": ""},
    "assignment": {"reason": ""},
    "sent": {"what": ""},
}
_HELD: Values = {
    **_FIRST,
    "sent": {
        "what": "nothing yet; the acknowledgement is held, because 200 went out within an hour. "
        "Please answer soon: they have heard nothing from us"
    },
}
_MINIMAL: Values = {**_FULLEST, "staff": {**_STAFF, "minimal": True}}
_ALERT_WORDS: Mapping[str, Value] = {
    "what": "A mail could not be processed three times in a row.",
    "mail": "It is kept in quarantine. The mails after it went on as always.",
    "remedy": "Run “helpdesk quarantine list” to see it, then “helpdesk quarantine retry”.",
}
_ALERT: Values = {"office": _OPEN, "staff": _STAFF, "alert": _ALERT_WORDS}

_TO_STAFF = (
    Situation("first message", _FIRST),
    Situation("everything at once", _FULLEST),
    Situation("hardly anything", _BAREST),
    Situation("the acknowledgement is held", _HELD),
    Situation("minimal", _MINIMAL),
)
_SITUATIONS: Mapping[Purpose, tuple[Situation, ...]] = {
    Purpose.STAFF_ASSIGNED: _TO_STAFF,
    Purpose.STAFF_MESSAGE: _TO_STAFF,
    Purpose.STAFF_HELP: (Situation("a reply to a notice", {"office": _OPEN, "staff": _STAFF}),),
    Purpose.ADMIN_ALERT: (
        Situation("a mail in quarantine", _ALERT),
        Situation("no mail concerned", {**_ALERT, "alert": {**_ALERT_WORDS, "mail": ""}}),
    ),
}


def situations_of(purpose: Purpose) -> tuple[Situation, ...]:
    """Every situation that a template of this purpose has to be right in; the first is the usual one."""
    if purpose not in TO_REQUESTERS:
        return _SITUATIONS[purpose]
    known = tuple(Situation(name, _to_requester(office)) for name, office in _OFFICES)
    return (
        *known,
        Situation("open, name not known", {**_to_requester(_OPEN), "requester": {"name": ""}}),
        Situation("open, their mail came locked", {**_to_requester(_OPEN), "received": _LOCKED}),
        Situation("closed, their mail came locked", {**_to_requester(_OFFICES[2][1]), "received": _LOCKED}),
    )


def _to_requester(office: Mapping[str, Value]) -> Values:
    return {"office": office, "requester": {"name": "Rowan"}, "received": _USUAL}
