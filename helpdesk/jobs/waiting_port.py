"""What the jobs ask of the database about what waits for staff, and what reached nobody. The store gives the real one."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from helpdesk.model.reminder import StoppedMail, WaitingTicket


class Waiting(Protocol):
    def tickets(self, opened_by: datetime) -> list[WaitingTicket]:
        """The tickets that were opened by then, wait for us and are no junk, by number, each with its steps."""
        ...

    def stopped(self, since: datetime, until: datetime) -> list[StoppedMail]:
        """The mails that are held or have failed for good, from `since` on and before `until`."""
        ...

    def junk(self, since: datetime, until: datetime) -> int:
        """How many tickets were opened in that time by what was filed as junk, and are so still."""
        ...

    def alerts(self, since: datetime, until: datetime) -> set[str]:
        """The causes of all alerts that were written in that time."""
        ...
