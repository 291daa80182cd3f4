"""`python -m tests.reliability soak`: mail without pause while something is always failing; memory and descriptors stay flat.

    python -m tests.reliability soak [--minutes 60] [--rate 20] [--database sqlite] [--write]

One worker lives through all of it. In the end each mail has one row, one ticket, one acknowledgement and one notice.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tests.reliability.mishaps import locked
from tests.reliability.results import Row, as_table, write_table
from tests.reliability.world import Circumstances, Kind, World, running_world
from tests.servers.gate import Do, Side

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

# Resident memory of the last sixth of the time may be so much more than that of the first sixth after the warm-up.
MOST_GROWTH = 1.10
SAMPLE_EVERY = 2.0
# Real seconds between the end of a fault and the next, and how long one lasts.
QUIET, LASTS = 8.0, 3.0
HEAD = ("what", "measured")


def add(commands: Commands) -> None:
    command = commands.add_parser("soak", help="mail without pause, faults without pause, memory flat")
    command.add_argument("--minutes", type=float, default=60.0)
    command.add_argument("--rate", type=float, default=20.0, metavar="N", help="mails a second")
    command.add_argument("--database", type=Kind, choices=list(Kind), default=Kind.SQLITE)
    command.add_argument("--seed", type=int, default=1)
    command.add_argument("--write", action="store_true", help="put the figures into docs/reliability.md")
    command.set_defaults(run=main)


def main(args: argparse.Namespace) -> int:
    soaked = soak(args.database, minutes=args.minutes, rate=args.rate, chance=random.Random(args.seed))  # noqa: S311 - faults, not secrets
    table = as_table(HEAD, soaked.rows())
    sys.stdout.write(f"\n{table}")
    if args.write:
        write_table("soak", table)
    return 1 if soaked.problems() else 0


@dataclass(frozen=True, slots=True)
class Sample:
    """What the worker held at a moment: seconds since the start, bytes of resident memory, open descriptors."""

    at: float
    resident: int
    descriptors: int


@dataclass(frozen=True, slots=True)
class Soaked:
    """What came of a soak."""

    minutes: float
    mails: int
    faults: int
    samples: tuple[Sample, ...]
    wrong: tuple[str, ...]
    doubles: int
    lived: bool

    @property
    def growth(self) -> float:
        """Resident memory of the last sixth of the time, by that of the second sixth: the first one is the warm-up."""
        early, late = self._sixth(1), self._sixth(5)
        return statistics.median(each.resident for each in late) / statistics.median(each.resident for each in early)

    @property
    def more_descriptors(self) -> float:
        """Descriptors that were open in the last sixth and not in the second."""
        early, late = self._sixth(1), self._sixth(5)
        return statistics.median(each.descriptors for each in late) - statistics.median(each.descriptors for each in early)

    def _sixth(self, number: int) -> list[Sample]:
        length = self.samples[-1].at / 6
        return [each for each in self.samples if number * length <= each.at <= (number + 1) * length]

    def problems(self) -> list[str]:
        found = list(self.wrong)
        if not self.lived:
            found.append("the worker ended by itself")
        # A soak of a minute has no warm-up worth the name: only one that ran long enough says something of memory.
        if self.minutes >= 5 and self.growth > MOST_GROWTH:
            found.append(f"memory grew to {self.growth:.0%}")
        if self.more_descriptors > 3:
            found.append(f"{self.more_descriptors:.0f} more descriptors are open")
        return found

    def rows(self) -> list[Row]:
        told = {
            "length, faults": f"{self.minutes:g} minutes, {self.faults} faults of {LASTS:g} s or less",
            "mails": f"{self.mails}, each with one row, one ticket, one acknowledgement, one notice",
            "sent twice, with the same Message-ID": f"{self.doubles} of {2 * self.mails}",
            "memory, second sixth of the time": _megabytes(self._sixth(1)),
            "memory, last sixth": f"{_megabytes(self._sixth(5))}, {self.growth:.1%} of that",
            "descriptors, second and last sixth": f"{_descriptors(self._sixth(1))} and {_descriptors(self._sixth(5))}",
            "wrong": "; ".join(self.problems()) or "nothing",
        }
        return [Row(item) for item in told.items()]


def _megabytes(samples: list[Sample]) -> str:
    return f"{statistics.median(each.resident for each in samples) / 1e6:.1f} MB"


def _descriptors(samples: list[Sample]) -> str:
    return f"{statistics.median(each.descriptors for each in samples):.0f}"


@dataclass(slots=True)
class Troubles:
    """Does one thing after the other to the servers, until it is told to stop; `met` counts them."""

    world: World
    chance: random.Random
    stop: threading.Event
    met: int = 0
    failure: list[BaseException] = field(default_factory=list)

    def run(self) -> None:
        try:
            for trouble in self._in_turn():
                if self.stop.wait(QUIET * (0.5 + self.chance.random())):
                    return
                self.met += 1
                trouble()
        except BaseException as error:
            self.failure.append(error)
            raise

    def _in_turn(self) -> Iterator[Callable[[], None]]:
        kinds = [
            lambda: self.world.imap.cut(reset=True),
            lambda: self.world.smtp.cut(reset=True),
            lambda: self.world.imap.say(b"* BYE the server has enough for now\r\n"),
            self._imap_away,
            self._smtp_away,
            self._later,
            self._closing,
            self._cut_in_content,
            self._dropped_in_fetch,
            self._database_locked,
        ]
        while True:
            yield from self.chance.sample(kinds, len(kinds))

    def _imap_away(self) -> None:
        self.world.imap.close()
        self.stop.wait(LASTS)
        self.world.imap.open()

    def _smtp_away(self) -> None:
        self.world.smtp.close(reset=True)
        self.stop.wait(LASTS)
        self.world.smtp.open()

    def _later(self) -> None:
        self.world.sink.always["RCPT"] = "451 4.3.2 please try later"
        self.stop.wait(LASTS)
        self.world.sink.always.clear()

    def _closing(self) -> None:
        self.world.sink.script["MAIL"].append("421 4.3.2 closing")

    def _cut_in_content(self) -> None:
        self.world.smtp.add(Side.CLIENT, r"^\.\r\n$", Do.RESET)

    def _dropped_in_fetch(self) -> None:
        self.world.imap.add(Side.CLIENT, r"UID FETCH .*BODY", Do.DROP)

    def _database_locked(self) -> None:
        with locked(self.world):
            self.stop.wait(LASTS)


def soak(kind: Kind, *, minutes: float, rate: float, chance: random.Random, speed: float = 1.0) -> Soaked:
    """Run one; `speed` is that of the worker's clock, so that a short one need not wait a minute for a second try."""
    with running_world(kind, Circumstances(speed=speed, staff=_staff_for(minutes * 60 * rate))) as world:
        try:
            return _soak(world, minutes, rate, chance)
        except BaseException as error:
            error.add_note(world.log()[-20_000:])
            raise


