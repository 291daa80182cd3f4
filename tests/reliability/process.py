"""A worker's process as a test sees it, and waiting for a state without ever sleeping for a fixed time."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

# Real seconds; nothing takes so long unless it is broken.
PATIENCE = 120.0
_LOOK_EVERY = 0.02


class NotSettled(AssertionError):
    """What should have come about did not, in all the time that there was."""


def await_state(happened: Callable[[], object], what: str, seconds: float = PATIENCE) -> None:
    """Look again and again until `happened`; raises NotSettled, with `what`, when it does not."""
    gives_up_at = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > gives_up_at:
            raise NotSettled(f"{what}: not within {seconds:.0f} seconds")
        time.sleep(_LOOK_EVERY)


@dataclass(slots=True)
class WorkerProcess:
    """A worker that runs, or has ended."""

    process: subprocess.Popen[bytes] = field(repr=False)
    log: Path

    @property
    def pid(self) -> int:
        return self.process.pid

    def is_alive(self) -> bool:
        return self.process.poll() is None

    def said(self, event: str) -> int:
        """How often its log names this event."""
        return self.log.read_text(errors="replace").count(f" event={event} ")

    def stop(self) -> int:
        """Tell it to end, as a service manager does, and return its exit code."""
        if self.is_alive():
            self.process.send_signal(signal.SIGTERM)
        return self.await_end()

    def kill(self) -> None:
        """End it at once, in the middle of whatever it does."""
        self.process.kill()
        self.await_end()

    def await_end(self, seconds: float = PATIENCE) -> int:
        """Its exit code; negative is the signal that killed it."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise NotSettled(f"the worker did not end within {seconds:.0f} seconds") from None
