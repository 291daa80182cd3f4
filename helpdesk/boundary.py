"""The boundaries between two effects of the worker: the places at which it may die, and leave one done and the next not.

Each commit, each change on the IMAP server and each step of the SMTP dialogue is followed by `reached`, which does nothing
until somebody watches. `tests/test_boundaries.py` holds the code to that, and the crash matrix kills a worker at every one.
Nothing may be decided here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum


class Boundary(StrEnum):
    """What has just been done. The order is that of a mail's way."""

    MAILBOX_STARTED = "mailbox-started"
    MAILBOX_RENEWED = "mailbox-renewed"
    LEFT_OVER_FOUND = "left-over-found"
    LEFT_OVER_BEGUN = "left-over-begun"
    LISTED = "listed"
    FETCHED = "fetched"
    STORED = "stored"
    PROCESSED = "processed"
    KEYWORD_SET = "keyword-set"
    FOLDER_MADE = "folder-made"
    FOLDER_SUBSCRIBED = "folder-subscribed"
    MOVED = "moved"
    COPIED = "copied"
    MARKED_DELETED = "marked-deleted"
    EXPUNGED = "expunged"
    CURSOR_MOVED = "cursor-moved"
    POLL_RECORDED = "poll-recorded"
    RECONCILED = "reconciled"
    HANDED_OVER = "handed-over"
    REFUSAL_TOLD = "refusal-told"
    REMINDED = "reminded"
    DIGESTS_WRITTEN = "digests-written"
    TEMPLATES_TOLD = "templates-told"
    FRESHENED = "freshened"
    CLAIMED = "claimed"
    SMTP_CONNECTED = "smtp-connected"
    SENDER_TAKEN = "sender-taken"
    RECIPIENT_TAKEN = "recipient-taken"
    CONTENT_INVITED = "content-invited"
    CONTENT_GIVEN = "content-given"
    CONTENT_TAKEN = "content-taken"
    RECORDED = "recorded"
    SENT_COPY_MADE = "sent-copy-made"
    COPY_RECORDED = "copy-recorded"
    COPY_PUT_OFF = "copy-put-off"
    SENT_FOLDER_STARTED = "sent-folder-started"
    SENT_MAIL_FETCHED = "sent-mail-fetched"
    SENT_MAIL_READ = "sent-mail-read"
    SENT_CURSOR_MOVED = "sent-cursor-moved"
    GIVEN_BACK = "given-back"
    TAKEN_BACK = "taken-back"
    LEASES_ENDED = "leases-ended"
    BROUGHT_FORWARD = "brought-forward"
    ALARMS_RECORDED = "alarms-recorded"
    ALARMS_TOLD = "alarms-told"


Watcher = Callable[[Boundary], None]

_watchers: list[Watcher] = []


def reached(boundary: Boundary) -> None:
    """Say that `boundary` was reached. Whatever a watcher raises goes on up."""
    for watcher in _watchers:
        watcher(boundary)


@contextmanager
def watched_by(watcher: Watcher) -> Iterator[None]:
    """Have `watcher` called at every boundary, by the thread that reached it, as long as this lasts."""
    _watchers.append(watcher)
    try:
        yield
    finally:
        _watchers.remove(watcher)
