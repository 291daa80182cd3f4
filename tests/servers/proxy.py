"""A wire between client and server that a test can cut after so many bytes."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(slots=True)
class Wire:
    """A running proxy; `cut_after` bytes from the server, counted from when it is set, the connection ends."""

    port: int = 0
    connections: int = 0
    cut_after: int | None = None

    def carry(self, source: socket.socket, target: socket.socket, *, from_server: bool) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if from_server and self.cut_after is not None:
                    data = data[: self.cut_after]
                    self.cut_after -= len(data)
                target.sendall(data)
                if from_server and self.cut_after == 0:
                    break
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def running_wire(server_port: int) -> Iterator[Wire]:
    """A proxy in front of a server on loopback, ended at the end with all its connections."""
    wire = Wire()
    threads: list[threading.Thread] = []
    ends: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        wire.port = listener.getsockname()[1]

        def accept() -> None:
            while True:
                try:
                    client, _ = listener.accept()
                except OSError:
                    return
                wire.connections += 1
                server = socket.create_connection(("127.0.0.1", server_port))
                ends.extend((client, server))
                for source, target, from_server in ((client, server, False), (server, client, True)):
                    thread = threading.Thread(
                        target=wire.carry, args=(source, target), kwargs={"from_server": from_server}, daemon=True
                    )
                    threads.append(thread)
                    thread.start()

        accepting = threading.Thread(target=accept, daemon=True)
        accepting.start()
        try:
            yield wire
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            accepting.join()
            for end in ends:
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
            for thread in threads:
                thread.join()
            for end in ends:
                end.close()
