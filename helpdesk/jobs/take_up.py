"""Makes due at once what a worker had claimed that died, so that its mail need not wait for the end of a long lease."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from helpdesk.boundary import Boundary, reached
from helpdesk.clock import Clock
from helpdesk.jobs.ports import Presence, Store
from helpdesk.log import Log

EVERY = timedelta(minutes=1)


@dataclass(slots=True)
class Successor:
    """Looks for the claims of dead workers, once a minute at most. `longest_lease` is how long any claim may last."""

    store: Store
    presence: Presence
    clock: Clock
    longest_lease: timedelta
    log: Log = field(default_factory=Log)
    looked_at: datetime | None = None

    def take_up(self) -> None:
        """Raises DatabaseUnavailable."""
        now = self.clock.now()
        # A clock that was set back must not keep it from looking.
        if self.looked_at and timedelta() <= now - self.looked_at < EVERY:
            return
        with self.store.reading() as uow:
            claimants = uow.outbox.claimants(now) - {self.presence.number}
        for worker in self.store.dead_among(claimants, self.longest_lease):
            with self.store.delivering() as uow:
                count = uow.outbox.end_leases_of(worker, now)
                uow.commit()
                reached(Boundary.LEASES_ENDED)
            self.log.warning("worker_died", worker=worker, deliveries=count)
        self.looked_at = now
