"""What a world is set up from: the folder with its settings, the disk, the database."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import pytest

from tests.e2e.conftest import ROOT, Place
from tests.reliability.authority import Authority
from tests.servers.gate import Gate, running_gate
from tests.servers.postgres import Postgres, running_postgres
from tests.servers.smtp_sink import ASCII_PASSWORD, USERNAME

SMALL_DISK = "8m"
# Each takes as many tickets as one staff member may have; the first is lead and admin.
STAFF = 2
_MEMBER = """
[[staff]]
id = "s{number}"
public_name = "Staff"
email = "s{number}@staff.example"
capacity = 1000
"""
_FIRST = 'roles = ["lead", "admin"]\n'


class Kind(StrEnum):
    """The database that a world runs on."""

    SQLITE = "sqlite"
    POSTGRESQL = "postgresql"


def furnish(place: Place, variables: Mapping[str, str], staff: int) -> None:
    place.directory.mkdir(exist_ok=True)
    shutil.copytree(ROOT / "templates", place.directory / "templates")
    config = place.directory / "config"
    config.mkdir()
    shutil.copy(ROOT / "config" / "helpdesk.toml", config)
    members = [_MEMBER.format(number=number) for number in range(1, staff + 1)]
    (config / "staff.toml").write_text("".join((members[0], _FIRST, *members[1:])))
    (config / "staff.toml").chmod(0o600)
    place.write_env(**variables)


def variables_of(imap: Gate, smtp: Gate, authority: Authority) -> dict[str, str]:
    return {
        "HELPDESK_IMAP_PORT": str(imap.port),
        "HELPDESK_IMAP_CA_FILE": str(authority.file),
        "HELPDESK_SMTP_PORT": str(smtp.port),
        "HELPDESK_SMTP_SECURITY": "tls",
        "HELPDESK_SMTP_CA_FILE": str(authority.file),
        "HELPDESK_SMTP_USERNAME": USERNAME,
        "HELPDESK_SMTP_PASSWORD": ASCII_PASSWORD,
        # Many persons write within minutes, and none of them may be kept waiting by a cap.
        "HELPDESK_ACKNOWLEDGEMENT__PER_HOUR": "100000",
        "HELPDESK_MAILBOX__AFTER": "move",
    }


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """A file system in memory of a few megabytes at this place; skips the test, loudly, where none may be made."""
    folder.mkdir(parents=True)
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SMALL_DISK},mode=0700", "tmpfs", folder], capture_output=True)
    if made.returncode:
        pytest.skip("The test of a full disk DID NOT RUN: only root may mount a file system of its own.")
    try:
        yield
    finally:
        subprocess.run(["umount", folder], check=True)


@dataclass(frozen=True, slots=True)
class Reached:
    """How the database is reached: by the worker through `variables`, by us at `own_url`, past the gate that may fail."""

    variables: Mapping[str, str]
    own_url: str = ""
    gate: Gate | None = None
    server: Postgres | None = None


@contextlib.contextmanager
def fresh_database(kind: Kind, server: Postgres | None) -> Iterator[Reached]:
    """A fresh database; that of SQLite is where the settings have it by default."""
    if kind is Kind.SQLITE:
        yield Reached({})
        return
    with contextlib.ExitStack() as stack:
        server = server or stack.enter_context(running_postgres())
        gate = stack.enter_context(running_gate(server.port, lines=False))
        name = server.new_database()
        stack.callback(server.drop, name)
        yield Reached({"HELPDESK_DATABASE_URL": server.url(name, port=gate.port)}, server.url(name), gate, server)
