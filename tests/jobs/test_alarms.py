"""Each alarm is said once when it begins and once when it is over: after a restart, with two workers, without a database."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest

from helpdesk.bootstrap.application import _channels
from helpdesk.errors import DatabaseUnavailable, LoginRefused
from helpdesk.jobs.alarms import TOLD_WITHIN, AlarmLoop, Alarms
from helpdesk.jobs.ports import UnitOfWork
from helpdesk.jobs.vitals import Certificates
from helpdesk.jobs.watch import Worker
from helpdesk.jobs.watchful import Channels, Watchful
from helpdesk.model.delivery import Attempt, DeliveryState, NewDelivery, Outcome, Purpose
from helpdesk.model.health import AlarmState, Announcement, Figures, RaisedAlarm, WatchPolicy
from helpdesk.model.mailbox import FolderStatus
from helpdesk.model.policy import StartFrom, StartMode
from helpdesk.store.database import Database, open_database
from tests.fakes import MONDAY, FakeTransport, FixedClock
from tests.jobs.conftest import DANA, make_desk
from tests.settings_folder import DOTENV, STAFF, SettingsFolder
from tests.store.samples import SECRET

# Made once: its templates are tried in every situation.
the_desk = cache(make_desk)
REFUSED = Attempt(Outcome.TRANSIENT, 535, reached_server=False)
SENT = Attempt(Outcome.SENT, 250)


class Flaky:
    """A database that can be taken away, wholly or for writing."""

    def __init__(self, real: Database) -> None:
        self.real = real
        self.reads = self.writes = True

    def reading(self) -> AbstractContextManager[UnitOfWork]:
        if not self.reads:
            raise DatabaseUnavailable("away")
        return self.real.reading()

    def writing(self) -> AbstractContextManager[UnitOfWork]:
        if not self.writes:
            raise DatabaseUnavailable("away")
        return self.real.writing()


@dataclass
class Channel:
    """The alarm channel: what was said, and whether it takes more."""

    said: list[Announcement] = field(default_factory=list)
    takes: bool = True

    def say(self, announcement: Announcement) -> bool:
        if self.takes:
            self.said.append(announcement)
        return self.takes

    def words(self) -> list[tuple[str, str]]:
        return [(each.name, each.state.value) for each in self.said]


@dataclass
class Post:
    """One worker's watching, with a clock for all its spans."""

    clock: FixedClock
    database: Flaky
    channel: Channel
    watchful: Watchful = field(init=False)
    alarms: Alarms = field(init=False)
    beats: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.watchful = Watchful(self.database, self.clock, the_desk(), WatchPolicy())  # type: ignore[arg-type]
        self.watchful.pulse.seconds = self.seconds
        self.watchful.sending.seconds = self.seconds
        self.folder = self.watchful.watch_folder("info", "INBOX", timedelta(minutes=1))
        self.folder.seconds = self.seconds
        self.folder.__post_init__()
        self.transport = self.watchful.watch_transport(FakeTransport(), timedelta(minutes=11))
        self.loop = self.watchful.loop(Channels(self.channel.say, self.beat), threading.Event())
        assert self.watchful.alarms
        self.alarms = self.watchful.alarms
        self.alarms.vitals.seconds = self.seconds
        for move in (self.folder.move, self.transport.move, self.loop.move):
            move()

    def seconds(self) -> float:
        return self.clock.now().timestamp()

    def beat(self) -> bool:
        self.beats.append(1)
        return True

    def look(self, *, after: timedelta = timedelta(minutes=1), read: bool = False) -> None:
        self.clock.at += after
        self.transport.move()
        self.loop.move()
        self.folder.move()
        if read:
            self.folder.read()
        self.alarms.look()


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    is_file = request.param == "sqlite"
    url = f"sqlite:///{tmp_path / 'desk.db'}" if is_file else request.getfixturevalue("postgres_url")
    store = open_database(url, SECRET, create=True)
    with store.writing() as uow:
        uow.mailboxes.start("info", "INBOX", FolderStatus(1, 1, 0), StartFrom(StartMode.ALL), MONDAY)
        uow.commit()
    yield store
    store.close()


@pytest.fixture
def post(store: Database) -> Post:
    return Post(FixedClock(), Flaky(store), Channel())


def another(post: Post) -> Post:
    """One more worker, or the next one after a restart, on the same database and channel."""
    return Post(post.clock, Flaky(post.database.real), post.channel)


def raised(post: Post) -> list[RaisedAlarm]:
    with post.database.real.reading() as uow:
        return uow.alarms.raised()


