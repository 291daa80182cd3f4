"""A mail server that lives in this process: SMTP that delivers, IMAP, and a page that shows each mailbox (mail-devel).

Everything is in memory and listens on loopback only. It is for the demo and for tests: it must never see real mail.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import threading
import warnings
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from proxyprotocol.reader import ProxyProtocolReader

with warnings.catch_warnings():
    # passlib, which pymap hashes passwords with, still looks for the `crypt` that Python 3.13 no longer has.
    warnings.filterwarnings("ignore", "'crypt' is deprecated", DeprecationWarning)
    from mail_devel.service import Service  # type: ignore[import-untyped]
    from pymap.backend.dict.mailbox import MailboxData, MailboxSet
    from pymap.imap import IMAPServer
    from pymap.selected import SelectedMailbox

LOOPBACK = "127.0.0.1"
# What they log names senders and recipients.
_TALKATIVE = ("aiohttp", "asyncio", "mail.log", "mail_devel", "pymap")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class MailServers:
    """Where the embedded servers listen; one password opens every mailbox."""

    imap_port: int
    smtp_port: int
    page_port: int
    password: str = field(repr=False)

    @property
    def page(self) -> str:
        """What to open in a browser to see each mailbox."""
        return f"http://{LOOPBACK}:{self.page_port}/"


@contextmanager
def mail_servers(address: str) -> Iterator[MailServers]:
    """Run the servers in a thread until the end of the block, with an empty mailbox for `address`.

    Other mailboxes come into being with the first mail to them. Mail is delivered by To and Cc, whatever its envelope.
    """
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="mail-servers")
    thread.start()
    password = secrets.token_hex(6)
    try:
        listening = _call(loop, _listen(address, password))
        try:
            yield MailServers(listening.imap_port, listening.smtp_port, listening.page_port, password)
        finally:
            _call(loop, listening.close())
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()


def _call(loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run_coroutine_threadsafe(work, loop).result()


@dataclass(frozen=True, slots=True)
class _Listening:
    imap: asyncio.Server
    smtp: asyncio.Server
    page: Any

    @property
    def imap_port(self) -> int:
        return _port(self.imap)

    @property
    def smtp_port(self) -> int:
        return _port(self.smtp)

    @property
    def page_port(self) -> int:
        return int(self.page.addresses[0][1])

    async def close(self) -> None:
        self.imap.close()
        self.smtp.close()
        # Before the page is closed: it would wait a minute for a browser that is looking at it.
        connections = asyncio.all_tasks() - {asyncio.current_task()}
        for task in connections:
            task.cancel()
        await asyncio.gather(*connections, return_exceptions=True)
        await self.page.cleanup()


def _port(server: asyncio.Server) -> int:
    return int(server.sockets[0].getsockname()[1])


async def _listen(address: str, password: str) -> _Listening:
    nowhere = ("--imap-port", "0", "--smtp-port", "0", "--http-port", "0")
    options = Service.parse(["--host", LOOPBACK, "--user", address, "--password", password, "--multi-user", *nowhere])
    service = await Service.init(options)
    # Service.start would run SMTP in an event loop of its own, where a new mail can't wake an IDLE in this one.
    service.smtp.loop.close()
    # The environment's MAIL_ALIAS has no say here.
    service.mailboxes.aliases.clear()
    service.config.set_cache[address] = (_PunctualMailboxes(), service.filter_set)
    # Without a name of its own it would ask the network for this machine's, at each connection.
    service.smtp.SMTP_kwargs["hostname"] = "localhost"
    imap = ProxyProtocolReader(service.config.proxy_protocol).get_callback(IMAPServer(service.login, service.config))
    return _Listening(
        imap=await asyncio.start_server(imap, LOOPBACK, 0),
        smtp=await asyncio.get_running_loop().create_server(service.smtp.factory, LOOPBACK, 0),
        page=await service.frontend.start(),
    )


class _PunctualInbox(MailboxData):
    """pymap's IDLE waits for the next change, and does not tell of mail that came after the last command before it."""

    async def update_selected(self, selected: SelectedMailbox, *, wait_on: Any = None) -> SelectedMailbox:
        known = selected.mod_sequence
        selected = await super().update_selected(selected)
        if wait_on is None or selected.mod_sequence != known:
            return selected
        return await super().update_selected(selected, wait_on=wait_on)


class _PunctualMailboxes(MailboxSet):
    def __init__(self) -> None:
        super().__init__()
        self._inbox = _PunctualInbox(self._content_cache, self._thread_cache)
