"""Messages that are stored and not processed: what an earlier run, or an earlier failure, has left.

It takes nothing in and asks no server.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from helpdesk.boundary import Boundary, reached
from helpdesk.jobs.ports import Store
from helpdesk.jobs.process import MOST_FAILURES, ProcessedBatch, Processor
from helpdesk.jobs.tell_admins import tell_of_quarantine
from helpdesk.log import Log
from helpdesk.model.message import StoredMessage

BATCH = 50
Process = Callable[[list[StoredMessage]], ProcessedBatch]
_PLACE = "the worker itself ended, each time while it read this message"


@dataclass(slots=True)
class LeftOver:
    """Finds what is left over, and counts how often each was begun before it is read.

    A message whose reading ends the whole process (out of memory, a crash in C) leaves no other trace than that count.
    `begun` are those that this process has counted: a count stands for one life of a worker.
    """

    store: Store
    processor: Processor
    log: Log = field(default_factory=Log)
    begun: set[str] = field(default_factory=set)

    def finish(self, mailbox_id: str, process: Process) -> int:
        """Process each alone, since one of them may have ended an earlier life; then what failed, again.

        Returns how many were processed. Raises DatabaseUnavailable.
        """
        done = 0
        while waiting := [stored for stored in self._waiting(mailbox_id) if stored.id not in self.begun]:
            for stored in waiting:
                if self._begin(stored):
                    done += len(process([stored]).processed)
        return done + self.try_again(mailbox_id, process)

    def try_again(self, mailbox_id: str, process: Process) -> int:
        """Process what waits until it is done, or has failed so often that it is in quarantine."""
        done = failed = 0
        for _ in range(MOST_FAILURES):
            waiting = self._waiting(mailbox_id)
            while waiting:
                batch = process(waiting)
                done += len(batch.processed)
                failed = batch.failed
                waiting = self._waiting(mailbox_id) if failed < len(waiting) else []
            if not failed:
                break
        return done

    def _waiting(self, mailbox_id: str) -> list[StoredMessage]:
        """The oldest of what waits, at most BATCH."""
        # Written, since a message whose sealed bytes don't open any more goes to quarantine here.
        with self.store.writing() as uow:
            found = uow.messages.unprocessed(mailbox_id, BATCH)
            uow.commit()
            reached(Boundary.LEFT_OVER_FOUND)
        return found

    def _begin(self, stored: StoredMessage) -> bool:
        """Count that this message is begun alone; False when that has ended too many lives, and it is in quarantine now."""
        self.begun.add(stored.id)
        with self.store.writing() as uow:
            hopeless = uow.messages.begin_alone(stored.id) > MOST_FAILURES
            if hopeless:
                now = self.processor.clock.now()
                uow.messages.record_failure(stored.id, _PLACE, _PLACE, quarantine=True, now=now)
                tell_of_quarantine(self.processor.desk, uow, stored, now)
            uow.commit()
            reached(Boundary.LEFT_OVER_BEGUN)
        if hopeless:
            self.log.warning("quarantined", message=stored.id)
        return not hopeless
