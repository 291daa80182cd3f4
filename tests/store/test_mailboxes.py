"""Where each mailbox was started, and how far polls have come."""

from __future__ import annotations

import pytest

from helpdesk.errors import NotFound
from helpdesk.model.mailbox import FolderStatus
from helpdesk.model.policy import StartFrom, StartMode
from helpdesk.store.database import Database
from helpdesk.store.faults import RowRefused
from helpdesk.store.mailboxes import CLOCKS_DIFFER
from tests.store.samples import HOUR, NOW, STATUS, start_mailbox

NEW_STATUS = FolderStatus(uidvalidity=8, uidnext=3, exists=2)


@pytest.mark.parametrize(
    ("start", "first_uid", "cursor_uid", "since"),
    [
        (StartFrom(StartMode.NOW), 5, 4, NOW - CLOCKS_DIFFER),
        (StartFrom(StartMode.ALL), 1, 0, None),
        (StartFrom(StartMode.DATE, NOW - HOUR), 1, 0, NOW - HOUR),
    ],
    ids=["now", "all", "date"],
)
def test_start_is_remembered(database: Database, start: StartFrom, first_uid: int, cursor_uid: int, since: object) -> None:
    with database.writing() as uow:
        record = start_mailbox(uow, start=start)
        uow.commit()
    assert (record.first_uid, record.cursor_uid, record.since) == (first_uid, cursor_uid, since)
    with database.reading() as uow:
        assert uow.mailboxes.find("info@example.org", "INBOX") == record


def test_unknown_mailbox_is_not_found(database: Database) -> None:
    with database.writing() as uow:
        start_mailbox(uow)
        assert uow.mailboxes.find("info@example.org", "Junk") is None
        assert uow.mailboxes.find("other@example.org", "INBOX") is None


def test_a_mailbox_is_started_only_once(database: Database) -> None:
    with database.writing() as uow:
        start_mailbox(uow)
        with pytest.raises(RowRefused, match=r"UNIQUE|uq_mailbox_folder"):
            start_mailbox(uow)


def test_cursor_moves_on_in_its_own_mailbox(database: Database) -> None:
    with database.writing() as uow:
        inbox, junk = start_mailbox(uow), start_mailbox(uow, "Junk")
        uow.mailboxes.advance(inbox.id, inbox.uidvalidity, 44)
        uow.mailboxes.advance(inbox.id, inbox.uidvalidity, 7)
        uow.mailboxes.advance(inbox.id, inbox.uidvalidity + 1, 99)
        moved, other = uow.mailboxes.find(inbox.account, "INBOX"), uow.mailboxes.find(inbox.account, "Junk")
    assert moved is not None
    assert moved.cursor_uid == 44
    assert other == junk


@pytest.mark.parametrize(
    ("start", "since"),
    [
        (StartFrom(StartMode.NOW), NOW),
        (StartFrom(StartMode.ALL), None),
        (StartFrom(StartMode.DATE, NOW - HOUR), NOW - HOUR),
    ],
    ids=["now", "all", "date"],
)
def test_new_uidvalidity_keeps_the_start_by_time(database: Database, start: StartFrom, since: object) -> None:
    with database.writing() as uow:
        record = start_mailbox(uow, start=start)
        uow.mailboxes.advance(record.id, record.uidvalidity, STATUS.uidnext)
        renewed = uow.mailboxes.renew(record.id, NEW_STATUS)
    assert (renewed.uidvalidity, renewed.first_uid, renewed.cursor_uid) == (8, 1, 0)
    assert renewed.since == since
    assert renewed.started_at == NOW


def test_renewing_an_unknown_mailbox_is_refused(database: Database) -> None:
    with database.writing() as uow, pytest.raises(NotFound):
        uow.mailboxes.renew("unknown", NEW_STATUS)
