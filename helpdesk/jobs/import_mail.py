"""Takes in mail because a person asks for it: what a reconciliation held, or what lies in a folder that is not polled.

Each message gets its ticket. Nobody is written to, but the leads, once, at the end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from helpdesk.errors import MailboxNotStarted
from helpdesk.jobs.ingest import BATCH, FolderIngest
from helpdesk.jobs.letters import Alert
from helpdesk.jobs.reconcile import Reconciler
from helpdesk.log import Log
from helpdesk.model.mailbox import FolderStatus, MailboxRecord
from helpdesk.model.policy import StartFrom, StartMode
from helpdesk.model.staff import Role
from helpdesk.model.ticket import reference_of

# Called with how many messages were dealt with so far, and how many there are.
Progress = Callable[[int, int], None]

_RANGES_NAMED = 10


@dataclass(frozen=True, slots=True)
class Imported:
    """How many messages were `taken` in of those that were `found` on the server, and the tickets that they are on."""

    folder: str
    found: int
    taken: int
    tickets: tuple[int, ...]
    stopped: bool = False

    @property
    def references(self) -> str:
        """The tickets as people name them: "EHT-1001 to EHT-1004, EHT-1009"."""
        ranges = [f"{reference_of(a)} to {reference_of(b)}" if a != b else reference_of(a) for a, b in _ranges(self.tickets)]
        more = len(ranges) - _RANGES_NAMED
        return ", ".join(ranges[:_RANGES_NAMED]) + (f", and {more} more" if more > 0 else "")


@dataclass(frozen=True, slots=True)
class Importer:
    """Imports over the connection of `ingest`, in the thread that calls; safe to end at any moment and to run again."""

    ingest: FolderIngest
    progress: Progress = lambda done, found: None
    log: Log = field(default_factory=Log)

    def import_missing(self) -> Imported:
        """Take in what lies behind the cursor of a polled folder and was never taken in.

        Raises MailboxNotStarted, MailboxUnavailable and DatabaseUnavailable; what was taken in before stays.
        """
        ingest = replace(self.ingest, by_hand=True, tickets=set())
        found = Reconciler(ingest).compare()
        return self._take_in(ingest, found.record, [each.uid for each in found.missing])

    def import_folder(self, started: FolderIngest) -> Imported:
        """Take in what the database does not have of a folder that is not polled, since the start of `started`.

        Copies of what it has are left where they are, and not stored. Raises as `import_missing` does.
        """
        ingest = replace(self.ingest, by_hand=True, only_new=True, tickets=set())
        status = ingest.folder.status()
        record = self._record(status, started)
        uids = ingest.folder.uids_from(1)
        new: list[int] = []
        for start in range(0, len(uids), BATCH):
            some = uids[start : start + BATCH]
            with ingest.store.reading() as uow:
                known = uow.messages.known_uids(record.id, status.uidvalidity, some)
            new += (uid for uid in some if uid not in known)
        return self._take_in(ingest, record, new)

    def _record(self, status: FolderStatus, started: FolderIngest) -> MailboxRecord:
        """The folder's own record, made where there is none, with the start of the polled one.

        Should it be polled one day, it begins there from now on: what it holds today was dealt with by hand.
        """
        with self.ingest.store.reading() as uow:
            polled = uow.mailboxes.find(started.account, started.policy.folder)
        if polled is None:
            raise MailboxNotStarted(
                f"The folder {started.policy.folder} was never started, so nobody knows from where on mail counts. Nothing was "
                "taken in. Start it first: helpdesk run --start-from now"
            )
        self.ingest.start(StartFrom(StartMode.NOW))
        return replace(self.ingest.record(status), first_uid=1, since=polled.since)

    def _take_in(self, ingest: FolderIngest, record: MailboxRecord, uids: Sequence[int]) -> Imported:
        taken = done = 0
        try:
            self.progress(0, len(uids))
            for start in range(0, len(uids), BATCH):
                if ingest.stopping():
                    break
                some = uids[start : start + BATCH]
                taken += ingest.take_in(record, some)
                done += len(some)
                self.progress(done, len(uids))
        finally:
            # Whatever ended it, the tickets that are there now are somebody's.
            tickets = tuple(sorted(ingest.tickets))
            imported = Imported(ingest.policy.folder, len(uids), taken, tickets, stopped=done < len(uids))
            if tickets:
                self._tell(imported)
        return imported

    def _tell(self, imported: Imported) -> None:
        now, desk = self.ingest.clock.now(), self.ingest.processor.desk
        alert = Alert(
            cause=f"imported:{now.isoformat()}",
            what=f"{_messages(imported.taken)} in {imported.folder} were taken in by hand: {imported.references}.",
            mail="Nobody got an automatic answer, and this is the only notice. New tickets are with nobody yet.",
            remedy="Look through them, and give out those that wait for an answer: helpdesk tickets assign EHT-1001 NAME",
        )
        with self.ingest.store.writing() as uow:
            desk.tell(desk.with_role(Role.LEAD), alert, uow, now)
            uow.commit()
        self.log.info("imported", count=imported.taken, tickets=len(imported.tickets))


def _messages(count: int) -> str:
    return "1 message" if count == 1 else f"{count} messages"


def _ranges(numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Ascending numbers as pairs of the first and the last of each run."""
    if not numbers:
        return
    first = numbers[0]
    for before, after in pairwise(numbers):
        if after != before + 1:
            yield first, before
            first = after
    yield first, numbers[-1]
