"""What a rule is. Nothing here knows any."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from helpdesk.core.rules.evidence import Evidence
from helpdesk.model.message import Kind


@dataclass(frozen=True, slots=True)
class Rule:
    """A named predicate and the kind that it decides for; `source` is the RFC section or the product that it is for."""

    name: str
    kind: Kind
    holds: Callable[[Evidence], bool]
    source: str
