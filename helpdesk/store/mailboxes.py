"""The polled folders as the database remembers them: where each was started, and how far polls have come."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta

from sqlalchemy import RowMapping, bindparam, case, insert, select, update

from helpdesk.errors import NotFound
from helpdesk.model.mailbox import FolderStatus, MailboxRecord
from helpdesk.model.policy import StartFrom, StartMode
from helpdesk.store.schema import mailbox
from helpdesk.store.transaction import Transaction

_ADD = insert(mailbox)
_FIND = select(mailbox).where(mailbox.c.account == bindparam("account"), mailbox.c.folder == bindparam("folder"))
_GET = select(mailbox).where(mailbox.c.id == bindparam("mailbox_id"))
_ADVANCE = (
    update(mailbox)
    .where(
        mailbox.c.id == bindparam("mailbox_id"),
        mailbox.c.uidvalidity == bindparam("of_uidvalidity"),
        mailbox.c.cursor_uid < bindparam("uid"),
    )
    .values(cursor_uid=bindparam("uid"))
)
# UIDs of the old numbering say nothing of where a start "from now on" was; the time of that start does.
_RENEW = (
    update(mailbox)
    .where(mailbox.c.id == bindparam("mailbox_id"))
    .values(
        uidvalidity=bindparam("new_uidvalidity"),
        first_uid=1,
        cursor_uid=0,
        since=case((mailbox.c.started_from == StartMode.NOW.value, mailbox.c.started_at), else_=mailbox.c.since),
    )
)

_ALL = select(mailbox).order_by(mailbox.c.account, mailbox.c.folder)
_POLLED = update(mailbox).where(mailbox.c.id == bindparam("mailbox_id")).values(polled_at=bindparam("now"))
_RECONCILED = update(mailbox).where(mailbox.c.id == bindparam("mailbox_id")).values(reconciled_at=bindparam("now"))

CLOCKS_DIFFER = timedelta(minutes=10)


class SqlMailboxes:
    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def find(self, account: str, folder: str) -> MailboxRecord | None:
        row = self._transaction.read(_FIND, {"account": account, "folder": folder}).mappings().first()
        return _record(row) if row else None

    def all(self) -> list[MailboxRecord]:
        """Every folder that was ever started, by account and name."""
        return [_record(row) for row in self._transaction.read(_ALL).mappings()]

    def start(self, account: str, folder: str, status: FolderStatus, start: StartFrom, now: datetime) -> MailboxRecord:
        """Remember from where on this folder is answered.

        From now on means from UIDNEXT, and from this moment by INTERNALDATE: an older message that is moved in later
        lies before the start too. The server's clock may differ from ours by CLOCKS_DIFFER.
        """
        from_now = start.mode is StartMode.NOW
        record = MailboxRecord(
            id=self._transaction.ids.new(now),
            account=account,
            folder=folder,
            uidvalidity=status.uidvalidity,
            first_uid=status.uidnext if from_now else 1,
            since=now - CLOCKS_DIFFER if from_now else start.since,
            started_from=start.mode,
            started_at=now,
            cursor_uid=status.uidnext - 1 if from_now else 0,
        )
        self._transaction.write(_ADD, {**asdict(record), "started_from": start.mode.value})
        return record

    def advance(self, mailbox_id: str, uidvalidity: int, cursor_uid: int) -> None:
        """Move the cursor on; never back, and never under another UIDVALIDITY."""
        self._transaction.write(_ADVANCE, {"mailbox_id": mailbox_id, "of_uidvalidity": uidvalidity, "uid": cursor_uid})

    def record_poll(self, mailbox_id: str, now: datetime) -> None:
        """A poll came to its end."""
        self._transaction.write(_POLLED, {"mailbox_id": mailbox_id, "now": now})

    def record_reconciled(self, mailbox_id: str, now: datetime) -> None:
        """The whole folder was compared with what is stored of it."""
        self._transaction.write(_RECONCILED, {"mailbox_id": mailbox_id, "now": now})

    def renew(self, mailbox_id: str, status: FolderStatus) -> MailboxRecord:
        """The server gave the folder a new UIDVALIDITY: start over at UID 1, keeping the start by INTERNALDATE."""
        parameters = {"mailbox_id": mailbox_id, "new_uidvalidity": status.uidvalidity}
        if not self._transaction.write(_RENEW, parameters):
            raise NotFound("No such mailbox is in the database.")
        row = self._transaction.read(_GET, {"mailbox_id": mailbox_id}).mappings().one()
        return _record(row)


def _record(row: RowMapping) -> MailboxRecord:
    return MailboxRecord(**{**row, "started_from": StartMode(row["started_from"])})
