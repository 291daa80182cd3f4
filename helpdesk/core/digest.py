"""What makes two copies of a message the same, whatever mailbox or encoding they come in."""

from __future__ import annotations

from datetime import datetime

from helpdesk.core.addresses import lookup_form
from helpdesk.model.message import InboundMessage


def digest_parts(message: InboundMessage, received_at: datetime) -> tuple[str, ...]:
    """The parts that the keyed digest is made over: Message-ID, Date, From, Subject and the decoded text.

    White space is folded, since servers re-encode. A message that names neither itself nor its time is told from the next
    one with the same words by its INTERNALDATE, which a move keeps (RFC 3501 section 6.4.7).
    """
    sender = lookup_form(message.sender.address) if message.sender else ""
    date = message.date.isoformat() if message.date else ""
    named = message.message_id or date
    return (
        message.message_id or "",
        date,
        sender,
        " ".join(message.subject.split()),
        " ".join(message.text.split()),
        "" if named else received_at.isoformat(),
        # A form writes for many people in the same second and with the same words.
        ",".join(lookup_form(each.address) for each in message.reply_to),
    )
