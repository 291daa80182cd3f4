"""Notices that the machine's clock was set back, and lets no mail wait for that reason.

What waits in the outbox is due at a time of day. It must not touch what is claimed: a lease that ends early is sent twice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from helpdesk.boundary import Boundary, reached
from helpdesk.clock import Clock
from helpdesk.jobs.ports import Store
from helpdesk.log import Log

# Smaller steps are the daily work of NTP, and no mail waits long for them.
WORTH_IT = timedelta(minutes=1)


@dataclass(slots=True)
class SetBack:
    """Looks at the clock again and again; `monotonic` gives seconds that only go forward."""

    store: Store
    clock: Clock
    monotonic: Callable[[], float]
    log: Log = field(default_factory=Log)
    last: tuple[datetime, float] | None = None

    def look(self) -> None:
        """Bring forward what waits by as much as the clock was set back since the last look. Raises DatabaseUnavailable."""
        now, ticks = self.clock.now(), self.monotonic()
        if self.last:
            shown, then = self.last
            back = shown + timedelta(seconds=ticks - then) - now
            if back > WORTH_IT:
                self._bring_forward(back)
        # Not before it is done: where the database is away, the next look finds the same.
        self.last = (now, ticks)

    def _bring_forward(self, back: timedelta) -> None:
        with self.store.delivering() as uow:
            count = uow.outbox.bring_forward(back)
            uow.commit()
            reached(Boundary.BROUGHT_FORWARD)
        self.log.warning("clock_set_back", seconds=round(back.total_seconds()), deliveries=count)
