"""The webhook and the heartbeat on a real server: what is sent, and what a server that misbehaves can do."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from helpdesk.health import Heartbeat, Webhook
from helpdesk.health.courier import Courier
from helpdesk.log import configure_logs
from helpdesk.model.health import AlarmState, Announcement
from tests.servers.listener import DRIP, DROP, Listener, listening
from tests.servers.ports import free_ports

SAID = Announcement(
    "mailbox-not-read", AlarmState.BEGAN, datetime(2026, 11, 2, 11, 0, tzinfo=UTC), "Helpdesk alarm: – not read."
)


@pytest.fixture
def listener() -> Iterator[Listener]:
    with listening() as server:
        yield server


@pytest.fixture
def log() -> io.StringIO:
    stream = io.StringIO()
    configure_logs(stream=stream)
    return stream


def test_an_announcement_is_posted_as_json(listener: Listener) -> None:
    assert Webhook(listener.url("/hooks/secret?channel=1")).say(SAID)
    (asked,) = listener.asked
    assert (asked.method, asked.path) == ("POST", "/hooks/secret?channel=1")
    assert asked.content_type == "application/json; charset=utf-8"
    assert asked.json() == {
        "text": "Helpdesk alarm: – not read.",
        "name": "mailbox-not-read",
        "state": "began",
        "since": "2026-11-02T11:00:00+00:00",
    }


def test_a_heartbeat_is_asked_for(listener: Listener) -> None:
    assert Heartbeat(listener.url("")).beat()
    (asked,) = listener.asked
    assert (asked.method, asked.path, asked.body) == ("GET", "/", b"")


@pytest.mark.parametrize("answer", [301, 302, 307, 400, 404, 500, DROP], ids=str)
def test_what_is_not_taken_was_not_said_and_no_redirect_is_followed(listener: Listener, answer: int, log: io.StringIO) -> None:
    listener.answers = [answer, answer]
    assert not Webhook(listener.url("/hooks/secret")).say(SAID)
    assert not Heartbeat(listener.url("/hooks/secret")).beat()
    assert [each.path for each in listener.asked] == ["/hooks/secret", "/hooks/secret"]
    assert "event=webhook_failed name=mailbox-not-read" in log.getvalue()
    assert "event=heartbeat_failed" in log.getvalue()
    assert "secret" not in log.getvalue()
    assert str(listener.port) not in log.getvalue()


@pytest.mark.parametrize("answer", [200, 202, 204])
def test_every_kind_of_taken_counts(listener: Listener, answer: int) -> None:
    listener.answers = [answer]
    assert Webhook(listener.url()).say(SAID)


def test_no_server_is_no_error(log: io.StringIO) -> None:
    (port,) = free_ports(1)
    assert not Webhook(f"http://127.0.0.1:{port}/hooks/secret").say(SAID)
    assert "ConnectionRefusedError" in log.getvalue()
    assert "secret" not in log.getvalue()


@pytest.mark.parametrize("url", ["http://127.0.0.1/\x00", "http:///x"])
def test_an_address_that_cannot_be_called_is_no_error(url: str) -> None:
    assert not Heartbeat(url).beat()


def test_https_is_spoken_where_the_address_says_so(listener: Listener, log: io.StringIO) -> None:
    assert not Webhook(listener.url("/").replace("http:", "https:")).say(SAID)
    assert listener.asked == []
    assert "SSL" in log.getvalue()


def test_a_server_that_drips_is_given_up_and_not_called_twice_at_once(listener: Listener) -> None:
    listener.answers = [DRIP]
    courier = Courier(listener.url(), seconds=0.05)
    assert courier.call("GET") == "TimeoutError"
    assert courier.call("GET") == "the call before has not ended"
    listener.wait_for(lambda: listener.asked)
    listener.let_go.set()
    for thread in [each for each in threading.enumerate() if each.name == "courier"]:
        thread.join(30)
    assert Courier(listener.url()).call("GET") == 200
    assert len(listener.asked) == 2
