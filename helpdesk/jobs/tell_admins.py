"""Tells admins and leads what only they can mend: a template that could not be taken, a notice that reached nobody."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from helpdesk.boundary import Boundary, reached
from helpdesk.clock import Clock
from helpdesk.errors import DatabaseUnavailable, Problem, place_of
from helpdesk.jobs.carry_out import Desk
from helpdesk.jobs.letters import Alert
from helpdesk.jobs.ports import Store, UnitOfWork
from helpdesk.log import Log
from helpdesk.model.delivery import Delivery, Purpose
from helpdesk.model.message import StoredMessage
from helpdesk.model.staff import Role


def tell_of_quarantine(desk: Desk, uow: UnitOfWork, stored: StoredMessage, now: datetime) -> None:
    """Tell the admins, once an hour for each message, of one that is in quarantine now."""
    alert = Alert(
        cause=f"quarantine:{stored.id}:{now:%Y-%m-%dT%H}",
        what="One message could not be processed. It is in quarantine.",
        mail="It is stored whole and still in the mailbox. It has no ticket, and nobody was answered.",
        remedy=f"Read it in the mailbox. Then run: helpdesk quarantine show {stored.id}",
    )
    # A row that is refused here must not take with it what else the transaction holds.
    with uow.savepoint():
        desk.tell(desk.with_role(Role.ADMIN), alert, uow, now)


class Refreshable(Protocol):
    def refresh(self) -> Sequence[Problem]:
        """Take changed templates; the problems of those that were refused, each once for a change."""
        ...


@dataclass(frozen=True, slots=True)
class TemplateWatch:
    """Looks for changed templates, and writes to every admin about one that was refused."""

    library: Refreshable
    desk: Desk
    store: Store
    clock: Clock
    log: Log = field(default_factory=Log)

    def look(self) -> None:
        """Look once; a database that can't be used delays the mail to the admins, and stops nothing."""
        problems = [problem for problem in self.library.refresh() if not problem.warning]
        if not problems:
            return
        self.log.warning("template_refused", count=len(problems))
        try:
            self._tell(problems)
        except DatabaseUnavailable as error:
            self.log.warning("admins_not_told", place=place_of(error))

    def _tell(self, problems: Sequence[Problem]) -> None:
        what = "\n".join(str(problem) for problem in problems)
        fingerprint = hashlib.sha256(what.encode()).hexdigest()[:16]
        now = self.clock.now()
        alert = Alert(
            cause=f"templates:{fingerprint}:{now:%Y-%m-%d}",
            what=f"A changed template can't be used.\n{what}",
            mail="The last good version goes on serving. Everybody who writes is answered as before.",
            remedy="Mend the file, and look at it with: helpdesk templates check",
        )
        with self.store.writing() as uow:
            self.desk.tell(self.desk.with_role(Role.ADMIN), alert, uow, now)
            uow.commit()
            reached(Boundary.TEMPLATES_TOLD)


@dataclass(frozen=True, slots=True)
class NoticeWatch:
    """Tells the leads of a notice that will never reach the staff member whom it was for: a ticket waits unseen."""

    desk: Desk
    clock: Clock

    def failed(self, uow: UnitOfWork, delivery: Delivery) -> None:
        """Called in the transaction that records the failure."""
        if delivery.purpose not in (Purpose.STAFF_ASSIGNED, Purpose.STAFF_MESSAGE):
            return
        member, now = self.desk.member_with_address(delivery.recipient), self.clock.now()
        whom = member.public_name if member else "a staff member"
        alert = Alert(
            cause=f"not-told:{delivery.id}",
            what=f"A notice of a ticket could not be delivered to {whom}. They do not know that somebody waits.",
            mail="The mail is stored, and its ticket stands.",
            remedy="Tell them another way, or give the ticket to somebody else: helpdesk tickets list",
        )
        self.desk.tell(self.desk.with_role(Role.LEAD), alert, uow, now)
