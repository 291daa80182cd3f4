"""An SMTP server that keeps what it is sent, and answers as a test scripts it, step by step."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import ssl
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import AnyStr

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from helpdesk.model.policy import Security, ServerLogin
from tests.servers.certificates import Certificate
from tests.servers.loops import running_loop

USERNAME = "desk@example.org"
PASSWORD = "a-long-Passwörd"
ASCII_PASSWORD = "a-long-Password"

# What a step may be scripted to do instead of giving a reply.
DROP = "drop"  # end the connection
HANG = "hang"  # say nothing
LATE = "late"  # go well, after a while
DRIP = "drip"  # say something, byte by byte, without end

STEPS = ("CONNECT", "EHLO", "AUTH", "MAIL", "RCPT", "DATA", "CONTENT", "RSET")


@dataclass(frozen=True, slots=True)
class Caught:
    """A mail that was taken: the envelope as it was given, the content byte for byte."""

    sender: str
    recipients: tuple[str, ...]
    parameters: tuple[str, ...]
    content: bytes


@dataclass(slots=True)
class SmtpSink:
    """A running server. Put replies into `script[step]`: each is used once, then the step goes well again.

    Steps are STEPS, and STARTTLS. A reply is a line such as "450 4.2.0 greylisted", or DROP, HANG or DRIP.
    `always[step]` answers as long as it stands there, `refusals[address]` whenever that recipient is named; `refused`
    counts the replies of both.
    """

    port: int = 0
    script: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    always: dict[str, str] = field(default_factory=dict)
    refusals: dict[str, str] = field(default_factory=dict)
    refused: int = 0
    caught: list[Caught] = field(default_factory=list)
    connections: int = 0
    commands: list[str] = field(default_factory=list)
    security: Security = Security.NONE
    ca_file: str = ""
    transports: list[asyncio.BaseTransport] = field(default_factory=list)
    arrival: threading.Condition = field(default_factory=threading.Condition)

    def login(self, *, username: str = "", password: str = PASSWORD, timeout: float = 20.0) -> ServerLogin:
        """Settings with which the code under test reaches this server."""
        return ServerLogin("localhost", self.port, self.security, username, password, self.ca_file, timeout)

    def wait_for(self, happened: Callable[[], object], seconds: float = 60) -> None:
        """Wait until what was caught makes `happened` true; it is asked again after each mail that is taken."""
        with self.arrival:
            assert self.arrival.wait_for(happened, seconds), f"it did not happen within {seconds} seconds"

    def next_reply(self, step: str) -> str | None:
        replies = self.script[step]
        if replies:
            return replies.pop(0)
        reply = self.always.get(step)
        self.refused += reply is not None
        return reply

    def refusal_of(self, argument: str) -> str | None:
        """The reply to a RCPT command that names a recipient who is refused."""
        reply = next((reply for address, reply in self.refusals.items() if f"<{address}>" in argument), None)
        self.refused += reply is not None
        return reply

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        """The hook of aiosmtpd for content that has come in whole."""
        reply = self.next_reply("CONTENT")
        if reply == LATE:
            await asyncio.sleep(0.3)
            reply = None
        if reply is None or reply.startswith("2"):
            content = envelope.content or b""
            assert isinstance(content, bytes)
            parameters = tuple(envelope.mail_options)
            with self.arrival:
                self.caught.append(Caught(envelope.mail_from or "", tuple(envelope.rcpt_tos), parameters, content))
                self.arrival.notify_all()
        return reply or "250 2.0.0 taken"


class _ScriptedSmtp(SMTP):
    """aiosmtpd's server, asking the sink before each step whether a reply was scripted."""

    def __init__(self, sink: SmtpSink, **options: object) -> None:
        super().__init__(sink, hostname="sink.example.org", auth_require_tls=False, **options)  # type: ignore[arg-type]
        self._sink = sink
        self._greeted = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # STARTTLS makes the connection once more, over TLS.
        if self._tls_protocol is None:
            self._sink.connections += 1
        self._sink.transports.append(transport)
        super().connection_made(transport)

    async def push(self, status: AnyStr) -> None:
        text = status if isinstance(status, str) else status.decode()
        if not self._greeted:
            self._greeted = True
            text = self._sink.next_reply("CONNECT") or text
        if text == DROP:
            assert self.transport
            self.transport.close()
        elif text == DRIP:
            await self._drip()
        elif text != HANG:
            await super().push(text)
            # RFC 5321 section 4.2.3: 421 tells that the connection ends.
            if text.startswith("421") and self.transport:
                self.transport.close()

    async def _drip(self) -> None:
        while self.transport and not self.transport.is_closing():
            self._writer.write(b"2")
            with contextlib.suppress(ConnectionError):
                await self._writer.drain()
            await asyncio.sleep(0.01)

    async def _scripted(self, step: str, argument: str | None) -> bool:
        self._sink.commands.append(f"{step} {argument or ''}".strip())
        reply = self._sink.next_reply(step)
        if reply is not None:
            await self.push(reply)
        return reply is not None

    async def smtp_EHLO(self, arg: str) -> None:
        if not await self._scripted("EHLO", arg):
            await super().smtp_EHLO(arg)

    async def smtp_AUTH(self, arg: str) -> None:
        if not await self._scripted("AUTH", arg.split(" ", maxsplit=1)[0]):
            await super().smtp_AUTH(arg)

    async def smtp_STARTTLS(self, arg: str) -> None:
        if not await self._scripted("STARTTLS", arg):
            await super().smtp_STARTTLS(arg)

    async def smtp_MAIL(self, arg: str | None) -> None:
        if not await self._scripted("MAIL", arg):
            await super().smtp_MAIL(arg)

    async def smtp_HELO(self, arg: str) -> None:
        if not await self._scripted("EHLO", arg):
            await super().smtp_HELO(arg)

    async def smtp_RCPT(self, arg: str | None) -> None:
        if await self._scripted("RCPT", arg):
            return
        if reply := self._sink.refusal_of(arg or ""):
            await self.push(reply)
        else:
            await super().smtp_RCPT(arg)

    async def smtp_DATA(self, arg: str) -> None:
        if not await self._scripted("DATA", arg):
            await super().smtp_DATA(arg)

    async def smtp_RSET(self, arg: str) -> None:
        if not await self._scripted("RSET", arg):
            await super().smtp_RSET(arg)


