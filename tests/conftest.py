"""What every test may rely on: no HELPDESK_ variables, no network but loopback, a clock that stands still."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings

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

# Its limits are real seconds, which a machine that tests several things at once may miss. That nothing takes for ever is held
# by inputs of such a size that it would.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes long, whatever the order of all else: begun last, it would be waited for alone."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


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
