"""How each fault is made: context managers that break something of a world, tell whether that was felt, and mend it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

from tests.reliability.authority import Authority
from tests.reliability.world import World, await_state
from tests.servers.gate import Act, Answer, Gate, Side

# How many mails come before, during and after a fault.
MAILS = 2

# Whether the worker has felt it.
Felt = Callable[[], object]
Strike = Callable[[World], AbstractContextManager[Felt]]

# The least that a log says of a fault that is felt.
POLL_FAILED, NOT_DELIVERED, PAUSED = "poll_failed", "not_delivered", "delivery_paused"

CONTENT_ENDS = r"^\.\r\n$"
LOGIN = r"^\S+ (LOGIN|AUTHENTICATE)\b"
IDLE = r"^\S+ IDLE\b"
FETCH = r"^\S+ UID FETCH .*BODY"
MOVE = r"^\S+ UID MOVE\b"


def more_of(world: World, *events: str, times: int = 1) -> Felt:
    """Felt when the worker's log names each of these events `times` times more than now."""
    before = {event: world.worker.said(event) for event in events}
    return lambda: all(world.worker.said(event) >= count + times for event, count in before.items())


@contextlib.contextmanager
def refused(world: World, gate: Gate, event: str, times: int = 1) -> Iterator[Felt]:
    gate.close()
    yield more_of(world, event, times=times)
    gate.open()


@contextlib.contextmanager
def silent(world: World, gate: Gate, event: str) -> Iterator[Felt]:
    gate.hushed = True
    yield more_of(world, event)
    gate.hushed = False


@contextlib.contextmanager
def slow(world: World, gate: Gate, line: str) -> Iterator[Felt]:
    """16 bytes at a time, 50 times a second, until at least one mail was begun with."""
    rule = gate.add(Side.CLIENT, line, None, times=None)
    gate.pace = 0.02
    yield lambda: rule.met
    gate.pace = 0.0


@contextlib.contextmanager
def at_line(world: World, gate: Gate, line: str, act: Act, *, times: int = 1, side: Side = Side.CLIENT) -> Iterator[Felt]:
    """Something happens so many times at a line of the protocol; felt when it has."""
    rule = gate.add(side, line, act, times)
    yield lambda: rule.met >= times


@contextlib.contextmanager
def always_at_line(world: World, gate: Gate, line: str, act: Act, event: str, *, side: Side = Side.CLIENT) -> Iterator[Felt]:
    """Something happens at every such line until the fault ends, felt when the worker says so; open connections end."""
    rule = gate.add(side, line, act, times=None)
    gate.cut()
    yield more_of(world, event)
    gate.rules.remove(rule)


@contextlib.contextmanager
def goodbye(world: World) -> Iterator[Felt]:
    """The server says BYE to whoever waits, and to whoever comes, as when it is shut down."""
    felt = more_of(world, POLL_FAILED, times=2)
    world.imap.say(b"* BYE Server shutting down.\r\n")
    rule = world.imap.add(Side.SERVER, r"^\* OK", Answer("* BYE Server shutting down.", ends=True), times=None)
    yield felt
    world.imap.rules.remove(rule)


@contextlib.contextmanager
def smtp_says(world: World, step: str, reply: str) -> Iterator[Felt]:
    """A reply of the SMTP server at one step, to everybody, until each mail has met it once."""
    world.sink.always[step] = reply
    # A kept connection knows nothing of a new greeting.
    world.smtp.cut()
    yield more_of(world, NOT_DELIVERED, times=2 * MAILS)
    del world.sink.always[step]


@contextlib.contextmanager
def one_recipient_refused(world: World) -> Iterator[Felt]:
    number = len(world.deposited) + 1
    world.sink.refusals[f"p{number}@d{number}.example.org"] = "550 5.1.1 no such user"
    yield more_of(world, NOT_DELIVERED)


@contextlib.contextmanager
def certificate_renewed(world: World) -> Iterator[Felt]:
    """Both servers start anew with another certificate of the same authority."""
    before = (world.imap.connections, world.smtp.connections)
    for gate in (world.imap, world.smtp):
        gate.certificate = world.authority.issue()
        gate.cut()
    yield lambda: world.imap.connections > before[0] and world.smtp.connections > before[1]


@contextlib.contextmanager
def certificate_untrusted(world: World) -> Iterator[Felt]:
    """Both servers show a certificate of an authority that nobody trusts, until somebody puts that right."""
    folder = world.control / "stranger"
    folder.mkdir()
    stranger = Authority(folder)
    felt = more_of(world, POLL_FAILED, NOT_DELIVERED)
    world.smtp.certificate = stranger.issue()
    world.smtp.cut()
    world.deposit(1)
    await_state(more_of(world, NOT_DELIVERED), "the SMTP server is not trusted")
    world.imap.certificate = stranger.issue()
    world.imap.cut()
    yield felt
    for gate in (world.imap, world.smtp):
        gate.certificate = world.authority.issue()


@contextlib.contextmanager
def names_unknown(world: World) -> Iterator[Felt]:
    failing = world.control / "no-names"
    failing.touch()
    for gate in (world.imap, world.smtp):
        gate.cut()
    yield more_of(world, POLL_FAILED)
    failing.unlink()


@contextlib.contextmanager
def uidvalidity_changed(world: World) -> Iterator[Felt]:
    """The server loses its list of UIDs, as after a restored backup, and numbers all messages anew."""
    with away(world):
        inbox = world.dovecot.directory / "mail" / world.place.user / "Maildir"
        for path in (*inbox.glob("dovecot*"), *inbox.glob(".*/dovecot*")):
            path.unlink()
    yield more_of(world, "uidvalidity_changed")


@contextlib.contextmanager
def folder_made_anew(world: World) -> Iterator[Felt]:
    """Somebody deletes the folder that is polled; later it is there again, with other numbers."""
    felt = more_of(world, POLL_FAILED)
    with world.dovecot.client(world.place.user) as client:
        client.delete_folder(world.folder)
    await_state(felt, "the worker misses the folder")
    with world.dovecot.client(world.place.user) as client:
        client.create_folder(world.folder)
    yield more_of(world, "uidvalidity_changed")


@contextlib.contextmanager
def expunged_before_fetch(world: World) -> Iterator[Felt]:
    """Somebody deletes a message after it was found and before it is fetched."""

    def expunge() -> None:
        with world.dovecot.client(world.place.user) as client:
            client.delete_messages(client.search("ALL")[-1:])
            client.expunge()

    rule = world.imap.add(Side.CLIENT, FETCH, expunge)
    yield lambda: rule.met


@contextlib.contextmanager
def undeliverable(world: World, act: Act) -> Iterator[Felt]:
    """The server can't give one message, until somebody has repaired it."""
    with world.dovecot.client(world.place.user) as client:
        uid = int(client.select_folder(world.folder)[b"UIDNEXT"])
    line = rf"^\S+ UID FETCH (\d+[,:])*{uid}([,:]\d+)* .*BODY"
    rule = world.imap.add(Side.CLIENT, line, act, times=None)
    yield more_of(world, "message_refused")
    world.imap.rules.remove(rule)


@contextlib.contextmanager
def away(world: World) -> Iterator[None]:
    """The IMAP server is not there."""
    world.imap.close()
    yield
    world.imap.open()
