"""`make bench`: 1,000 waiting mails on Dovecot to acknowledged and assigned, beside two bare loops in the same run.

    python -m tests.bench [--rounds N] [--count N]

Times of one machine say little; the ratios within one run are what counts.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from helpdesk.bootstrap import open_application
from helpdesk.log import configure_logs
from helpdesk.model.policy import ServerLogin, StartFrom, StartMode
from tests.bench.floors import plain_floor, wire_floor
from tests.bench.mails import COUNT, make_mails
from tests.servers.dovecot import MISSING, PASSWORD, Dovecot, find_dovecot, running_dovecot

ROOT = Path(__file__).resolve().parents[2]
MOST_TIMES_THE_PLAIN_FLOOR = 2.0

STAFF = "".join(
    f'[[staff]]\nid = "s{n}"\npublic_name = "Staff"\nemail = "s{n}@staff.example"\nroles = ["lead", "admin"]\ncapacity = 1000\n'
    for n in range(5)
)


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--count", type=int, default=COUNT)
    args = options.parse_args()
    if find_dovecot() is None:
        sys.stdout.write(f"{MISSING}\n")
        return 1
    configure_logs(quiet=True)
    mails = make_mails(args.count)
    times: dict[str, list[float]] = {"wire floor": [], "plain floor": [], "helpdesk": []}
    with running_dovecot() as dovecot, _sink() as smtp_port, tempfile.TemporaryDirectory() as folder:
        for number in range(args.rounds):
            place = Path(folder) / str(number)
            place.mkdir()
            runs: dict[str, Callable[[ServerLogin], int]] = {
                "wire floor": lambda imap: wire_floor(imap, smtp_port),
                "plain floor": lambda imap, place=place: plain_floor(imap, smtp_port, place / "plain.db"),  # type: ignore[misc]
                "helpdesk": lambda imap, place=place: _helpdesk(imap, smtp_port, place),  # type: ignore[misc]
            }
            for name, run in runs.items():
                times[name].append(_timed(run, _filled(dovecot, mails), len(mails)))
    return _report(times, len(mails))


def _timed(run: Callable[[ServerLogin], int], imap: ServerLogin, count: int) -> float:
    started = time.perf_counter()
    done = run(imap)
    elapsed = time.perf_counter() - started
    if done != count:
        raise SystemExit(f"only {done} of {count} mails were dealt with: the figures would be wrong")
    return elapsed


def _filled(dovecot: Dovecot, mails: list[bytes]) -> ServerLogin:
    user = dovecot.fresh_user()
    with dovecot.client(user):
        pass
    for raw in mails:
        dovecot.drop(user, raw)
    with dovecot.client(user) as client:
        # The server makes its index now, so that no run pays for it.
        client.search("ALL")
    return dovecot.login(user)


def _helpdesk(imap: ServerLogin, smtp_port: int, place: Path) -> int:
    (place / "config").mkdir()
    shutil.copy(ROOT / "config" / "helpdesk.toml", place / "config")
    staff = place / "config" / "staff.toml"
    staff.write_text(STAFF)
    staff.chmod(0o600)
    environ = {
        "HELPDESK_IMAP_HOST": imap.host,
        "HELPDESK_IMAP_PORT": str(imap.port),
        "HELPDESK_IMAP_USERNAME": imap.username,
        "HELPDESK_IMAP_PASSWORD": PASSWORD,
        "HELPDESK_IMAP_CA_FILE": imap.ca_file,
        "HELPDESK_SMTP_HOST": "127.0.0.1",
        "HELPDESK_SMTP_PORT": str(smtp_port),
        "HELPDESK_SMTP_SECURITY": "none",
        "HELPDESK_SECRET_KEY": "a2" * 21 + "M",
        "HELPDESK_TEMPLATES_DIR": str(ROOT / "templates"),
        "HELPDESK_MAILBOX__AFTER": "move",
        "HELPDESK_ACKNOWLEDGEMENT__PER_HOUR": "100000",
    }
    with open_application(place, environ, create=True) as application:
        application.start_mailbox(StartFrom(StartMode.ALL))
        return application.run_once()


def _report(times: dict[str, list[float]], count: int) -> int:
    medians = {name: statistics.median(values) for name, values in times.items()}
    for name, seconds in medians.items():
        spread = f"{min(times[name]):.2f} to {max(times[name]):.2f} s"
        sys.stdout.write(f"{name:12} {count / seconds:7.0f} mails a second   ({seconds:.2f} s for {count}; {spread})\n")
    ratios = {
        floor: statistics.median(ours / bare for ours, bare in zip(times["helpdesk"], times[floor], strict=True))
        for floor in ("wire floor", "plain floor")
    }
    for floor, ratio in ratios.items():
        sys.stdout.write(f"helpdesk takes {ratio:.2f} times the {floor}'s time\n")
    good = ratios["plain floor"] <= MOST_TIMES_THE_PLAIN_FLOOR
    sys.stdout.write(f"at most {MOST_TIMES_THE_PLAIN_FLOOR} times the plain floor: {'yes' if good else 'NO'}\n")
    return 0 if good else 1


@contextmanager
def _sink() -> Iterator[int]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.sink"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT
    )
    assert process.stdin
    assert process.stdout
    try:
        yield int(process.stdout.readline())
    finally:
        process.stdin.close()
        process.wait(timeout=10)
        process.stdout.close()


if __name__ == "__main__":
    sys.exit(main())
