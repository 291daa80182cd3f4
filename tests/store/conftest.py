"""A real SQLite file for each test, and short ways to put things into it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from helpdesk.store.database import Database, open_database
from tests.store.samples import SECRET


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'data' / 'helpdesk.db'}?timeout=0.05"


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    opened = open_database(url, SECRET, create=True)
    yield opened
    opened.close()
