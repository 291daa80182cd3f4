"""`helpdesk run` as systemd, a monitor and a person on call see it: a process of its own, on real servers and sockets."""

from __future__ import annotations

import http.client
import json
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from helpdesk.bootstrap import Application
from helpdesk.core import health
from helpdesk.jobs import alarms
from helpdesk.model.policy import StartMode
from helpdesk.store import sqlite
from tests.e2e.conftest import Place
from tests.fakes import make_mail
from tests.servers.dovecot import PASSWORD
from tests.servers.listener import Listener, datagrams, listening
from tests.servers.ports import free_ports

PATIENCE = 60.0


@dataclass(frozen=True)
class Watched:
    """A place whose worker is watched, and whoever watches."""

    place: Place
    port: int
    listener: Listener
    heard: Callable[[], str]

    @contextmanager
    def running(self) -> Iterator[subprocess.Popen[bytes]]:
        """`helpdesk run` from when it says that it is ready; ended by SIGTERM, as a service manager does."""
        process = subprocess.Popen(
            [sys.executable, "-m", "helpdesk", "run"], cwd=self.place.directory, env=self.place.process_environment()
        )
        try:
            self.hear("READY=1")
            yield process
            process.send_signal(signal.SIGTERM)
            assert process.wait(PATIENCE) == 0
        finally:
            process.kill()
            process.wait()

    def hear(self, state: str) -> None:
        """Wait until the worker tells systemd so."""
        while self.heard() != state:
            pass

    def health(self) -> tuple[int, object]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        with closing(connection):
            connection.request("GET", "/healthz")
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())

    def await_health(self, expected: tuple[int, object]) -> None:
        for _ in range(int(PATIENCE * 20)):
            if self.health() == expected:
                return
            threading.Event().wait(0.05)
        assert self.health() == expected


@pytest.fixture
def watched(place: Place, tmp_path: Path) -> Iterator[Watched]:
    address, (port,) = str(tmp_path / "notify"), free_ports(1)
    with listening() as listener, datagrams(address) as heard:
        place.more |= {
            "NOTIFY_SOCKET": address,
            "WATCHDOG_USEC": "60000000",
            "HELPDESK_WATCH__PORT": str(port),
            "HELPDESK_ALARM_WEBHOOK": listener.url("/webhook"),
            "HELPDESK_HEARTBEAT_URL": listener.url("/heartbeat"),
        }
        assert place.work(StartMode.NOW) == 0
        yield Watched(place, port, listener, heard)


def test_the_worker_is_seen_to_live_from_its_start_to_its_end(watched: Watched) -> None:
    with watched.running():
        watched.hear("WATCHDOG=1")
        watched.await_health((200, {"status": "ok"}))
        watched.listener.wait_for(lambda: any(each.path == "/heartbeat" for each in watched.listener.asked))
        connection = http.client.HTTPConnection("127.0.0.1", watched.port, timeout=PATIENCE)
        with closing(connection):
            connection.request("GET", "/metrics")
            text = connection.getresponse().read().decode()
        assert 'helpdesk_alarm{name="mailbox-not-read"} 0.0' in text
        assert "@" not in text
    watched.hear("STOPPING=1")
    assert watched.listener.posts() == []


def test_a_refused_login_reaches_a_person_once_and_its_end_too(watched: Watched) -> None:
    standing = (503, {"status": "alarm", "alarms": ["mailbox-login-refused"]})
    watched.place.write_env(HELPDESK_IMAP_PASSWORD="changed by the provider")
    with watched.running():
        watched.listener.wait_for(watched.listener.posts)
        watched.await_health(standing)
    # A restart says nothing again: it has looked when it shows what stands.
    with watched.running():
        watched.await_health(standing)
    beats = [each for each in watched.listener.asked if each.path == "/heartbeat"]
    assert beats == []
    watched.place.write_env(HELPDESK_IMAP_PASSWORD=PASSWORD)
    with watched.running():
        watched.listener.wait_for(lambda: len(watched.listener.posts()) > 1)
        watched.await_health((200, {"status": "ok"}))
    began, over = watched.listener.posts()
    assert (began["name"], began["state"]) == ("mailbox-login-refused", "began")
    assert (over["name"], over["state"]) == ("mailbox-login-refused", "over")
    assert began["text"].startswith("Helpdesk alarm: The mail server refuses our login to the mailbox.")
    assert over["text"].startswith("Helpdesk, over: The mail server takes our login to the mailbox again.")
    for said in (began, over):
        assert "@" not in said["text"]
        assert watched.place.user not in said["text"]
    # The admins have it in their mail as well, since sending still worked.
    watched.place.work()
    assert [mail["Auto-Submitted"] for mail in watched.place.mails_to("mike.private@staff.example")] == ["auto-generated"] * 2


def test_mail_goes_on_though_the_port_is_taken_and_nobody_takes_an_alarm(watched: Watched) -> None:
    watched.listener.answers = [500] * 1000
    with socket.create_server(("127.0.0.1", watched.port)), watched.running():
        watched.place.dovecot.append(watched.place.user, make_mail())
        watched.place.sink.wait_for(lambda: watched.place.mails_to("sam@example.org"))


@contextmanager
def working(application: Application) -> Iterator[None]:
    """The worker in a thread of this process; told to end at the end, whatever came."""
    stop = threading.Event()
    worker = threading.Thread(target=application.run_until, args=(stop,), daemon=True)
    worker.start()
    try:
        yield
    finally:
        stop.set()
        worker.join(PATIENCE)


def test_systemd_hears_nothing_more_of_a_worker_that_hangs(watched: Watched) -> None:
    with watched.place.application() as application:
        # A loop that never moves within its bound.
        application.watchful.pulse.watch(timedelta(seconds=-1))
        with working(application):
            watched.hear("READY=1")
            watched.listener.wait_for(watched.listener.posts)
        assert watched.heard() == "STOPPING=1"
    (said,) = watched.listener.posts()
    assert (said["name"], said["state"]) == ("worker-stuck", "began")
    assert [each for each in watched.listener.asked if each.path == "/heartbeat"] == []


def test_a_database_that_is_away_reaches_a_person_from_memory(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alarms, "LOOK_EVERY", 0.05)
    monkeypatch.setattr(health, "DATABASE_AWAY_AFTER", timedelta(seconds=0.1))
    monkeypatch.setattr(sqlite, "_BUSY_SECONDS", 0.2)
    database = watched.place.directory / "data" / "helpdesk.db"
    with watched.place.application() as application, working(application):
        watched.listener.wait_for(lambda: any(each.path == "/heartbeat" for each in watched.listener.asked))
        with closing(sqlite3.connect(database, isolation_level=None)) as other:
            # Somebody else writes and does not end: ours can read, and write nothing.
            other.execute("BEGIN IMMEDIATE")
            watched.place.dovecot.append(watched.place.user, make_mail())
            watched.listener.wait_for(watched.listener.posts)
            other.execute("ROLLBACK")
        watched.listener.wait_for(lambda: len(watched.listener.posts()) > 1)
        watched.place.sink.wait_for(lambda: watched.place.mails_to("sam@example.org"))
    assert [(each["name"], each["state"]) for each in watched.listener.posts()] == [
        ("database-away", "began"),
        ("database-away", "over"),
    ]
