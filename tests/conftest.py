"""What every test may rely on: no HELPDESK_ variables, no network but loopback, a clock that stands still."""

from __future__ import annotations

import os

import pytest

from helpdesk.log import configure_logs
from tests.fakes import FixedClock
from tests.servers.fixtures import (
    certificate,
    dovecot,
    empty_postgres_url,
    postgres,
    postgres_template,
    postgres_url,
    script,
    sink,
)

__all__ = ["certificate", "dovecot", "empty_postgres_url", "postgres", "postgres_template", "postgres_url", "script", "sink"]


@pytest.fixture(autouse=True)
def _scrubbed_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("HELPDESK_")]:
        monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def _quiet_logs() -> None:
    configure_logs(quiet=True)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()
