"""Brings the mail of one folder into the database, and has it processed: DESIGN section 2.

The database first, the mark on the server after the commit. What is in the database decides what is new, never `\\Seen`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from helpdesk.boundary import Boundary, reached
from helpdesk.clock import Clock
from helpdesk.errors import MailboxNotStarted, MailboxUnavailable, place_of
from helpdesk.jobs.left_over import LeftOver
from helpdesk.jobs.ports import Folder, Store, UnitOfWork
from helpdesk.jobs.process import ProcessedBatch, Processor
from helpdesk.log import Log
from helpdesk.model.mailbox import FolderStatus, MailboxRecord, MessageSummary
from helpdesk.model.message import RawMessage, StoredMessage
from helpdesk.model.policy import AfterProcessing, FolderPolicy, StartFrom

NEWEST_COMPARED = 500
BATCH = 50
PROCESSED_AT_ONCE = 20
# A batch is held in memory whole, so large mails travel in smaller ones.
BATCH_BYTES = 16 * 1024 * 1024


@dataclass(slots=True)
class FolderIngest:
    """Polls one folder. `account` names the mailbox in the database: the login name at its server.

    `processed` is called after each commit that may have put mail in the outbox. `skipped` are UIDs that lie before the
    start by INTERNALDATE, so that not every poll asks for them again; `marked` those that got their keyword in this run,
    `refused` those that the server listed and did not give in this poll. `stopping` says that the worker is to end.
    `by_hand`: a person has mail taken in, which is answered to nobody; `only_new` then leaves out copies of what we have, and
    `tickets` are the numbers of the tickets that it is on. `polled` are all accounts and folders that are polled, given to the
    one of them that also processes what is stored of any other.
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
    marked: set[tuple[int, int]] = field(default_factory=set)
    refused: set[int] = field(default_factory=set)
    stopping: Callable[[], bool] = lambda: False
    by_hand: bool = False
    only_new: bool = False
    tickets: set[int] = field(default_factory=set)
    polled: frozenset[tuple[str, str]] = frozenset()
    left_over: LeftOver = field(init=False)

    def __post_init__(self) -> None:
        self.left_over = LeftOver(self.store, self.processor, self.log)

    def start(self, start: StartFrom) -> MailboxRecord | None:
        """Remember from where on this folder is answered. What was said before holds, and is then returned.

        Raises MailboxUnavailable and DatabaseUnavailable.
        """
        status = self.folder.status()
        with self.store.writing() as uow:
            before = uow.mailboxes.find(self.account, self.policy.folder)
            if before:
                return before
            record = uow.mailboxes.start(self.account, self.policy.folder, status, start, self.clock.now())
            uow.commit()
            reached(Boundary.MAILBOX_STARTED)
        self.log.info("mailbox_started", mailbox=record.id, mode=start.mode.value, first_uid=record.first_uid)
        return None

    def make_sure_started(self) -> None:
        """Raise MailboxNotStarted, with what to do, unless the start of this folder was said; MailboxUnavailable too."""
        self.record(self.folder.status())

    def poll(self) -> int:
        """Take in what is new and process all that waits; returns how many messages were processed.

        What is stored already is processed first, which needs no server. Raises MailboxNotStarted, MailboxUnavailable and
        DatabaseUnavailable; what was committed before stays.
        """
        done = self._process_stored()
        status = self.folder.status()
        record = self.record(status)
        self.refused.clear()
        new, left = self._search(record)
        reached(Boundary.LISTED)
        for start in range(0, len(new), BATCH):
            if self.stopping():
                return done
            done += self.take_in(record, new[start : start + BATCH])
        self._advance(record, status)
        if left:
            # Processed, but still here unmarked: the worker ended before it could do that.
            self._mark(record, sorted(left))
        return done

    def _process_stored(self) -> int:
        with self.store.reading() as uow:
            record = uow.mailboxes.find(self.account, self.policy.folder)
            all_records = uow.mailboxes.all() if self.polled else []
        done = self.left_over.finish(record.id, partial(self._process, record)) if record else 0
        for other in all_records:
            # Polled no more, or imported by hand: nobody else would process what waits of it, such as what quarantine let go.
            if (other.account, other.folder) not in self.polled:
                done += self.left_over.finish(other.id, self.processor.process)
        return done

    def _advance(self, record: MailboxRecord, status: FolderStatus) -> None:
        """Move the cursor on, but never past a message that the server did not give."""
        cursor = min((status.uidnext, *self.refused)) - 1
        if cursor > record.cursor_uid:
            with self.store.writing() as uow:
                uow.mailboxes.advance(record.id, record.uidvalidity, cursor)
                uow.commit()
                reached(Boundary.CURSOR_MOVED)

    def record(self, status: FolderStatus) -> MailboxRecord:
        """The folder as the database remembers it, begun anew under a new UIDVALIDITY; raises MailboxNotStarted."""
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
            reached(Boundary.MAILBOX_RENEWED)
        return renewed

    def _search(self, record: MailboxRecord) -> tuple[list[int], set[int]]:
        """UIDs to take in, ascending, and those that are processed but not marked yet.

        A UID below the cursor can appear late, so the newest ones are always compared with the database.
        """
        lowest = max(record.cursor_uid + 1, record.first_uid)
        uids = {uid for uid in self.folder.uids_from(lowest) if uid >= lowest}
        uids |= {uid for uid in self.folder.newest_uids(NEWEST_COMPARED) if uid >= record.first_uid}
        uids = {uid for uid in uids if (record.uidvalidity, uid) not in self.skipped}
        with self.store.reading() as uow:
            known = uow.messages.known_uids(record.id, record.uidvalidity, uids)
            left = self._unmarked(uow, record, known)
        return sorted(uids - known), left

    def _unmarked(self, uow: UnitOfWork, record: MailboxRecord, known: set[int]) -> set[int]:
        if self.policy.after is AfterProcessing.KEEP:
            return set()
        fresh = {uid for uid in known if (record.uidvalidity, uid) not in self.marked}
        return uow.messages.processed_uids(record.id, record.uidvalidity, fresh)

    def _mark(self, record: MailboxRecord, uids: list[int]) -> None:
        """Mark messages on the server. Where it can't be done, they stay as they are: no mail waits for a mark."""
        try:
            self.folder.mark_processed(uids)
        except MailboxUnavailable as error:
            self.log.warning("mark_failed", mailbox=record.id, count=len(uids), place=place_of(error))
            return
        if self.policy.after is AfterProcessing.KEYWORD:
            self.marked.update((record.uidvalidity, uid) for uid in uids)

    def take_in(self, record: MailboxRecord, uids: Sequence[int]) -> int:
        """Fetch, store and process these; where the server fails on some of them, the others all the same."""
        try:
            summaries = self.folder.summaries(uids)
        except MailboxUnavailable as error:
            return self._take_in_halves(record, uids, error)
        done = 0
        for portion in portions(self._since(record, summaries)):
            wanted = [summary.uid for summary in portion]
            try:
                messages = self.folder.fetch(wanted)
                reached(Boundary.FETCHED)
            except MailboxUnavailable as error:
                done += self._take_in_halves(record, wanted, error)
                continue
            done += self._store(record, messages)
            self._tell_missing_from_refused(record, set(wanted) - {message.uid for message in messages})
        self._tell_missing_from_refused(record, set(uids) - {summary.uid for summary in summaries})
        return done

    def _take_in_halves(self, record: MailboxRecord, uids: Sequence[int], error: MailboxUnavailable) -> int:
        """Find the one message that the server fails on; raises `error` again where it is the server that is away."""
        if self.folder.status().uidvalidity != record.uidvalidity:
            raise error
        if len(uids) == 1:
            self._refuse(record, uids[0])
            return 0
        middle = len(uids) // 2
        return self.take_in(record, uids[:middle]) + self.take_in(record, uids[middle:])

    def _store(self, record: MailboxRecord, messages: Sequence[RawMessage]) -> int:
        if self.by_hand:
            return self._store_by_hand(record, messages)
        with self.store.writing() as uow:
            stored = uow.messages.add(record.id, messages, self.clock.now())
            uow.commit()
            reached(Boundary.STORED)
        batch = self._process(record, stored)
        return len(batch.processed) + (
            self.left_over.try_again(record.id, partial(self._process, record)) if batch.failed else 0
        )

    def _store_by_hand(self, record: MailboxRecord, messages: Sequence[RawMessage]) -> int:
        done = 0
        for start in range(0, len(messages), PROCESSED_AT_ONCE):
            some = messages[start : start + PROCESSED_AT_ONCE]
            batch = self.processor.take_in_by_hand(record.id, some, junk=self.policy.junk, only_new=self.only_new)
            self.tickets.update(batch.tickets)
            self._mark_done(record, batch.processed)
            done += len(batch.processed)
        return done

    def _tell_missing_from_refused(self, record: MailboxRecord, uids: set[int]) -> None:
        """What is listed still was not given; the rest was expunged between search and fetch, and is simply gone."""
        if not uids:
            return
        # Selected anew, since a server may list what was expunged for as long as the folder stays open.
        if self.folder.status().uidvalidity != record.uidvalidity:
            what = f"The server gave the messages of {record.folder} new numbers meanwhile."
            raise MailboxUnavailable(f"{what} No mail was touched, and the next poll starts over.")
        listed = uids & set(self.folder.uids_from(min(uids)))
        for uid in sorted(listed):
            self._refuse(record, uid)
        if len(listed) < len(uids):
            self.log.info("gone_before_fetch", mailbox=record.id, count=len(uids) - len(listed))

    def _refuse(self, record: MailboxRecord, uid: int) -> None:
        """The server lists a message and can't give it: a person has to look, and it is asked for again at each poll."""
        self.refused.add(uid)
        self.log.warning("message_refused", mailbox=record.id, uid=uid)
        self.processor.tell_of_refused(record, uid)

    def _since(self, record: MailboxRecord, summaries: Sequence[MessageSummary]) -> list[MessageSummary]:
        """Those that were received since the start."""
        wanted = []
        for summary in summaries:
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
        self._mark_done(record, done)
        return ProcessedBatch(tuple(done), failed)

    def _mark_done(self, record: MailboxRecord, done: Sequence[StoredMessage]) -> None:
        # A duplicate stays where it is: most often a person has moved it back to have it before their eyes.
        uids = [each.raw.uid for each in done if each.raw.uidvalidity == record.uidvalidity]
        if uids:
            self._mark(record, uids)


def portions(summaries: Sequence[MessageSummary]) -> Iterator[list[MessageSummary]]:
    """The messages in groups that may be held in memory whole, in their order."""
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
