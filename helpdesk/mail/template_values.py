"""The catalogue of what templates may show: every value by its name, what it means, and which template knows it.

`templates/README.md` says the same to admins, and a test holds the two together. Holds no value of a real mail.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from helpdesk.model.delivery import Purpose
from helpdesk.model.template import Value, Values


class Shape(StrEnum):
    """`text` may be shown and compared; `flag` is true or false, and good for an `if` only."""

    TEXT = "text"
    FLAG = "flag"


@dataclass(frozen=True, slots=True)
class Field:
    """One value: `group.name` in a template. `content` marks what came from a mail, which no lock screen may show."""

    group: str
    name: str
    meaning: str
    shape: Shape = Shape.TEXT
    content: bool = False

    @property
    def full_name(self) -> str:
        return f"{self.group}.{self.name}"


# The list that a template may go through with `for`; its fields are named after the loop's own word for one entry.
LIST = "signposts"

CATALOGUE: tuple[Field, ...] = (
    Field("office", "open", "whether the office is open as the mail is written", Shape.FLAG),
    Field("office", "hours", 'the office hours: "Monday to Friday, 10:00 to 16:00 UK time"'),
    Field("office", "opens_at", 'when the office opens next, or empty: "Monday 9 November at 10:00 UK time"'),
    Field("office", "opens_day", 'the day alone: "Monday 9 November"'),
    Field("office", "opens_time", 'the time alone: "10:00"'),
    Field("organisation", "name", "the name that people know us by"),
    Field("organisation", "registered_name", "the name in the registers"),
    Field("organisation", "registered_office", "the registered address"),
    Field("organisation", "charity_number", "the charity number"),
    Field("organisation", "company_number", "the company number"),
    Field("organisation", "email", "the address that people write to"),
    Field("organisation", "website", "the website; becomes a link"),
    Field("organisation", "sender_name", "the name that our mail comes from"),
    Field("organisation", "signature", "the name under our mail"),
    Field(LIST, "text", 'one line of help: "Call Samaritans: 116 123"; its number becomes a link'),
    Field(LIST, "number", 'the number alone: "116 123"; becomes a link'),
    Field(LIST, "action", '"call" or "text"'),
    Field(LIST, "name", 'whose number it is: "Samaritans"'),
    Field("requester", "name", "the name of the person who wrote, or empty where it is not one to greet by", content=True),
    Field("staff", "name", "the public name of the staff member who gets this; in `reply`, of whoever answers"),
    Field("staff", "minimal", "whether they want no content in their own inbox", Shape.FLAG),
    Field("ticket", "reference", 'the name of the ticket: "EHT-1042"'),
    Field("ticket", "priority", '"normal", "high" or "urgent"'),
    Field("ticket", "state", '"new", "open", "pending" or "closed"'),
    Field("ticket", "earlier", 'earlier tickets of the same person, or empty: "EHT-1001, EHT-1007"'),
    Field("ticket", "requester_address", "the address that we have for this person, or empty", content=True),
    Field("ticket", "notes", "what staff have noted on it among themselves, or empty", content=True),
    Field("message", "new_text", "what the person newly wrote", content=True),
    Field(
        "message",
        "history",
        "the whole mail if it quotes; for who takes over, what was said before",
        content=True,
    ),
    Field("message", "subject", "the subject of their mail", content=True),
    Field("message", "sender_name", "the name they gave, or empty", content=True),
    Field("message", "sender_address", "the address they wrote from", content=True),
    Field("message", "received_at", "when the mail reached us"),
    Field("message", "attachments", 'what is attached, a line for each, or empty: "cv.pdf (12 KB)"', content=True),
    Field("message", "other_address", "whether it came from another address than the ticket's", Shape.FLAG),
    Field("message", "reply_to", "the address that the mail asks answers to go to, where it differs, or empty", content=True),
    Field("message", "unproven", "whether the sender could be somebody else", Shape.FLAG),
    Field("received", "language", 'the language that they wrote in, where it is surely not English, or empty: "Polish"'),
    Field("received", "locked", "whether their mail came encrypted, so that we can't open it", Shape.FLAG),
    Field("assignment", "reason", 'why this staff member: "Mike: knows this person"'),
    Field("sent", "what", "what the person was sent, and when, or why nothing"),
    Field("moved", "away", "whether tickets moved because this staff member is away", Shape.FLAG),
    Field("moved", "until", 'the last day of their absence, or empty: "Monday 14 December"'),
    Field("moved", "tickets", 'the tickets that are no longer theirs, a line for each: "EHT-1042: Dana has it now"'),
    Field("waiting", "reference", 'the name of the ticket that waits: "EHT-1042"'),
    Field("waiting", "priority", 'its priority: "normal", "high" or "urgent"'),
    Field("waiting", "since", 'since when the person has waited: "Monday 9 November at 11:32 UK time"'),
    Field("waiting", "holder", "the public name of whoever has the ticket, or empty"),
    Field("waiting", "why", 'why this note comes: "no answer in 8 office hours"'),
    Field("digest", "own", "the tickets of this staff member that wait, a line for each, the oldest first, or empty"),
    Field("digest", "answers", 'the tickets on which an answer of theirs was held, or empty: "EHT-1042, EHT-1051"'),
    Field("digest", "unassigned", "for a lead: the tickets that nobody has, or empty"),
    Field("digest", "overdue", "for a lead: the tickets that wait for too long, or empty"),
    Field("digest", "stopped", "for a lead: the new mails to people that failed or are held, or empty"),
    Field("digest", "junk", 'for a lead: how many mails were filed as junk, or empty: "3 mails"'),
    Field("digest", "held_back", "for a lead: whether the daily comparison held messages back", Shape.FLAG),
    Field("reply", "text", "the words of a reply to the person, in a note to its author the whole mail", content=True),
    Field("reply", "files", 'what goes with it, a line for each, or empty: "map.png (12 KB)"', content=True),
    Field("reply", "left_out", "what of their mail does not go, and why, a line for each, or empty", content=True),
    Field("reply", "held", "why the reply has not gone out, in whole sentences, or empty where it goes by itself"),
    Field("reply", "goes_at", 'when it goes by itself: "Monday 9 November at 11:37 UK time"'),
    Field("reply", "also", "who else is answering this person, in a sentence, or empty"),
    Field("reply", "reference", 'the name of the ticket: "EHT-1042"'),
    Field("answered", "reference", 'the name of the ticket: "EHT-1042"'),
    Field("answered", "at", 'when the person was answered: "Monday 9 November at 11:37 UK time"'),
    Field("answered", "wrote_since", "whether the person has written again since", Shape.FLAG),
    Field("answered", "closed", "whether the ticket was closed before, and stays so", Shape.FLAG),
    Field("answered", "text", "what was written to them", content=True),
    Field("help", "what", "what happened"),
    Field("help", "mail", "what became of their mail, or empty"),
    Field("help", "remedy", "what to do next, or empty"),
    Field("alert", "what", "what happened"),
    Field("alert", "mail", "what became of the mail"),
    Field("alert", "remedy", "what to do next"),
)

_EVERYWHERE = ("office", "organisation", LIST)
_OF_A_TICKET = (*_EVERYWHERE, "staff", "ticket", "message", "received", "assignment", "sent")

GROUPS: Mapping[Purpose, tuple[str, ...]] = {
    Purpose.ACKNOWLEDGEMENT: (*_EVERYWHERE, "requester", "received"),
    Purpose.ACKNOWLEDGEMENT_AGAIN: (*_EVERYWHERE, "requester", "received"),
    Purpose.STAFF_ASSIGNED: _OF_A_TICKET,
    Purpose.STAFF_MESSAGE: _OF_A_TICKET,
    Purpose.STAFF_ANSWERED: (*_EVERYWHERE, "staff", "answered"),
    Purpose.STAFF_MOVED: (*_EVERYWHERE, "staff", "moved"),
    Purpose.REPLY: (*_EVERYWHERE, "staff", "reply"),
    Purpose.STAFF_REPLY_WAITING: (*_EVERYWHERE, "staff", "reply"),
    Purpose.STAFF_HELP: (*_EVERYWHERE, "staff", "help"),
    Purpose.ADMIN_ALERT: (*_EVERYWHERE, "staff", "alert"),
    Purpose.STILL_WITH_YOU: (*_EVERYWHERE, "requester"),
    Purpose.STAFF_REMINDER: (*_EVERYWHERE, "staff", "waiting"),
    Purpose.STAFF_ESCALATION: (*_EVERYWHERE, "staff", "waiting"),
    Purpose.DIGEST: (*_EVERYWHERE, "staff", "digest"),
}


def shows_mail(purpose: Purpose) -> bool:
    """Whether a template of this purpose shows what a stranger wrote."""
    return "message" in GROUPS[purpose]


def fields_of(purpose: Purpose) -> dict[str, dict[str, Field]]:
    """The values that a template knows, by group and name."""
    known: dict[str, dict[str, Field]] = {group: {} for group in GROUPS[purpose]}
    for field in CATALOGUE:
        if field.group in known:
            known[field.group][field.name] = field
    return known


def completed(purpose: Purpose, values: Values) -> Values:
    """The values with every missing one empty, so that a built-in template can always be filled."""
    whole: dict[str, Mapping[str, Value] | tuple[Mapping[str, Value], ...]] = {}
    for group, fields in fields_of(purpose).items():
        given = values.get(group, ())
        if group == LIST:
            whole[group] = given if isinstance(given, tuple) else ()
            continue
        empty: dict[str, Value] = {name: False if field.shape is Shape.FLAG else "" for name, field in fields.items()}
        whole[group] = {**empty, **given} if isinstance(given, Mapping) else empty
    return whole
