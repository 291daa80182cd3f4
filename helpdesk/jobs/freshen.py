"""Keeps waiting acknowledgements true: what they say of the office must still hold when they are sent."""

from __future__ import annotations

from dataclasses import dataclass, field

from helpdesk.boundary import Boundary, reached
from helpdesk.clock import Clock
from helpdesk.core.parse import parse
from helpdesk.core.requester import as_from_requester
from helpdesk.jobs.carry_out import Desk
from helpdesk.jobs.letters import Alert
from helpdesk.jobs.ports import Store, UnitOfWork
from helpdesk.log import Log
from helpdesk.model.delivery import Delivery
from helpdesk.model.staff import Role
from helpdesk.model.ticket import Event, EventKind


@dataclass(frozen=True, slots=True)
class Freshener:
    """Composes acknowledgements anew that no server has been offered yet, or holds them when a day has gone by."""

    desk: Desk
    store: Store
    clock: Clock
    log: Log = field(default_factory=Log)

    def freshen(self) -> None:
        """Look at every stale acknowledgement once. Raises DatabaseUnavailable."""
        now = self.clock.now()
        too_old = now - self.desk.acknowledgement.hold_after
        with self.store.reading() as uow:
            stale = uow.outbox.stale(now, too_old)
        if not stale:
            return
        with self.store.writing() as uow:
            for delivery in stale:
                if delivery.created_at < too_old and not delivery.let_go:
                    self._hold(uow, delivery)
                else:
                    self._compose_anew(uow, delivery)
            uow.commit()
            reached(Boundary.FRESHENED)

    def _hold(self, uow: UnitOfWork, delivery: Delivery) -> None:
        now = self.clock.now()
        because = "the acknowledgement waited for a day without reaching a mail server"
        uow.outbox.hold(delivery.id, because, now)
        if delivery.ticket_id:
            uow.tickets.add_events(delivery.ticket_id, [Event(EventKind.DELIVERY_HELD, now, "worker", because)])
        self.log.warning("acknowledgement_held", delivery=delivery.id)
        alert = Alert(
            cause=f"held:{delivery.id}",
            what="An acknowledgement could not be sent for a whole day, and is now held.",
            mail="The person's mail is stored and has its ticket. They have had no answer at all yet.",
            remedy="Please answer them yourself, soon. See: helpdesk outbox list --state held",
        )
        self.desk.tell(self.desk.with_role(Role.LEAD), alert, uow, now)

    def _compose_anew(self, uow: UnitOfWork, delivery: Delivery) -> None:
        stored = uow.messages.raw(delivery.cause.removeprefix("message:"))
        if stored is None or delivery.ticket_id is None:
            return
        letter = self.desk.letters.acknowledgement(
            delivery.purpose,
            as_from_requester(parse(stored.raw.raw), self.desk.ourselves),
            cause=delivery.cause,
            ticket_id=delivery.ticket_id,
            now=self.clock.now(),
            message_id=delivery.message_id,
        )
        uow.outbox.replace_content(delivery.id, letter.content, letter.names_opening_at)
        self.log.info("acknowledgement_composed_anew", delivery=delivery.id)
