"""Compares a whole folder on the server with the database, and takes in what polls have missed: DESIGN section 2.

It deletes nothing. What the database has and the server has no more is counted: people delete and move mail.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from helpdesk.boundary import Boundary, reached
from helpdesk.core.reconcile import decide_reconciliation
from helpdesk.jobs.ingest import BATCH, FolderIngest
from helpdesk.jobs.letters import Alert
from helpdesk.log import Log
from helpdesk.model.mailbox import MailboxRecord, MessageSummary
from helpdesk.model.staff import Role

EVERY = timedelta(hours=24)
# Of the UIDs of a large folder so many are compared in one transaction.
COMPARED_AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class Comparison:
    """A folder on the server beside the database, from the start of the mailbox on.

    `missing` are those that the database does not have though the cursor has passed them; `waiting` counts those above
    the cursor, which the next poll takes in; `gone` counts what the database has and the folder has no more.
    """

    record: MailboxRecord
    on_server: int
    missing: tuple[MessageSummary, ...]
    waiting: int
    gone: int


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What a comparison found, how many messages were `taken` in, and how many are `held` for a person to take in."""

    found: Comparison
    taken: int
    held: int


@dataclass(frozen=True, slots=True)
class Reconciler:
    """Reconciles the folder of `ingest`, over its connection and so in its thread."""

    ingest: FolderIngest
    log: Log = field(default_factory=Log)

    def reconcile_if_due(self) -> Reconciled | None:
        """Reconcile where that was not done within a day; None where it was, or the worker is to end.

        Raises MailboxUnavailable and DatabaseUnavailable; then it is due still.
        """
        with self.ingest.store.reading() as uow:
            record = uow.mailboxes.find(self.ingest.account, self.ingest.policy.folder)
        now = self.ingest.clock.now()
        if record is None or (record.reconciled_at and record.reconciled_at <= now < record.reconciled_at + EVERY):
            return None
        return self.reconcile()

    def reconcile(self) -> Reconciled | None:
        """Compare, take in what is missing unless it is too much, and say so; None where the worker is to end."""
        found = self.compare()
        decision = decide_reconciliation((each.uid for each in found.missing), self._expected(found.missing))
        taken = 0
        for start in range(0, len(decision.take), BATCH):
            if self.ingest.stopping():
                return None
            taken += self.ingest.take_in(found.record, decision.take[start : start + BATCH])
        reconciled = Reconciled(found, taken, len(decision.hold))
        self._record(reconciled)
        return reconciled

    def compare(self) -> Comparison:
        """Look only. Raises MailboxNotStarted, MailboxUnavailable and DatabaseUnavailable."""
        ingest = self.ingest
        record = ingest.record(ingest.folder.status())
        uids = ingest.folder.uids_from(record.first_uid)
        known: set[int] = set()
        for some in _portions(uids):
            with ingest.store.reading() as uow:
                known |= uow.messages.known_uids(record.id, record.uidvalidity, some)
        with ingest.store.reading() as uow:
            stored = uow.messages.count_in(record.id, record.uidvalidity)
        unknown = [uid for uid in uids if uid not in known]
        behind = [uid for uid in unknown if uid <= record.cursor_uid]
        return Comparison(
            record=record,
            on_server=len(uids),
            missing=self._after_the_start(record, behind),
            waiting=len(unknown) - len(behind),
            gone=max(0, stored - len(known)),
        )

    def _after_the_start(self, record: MailboxRecord, uids: Sequence[int]) -> tuple[MessageSummary, ...]:
        """Those of `uids` that were received since the start and are still there."""
        found: list[MessageSummary] = []
        for some in _portions(uids):
            summaries = self.ingest.folder.summaries(some)
            found += (each for each in summaries if record.since is None or each.received_at >= record.since)
        return tuple(found)

    def _expected(self, missing: Sequence[MessageSummary]) -> frozenset[int]:
        """What a restored database can't know: it came before the restoration."""
        with self.ingest.store.reading() as uow:
            return frozenset(each.uid for each in missing if uow.restorations.covering(each.received_at))

    def _record(self, reconciled: Reconciled) -> None:
        found, now = reconciled.found, self.ingest.clock.now()
        with self.ingest.store.writing() as uow:
            uow.mailboxes.record_reconciled(found.record.id, now)
            if reconciled.held:
                desk = self.ingest.processor.desk
                desk.tell(desk.with_role(Role.ADMIN), _held_alert(reconciled, now), uow, now)
            uow.commit()
            reached(Boundary.RECONCILED)
        self.log.info(
            "reconciled",
            mailbox=found.record.id,
            on_server=found.on_server,
            missing=len(found.missing),
            taken=reconciled.taken,
            held=reconciled.held,
            waiting=found.waiting,
            gone=found.gone,
        )
        if reconciled.held:
            self.log.warning("reconciliation_held", mailbox=found.record.id, count=reconciled.held)


def _held_alert(reconciled: Reconciled, now: datetime) -> Alert:
    folder = reconciled.found.record.folder
    return Alert(
        cause=f"reconciliation:{reconciled.found.record.id}:{now:%Y-%m-%d}",
        what=f"{reconciled.held} messages in {folder} were never taken in, though the helpdesk has looked past them.",
        mail="They are still in the mailbox. They have no ticket, and nobody was answered, since so many may be a mistake.",
        remedy="Look at them in webmail. If people wrote them, take them in, without automatic answers: "
        "helpdesk import --mailbox",
    )


def _portions(uids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(uids), COMPARED_AT_ONCE):
        yield uids[start : start + COMPARED_AT_ONCE]
