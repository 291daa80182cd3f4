"""What a person decides about who has a ticket: they give it to somebody, or keep somebody from all tickets of its requester.

Commits nothing. Each raises NotFound with a sentence for the person who asked.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from helpdesk.core.assign import AssignmentFacts, leave_in_words
from helpdesk.core.conflict import kept_from
from helpdesk.errors import NotFound
from helpdesk.jobs.giving import Given, Giver
from helpdesk.jobs.ports import UnitOfWork
from helpdesk.jobs.process import Processor
from helpdesk.jobs.staff_finder import StaffFinder
from helpdesk.model.staff import Assignment, StaffMember
from helpdesk.model.ticket import STAFF, Event, EventKind, Ticket, TicketState

# More tickets than any one person will ever have with us.
_ALL = 10_000


@dataclass(frozen=True, slots=True)
class Choice:
    """Carries out what `actor` decides, in one transaction."""

    processor: Processor
    uow: UnitOfWork
    now: datetime
    actor: str

    def give_by_hand(self, ticket: Ticket, member: StaffMember) -> Ticket:
        """Give a ticket to somebody who may have it and is there; both they and whoever had it are told."""
        facts = self._facts(ticket)
        self._refuse_excluded(ticket, member, facts)
        if leave := leave_in_words(member.id, facts):
            # By mail nobody else can say that somebody is back.
            is_oneself = self.actor == f"{STAFF}{member.id}"
            remedy = "you are back: #back" if is_oneself else f"they are back: helpdesk staff back {member.id}"
            raise NotFound(f"{leave}. Nothing was changed. If {remedy}")
        giver = self._giver()
        given = giver.give(ticket, Assignment(member.id, f"{member.public_name}: chosen by hand"))
        # Whoever gives their own away knows it.
        if ticket.assignee and ticket.assignee != member.id and self.actor != f"{STAFF}{ticket.assignee}":
            giver.tell_of_moved(ticket.assignee, [given], facts)
        return given.ticket

    def exclude(self, ticket: Ticket, member: StaffMember) -> list[Ticket]:
        """Keep all tickets of this one's requester from somebody; returns those that they had, as they are now.

        They lose them at once. Mail to them about any of these tickets that was not sent yet is never sent, and an answer of
        theirs that waits is held.
        """
        if not ticket.requester_address:
            raise NotFound(
                f"{ticket.reference} names no address by which its person would be known again. Nothing was changed."
            )
        self.uow.people.exclude(member.id, ticket.requester_address, self.now)
        self._note(ticket, EventKind.EXCLUDED, f"{member.public_name} is not to have this person's tickets")
        mine = self.uow.tickets.of_requester(ticket.requester_address, _ALL)
        for each in mine:
            self._giver().keep_from(each, member)
        theirs = [each for each in mine if each.assignee == member.id]
        for each in theirs:
            if each.state is TicketState.CLOSED:
                self._take(each, member)
        given = [self._pass_on(each) for each in theirs if each.state is not TicketState.CLOSED]
        self._giver().tell_of_moved(member.id, given, self._facts(ticket))
        return [each.ticket for each in given]

    def allow(self, ticket: Ticket, member: StaffMember) -> bool:
        """Let somebody have tickets of this requester again; False when they were not kept from them."""
        if kept_from([member], (ticket.requester_address,)):
            raise NotFound(
                f"The staff list keeps this person's tickets from {member.public_name}. Nothing was changed. "
                "Take the address out of excludes in config/staff.toml, and restart the worker."
            )
        was_excluded = self.uow.people.allow(member.id, ticket.requester_address)
        if was_excluded:
            self._note(ticket, EventKind.ALLOWED, f"{member.public_name} may have this person's tickets again")
        return was_excluded

    def _pass_on(self, ticket: Ticket) -> Given:
        return self._giver().pass_on(ticket, self._facts(ticket))

    def _take(self, ticket: Ticket, member: StaffMember) -> None:
        """A closed ticket is with nobody until it is opened again."""
        self.uow.tickets.save(replace(ticket, assignee=None))
        self._note(ticket, EventKind.UNASSIGNED, f"no longer with {member.public_name}")

    def _refuse_excluded(self, ticket: Ticket, member: StaffMember, facts: AssignmentFacts) -> None:
        if member.id not in facts.excluded:
            return
        listed = kept_from([member], (ticket.requester_address,))
        remedy = (
            "It says so in config/staff.toml (excludes)."
            if listed
            else f"To change that: helpdesk staff allow {member.id} --requester {ticket.reference}"
        )
        raise NotFound(f"{member.public_name} must not have this person's tickets. Nothing was changed. {remedy}")

    def _facts(self, ticket: Ticket) -> AssignmentFacts:
        absences = self.uow.people.absences(self.processor.desk.day_of(self.now))
        return StaffFinder(self.processor.desk, self.uow, self.now, absences).for_ticket(ticket)

    def _giver(self) -> Giver:
        return Giver(self.processor, self.uow, self.now, self.actor)

    def _note(self, ticket: Ticket, kind: EventKind, why: str) -> None:
        self.uow.tickets.add_events(ticket.id, [Event(kind, self.now, self.actor, why)])
