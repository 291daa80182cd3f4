"""What runs again and again beside the mailbox watchers (APScheduler's only place)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, timedelta

from apscheduler.schedulers.background import BackgroundScheduler  # type: ignore[import-untyped]


@dataclass(frozen=True, slots=True)
class Task:
    """Something to do at an interval; it handles its own failures."""

    name: str
    every: timedelta
    run: Callable[[], None]


class Scheduler:
    """Runs tasks in background threads, each at most once at a time; a late run is made up for once, never skipped."""

    def __init__(self, tasks: Sequence[Task]) -> None:
        # misfire_grace_time None: APScheduler's default of one second drops a run that a busy machine started late.
        defaults = {"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        self._scheduler = BackgroundScheduler(timezone=UTC, job_defaults=defaults)
        for task in tasks:
            self._scheduler.add_job(task.run, "interval", seconds=task.every.total_seconds(), id=task.name)

    def start(self) -> None:
        self._scheduler.start()

    def stop(self) -> None:
        """Wait for running tasks to end, and start no more."""
        self._scheduler.shutdown(wait=True)
