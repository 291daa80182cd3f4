"""Whether a person's message gets an automatic answer, and which: DESIGN section 3."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from helpdesk.core.addresses import is_no_reply, lookup_form
from helpdesk.core.thread import Thread
from helpdesk.model.delivery import Acknowledged, Purpose
from helpdesk.model.message import Kind
from helpdesk.model.policy import AcknowledgementPolicy
from helpdesk.model.stored import SameText
from helpdesk.model.ticket import TicketState

# A machine that changes its address sends the same words after each of our answers. People who wrote alike had all
# written before the first of them was answered.
MOST_ANSWERED_ALIKE = 2
# A parent, a teacher and a social worker may all write on one ticket; more new addresses than that are one machine's.
MOST_ON_A_TICKET = 3
# Mailboxes that were full or shut are sometimes opened again; an address that never was costs us one bounce a week.
TRY_AGAIN_AFTER = timedelta(days=7)
# Why mail waits for a person after `helpdesk db restore`; staff read it in the outbox and on the ticket.
RESTORED = "the database was restored from a backup: the first answer may have gone out already"


@dataclass(frozen=True, slots=True)
class AcknowledgementFacts:
    """What is known when the question comes up.

    `on_ticket` are the acknowledgements sent or waiting on the ticket that the message joins; `to_sender` counts those to
    this address in the last 24 hours, `in_all` all in the last hour, `same_text` tells how often this text came from this
    domain of late. `unproven`: our own server says that the sender is not who it claims to be.
    `null_sender`: the envelope sender was <>. `unreachable_since`: when mail to this address last came back for good.
    `by_hand`: a person had it taken in, past the poll. `restored`: it came before the database was restored from a backup,
    so that what was sent of it since may be forgotten. `answered`: a person answered it from the mailbox, before it was read.
    """

    kind: Kind
    sender: str = field(repr=False)
    received_at: datetime
    thread: Thread
    on_ticket: tuple[Acknowledged, ...] = ()
    to_sender: int = 0
    in_all: int = 0
    same_text: SameText = field(default_factory=SameText)
    unproven: bool = False
    null_sender: bool = False
    unreachable_since: datetime | None = None
    by_hand: bool = False
    restored: bool = False
    answered: bool = False


@dataclass(frozen=True, slots=True)
class AcknowledgementDecision:
    """Which acknowledgement to send, if any, and why; `held_because` says why it waits for a person to release it.

    `alarming` is True where an admin should be told at once.
    """

    purpose: Purpose | None
    reason: str
    held_because: str = ""
    alarming: bool = False


def decide_acknowledgement(
    facts: AcknowledgementFacts, policy: AcknowledgementPolicy, now: datetime
) -> AcknowledgementDecision:
    """The automatic answer to one message; `now` and `received_at` are aware UTC datetimes."""
    obstacle = _obstacle(facts, policy, now)
    if obstacle:
        return AcknowledgementDecision(None, obstacle)
    purpose, reason = _which(facts)
    if purpose is None:
        return AcknowledgementDecision(None, reason)
    if facts.to_sender >= policy.per_sender:
        return AcknowledgementDecision(None, f"this address got {facts.to_sender} acknowledgements within 24 hours already")
    return _perhaps_held(facts, policy, AcknowledgementDecision(purpose, reason))


def _obstacle(facts: AcknowledgementFacts, policy: AcknowledgementPolicy, now: datetime) -> str:
    if facts.kind is Kind.SPAM:
        return "it was filed as junk"
    if facts.kind is not Kind.PERSON:
        return f"no person wrote it ({facts.kind})"
    if facts.by_hand:
        return "it was taken in by hand, long after it came"
    if facts.answered:
        return "a person has answered it already, from the mailbox itself"
    if not policy.enabled:
        return "acknowledgements are switched off in the configuration"
    if "@" not in facts.sender:
        return "it has no sender address to answer"
    # RFC 3834 section 2: an answer to the null sender starts what it was meant to end.
    if facts.null_sender:
        return "its envelope sender is null, so no answer is wanted"
    if is_no_reply(facts.sender):
        return "nobody reads the address that it came from"
    if facts.unreachable_since and now - facts.unreachable_since < TRY_AGAIN_AFTER:
        return "mail to this address came back within the last week"
    if now - facts.received_at > policy.within:
        return f"it was received more than {_in_words(policy)} ago"
    return ""


def _which(facts: AcknowledgementFacts) -> tuple[Purpose | None, str]:
    ticket = facts.thread.ticket
    if ticket is None:
        return Purpose.ACKNOWLEDGEMENT, "first mail of a person"
    if facts.thread.reopens:
        return Purpose.ACKNOWLEDGEMENT, "first mail since the ticket was closed"
    sender = lookup_form(facts.sender)
    mine = [each for each in facts.on_ticket if lookup_form(each.recipient) == sender]
    if facts.thread.other_address and not mine:
        if len(facts.on_ticket) >= MOST_ON_A_TICKET:
            return None, f"{len(facts.on_ticket)} acknowledgements went out on this ticket; a person answers next"
        return Purpose.ACKNOWLEDGEMENT, "first mail from another address"
    if ticket.state is not TicketState.NEW:
        return None, "a person has already answered on this ticket"
    if any(each.purpose is Purpose.ACKNOWLEDGEMENT_AGAIN for each in facts.on_ticket):
        return None, "both automatic answers went out on this ticket; a person answers next"
    if not mine:
        return Purpose.ACKNOWLEDGEMENT, "nothing was sent on this ticket yet"
    return Purpose.ACKNOWLEDGEMENT_AGAIN, "second mail before a person has answered"


def _perhaps_held(
    facts: AcknowledgementFacts, policy: AcknowledgementPolicy, decision: AcknowledgementDecision
) -> AcknowledgementDecision:
    if facts.restored:
        because, alarming = RESTORED, False
    elif facts.unproven:
        because, alarming = "the sender is not proven: our mail server says that DMARC failed", False
    elif facts.same_text.answered >= MOST_ANSWERED_ALIKE:
        alike = f"{facts.same_text.answered} mails with the same text came from one domain within a day"
        because, alarming = f"{alike}, each after our answer to the one before", True
    elif facts.same_text.in_all >= policy.same_text_per_hour:
        because, alarming = f"{facts.same_text.in_all} mails with the same text came from one domain within an hour", True
    elif facts.in_all >= policy.per_hour:
        because, alarming = f"{facts.in_all} acknowledgements within an hour reached the limit", True
    else:
        return decision
    return AcknowledgementDecision(decision.purpose, decision.reason, held_because=because, alarming=alarming)


def _in_words(policy: AcknowledgementPolicy) -> str:
    hours = round(policy.within.total_seconds() / 3600)
    return f"{hours // 24} days" if hours % 24 == 0 and hours > 24 else f"{hours} hours"
