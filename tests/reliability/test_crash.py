"""A worker that is killed between any two effects loses nothing, and repeats nothing but in the one gap."""

from __future__ import annotations

import pytest

from helpdesk.boundary import Boundary
from tests.reliability.crash import SCENARIOS, Crash, crashes, run
from tests.reliability.world import Kind
from tests.servers.postgres import Postgres


@pytest.mark.parametrize("crash", list(crashes(Kind.SQLITE)), ids=str)
def test_a_killed_worker_leaves_nothing_lost_and_nothing_double(crash: Crash) -> None:
    assert run(crash).problems == ()


@pytest.mark.parametrize("crash", list(crashes(Kind.POSTGRESQL)), ids=str)
def test_a_worker_killed_on_postgresql_leaves_nothing_lost_and_nothing_double(crash: Crash, postgres: Postgres) -> None:
    assert run(crash, postgres).problems == ()


def test_no_scenario_is_for_a_boundary_that_is_gone() -> None:
    assert set(SCENARIOS) <= set(Boundary)
