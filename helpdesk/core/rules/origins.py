"""Predicates on where a mail comes from: ourselves, our staff, our forms, the Junk folder."""

from __future__ import annotations

from helpdesk.core.addresses import lookup_form
from helpdesk.core.rules.evidence import Evidence


def has_our_loop_mark(evidence: Evidence) -> bool:
    """Every mail of ours carries X-Loop with our address; whoever sends it back has kept it."""
    if "x-loop" not in evidence.headers:
        return False
    return any(lookup_form(value) in evidence.us.addresses for value in evidence.message.headers.every("x-loop"))


def is_form(evidence: Evidence) -> bool:
    return evidence.is_form


def is_from_us(evidence: Evidence) -> bool:
    return evidence.is_ours


def is_staff(evidence: Evidence) -> bool:
    return evidence.is_staff


def lay_in_junk(evidence: Evidence) -> bool:
    return evidence.junk
