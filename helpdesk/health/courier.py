"""Calls the two addresses that the operator gave: a webhook, for a person to hear of alarms, and a heartbeat.

Each call has its time and is then given up. No redirect is followed, since it could lead anywhere. The addresses are
secrets: they stand in no log and no exception.
"""

from __future__ import annotations

import http.client
import json
import threading
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit

from helpdesk.errors import place_of
from helpdesk.log import Log
from helpdesk.model.health import Announcement

SECONDS = 10.0

_JSON = {"Content-Type": "application/json; charset=utf-8"}


@dataclass(frozen=True, slots=True)
class _Request:
    """What is asked of the address."""

    method: str
    body: bytes | None = None


@dataclass(slots=True)
class _Call:
    """One call that is under way in a thread of its own; `answer` is the status, or what went wrong."""

    url: SplitResult = field(repr=False)
    request: _Request
    answer: int | str = "TimeoutError"

    def run(self) -> None:
        try:
            self.answer = self._ask()
        # ValueError: an address that http.client can't put on the wire.
        except (OSError, http.client.HTTPException, ValueError) as error:
            self.answer = place_of(error)

    def _ask(self) -> int:
        kind = http.client.HTTPSConnection if self.url.scheme == "https" else http.client.HTTPConnection
        connection = kind(self.url.hostname or "", self.url.port, timeout=SECONDS)
        try:
            path = f"{self.url.path or '/'}{'?' if self.url.query else ''}{self.url.query}"
            headers = _JSON if self.request.body else {}
            connection.request(self.request.method, path, self.request.body, {**headers, "User-Agent": "helpdesk"})
            return connection.getresponse().status
        finally:
            connection.close()


class Courier:
    """Calls one address, one call at a time, and waits no longer than `seconds` for the answer."""

    def __init__(self, url: str, seconds: float = SECONDS) -> None:
        self._url = urlsplit(url)
        self._seconds = seconds
        self._thread: threading.Thread | None = None

    def call(self, method: str, body: bytes | None = None) -> int | str:
        """The status of the answer; in place of one, what went wrong, without the address."""
        if self._thread is not None and self._thread.is_alive():
            return "the call before has not ended"
        call = _Call(self._url, _Request(method, body))
        # A thread that may be left behind: names are looked up, and answers dripped, in nobody's time but their own.
        self._thread = threading.Thread(target=call.run, name="courier", daemon=True)
        self._thread.start()
        self._thread.join(self._seconds)
        return call.answer


def _went_well(answer: int | str) -> bool:
    return isinstance(answer, int) and 200 <= answer < 300


class Webhook:
    """Posts announcements as JSON. `text` is what Slack, Mattermost, Teams and their like show; the rest is for programs."""

    def __init__(self, url: str, seconds: float = SECONDS) -> None:
        self._courier = Courier(url, seconds)
        self._log = Log()

    def say(self, announcement: Announcement) -> bool:
        """Whether it was taken."""
        content = {
            "text": announcement.text,
            "name": announcement.name,
            "state": announcement.state.value,
            "since": announcement.since.isoformat(timespec="seconds"),
        }
        answer = self._courier.call("POST", json.dumps(content).encode())
        if not _went_well(answer):
            self._log.warning("webhook_failed", name=announcement.name, answer=answer)
        return _went_well(answer)


class Heartbeat:
    """Gets an address again and again as long as all is well, so that somebody else notices when it stops."""

    def __init__(self, url: str, seconds: float = SECONDS) -> None:
        self._courier = Courier(url, seconds)
        self._log = Log()

    def beat(self) -> bool:
        """Whether it was heard."""
        answer = self._courier.call("GET")
        if not _went_well(answer):
            self._log.warning("heartbeat_failed", answer=answer)
        return _went_well(answer)
