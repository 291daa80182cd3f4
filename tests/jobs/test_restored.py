"""After a restoration nobody is answered twice, and the admins know what to look at."""

from __future__ import annotations

from datetime import timedelta

import pytest

from helpdesk.core.acknowledge import RESTORED
from helpdesk.jobs.restored import BECAUSE, Restoring, moved_in_words
from helpdesk.model.delivery import DeliveryState, OutboxRow, Purpose
from helpdesk.model.policy import AfterProcessing, FolderPolicy
from tests.fakes import MONDAY, make_mail
from tests.jobs.conftest import DANA, Office
from tests.jobs.test_letters import text_of

MOVING = FolderPolicy("INBOX", after=AfterProcessing.MOVE, move_to="Processed")
KIM = make_mail("kim@example.org", message_id="<two@example.org>")


def mark(office: Office, *folders: FolderPolicy, age: timedelta = timedelta(hours=8)) -> int:
    return Restoring(office.desk, office.store, office.clock, folders).mark(office.clock.now() - age)


def rows(office: Office, state: DeliveryState) -> list[OutboxRow]:
    with office.store.reading() as uow:
        return uow.outbox.list((state,), 100)


def test_what_waited_in_the_backup_is_held(office: Office) -> None:
    office.start()
    office.folder.put(make_mail(), MONDAY)
    office.ingest.poll()
    waited = {row.id for row in rows(office, DeliveryState.PENDING)}
    assert mark(office) == len(waited) == 2
    held = rows(office, DeliveryState.HELD)
    assert {row.id for row in held} == waited
    assert {row.held_because for row in held} == {BECAUSE}
    office.deliverer.deliver_due()
    assert [each.purpose for each in office.transport.sent] == [Purpose.ADMIN_ALERT]
    assert office.ticket_events(1001)[-2:] == ["delivery_held", "delivery_held"]


def test_what_was_claimed_when_the_backup_was_made_is_held_too(office: Office) -> None:
    office.start()
    office.folder.put(make_mail(), MONDAY)
    office.ingest.poll()
    with office.store.writing() as uow:
        claimed = uow.outbox.claim(office.clock.now(), timedelta(minutes=5), 10, office.deliverer.presence.number)
        uow.commit()
    assert mark(office) == len(claimed) == 2
    office.clock.advance(days=1)
    office.deliverer.deliver_due()
    assert office.transport.to("sam@example.org") == []


def test_the_admins_are_told_what_to_look_at(office: Office) -> None:
    mark(office, MOVING)
    office.deliverer.deliver_due()
    (alert,) = office.transport.sent
    assert alert.recipient == DANA.email
    said = " ".join(text_of(alert).split())
    assert "restored from a backup of Monday 2 November at 03:00 UK time" in said
    assert "helpdesk outbox list --state held" in said
    assert "helpdesk import --mailbox --folder Processed" in said


@pytest.mark.parametrize(
    ("came", "answered"),
    [
        (timedelta(hours=-1), False),
        (timedelta(hours=-10), False),
        (timedelta(days=-2), False),
        (timedelta(seconds=1), True),
    ],
    ids=["since the backup", "before it, and not polled yet", "days before, and moved in since", "after the restoration"],
)
def test_mail_from_before_the_restoration_has_its_answer_held(office: Office, came: timedelta, *, answered: bool) -> None:
    office.start()
    mark(office)
    office.deliverer.deliver_due()
    restored_at = office.clock.now()
    office.clock.advance(minutes=5)
    office.folder.put(make_mail(), restored_at + came)
    office.ingest.poll()
    office.deliverer.deliver_due()
    assert bool(office.transport.to("sam@example.org")) is answered
    held = rows(office, DeliveryState.HELD)
    assert [(row.purpose, row.held_because) for row in held] == ([] if answered else [(Purpose.ACKNOWLEDGEMENT, RESTORED)])
    # A ticket stands, and a member of staff knows of it, in each case.
    assert len(office.tickets()) == 1
    assert len([each for each in office.transport.sent if each.purpose is Purpose.STAFF_ASSIGNED]) == 1


def test_a_held_answer_can_be_let_go(office: Office) -> None:
    office.start()
    mark(office)
    office.folder.put(make_mail(), MONDAY - timedelta(hours=1))
    office.ingest.poll()
    (held,) = rows(office, DeliveryState.HELD)
    office.actions.release(held.id)
    office.deliverer.deliver_due()
    assert len(office.transport.to("sam@example.org")) == 1


@pytest.mark.parametrize(
    ("folders", "words"),
    [
        ((FolderPolicy("INBOX"),), ""),
        (
            (MOVING, FolderPolicy("Junk", after=AfterProcessing.MOVE, move_to="Processed")),
            "Mail that was moved on the server since then is not looked for by itself. "
            "Take it in with: helpdesk import --mailbox --folder Processed",
        ),
    ],
    ids=["nothing is moved", "moved to one folder"],
)
def test_where_moved_mail_is_found_is_said(folders: tuple[FolderPolicy, ...], words: str) -> None:
    assert moved_in_words(folders) == words
