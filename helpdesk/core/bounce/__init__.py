"""Whom a bounce did not reach, and which of our mails came back. Whether a mail is a bounce at all, the rules say."""

from __future__ import annotations

from helpdesk.core.bounce.reasons import reason_of
from helpdesk.core.bounce.recipients import find_bounced
from helpdesk.core.bounce.returned import returned_message_ids

__all__ = ["find_bounced", "reason_of", "returned_message_ids"]
