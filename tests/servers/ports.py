"""Free ports on loopback, and waiting for a server to listen on one.

The ports are none that the kernel gives away: a port that a test finds free, or closes for a while, could be taken by any
connection that another process makes meanwhile. Processes that test at the same time draw from different ones.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import random
import socket
import time
from collections.abc import Callable, Iterator
from functools import cache

PATIENCE = 10.0
# Below what Linux gives away unless told otherwise (net.ipv4.ip_local_port_range), above what services have.
FIRST, END, SLICE = 12_000, 32_000, 400


def free_ports(count: int) -> list[int]:
    """Ports on 127.0.0.1 that nobody listens on now, and that are not drawn again for a while."""
    return list(itertools.islice(filter(_is_free, _ours(os.getpid())), count))


def await_listener(port: int, is_alive: Callable[[], bool]) -> bool:
    """Whether something came to listen on the port, while the process that should do so was alive."""
    gives_up_at = time.monotonic() + PATIENCE
    while time.monotonic() < gives_up_at and is_alive():
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
        time.sleep(0.005)
    return False


@cache
def _ours(_process: int) -> Iterator[int]:
    """The ports of this process, in turn and without end.

    It holds the first of them as long as it lives, which shows every other process that these are taken.
    """
    slices = list(range(FIRST, END, SLICE))
    # Not the chance that a test seeds: all processes of a run have the same seed.
    random.SystemRandom().shuffle(slices)
    for first in slices:
        if _hold(first):
            return itertools.cycle(range(first + 1, first + SLICE))
    raise RuntimeError(f"No ports are left between {FIRST} and {END}: too many tests run on this machine.")


def _hold(port: int) -> bool:
    holder = socket.socket()
    try:
        holder.bind(("127.0.0.1", port))
    except OSError:
        holder.close()
        return False
    # Nobody closes it but the end of the process, which must not be taken for a socket that was forgotten.
    holder.detach()
    return True


def _is_free(port: int) -> bool:
    with socket.socket() as sock:
        try:
            sock.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
