"""What a status code of a bounce means, in words for staff (RFC 3463)."""

from __future__ import annotations

# The subject and detail of a code, after its class: x.1.1 means the same in 4.1.1 and in 5.1.1.
_REASONS = {
    "1.1": "there is no such mailbox",
    "1.2": "there is no such mail server",
    "1.3": "the address is not written as one",
    "1.6": "the mailbox has moved, and left no address",
    "1.10": "that domain takes no mail",
    "2.1": "the mailbox is switched off",
    "2.2": "the mailbox is full",
    "2.3": "the mail is too long for that mailbox",
    "3.4": "the mail is too long for that server",
    "4.1": "that server does not answer",
    "4.4": "that server can't be found",
    "4.6": "the mail went round in circles",
    "4.7": "it was tried for too long",
    "7.1": "that server does not want mail from us",
}


def reason_of(status: str | None) -> str:
    """The meaning of an RFC 3463 status such as "5.2.2", with the code; the bare code where it says no more."""
    if not status:
        return "no reason was given"
    words = _REASONS.get(status.partition(".")[2])
    return f"{words} ({status})" if words else status
