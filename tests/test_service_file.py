"""The unit file for systemd: it says what the worker does, and systemd takes it."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from helpdesk.mail.smtp.transport import DEADLINE

ROOT = Path(__file__).resolve().parent.parent
UNIT = ROOT / "config" / "helpdesk.service"
MISSING = "systemd-analyze is not installed: systemd's own check of the unit file DID NOT RUN"


def directives() -> dict[str, str]:
    lines = [line for line in UNIT.read_text(encoding="utf-8").splitlines() if "=" in line and not line.startswith("#")]
    return dict(line.split("=", 1) for line in lines)


def seconds(span: str) -> float:
    number, unit = re.fullmatch(r"(\d+)(s|min)", span).groups()  # type: ignore[union-attr]
    return float(number) * {"s": 1, "min": 60}[unit]


def test_the_worker_tells_systemd_how_it_is_and_is_always_restarted() -> None:
    unit = directives()
    assert unit["Type"] == "notify"
    assert unit["NotifyAccess"] == "main"
    assert unit["Restart"] == "always"
    assert unit["StartLimitIntervalSec"] == "0"
    assert unit["ExecStart"].endswith("/.venv/bin/helpdesk run")
    # The worker says every second that it is alive.
    assert seconds(unit["WatchdogSec"]) >= 30


def test_a_mail_that_is_being_sent_is_finished_before_systemd_loses_patience() -> None:
    assert seconds(directives()["TimeoutStopSec"]) > DEADLINE


def test_the_service_can_do_little_more_than_it_needs() -> None:
    unit = directives()
    assert unit["User"] == "helpdesk"
    assert unit["ProtectSystem"] == "strict"
    assert unit["NoNewPrivileges"] == "yes"
    assert unit["CapabilityBoundingSet"] == ""
    assert unit["StateDirectory"] == "helpdesk"
    assert set(unit["RestrictAddressFamilies"].split()) == {"AF_INET", "AF_INET6", "AF_UNIX"}


def test_systemd_finds_no_mistake_in_it(tmp_path: Path) -> None:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip(MISSING)
    # The program and the user of the unit are not on this machine.
    text = UNIT.read_text(encoding="utf-8")
    text = re.sub(r"(?m)^ExecStart=\S+", f"ExecStart={sys.executable}", text)
    text = re.sub(r"(?m)^User=.*\n", "", text)
    copy = tmp_path / UNIT.name
    copy.write_text(text, encoding="utf-8")
    checked = subprocess.run([program, "verify", "--man=no", str(copy)], capture_output=True, text=True, timeout=60)
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")
