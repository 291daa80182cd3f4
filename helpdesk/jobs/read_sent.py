"""Reads the folder of sent mail for answers that somebody sent from the mailbox itself, in webmail.

It takes in those that belong to a ticket, or may soon, and leaves all others alone. It sends nothing, and no mail waits for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from helpdesk.boundary import Boundary, reached
from helpdesk.clock import Clock
from helpdesk.core.digest import digest_parts
from helpdesk.core.parse import parse
from helpdesk.core.sent_elsewhere import SENT_ELSEWHERE, answered_ids, has_our_mark, is_written_by_person, people_written_to
from helpdesk.core.thread import reference_candidates
from helpdesk.errors import DatabaseUnavailable, MailboxUnavailable, place_of
from helpdesk.jobs.carry_out import Desk
from helpdesk.jobs.elsewhere import keep_for_later, put_on_ticket
from helpdesk.jobs.ingest import portions
from helpdesk.jobs.ports import Folder, Store, UnitOfWork
from helpdesk.jobs.process import guarded
from helpdesk.log import Log
from helpdesk.model.mailbox import FolderStatus, MailboxRecord
from helpdesk.model.message import InboundMessage, RawMessage
from helpdesk.model.policy import StartFrom, StartMode
from helpdesk.model.ticket import Ticket, TicketState

EVERY = timedelta(minutes=1)
# A mailbox without a folder of sent mail is not asked for it every minute.
ASK_AGAIN_AFTER = timedelta(hours=1)
# Of a folder that is read for the first time so many in one look, and so many in a transaction.
AT_ONCE = 500
IN_A_BATCH = 20


@dataclass(frozen=True, slots=True)
class OpenedFolder:
    """The folder of sent mail, under the name that it has on the server."""

    name: str
    folder: Folder


@dataclass(slots=True)
class SentReader:
    """Looks for what was sent since the last look. One worker at a time does it.

    `opened` finds the folder of sent mail and connects to it; None where there is none. It raises MailboxUnavailable. `account`
    names the mailbox in the database, `polled` are the folders from which mail is taken in anyway.
    """

    desk: Desk
    store: Store
    account: str
    opened: Callable[[], OpenedFolder | None]
    clock: Clock
    polled: frozenset[str] = frozenset()
    stopping: Callable[[], bool] = lambda: False
    log: Log = field(default_factory=Log)
    _opened: OpenedFolder | None = None
    _failing: bool = False
    _missing_at: datetime | None = None

    def look(self) -> None:
        """Take in what was sent since; whatever can't be used delays that, and stops nothing."""
        try:
            turn = self.store.turn("sent-mail")
            if turn is None:
                return
            try:
                self._read()
            except (MailboxUnavailable, DatabaseUnavailable):
                # It may have another name by now. Before the turn ends: the next may have opened it anew.
                self.close()
                raise
            finally:
                turn.end()
            self._failing = False
        except (MailboxUnavailable, DatabaseUnavailable) as error:
            # Once, not every minute: where the server is away, all else says so too.
            if not self._failing:
                self.log.warning("sent_mail_not_read", place=place_of(error))
            self._failing = True

    def close(self) -> None:
        """Log out."""
        opened, self._opened = self._opened, None
        if opened:
            opened.folder.close()

    def _read(self) -> None:
        self._opened = self._opened or self._find()
        if self._opened is None or self._opened.name in self.polled:
            return
        folder = self._opened.folder
        status = folder.status()
        record = self._record(self._opened.name, status)
        if record is None or status.uidnext <= record.cursor_uid + 1:
            return
        uids = folder.uids_from(max(record.cursor_uid + 1, record.first_uid))[:AT_ONCE]
        for start in range(0, len(uids), IN_A_BATCH):
            if self.stopping():
                return
            self._take_in(record, folder, uids[start : start + IN_A_BATCH])

    def _find(self) -> OpenedFolder | None:
        """Look for the folder, now and then. Where there is none that is no warning: nobody may be sending from there."""
        now = self.clock.now()
        if self._missing_at and self._missing_at <= now < self._missing_at + ASK_AGAIN_AFTER:
            return None
        found = self.opened()
        if found is None:
            if self._missing_at is None:
                self.log.info("no_sent_folder")
            self._missing_at = now
        return found

    def _record(self, name: str, status: FolderStatus) -> MailboxRecord | None:
        """The folder as the database remembers it; read from where the first polled folder is answered from."""
        with self.store.reading() as uow:
            record = uow.mailboxes.find(self.account, name)
            polled = [each for each in uow.mailboxes.all() if each.folder in self.polled]
        if record and record.uidvalidity == status.uidvalidity:
            return record
        if not polled:
            return None
        with self.store.writing() as uow:
            if record:
                # RFC 3501 section 2.3.1.1: every UID that we know is void. What was taken in is known by its digest.
                record = uow.mailboxes.renew(record.id, status)
            else:
                record = uow.mailboxes.start(self.account, name, status, _start_beside(polled), self.clock.now())
            uow.commit()
            reached(Boundary.SENT_FOLDER_STARTED)
        return record

    def _take_in(self, record: MailboxRecord, folder: Folder, uids: Sequence[int]) -> None:
        summaries = folder.summaries(uids)
        wanted = [each for each in summaries if record.since is None or each.received_at >= record.since]
        for some in portions(wanted):
            self._take_in_portion(record, folder, [each.uid for each in some])
        self._advance(record, max(uids))

    def _take_in_portion(self, record: MailboxRecord, folder: Folder, uids: Sequence[int]) -> None:
        messages = folder.fetch(uids)
        reached(Boundary.SENT_MAIL_FETCHED)
        # Read before the transaction begins: others wait for it to end.
        read = [(raw, guarded(partial(self._read_mail, raw))) for raw in messages]
        with self.store.writing() as uow:
            to_log = [self._take_guarded(uow, record, raw, message) for raw, message in read]
            uow.mailboxes.advance(record.id, record.uidvalidity, max(uids))
            uow.commit()
            reached(Boundary.SENT_MAIL_READ)
        for say in to_log:
            say()

    def _advance(self, record: MailboxRecord, uid: int) -> None:
        """Pass over what was not wanted."""
        with self.store.writing() as uow:
            uow.mailboxes.advance(record.id, record.uidvalidity, uid)
            uow.commit()
            reached(Boundary.SENT_CURSOR_MOVED)

    def _read_mail(self, raw: RawMessage) -> InboundMessage | None:
        """The message, where a person wrote it in our name."""
        message = parse(raw.raw)
        return message if is_written_by_person(message, raw.raw, self.desk.ourselves) else None

    def _take_guarded(
        self, uow: UnitOfWork, record: MailboxRecord, raw: RawMessage, message: InboundMessage | Exception | None
    ) -> Callable[[], None]:
        """Take a mail where it matters; returns what is to be logged after the commit.

        One that can't be dealt with must not keep the others from being seen.
        """
        if message is None:
            return _nothing
        failed = message if isinstance(message, Exception) else guarded(partial(self._take, uow, record, raw, message))
        if isinstance(failed, Exception):
            return partial(self.log.warning, "sent_mail_skipped", uid=raw.uid, place=place_of(failed))
        return partial(self.log.info, "answered_elsewhere", ticket=failed.number) if failed else _nothing

    def _take(self, uow: UnitOfWork, record: MailboxRecord, raw: RawMessage, message: InboundMessage) -> Ticket | None:
        """Put a mail on its ticket, which is returned, and keep it for what it answers, where that may still come."""
        if self._is_known(uow, message, raw):
            return None
        ticket, now = self._ticket(uow, message), self.clock.now()
        to_come = [each for each in answered_ids(message, self.desk.ourselves) if not uow.tickets.by_message_ids([each])]
        if ticket is None and not to_come:
            return None
        with uow.savepoint():
            for stored in uow.messages.add(record.id, [raw], now):
                if ticket:
                    put_on_ticket(self.desk, uow, stored, message, ticket, now)
                else:
                    keep_for_later(uow, stored, message, now)
                if to_come:
                    uow.early_answers.add(stored.id, to_come, now)
        return ticket

    def _is_known(self, uow: UnitOfWork, message: InboundMessage, raw: RawMessage) -> bool:
        """Whether the helpdesk sent it itself, or has read it before under another number."""
        if has_our_mark(message, self.desk.ourselves):
            # A database that was restored from a backup has forgotten what it sent since.
            forgotten = uow.restorations.covering(raw.received_at)
            ids = [message.message_id] if message.message_id else []
            return not forgotten or bool(uow.tickets.by_message_ids(ids))
        # Whoever sends a copy to the mailbox too has a twin there, which came in by the poll and answers nobody.
        return uow.messages.find_twin(digest_parts(message, raw.received_at), SENT_ELSEWHERE.rule) is not None

    def _ticket(self, uow: UnitOfWork, message: InboundMessage) -> Ticket | None:
        """The ticket of the mail that it answers; else the one that is open of the one person whom it goes to."""
        candidates = reference_candidates(message, self.desk.ourselves)
        referenced = uow.tickets.by_message_ids(candidates) if candidates else []
        if referenced:
            return referenced[0]
        # What answers a mail of theirs finds that, now or when it is taken in.
        if message.in_reply_to:
            return None
        found = list(self._waiting(uow, message))
        return found[0] if len(found) == 1 else None

    def _waiting(self, uow: UnitOfWork, message: InboundMessage) -> Iterator[Ticket]:
        for address in dict.fromkeys(people_written_to(message, self.desk.ourselves)):
            for ticket in uow.tickets.of_requester(address):
                if ticket.state is not TicketState.CLOSED and not ticket.spam:
                    yield ticket


def _nothing() -> None:
    """What is said of a mail that is none of our business."""


def _start_beside(polled: Sequence[MailboxRecord]) -> StartFrom:
    """Where mail is answered from now on, what was sent before is of no interest either."""
    answered = min(polled, key=lambda each: each.started_at)
    if answered.started_from is StartMode.NOW:
        return StartFrom(StartMode.DATE, answered.started_at)
    return StartFrom(answered.started_from, answered.since)
