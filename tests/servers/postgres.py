"""A private PostgreSQL, on loopback and in a folder of its own. Each test takes a database of its own.

As root it runs as the user `postgres`, since the server refuses root; it writes nothing through to the disk.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest

from helpdesk.store.database import upgrade
from tests.servers.ports import await_listener, free_ports

MISSING = "PostgreSQL is not installed: the tests on it DID NOT RUN. apt-get install postgresql"
USER = "helpdesk"
PASSWORD = "loopback-only"

# Nothing here needs to survive a power cut, and tests need not wait for a disk.
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "max_connections": "200",
    "shared_buffers": "32MB",
    "max_wal_size": "64MB",
    "min_wal_size": "32MB",
    "autovacuum": "off",
    "lc_messages": "C",
    "log_statement": "none",
}
# Tests that are killed end nothing themselves: the kernel sees to it, where util-linux can ask it to.
_DIES_WITH_US = [path, "--pdeathsig", "QUIT"] if (path := shutil.which("setpriv")) else []
_OTHER_USER = "postgres"
_SPACE = 500 * 1024 * 1024

_names = itertools.count(1)


def find_postgres(program: str = "initdb") -> str | None:
    """The path of one of its programs; Debian keeps them by version, where nobody looks."""
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda place: float(place.parent.name), reverse=True)
    return shutil.which(program, path=os.pathsep.join([*map(str, places), os.environ.get("PATH", "")]))


@dataclass(slots=True)
class Postgres:
    """A running server."""

    directory: Path
    port: int
    process: subprocess.Popen[bytes] = field(repr=False)

    @classmethod
    def start(cls, directory: Path) -> Postgres:
        """Start a server on new data in this folder, which other users can enter, as all above it."""
        _make_data(directory)
        (port,) = free_ports(1)
        server = cls(directory, port, _begin(directory, port))
        server._await()
        return server

    def start_again(self) -> None:
        """Start it on the same data and the same port, once it has ended."""
        self.process = _begin(self.directory, self.port)
        self._await()

    def stop(self, how: signal.Signals = signal.SIGQUIT) -> None:
        """End the server: with SIGQUIT at once, with SIGINT after it has thrown everybody out."""
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(how)
        self.process.wait(timeout=30)

    def crash_one_session(self, database: str) -> None:
        """Kill a process of the server that serves this database: it ends all sessions then, and goes on without a restart."""
        ((process_id,), *_) = self.execute("SELECT pid FROM pg_stat_activity WHERE datname = %s", database)
        os.kill(process_id, signal.SIGKILL)

    def log(self) -> str:
        """What the server wrote in its log."""
        path = self.directory / "log"
        return path.read_text(errors="replace") if path.exists() else "(no log)"

    def url(self, database: str, *, options: str = "", port: int | None = None) -> str:
        """What HELPDESK_DATABASE_URL would be; `options` are settings of each session, such as "-c lock_timeout=50"."""
        query = f"?options={options.replace(' ', '%20').replace('=', '%3D')}" if options else ""
        return f"postgresql+psycopg://{USER}:{PASSWORD}@127.0.0.1:{port or self.port}/{database}{query}"

    def new_database(self, template: str = "template0") -> str:
        """The name of a new database of our user's, empty or a copy of another."""
        name = f"desk{os.getpid()}x{next(_names)}"
        self.execute(f'CREATE DATABASE "{name}" OWNER {USER} TEMPLATE "{template}" STRATEGY FILE_COPY')
        return name

    def drop(self, database: str) -> None:
        """Remove a database, with everybody who is in it."""
        self.execute(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')

    def end_sessions(self, database: str, where: str = "TRUE") -> int:
        """End the sessions of our user in a database, as a restart would; returns how many there were."""
        sessions = f"FROM pg_stat_activity WHERE datname = %s AND ({where})"
        return len(self.execute(f"SELECT pg_terminate_backend(pid, 5000) {sessions}", database))

    def execute(self, statement: str, *parameters: object, database: str = "postgres") -> list[tuple[Any, ...]]:
        """Run one statement as the server's administrator, and keep what it did."""
        arguments = {"host": str(self.directory), "port": self.port, "user": "postgres", "dbname": database}
        with psycopg.connect(**arguments, autocommit=True) as connection:  # type: ignore[arg-type]
            cursor = connection.execute(statement, parameters or None)  # type: ignore[call-overload]
            return list(cursor.fetchall()) if cursor.description else []

    def let_sessions_look_old(self, database: str) -> None:
        """Have the server tell this database, in sessions that begin from now on, that it has run for a year until now.

        A worker calls none dead that may only not have come back since the server's start, and no test can wait for that.
        A start, or a crash, that comes after this is told as it is.
        """
        started, reset = "pg_catalog.pg_postmaster_start_time()", "(SELECT stats_reset FROM pg_catalog.pg_stat_bgwriter)"
        ((started_at, reset_at),) = self.execute(f"SELECT {started}, {reset}")
        old = "CASE WHEN {now} = '{then}' THEN now() - interval '1 year' ELSE {now} END"
        for statement in (
            "CREATE FUNCTION public.pg_postmaster_start_time() RETURNS timestamptz LANGUAGE sql "
            f"AS $$SELECT {old.format(now=started, then=started_at)}$$",
            f"CREATE VIEW public.pg_stat_bgwriter AS SELECT {old.format(now=reset, then=reset_at)} AS stats_reset",
            f"GRANT SELECT ON public.pg_stat_bgwriter TO {USER}",
            f'ALTER DATABASE "{database}" SET search_path = public, pg_catalog',
        ):
            self.execute(statement, database=database)

    def _await(self) -> None:
        if not await_listener(self.port, lambda: self.process.poll() is None) or not self._answers():
            self.stop()
            raise RuntimeError(f"PostgreSQL did not start: {self.log()}")

    def _answers(self) -> bool:
        """Whether it takes logins: it listens a moment before that."""
        ready = find_postgres("pg_isready") or "pg_isready"
        for _ in range(600):
            asked = [ready, "-q", "-h", str(self.directory), "-p", str(self.port), "-t", "1"]
            if subprocess.run(asked, check=False).returncode == 0:
                return True
            if self.process.poll() is not None:
                return False
        return False


@contextlib.contextmanager
def running_postgres() -> Iterator[Postgres]:
    """A server with the role USER in it, ended at the end; skips the test, loudly, where there is none."""
    if find_postgres() is None:
        pytest.skip(MISSING)
    directory = Path(tempfile.mkdtemp(prefix="postgres-", dir=_fast_place()))
    try:
        _give_away(directory)
        server = Postgres.start(directory)
        try:
            server.execute(f"CREATE ROLE {USER} LOGIN PASSWORD '{PASSWORD}'")
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _fast_place() -> str | None:
    """Memory, where there is enough: a copy of a database takes a tenth of the time there."""
    memory = Path("/dev/shm")  # noqa: S108 - a folder of its own is made in it
    # Each of the processes that test at once has a server of its own.
    needed = _SPACE * int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    enough = os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > needed
    return str(memory) if enough else None


def make_template(server: Postgres) -> str:
    """A database with all our tables and nothing in them, to be copied."""
    name = server.new_database()
    upgrade(server.url(name))
    return name


def _make_data(directory: Path) -> None:
    password = directory / "password"
    password.write_text(PASSWORD)
    _give_away(password)
    made = [find_postgres() or "initdb", "-D", str(directory / "data"), "-U", "postgres", "--pwfile", str(password)]
    rights = ["--auth-local=trust", "--auth-host=scram-sha-256", "--no-sync", "--encoding=UTF8", "--locale=C.UTF-8"]
    subprocess.run([*made, *rights], check=True, stdout=subprocess.DEVNULL, **_as_other_user())


def _begin(directory: Path, port: int) -> subprocess.Popen[bytes]:
    arguments = [f"--{name}={value}" for name, value in {**_SETTINGS, "unix_socket_directories": str(directory)}.items()]
    program = [find_postgres("postgres") or "postgres", "-D", str(directory / "data"), "-p", str(port), *arguments]
    with (directory / "log").open("ab") as log:
        everything = [*_DIES_WITH_US, *program]
        return subprocess.Popen(everything, stdout=log, stderr=log, start_new_session=True, **_as_other_user())


def _give_away(path: Path) -> None:
    if os.geteuid() == 0:
        shutil.chown(path, _OTHER_USER, _OTHER_USER)


def _as_other_user() -> dict[str, Any]:
    if os.geteuid() != 0:
        return {}
    other = pwd.getpwnam(_OTHER_USER)
    return {"user": other.pw_uid, "group": other.pw_gid, "extra_groups": [], "cwd": "/"}
