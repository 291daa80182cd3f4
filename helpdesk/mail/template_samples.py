"""Invented mails in every situation, against which a template is tried before it serves, and which `preview` shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

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
    "notes": "",
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
        "notes": "Dana, on Monday 9 November at 10:15 UK time:\nThey would rather talk to a woman.",
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
    "sent": {"what": "no automatic answer, because a person has answered already"},
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

_MOVED: Mapping[str, Value] = {
    "away": True,
    "until": "Monday 14 December",
    "tickets": "EHT-1042: Dana has it now\nEHT-1043: nobody has it yet, the leads know",
}
_MOVED_ALONE: Mapping[str, Value] = {"away": False, "until": "", "tickets": "EHT-1042"}

_WAITING: Mapping[str, Value] = {
    "reference": "EHT-1042",
    "priority": "normal",
    "since": "Monday 9 November at 11:32 UK time",
    "holder": "Dana",
    "why": "no answer in 8 office hours",
}
_NO_DIGEST: Mapping[str, Value] = {
    "own": "", "answers": "", "unassigned": "", "overdue": "", "stopped": "", "junk": "", "held_back": False,
}  # fmt: skip
_OWN: Mapping[str, Value] = {
    **_NO_DIGEST,
    "own": "EHT-1042: waits since Friday 6 November, 3 days, priority urgent\n"
    "EHT-1051: waits since Monday 9 November, priority normal, reminders paused",
    "answers": "EHT-1042, EHT-1051",
}
_DESK: Mapping[str, Value] = {
    "own": "EHT-1042: waits since Friday 6 November, 3 days, priority high",
    "answers": "",
    "unassigned": "EHT-1047: waits since Saturday 7 November, 2 days, priority normal",
    "overdue": "EHT-1039: waits since Thursday 5 November, 4 days, priority normal, with Dana",
    "stopped": "EHT-1048: acknowledgement, held\nEHT-1049: acknowledgement, could not be delivered",
    "junk": "3 mails",
    "held_back": True,
}


def _noted(**waiting: Value) -> Values:
    return {"office": _OPEN, "staff": _STAFF, "waiting": {**_WAITING, **waiting}}


def _listed(digest: Mapping[str, Value]) -> Values:
    return {"office": _OPEN, "staff": _STAFF, "digest": digest}


_REPLY: Mapping[str, Value] = {
    "text": "Hello Rowan,\n\nThursday would be good. Shall we say at two?\n\nWarmly",
    "files": "",
    "left_out": "",
    "held": "",
    "goes_at": "Monday 9 November at 11:37 UK time",
    "also": "",
    "reference": "EHT-1042",
}
_REPLY_FULLEST: Mapping[str, Value] = {
    "files": "map.png (12 KB)",
    "left_out": "image001.png: a picture that stands in the text",
    "also": "Dana is answering this person too.",
}
_HELP_WORDS: Mapping[str, Value] = {
    "what": "There is no command #clsoe. Did you mean #close?",
    "mail": "Nothing of your mail was passed on, and nothing was changed.",
    "remedy": "Reply to this note with the command that you meant.",
}

_ANSWERED: Mapping[str, Value] = {
    "reference": "EHT-1042",
    "at": "Monday 9 November at 11:37 UK time",
    "wrote_since": False,
    "closed": False,
    "text": "Hello Rowan,\n\nThursday would be good. Shall we say at two?\n\nWarmly",
}


def _replied(**changes: Value) -> Values:
    return {"office": _OPEN, "staff": _STAFF, "reply": {**_REPLY, **changes}}


def _helped(words: Mapping[str, Value]) -> Values:
    return {"office": _OPEN, "staff": _STAFF, "help": words}


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
    Purpose.STAFF_ANSWERED: (
        Situation("answered", {"office": _OPEN, "staff": _STAFF, "answered": _ANSWERED}),
        Situation(
            "they have written since", {"office": _OPEN, "staff": _STAFF, "answered": {**_ANSWERED, "wrote_since": True}}
        ),
        Situation("closed before", {"office": _OPEN, "staff": _STAFF, "answered": {**_ANSWERED, "closed": True}}),
        Situation("minimal", {"office": _OPEN, "staff": {**_STAFF, "minimal": True}, "answered": _ANSWERED}),
    ),
    Purpose.STAFF_MOVED: (
        Situation("away until a day", {"office": _OPEN, "staff": _STAFF, "moved": _MOVED}),
        Situation("away, nobody knows how long", {"office": _OPEN, "staff": _STAFF, "moved": {**_MOVED, "until": ""}}),
        Situation("not theirs any more", {"office": _OPEN, "staff": _STAFF, "moved": _MOVED_ALONE}),
    ),
    Purpose.REPLY: (Situation("an answer", _replied()),),
    Purpose.STAFF_REPLY_WAITING: (
        Situation("it goes by itself", _replied()),
        Situation("it is held", _replied(held="It holds the word “police”, which may belong in a note.", goes_at="")),
        Situation("everything at once", _replied(**_REPLY_FULLEST)),
        Situation("minimal", {**_replied(**_REPLY_FULLEST), "staff": {**_STAFF, "minimal": True}}),
    ),
    Purpose.STAFF_HELP: (
        Situation("not passed on", _helped(_HELP_WORDS)),
        Situation("done", _helped({"what": "Ticket EHT-1042 is closed.", "mail": "", "remedy": ""})),
    ),
    Purpose.ADMIN_ALERT: (
        Situation("a mail in quarantine", _ALERT),
        Situation("no mail concerned", {**_ALERT, "alert": {**_ALERT_WORDS, "mail": ""}}),
    ),
    # It is written in office hours only.
    Purpose.STILL_WITH_YOU: (
        Situation("open", {"office": _OPEN, "requester": {"name": "Rowan"}}),
        Situation("open, name not known", {"office": _OPEN, "requester": {"name": ""}}),
    ),
    Purpose.STAFF_REMINDER: (
        Situation("no answer yet", _noted(why="no answer in 4 office hours")),
        Situation("no answer yet, and it is urgent", _noted(why="no answer in 4 office hours", priority="urgent")),
    ),
    Purpose.STAFF_ESCALATION: (
        Situation("no answer yet", _noted()),
        Situation("whoever has it is away", _noted(why="whoever has it is away", priority="urgent")),
        Situation("nobody has it", _noted(why="nobody has it", holder="")),
    ),
    Purpose.DIGEST: (
        Situation("own tickets", _listed(_OWN)),
        Situation("an answer that was held", _listed({**_NO_DIGEST, "answers": "EHT-1042"})),
        Situation("a lead, everything at once", _listed(_DESK)),
        Situation("a lead, with nobody", _listed({**_NO_DIGEST, "unassigned": _DESK["unassigned"]})),
        Situation("a lead, junk alone", _listed({**_NO_DIGEST, "junk": "1 mail"})),
    ),
}


def situations_of(purpose: Purpose) -> tuple[Situation, ...]:
    """Every situation that a template of this purpose has to be right in; the first is the usual one."""
    if purpose in _SITUATIONS:
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
