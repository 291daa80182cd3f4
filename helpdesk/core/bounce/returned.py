"""The mail that a bounce returns, whole or only its header: its Message-IDs and whom it was to. Decides nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator

from helpdesk.model.message import InboundMessage

_RETURNED_TYPES = (
    "message/rfc822",
    "message/global",
    "text/rfc822-headers",
    "message/global-headers",
    "message/rfc822-headers",
)
_REPORT_TYPES = ("message/delivery-status", "message/global-delivery-status", "message/disposition-notification")
_HEADER_LENGTH = 30_000
_TEXT_LENGTH = 100_000
_MAX_IDS = 20
# RFC 5322 section 3.6.4, also quoted, indented or folded; Gmail and MDNs (RFC 8098 section 3.2.5) call it original.
_MESSAGE_ID = re.compile(
    r"^[ \t>|]{0,8}(?:x-)?(?:original-)?message-id[ \t]*:\s{0,40}<([^<>\s]{1,998})>", re.IGNORECASE | re.MULTILINE
)
_TO = re.compile(r"^[ \t>|]{0,8}to[ \t]*:[ \t]*([^\r\n]{0,2000})", re.IGNORECASE | re.MULTILINE)
_ADDRESS = re.compile(r"[^\s<>()\[\],;:\"']{1,64}@[^\s<>()\[\],;:\"']{1,255}")


def returned_message_ids(message: InboundMessage) -> tuple[str, ...]:
    """The Message-IDs (without <>) that may name a mail of ours which this one answers for a machine, likeliest first.

    Those of the returned mail or its header, then those quoted in a report or in plain text, then In-Reply-To and
    References. Never the message's own.
    """
    found: dict[str, None] = {}
    for text in _sources(message):
        found.update(dict.fromkeys(match[1] for match in _MESSAGE_ID.finditer(text)))
    found.update(dict.fromkeys((*message.in_reply_to, *reversed(message.references))))
    return tuple(identifier for identifier in found if identifier != message.message_id)[:_MAX_IDS]


def returned_recipients(message: InboundMessage) -> tuple[str, ...]:
    """The addresses in the To field of the returned mail, which may also stand in the text; empty when none came back."""
    headers = [part.text[:_HEADER_LENGTH] for part in message.parts if part.content_type in _RETURNED_TYPES]
    for text in (*headers, message.text[:_TEXT_LENGTH]):
        field = _TO.search(text)
        if field:
            return tuple(dict.fromkeys(_ADDRESS.findall(field[1])))
    return ()


def _sources(message: InboundMessage) -> Iterator[str]:
    for part in message.parts:
        if part.content_type in _RETURNED_TYPES:
            yield part.text[:_HEADER_LENGTH]
    for part in message.parts:
        if part.content_type in _REPORT_TYPES:
            yield part.text[:_HEADER_LENGTH]
    yield message.text[:_TEXT_LENGTH]
