"""A clock that runs faster than the real one, the same in every process that is told when it began, and can be set."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path


@dataclass(frozen=True, slots=True)
class FastClock:
    """Shows `shown` at `began` (of `time.monotonic`, which all processes of a machine share), and runs `speed` times faster.

    The file `set_by`, where it is there, holds seconds by which somebody has set the clock meanwhile.
    """

    shown: datetime
    began: float
    speed: float
    set_by: Path

    def now(self) -> datetime:
        passed = timedelta(seconds=(time.monotonic() - self.began) * self.speed)
        try:
            moved = timedelta(seconds=float(self.set_by.read_text()))
        except FileNotFoundError:
            moved = timedelta(0)
        return self.shown + passed + moved

    def move(self, by: timedelta) -> None:
        """Set the clock, for every process that reads it."""
        fresh = self.set_by.with_suffix(".fresh")
        fresh.write_text(str(by.total_seconds()))
        fresh.replace(self.set_by)
