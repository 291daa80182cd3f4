"""What the jobs need of the database for what staff do by mail: tokens, their replies, the copies of what was sent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from helpdesk.model.delivery import Delivery, Reply, SentCopy
from helpdesk.model.staff import StaffToken


class Tokens(Protocol):
    def add(self, token: str, bound: StaffToken) -> None:
        """Remember what the mail with this token lets its reader do."""
        ...

    def find(self, token: str) -> StaffToken | None:
        """What this token is bound to, also when it has expired."""
        ...


class Replies(Protocol):
    def of_ticket(self, ticket_id: str) -> list[Reply]:
        """Every reply on a ticket, oldest first."""
        ...

    def caused_by(self, cause: str) -> Reply | None:
        """The reply that a mail of ours tells of: both have the same cause."""
        ...

    def let_go(self, delivery_id: str, now: datetime) -> bool:
        """Make it due at once, held or waiting; False where it is sent, being sent, or has failed."""
        ...

    def answered_mail(self, delivery_id: str) -> Delivery | None:
        """A mail of ours as it was written, whatever became of it; None where it does not open any more."""
        ...

    def record_answer(self, ticket_id: str, written_at: datetime, now: datetime) -> None:
        """A reply that was written then was sent now: the ticket waits for the requester, unless they wrote since."""
        ...

    def record_answer_elsewhere(self, ticket_id: str, sent_at: datetime, now: datetime) -> None:
        """A person was answered past the helpdesk: the ticket waits for them, unless they wrote since, by INTERNALDATE."""
        ...


class EarlyAnswers(Protocol):
    def add(self, answer_id: str, answered: Sequence[str], now: datetime) -> None:
        """Remember that the stored message `answer_id` answers these Message-IDs, and forget what is a month old."""
        ...

    def to(self, message_id: str | None) -> list[str]:
        """The ids of the stored messages that answer this Message-ID, those that were sent first in front."""
        ...

    def forget(self, answer_id: str) -> None:
        """It has found its ticket."""
        ...


class SentCopies(Protocol):
    def add(self, delivery_id: str, now: datetime) -> None:
        """Remember that a copy of this sent mail is to be made; a second time changes nothing."""
        ...

    def due(self, now: datetime, limit: int) -> list[SentCopy]:
        """Copies to be made by now, those that waited longest first. What does not open any more is left out."""
        ...

    def put_off(self, delivery_id: str, at: datetime) -> None:
        """It could not be made: count the try, and let it be due again then."""
        ...

    def done(self, delivery_id: str) -> None:
        """It is made, or is not wanted any more."""
        ...
