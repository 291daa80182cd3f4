"""A real database for each test, of each kind, and short ways to put things into it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from helpdesk.store.database import Database, open_database
from tests.store.files import impatient
from tests.store.samples import SECRET

KINDS = ["sqlite", "postgresql"]


@pytest.fixture
def file_url(tmp_path: Path) -> str:
    """A database file, which is not there yet."""
    return f"sqlite:///{tmp_path / 'data' / 'helpdesk.db'}?timeout=0.05"


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest) -> str:
    """A database of each kind, which may have tables, and has nothing in them."""
    return (
        request.getfixturevalue("file_url") if request.param == "sqlite" else impatient(request.getfixturevalue("postgres_url"))
    )


@pytest.fixture(params=KINDS)
def new_url(request: pytest.FixtureRequest) -> str:
    """A database of each kind, in which there is nothing at all."""
    if request.param == "sqlite":
        return request.getfixturevalue("file_url")
    return impatient(request.getfixturevalue("empty_postgres_url"))


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    opened = open_database(url, SECRET, create=True)
    yield opened
    opened.close()


@pytest.fixture
def file_database(file_url: str) -> Iterator[Database]:
    opened = open_database(file_url, SECRET, create=True)
    yield opened
    opened.close()
