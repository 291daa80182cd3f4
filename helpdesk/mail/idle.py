"""Waiting for new mail with IDLE (RFC 2177), losing no wake-up and trusting no dead connection.

This is the only module that touches what imapclient keeps private (`_imap`), since its own `idle_check` looks at the
socket alone: a line that was read together with an earlier one waits in a buffer and is never seen. It must not
search, fetch or mark.
"""

from __future__ import annotations

import re
import selectors
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from imapclient import IMAPClient  # type: ignore[import-untyped]

# NAT and firewalls forget a silent connection, some within a minute; RFC 2177 asks for 29 minutes at most.
RENEW_AFTER = 45.0
# A server answers IDLE and DONE at once; one that does not is gone. Together with the above this is under a minute.
ANSWER_WITHIN = 10.0

_ARRIVAL = re.compile(rb"\* \d+ EXISTS\b", re.IGNORECASE)
_BYE = re.compile(rb"\* BYE\b", re.IGNORECASE)


class Bell:
    """Wakes the thread that waits, from any other; a ring before the wait begins ends it at once."""

    def __init__(self) -> None:
        self._ear, self._hammer = socket.socketpair()
        self._ear.setblocking(False)
        self._hammer.setblocking(False)

    def ring(self) -> None:
        # A full buffer rings already, and a closed bell has nobody to wake.
        with suppress(OSError):
            self._hammer.send(b"!")

    def silence(self) -> bool:
        """Whether it rang since it was last silenced."""
        try:
            return bool(self._ear.recv(4096))
        except BlockingIOError:
            return False

    def wait(self, seconds: float) -> None:
        """Wait for a ring, and silence it."""
        with selectors.DefaultSelector() as selector:
            selector.register(self._ear, selectors.EVENT_READ)
            selector.select(seconds)
        self.silence()

    def fileno(self) -> int:
        return self._ear.fileno()

    @property
    def closed(self) -> bool:
        return self._ear.fileno() < 0

    def close(self) -> None:
        self._ear.close()
        self._hammer.close()


def quieten(client: IMAPClient) -> None:
    """Stop imaplib from making a debug text of all that passes: `repr` of a 60 MB mail takes longer than the mail."""
    client._imap.debug = 0


def wait_for_mail(client: IMAPClient, seconds: float, bell: Bell) -> bool:
    """IDLE until the server tells of new mail (True), or `seconds` have passed or the bell rang (False).

    Raises what imapclient raises, and OSError, when the connection is dead; it can't be used any more then.
    """
    ends_at = time.monotonic() + seconds
    told = _take_arrivals(client)
    while not told and not bell.silence():
        left = ends_at - time.monotonic()
        if left <= 0:
            return False
        tag = _begin(client)
        told = _take_arrivals(client) or _listen(client, min(left, RENEW_AFTER), bell)
        _end(client, tag)
        told = _take_arrivals(client) or told
    return told


def _begin(client: IMAPClient) -> bytes:
    """Send IDLE and read up to the "+"; imapclient's `idle` takes a change that is told before it for an error."""
    with _answered_soon(client):
        tag: bytes = client._imap._command("IDLE")
        while (line := client._imap._get_response()) is not None:
            if line.startswith(tag):
                raise IMAPClient.Error(f"IDLE refused: {line.decode('utf-8', 'replace')}")
    return tag


def _end(client: IMAPClient, tag: bytes) -> None:
    with _answered_soon(client):
        client._imap.send(b"DONE\r\n")
        client._imap._command_complete("IDLE", tag)


@contextmanager
def _answered_soon(client: IMAPClient) -> Iterator[None]:
    """Less patience than a command that gives the server work: a dead connection is to be noticed within a minute."""
    timeout = client.socket().gettimeout()
    client.socket().settimeout(min(timeout or ANSWER_WITHIN, ANSWER_WITHIN))
    yield
    client.socket().settimeout(timeout)


def _listen(client: IMAPClient, seconds: float, bell: Bell) -> bool:
    """Whether new mail was told of within `seconds`; False at once when the bell rings, which goes on ringing."""
    ends_at = time.monotonic() + seconds
    with selectors.DefaultSelector() as selector:
        selector.register(client.socket(), selectors.EVENT_READ)
        selector.register(bell, selectors.EVENT_READ)
        # What came along with the "+" is in our buffers already, where waiting for the socket does not find it.
        lines = _lines_that_came(client, readable=False)
        while not any(_tells_of_mail(line) for line in lines):
            ready = [key.fileobj for key, _ in selector.select(max(0.0, ends_at - time.monotonic()))]
            if bell in ready or not ready:
                return False
            lines = _lines_that_came(client, readable=True)
    return True


def _lines_that_came(client: IMAPClient, *, readable: bool) -> list[bytes]:
    """The lines that can be read without waiting. `readable` says that the socket has something: a line, or its end."""
    lines: list[bytes] = []
    timeout = client.socket().gettimeout()
    client.socket().setblocking(False)
    try:
        while True:
            lines.append(client._imap._get_line())
            # Enough: a line behind it may have come only in part, and is read whole with the answer to DONE.
            if _ARRIVAL.match(lines[-1]):
                return lines
    except (BlockingIOError, ssl.SSLWantReadError):
        return lines
    except IMAPClient.AbortError as error:
        # Without TLS, "nothing now" and "never again" look the same: the end is where a readable socket has no line.
        if "EOF" not in str(error) or (readable and not lines):
            raise
        return lines
    finally:
        client.socket().settimeout(timeout)


def _tells_of_mail(line: bytes) -> bool:
    if _BYE.match(line):
        raise IMAPClient.AbortError(line.decode("utf-8", "replace"))
    # The second half of a line, whose first half was lost when it came alone, may have told of mail.
    return bool(_ARRIVAL.match(line)) or not line.startswith(b"* ")


def _take_arrivals(client: IMAPClient) -> bool:
    """Whether answers to earlier commands told of mail: a server says so once, and IDLE does not repeat it.

    SELECT starts the record anew with its own count. Which came first, an EXISTS or an EXPUNGE, is not known any more:
    a needless poll is the better mistake.
    """
    told = client._imap.untagged_responses
    counts = [int(count) for count in told.get("EXISTS", ())]
    expunged = len(told.pop("EXPUNGE", ()))
    if not counts:
        return False
    told["EXISTS"] = [b"%d" % max(0, counts[-1] - expunged)]
    return max(counts[1:], default=0) > counts[0] - expunged
