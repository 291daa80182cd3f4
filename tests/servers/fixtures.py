"""The servers as pytest fixtures, for a conftest to import."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers.certificates import Certificate, make_certificate
from tests.servers.dovecot import Dovecot, running_dovecot
from tests.servers.postgres import Postgres, make_template, running_postgres
from tests.servers.scripted_imap import ScriptedImap, running_script
from tests.servers.smtp_sink import SmtpSink, running_sink


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Dovecot]:
    """One Dovecot for all tests; each takes `dovecot.fresh_user()`."""
    with running_dovecot() as server:
        yield server


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """A good certificate for localhost."""
    directory: Path = tmp_path_factory.mktemp("certificate")
    return make_certificate(directory)


@pytest.fixture
def sink() -> Iterator[SmtpSink]:
    """An SMTP server of this test's own, without TLS."""
    with running_sink() as server:
        yield server


@pytest.fixture
def script() -> Iterator[ScriptedImap]:
    """An IMAP server of this test's own that says what it is told."""
    with running_script() as server:
        yield server


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """One PostgreSQL for all tests; each takes a database of its own, see `postgres_url`."""
    with running_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_template(postgres: Postgres) -> str:
    """A database to be copied: with all our tables, and nothing in them."""
    return make_template(postgres)


@pytest.fixture
def postgres_url(postgres: Postgres, postgres_template: str) -> Iterator[str]:
    """The URL of a database of this test's own, with all tables and nothing in them."""
    name = postgres.new_database(postgres_template)
    yield postgres.url(name)
    postgres.drop(name)


@pytest.fixture
def empty_postgres_url(postgres: Postgres) -> Iterator[str]:
    """The URL of a database of this test's own, without any tables."""
    name = postgres.new_database()
    yield postgres.url(name)
    postgres.drop(name)
