"""`python -m tests.reliability faults`: every fault in turn, on each database, and the table of what came of it."""

from __future__ import annotations

import argparse
import contextlib
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.reliability.faults import FAULTS, Fault
from tests.reliability.measure import Measured, run
from tests.reliability.results import Row, as_table, write_table
from tests.reliability.world import PATIENCE, Kind, NotSettled
from tests.servers.postgres import Postgres, running_postgres

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

NAMES = {Kind.SQLITE: "SQLite", Kind.POSTGRESQL: "PostgreSQL"}


def add(commands: Commands) -> None:
    command = commands.add_parser("faults", help="one fault after the other, on a real worker and real servers")
    command.add_argument("--only", metavar="NAME", help="faults whose name holds this")
    command.add_argument("--database", type=Kind, choices=list(Kind), help="one database; else both")
    command.add_argument("--seconds-limit", type=float, default=PATIENCE, metavar="N", help="real seconds for each wait")
    command.add_argument("--write", action="store_true", help="put the table into docs/reliability.md")
    command.set_defaults(run=main)


def main(args: argparse.Namespace) -> int:
    kinds = (args.database,) if args.database else tuple(Kind)
    chosen = [fault for fault in FAULTS if (args.only or "") in fault.name and set(kinds) & set(fault.kinds)]
    rows = []
    with contextlib.ExitStack() as stack:
        # One server for all, since each world takes a database of its own.
        server = stack.enter_context(running_postgres()) if Kind.POSTGRESQL in kinds else None
        for fault in chosen:
            came = {kind: _try(fault, kind, args.seconds_limit, server) for kind in kinds if kind in fault.kinds}
            rows.append(as_row(fault, came, kinds))
    head = ("fault", "lasted", "what happened to the mail", *(f"well again after, on {NAMES[kind]}" for kind in kinds))
    table = as_table(head, rows)
    sys.stdout.write(f"\n{table}")
    if args.write:
        write_table("faults", table)
    return 0 if all(row.good for row in rows) else 1


@dataclass(frozen=True, slots=True)
class Came:
    """What came of one run: what happened to the mail, and how long the fault and getting over it took."""

    happened: str
    lasted: str = ""
    well_after: str = ""
    good: bool = True


def as_row(fault: Fault, came: Mapping[Kind, Came], kinds: tuple[Kind, ...]) -> Row:
    """The line of a fault: what happened is said once where it was the same on every database."""
    happened = list(dict.fromkeys(each.happened for each in came.values()))
    lasted = list(dict.fromkeys(each.lasted for each in came.values() if each.lasted))
    well = [came[kind].well_after if kind in came else "-" for kind in kinds]
    good = all(each.good for each in came.values())
    return Row((fault.what, " / ".join(lasted), " / ".join(happened), *well), good=good)


def _try(fault: Fault, kind: Kind, limit: float, server: Postgres | None) -> Came:
    began = time.monotonic()
    try:
        came = as_came(run(fault, kind, limit, server))
    except NotSettled as error:
        came = Came(f"NOT WELL: {error}", good=False)
        sys.stdout.write("\n".join(getattr(error, "__notes__", [])) + "\n")
    except pytest.skip.Exception as skipped:
        came = Came(f"not run: {skipped}")
    verdict = "good" if came.good else "BAD"
    took = time.monotonic() - began
    sys.stdout.write(f"{verdict:5} {took:5.1f} s  {fault.name} on {kind}: {came.lasted}; {came.happened}; {came.well_after}\n")
    sys.stdout.flush()
    return came


def as_came(measured: Measured) -> Came:
    """What a run measured, in words."""
    happened = "WRONG: " + "; ".join(measured.problems) if measured.problems else measured.told
    return Came(happened, in_words(measured.lasted), in_words(measured.well_after), good=not measured.problems)


def in_words(seconds: float) -> str:
    """Seconds, or minutes where there are many."""
    return f"{seconds:.0f} s" if seconds < 180 else f"{seconds / 60:.0f} min"
