"""Opening the database, its transactions, and what people are told when it can't be used."""

from __future__ import annotations

import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from sqlite3 import Connection, connect

import pytest

from helpdesk.errors import DatabaseUnavailable, KeyMismatch
from helpdesk.store import migrate, postgres, revision, sqlite
from helpdesk.store.database import Database, backend_of, open_database, upgrade
from tests.store.files import is_file, path_of, sql
from tests.store.samples import SECRET, closing_database, raw, store_messages, stored, write_in, write_in_once

LAST = revision.REVISIONS[-1]
LATER_MIGRATION = f"""
import sqlalchemy as sa
from alembic import op

revision = "9999"
down_revision = "{LAST}"


def upgrade() -> None:
    op.create_table("later", sa.Column("id", sa.Integer(), primary_key=True))
"""


@contextmanager
def kept_locked(url: str) -> Iterator[Connection]:
    """Another program in the middle of a write."""
    with closing(connect(path_of(url), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield other
        other.execute("ROLLBACK")


def test_new_database_is_for_this_user_only(file_url: str) -> None:
    database = open_database(file_url, SECRET, create=True)
    with database.writing() as uow:
        store_messages(uow, raw())
        uow.commit()
    folder = path_of(file_url).parent
    rights = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    database.close()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert rights == {"helpdesk.db": 0o600, "helpdesk.db-wal": 0o600, "helpdesk.db-shm": 0o600}


@pytest.mark.parametrize("there", ["no folder", "no file", "an empty file", "a file without tables"])
def test_database_that_was_never_made_is_told_and_not_made(file_url: str, there: str) -> None:
    path = path_of(file_url)
    if there != "no folder":
        path.parent.mkdir()
    if there == "an empty file":
        path.touch()
    if there == "a file without tables":
        sql(file_url, "PRAGMA user_version=1")
    with pytest.raises(DatabaseUnavailable, match=r"no database at .*helpdesk\.db yet.*helpdesk run --start-from now"):
        open_database(file_url, SECRET)
    assert path.parent.exists() == (there != "no folder")
    assert path.exists() == (there in ("an empty file", "a file without tables"))
    assert there != "an empty file" or path.stat().st_size == 0


def test_path_that_cannot_be_looked_at_is_explained_without_making_anything(tmp_path: Path) -> None:
    (tmp_path / "blocked").touch()
    with pytest.raises(DatabaseUnavailable, match=r"can't be opened.*HELPDESK_DATABASE_URL, and at the rights"):
        open_database(f"sqlite:///{tmp_path}/blocked/helpdesk.db", SECRET)


def test_start_of_a_database_that_is_up_to_date_does_not_load_the_migrations(file_database: Database, file_url: str) -> None:
    opening = (
        "import sys; from helpdesk.store.database import open_database; "
        "open_database(sys.argv[1], bytes(range(32))).close(); assert 'alembic' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", opening, file_url], check=True)


def test_empty_file_becomes_a_database(file_url: str) -> None:
    path_of(file_url).parent.mkdir()
    path_of(file_url).touch()
    open_database(file_url, SECRET, create=True).close()
    assert sql(file_url, "SELECT version_num FROM alembic_version") == [(LAST,)]


def test_reopened_database_holds_what_it_held(new_url: str) -> None:
    database = open_database(new_url, SECRET, create=True)
    ticket = write_in_once(database).ticket
    database.close()
    database = open_database(new_url, SECRET, create=True)
    with database.reading() as uow:
        assert uow.tickets.by_number(1001) == ticket
    database.close()


def test_wrong_key_is_told_and_changes_nothing(database: Database, url: str) -> None:
    before = sql(url, "SELECT * FROM secret_key")
    with pytest.raises(KeyMismatch, match=r"no mail was touched\. Put back the key"):
        open_database(url, bytes(32), create=True)
    assert sql(url, "SELECT * FROM secret_key") == before


@pytest.mark.parametrize("length", [0, 16, 33])
def test_key_of_the_wrong_length_is_told(url: str, length: int) -> None:
    with pytest.raises(KeyMismatch, match=f"must be 32 bytes, and is {length}"):
        open_database(url, bytes(length), create=True)


def test_lost_keys_are_not_replaced_over_sealed_content(database: Database, url: str) -> None:
    write_in_once(database)
    sql(url, "DELETE FROM secret_key")
    with pytest.raises(KeyMismatch):
        open_database(url, SECRET, create=True)
    assert sql(url, "SELECT * FROM secret_key") == []


def test_migrated_but_unused_database_gets_its_keys(new_url: str) -> None:
    upgrade(new_url)
    assert sql(new_url, "SELECT * FROM secret_key") == []
    database = open_database(new_url, SECRET, create=True)
    write_in_once(database)
    database.close()
    assert {name for name, _ in sql(new_url, "SELECT * FROM secret_key")} == {"master", "lookup", "token"}


@pytest.fixture
def newer_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The program after an update that brought a migration."""
    migrations = tmp_path / "migrations"
    shutil.copytree(migrate.MIGRATIONS, migrations, ignore=shutil.ignore_patterns("__pycache__"))
    (migrations / "versions" / "9999_later.py").write_text(LATER_MIGRATION)
    monkeypatch.setattr(migrate, "MIGRATIONS", migrations)
    monkeypatch.setattr(revision, "REVISIONS", (*revision.REVISIONS, "9999"))


@contextmanager
def before_the_update(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patch:
        patch.setattr(migrate, "MIGRATIONS", Path(sqlite.__file__).parent / "migrations")
        patch.setattr(revision, "REVISIONS", revision.REVISIONS[:-1])
        yield


@pytest.mark.usefixtures("newer_version")
def test_older_schema_is_refused_until_upgraded(new_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with before_the_update(monkeypatch):
        database = open_database(new_url, SECRET, create=True)
        write_in_once(database)
        database.close()
    with pytest.raises(DatabaseUnavailable, match="helpdesk db upgrade"):
        open_database(new_url, SECRET, create=True)
    upgrade(new_url)
    database = open_database(new_url, SECRET, create=True)
    with database.reading() as uow:
        assert uow.tickets.by_number(1001) is not None
    database.close()


@pytest.mark.usefixtures("newer_version")
def test_failed_migration_leaves_the_database_as_it_was(new_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with before_the_update(monkeypatch):
        open_database(new_url, SECRET, create=True).close()
    broken = migrate.MIGRATIONS / "versions" / "9999_later.py"
    broken.write_text(LATER_MIGRATION + '    op.drop_table("nothing")\n')
    with pytest.raises(DatabaseUnavailable):
        upgrade(new_url)
    assert sql(new_url, "SELECT version_num FROM alembic_version") == [(LAST,)]
    with pytest.raises(Exception, match=r"no such table|does not exist"):
        sql(new_url, "SELECT * FROM later")


def test_newer_schema_is_refused(database: Database, url: str) -> None:
    sql(url, "UPDATE alembic_version SET version_num = 'f00d'")
    with pytest.raises(DatabaseUnavailable, match=r"newer version of helpdesk \(schema f00d\)"):
        open_database(url, SECRET, create=True)


def test_upgrading_a_newer_schema_is_refused(database: Database, url: str) -> None:
    sql(url, "UPDATE alembic_version SET version_num = 'f00d'")
    with pytest.raises(DatabaseUnavailable, match="newer version of helpdesk"):
        upgrade(url)


def test_upgrading_twice_changes_nothing(database: Database, url: str) -> None:
    write_in_once(database)
    upgrade(url)
    with database.reading() as uow:
        assert uow.tickets.by_number(1001) is not None


def test_database_of_another_program_is_refused(new_url: str) -> None:
    if is_file(new_url):
        path_of(new_url).parent.mkdir()
    sql(new_url, "CREATE TABLE notes (id INTEGER)")
    with pytest.raises(DatabaseUnavailable, match="not ours"):
        open_database(new_url, SECRET, create=True)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("mysql+pymysql://desk@localhost/desk", "asks for mysql, which is not supported"),
        ("sqlite://", "names no file"),
        ("sqlite:///:memory:", "names no file"),
        ("sqlite:///file:desk.db?mode=ro&uri=true", "names no file"),
        ("data/helpdesk.db", "can't be read"),
    ],
)
def test_url_that_cannot_serve_is_explained(url: str, words: str) -> None:
    with pytest.raises(DatabaseUnavailable, match=rf"{words}.*HELPDESK_DATABASE_URL=sqlite:///data/helpdesk\.db"):
        open_database(url, SECRET, create=True)


def test_file_that_is_no_database_is_explained(file_url: str) -> None:
    path_of(file_url).parent.mkdir()
    path_of(file_url).write_bytes(b"not a database, but somebody's letter, and long enough " * 40)
    with pytest.raises(DatabaseUnavailable, match="not a database"):
        open_database(file_url, SECRET, create=True)


@pytest.mark.parametrize("at", ["the file", "the folder"])
def test_path_that_cannot_be_used_is_explained(tmp_path: Path, at: str) -> None:
    blocked = tmp_path / "blocked"
    if at == "the file":
        blocked.mkdir()
        file_url = f"sqlite:///{blocked}"
    else:
        blocked.touch()
        file_url = f"sqlite:///{blocked}/helpdesk.db"
    with pytest.raises(DatabaseUnavailable, match=r"can't be (made|opened).*HELPDESK_DATABASE_URL, and at the rights"):
        open_database(file_url, SECRET, create=True)


def test_opening_a_locked_database_is_explained(file_database: Database, file_url: str) -> None:
    file_database.close()
    with kept_locked(file_url), pytest.raises(DatabaseUnavailable, match="kept the database locked"):
        open_database(file_url, SECRET, create=True)


def test_database_locked_by_another_program_is_explained_and_serves_again(file_database: Database, file_url: str) -> None:
    with kept_locked(file_url):
        with pytest.raises(DatabaseUnavailable, match=r"locked\. No mail is lost"), file_database.writing():
            pytest.fail("must not begin")
        assert stored(file_database) == 0  # reading goes on
    write_in_once(file_database)


def test_opening_it_once_more_does_not_end_the_locks_of_this_process(file_database: Database, file_url: str) -> None:
    write_in_once(file_database)
    open_database(file_url, SECRET, create=True).close()
    # Another program that found no lock would take itself for the last one, and remove the WAL from under our feet.
    visit = "import sqlite3, sys; visit = sqlite3.connect(sys.argv[1]); visit.execute('SELECT * FROM ticket'); visit.close()"
    subprocess.run([sys.executable, "-c", visit, str(path_of(file_url))], check=True)
    assert path_of(file_url).with_name("helpdesk.db-wal").exists()
    assert stored(file_database) == 0


def test_transaction_that_never_ends_does_not_hang_the_others(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    # As short as what the URL of the other database says.
    monkeypatch.setattr(postgres, "PATIENCE", 0.05)
    with (
        database.writing(),
        pytest.raises(DatabaseUnavailable, match="Another part of this program"),
        database.writing(),
    ):
        pytest.fail("must not begin")


def test_full_disk_is_explained_and_loses_nothing(file_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    database = open_database(file_url, SECRET, create=True)
    with database.writing() as uow:
        store_messages(uow, raw(1))
        uow.commit()
    database.close()
    monkeypatch.setattr(sqlite, "PRAGMAS", (*sqlite.PRAGMAS, "PRAGMA max_page_count=60"))
    database = open_database(file_url, SECRET, create=True)
    with database.writing() as uow:
        with pytest.raises(DatabaseUnavailable, match=r"disk is full\. No mail is lost.*Free space"):
            store_messages(uow, raw(2, bytes(500_000)))
        with pytest.raises(DatabaseUnavailable):
            uow.commit()
    assert stored(database) == 1
    with database.writing() as uow:
        store_messages(uow, raw(3))
        uow.commit()
    assert stored(database) == 2
    database.close()


def test_disk_that_fills_up_inside_a_part_is_no_failure_of_that_part(file_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    open_database(file_url, SECRET, create=True).close()
    monkeypatch.setattr(sqlite, "PRAGMAS", (*sqlite.PRAGMAS, "PRAGMA max_page_count=60"))
    database = open_database(file_url, SECRET, create=True)
    with database.writing() as uow, pytest.raises(DatabaseUnavailable), uow.savepoint():
        store_messages(uow, raw(2, bytes(500_000)))
    database.close()


def test_read_only_database_is_explained(file_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    open_database(file_url, SECRET, create=True).close()
    database = open_database(file_url, SECRET, create=True)
    database.close()
    monkeypatch.setattr(sqlite, "PRAGMAS", (*sqlite.PRAGMAS, "PRAGMA query_only=ON"))
    with pytest.raises(DatabaseUnavailable, match="can't be written to"), database.writing():
        pytest.fail("must not begin")
    assert stored(database) == 0
    database.close()


def test_damaged_database_is_explained(file_url: str) -> None:
    database = open_database(file_url, SECRET, create=True)
    with database.writing() as uow:
        store_messages(uow, *(raw(uid, bytes(9000)) for uid in range(1, 40)))
        uow.commit()
    database.close()
    path = path_of(file_url)
    content = bytearray(path.read_bytes())
    content[4096 * 8 :] = b"\xff" * (len(content) - 4096 * 8)
    path.write_bytes(content)
    with pytest.raises(DatabaseUnavailable, match=r"damaged.*restore the last backup"):
        stored_everything(file_url)


def stored_everything(url: str) -> None:
    with closing_database(url) as database, database.writing() as uow:
        for uid in range(40, 80):
            write_in(uow, uid)


@pytest.mark.parametrize(
    ("url", "seconds"),
    [("sqlite:///x.db?timeout=2.5", 2.5), ("sqlite:///x.db?timeout=soon", 30.0), ("sqlite:///x.db", 30.0)],
    ids=["said", "no number", "not said"],
)
def test_patience_comes_from_the_url(url: str, seconds: float) -> None:
    assert backend_of(url).patience == seconds
