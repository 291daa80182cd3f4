"""Envelope addresses as SMTP writes them (RFC 5321 section 4.1.2), and content as it travels in DATA."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_QUOTED = r'"(?:[^"\\\x00-\x1f\x7f]|\\[^\x00-\x1f\x7f])*"'
# Which characters a domain's own server takes before the @ is its affair; these would end the address or the command.
_ADDRESS = re.compile(rf'({_QUOTED}|[^\s<>"\x00-\x1f\x7f]+)@([^\s<>"@\x00-\x1f\x7f]+)')
_LONE_END = re.compile(rb"\r(?!\n)|(?<!\r)\n")
_DOT_AT_START = re.compile(rb"(?m)^\.")


@dataclass(frozen=True, slots=True)
class Envelope:
    """MAIL FROM and RCPT TO without their brackets; an empty sender is the null sender.

    `needs_utf8`: a local part is not ASCII, so that the server must know SMTPUTF8 (RFC 6531).
    """

    sender: str = field(repr=False)
    recipient: str = field(repr=False)

    @property
    def needs_utf8(self) -> bool:
        return not (self.sender.isascii() and self.recipient.isascii())


def envelope_of(sender: str, recipient: str) -> Envelope | None:
    """The envelope, with domains in their ASCII form; None when an address can't be written in SMTP."""
    written_sender = _written(sender) if sender else ""
    written_recipient = _written(recipient)
    if written_sender is None or written_recipient is None:
        return None
    return Envelope(written_sender, written_recipient)


def _written(address: str) -> str | None:
    match = _ADDRESS.fullmatch(address)
    if match is None:
        return None
    local, domain = match.groups()
    try:
        return f"{local}@{domain if domain.isascii() else domain.encode('idna').decode('ascii')}"
    except UnicodeError:
        return None


def in_transit(content: bytes) -> bytes:
    """Content as DATA carries it: every line ended by CRLF, dots at a line's start doubled, and the dot that ends it.

    RFC 5321 sections 2.3.8 and 4.5.2. A lone LF or CR is what some servers end a message at, and others don't.
    """
    if not content.count(b"\r\n") == content.count(b"\n") == content.count(b"\r"):
        content = _LONE_END.sub(b"\r\n", content)
    if b"\n." in content or content.startswith(b"."):
        content = _DOT_AT_START.sub(b"..", content)
    return content + (b".\r\n" if content.endswith(b"\r\n") else b"\r\n.\r\n")
