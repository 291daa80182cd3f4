"""What would happen to one mail that came to an empty desk: the whole way of a decision, without a database."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from helpdesk.core.acknowledge import AcknowledgementFacts
from helpdesk.core.assign import AssignmentFacts
from helpdesk.core.authenticity import is_sender_unproven
from helpdesk.core.classify import classify
from helpdesk.core.conflict import kept_from
from helpdesk.core.parse import parse
from helpdesk.core.plan import Facts, Plan, decide
from helpdesk.core.requester import answerable_address, as_from_requester, has_null_sender
from helpdesk.core.thread import Thread
from helpdesk.model.message import InboundMessage, Verdict
from helpdesk.model.office import OfficeHours
from helpdesk.model.policy import AcknowledgementPolicy, Ourselves
from helpdesk.model.staff import StaffMember


@dataclass(frozen=True, slots=True)
class Judged:
    """A mail as read, what it was judged to be, and the plan for it."""

    message: InboundMessage
    verdict: Verdict
    plan: Plan


@dataclass(frozen=True, slots=True)
class EmptyDesk:
    """A desk on its first day: the rules and the staff, no tickets."""

    ourselves: Ourselves
    policy: AcknowledgementPolicy
    hours: OfficeHours
    staff: tuple[StaffMember, ...] = field(default=())

    def judge(self, raw: bytes, now: datetime) -> Judged:
        """Judge a mail as if it had just come, at its own Date where it has one, else at `now`."""
        message = parse(raw)
        verdict = classify(message, raw, self.ourselves)
        return self.judge_read(as_from_requester(message, self.ourselves), verdict, now)

    def judge_read(self, message: InboundMessage, verdict: Verdict, now: datetime) -> Judged:
        """The plan for a message that was read and classified already."""
        at = message.date or now
        sender = message.sender.address if message.sender else ""
        thread = Thread(None, "new")
        acknowledgement = AcknowledgementFacts(
            verdict.kind,
            answerable_address(message, self.ourselves),
            at,
            thread,
            unproven=is_sender_unproven(message, self.ourselves),
            null_sender=has_null_sender(message),
        )
        excluded = kept_from(self.staff, (sender,))
        assignment = AssignmentFacts(staff=self.staff, at=at, office_hours=self.hours, excluded=excluded)
        facts = Facts(message, verdict, thread, acknowledgement, assignment)
        return Judged(message, verdict, decide(facts, self.policy, at))