def outbox(post: Post) -> list[tuple[str, str]]:
    with post.database.real.reading() as uow:
        rows = uow.outbox.list(list(DeliveryState), 100)
        return sorted((row.purpose.value, row.recipient) for row in rows)


def put_in_outbox(post: Post, *, held: str = "", cause: str = "message:1") -> None:
    delivery = NewDelivery(
        cause, Purpose.ACKNOWLEDGEMENT, None, "<1@example.org>", "info@exithate.org", "sam@example.org", b"x", held_because=held
    )
    with post.database.real.writing() as uow:
        uow.outbox.add(delivery, post.clock.now())
        uow.commit()


def test_nothing_is_said_while_all_is_well(post: Post) -> None:
    for _ in range(5):
        post.look(read=True)
    assert post.channel.said == []
    assert outbox(post) == []
    assert post.watchful.figures().alarms == ()


def test_an_alarm_is_said_once_when_it_begins_and_once_when_it_is_over(post: Post) -> None:
    post.folder.failed(LoginRefused("no"))
    for _ in range(3):
        post.look()
    assert post.channel.words() == [("mailbox-login-refused", "began")]
    assert post.watchful.figures().alarms == ("mailbox-login-refused",)
    for _ in range(3):
        post.look(read=True)
    assert post.channel.words() == [("mailbox-login-refused", "began"), ("mailbox-login-refused", "over")]
    assert "The alarm began on Monday 2 November at 11:01 UK time." in post.channel.said[1].text
    assert post.channel.said[1].since == MONDAY + timedelta(minutes=1)
    assert raised(post) == []


def test_an_alarm_that_comes_again_is_said_again(post: Post) -> None:
    for _ in range(2):
        post.folder.failed(LoginRefused("no"))
        post.look()
        post.look(read=True)
    assert post.channel.words() == [("mailbox-login-refused", "began"), ("mailbox-login-refused", "over")] * 2
    # Two mails each time, for the one admin.
    assert outbox(post) == [("admin_alert", DANA.email)] * 4


def test_a_restart_says_nothing_again_and_ends_what_is_over(post: Post) -> None:
    post.folder.failed(LoginRefused("no"))
    post.look()
    fresh = another(post)
    fresh.folder.failed(LoginRefused("no"))
    fresh.look()
    assert len(post.channel.said) == 1
    fresh.look(read=True)
    assert post.channel.words()[1:] == [("mailbox-login-refused", "over")]


def test_a_restart_ends_nothing_that_it_knows_nothing_of(post: Post) -> None:
    post.watchful.sending.tried(REFUSED)
    post.look(read=True)
    fresh = another(post)
    fresh.look(read=True)
    assert post.channel.words() == [("sending-login-refused", "began")]
    assert fresh.watchful.figures().alarms == ("sending-login-refused",)
    assert not fresh.alarms.mail_flows


def test_a_login_that_is_taken_from_another_worker_is_refused_no_more(post: Post) -> None:
    second = another(post)
    post.watchful.sending.tried(REFUSED)
    for _ in range(3):
        post.look(read=True)
        second.look(after=timedelta(), read=True)
    assert post.channel.words() == [("sending-login-refused", "began")]
    second.clock.advance(seconds=1)
    second.watchful.sending.tried(SENT)
    for _ in range(3):
        second.look(read=True)
        post.look(after=timedelta(), read=True)
    assert post.channel.words() == [("sending-login-refused", "began"), ("sending-login-refused", "over")]


def test_of_two_workers_only_one_says_it(post: Post) -> None:
    second = another(post)
    put_in_outbox(post)
    for _ in range(20):
        post.look(read=True)
        second.look(after=timedelta(), read=True)
    assert post.channel.words() == [("mail-waits", "began")]
    with post.database.real.writing() as uow:
        (row,) = uow.outbox.list([DeliveryState.PENDING], 1)
        uow.outbox.hold(row.id, "for the test", MONDAY)
        uow.commit()
    post.look(after=timedelta(days=3), read=True)
    second.look(after=timedelta(), read=True)
    assert post.channel.words()[1:] == [("mail-waits", "over")]


def test_two_workers_that_look_at_the_same_moment_say_it_once(store: Database) -> None:
    channel, clock = Channel(), FixedClock()
    posts = [Post(clock, Flaky(store), channel) for _ in range(2)]
    put_in_outbox(posts[0])
    clock.advance(minutes=20)
    together = threading.Barrier(2)

    def look(post: Post) -> None:
        together.wait(30)
        post.alarms.look()

    threads = [threading.Thread(target=look, args=(post,)) for post in posts]
    for post in posts:
        for move in (post.folder.move, post.transport.move, post.loop.move, post.folder.reads_on):
            move()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert channel.words() == [("mail-waits", "began")]


