"""What the tests of templates stand on: an invented configuration like the real one, and a place to write templates."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

from helpdesk.mail.template_samples import situations_of
from helpdesk.mail.templates import TemplateLibrary
from helpdesk.model.delivery import Purpose
from helpdesk.model.organisation import Organisation, Signpost
from helpdesk.model.template import Values

SHIPPED = Path(__file__).parents[2] / "templates"
_CHECKED = date(2026, 11, 1)

SIGNPOSTS = (
    Signpost("Emergency services", "Call 999", "999", "call", _CHECKED, listed=False),
    Signpost("Samaritans", "Call Samaritans: 116 123", "116 123", "call", _CHECKED),
    Signpost("SHOUT", "Text SHOUT to 85258", "85258", "text", _CHECKED),
    Signpost("NHS", "Call NHS 111 and choose option 2", "111", "call", _CHECKED),
    Signpost("Childline", "Children and young people: call Childline, 0800 1111", "0800 1111", "call", _CHECKED),
    Signpost("ACT Early", "Call ACT Early: 0800 011 3764", "0800 011 3764", "call", _CHECKED, enabled=False),
)
ORGANISATION = Organisation(
    name="Exit Hate Trust",
    registered_name="Exit Hate UK Ltd",
    registered_office="71-75 Shelton Street, Covent Garden, London WC2H 9JQ",
    charity_number="1197666",
    company_number="12914735",
    email="info@exithate.org",
    website="www.exithate.com",
    sender_name="Mike",
    signature="Mike - Exit Hate",
)
ACKNOWLEDGEMENT = """\
Subject: Your message

Hello,

Thank you for writing. Your message has reached us safely, and you do not need to send it again. This first note is sent
automatically, and a person will read what you wrote.

{% if office.open %}
We are here {{ office.hours }}.
{% else %}
We open again on {{ office.opens_at }}.
{% endif %}

Call 999 if anyone is in danger.

You Are Not Alone.

{{ organisation.signature }}

{{ organisation.registered_name }}
"""


def library(directory: Path, signposts: tuple[Signpost, ...] = SIGNPOSTS) -> TemplateLibrary:
    return TemplateLibrary(directory, signposts, ORGANISATION)


def shipped() -> TemplateLibrary:
    return library(SHIPPED)


def write(directory: Path, name: str, text: str) -> Path:
    """Write a template so that its change can be seen, whatever the clock of the disk resolves."""
    path = directory / name
    path.unlink(missing_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def with_line(line: str) -> str:
    """A good acknowledgement with one more line, 14, after what a lock screen shows."""
    return ACKNOWLEDGEMENT.replace("Call 999 if", f"{line}\n\nCall 999 if")


def values(purpose: Purpose, situation: str = "") -> Values:
    known = situations_of(purpose)
    return next(each.values for each in known if each.name == (situation or known[0].name))


def renamed(**changes: str) -> Organisation:
    return replace(ORGANISATION, **changes)
