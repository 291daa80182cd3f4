"""Whether a mail from a staff member's address is theirs: DESIGN section 6. What follows from it, others decide.

From alone proves nothing, since anybody can write it. A mail of ours, which only its recipient got, holds a token; whoever
answers names it, by reference or by the address that they answer to.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from helpdesk.core.authenticity import has_failed_authentication
from helpdesk.core.thread import is_our_message_id, reference_candidates
from helpdesk.model.message import InboundMessage
from helpdesk.model.policy import Ourselves
from helpdesk.model.staff import StaffToken

# A thread of years names all its mails; more than this is no thread.
MOST_TOKENS = 50


class Doubt(StrEnum):
    """Why a mail from a staff address is not taken for theirs."""

    FORGED = "our mail server says that it does not come from that address"
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
    if token:
        return Proof(token)
    if theirs:
        return Proof(theirs[0], Doubt.OLD_TOKEN)
    return Proof(None, Doubt.OTHERS_TOKEN if tokens else Doubt.NO_TOKEN)
