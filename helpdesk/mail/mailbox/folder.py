"""One folder on the IMAP server, as the jobs use it: what is in it, the messages, a mark on them, and waiting.

It reads without a trace (BODY.PEEK) and decides nothing. After any failure the connection is given up: the next call
makes a new one.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

from imapclient import IMAPClient  # type: ignore[import-untyped]
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError  # type: ignore[import-untyped]

from helpdesk.clock import Clock
from helpdesk.errors import LoginRefused, MailboxUnavailable
from helpdesk.mail.connection import certificate_ends_at
from helpdesk.mail.idle import Bell, wait_for_mail
from helpdesk.mail.mailbox.marks import UIDS_IN_A_COMMAND, Marker, chunks
from helpdesk.mail.mailbox.session import (
    FAILURES,
    SelectedFolder,
    hang_up,
    is_refused_login,
    open_session,
    say_goodbye,
    select,
    why,
)
from helpdesk.model.mailbox import FolderStatus, MessageSummary
from helpdesk.model.message import RawMessage
from helpdesk.model.policy import AfterProcessing, FolderPolicy, ServerLogin

# imaplib gives up at a line of a million bytes, and a UID takes up to 11 of them.
UIDS_IN_AN_ANSWER = 50_000
# One FETCH asks for no more than this, unless a single message is larger.
BYTES_IN_A_FETCH = 32 * 1024 * 1024

# What imapclient makes of a FETCH: by UID, the items by their names.
Answer = Mapping[bytes, object]
Answers = Mapping[int, Answer]


class ImapFolder:
    """The jobs' `Folder` on a real server: connects at the first use, and again after a failure.

    One thread uses it; `interrupt` and `close` may be called from any other. `certificate_ends_at` is that of the
    connection that was made last, None without TLS.
    """

    def __init__(self, login: ServerLogin, policy: FolderPolicy, clock: Clock) -> None:
        self.certificate_ends_at: datetime | None = None
        self._login = login
        self._policy = policy
        self._clock = clock
        self._using = threading.Lock()
        self._bell = Bell()
        self._client: IMAPClient | None = None
        self._folder: SelectedFolder | None = None
        self._marker: Marker | None = None
        self._uidvalidity: int | None = None
        self._sizes: dict[int, int] = {}

    def status(self) -> FolderStatus:
        """SELECT the folder anew (EXAMINE, where nothing will be marked) and say what is in it."""
        with self._session(anew=True) as (_, folder):
            return folder.status

    def uids_from(self, first_uid: int) -> list[int]:
        """Every UID at or above `first_uid`, ascending."""
        with self._session() as (client, folder):
            found: set[int] = set()
            for window in _windows(folder.status, first_uid):
                found.update(client.search(f"{window}UID {first_uid}:*"))
        # RFC 3501 section 6.4.8: "n:*" holds the last message even where its UID is below n.
        return sorted(uid for uid in found if uid >= first_uid)

    def newest_uids(self, count: int) -> list[int]:
        """The UIDs of the last `count` messages, ascending; the cost does not grow with the folder."""
        with self._session() as (client, folder):
            if not folder.status.exists:
                return []
            first = max(1, folder.status.exists - count + 1)
            return sorted(client.search(f"{first}:*"))[-count:]

    def summaries(self, uids: Sequence[int]) -> list[MessageSummary]:
        """INTERNALDATE and size of those of `uids` that are still there, ascending."""
        with self._session() as (client, _):
            return self._summarise(client, uids)

    def fetch(self, uids: Sequence[int]) -> list[RawMessage]:
        """The messages that are still there, by BODY.PEEK[], ascending.

        One that was expunged, or that the server refuses to give, is missing. Memory: all of them at once.
        """
        messages: list[RawMessage] = []
        with self._session() as (client, folder):
            for group in self._portions(client, uids):
                for uid, answer in _fetch_contents(client, group).items():
                    raw = answer.get(b"BODY[]")
                    # An unasked FETCH, sent when somebody changes a flag, has no body.
                    if isinstance(raw, bytes):
                        received_at = self._in_utc(answer.get(b"INTERNALDATE"))
                        messages.append(RawMessage(folder.status.uidvalidity, uid, received_at, raw))
        return sorted(messages, key=lambda message: message.uid)

    def mark_processed(self, uids: Sequence[int]) -> None:
        """Keep, flag or move these messages, as configured and as the server can."""
        if self._policy.after is AfterProcessing.KEEP or not uids:
            return
        with self._session() as (client, folder):
            if self._marker is None:
                self._marker = Marker(client, self._policy, folder)
            self._marker.mark(uids)

    def wait(self, seconds: float) -> bool:
        """IDLE until the server tells of new mail (True); False when `seconds` have passed, or at `interrupt`.

        A server without IDLE lets the time pass. Once closed it returns at once.
        """
        if self._bell.closed:
            return False
        with self._session() as (client, _):
            if client.has_capability("IDLE"):
                return wait_for_mail(client, seconds, self._bell)
            self._bell.wait(seconds)
        return False

    def interrupt(self) -> None:
        """End a `wait` that runs in another thread, or the next one, at once."""
        self._bell.ring()

    def close(self) -> None:
        """Log out; a `wait` in another thread ends."""
        self._bell.ring()
        with self._using:
            if self._client is not None:
                say_goodbye(self._client)
            self._client = None
            self._bell.close()

    @contextmanager
    def _session(self, *, anew: bool = False) -> Iterator[tuple[IMAPClient, SelectedFolder]]:
        """The logged-in client with the folder open; given up when anything fails."""
        with self._using:
            intact = False
            try:
                yield self._opened(anew=anew)
                intact = True
            except FAILURES as error:
                kind = LoginRefused if is_refused_login(error) else MailboxUnavailable
                raise kind(f"{why(error, self._login)} No mail was touched, and the next poll tries again.") from error
            finally:
                if not intact:
                    self._give_up()

    def _opened(self, *, anew: bool) -> tuple[IMAPClient, SelectedFolder]:
        if self._client is None:
            self._client = open_session(self._login)
            self.certificate_ends_at = certificate_ends_at(self._client.socket())
            self._folder = None
        if anew or self._folder is None:
            # EXAMINE where nothing will be marked: it leaves even \Recent as it was.
            read_only = self._policy.after is AfterProcessing.KEEP
            self._folder = select(self._client, self._policy.folder, read_only=read_only)
            self._marker = None
            self._sizes.clear()
        uidvalidity = self._folder.status.uidvalidity
        if anew or self._uidvalidity is None:
            self._uidvalidity = uidvalidity
        elif uidvalidity != self._uidvalidity:
            # The caller's UIDs name other messages now, or none: only `status` may tell of it.
            raise MailboxUnavailable(
                f'The server gave the messages of "{self._policy.folder}" new numbers meanwhile. '
                "No mail was touched, and the next poll starts over."
            )
        return self._client, self._folder

    def _give_up(self) -> None:
        if self._client is not None:
            hang_up(self._client)
        self._client = None

    def _summarise(self, client: IMAPClient, uids: Sequence[int]) -> list[MessageSummary]:
        found = []
        for chunk in chunks(uids):
            for uid, answer in client.fetch(chunk, ["INTERNALDATE", "RFC822.SIZE"]).items():
                if b"RFC822.SIZE" in answer:
                    found.append(MessageSummary(uid, self._in_utc(answer.get(b"INTERNALDATE")), int(answer[b"RFC822.SIZE"])))
        self._sizes = {summary.uid: summary.size for summary in found}
        return sorted(found, key=lambda summary: summary.uid)

    def _portions(self, client: IMAPClient, uids: Sequence[int]) -> Iterator[list[int]]:
        """The UIDs in groups whose messages are small enough together for one FETCH."""
        if not self._sizes.keys() >= set(uids):
            self._summarise(client, uids)
        group: list[int] = []
        size = 0
        for uid in uids:
            size += self._sizes.get(uid, 0)
            if group and (size > BYTES_IN_A_FETCH or len(group) >= UIDS_IN_A_COMMAND):
                yield group
                group, size = [], self._sizes.get(uid, 0)
            group.append(uid)
        if group:
            yield group

    def _in_utc(self, internal_date: object) -> datetime:
        """INTERNALDATE in UTC; a server that gives none that can be read delivered the message now, as far as we know."""
        try:
            return internal_date.astimezone(UTC) if isinstance(internal_date, datetime) else self._clock.now()
        except OverflowError:
            return self._clock.now()


def probe_mailbox(login: ServerLogin, folders: Sequence[str]) -> None:
    """Log in and look into each folder, changing nothing; raises MailboxUnavailable with what is wrong."""
    try:
        client = open_session(login)
        try:
            for folder in folders:
                select(client, folder, read_only=True)
        finally:
            say_goodbye(client)
    except FAILURES as error:
        raise MailboxUnavailable(why(error, login)) from error


def _windows(status: FolderStatus, first_uid: int) -> Iterator[str]:
    """Search keys that split a folder whose UIDs don't fit into one answer; the newest messages first.

    An EXPUNGE in between moves messages towards the windows that come later, so that none is missed.
    """
    if min(status.exists, status.uidnext - first_uid) <= UIDS_IN_AN_ANSWER:
        yield ""
        return
    last = "*"
    for first in range(status.exists - UIDS_IN_AN_ANSWER + 1, 1, -UIDS_IN_AN_ANSWER):
        yield f"{first}:{last} "
        last = str(first - 1)
    yield f"1:{last} "


def _fetch_contents(client: IMAPClient, uids: Sequence[int]) -> Answers:
    """FETCH several at once, or one by one where the server refuses them together, since one of them can't be read.

    Raises IMAPClientError when it refuses every one of several: then it is not the messages.
    """
    try:
        return _fetch(client, uids)
    except IMAPClientAbortError:
        raise
    except IMAPClientError as refusal:
        found: dict[int, Answer] = {}
        refused = 0
        for uid in uids:
            try:
                found.update(_fetch(client, [uid]))
            except IMAPClientAbortError:
                raise
            except IMAPClientError:
                refused += 1
        if refused == len(uids) > 1:
            raise refusal
        return found


def _fetch(client: IMAPClient, uids: Sequence[int]) -> Answers:
    answers: Answers = client.fetch(uids, ["INTERNALDATE", "BODY.PEEK[]"])
    return answers
