"""What became of each message, read from the database as any staff member could; changes nothing."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from helpdesk.core.parse import parse
from helpdesk.jobs.ports import Store, UnitOfWork
from helpdesk.model.message import InboundMessage
from helpdesk.model.stored import MessageView
from helpdesk.model.ticket import Event, EventKind, Ticket, TicketState

_MOST = 10_000
_ASSIGNED = (EventKind.ASSIGNED, EventKind.UNASSIGNED)
_ANSWERED = (EventKind.ACKNOWLEDGED, EventKind.NOT_ACKNOWLEDGED)


@dataclass(frozen=True, slots=True)
class Outcome:
    """A processed message as stored and as read, its ticket, and the events that it caused there."""

    stored: MessageView
    inbound: InboundMessage
    ticket: Ticket | None
    events: tuple[Event, ...]

    @property
    def sender(self) -> str:
        return self.inbound.sender.address if self.inbound.sender else ""

    @property
    def opened_ticket(self) -> bool:
        return self.why(EventKind.OPENED) is not None

    @property
    def answer(self) -> str:
        """Which acknowledgement went out and why, or why there was none."""
        return self.why(*_ANSWERED) or ""

    @property
    def assignment(self) -> str:
        """Why the ticket went to whom it went with this message; empty when it stayed where it was."""
        return self.why(*_ASSIGNED) or ""

    def why(self, *kinds: EventKind) -> str | None:
        """The reason of the first event of these kinds, None when there is no such event."""
        return next((event.why for event in self.events if event.kind in kinds), None)


def read_outcomes(store: Store, seen: Collection[str] = ()) -> list[Outcome]:
    """Every processed message but those whose ids are in `seen`, in the order in which they were taken in."""
    with store.reading() as uow:
        outcomes = [*_of_tickets(uow, seen), *_of_machines(uow, seen)]
    return sorted({each.stored.id: each for each in reversed(outcomes)}.values(), key=lambda each: each.stored.id)


def _of_tickets(uow: UnitOfWork, seen: Collection[str]) -> list[Outcome]:
    found = []
    for ticket in uow.tickets.list(tuple(TicketState), _MOST):
        new = [view for view in uow.messages.of_ticket(ticket.id) if view.id not in seen]
        events = uow.tickets.events(ticket.id) if new else []
        for view in new:
            caused = tuple(event for event in events if event.message_id == view.id)
            found.append(Outcome(view, _read(uow, view), ticket, caused))
    return found


def _of_machines(uow: UnitOfWork, seen: Collection[str]) -> list[Outcome]:
    new = [mail.id for mail in uow.messages.machine_mail(_MOST) if mail.id not in seen]
    views = [view for message_id in new if (view := uow.messages.get(message_id))]
    return [Outcome(view, _read(uow, view), None, ()) for view in views]


def _read(uow: UnitOfWork, view: MessageView) -> InboundMessage:
    stored = uow.messages.raw(view.id)
    return parse(stored.raw.raw) if stored else InboundMessage()
