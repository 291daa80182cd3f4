"""A message whose reading ends the whole worker is put aside after three lives; all others are answered."""

from __future__ import annotations

from dataclasses import replace

import pytest

from helpdesk.core.parse import parse
from helpdesk.jobs import process
from helpdesk.model.message import InboundMessage, MessageState
from tests.fakes import make_mail
from tests.jobs.conftest import Office

DEADLY = b"a word that nobody survives"


class WorkerDied(BaseException):
    """What no part of the worker may catch, as no part can catch the end of its process."""


@pytest.fixture
def deadly(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on reading DEADLY ends the worker."""

    def reading(raw: bytes) -> InboundMessage:
        if DEADLY in raw:
            raise WorkerDied
        return parse(raw)

    monkeypatch.setattr(process, "parse", reading)


def live(office: Office) -> None:
    """A worker's life: it starts with nothing remembered, polls, and may die of it."""
    office.ingest = replace(office.ingest)
    office.ingest.poll()
    office.deliverer.deliver_due()


def live_and_die(office: Office) -> None:
    with pytest.raises(WorkerDied):
        live(office)


def put(office: Office, address: str, words: str = "Hello, I would like to talk to somebody.") -> None:
    office.folder.put(make_mail(address, body=words, message_id=f"<{address}>"), office.clock.now())


@pytest.fixture
def left_by_the_dead(office: Office, deadly: None) -> Office:
    """One deadly message between two others, all stored, and the worker dead."""
    office.start()
    put(office, "before@example.org")
    put(office, "deadly@example.org", DEADLY.decode())
    put(office, "after@example.org")
    live_and_die(office)
    return office


def recipients(office: Office) -> list[str]:
    return sorted(delivery.recipient for delivery in office.transport.sent if delivery.recipient.endswith("@example.org"))


def test_after_three_lives_it_is_in_quarantine_and_the_others_are_answered(left_by_the_dead: Office) -> None:
    for _ in range(3):
        live_and_die(left_by_the_dead)
    live(left_by_the_dead)
    assert left_by_the_dead.count(MessageState.QUARANTINED) == 1
    assert left_by_the_dead.count(MessageState.STORED) == 0
    assert recipients(left_by_the_dead) == ["after@example.org", "before@example.org"]


def test_the_admins_are_told_of_it_once(left_by_the_dead: Office) -> None:
    for _ in range(3):
        live_and_die(left_by_the_dead)
    live(left_by_the_dead)
    live(left_by_the_dead)
    told = [each for each in left_by_the_dead.transport.sent if each.cause.startswith("quarantine:")]
    assert [each.recipient for each in told] == ["dana.private@example.net"]


def test_what_came_before_it_is_processed_in_the_first_life_after(left_by_the_dead: Office) -> None:
    live_and_die(left_by_the_dead)
    with left_by_the_dead.store.reading() as uow:
        assert len(uow.tickets.of_requester("before@example.org")) == 1


def test_it_can_be_tried_again_by_hand_and_is_counted_anew(left_by_the_dead: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        live_and_die(left_by_the_dead)
    live(left_by_the_dead)
    monkeypatch.setattr(process, "parse", parse)
    with left_by_the_dead.store.reading() as uow:
        (waiting,) = uow.messages.quarantined()
    with left_by_the_dead.store.writing() as uow:
        uow.messages.reset(waiting.id)
        uow.commit()
    live(left_by_the_dead)
    assert recipients(left_by_the_dead) == ["after@example.org", "before@example.org", "deadly@example.org"]


def test_one_life_counts_a_message_once_however_often_it_polls(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database that comes and goes ends no life, and must put no mail into quarantine."""
    office.start()
    put(office, "person@example.org")

    def unavailable(raw: bytes) -> InboundMessage:
        raise WorkerDied

    monkeypatch.setattr(process, "parse", unavailable)
    live_and_die(office)
    for _ in range(5):
        with pytest.raises(WorkerDied):
            office.ingest.poll()
    monkeypatch.setattr(process, "parse", parse)
    office.ingest.poll()
    assert office.count(MessageState.PROCESSED) == 1
