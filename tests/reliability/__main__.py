"""`python -m tests.reliability COMMAND`: what the helpdesk survives, measured; with `--write`, into `docs/reliability.md`."""

from __future__ import annotations

import argparse
import sys

from tests.reliability import crash_matrix, fault_matrix, soak, workers

# Each part has `add`, which adds its command with its options; a command is what it sets as `run`.
PARTS = (crash_matrix, fault_matrix, workers, soak)


def main() -> int:
    options = argparse.ArgumentParser(prog="python -m tests.reliability", description=__doc__)
    commands = options.add_subparsers(required=True, metavar="COMMAND")
    for part in PARTS:
        part.add(commands)
    args = options.parse_args()
    return int(args.run(args))


if __name__ == "__main__":
    sys.exit(main())
