"""A gate before a server: it closes, resets, goes silent, slows down, and acts on single lines of the protocol.

Where it has a certificate it ends TLS itself, so that it reads the lines of both sides, and the server behind speaks plainly.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
import ssl
import struct
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass, field
from enum import Enum, StrEnum

from tests.servers.certificates import Certificate
from tests.servers.loops import running_loop
from tests.servers.ports import free_ports

# A line may be a whole message without a line break.
_LONGEST_LINE = 64 * 1024 * 1024
_PIECE = 16


class Side(StrEnum):
    """Who said the line."""

    CLIENT = "client"
    SERVER = "server"


class Do(Enum):
    """What becomes of a connection at a line."""

    DROP = "the line is lost, and the connection ends"
    RESET = "the line is lost, and the connection is reset"
    HUSH = "the line is lost, and so is everything after it, while the connection stays"
    LOSE_REPLY = "the line arrives, its answer is lost, and the connection ends"


@dataclass(frozen=True, slots=True)
class Answer:
    """The line is not passed on; the client gets this, with {tag} for the tag of the command, and `ends` its connection."""

    text: str
    ends: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """The line arrives, and of what follows only so many bytes; then the connection ends."""

    size: int


# A call is made before the line is passed on; None only counts.
Act = Do | Answer | Part | Callable[[], None] | None


@dataclass(slots=True)
class Rule:
    """Acts on lines of one side that fit, so many `times` (None: as long as the rule stands); `met` counts."""

    side: Side
    fits: re.Pattern[bytes]
    act: Act
    times: int | None = 1
    met: int = 0


@dataclass(slots=True)
class Gate:
    """A running gate. `connections` counts those made; `swallowed` the bytes that were lost in silence.

    `hushed`: connections stay, and nothing passes; one that lost something stays silent for good. `pace`: seconds for each
    16 bytes. `lines` False passes bytes on as they come, for protocols that have no lines; rules then mean nothing.
    """

    target: int
    port: int
    loop: asyncio.AbstractEventLoop = field(repr=False)
    certificate: Certificate | None = None
    lines: bool = True
    rules: list[Rule] = field(default_factory=list)
    hushed: bool = False
    pace: float = 0.0
    connections: int = 0
    swallowed: int = 0
    _server: asyncio.Server | None = None
    _links: set[_Link] = field(default_factory=set, repr=False)

    def open(self) -> None:
        """Listen, on the same port as ever."""
        if self._server is None:
            self._run(self._open())

    def close(self, *, reset: bool = False) -> None:
        """Refuse connections from now on, and end those that are open."""
        self._run(self._close())
        self.cut(reset=reset)

    def cut(self, *, reset: bool = False) -> None:
        """End every open connection; new ones are welcome."""
        self._run(self._cut(reset=reset))

    def say(self, line: bytes) -> None:
        """Have the server say a line to every client, out of turn, and end the connection."""
        self._run(self._say(line))

    def add(self, side: Side, fits: str, act: Act, times: int | None = 1) -> Rule:
        """A rule that goes before those that stand already; the first that fits a line acts alone."""
        rule = Rule(side, re.compile(fits.encode(), re.IGNORECASE), act, times)
        self.rules.insert(0, rule)
        return rule

    def fitting(self, side: Side, line: bytes) -> Rule | None:
        """The first rule that acts on this line; it counts as met."""
        for rule in self.rules:
            if rule.side is side and (rule.times is None or rule.met < rule.times) and rule.fits.search(line):
                rule.met += 1
                return rule
        return None

    @property
    def open_connections(self) -> int:
        return len(self._links)

    def _run(self, work: Coroutine[object, object, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self.loop).result(30)

    async def _open(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port, limit=_LONGEST_LINE)

    async def _close(self) -> None:
        if self._server is not None:
            self._server.close()
        self._server = None

    async def _cut(self, *, reset: bool) -> None:
        for link in tuple(self._links):
            link.end(reset=reset)

    async def _say(self, line: bytes) -> None:
        for link in tuple(self._links):
            link.client.write(line)
            link.end()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        link = _Link(self, reader, writer)
        self._links.add(link)
        try:
            await link.run()
        except (OSError, asyncio.IncompleteReadError):
            # Whichever end went away, the other is told below.
            pass
        finally:
            link.end()
            self._links.discard(link)


class _Link:
    """One connection through a gate."""

    def __init__(self, gate: Gate, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._gate = gate
        self._from_client = reader
        self.client = writer
        self._server: asyncio.StreamWriter | None = None
        self._hushed = False
        self._left: int | None = None
        self._loses_reply = False
        self._over = asyncio.Event()

    async def run(self) -> None:
        if self._gate.hushed:
            # A connection that the kernel took and nobody serves.
            self._hushed = True
            await self._over.wait()
            return
        if self._gate.certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self._gate.certificate.cert_file, self._gate.certificate.key_file)
            await self.client.start_tls(context)
        from_server, self._server = await asyncio.open_connection("127.0.0.1", self._gate.target, limit=_LONGEST_LINE)
        ways = [
            asyncio.create_task(self._carry(self._from_client, self._server, Side.CLIENT)),
            asyncio.create_task(self._carry(from_server, self.client, Side.SERVER)),
            asyncio.create_task(self._over.wait()),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)

    def end(self, *, reset: bool = False) -> None:
        """Close both ends: in good order, or with a reset."""
        for end in (self.client, self._server):
            if end is None:
                continue
            if reset:
                _linger_none(end)
                end.transport.abort()
            end.close()
        self._over.set()

    async def _carry(self, source: asyncio.StreamReader, target: asyncio.StreamWriter, side: Side) -> None:
        while data := await (source.readline() if self._gate.lines else source.read(65536)):
            self._hushed = self._hushed or self._gate.hushed
            if self._hushed:
                self._gate.swallowed += len(data)
                continue
            if self._loses_reply and side is Side.SERVER:
                return
            rule = self._gate.fitting(side, data) if self._gate.lines else None
            if rule is None or await self._goes_on(rule.act, data):
                await self._pass_on(data, target, side)
            if self._over.is_set() or self._left == 0:
                return

    async def _goes_on(self, act: Act, line: bytes) -> bool:
        """Do what a rule says; whether the line is passed on all the same."""
        match act:
            case Do.DROP | Do.RESET:
                self.end(reset=act is Do.RESET)
                return False
            case Do.HUSH:
                self._hushed = True
                return False
            case Do.LOSE_REPLY:
                self._loses_reply = True
            case Part(size):
                self._left = len(line) + size
            case Answer(text, ends):
                tag = line.split(b" ", 1)[0].decode()
                self.client.write(text.replace("{tag}", tag).encode() + b"\r\n")
                if ends:
                    self.end()
                return False
            case None:
                pass
            case call:
                await asyncio.get_running_loop().run_in_executor(None, call)
        return True

    async def _pass_on(self, data: bytes, target: asyncio.StreamWriter, side: Side) -> None:
        if side is Side.SERVER and self._left is not None:
            data = data[: self._left]
            self._left -= len(data)
        if not self._gate.pace:
            target.write(data)
            await target.drain()
            return
        for start in range(0, len(data), _PIECE):
            target.write(data[start : start + _PIECE])
            await target.drain()
            # The pace of the moment: when the line is quick again, what is under way is too.
            await asyncio.sleep(self._gate.pace)


def _linger_none(end: asyncio.StreamWriter) -> None:
    sock = end.get_extra_info("socket")
    if sock is not None:
        # SO_LINGER with no time to linger makes close send RST.
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


@contextlib.contextmanager
def running_gate(target: int, *, certificate: Certificate | None = None, lines: bool = True) -> Iterator[Gate]:
    """A gate before the server at this port of loopback, ended at the end with all its connections."""
    with running_loop(f"gate-{target}") as loop:
        gate = Gate(target, free_ports(1)[0], loop, certificate, lines)
        gate.open()
        try:
            yield gate
        finally:
            gate.close()
            asyncio.run_coroutine_threadsafe(_ended(), loop).result(30)
            asyncio.run_coroutine_threadsafe(loop.shutdown_default_executor(), loop).result(30)


async def _ended() -> None:
    """Wait until every connection's task is over, and what a closed transport has still to do is done."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    for _ in range(5):
        await asyncio.sleep(0)
