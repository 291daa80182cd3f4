"""`python -m tests.reliability workers`: several workers share the waiting mail of one PostgreSQL database, and some are lost.

    python -m tests.reliability workers [--mails 5000] [--write]

Of four workers two are killed on the way, and one is cut off from the database. The result is that of one worker: no mail
fetched into two tickets, none sent twice but what the SMTP server took and no worker lived to record.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import make_url

from tests.reliability.results import Findings, Row, as_table, write_table
from tests.reliability.tally import unfinished
from tests.reliability.world import Circumstances, Kind, NotSettled, World, await_state, running_world
from tests.servers.gate import Gate, running_gate
from tests.servers.postgres import Postgres

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

WORKERS = 4
HEAD = ("what", "measured")
# Each worker that is lost has at most one mail with the server that it has not recorded.
LOST = 3


def add(commands: Commands) -> None:
    command = commands.add_parser("workers", help="four workers on PostgreSQL, two killed, one cut off")
    command.add_argument("--mails", type=int, default=5000)
    command.add_argument("--write", action="store_true", help="put the figures into docs/reliability.md")
    command.set_defaults(run=main)


def main(args: argparse.Namespace) -> int:
    shared = share(args.mails)
    table = as_table(HEAD, shared.rows())
    sys.stdout.write(f"\n{table}")
    if args.write:
        write_table("workers", table)
    return 1 if shared.problems else 0


@dataclass(frozen=True, slots=True)
class Shared:
    """What came of it: seconds are real ones."""

    findings: Findings
    problems: tuple[str, ...]
    sent_by: tuple[int, ...]
    seconds: float

    def rows(self) -> list[Row]:
        doubles = len(self.findings.doubles)
        told = {
            "mails waiting at the start": str(self.findings.deposited),
            "lost on the way": "two workers killed, one cut off from the database",
            "delivered by each worker": ", ".join(map(str, self.sent_by)),
            "sent twice, with the same Message-ID": f"{doubles}, at most {LOST}: one for each worker that was lost",
            "until nothing waited": f"{self.seconds:.0f} s",
            "wrong": "; ".join(self.problems) or "nothing: each mail one row, one ticket, one acknowledgement, one notice",
        }
        return [Row(item) for item in told.items()]


def share(mails: int, server: Postgres | None = None) -> Shared:
    """Have four workers deal with so many waiting mails, and lose three of them on the way; on a `server` that runs already."""
    with running_world(Kind.POSTGRESQL, Circumstances(postgres=server, staff=2 + mails // 900)) as world:
        try:
            return _share(world, mails)
        except BaseException as error:
            error.add_note(world.log()[-20_000:])
            raise


def _share(world: World, mails: int) -> Shared:
    world.let_the_dead_be_found()
    world.deposit(mails)
    began = time.monotonic()
    with ExitStack() as stack:
        gates = [stack.enter_context(running_gate(_port(world), lines=False)) for _ in range(WORKERS)]
        for gate in gates:
            world.start_worker(database_url=_through(world, gate))
        for tenths, lose in ((2, _kill(world, 0)), (4, _kill(world, 1)), (6, _cut_off(gates[2]))):
            _await_done(world, mails * tenths // 10, mails)
            lose()
        world.settled(600)
        sent_by = tuple(worker.said("delivered") for worker in world.workers)
        for worker in (world.workers[2], world.workers[3]):
            # The one that was cut off hears of it only now, and has nothing to say any more.
            gates[2].cut(reset=True)
            gates[2].hushed = False
            worker.stop()
    findings = world.findings()
    return Shared(findings, tuple(findings.problems(doubles=LOST)), sent_by, time.monotonic() - began)


def _await_done(world: World, count: int, mails: int) -> None:
    """Wait until so many are dealt with; raises NotSettled when nobody does."""
    await_state(lambda: unfinished(world.database, mails) <= mails - count, f"{count} mails are dealt with", 300)


def _kill(world: World, number: int) -> Callable[[], None]:
    return lambda: world.workers[number].kill()


def _cut_off(gate: Gate) -> Callable[[], None]:
    def cut() -> None:
        gate.hushed = True

    return cut


def _port(world: World) -> int:
    port = make_url(world.database_url).port
    if port is None:
        raise NotSettled("the database of this world is not reached over the network")
    return port


def _through(world: World, gate: Gate) -> str:
    return make_url(world.database_url).set(port=gate.port).render_as_string(hide_password=False)
