"""Predicates for notices that a mail could not be delivered, or not yet. Whom it did not reach, `core.bounce` says."""

from __future__ import annotations

import re

from helpdesk.core.rules.bounce_wording import CODES, OPENING, PERSONAL, PHRASES, SEPARATORS, SUBJECT
from helpdesk.core.rules.evidence import Evidence

_DAEMON_LOCAL = re.compile(
    r"mailer[-_.]?daemon|mail[-_.]?daemon|\bmdaemon|post[-_.]?(?:master|office)|mail[-_.]?delivery|"
    r"delivery[-_.]?(?:system|status|notif)|"
    r"smtp[-_.]?mail[-_.]?service|^microsoftexchange[0-9a-f]{20,}|^(?:mailer|e?smtp|inetgw\d?|system-?administrator|"
    r"mailadmin|bounces?|mmdf)$"
)
_DAEMON_NAME = re.compile(
    r"mail(?:er)?[ -]?(?:delivery|daemon|administrator|system)|post\s?master|system administrator|delivery (?:sub)?system"
)
_ACTIONS = re.compile(r"^\s*action\s*:\s*([a-z]+)", re.MULTILINE)
_SUCCESSES = frozenset({"delivered", "relayed", "expanded"})
_STATUS_PARTS = frozenset({"message/delivery-status", "message/global-delivery-status"})
_RETURNED_PARTS = frozenset({"message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers"})
_FAILED_HEADERS = frozenset({"x-failed-recipients", "x-ms-exchange-message-is-ndr"})
# How far into a notice its first telling phrase stands.
_LEAD = 500


def is_delivery_report(evidence: Evidence) -> bool:
    """RFC 3464 section 2: multipart/report of type delivery-status."""
    return evidence.report_type == "delivery-status"


def is_broken_report(evidence: Evidence) -> bool:
    """The machine part of a delivery report outside a proper multipart/report, from a mail system.

    A person who forwards a bounce sends such a part, too.
    """
    if evidence.part_types.isdisjoint(_STATUS_PARTS):
        return False
    machine = evidence.message.content_type in ("multipart/report", *_STATUS_PARTS) or evidence.has_null_return_path
    return machine or _is_daemon(evidence) or _has_subject(evidence) or not evidence.sender


def tells_success(evidence: Evidence) -> bool:
    """RFC 3464 section 2.3.3: every action in a delivery report is delivered, relayed or expanded."""
    if evidence.part_types.isdisjoint(_STATUS_PARTS):
        return False
    actions = _ACTIONS.findall(evidence.part_text(_STATUS_PARTS))
    return bool(actions) and _SUCCESSES.issuperset(actions)


def names_failed_recipients(evidence: Evidence) -> bool:
    return evidence.has_any(_FAILED_HEADERS)


def is_from_daemon(evidence: Evidence) -> bool:
    """A mail system's own address, and failure wording in the subject or the text."""
    return _is_daemon(evidence) and (_has_subject(evidence) or _first_phrase(evidence) is not None)


def has_null_sender(evidence: Evidence) -> bool:
    """A null reverse-path, and a subject or opening words that tell of a failure, or a phrase over the returned mail."""
    if not evidence.has_null_return_path:
        return False
    if _has_subject(evidence) or OPENING.match(evidence.head):
        return True
    return _first_phrase(evidence) is not None and _returns_mail(evidence)


def is_worded_as_failure(evidence: Evidence) -> bool:
    """Wording alone: a failure subject, text that begins as mail systems do, and an address, or the mail that came back."""
    if not _has_subject(evidence):
        return False
    if OPENING.match(evidence.head):
        return "@" in evidence.body or _returns_mail(evidence)
    return _speaks_as_machine(evidence) and _returns_mail(evidence)


def returns_a_mail(evidence: Evidence) -> bool:
    """The opening words of a mail system under any subject, the mail that came back, and the error code."""
    return bool(OPENING.match(evidence.head)) and _returns_mail(evidence) and bool(CODES.search(evidence.body))


def is_ses_bounce(evidence: Evidence) -> bool:
    """Amazon SNS passes the bounces of Amazon SES on as JSON."""
    return "x-amz-sns-message-id" in evidence.headers and '"notificationtype":"bounce"' in evidence.body.replace(" ", "")


def _is_daemon(evidence: Evidence) -> bool:
    return bool(_DAEMON_LOCAL.search(evidence.sender_local) or _DAEMON_NAME.search(evidence.sender_name))


def _has_subject(evidence: Evidence) -> bool:
    return bool(SUBJECT.match(evidence.subject))


def _first_phrase(evidence: Evidence) -> int | None:
    """Where the first telling phrase stands in the text."""
    places = [place for place in (evidence.body.find(phrase) for phrase in PHRASES) if place >= 0]
    return min(places, default=None)


def _speaks_as_machine(evidence: Evidence) -> bool:
    """Whether a telling phrase stands near the beginning, and no person speaks before it."""
    place = _first_phrase(evidence)
    return place is not None and place <= _LEAD and not PERSONAL.search(evidence.body[:place])


def _returns_mail(evidence: Evidence) -> bool:
    return not evidence.part_types.isdisjoint(_RETURNED_PARTS) or any(line in evidence.body for line in SEPARATORS)
