"""Every change that a person may ask for, so that a command and a page are one thing."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from helpdesk.clock import Clock
from helpdesk.errors import NotFound
from helpdesk.jobs.carry_out import Desk
from helpdesk.jobs.ports import Store
from helpdesk.jobs.process import Processor
from helpdesk.log import Log
from helpdesk.model.message import Kind, MessageState, Verdict
from helpdesk.model.staff import Absence, StaffMember
from helpdesk.model.ticket import Ticket

BY_A_PERSON = "a-person-said-so"


@dataclass(frozen=True, slots=True)
class DeskActions:
    """What staff and operators do to stored mail. Each raises NotFound with a sentence for the person who asked."""

    store: Store
    processor: Processor
    clock: Clock
    desk: Desk
    log: Log = field(default_factory=Log)

    def treat_as_person(self, message_id: str) -> Ticket:
        """A message that was taken for a machine's was a person's: it gets its ticket and acknowledgement after all."""
        with self.store.writing() as uow:
            view = uow.messages.get(message_id)
            stored = uow.messages.raw(message_id)
            if view is None or stored is None:
                raise NotFound(
                    f"There is no message {message_id}. Nothing was changed. "
                    "See the list of machine mail with: helpdesk tickets list --machine"
                )
            if view.state is not MessageState.PROCESSED or view.kind is Kind.PERSON:
                raise NotFound(
                    f"Message {message_id} is not machine mail (it is {view.kind or view.state}). Nothing was changed."
                )
            uow.messages.reset(message_id)
            ticket = self.processor.process_as(uow, stored, Verdict(Kind.PERSON, BY_A_PERSON))
            uow.commit()
        self.log.info("treated_as_person", message=message_id, ticket=ticket.number)
        return ticket

    def retry_quarantined(self, message_id: str) -> None:
        """Put a quarantined message back in line; the worker's next poll processes it."""
        with self.store.writing() as uow:
            view = uow.messages.get(message_id)
            if view is None or view.state is not MessageState.QUARANTINED:
                raise NotFound(
                    f"There is no message {message_id} in quarantine. Nothing was changed. "
                    "See what is there with: helpdesk quarantine list"
                )
            uow.messages.reset(message_id)
            uow.commit()
        self.log.info("quarantine_retry", message=message_id)

    def away(self, staff_id: str, first_day: date, last_day: date) -> StaffMember:
        """Somebody is away on these days, both included: no ticket is given to them then."""
        member = self._member(staff_id)
        with self.store.writing() as uow:
            uow.people.add_absence(Absence(member.id, first_day, last_day))
            uow.commit()
        self.log.info("staff_away", staff=member.id)
        return member

    def back(self, staff_id: str) -> bool:
        """From today on they are there again; False when they were not away."""
        member = self._member(staff_id)
        with self.store.writing() as uow:
            was_away = uow.people.end_absences(member.id, self.today())
            uow.commit()
        self.log.info("staff_back", staff=member.id)
        return was_away

    def today(self) -> date:
        """The day that it is in the office."""
        return self.clock.now().astimezone(self.desk.hours.zone).date()

    def _member(self, staff_id: str) -> StaffMember:
        member = self.desk.member(staff_id)
        if member is None:
            known = ", ".join(each.id for each in self.desk.staff)
            raise NotFound(f"Nobody among the staff is called {staff_id}. There are: {known}. Nothing was changed.")
        return member