def test_a_worker_whose_row_another_was_quicker_with_says_nothing(post: Post) -> None:
    put_in_outbox(post)
    # Between the look into the table and the row, another worker writes its own.
    real = post.database.writing

    def writing() -> AbstractContextManager[UnitOfWork]:
        post.database.writing = real  # type: ignore[method-assign]
        with post.database.real.writing() as uow:
            uow.alarms.raise_("mail-waits", post.clock.now())
            uow.commit()
        return real()

    post.folder.reads_on()
    post.database.writing = writing  # type: ignore[method-assign]
    post.alarms.vitals.clock = FixedClock(MONDAY + timedelta(minutes=20))
    post.alarms.look()
    assert post.channel.said == []


def test_what_could_not_be_said_is_said_at_the_next_look(post: Post) -> None:
    post.channel.takes = False
    post.folder.failed(LoginRefused("no"))
    post.look()
    post.look()
    assert [each.told_at for each in raised(post)] == [None]
    post.channel.takes = True
    post.look()
    post.look()
    assert post.channel.words() == [("mailbox-login-refused", "began")]
    assert [each.told_at for each in raised(post)] == [MONDAY + timedelta(minutes=3)]


def test_an_alarm_that_stands_when_the_first_webhook_is_set_is_said_there(post: Post, tmp_path: Path) -> None:
    """Until then there was nobody to be told of it."""
    settings = SettingsFolder(tmp_path, {})
    settings.write_dotenv(DOTENV)
    settings.write_helpdesk("")
    settings.write_staff(STAFF)
    before = Post(post.clock, Flaky(post.database.real), post.channel)
    before.alarms.say = _channels(settings.load()).say
    before.folder.failed(LoginRefused("no"))
    before.look()
    before.look()
    assert [(each.name, each.told_at) for each in raised(post)] == [("mailbox-login-refused", None)]
    post.folder.failed(LoginRefused("no"))
    post.look(after=TOLD_WITHIN)
    assert post.channel.words() == [("mailbox-login-refused", "began")]
    assert [each.since for each in post.channel.said] == [MONDAY + timedelta(minutes=1)]
    post.look()
    assert len(post.channel.said) == 1


def test_the_end_takes_the_place_of_a_beginning_that_nobody_heard(post: Post) -> None:
    post.channel.takes = False
    post.folder.failed(LoginRefused("no"))
    post.look()
    post.look(read=True)
    post.channel.takes = True
    post.look(read=True)
    assert post.channel.words() == [("mailbox-login-refused", "over")]
    assert "began on" in post.channel.said[0].text


@pytest.mark.parametrize(
    ("after", "words"),
    [
        pytest.param(timedelta(minutes=4), [], id="another worker may be at it"),
        pytest.param(timedelta(minutes=6), [("mail-waits", "began")], id="nobody will"),
    ],
)
def test_what_a_dead_worker_never_said_is_said(post: Post, after: timedelta, words: list[tuple[str, str]]) -> None:
    put_in_outbox(post)
    post.channel.takes = False
    post.look(after=timedelta(minutes=20), read=True)
    post.channel.takes = True
    fresh = another(post)
    fresh.look(after=after, read=True)
    fresh.look(read=True)
    assert post.channel.words() == words


def test_what_a_worker_could_not_say_is_said_though_it_is_started_anew_soon(post: Post) -> None:
    put_in_outbox(post)
    post.channel.takes = False
    post.look(after=timedelta(minutes=20), read=True)
    fresh = another(post)
    fresh.look(read=True)
    post.channel.takes = True
    fresh.look(read=True)
    assert post.channel.words() == []
    for _ in range(10):
        fresh.look(read=True)
    assert post.channel.words() == [("mail-waits", "began")]


def test_what_another_worker_has_told_of_meanwhile_is_not_said_again(post: Post) -> None:
    put_in_outbox(post)
    post.channel.takes = False
    post.look(after=timedelta(minutes=20), read=True)
    fresh = another(post)
    fresh.channel = Channel()
    fresh.alarms.say = fresh.channel.say
    for _ in range(7):
        fresh.look(read=True)
    assert fresh.channel.words() == [("mail-waits", "began")]
    post.channel.takes = True
    post.look(read=True)
    assert post.channel.words() == []


def test_a_note_that_fails_again_and_again_has_nothing_said_twice(post: Post) -> None:
    put_in_outbox(post)
    say = post.alarms.say

    def say_and_lose_the_disk(announcement: Announcement) -> bool:
        post.database.writes = False
        return say(announcement)

    post.alarms.say = say_and_lose_the_disk
    post.look(after=timedelta(minutes=20))
    for _ in range(8):
        post.look()
    assert post.channel.words().count(("mail-waits", "began")) == 1


