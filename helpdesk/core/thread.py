"""Which ticket a message belongs to: DESIGN section 4, in its order."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from helpdesk.core.addresses import domain_of, is_listed, lookup_form
from helpdesk.model.message import InboundMessage
from helpdesk.model.policy import Ourselves, TicketPolicy
from helpdesk.model.ticket import Ticket, TicketState

OUR_SUBJECT = "Your message"

# "Re:", "AW:", "Re[2]:" and the like, in the spellings that mail programs of our requesters' languages write.
_REPLY_PREFIX = re.compile(
    r"^(?:\s*(?:re|aw|antw|sv|vs|rv|rif|r|ynt|odp|atb|رد)\s*(?:\[\d{1,3}\])?\s*[:：])+\s*", re.IGNORECASE
)
_TOKEN = re.compile(r"[0-9a-f]{32}")
_SUBJECT_REFERENCE = re.compile(r"\[EHT-(\d{1,9})\]", re.IGNORECASE)

_RULES_IN_WORDS = {
    "new": "a new matter",
    "references": "it answers a mail on this ticket",
    "subject-reference": "its subject names this ticket",
    "reply-to-your-message": "it answers our acknowledgement",
    "same-sender-recently": "the same person wrote a moment ago, and is still waiting",
    "closed-too-long-ago": "it answers a ticket that was closed long ago",
    "a-person-said-so": "a person said that it belongs to a person",
}


def in_words(rule: str) -> str:
    """Why a message belongs where it is, as staff read it; a rule without words stands for itself."""
    return _RULES_IN_WORDS.get(rule, rule)


@dataclass(frozen=True, slots=True)
class ThreadFacts:
    """The tickets that may be meant.

    `referenced` are those that In-Reply-To, References or a reply address name, in that order; `in_subject` the one whose
    reference stands in the subject, given only when the sender takes part in it; `of_sender` the sender's own, newest
    first.
    """

    referenced: tuple[Ticket, ...] = ()
    in_subject: Ticket | None = None
    of_sender: tuple[Ticket, ...] = ()


@dataclass(frozen=True, slots=True)
class Thread:
    """Where a message goes: to `ticket`, or to a new one when that is None.

    `earlier` are the sender's other tickets, named on a new ticket so that staff see the history.
    """

    ticket: Ticket | None
    rule: str
    reopens: bool = False
    other_address: bool = False
    earlier: tuple[Ticket, ...] = ()


def reference_candidates(message: InboundMessage, ourselves: Ourselves) -> tuple[str, ...]:
    """Every Message-ID that this message says it answers, most telling first, each once.

    In-Reply-To comes first, then References from the newest back (RFC 5322 section 3.6.4), then the token of a reply
    address ("info+TOKEN@…"), which is the left side of the Message-ID that it was sent in.
    """
    tokens = (token for address in message.to if (token := _reply_token(address, ourselves)))
    return tuple(dict.fromkeys((*message.in_reply_to, *reversed(message.references), *tokens)))


def is_our_message_id(message_id: str, ourselves: Ourselves) -> bool:
    """Whether a Message-ID has the form of ours: 128 random bits at our domain, which only who got that mail can know."""
    token, _, domain = message_id.rpartition("@")
    return bool(_TOKEN.fullmatch(token)) and domain.casefold() in {domain_of(each) for each in ourselves.addresses}


def subject_reference(subject: str) -> int | None:
    """The ticket number in a subject that holds "[EHT-1042]"."""
    found = _SUBJECT_REFERENCE.search(subject)
    return int(found.group(1)) if found else None


def choose_thread(
    message: InboundMessage, facts: ThreadFacts, policy: TicketPolicy, ourselves: Ourselves, now: datetime
) -> Thread:
    """The ticket of a person's message, or a new one; never raises and never asks who may, only where it belongs."""
    sender = message.sender.address if message.sender else ""
    if facts.referenced:
        return _joined(facts.referenced[0], "references", sender, facts, policy, now)
    if policy.subject_reference and facts.in_subject:
        return _joined(facts.in_subject, "subject-reference", sender, facts, policy, now)
    waiting = tuple(ticket for ticket in facts.of_sender if ticket.state is not TicketState.CLOSED and not ticket.spam)
    if len(waiting) == 1 and is_reply_to_us(message.subject):
        return _joined(waiting[0], "reply-to-your-message", sender, facts, policy, now)
    recent = next((ticket for ticket in waiting if _is_fresh(ticket, policy, now)), None)
    if recent and not is_listed(sender, ourselves.professionals):
        return _joined(recent, "same-sender-recently", sender, facts, policy, now)
    return Thread(None, "new", earlier=facts.of_sender)


def is_reply_to_us(subject: str) -> bool:
    """Whether a subject is "Re: Your message" in the writing of any mail program."""
    stripped = _REPLY_PREFIX.sub("", subject)
    return stripped != subject and stripped.strip().casefold() == OUR_SUBJECT.casefold()


def _joined(ticket: Ticket, rule: str, sender: str, facts: ThreadFacts, policy: TicketPolicy, now: datetime) -> Thread:
    other_address = lookup_form(sender) != lookup_form(ticket.requester_address)
    if ticket.state is not TicketState.CLOSED:
        return Thread(ticket, rule, other_address=other_address)
    if ticket.closed_at and now - ticket.closed_at <= policy.reopen_within:
        return Thread(ticket, rule, reopens=True, other_address=other_address)
    earlier = tuple({each.id: each for each in (ticket, *facts.of_sender)}.values())
    return Thread(None, "closed-too-long-ago", earlier=earlier)


def _is_fresh(ticket: Ticket, policy: TicketPolicy, now: datetime) -> bool:
    return ticket.state is TicketState.NEW and now - ticket.opened_at < policy.join_within


def _reply_token(address: str, ourselves: Ourselves) -> str | None:
    local, _, domain = address.rpartition("@")
    name, plus, token = local.partition("+")
    if plus and token and lookup_form(f"{name}@{domain}") in ourselves.addresses:
        # Our tokens and domain are lower case; a mail server on the way may have changed that.
        return lookup_form(f"{token}@{domain}")
    return None
