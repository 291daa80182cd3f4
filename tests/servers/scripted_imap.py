"""An IMAP server that says what a test tells it to: for what real servers do, but this machine's Dovecot does not."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import Enum

from helpdesk.model.policy import Security, ServerLogin


class Do(Enum):
    """What stands among the lines of an answer where the server does something else than to speak."""

    CLOSE = "end the connection"
    HANG = "say nothing more, and keep the connection"
    AWAIT_DONE = "wait for the client's DONE"


# A call is made by the server when all before it is sent.
Step = str | bytes | Do | Callable[[], None]

SELECTED = ("* 3 EXISTS", "* OK [UIDVALIDITY 7] valid", "* OK [UIDNEXT 4] next", "{tag} OK [READ-WRITE] selected")


@dataclass(slots=True)
class ScriptedImap:
    """A running server. An answer is its lines, with {tag} for the command's tag; bytes go out as they are.

    `once` answers the next command that begins so, `always` every one after that; all else gets a bare OK.
    """

    port: int = 0
    commands: list[str] = field(default_factory=list)
    connections: int = 0
    _always: dict[str, tuple[Step, ...]] = field(default_factory=dict)
    _once: list[tuple[str, tuple[Step, ...]]] = field(default_factory=list)
    _released: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.capabilities("IDLE")
        self.always("SELECT", *SELECTED)
        self.always("EXAMINE", *SELECTED)
        self.always("LOGOUT", "* BYE until next time", "{tag} OK done", Do.CLOSE)

    def capabilities(self, *names: str) -> None:
        self.always("CAPABILITY", " ".join(("* CAPABILITY IMAP4rev1", *names)), "{tag} OK done")

    def always(self, begins: str, *answer: Step) -> None:
        self._always[begins] = answer

    def once(self, begins: str, *answer: Step) -> None:
        self._once.append((begins, answer))

    def login(self, *, timeout: float = 20.0, security: Security = Security.NONE) -> ServerLogin:
        return ServerLogin("localhost", self.port, security, "desk", "secret", "", timeout)

    def serve(self, connection: socket.socket) -> None:
        """Talk to one client until it, or the script, ends the connection."""
        with connection, connection.makefile("rb") as lines, contextlib.suppress(OSError):
            if not self._say(connection, lines, "", self._answer("greeting", ("* OK ready",))):
                return
            for line in lines:
                tag, _, command = line.decode().strip().partition(" ")
                self.commands.append(command)
                if not self._say(connection, lines, tag, self._answer(command, ("{tag} OK done",))):
                    return

    def release(self) -> None:
        """End what hangs."""
        self._released.set()

    def _answer(self, command: str, otherwise: tuple[Step, ...]) -> tuple[Step, ...]:
        for entry in self._once:
            if command.startswith(entry[0]):
                self._once.remove(entry)
                return entry[1]
        fitting = [begins for begins in self._always if command.startswith(begins)]
        return self._always[max(fitting, key=len)] if fitting else otherwise

    def _say(self, connection: socket.socket, lines: Iterator[bytes], tag: str, steps: tuple[Step, ...]) -> bool:
        """Send an answer; False when it ends the connection."""
        waiting = b""
        for step in steps:
            if not isinstance(step, str | bytes):
                # Lines up to here go out in one packet, so that they are read together.
                connection.sendall(waiting)
                waiting = b""
            match step:
                case Do.CLOSE:
                    return False
                case Do.HANG:
                    self._released.wait(30)
                    return False
                case Do.AWAIT_DONE:
                    done = next(lines, b"")
                    if not done:
                        return False
                    self.commands.append(done.decode().strip())
                case bytes():
                    waiting += step
                case str():
                    waiting += step.replace("{tag}", tag).encode() + b"\r\n"
                case _:
                    step()
        connection.sendall(waiting)
        return True


@contextlib.contextmanager
def running_script() -> Iterator[ScriptedImap]:
    """A scripted server on a free port, ended at the end with all its connections."""
    script = ScriptedImap()
    threads: list[threading.Thread] = []
    open_connections: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        script.port = listener.getsockname()[1]

        def accept() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                script.connections += 1
                open_connections.append(connection)
                threads.append(threading.Thread(target=script.serve, args=[connection], daemon=True))
                threads[-1].start()

        accepting = threading.Thread(target=accept, daemon=True)
        accepting.start()
        try:
            yield script
        finally:
            script.release()
            listener.shutdown(socket.SHUT_RDWR)
            accepting.join()
            for connection in open_connections:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
            for thread in threads:
                thread.join()
