"""Whether our own mail server found that a sender is not who they say. What follows from it, others decide."""

from __future__ import annotations

import re

from helpdesk.model.message import InboundMessage
from helpdesk.model.policy import Ourselves

# One result with its comment and properties (RFC 8601 section 2.2); a comment may hold a semicolon.
_DMARC_FAILED = re.compile(r"\bdmarc\s*=\s*fail\b(?:\s*\([^)]{0,500}\))?[^;]{0,1000}", re.IGNORECASE)
# Where servers write the policy: Gmail and OpenDMARC in the comment, Exchange as action, others as a property.
_STRICT_POLICY = re.compile(
    r"\b(?:p|dis|policy|policy\.[a-z-]{1,40}|action)\s*[=:]\s*(?:reject|quarantine|oreject)\b", re.IGNORECASE
)

# Of all the results these two say who sent a mail (RFC 8601 section 2.7); a comment may name results of other servers.
_COMMENT = re.compile(r"\([^()]{0,1000}\)")
_RESULT = re.compile(r"(?:^|;)\s*(dmarc|dkim)\s*=\s*([a-z]+)", re.IGNORECASE)


def is_sender_unproven(message: InboundMessage, us: Ourselves) -> bool:
    """Whether the Authentication-Results of our own server say that DMARC failed under reject or quarantine (RFC 8601).

    Only the topmost run of them counts: what stands further down may have come with the mail (RFC 8601 section 5). Always
    False where no server is trusted.
    """
    failed = (_DMARC_FAILED.search(result) for result in _trusted_results(message, us))
    return any(found is not None and _STRICT_POLICY.search(found[0]) is not None for found in failed)


def has_failed_authentication(message: InboundMessage, us: Ourselves) -> bool:
    """Whether our own server's Authentication-Results say that DMARC failed, under whatever policy, or every DKIM signature.

    Always False where no server is trusted.
    """
    results = [
        (found[1].casefold(), found[2].casefold())
        for value in _trusted_results(message, us)
        for found in _RESULT.finditer(_COMMENT.sub("", value))
    ]
    # A list on the way may have broken one signature and added another that holds.
    return ("dmarc", "fail") in results or (("dkim", "fail") in results and ("dkim", "pass") not in results)


def _trusted_results(message: InboundMessage, us: Ourselves) -> list[str]:
    """The topmost run of results with our server's authserv-id; a forged one can only stand below it."""
    trusted = us.trusted_authserv.casefold()
    found: list[str] = []
    if not trusted:
        return found
    for name, value in message.headers.fields:
        if name == "authentication-results":
            if _authserv_id(value) != trusted:
                break
            found.append(value)
        elif found:
            break
    return found


def _authserv_id(value: str) -> str:
    """RFC 8601 section 2.2: the id stands before the first semicolon, maybe with a version behind it."""
    words = value.partition(";")[0].split()
    return words[0].casefold() if words else ""