@contextlib.contextmanager
def running_sink(
    *,
    security: Security = Security.NONE,
    certificate: Certificate | None = None,
    size_limit: int = 0,
    smtputf8: bool = True,
    mechanisms: tuple[str, ...] = ("PLAIN", "LOGIN"),
) -> Iterator[SmtpSink]:
    """A sink on a free port, ended at the end. TLS and STARTTLS need a certificate; size_limit 0 announces none."""
    # It warns of names of its own that it will change some day, and tells of every connection that ends early.
    logging.getLogger("mail.log").setLevel(logging.CRITICAL)
    sink = SmtpSink(security=security, ca_file=str(certificate.cert_file) if certificate else "")
    context = None
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate.cert_file, certificate.key_file)
    options: dict[str, object] = {
        "data_size_limit": size_limit or None,
        "enable_SMTPUTF8": smtputf8,
        "authenticator": _authenticate,
        "auth_exclude_mechanism": [name for name in ("PLAIN", "LOGIN") if name not in mechanisms],
        "tls_context": context if security is Security.STARTTLS else None,
    }
    implicit = context if security is Security.TLS else None
    with running_loop("smtp-sink") as loop:

        async def listen() -> asyncio.Server:
            return await loop.create_server(lambda: _ScriptedSmtp(sink, loop=loop, **options), "127.0.0.1", 0, ssl=implicit)

        server = asyncio.run_coroutine_threadsafe(listen(), loop).result()
        sink.port = server.sockets[0].getsockname()[1]
        try:
            yield sink
        finally:
            asyncio.run_coroutine_threadsafe(_end(server, sink), loop).result()


async def _end(server: asyncio.Server, sink: SmtpSink) -> None:
    """Close the server, its connections and whatever still works on one."""
    server.close()
    for transport in sink.transports:
        transport.close()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    for transport in sink.transports:
        if isinstance(transport, asyncio.WriteTransport):
            transport.abort()
    # What a closed transport has still to do, it does in the next rounds of the loop.
    for _ in range(5):
        await asyncio.sleep(0)


def _authenticate(_server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: object) -> AuthResult:
    known = {(USERNAME.encode(), password.encode()) for password in (PASSWORD, ASCII_PASSWORD)}
    return AuthResult(success=isinstance(data, LoginPassword) and (data.login, data.password) in known, handled=False)
