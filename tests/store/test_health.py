"""Alarms that stand, backups that were put back, and what is known of each folder's polls."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from helpdesk.errors import NotFound
from helpdesk.model.health import RaisedAlarm
from helpdesk.model.message import MessageState
from helpdesk.store.database import Database
from helpdesk.store.faults import RowRefused
from tests.store.samples import HOUR, NOW, raw, start_mailbox, store_messages, write_in


def test_an_alarm_stands_from_its_beginning_to_its_end_and_is_raised_once(database: Database) -> None:
    with database.writing() as uow:
        assert uow.alarms.raised() == []
        assert uow.alarms.raise_("mail-waits", NOW)
        assert not uow.alarms.raise_("mail-waits", NOW + HOUR)
        assert uow.alarms.raise_("quarantine", NOW - HOUR)
        uow.alarms.told("mail-waits", NOW + HOUR)
        uow.commit()
    with database.writing() as uow:
        standing = [RaisedAlarm("quarantine", NOW - HOUR, None), RaisedAlarm("mail-waits", NOW, NOW + HOUR)]
        assert uow.alarms.raised() == standing
        assert uow.alarms.end("mail-waits")
        assert not uow.alarms.end("mail-waits")
        assert uow.alarms.raise_("mail-waits", NOW + 2 * HOUR)
        assert uow.alarms.raised()[-1] == RaisedAlarm("mail-waits", NOW + 2 * HOUR, None)


@pytest.mark.parametrize(
    ("received_at", "covered"),
    [
        (NOW - timedelta(seconds=1), False),
        (NOW, True),
        (NOW + HOUR, True),
        (NOW + 2 * HOUR, True),
        (NOW + 2 * HOUR + timedelta(seconds=1), False),
    ],
    ids=["before the backup", "at the backup", "between", "at the restoration", "after"],
)
def test_what_came_between_a_backup_and_its_restoration_is_covered(
    database: Database, received_at: datetime, covered: bool
) -> None:
    with database.writing() as uow:
        assert not uow.restorations.covering(NOW)
        uow.restorations.add(NOW, NOW + 2 * HOUR, NOW + 2 * HOUR)
        uow.restorations.add(NOW - 9 * HOUR, NOW - 8 * HOUR, NOW + 2 * HOUR)
        assert uow.restorations.covering(received_at) is covered


def test_a_backup_is_older_than_its_restoration(database: Database) -> None:
    with database.writing() as uow, pytest.raises(RowRefused, match="ck_restoration_order"):
        uow.restorations.add(NOW + HOUR, NOW, NOW)


def test_polls_and_reconciliations_are_remembered_of_each_folder(database: Database) -> None:
    with database.writing() as uow:
        junk, inbox = start_mailbox(uow, "Junk"), start_mailbox(uow)
        assert (inbox.polled_at, inbox.reconciled_at) == (None, None)
        uow.mailboxes.record_poll(inbox.id, NOW)
        uow.mailboxes.record_reconciled(inbox.id, NOW + HOUR)
        uow.commit()
    with database.reading() as uow:
        found, other = uow.mailboxes.all()
    assert (found.folder, found.polled_at, found.reconciled_at) == ("INBOX", NOW, NOW + HOUR)
    assert other == junk


def test_it_is_counted_how_often_a_message_was_begun_alone(database: Database) -> None:
    with database.writing() as uow:
        message, other = store_messages(uow, raw(1), raw(2))
        assert [uow.messages.begin_alone(message.id) for _ in range(2)] == [1, 2]
        assert uow.messages.begin_alone(other.id) == 1
        uow.messages.record_failure(message.id, "odd", "ValueError at parse.py:1", quarantine=True, now=NOW)
        uow.messages.reset(message.id)
        assert uow.messages.begin_alone(message.id) == 1
        with pytest.raises(NotFound):
            uow.messages.begin_alone("unknown")


def test_messages_that_wait_are_counted(database: Database) -> None:
    with database.writing() as uow:
        write_in(uow, 1)
        broken, _, _ = store_messages(uow, raw(2), raw(3), raw(4))
        uow.messages.record_failure(broken.id, "odd", "ValueError at parse.py:1", quarantine=True, now=NOW)
        assert uow.messages.counts() == {MessageState.STORED: 2, MessageState.QUARANTINED: 1}
