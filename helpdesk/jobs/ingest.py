"""Brings the mail of one folder into the database, and has it processed: DESIGN section 2.

The database first, the mark on the server after the commit. What is in the database decides what is new, never `\\Seen`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from helpdesk.clock import Clock
from helpdesk.errors import MailboxNotStarted
from helpdesk.jobs.ports import Folder, Store
from helpdesk.jobs.process import MOST_FAILURES, ProcessedBatch, Processor
from helpdesk.log import Log
from helpdesk.model.mailbox import FolderStatus, MailboxRecord, MessageSummary
from helpdesk.model.message import StoredMessage
from helpdesk.model.policy import AfterProcessing, FolderPolicy, StartFrom

NEWEST_COMPARED = 500
BATCH = 50
PROCESSED_AT_ONCE = 10
# A batch is held in memory whole, so large mails travel in smaller ones.
BATCH_BYTES = 16 * 1024 * 1024


@dataclass(slots=True)
class FolderIngest:
    """Polls one folder. `account` names the mailbox in the database: the login name at its server.

    `processed` is called after each commit that may have put mail in the outbox. `skipped` are UIDs that lie before the
    start by INTERNALDATE, so that not every poll asks for them again.
    """

    account: str
    policy: FolderPolicy
    folder: Folder
    store: Store
    processor: Processor
    clock: Clock
    processed: Callable[[], None]
    log: Log = field(default_factory=Log)
    skipped: set[tuple[int, int]] = field(default_factory=set)

    def start(self, start: StartFrom) -> bool:
        """Remember from where on this folder is answered; False when that was said before, which then holds.

        Raises MailboxUnavailable and DatabaseUnavailable.
        """
        status = self.folder.status()
        with self.store.writing() as uow:
            if uow.mailboxes.find(self.account, self.policy.folder):
                return False
            record = uow.mailboxes.start(self.account, self.policy.folder, status, start, self.clock.now())
            uow.commit()
        self.log.info("mailbox_started", mailbox=record.id, mode=start.mode.value, first_uid=record.first_uid)
        return True

    def make_sure_started(self) -> None:
        """Raise MailboxNotStarted, with what to do, unless the start of this folder was said; MailboxUnavailable too."""
        self._record(self.folder.status())

    def poll(self) -> int:
        """Take in what is new and process all that waits; returns how many messages were processed.

        Raises MailboxNotStarted, MailboxUnavailable and DatabaseUnavailable; what was committed before stays.
        """
        status = self.folder.status()
        record = self._record(status)
        done = self._process_waiting(record)
        for batch in self._new_batches(record):
            done += self._take_in(record, batch)
        if status.uidnext - 1 > record.cursor_uid:
            with self.store.writing() as uow:
                uow.mailboxes.advance(record.id, status.uidnext - 1)
                uow.commit()
        return done

    def _record(self, status: FolderStatus) -> MailboxRecord:
        with self.store.reading() as uow:
            record = uow.mailboxes.find(self.account, self.policy.folder)
        if record is None:
            raise MailboxNotStarted(_how_to_start(self.policy.folder, status))
        if record.uidvalidity == status.uidvalidity:
            return record
        # RFC 3501 section 2.3.1.1: every UID that we know is void. The digest tells which messages we have already.
        self.log.warning("uidvalidity_changed", mailbox=record.id)
        with self.store.writing() as uow:
            renewed = uow.mailboxes.renew(record.id, status)
            uow.commit()
        return renewed

    def _process_waiting(self, record: MailboxRecord) -> int:
        """Process what an earlier run stored and did not finish; a message that fails gets its tries at once."""
        done = 0
        for _ in range(MOST_FAILURES):
            waiting = self._unprocessed(record)
            while waiting:
                batch = self._process(record, waiting)
                done += len(batch.processed)
                waiting = self._unprocessed(record) if batch.failed < len(waiting) else []
        return done

    def _unprocessed(self, record: MailboxRecord) -> list[StoredMessage]:
        # Written, since a message whose sealed bytes don't open any more goes to quarantine here.
        with self.store.writing() as uow:
            waiting = uow.messages.unprocessed(record.id, BATCH)
            uow.commit()
        return waiting

    def _new_batches(self, record: MailboxRecord) -> Iterator[list[int]]:
        """UIDs to take in, in batches. A UID below the cursor can appear late, so the newest ones are always compared."""
        lowest = max(record.cursor_uid + 1, record.first_uid)
        uids = {uid for uid in self.folder.uids_from(lowest) if uid >= lowest}
        uids |= {uid for uid in self.folder.newest_uids(NEWEST_COMPARED) if uid >= record.first_uid}
        uids = {uid for uid in uids if (record.uidvalidity, uid) not in self.skipped}
        with self.store.reading() as uow:
            known = uow.messages.known_uids(record.id, record.uidvalidity, uids)
            left = uow.messages.processed_uids(record.id, record.uidvalidity, known) if self._moves() else set()
        if left:
            # Processed, but still here: the worker ended before it could move them.
            self.folder.mark_processed(sorted(left))
        new = sorted(uids - known)
        for start in range(0, len(new), BATCH):
            yield new[start : start + BATCH]

    def _moves(self) -> bool:
        return self.policy.after is AfterProcessing.MOVE

    def _take_in(self, record: MailboxRecord, uids: Sequence[int]) -> int:
        done = 0
        for portion in _portions(self._summaries_since(record, uids)):
            messages = self.folder.fetch([summary.uid for summary in portion])
            if len(messages) < len(portion):
                self.log.info("gone_before_fetch", mailbox=record.id, count=len(portion) - len(messages))
            with self.store.writing() as uow:
                stored = uow.messages.add(record.id, messages, self.clock.now())
                uow.commit()
            batch = self._process(record, stored)
            done += len(batch.processed)
            if batch.failed:
                done += self._process_waiting(record)
        return done

    def _summaries_since(self, record: MailboxRecord, uids: Sequence[int]) -> list[MessageSummary]:
        wanted = []
        for summary in self.folder.summaries(uids):
            if _lies_before(summary.received_at, record.since):
                self.skipped.add((record.uidvalidity, summary.uid))
            else:
                wanted.append(summary)
        return wanted

    def _process(self, record: MailboxRecord, stored: list[StoredMessage]) -> ProcessedBatch:
        done: list[StoredMessage] = []
        failed = 0
        # Few at a time, so that the first of many is answered at once and the outbox need not wait for all of them.
        for start in range(0, len(stored), PROCESSED_AT_ONCE):
            batch = self.processor.process(stored[start : start + PROCESSED_AT_ONCE], junk=self.policy.junk)
            self.processed()
            done += batch.processed
            failed += batch.failed
        # A duplicate stays where it is: most often a person has moved it back to have it before their eyes.
        uids = [each.raw.uid for each in done if each.raw.uidvalidity == record.uidvalidity]
        if uids:
            self.folder.mark_processed(uids)
        return ProcessedBatch(tuple(done), failed)


def _portions(summaries: Sequence[MessageSummary]) -> Iterator[list[MessageSummary]]:
    portion: list[MessageSummary] = []
    size = 0
    for summary in summaries:
        if portion and size + summary.size > BATCH_BYTES:
            yield portion
            portion, size = [], 0
        portion.append(summary)
        size += summary.size
    if portion:
        yield portion


def _lies_before(received_at: datetime, since: datetime | None) -> bool:
    return since is not None and received_at < since


def _how_to_start(folder: str, status: FolderStatus) -> str:
    return (
        f"This database has never seen the folder {folder}, which holds {status.exists} messages. "
        "No mail was touched, and nobody was answered. Say once from where on mail should be answered: "
        "helpdesk run --start-from now (only what comes from now on), --start-from all (everything in the folder), or "
        "--start-from 2026-11-01 (what was received from that day on). If this mailbox was started before, "
        "HELPDESK_DATABASE_URL may name the wrong database."
    )
