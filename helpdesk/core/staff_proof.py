"""Whether a mail from a staff member's address is theirs: DESIGN section 6. What follows from it, others decide.

From alone proves nothing, since anybody can write it. A mail of ours, which only its recipient got, holds a token; whoever
answers names it, by reference or by the address that they answer to.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from helpdesk.core.addresses import lookup_form
from helpdesk.core.authenticity import has_failed_authentication
from helpdesk.core.thread import is_our_message_id, reference_candidates
from helpdesk.model.message import InboundMessage
from helpdesk.model.policy import Ourselves
from helpdesk.model.staff import StaffToken

# A thread of years names all its mails; more than this is no thread.
MOST_TOKENS = 50

# What is no address however much it looks like one, and what stands between the words of From (RFC 5322 section 3.4).
_NO_ADDRESS = re.compile(r'"(?:[^"\\]|\\.){0,400}+"|\([^()]{0,400}+\)')
_BETWEEN = re.compile(r"[\s<>,;:]+")


class Doubt(StrEnum):
    """Why a mail from a staff address is not taken for theirs."""

    FORGED = "our mail server says that it does not come from that address"
    UNCLEAR = "it does not say plainly who sent it"
    NO_TOKEN = "it answers no notice of ours"  # noqa: S105 - a sentence, not a secret
    OTHERS_TOKEN = "it answers a notice that was sent to somebody else"  # noqa: S105
    OLD_TOKEN = "the notice that it answers is too old"  # noqa: S105


@dataclass(frozen=True, slots=True)
class Proof:
    """What a mail may do, or why it may do nothing; `token` may stand beside `doubt` to say which ticket it is about."""

    token: StaffToken | None
    doubt: Doubt | None = None


def named_tokens(message: InboundMessage, us: Ourselves) -> tuple[str, ...]:
    """What may be tokens of ours in the mails that this one answers, most telling first, each once."""
    ours = (each for each in reference_candidates(message, us) if is_our_message_id(each, us))
    return tuple(dict.fromkeys(each.partition("@")[0] for each in ours))[:MOST_TOKENS]


def prove(message: InboundMessage, us: Ourselves, staff_id: str, tokens: Sequence[StaffToken], now: datetime) -> Proof:
    """The proof that this mail of `staff_id`'s address is theirs; `tokens` are those it names that were ever given out."""
    theirs = [each for each in tokens if each.staff_id == staff_id]
    token = next((each for each in theirs if now < each.expires_at), None)
    if has_failed_authentication(message, us):
        return Proof(token, Doubt.FORGED)
    if not _has_one_sender(message):
        return Proof(token, Doubt.UNCLEAR)
    if token:
        return Proof(token)
    if theirs:
        return Proof(theirs[0], Doubt.OLD_TOKEN)
    return Proof(None, Doubt.OTHERS_TOKEN if tokens else Doubt.NO_TOKEN)


def _has_one_sender(message: InboundMessage) -> bool:
    """Whether From is there once and names one address (RFC 7489 section 6.6.1).

    Else the server that checked the mail may have looked at another address than we do.
    """
    written = [value for name, value in message.headers.fields if name == "from"]
    if len(written) != 1 or message.sender is None:
        return False
    words = _BETWEEN.split(_NO_ADDRESS.sub(" ", written[0]))
    return {lookup_form(word) for word in words if "@" in word} == {lookup_form(message.sender.address)}
