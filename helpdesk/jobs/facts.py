"""What is known when a message is decided: the questions that its facts ask of the database.

Decides nothing, and writes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from helpdesk.core.acknowledge import AcknowledgementFacts
from helpdesk.core.addresses import domain_of, is_shared_domain
from helpdesk.core.assign import AssignmentFacts
from helpdesk.core.authenticity import is_sender_unproven
from helpdesk.core.bounce import returned_message_ids
from helpdesk.core.plan import PERSONAL, Facts
from helpdesk.core.requester import answerable_address, has_null_sender
from helpdesk.core.thread import (
    Thread,
    ThreadFacts,
    choose_thread,
    is_our_message_id,
    reference_candidates,
    subject_reference,
)
from helpdesk.jobs.carry_out import Desk, Read
from helpdesk.jobs.elsewhere import is_answered_early, written_to_elsewhere
from helpdesk.jobs.ports import UnitOfWork
from helpdesk.jobs.staff_finder import StaffFinder
from helpdesk.model.delivery import ACKNOWLEDGEMENTS, Acknowledged, Purpose
from helpdesk.model.message import Kind
from helpdesk.model.staff import Absence
from helpdesk.model.stored import SameText
from helpdesk.model.ticket import Ticket


@dataclass(slots=True)
class Standing:
    """What the messages of one batch have in common: the transaction, the moment, who is away.

    `acknowledged` counts all acknowledgements of the last hour, this batch's too. `by_hand`: a person has them taken in.
    """

    uow: UnitOfWork
    now: datetime
    absences: tuple[Absence, ...]
    acknowledged: int
    by_hand: bool = False


def standing_of(uow: UnitOfWork, desk: Desk, now: datetime, *, by_hand: bool = False) -> Standing:
    """The standing at the beginning of a batch."""
    absences = tuple(uow.people.absences(now.astimezone(desk.hours.zone).date()))
    return Standing(uow, now, absences, uow.outbox.sent_in_all(ACKNOWLEDGEMENTS, now - timedelta(hours=1)), by_hand)


@dataclass(frozen=True, slots=True)
class FactFinder:
    """Gathers the facts of one message after the other."""

    desk: Desk

    def gather(self, standing: Standing, read: Read, thread: Thread | None = None) -> Facts:
        """The facts of a message; a given `thread` says where it belongs, whatever it answers."""
        sender = read.message.sender.address if read.message.sender else ""
        if read.verdict.kind not in PERSONAL:
            return self._gather_machine(standing, read, sender)
        mine = tuple(standing.uow.tickets.of_requester(sender)) if sender else ()
        thread = thread or self._thread(standing, read, sender, mine)
        acknowledgement = self._acknowledgement_facts(standing, read, sender, thread)
        finder = StaffFinder(self.desk, standing.uow, standing.now, standing.absences)
        assignment = finder.for_message(sender, mine, thread.ticket)
        return Facts(read.message, read.verdict, thread, acknowledgement, assignment)

    def _thread(self, standing: Standing, read: Read, sender: str, mine: tuple[Ticket, ...]) -> Thread:
        facts = self._thread_facts(standing.uow, read, sender, mine)
        return choose_thread(read.message, facts, self.desk.tickets, self.desk.ourselves, standing.now)

    def _acknowledgement_facts(self, standing: Standing, read: Read, sender: str, thread: Thread) -> AcknowledgementFacts:
        uow, now = standing.uow, standing.now
        return AcknowledgementFacts(
            kind=read.verdict.kind,
            sender=answerable_address(read.message, self.desk.ourselves),
            received_at=read.stored.raw.received_at,
            thread=thread,
            on_ticket=tuple(uow.outbox.acknowledged_on(thread.ticket.id)) if thread.ticket else (),
            to_sender=uow.outbox.sent_to(sender, ACKNOWLEDGEMENTS, now - timedelta(hours=24)) if sender else 0,
            in_all=standing.acknowledged,
            same_text=_same_text(uow, read, now),
            unproven=is_sender_unproven(read.message, self.desk.ourselves),
            null_sender=has_null_sender(read.message),
            unreachable_since=uow.people.unreachable_since(sender) if sender else None,
            by_hand=standing.by_hand,
            restored=uow.restorations.covering(read.stored.raw.received_at),
            answered=is_answered_early(uow, read.message, self.desk.ourselves),
        )

    def _gather_machine(self, standing: Standing, read: Read, sender: str) -> Facts:
        uow, now, kind = standing.uow, standing.now, read.verdict.kind
        returned = returned_message_ids(read.message) if kind is Kind.BOUNCE else ()
        candidates = (*returned, *reference_candidates(read.message, self.desk.ourselves))
        known = uow.tickets.by_message_ids(candidates) if candidates else []
        thread = Thread(known[0] if known else None, "references" if known else "none")
        written_to = self._proven_recipients(uow, candidates, thread) if kind is Kind.BOUNCE else ()
        received_at = read.stored.raw.received_at
        by_hand = standing.by_hand
        acknowledgement = AcknowledgementFacts(kind, sender, received_at, thread, written_to, by_hand=by_hand)
        nobody = AssignmentFacts(staff=(), at=now, office_hours=self.desk.hours)
        return Facts(read.message, read.verdict, thread, acknowledgement, nobody)

    def _proven_recipients(self, uow: UnitOfWork, named: tuple[str, ...], thread: Thread) -> tuple[Acknowledged, ...]:
        """Whom we wrote to on the ticket of a bounce that names a mail of ours; anybody can write another bounce."""
        ticket = thread.ticket
        if ticket is None:
            return ()
        elsewhere = tuple(written_to_elsewhere(uow, named, ticket, self.desk.ourselves))
        ours = [each for each in named if is_our_message_id(each, self.desk.ourselves)]
        if not ours or ticket not in uow.tickets.by_message_ids(ours):
            return elsewhere
        answers = (
            Acknowledged(Purpose.REPLY, ticket.requester_address, each.sent_at)
            for each in uow.replies.of_ticket(ticket.id)
            if each.sent_at
        )
        return (*uow.outbox.acknowledged_on(ticket.id), *answers, *elsewhere)

    def _thread_facts(self, uow: UnitOfWork, read: Read, sender: str, mine: tuple[Ticket, ...]) -> ThreadFacts:
        candidates = reference_candidates(read.message, self.desk.ourselves)
        referenced = tuple(uow.tickets.by_message_ids(candidates)) if candidates else ()
        number = subject_reference(read.message.subject) if self.desk.tickets.subject_reference else None
        named = uow.tickets.by_number(number) if number else None
        if named and not uow.tickets.has_participant(named.id, sender):
            named = None
        return ThreadFacts(referenced, named, mine)


def _same_text(uow: UnitOfWork, read: Read, now: datetime) -> SameText:
    """How often this text came from its domain; people who share a provider, or write nothing, say nothing alike."""
    domain = domain_of(read.message.sender.address) if read.message.sender else ""
    if is_shared_domain(domain) or not read.message.text.strip():
        return SameText()
    # Servers round INTERNALDATE down to seconds, and may deliver late: it came at the earlier of these.
    received_by = read.stored.raw.received_at.replace(microsecond=0) + timedelta(seconds=1)
    came_at = min(received_by, read.stored.stored_at)
    # A day, for the machine that takes its time with each answer.
    return uow.messages.same_text(domain, read.message.text, now - timedelta(hours=1), now - timedelta(days=1), came_at)


def thread_of_junk(uow: UnitOfWork, read: Read, ticket_id: str | None) -> Thread | None:
    """The ticket that junk has already, which now becomes a person's; None where it has none of its own."""
    sender = read.message.sender.address if read.message.sender else ""
    own = next((each for each in uow.tickets.of_requester(sender) if each.id == ticket_id and each.spam), None)
    return Thread(replace(own, spam=False), "a-person-said-so") if own else None
