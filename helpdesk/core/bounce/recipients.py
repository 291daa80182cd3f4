"""Whom a bounce did not reach. The surest source first: the delivery report, Exim's header, flufl.bounce, free text."""

from __future__ import annotations

import re
from email import message_from_bytes

from flufl.bounce import all_failures

from helpdesk.core.bounce.delivery_status import address_in, read_delivery_status
from helpdesk.core.bounce.plain_text import Tone, describe, notice_of, read_plain_bounce, tone_of
from helpdesk.core.bounce.returned import returned_message_ids, returned_recipients
from helpdesk.model.message import BouncedRecipient, InboundMessage

# flufl.bounce reads every line with every detector: a notice stands at the beginning, and the rest is our own mail.
_SCANNED_BYTES = 40_000
_BLANK_RUN = re.compile(rb"(?:\r?\n){3,}")
_STATUS_TYPES = ("message/delivery-status", "message/global-delivery-status")
_HAS_STATUS_FIELDS = re.compile(r"^[ \t>]{0,8}final-recipient[ \t]*:", re.IGNORECASE | re.MULTILINE)


def find_bounced(message: InboundMessage, raw: bytes) -> tuple[BouncedRecipient, ...]:
    """The recipients that a bounce names, each once, in order; for mail that was classified as a bounce.

    `permanent` is False for delays and for 4.x.x statuses (RFC 3463 section 3.1); of these, `gave_up` tells mail that is lost
    all the same.
    """
    return (
        _from_delivery_status(message)
        or _from_header(message)
        or _from_flufl(message, raw)
        or read_plain_bounce(_notice_text(message), message.subject, _not_these(message))
        or _from_returned_mail(message)
    )


def _from_delivery_status(message: InboundMessage) -> tuple[BouncedRecipient, ...]:
    for part in message.parts:
        # Broken reports call their machine part text/plain, or lose its type altogether.
        if part.content_type in _STATUS_TYPES or _HAS_STATUS_FIELDS.search(part.text[:_SCANNED_BYTES]):
            found = read_delivery_status(part.text[:_SCANNED_BYTES])
            if found:
                return found
    return ()


def _from_header(message: InboundMessage) -> tuple[BouncedRecipient, ...]:
    """Exim and Gmail: X-Failed-Recipients holds a list of addresses, and the text says whether it is final."""
    listed = ",".join(message.headers.every("x-failed-recipients"))
    notice = notice_of(_notice_text(message))
    tone = tone_of(message.subject, notice)
    addresses = dict.fromkeys(filter(None, (address_in(entry) for entry in listed[:10_000].split(","))))
    return tuple(describe(address, notice, tone) for address in addresses)


def _from_flufl(message: InboundMessage, raw: bytes) -> tuple[BouncedRecipient, ...]:
    # Its detectors raise on odd mail, and the standard library's address reader calls itself for each colon in a From.
    # What it logs, which repeats addresses, `helpdesk.log` silences.
    try:
        temporary, permanent = all_failures(message_from_bytes(_BLANK_RUN.sub(b"\n\n", raw[:_SCANNED_BYTES])))
    except (ValueError, LookupError, AttributeError, TypeError, AssertionError, RecursionError):
        return ()
    others = _not_these(message) | {identifier.casefold() for identifier in returned_message_ids(message)}
    found = {address.decode("utf-8", "replace"): address in permanent for address in permanent | temporary}
    kept = sorted(text for text in found if address_in(text) == text and text.casefold() not in others)
    notice = notice_of(_notice_text(message))
    tone = tone_of(message.subject, notice)
    # An address that was broken at the end of a line is found twice, once without its end.
    whole = (text for text in kept if not any(other != text and other.startswith(text) for other in kept))
    # What flufl calls temporary is a warning.
    return tuple(describe(text, notice, Tone(found[text], found[text] and tone.ended)) for text in whole)


def _from_returned_mail(message: InboundMessage) -> tuple[BouncedRecipient, ...]:
    """Notices that name nobody, but return the mail: whoever it was to."""
    tone = tone_of(message.subject, notice_of(_notice_text(message)))
    return tuple(tone.said_of(address) for address in returned_recipients(message))


def _notice_text(message: InboundMessage) -> str:
    return message.text or next((part.text for part in message.parts if part.text.strip()), "")


def _not_these(message: InboundMessage) -> frozenset[str]:
    ours = [*message.to, *(([message.sender.address]) if message.sender else [])]
    return frozenset(address.casefold() for address in ours)