def test_the_admins_get_a_mail_only_where_one_goes_and_they_have_none_yet(post: Post) -> None:
    post.watchful.sending.tried(REFUSED)
    put_in_outbox(post, held="too many")
    post.look(read=True)
    assert outbox(post) == [("acknowledgement", "sam@example.org")]
    post.look(after=timedelta(minutes=10))
    assert post.channel.words() == [("sending-login-refused", "began"), ("mail-held", "began"), ("mailbox-not-read", "began")]
    assert outbox(post) == [("acknowledgement", "sam@example.org"), ("admin_alert", DANA.email)]


def test_no_word_of_an_alarm_names_anybody(post: Post) -> None:
    put_in_outbox(post, held="mail to sam@example.org comes back")
    post.look(read=True)
    (said,) = post.channel.said
    assert "sam" not in repr(said).lower()
    assert "@" not in said.text


def test_without_a_database_the_alarm_goes_out_from_memory_once(post: Post) -> None:
    post.database.reads = post.database.writes = False
    post.look()
    assert post.channel.said == []
    for _ in range(5):
        post.folder.failed(DatabaseUnavailable("away"))
        post.look()
    assert post.channel.words() == [("database-away", "began")]
    assert not post.alarms.mail_flows
    assert post.watchful.figures().alarms == ("database-away",)
    post.database.reads = post.database.writes = True
    for _ in range(3):
        post.look(read=True)
    assert post.channel.words() == [("database-away", "began"), ("database-away", "over")]
    assert post.watchful.figures().alarms == ()
    assert post.alarms.mail_flows


def test_a_database_that_is_full_is_an_alarm_though_it_can_be_read(post: Post) -> None:
    post.look(read=True)
    post.database.writes = False
    for _ in range(3):
        post.look(read=True)
    assert post.channel.words() == [("database-away", "began")]
    post.database.writes = True
    post.look(read=True)
    assert post.channel.words()[1:] == [("database-away", "over")]


def test_what_was_said_from_memory_gets_its_row_and_is_not_said_again(post: Post) -> None:
    post.database.reads = post.database.writes = False
    post.watchful.sending.tried(REFUSED)
    post.look()
    post.look()
    assert post.channel.words() == [("sending-login-refused", "began"), ("database-away", "began")]
    post.database.reads = post.database.writes = True
    post.look(read=True)
    assert post.channel.words()[2:] == [("database-away", "over")]
    (row,) = raised(post)
    assert (row.name, row.told_at) == ("sending-login-refused", MONDAY + timedelta(minutes=3))
    another(post).look(read=True)
    assert len(post.channel.said) == 3
    post.watchful.sending.tried(SENT)
    post.look(read=True)
    assert post.channel.words()[3:] == [("sending-login-refused", "over")]


def test_what_was_said_from_memory_and_ended_meanwhile_is_over_when_that_is_sure(post: Post) -> None:
    post.database.reads = post.database.writes = False
    post.folder.failed(LoginRefused("no"))
    post.look()
    post.folder.aside()
    post.database.reads = post.database.writes = True
    post.look()
    assert post.channel.words() == [("mailbox-login-refused", "began")]
    assert post.watchful.figures().alarms == ("mailbox-login-refused",)
    post.look(read=True)
    assert post.channel.words()[1:] == [("mailbox-login-refused", "over")]


def test_an_alarm_in_the_table_is_not_said_from_memory_too(post: Post) -> None:
    post.folder.failed(LoginRefused("no"))
    post.look()
    post.database.reads = post.database.writes = False
    post.look()
    assert post.channel.words() == [("mailbox-login-refused", "began")]


def test_a_loop_that_hangs_is_an_alarm_and_shows_at_once(post: Post) -> None:
    post.clock.advance(minutes=17)
    post.transport.move()
    post.loop.move()
    assert post.watchful.figures().alarms == ("worker-stuck",)
    post.alarms.look()
    assert ("worker-stuck", "began") in post.channel.words()
    # Another worker, that runs since before, can't know that it is over; the next one can.
    post.look(read=True)
    assert ("worker-stuck", "over") in post.channel.words()


def test_a_certificate_that_ends_is_an_alarm(post: Post) -> None:
    ends_at = datetime(2026, 11, 10, tzinfo=UTC)
    post.alarms.vitals.mailbox_certificates = Certificates(lambda: ends_at)
    post.look(read=True)
    (said,) = post.channel.said
    assert (said.name, said.state) == ("mailbox-certificate-ends", AlarmState.BEGAN)
    assert "10 November 2026" in said.text


