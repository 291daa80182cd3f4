"""Several workers on one database, and one worker for a minute of mail and faults: what the long runs do, in short."""

from __future__ import annotations

import random

import pytest

from tests.reliability.soak import soak
from tests.reliability.workers import share
from tests.reliability.world import Kind
from tests.servers.postgres import Postgres


@pytest.mark.long
def test_four_workers_of_which_three_are_lost_do_the_work_of_one(postgres: Postgres) -> None:
    assert share(300, postgres).problems == ()


@pytest.mark.long
def test_a_minute_of_mail_and_faults_loses_nothing_and_leaves_nothing_open() -> None:
    # At this speed of the worker's clock a second try comes within seconds.
    chance = random.Random(7)  # noqa: S311 - faults, not secrets
    assert soak(Kind.SQLITE, minutes=1, rate=20, chance=chance, speed=30).problems() == []
