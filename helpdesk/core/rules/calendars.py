"""The predicate for invitations that hold no words of a person. A line that it doesn't know is taken for a person's."""

from __future__ import annotations

import re
from collections.abc import Iterable

from helpdesk.core.rules.evidence import Evidence

_TEXT_LENGTH = 6_000
_WORD = re.compile(r"[^\W\d_]{2,}")
# RFC 5545 section 3.1: a line that begins with white space goes on with the line before.
_FOLD = re.compile(r"\r?\n[ \t]")
_PROPERTY = re.compile(r"^(SUMMARY|LOCATION|DESCRIPTION)(?:;[^:\n]{0,500})?:(.*)$", re.MULTILINE | re.IGNORECASE)
_NAME = re.compile(r"^(?:ORGANIZER|ATTENDEE)[^:\n]{0,500}?;CN=\"?([^\";:\n]{1,100})", re.MULTILINE | re.IGNORECASE)
_ROLE = re.compile(r"\s*[-–]\s*(?:organi[sz]er|creator|optional)\Z")
# Lines that calendar programs write: Google, Outlook, Teams, Zoom, Apple. Labels are followed by a colon or by nothing.
_GENERATED = re.compile(
    r"""[\s*~_=.·|<>•-]*(?:
      (?:when|where|who|date|time|location|organi[sz]er|calendar|guests|attendees|subject|joining\ info|passcode|pin
        |password|meeting\ (?:id|link|number|password)|video\ call\ link|(?:phone\ )?conference\ id|changed|pryd|ble
        |wann|wo|ort|zeit|quand|où|cuándo|dónde|quando|dove|wanneer|waar|kiedy|gdzie)\s*(?:[:：].*|$)
    | <?(?:https?|tel|mailto):\S+\s*$
    | (?:updated\ )?invitation(?:\ from\ google\ calendar.*|:.*|$)
    | (?:einladung|invitación|invito|convite|gwahoddiad)(?:[:：].*|$)
    | you\ have\ been\ invited\ to\ the\ following\ event | this\ event\ has\ been\ (?:updated|cancell?ed|changed)
    | (?:\S+\ ){1,8}has\ (?:accepted|declined|tentatively\ (?:accepted|replied\ to)|cancell?ed)
        \ (?:this|the|your)\ (?:invitation|event|meeting)
    | (?:accepted|declined|tentative|cancell?ed|updated)\s*(?:[:：].*|$)
    | going(?:\ \(\S+\))?\? | (?:yes|no|maybe)(?:\s*[-–|]\s*(?:yes|no|maybe|more\ options.*))*\s*$
    | (?:more\ (?:details|options|phone\ numbers)|view\ all\ guest\ info|reply\ for\ \S+@)
    | you\ are\ receiving\ this\ (?:courtesy\ )?e?-?mail\ (?:at|because) | to\ stop\ receiving\ (?:these|future)
    | forwarding\ this\ invitation | .{0,200}attendee\ of\ this\ event
    | join\ (?:with\ google\ meet|by\ phone|zoom\ meeting|the\ meeting\ now|on\ your\ computer) | click\ here\ to\ join
    | microsoft\ teams | download\ teams | learn\ more\s*(?:\||$) | meeting\ options | find\ (?:a|your)\ local\ number
    | one\ tap\ mobile | dial(?:\ by\ your\ location|-in) | for\ organi[sz]ers | need\ help\?\s*$ | reset\ dial-in\ pin
    | (?:\S+\ ){1,8}is\ inviting\ you\ to\ a\ scheduled\ zoom\ meeting | \(?(?:utc|gmt)[+-]\d
    | (?:\([a-z]{2}\)\ )?\+?\d[\d\ ()#,*-]{5,}(?:\#|\ [a-z]{2,}.{0,40})?$
    | \S+@\S+$
    | (?:mon|tues?|wed(?:nes)?|thur?s?|fri|sat(?:ur)?|sun)(?:day)?,?\ .{0,40}\d{1,2}[:.]\d\d
    )""",
    re.VERBOSE | re.IGNORECASE,
)


def is_bare_invitation(evidence: Evidence) -> bool:
    """RFC 6047 section 2.4: a text/calendar part, and no line of text but what calendar programs write themselves."""
    if "text/calendar" not in evidence.part_types:
        return False
    calendar = _FOLD.sub(
        "", next(part.text for part in evidence.message.parts if part.content_type == "text/calendar")[:50_000]
    )
    properties = {name.upper(): _unescaped(value) for name, value in _PROPERTY.findall(calendar)}
    # What the organiser typed stands in the description, whether or not the mail has a text of its own.
    written = [*properties.pop("DESCRIPTION", "").splitlines(), *_lines_of_text(evidence)]
    known = {value.strip().casefold() for value in (*properties.values(), *_NAME.findall(calendar))}
    return not any(_is_written(line, known) for line in written)


def _lines_of_text(evidence: Evidence) -> list[str]:
    """The lines of the mail's own text; where its only text is the calendar part, there are none."""
    if not any(part.content_type in ("text/plain", "text/html") for part in evidence.message.parts):
        return []
    return evidence.message.text[:_TEXT_LENGTH].splitlines()


def _is_written(line: str, known: Iterable[str]) -> bool:
    text = _ROLE.sub("", line.strip(" \t*>-–|").casefold())
    return bool(_WORD.search(text)) and text not in known and not _GENERATED.match(text)


def _unescaped(value: str) -> str:
    """RFC 5545 section 3.3.11."""
    return value.replace("\\n", "\n").replace("\\N", "\n").replace("\\,", ",").replace("\\;", ";").replace("\\\\", "\\").strip()
