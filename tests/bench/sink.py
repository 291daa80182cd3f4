"""The fastest SMTP server that takes everything and keeps nothing, in a process of its own; prints its port."""

from __future__ import annotations

import asyncio
import sys

_REPLIES = {b"EHLO": b"250-sink\r\n250 8BITMIME\r\n", b"DATA": b"354 go on\r\n", b"QUIT": b"221 bye\r\n"}
_END = b"\r\n.\r\n"


class Sink(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport, self._buffer, self._in_content = transport, b"", False
        transport.write(b"220 sink\r\n")

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while self._take():
            pass

    def _take(self) -> bool:
        if self._in_content:
            _, end, rest = self._buffer.partition(_END)
            if not end:
                return False
            self._buffer, self._in_content = rest, False
            self._transport.write(b"250 taken\r\n")
            return True
        line, end, rest = self._buffer.partition(b"\r\n")
        if not end:
            return False
        self._buffer = rest
        verb = line[:4].upper()
        self._in_content = verb == b"DATA"
        self._transport.write(_REPLIES.get(verb, b"250 ok\r\n"))
        return True


async def main() -> None:
    server = await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", 0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    # It ends with the program that started it, which holds the other end of standard input.
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(main())
