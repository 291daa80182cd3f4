"""Commands run in this process, in a folder as an operator set it up, with fakes for the two servers."""

from __future__ import annotations

import shutil
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from helpdesk.bootstrap import connect
from helpdesk.cli import main
from tests.fakes import FakeFolder, FakeTransport

ROOT = Path(__file__).resolve().parents[2]

STAFF = """
[[staff]]
id = "mike"
public_name = "Mike"
email = "mike.private@staff.example"
roles = ["lead", "admin"]
"""

ENV = """
HELPDESK_IMAP_HOST='localhost'
HELPDESK_IMAP_USERNAME='info'
HELPDESK_IMAP_PASSWORD='secret'
HELPDESK_SMTP_HOST='localhost'
HELPDESK_SMTP_SECURITY='none'
HELPDESK_SECRET_KEY='a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2M'
"""


@dataclass
class Said:
    code: int
    out: str
    err: str


Command = Callable[..., Said]


@pytest.fixture
def desk_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(ROOT / "templates", tmp_path / "templates")
    (tmp_path / "config").mkdir()
    shutil.copy(ROOT / "config" / "helpdesk.toml", tmp_path / "config")
    (tmp_path / "config" / "staff.toml").write_text(STAFF)
    (tmp_path / "config" / "staff.toml").chmod(0o600)
    (tmp_path / ".env").write_text(ENV)
    (tmp_path / ".env").chmod(0o600)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch) -> FakeFolder:
    """The IMAP folder that every command of this test finds."""
    folder = FakeFolder(received_at=datetime.now(UTC))
    monkeypatch.setattr(connect, "ImapFolder", lambda login, policy, clock: folder)
    return folder


@pytest.fixture
def transport(monkeypatch: pytest.MonkeyPatch) -> FakeTransport:
    transport = FakeTransport()
    monkeypatch.setattr(connect, "SmtpTransport", lambda login: transport)
    return transport


@pytest.fixture
def helpdesk(
    desk_folder: Path,
    folder: FakeFolder,
    transport: FakeTransport,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Command:
    """Run a command as it is typed; gives exit code and what was printed."""
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)

    def run(*arguments: str) -> Said:
        monkeypatch.setattr(sys, "argv", ["helpdesk", *arguments])
        capsys.readouterr()
        try:
            main()
            code = 0
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else 0
        out, err = capsys.readouterr()
        return Said(code, out, err)

    return run
