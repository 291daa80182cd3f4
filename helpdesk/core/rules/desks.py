"""Predicates for what other desks, trackers and spam guards answer by themselves. By wording, all need two signs."""

from __future__ import annotations

from helpdesk.core.rules.desk_wording import (
    ACKNOWLEDGEMENT_SUBJECT,
    CHALLENGE,
    DESK_HEADERS,
    DESK_MAILER,
    GUARDS,
    OUR_REFERENCE,
    PROMISES,
    RECEIVED,
    TICKET,
    TRACKER_HEADERS,
)
from helpdesk.core.rules.evidence import Evidence
from helpdesk.core.rules.replies import declares_itself

_ACKNOWLEDGEMENT_LENGTH = 2_500


def is_tracker_notification(evidence: Evidence) -> bool:
    """GitHub, GitLab, Jira, Redmine, Bugzilla …: headers that only their notifications carry."""
    return evidence.has_any(TRACKER_HEADERS)


def is_desk_acknowledgement(evidence: Evidence) -> bool:
    """A desk's header, and the wording of an acknowledgement: what staff of other desks write by hand has not got it."""
    if not evidence.has_any(DESK_HEADERS) and not DESK_MAILER.search(evidence.header("x-mailer")):
        return False
    return _says_received(evidence) and (_says_what_next(evidence) or bool(ACKNOWLEDGEMENT_SUBJECT.match(evidence.subject)))


def is_worded_acknowledgement(evidence: Evidence) -> bool:
    """Without any header: an acknowledging subject, "received" in the text, and what an organisation says next."""
    if not ACKNOWLEDGEMENT_SUBJECT.match(evidence.subject):
        return False
    return _says_received(evidence) and _says_what_next(evidence)


def is_ticket_acknowledgement(evidence: Evidence) -> bool:
    """Under any subject: "received", a ticket's number, and what an organisation says next, in few words.

    Staff of other places write so by hand, too: the number has to stand in the subject, or the text to say that it is
    automatic.
    """
    if not evidence.is_shorter_than(_ACKNOWLEDGEMENT_LENGTH) or not _says_received(evidence):
        return False
    if TICKET.search(OUR_REFERENCE.sub("", evidence.subject)):
        return any(phrase in evidence.head for phrase in PROMISES) or declares_itself(evidence)
    return bool(TICKET.search(evidence.head)) and declares_itself(evidence)


def is_challenge(evidence: Evidence) -> bool:
    """Boxbe, Spam Arrest, Mailinblack, Bluebottle, TMDA: the product's name, and what it wants the sender to do."""
    text = f"{evidence.sender} {evidence.subject} {evidence.head}"
    return any(guard in text for guard in GUARDS) and bool(CHALLENGE.search(evidence.head))


def _says_received(evidence: Evidence) -> bool:
    return any(phrase in evidence.head for phrase in RECEIVED)


def _says_what_next(evidence: Evidence) -> bool:
    if any(phrase in evidence.head for phrase in PROMISES) or TICKET.search(evidence.head):
        return True
    return declares_itself(evidence)
