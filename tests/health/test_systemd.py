"""What systemd is told, over a real socket; and what becomes of it where nobody listens."""

from __future__ import annotations

import os
import uuid
from pathlib import Path

import pytest

from helpdesk.health import Systemd
from tests.servers.listener import datagrams


def addresses(directory: Path) -> dict[str, str]:
    return {"file": str(directory / "notify"), "abstract": f"@helpdesk-test-{uuid.uuid4()}"}


@pytest.mark.parametrize("kind", ["file", "abstract"])
def test_systemd_hears_that_the_worker_is_ready_alive_and_ending(kind: str, tmp_path: Path) -> None:
    address = addresses(tmp_path)[kind]
    with datagrams(address) as heard:
        systemd = Systemd.of({"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "120000000", "WATCHDOG_PID": str(os.getpid())})
        systemd.ready()
        systemd.alive()
        systemd.stopping()
        assert [heard() for _ in range(3)] == ["READY=1", "WATCHDOG=1", "STOPPING=1"]


@pytest.mark.parametrize(
    ("environ", "watchdog"),
    [
        pytest.param({}, 0, id="none"),
        pytest.param({"WATCHDOG_USEC": "30000000"}, 30, id="for whoever it concerns"),
        pytest.param({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"}, 0, id="for another process"),
        pytest.param({"WATCHDOG_USEC": "soon"}, 0, id="no number"),
    ],
)
def test_the_watchdog_is_ours_or_not(environ: dict[str, str], watchdog: float) -> None:
    assert Systemd.of(environ).watchdog == watchdog


def test_a_watchdog_that_nobody_set_is_not_fed(tmp_path: Path) -> None:
    address = str(tmp_path / "notify")
    with datagrams(address) as heard:
        systemd = Systemd.of({"NOTIFY_SOCKET": address})
        systemd.alive()
        systemd.ready()
        assert heard() == "READY=1"


@pytest.mark.parametrize("address", ["", "/nowhere/at/all", "@helpdesk-nobody-listens", "x" * 200])
def test_where_nobody_listens_nothing_happens(address: str) -> None:
    Systemd(address, 30).ready()
    Systemd(address, 30).alive()


def test_a_manager_that_does_not_read_holds_nobody_up(tmp_path: Path) -> None:
    address = str(tmp_path / "notify")
    with datagrams(address):
        systemd = Systemd(address, 30)
        for _ in range(5000):
            systemd.alive()
