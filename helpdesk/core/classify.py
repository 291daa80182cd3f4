"""What a mail is: the first rule of the table that holds. Nothing here acts on it."""

from __future__ import annotations

from helpdesk.core.bounce import find_bounced
from helpdesk.core.rules.evidence import Evidence
from helpdesk.core.rules.table import RULES
from helpdesk.model.message import InboundMessage, Kind, Verdict
from helpdesk.model.policy import Ourselves

DEFAULT_RULE = "default"


def classify(message: InboundMessage, raw: bytes, us: Ourselves, *, junk: bool = False) -> Verdict:
    """The verdict on a message; `raw` is what it was parsed from, `junk` whether it lay in a Junk folder."""
    evidence = Evidence(message, us, junk)
    for rule in RULES:
        if rule.holds(evidence):
            bounced = find_bounced(message, raw) if rule.kind is Kind.BOUNCE else ()
            return Verdict(rule.kind, rule.name, bounced)
    return Verdict(Kind.PERSON, DEFAULT_RULE)
