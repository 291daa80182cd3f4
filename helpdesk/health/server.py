"""Answers `/healthz` and `/metrics`, and nothing else. It asks no database: what it tells is what the worker last saw.

On loopback unless the operator names another address: the numbers are no secret, and nobody's business either.
"""

from __future__ import annotations

import json
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer

from helpdesk.errors import place_of
from helpdesk.health.metrics import CONTENT_TYPE, Metrics
from helpdesk.log import Log
from helpdesk.model.health import Figures, WatchPolicy

# A client that says nothing is hung up on after so many seconds, and one that comes to no end.
PATIENCE = 10.0
# So many are answered at once. Each takes a file and a thread from the worker, which needs them for mail.
AT_ONCE = 20

# What the library hands on as a request; with TCP it is always the first.
_Request = socket.socket | tuple[bytes, socket.socket]


@contextmanager
def answering(watch: WatchPolicy, figures: Callable[[], Figures]) -> Iterator[None]:
    """Answer as long as this lasts, where that is wanted. Mail does not wait for an address that can't be listened at."""
    try:
        server = HealthServer(watch.host, watch.port, figures) if watch.port else None
    except OSError as error:
        log = Log()
        log.warning("health_not_served", port=watch.port, place=place_of(error))
        sys.stderr.write(
            f"Nothing can listen at {watch.host}, port {watch.port} ({error.strerror or error}). Mail flows all the same; "
            "only /healthz and /metrics do not answer. Write another port or host under [watch] in helpdesk.toml, and "
            "restart the worker.\n"
        )
        server = None
    try:
        yield
    finally:
        if server is not None:
            server.close()


class HealthServer:
    """Listens from the start on, at any free port where it is 0; raises OSError.

    `figures` is asked at each request, in a thread of its own.
    """

    def __init__(self, host: str, port: int, figures: Callable[[], Figures]) -> None:
        self._server = _Server(host, port, figures)
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, name="health", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    # A request under way must not hold up the end of the worker.
    daemon_threads = True
    block_on_close = False

    def __init__(self, host: str, port: int, figures: Callable[[], Figures]) -> None:
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.figures = figures
        self.metrics = Metrics(figures)
        self.asking: dict[_Request, float] = {}
        super().__init__((host, port), _Handler)

    def server_bind(self) -> None:
        # HTTPServer would look up our name in the DNS, which may take long.
        TCPServer.server_bind(self)
        self.server_name, self.server_port = "helpdesk", self.server_address[1]

    def verify_request(self, request: _Request, client_address: object) -> bool:
        """Whether there is room for one more; who is turned away may ask again."""
        return len(self.asking) < AT_ONCE

    def process_request(self, request: _Request, client_address: object) -> None:
        self.asking[request] = time.monotonic()
        super().process_request(request, client_address)

    def shutdown_request(self, request: _Request) -> None:
        self.asking.pop(request, None)
        super().shutdown_request(request)

    def service_actions(self) -> None:
        """Called twice a second: hang up on whoever drips their question, or takes no answer."""
        late = time.monotonic() - PATIENCE
        for request, began in list(self.asking.items()):
            if began < late and isinstance(request, socket.socket):
                with suppress(OSError):
                    request.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away is no news; the library would print where it came from."""
        error = sys.exception()
        if error is not None and not isinstance(error, OSError):
            log = Log()
            log.warning("health_failed", place=place_of(error))


class _Handler(BaseHTTPRequestHandler):
    timeout = PATIENCE
    server: _Server

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path == "/healthz":
            alarms = self.server.figures().alarms
            status = HTTPStatus.SERVICE_UNAVAILABLE if alarms else HTTPStatus.OK
            content = {"status": "alarm", "alarms": list(alarms)} if alarms else {"status": "ok"}
            self._answer(status, "application/json", json.dumps(content).encode())
        elif path == "/metrics":
            self._answer(HTTPStatus.OK, CONTENT_TYPE, self.server.metrics.text())
        else:
            self._answer(HTTPStatus.NOT_FOUND, "text/plain", b"There is /healthz and /metrics.\n")

    do_HEAD = do_GET

    def version_string(self) -> str:
        return "helpdesk"

    def log_message(self, format: str, *arguments: object) -> None:
        """Nothing: a log of who asked is of no use, and holds addresses."""

    def _answer(self, status: HTTPStatus, content_type: str, content: bytes) -> None:
        # Whoever asked may be gone.
        with suppress(OSError):
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(content)))
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)
