"""Free ports on loopback, and waiting for a server to listen on one."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Callable

PATIENCE = 10.0


def free_ports(count: int) -> list[int]:
    """Ports on 127.0.0.1 that nobody listens on now."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for sock in sockets:
            sock.bind(("127.0.0.1", 0))
        return [sock.getsockname()[1] for sock in sockets]


def await_listener(port: int, is_alive: Callable[[], bool]) -> bool:
    """Whether something came to listen on the port, while the process that should do so was alive."""
    gives_up_at = time.monotonic() + PATIENCE
    while time.monotonic() < gives_up_at and is_alive():
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
        time.sleep(0.005)
    return False
