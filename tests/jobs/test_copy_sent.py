"""Copies of answers in the folder of sent mail: made once, tried again, and in nobody's way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import pytest

from helpdesk.errors import DatabaseUnavailable, MailboxUnavailable
from helpdesk.jobs.copy_sent import LONGEST_PAUSE, MOST_ATTEMPTS, SentCopier
from tests.jobs.conftest import Office
from tests.jobs.staff_post import Desk, desk_with_notice


@dataclass
class FakeSentFolder:
    """A folder of sent mail; `fails` is raised as long as it is set."""

    mails: dict[str, bytes] = field(default_factory=dict)
    fails: Exception | None = None
    tried: int = 0
    closed: int = 0

    def put(self, message_id: str, content: bytes, sent_at: datetime) -> bool:
        self.tried += 1
        if self.fails:
            raise self.fails
        added = message_id not in self.mails
        self.mails[message_id] = content
        return added

    def close(self) -> None:
        self.closed += 1


@pytest.fixture
def desk(office: Office) -> Desk:
    """A desk from which an answer has just gone out, and whose copy is due."""
    desk = desk_with_notice(office)
    desk.answer("Thursday is fine.\n")
    desk.let_time_pass()
    office.clock.advance(minutes=2)
    return desk


@pytest.fixture
def folder() -> FakeSentFolder:
    return FakeSentFolder()


@pytest.fixture
def look(desk: Desk, folder: FakeSentFolder) -> Callable[[], None]:
    return SentCopier(desk.office.store, folder, desk.office.clock).look


def test_copy_is_made_once(desk: Desk, folder: FakeSentFolder, look: Callable[[], None]) -> None:
    (reply,) = desk.replies()
    look()
    look()
    assert folder.mails == {reply.message_id: reply.content}
    assert (folder.tried, folder.closed) == (1, 1)


def test_provider_may_have_put_it_there(desk: Desk, folder: FakeSentFolder, look: Callable[[], None]) -> None:
    folder.mails[desk.replies()[0].message_id] = b"as the provider has it"
    look()
    look()
    assert folder.tried == 1


def test_copy_that_failed_is_tried_again_with_growing_pauses(
    desk: Desk, folder: FakeSentFolder, look: Callable[[], None]
) -> None:
    folder.fails = MailboxUnavailable("away")
    look()
    look()
    assert folder.tried == 1
    desk.office.clock.advance(minutes=2)
    look()
    desk.office.clock.advance(minutes=2)
    look()
    assert folder.tried == 2
    folder.fails = None
    desk.office.clock.advance(minutes=2)
    look()
    assert len(folder.mails) == 1


def test_copy_that_always_fails_is_given_up(desk: Desk, folder: FakeSentFolder, look: Callable[[], None]) -> None:
    folder.fails = MailboxUnavailable("away")
    for _ in range(MOST_ATTEMPTS + 5):
        look()
        desk.office.clock.advance(seconds=LONGEST_PAUSE.total_seconds())
    assert folder.tried == MOST_ATTEMPTS


def test_only_one_worker_makes_copies(desk: Desk, folder: FakeSentFolder, look: Callable[[], None]) -> None:
    turn = desk.office.store.turn("sent-copies")
    assert turn is not None
    look()
    assert folder.tried == 0
    turn.end()
    look()
    assert folder.tried == 1


def test_database_that_is_away_delays_copies_and_stops_nothing(desk: Desk, folder: FakeSentFolder) -> None:
    class Away:
        def reading(self) -> None:
            raise DatabaseUnavailable("away")

    SentCopier(Away(), folder, desk.office.clock).look()  # type: ignore[arg-type]
    assert folder.tried == 0