def _staff_for(mails: float) -> int:
    """So many that each may have a thousand tickets, and some to spare."""
    return 2 + int(mails / 900)


def _soak(world: World, minutes: float, rate: float, chance: random.Random) -> Soaked:
    world.deposit(5)
    worker = world.start_worker()
    world.settled()
    stop = threading.Event()
    troubles = Troubles(world, chance, stop)
    samples: list[Sample] = []
    began = time.monotonic()
    watching = threading.Thread(target=_watch, args=(worker.pid, began, stop, samples))
    troubling = threading.Thread(target=troubles.run)
    for thread in (watching, troubling):
        thread.start()
    try:
        _deposit(world, began, minutes * 60, rate)
    finally:
        stop.set()
        troubling.join()
        watching.join()
    if troubles.failure:
        raise troubles.failure[0]
    # The last tries may have to wait: those of the fourth time come after eight minutes.
    world.settled(1800)
    lived = worker.is_alive()
    worker.stop()
    findings = world.findings()
    wrong = tuple(findings.problems(doubles=len(findings.doubles)))
    return Soaked(minutes, findings.deposited, troubles.met, tuple(samples), wrong, len(findings.doubles), lived)


def _deposit(world: World, began: float, seconds: float, rate: float) -> None:
    """Put mail in at this rate, in portions of a second; where the server is slower, the next portion is larger."""
    done = 0
    while (passed := time.monotonic() - began) < seconds:
        due = int(passed * rate) - done
        if due:
            world.deposit(due)
            done += due
        time.sleep(max(0.0, 1.0 - (time.monotonic() - began - passed)))


def _watch(pid: int, began: float, stop: threading.Event, samples: list[Sample]) -> None:
    process = Path("/proc") / str(pid)
    page = 4096
    while not stop.wait(SAMPLE_EVERY):
        try:
            resident = int((process / "statm").read_text().split()[1]) * page
            samples.append(Sample(time.monotonic() - began, resident, len(list((process / "fd").iterdir()))))
        except FileNotFoundError:
            return
