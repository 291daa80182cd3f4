"""Reads, judges and explains mutated mail until the time is over; stops at the first fault and keeps the mail.

    python -m tests.fuzz [--seconds 60] [--seed N] [--corpus DIR] [--slow 1.0]

A fault is an exception, or a mail that takes longer than --slow seconds of CPU. One that does not end at all is ended
after a minute, with the place where it was. The mail is in fault.eml.
"""

from __future__ import annotations

import argparse
import faulthandler
import random
import resource
import sys
import time
from datetime import UTC, datetime
from datetime import time as time_of_day
from pathlib import Path
from zoneinfo import ZoneInfo

from helpdesk.core.alone import EmptyDesk
from helpdesk.log import configure_logs
from helpdesk.model.office import OfficeHours
from helpdesk.model.policy import AcknowledgementPolicy, Ourselves
from tests.fuzz.mutations import mutated

ROOT = Path(__file__).resolve().parents[2]
ENDLESS = 60.0
NOW = datetime(2026, 11, 2, 11, 0, tzinfo=UTC)


def desk() -> EmptyDesk:
    hours = OfficeHours(ZoneInfo("Europe/London"), time_of_day(10), time_of_day(16), frozenset(range(5)))
    return EmptyDesk(Ourselves(frozenset({"info@exithate.org"})), AcknowledgementPolicy(), hours)


def corpus_of(folders: list[Path]) -> list[bytes]:
    files = [path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file() and path.suffix != ".toml"]
    return [raw for path in files if 0 < len(raw := path.read_bytes()) < 200_000]


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seconds", type=float, default=60)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--corpus", type=Path, action="append", help="folders of mail besides our own")
    options.add_argument("--slow", type=float, default=1.0)
    args = options.parse_args()
    configure_logs(quiet=True)
    corpus = corpus_of([ROOT / "tests" / "corpus", *(args.corpus or [])])
    chance, judge = random.Random(args.seed), desk()  # noqa: S311 - repeatable, not secret
    ends, tried, slowest = time.monotonic() + args.seconds, 0, 0.0
    fault = Path("fault.eml")
    while time.monotonic() < ends:
        raw = mutated(corpus, chance)
        # Written first: a pattern that never ends can't be interrupted, only ended together with this program.
        fault.write_bytes(raw)
        faulthandler.dump_traceback_later(ENDLESS, exit=True)
        started = time.process_time()
        judge.judge(raw, NOW)
        took = time.process_time() - started
        if took > args.slow:
            sys.stdout.write(f"mail {tried} took {took:.2f} s of CPU; it is in {fault}\n")
            return 1
        tried, slowest = tried + 1, max(slowest, took)
    faulthandler.cancel_dump_traceback_later()
    fault.unlink(missing_ok=True)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(
        f"{tried} mutated mails of {len(corpus)}, seed {args.seed}: no fault; slowest {slowest:.3f} s of CPU, {memory:.0f} MB\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
