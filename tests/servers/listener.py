"""An HTTP server of a test's own, that keeps what it was asked and answers what it is told: webhook, heartbeat, trap."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# Answers that are none: a connection that ends, and one that says a byte now and then, until it is let go.
DROP = 0
DRIP = -1


@dataclass(frozen=True, slots=True)
class Asked:
    """One request."""

    method: str
    path: str
    content_type: str
    body: bytes

    def json(self) -> dict[str, str]:
        value = json.loads(self.body)
        assert isinstance(value, dict)
        return value


@dataclass
class Listener:
    """`answers` are given in turn, after them 200."""

    port: int = 0
    asked: list[Asked] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    arrival: threading.Condition = field(default_factory=threading.Condition)
    let_go: threading.Event = field(default_factory=threading.Event)

    def url(self, path: str = "/") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def posts(self) -> list[dict[str, str]]:
        return [each.json() for each in self.asked if each.method == "POST"]

    def wait_for(self, happened: Callable[[], object], seconds: float = 60) -> None:
        """Wait until what was asked makes `happened` true; it is looked at after each request."""
        with self.arrival:
            assert self.arrival.wait_for(happened, seconds), f"it did not happen within {seconds} seconds"


class _Handler(BaseHTTPRequestHandler):
    listener: Listener

    def _take(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        with self.listener.arrival:
            answer = self.listener.answers.pop(0) if self.listener.answers else 200
            self.listener.asked.append(Asked(self.command, self.path, self.headers.get("Content-Type", ""), body))
            self.listener.arrival.notify_all()
        if answer == DRIP:
            self._drip()
        if answer <= 0:
            self.close_connection = True
            return
        self.send_response(answer)
        if answer in (301, 302, 307):
            self.send_header("Location", self.listener.url("/elsewhere"))
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_POST = _take

    def _drip(self) -> None:
        with contextlib.suppress(OSError):
            while not self.listener.let_go.wait(0.01):
                self.wfile.write(b"H")

    def log_message(self, format: str, *arguments: object) -> None:
        pass


@contextlib.contextmanager
def listening() -> Iterator[Listener]:
    listener = Listener()
    handler = type("Handler", (_Handler,), {"listener": listener})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    listener.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, name="listener", daemon=True)
    thread.start()
    try:
        yield listener
    finally:
        listener.let_go.set()
        server.shutdown()
        server.server_close()
        thread.join()


@contextlib.contextmanager
def datagrams(address: str) -> Iterator[Callable[[], str]]:
    """A datagram socket as a service manager has one; gives a function that waits for the next datagram."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.bind(f"\0{address[1:]}" if address.startswith("@") else address)
        sock.settimeout(60)
        yield lambda: sock.recv(4096).decode()