def test_an_alarm_of_an_older_version_is_over(post: Post) -> None:
    with post.database.real.writing() as uow:
        uow.alarms.raise_("tea-is-cold", MONDAY)
        uow.commit()
    post.look(read=True)
    assert post.channel.words() == [("tea-is-cold", "over")]


def test_a_note_that_a_person_was_told_may_fail(post: Post) -> None:
    class ReadOnlyAfterFirst(Flaky):
        def writing(self) -> AbstractContextManager[UnitOfWork]:
            result = super().writing()
            self.writes = False
            return result

    post.folder.reads_on()
    post.folder.failed(LoginRefused("no"))
    database = ReadOnlyAfterFirst(post.database.real)
    post.alarms.vitals.store = database  # type: ignore[assignment]
    post.look()
    assert post.channel.words() == [("mailbox-login-refused", "began")]
    assert [each.told_at for each in raised(post)] == [None]


def test_the_figures_are_those_of_the_last_look(post: Post) -> None:
    assert Watchful(post.database, post.clock, the_desk(), WatchPolicy()).figures() == Figures()  # type: ignore[arg-type]
    put_in_outbox(post)
    put_in_outbox(post, held="too many", cause="message:2")
    post.watchful.sending.tried(SENT)
    post.folder.failed(LoginRefused("no"))
    post.look(read=True)
    figures = post.watchful.figures()
    assert figures.outbox == {"pending": 1, "held": 1, "failed": 0}
    assert figures.messages == {"stored": 0, "quarantined": 0}
    assert figures.oldest_waiting == timedelta(minutes=1)
    assert figures.last_poll_at == MONDAY + timedelta(minutes=1)
    assert (figures.polls, figures.failed_polls) == (1, 1)
    assert figures.deliveries == {"sent": 1}
    post.watchful.watch_folder("info", "Never started", timedelta(minutes=1))
    post.database.reads = False
    assert post.watchful.figures().outbox == {"pending": 1, "held": 1, "failed": 0}


def test_a_folder_that_was_never_read_leaves_the_last_poll_unknown(post: Post) -> None:
    post.look()
    assert post.watchful.figures().last_poll_at is None


def run_one_turn(post: Post) -> None:
    """One turn of the loop: it ends when it goes to wait."""

    class Woken(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            post.loop.stop.set()
            return True

    loop = AlarmLoop(post.alarms, post.beat, post.loop.stop, Woken())
    loop.run()


def test_the_heart_beats_while_mail_flows(post: Post) -> None:
    post.folder.read()
    run_one_turn(post)
    assert post.beats == [1]


def test_the_heart_is_silent_while_mail_does_not_flow(post: Post) -> None:
    post.folder.failed(LoginRefused("no"))
    run_one_turn(post)
    assert post.beats == []


def test_the_loop_looks_at_once_when_it_is_woken_and_ends_when_told(post: Post) -> None:
    heard = threading.Event()

    def say(announcement: Announcement) -> bool:
        heard.set()
        return True

    post.alarms.say = say
    thread = threading.Thread(target=post.loop.run, daemon=True)
    thread.start()
    post.folder.failed(LoginRefused("no"))
    assert heard.wait(30)
    post.loop.stop.set()
    post.loop.wake.set()
    thread.join(30)
    assert not thread.is_alive()


class Resting:
    """A delivery loop with nothing to do."""

    def __init__(self) -> None:
        self.wake = threading.Event()

    def run(self) -> None:
        self.wake.wait(30)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_mail_goes_on_when_the_watching_fails(post: Post) -> None:
    failed = threading.Event()

    def fail(announcement: Announcement) -> bool:
        failed.set()
        raise ValueError("a fault of ours")

    post.alarms.say = fail
    post.folder.failed(LoginRefused("no"))
    stop = threading.Event()
    worker = Worker([], Resting(), stop, post.loop)  # type: ignore[arg-type]
    worker.start()
    try:
        assert failed.wait(30)
        worker.threads[-1].join(30)
        assert not stop.is_set()
        assert worker.threads[0].is_alive()
    finally:
        worker.end()


def test_the_watching_ends_with_the_worker(post: Post) -> None:
    looked = threading.Event()
    post.loop.move = looked.set
    worker = Worker([], Resting(), post.loop.stop, post.loop)  # type: ignore[arg-type]
    worker.start()
    try:
        assert looked.wait(30)
    finally:
        worker.end()
    assert not any(thread.is_alive() for thread in worker.threads)
