"""What the helpdesk must know of having been restored from a backup, so that nobody is answered twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from helpdesk.clock import Clock
from helpdesk.jobs.carry_out import Desk
from helpdesk.jobs.letters import Alert
from helpdesk.jobs.ports import Store, UnitOfWork
from helpdesk.log import Log
from helpdesk.model.delivery import DeliveryState, OutboxRow
from helpdesk.model.policy import AfterProcessing, FolderPolicy
from helpdesk.model.staff import Role
from helpdesk.model.ticket import Event, EventKind

BECAUSE = "the database was restored from a backup: this mail may have gone out already"
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Restored:
    """What was brought back, how many mails are `held`, where the database before it is `kept`, and what else to do."""

    made_at: datetime
    messages: int
    tickets: int
    held: int
    kept: Path | None
    moved: str


@dataclass(frozen=True, slots=True)
class Restoring:
    """Marks a database that comes from a backup, before any worker sees it, and before it is in its place."""

    desk: Desk
    store: Store
    clock: Clock
    folders: Sequence[FolderPolicy]
    log: Log = field(default_factory=Log)

    def mark(self, backed_up_at: datetime) -> int:
        """Hold what waited to be sent, remember the restoration, and tell the admins; returns how many mails are held."""
        now = self.clock.now()
        with self.store.writing() as uow:
            held = 0
            while rows := uow.outbox.list((DeliveryState.PENDING,), _AT_ONCE):
                for row in rows:
                    self._hold(uow, row, now)
                held += len(rows)
            # So far back mail can lie that was answered since, and that the backup had not seen: it waited for a poll, or
            # was moved into the folder later. What is older is answered to nobody anyway.
            from_then = min(backed_up_at, now) - self.desk.acknowledgement.within
            uow.restorations.add(from_then, now, now)
            self.desk.tell(self.desk.with_role(Role.ADMIN), self._alert(backed_up_at, held, now), uow, now)
            uow.commit()
        return held

    def _hold(self, uow: UnitOfWork, row: OutboxRow, now: datetime) -> None:
        uow.outbox.hold(row.id, BECAUSE, now)
        ticket = uow.tickets.by_number(row.ticket_number) if row.ticket_number else None
        if ticket:
            uow.tickets.add_events(ticket.id, [Event(EventKind.DELIVERY_HELD, now, "worker", f"{row.purpose}: {BECAUSE}")])

    def _alert(self, backed_up_at: datetime, held: int, now: datetime) -> Alert:
        made = self.desk.letters.describe_moment(backed_up_at)
        moved = moved_in_words(self.folders)
        return Alert(
            cause=f"restored:{now.isoformat()}",
            what=f"The database was restored from a backup of {made}. {held} mails that waited then are held.",
            mail="What came since is taken in again from the mailbox. Automatic answers to it are held: most went out before.",
            remedy="See them with: helpdesk outbox list --state held. Let go what nobody got with: helpdesk outbox release MAIL"
            + (f". {moved}" if moved else ""),
        )


def moved_in_words(folders: Sequence[FolderPolicy]) -> str:
    """What to do about mail that the helpdesk has moved out of the polled folders since the backup; empty if it moves none."""
    targets = dict.fromkeys(folder.move_to for folder in folders if folder.after is AfterProcessing.MOVE)
    commands = " and ".join(f"helpdesk import --mailbox --folder {target}" for target in targets)
    return (
        f"Mail that was moved on the server since then is not looked for by itself. Take it in with: {commands}"
        if targets
        else ""
    )
