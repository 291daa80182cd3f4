"""Tells systemd that the worker is ready, alive, or ending: the protocol of sd_notify(3), which is a datagram to a socket.

Our own, since the packages for it are unmaintained or bind to a C library, and it is twenty lines. It never raises, and
is silent where nobody listens.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

_NO_WATCHDOG = 0.0


@dataclass(frozen=True, slots=True)
class Systemd:
    """`address` is the socket of the service manager, empty where there is none.

    `watchdog` is within how many seconds it wants to hear from us; 0 when it does not.
    """

    address: str = ""
    watchdog: float = _NO_WATCHDOG

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> Systemd:
        """What the service manager has put into our environment."""
        return cls(environ.get("NOTIFY_SOCKET", ""), _watchdog(environ))

    def ready(self) -> None:
        """The worker works; only from now on the watchdog counts."""
        self._notify("READY=1")

    def alive(self) -> None:
        """Every part of the worker has moved in its time."""
        if self.watchdog:
            self._notify("WATCHDOG=1")

    def stopping(self) -> None:
        """The worker was told to end, and finishes what it has begun."""
        self._notify("STOPPING=1")

    def _notify(self, state: str) -> None:
        if not self.address:
            return
        # "@" stands for the null byte that begins the name of an abstract socket (unix(7)).
        address = f"\0{self.address[1:]}" if self.address.startswith("@") else self.address
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sock:
            # A manager that does not read must not hold us up.
            sock.setblocking(False)
            sock.sendto(state.encode(), address)


def _watchdog(environ: Mapping[str, str]) -> float:
    """sd_watchdog_enabled(3): a time in microseconds, and whose it is, where that is said."""
    microseconds, pid = environ.get("WATCHDOG_USEC", ""), environ.get("WATCHDOG_PID", str(os.getpid()))
    if not microseconds.isdecimal() or pid != str(os.getpid()):
        return _NO_WATCHDOG
    return int(microseconds) / 1_000_000
