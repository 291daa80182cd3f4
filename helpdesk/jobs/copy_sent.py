"""Puts a copy of each answer into the mailbox's folder of sent mail, so that whoever reads it in webmail knows of it.

No mail waits for a copy: what can't be made now is made later, or given up, and said in the log.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from helpdesk.boundary import Boundary, reached
from helpdesk.clock import Clock
from helpdesk.errors import DatabaseUnavailable, MailboxUnavailable, place_of
from helpdesk.jobs.ports import Store
from helpdesk.log import Log
from helpdesk.model.delivery import SentCopy

EVERY = timedelta(minutes=1)
AT_ONCE = 20
FIRST_PAUSE = timedelta(minutes=2)
LONGEST_PAUSE = timedelta(hours=4)
# Four days, after which a folder that takes nothing is a matter for a person.
MOST_ATTEMPTS = 30


class SentFolder(Protocol):
    """The folder of sent mail. Raises MailboxUnavailable when it can't be used."""

    def put(self, message_id: str, content: bytes, sent_at: datetime) -> bool:
        """Add a mail, as read, unless one with this Message-ID is there; whether it was added."""
        ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class SentCopier:
    """Makes the copies that are due. One worker at a time does it, so that none is made twice."""

    store: Store
    folder: SentFolder
    clock: Clock
    log: Log = field(default_factory=Log)

    def look(self) -> None:
        """Make every copy that is due; whatever can't be used delays them, and stops nothing."""
        try:
            self._copy_due()
        except DatabaseUnavailable as error:
            self.log.warning("copies_put_off", place=place_of(error))

    def _copy_due(self) -> None:
        with self.store.reading() as uow:
            if not uow.sent_copies.due(self.clock.now(), 1):
                return
        turn = self.store.turn("sent-copies")
        if turn is None:
            return
        try:
            with self.store.reading() as uow:
                due = uow.sent_copies.due(self.clock.now(), AT_ONCE)
            for copy in due:
                self._copy(copy)
        finally:
            self.folder.close()
            turn.end()

    def _copy(self, copy: SentCopy) -> None:
        try:
            added = self.folder.put(copy.message_id, copy.content, copy.sent_at)
        except MailboxUnavailable as error:
            self.log.warning("copy_failed", delivery=copy.delivery_id, attempts=copy.attempts + 1, place=place_of(error))
            self._put_off(copy)
            return
        with self.store.writing() as uow:
            uow.sent_copies.done(copy.delivery_id)
            uow.commit()
            reached(Boundary.COPY_RECORDED)
        self.log.info("copied_to_sent" if added else "was_in_sent", delivery=copy.delivery_id)

    def _put_off(self, copy: SentCopy) -> None:
        pause = min(FIRST_PAUSE * (1 << min(copy.attempts, 10)), LONGEST_PAUSE)
        with self.store.writing() as uow:
            if copy.attempts + 1 >= MOST_ATTEMPTS:
                uow.sent_copies.done(copy.delivery_id)
            else:
                uow.sent_copies.put_off(copy.delivery_id, self.clock.now() + pause)
            uow.commit()
            reached(Boundary.COPY_PUT_OFF)
        if copy.attempts + 1 >= MOST_ATTEMPTS:
            self.log.warning("copy_given_up", delivery=copy.delivery_id)
