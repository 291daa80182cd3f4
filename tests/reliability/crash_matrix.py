"""`python -m tests.reliability crash`: a worker killed at every boundary in turn, and the table of what came of each."""

from __future__ import annotations

import argparse
import contextlib
import sys
import time
from typing import TYPE_CHECKING

from tests.reliability.crash import HEAD, Crash, crashes, run
from tests.reliability.results import Row, as_table, write_table
from tests.reliability.world import Kind, NotSettled
from tests.servers.postgres import Postgres, running_postgres

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]


def add(commands: Commands) -> None:
    command = commands.add_parser("crash", help="a worker killed after every effect, and another started")
    command.add_argument("--only", metavar="BOUNDARY", help="boundaries whose name holds this")
    command.add_argument("--database", type=Kind, choices=list(Kind), help="one database; else both")
    command.add_argument("--write", action="store_true", help="put the table into docs/reliability.md")
    command.set_defaults(run=main)


def main(args: argparse.Namespace) -> int:
    kinds = [args.database] if args.database else list(Kind)
    chosen = [crash for kind in kinds for crash in crashes(kind) if (args.only or "") in crash.boundary]
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(running_postgres()) if Kind.POSTGRESQL in kinds else None
        rows = [_row(crash, server) for crash in chosen]
    table = as_table(HEAD, rows)
    sys.stdout.write(f"\n{table}")
    if args.write:
        write_table("crash", table)
    return 0 if all(row.good for row in rows) else 1


def _row(crash: Crash, server: Postgres | None) -> Row:
    began = time.monotonic()
    try:
        row = run(crash, server).row()
    except NotSettled as error:
        row = Row((crash.boundary.value, str(crash.occurrence), crash.kind.value, f"NOT WELL: {error}", ""), good=False)
        sys.stdout.write("\n".join(getattr(error, "__notes__", [])) + "\n")
    verdict = "good" if row.good else "BAD"
    sys.stdout.write(f"{verdict:5} {time.monotonic() - began:5.1f} s  {crash}: {row.cells[3]}\n")
    sys.stdout.flush()
    return row
