"""Answers that somebody sent from the mailbox itself, past the helpdesk: what in the folder of sent mail is one.

Nothing has to be proven: whoever can write into that folder has the mailbox.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from helpdesk.core.addresses import lookup_form
from helpdesk.core.classify import classify
from helpdesk.core.rules.evidence import Evidence
from helpdesk.core.rules.origins import has_our_loop_mark
from helpdesk.core.thread import is_our_message_id
from helpdesk.model.message import InboundMessage, Kind, Verdict
from helpdesk.model.policy import Ourselves

# What it is recorded as: no rule of the table finds it, since it is not judged by what came in.
SENT_ELSEWHERE = Verdict(Kind.OWN, "sent-elsewhere")

_OF_MACHINES = frozenset({Kind.AUTO_REPLY, Kind.BOUNCE, Kind.RECEIPT, Kind.REPORT, Kind.BULK, Kind.CALENDAR})


def is_written_by_person(message: InboundMessage, raw: bytes, us: Ourselves) -> bool:
    """Whether a person wrote it in our name: From is ours, and no rule for machines holds.

    Programs leave their automatic answers and receipts in that folder too. `raw` is what `message` was parsed from.
    """
    if not Evidence(message, us).is_ours:
        return False
    # Else the rule for our own mail would hold for all of it.
    seen_by_strangers = replace(us, addresses=frozenset(), staff_addresses=frozenset(), form_senders=frozenset())
    return classify(message, raw, seen_by_strangers).kind not in _OF_MACHINES


def has_our_mark(message: InboundMessage, us: Ourselves) -> bool:
    """Whether the helpdesk itself sent it, and the copy is ours or our provider's."""
    return has_our_loop_mark(Evidence(message, us))


def people_written_to(message: InboundMessage, us: Ourselves) -> Iterator[str]:
    """Those of its recipients who are neither the mailbox nor staff, in their own spelling."""
    for address in message.to:
        if lookup_form(address) not in us.addresses | us.staff_addresses:
            yield address


def answered_ids(message: InboundMessage, us: Ourselves) -> tuple[str, ...]:
    """The Message-IDs that it directly answers and that a stranger gave; ours lead to their ticket or to none."""
    return tuple(each for each in message.in_reply_to if not is_our_message_id(each, us))
