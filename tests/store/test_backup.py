"""A backup is whole, private and consistent, and what is brought back is what was kept."""

from __future__ import annotations

import os
import sqlite3
import stat
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from alembic import command
from sqlalchemy import create_engine

from helpdesk.errors import DatabaseUnavailable, HelpdeskError, KeyMismatch
from helpdesk.model.delivery import DeliveryState
from helpdesk.store import backup as backup_module
from helpdesk.store import restore as restore_module
from helpdesk.store.backup import make_backup
from helpdesk.store.checked_copy import prepared
from helpdesk.store.database import Database, open_database, upgrade
from helpdesk.store.keys import load_secrets
from helpdesk.store.migrate import alembic_config
from helpdesk.store.restore import NUMBERS_PASSED_OVER, put_in_place, refuse_place
from helpdesk.store.revision import REVISIONS
from helpdesk.store.schema import metadata
from tests.store.files import is_file, path_of, sql
from tests.store.samples import NOW, SECRET, letter, raw, store_messages, write_in

LATER = NOW + timedelta(hours=1)


@pytest.fixture
def target(tmp_path: Path) -> Path:
    folder = tmp_path / "backups"
    folder.mkdir()
    return folder


@pytest.fixture
def used(database: Database) -> Database:
    """A database with a ticket, a mail that waits, a duplicate, and a message that was never processed."""
    return fill(database)


@pytest.fixture
def used_file(file_database: Database) -> Database:
    return fill(file_database)


def fill(database: Database) -> Database:
    with database.writing() as uow:
        written = write_in(uow)
        uow.outbox.add(letter(written.ticket.id), NOW)
        copy, _ = store_messages(uow, raw(2), raw(3, b"Subject: other\r\n\r\nother\r\n"))
        uow.messages.record_duplicate(copy, written.stored.id, NOW)
        uow.commit()
    return database


def restore(url: str, backup: Path, secret: bytes = SECRET, *, replace: bool = True) -> Path | None:
    with prepared(backup, url, secret) as copy:
        return put_in_place(copy, url, LATER, replace=replace)


Rows = dict[str, list[tuple[object, ...]]]


def contents(url: str) -> Rows:
    """Everything that a database holds: of a file as it is, of a server as a backup has it."""
    if is_file(url):
        return contents_of_file(url)
    with TemporaryDirectory() as folder:
        return without_mark(contents_of_file(f"sqlite:///{make_backup(url, Path(folder), NOW).path}"))


def without_mark(rows: Rows) -> Rows:
    return {name: each for name, each in rows.items() if name != "backup_made"}


def counts(url: str) -> dict[str, int]:
    """How many rows each table has, as the database itself says."""
    names = [table.name for table in metadata.sorted_tables] + ["alembic_version"]
    return {name: sql(url, f"SELECT count(*) FROM {name}")[0][0] for name in names}  # noqa: S608


def contents_of_file(url: str) -> Rows:
    names = [row[0] for row in sql(url, "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")]
    return {name: sorted(sql(url, f"SELECT * FROM {name}"), key=repr) for name in names}  # noqa: S608


def test_backup_holds_everything_and_says_so(used: Database, url: str, target: Path) -> None:
    made = make_backup(url, target / "copy.db", NOW)
    assert (made.path, made.made_at, made.messages, made.tickets) == (target / "copy.db", NOW, 3, 1)
    assert made.size == made.path.stat().st_size
    copied = contents_of_file(f"sqlite:///{made.path}")
    assert copied["backup_made"] == [(NOW.isoformat(),)]
    assert without_mark(copied) == contents(url)
    assert {name: len(rows) for name, rows in without_mark(copied).items()} == counts(url)


def test_backup_is_one_file_for_this_user_alone(used: Database, url: str, target: Path) -> None:
    made = make_backup(url, target / "copy.db", NOW)
    assert [each.name for each in target.iterdir()] == ["copy.db"]
    assert stat.S_IMODE(made.path.stat().st_mode) == 0o600


def test_backup_is_private_from_its_first_byte(
    used_file: Database, file_url: str, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []
    real = backup_module._copy_pages

    def look(*arguments: object) -> None:
        (part,) = target.iterdir()
        seen.append(stat.S_IMODE(part.stat().st_mode))
        real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(backup_module, "_copy_pages", look)
    make_backup(file_url, target / "copy.db", NOW)
    assert seen == [0o600]


def test_backup_into_a_folder_is_named_by_date_and_time(used: Database, url: str, target: Path) -> None:
    assert make_backup(url, target, NOW).path == target / "helpdesk-20261102-110000.db"


def test_backup_never_writes_over_a_file(used: Database, url: str, target: Path) -> None:
    there = target / "copy.db"
    there.write_text("mine")
    with pytest.raises(HelpdeskError, match="is there already"):
        make_backup(url, there, NOW)
    assert there.read_text() == "mine"


def test_a_file_that_appears_meanwhile_is_not_written_over(
    used: Database, url: str, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = backup_module._finish

    def meanwhile(*arguments: object) -> object:
        (target / "copy.db").write_text("mine")
        return real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(backup_module, "_finish", meanwhile)
    with pytest.raises(HelpdeskError, match="File exists"):
        make_backup(url, target / "copy.db", NOW)
    assert {each.name: each.read_text() for each in target.iterdir()} == {"copy.db": "mine"}


def test_backup_that_fails_leaves_nothing_behind(
    used: Database, url: str, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(part: Path, now: object) -> None:
        error = sqlite3.OperationalError("database or disk is full")
        error.sqlite_errorcode = sqlite3.SQLITE_FULL
        raise error

    monkeypatch.setattr(backup_module, "_finish", full)
    with pytest.raises(HelpdeskError, match=r"could not be written \(the disk is full\). Nothing of it was left behind"):
        make_backup(url, target / "copy.db", NOW)
    assert list(target.iterdir()) == []


def test_backup_into_a_folder_that_is_missing_is_explained(used: Database, url: str, tmp_path: Path) -> None:
    with pytest.raises(HelpdeskError, match="No such file or directory"):
        make_backup(url, tmp_path / "missing" / "copy.db", NOW)


@pytest.mark.parametrize("name", ["x" * 300, "x" * 300 + "/copy.db"], ids=["file", "folder"])
def test_backup_under_a_name_that_no_file_can_have_is_explained(used: Database, url: str, target: Path, name: str) -> None:
    with pytest.raises(HelpdeskError, match=r"could not be written \(File name too long\)"):
        make_backup(url, target / name, NOW)
    assert list(target.iterdir()) == []


def test_backup_of_a_database_without_tables_says_that_there_is_none(empty_postgres_url: str, target: Path) -> None:
    with pytest.raises(DatabaseUnavailable, match=r"is empty, and nothing was made in it.*names the wrong one"):
        make_backup(empty_postgres_url, target / "copy.db", NOW)
    assert list(target.iterdir()) == []


def test_backup_of_a_file_without_tables_says_that_there_is_none(file_url: str, target: Path) -> None:
    path_of(file_url).parent.mkdir()
    sql(file_url, "PRAGMA user_version = 3")
    with pytest.raises(DatabaseUnavailable, match="There is no database at"):
        make_backup(file_url, target / "copy.db", NOW)
    assert list(target.iterdir()) == []


def test_backup_of_the_database_of_another_program_is_refused(new_url: str, target: Path) -> None:
    if is_file(new_url):
        path_of(new_url).parent.mkdir()
    sql(new_url, "CREATE TABLE other (a integer)")
    with pytest.raises(DatabaseUnavailable, match=r"not ours.*Look at HELPDESK_DATABASE_URL"):
        make_backup(new_url, target / "copy.db", NOW)
    assert list(target.iterdir()) == []


def test_backup_of_a_damaged_database_is_refused(used_file: Database, file_url: str, target: Path) -> None:
    used_file.close()
    path = path_of(file_url)
    content = bytearray(path.read_bytes())
    content[8192:] = b"\x7f" * (len(content) - 8192)
    path.write_bytes(content)
    with pytest.raises(HelpdeskError, match=r"could not be written \(the database is damaged\)"):
        make_backup(file_url, target / "copy.db", NOW)
    assert list(target.iterdir()) == []


def test_backup_of_a_database_that_was_never_made_makes_nothing(file_url: str, target: Path) -> None:
    with pytest.raises(DatabaseUnavailable, match="There is no database"):
        make_backup(file_url, target / "copy.db", NOW)
    assert list(target.iterdir()) == []
    assert not path_of(file_url).exists()


def test_backup_while_a_worker_writes_is_of_one_moment(database: Database, url: str, target: Path) -> None:
    """Each transaction writes a message and its ticket: a copy that has one has the other."""
    stop, begun = threading.Event(), threading.Event()

    def write() -> None:
        uid = 0
        while not stop.is_set():
            uid += 1
            with database.writing() as uow:
                write_in(uow, uid)
                uow.commit()
            if uid == 20:
                begun.set()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert begun.wait(30)
        made = [make_backup(url, target / f"{number}.db", NOW) for number in range(3)]
    finally:
        stop.set()
        writer.join()
    assert made[0].messages >= 20
    assert all(each.messages == each.tickets for each in made)


def test_restored_database_is_what_was_kept(used: Database, url: str, target: Path) -> None:
    before = contents(url)
    made = make_backup(url, target / "copy.db", NOW)
    with used.writing() as uow:
        write_in(uow, 9)
        uow.commit()
    used.close()
    restore(url, made.path)
    assert contents(url) == before
    with closing(open_database(url, SECRET)) as again, again.reading() as uow:
        (row,) = uow.outbox.list((DeliveryState.PENDING,), 10)
        assert row.recipient == "sam@example.org"


@pytest.mark.parametrize("there_and_back", [False, True], ids=["to PostgreSQL", "and back into a file"])
def test_backup_of_one_kind_of_database_can_be_brought_into_the_other(
    used_file: Database, file_url: str, empty_postgres_url: str, target: Path, *, there_and_back: bool
) -> None:
    before = contents(file_url)
    made = make_backup(file_url, target / "first.db", NOW)
    restore(empty_postgres_url, made.path, replace=False)
    assert contents(empty_postgres_url) == before
    if there_and_back:
        used_file.close()
        restore(file_url, make_backup(empty_postgres_url, target / "second.db", NOW).path)
        assert contents(file_url) == before
    with closing(open_database(empty_postgres_url, SECRET)) as moved, moved.writing() as uow:
        (row,) = uow.outbox.list((DeliveryState.PENDING,), 10)
        assert (row.recipient, row.ticket_number) == ("sam@example.org", 1001)
        assert write_in(uow, 10).ticket.number == 1001 + NUMBERS_PASSED_OVER + 1


def test_a_server_database_that_holds_something_is_not_replaced_unasked(postgres_url: str, target: Path) -> None:
    with closing(open_database(postgres_url, SECRET, create=True)) as database:
        fill(database)
    made = make_backup(postgres_url, target / "copy.db", NOW)
    before = contents(postgres_url)
    with pytest.raises(HelpdeskError, match=r"The database is not empty.*helpdesk db restore --replace"):
        restore(postgres_url, made.path, replace=False)
    assert contents(postgres_url) == before


def test_a_place_is_refused_before_anything_is_copied(postgres_url: str) -> None:
    with closing(open_database(postgres_url, SECRET, create=True)) as database:
        refuse_place(postgres_url, replace=False)
        fill(database)
        with pytest.raises(HelpdeskError, match="The database is not empty"):
            refuse_place(postgres_url, replace=False)
        refuse_place(postgres_url, replace=True)
        with database.presence(timedelta(minutes=1)), pytest.raises(HelpdeskError, match="A worker runs on this database"):
            refuse_place(postgres_url, replace=True)


def test_a_place_in_which_there_is_nothing_is_not_refused(new_url: str) -> None:
    refuse_place(new_url, replace=False)


def test_the_tables_of_another_program_on_a_server_are_left_alone(
    used_file: Database, file_url: str, empty_postgres_url: str, target: Path
) -> None:
    sql(empty_postgres_url, "CREATE TABLE message (a integer)")
    made = make_backup(file_url, target / "copy.db", NOW)
    with pytest.raises(DatabaseUnavailable, match="not ours"):
        restore(empty_postgres_url, made.path)
    with pytest.raises(DatabaseUnavailable, match="not ours"):
        refuse_place(empty_postgres_url, replace=True)
    assert sql(empty_postgres_url, "SELECT count(*) FROM message") == [(0,)]


def test_a_restoration_that_fails_half_way_leaves_a_server_database_as_it_was(
    postgres_url: str, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(open_database(postgres_url, SECRET, create=True)) as database:
        fill(database)
    before = contents(postgres_url)
    made = make_backup(postgres_url, target / "copy.db", NOW)

    def fail(*arguments: object) -> None:
        raise OSError("the cable was pulled")

    with monkeypatch.context() as broken:
        broken.setattr(restore_module, "set_highest_ticket", fail)
        with pytest.raises(OSError, match="the cable"):
            restore(postgres_url, made.path)
    assert contents(postgres_url) == before


def test_backup_knows_when_it_was_made(used: Database, url: str, target: Path) -> None:
    made = make_backup(url, target / "copy.db", NOW)
    with prepared(made.path, url, SECRET) as copy:
        assert (copy.made_at, copy.messages, copy.tickets) == (NOW, 3, 1)


def test_a_copy_made_by_other_means_counts_from_its_last_message(used_file: Database, file_url: str, target: Path) -> None:
    with closing(sqlite3.connect(path_of(file_url))) as source, closing(sqlite3.connect(target / "copy.db")) as copy:
        source.backup(copy)
    with prepared(target / "copy.db", file_url, SECRET) as found:
        assert found.made_at == NOW


def test_present_database_is_kept_beside(used_file: Database, file_url: str, target: Path) -> None:
    made = make_backup(file_url, target / "copy.db", NOW)
    before = contents(file_url)
    used_file.close()
    kept = restore(file_url, made.path)
    assert kept == path_of(file_url).with_name("helpdesk.db.before-20261102-120000")
    assert contents(f"sqlite:///{kept}") == before


def test_a_database_is_in_its_place_at_every_moment_of_a_restoration(
    used_file: Database, file_url: str, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker that starts in between would make an empty one."""
    made = make_backup(file_url, target / "copy.db", NOW)
    used_file.close()
    to_disk, seen = restore_module.to_disk, []

    def look(path: Path) -> None:
        seen.append(path_of(file_url).exists())
        to_disk(path)

    monkeypatch.setattr(restore_module, "to_disk", look)
    assert restore(file_url, made.path)
    assert seen == [True, True]


def test_where_a_file_can_have_one_name_only_the_present_database_is_kept_too(
    used_file: Database, file_url: str, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = make_backup(file_url, target / "copy.db", NOW)
    before = contents(file_url)
    used_file.close()

    def refuse(self: Path, target: Path) -> None:
        raise PermissionError

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    kept = restore(file_url, made.path)
    assert contents(f"sqlite:///{kept}") == before
    with closing(open_database(file_url, SECRET)) as again, again.reading() as uow:
        assert uow.tickets.by_number(1001) is not None


@pytest.mark.parametrize("present", ["none", "damaged", "only a WAL"])
def test_restoration_needs_no_present_database(used_file: Database, file_url: str, target: Path, present: str) -> None:
    made = make_backup(file_url, target / "copy.db", NOW)
    used_file.close()
    path = path_of(file_url)
    path.unlink()
    if present == "damaged":
        path.write_bytes(b"SQLite format 3\0" + b"\x7f" * 10_000)
    if present == "only a WAL":
        path.with_name(path.name + "-wal").write_bytes(b"of another database")
    kept = restore(file_url, made.path)
    assert (kept is not None) == (present == "damaged")
    assert not path.with_name(path.name + "-wal").exists()
    with closing(open_database(file_url, SECRET)) as again, again.reading() as uow:
        assert uow.tickets.by_number(1001) is not None


def test_restored_file_is_for_this_user_alone(used_file: Database, file_url: str, target: Path) -> None:
    made = make_backup(file_url, target / "copy.db", NOW)
    made.path.chmod(0o644)
    used_file.close()
    restore(file_url, made.path)
    assert stat.S_IMODE(path_of(file_url).stat().st_mode) == 0o600


@pytest.mark.parametrize("present", ["a database", "a folder", "nothing"])
def test_what_root_brings_back_belongs_to_the_user_of_the_service(
    used_file: Database, file_url: str, target: Path, monkeypatch: pytest.MonkeyPatch, present: str
) -> None:
    """Played by the owner that these files have, so that it runs as any user; the calls are those that only root may make."""
    made = make_backup(file_url, target / "copy.db", NOW)
    used_file.close()
    path, given = path_of(file_url), []
    if present != "a database":
        path.unlink()
    if present == "nothing":
        path.parent.rmdir()
    owned = {"a database": (path,), "a folder": (path.parent,), "nothing": (path.parent, path.parent.parent)}[present]

    def stat_of(self: Path, *, follow_symlinks: bool = True) -> os.stat_result:
        real = os.stat(self, follow_symlinks=follow_symlinks)
        return os.stat_result((*real[:4], 5000, 6000, *real[6:])) if self in owned else real

    def give(path: Path, user: int, group: int) -> None:
        given.append(("folder" if path.is_dir() else "file", user, group))

    monkeypatch.setattr(Path, "stat", stat_of)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(os, "chown", give)
    restore(file_url, made.path)
    assert given == [*([("folder", 5000, 6000)] if present == "nothing" else []), ("file", 5000, 6000)]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give a file to another user")
@pytest.mark.parametrize("present", ["a database", "a folder"])
def test_root_really_gives_the_file_away(used_file: Database, file_url: str, target: Path, present: str) -> None:
    made = make_backup(file_url, target / "copy.db", NOW)
    used_file.close()
    path = path_of(file_url)
    os.chown(path if present == "a database" else path.parent, 5000, 6000)
    if present == "a folder":
        path.unlink()
    restore(file_url, made.path)
    found = path.stat()
    assert (found.st_uid, found.st_gid, stat.S_IMODE(found.st_mode)) == (5000, 6000, 0o600)


def test_nobody_but_root_gives_a_file_away(
    used_file: Database, file_url: str, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = make_backup(file_url, target / "copy.db", NOW)
    used_file.close()
    given: list[object] = []
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(os, "chown", lambda *arguments: given.append(arguments))
    restore(file_url, made.path)
    assert given == []


def test_numbers_of_tickets_that_the_backup_never_saw_are_not_given_again(used: Database, url: str, target: Path) -> None:
    made = make_backup(url, target / "copy.db", NOW)
    with used.writing() as uow:
        lost = write_in(uow, 9).ticket.number
        uow.commit()
    used.close()
    restore(url, made.path)
    with closing(open_database(url, SECRET)) as again, again.writing() as uow:
        assert write_in(uow, 10).ticket.number == lost + NUMBERS_PASSED_OVER + 1


def nothing_changed(url: str, before: Rows) -> bool:
    if not is_file(url):
        return contents(url) == before
    folder = path_of(url).parent
    return contents(url) == before and not [
        each for each in folder.iterdir() if each.name.startswith(".") or "before" in each.name
    ]


@pytest.fixture
def refused(used: Database, url: str) -> Iterator[None]:
    """What happens in the test changes nothing."""
    before = contents(url)
    yield
    assert nothing_changed(url, before)


@pytest.mark.usefixtures("refused")
def test_backup_of_another_key_is_refused(url: str, target: Path) -> None:
    made = make_backup(url, target / "copy.db", NOW)
    with pytest.raises(KeyMismatch, match=rf"the backup {made.path} was sealed with.*Nothing was changed"):
        restore(url, made.path, b"x" * 32)


@pytest.mark.usefixtures("refused")
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"From: sam@example.org\n", "is no backup of a helpdesk"),
        (b"SQLite format 3\0" + b"\x7f" * 10_000, "damaged, or no database"),
    ],
    ids=["another file", "damaged"],
)
def test_file_that_is_no_backup_is_refused(url: str, target: Path, content: bytes, words: str) -> None:
    (target / "copy.db").write_bytes(content)
    with pytest.raises(HelpdeskError, match=words):
        restore(url, target / "copy.db")


@pytest.mark.usefixtures("refused")
def test_backup_with_a_damaged_page_is_refused(url: str, target: Path) -> None:
    made = make_backup(url, target / "copy.db", NOW)
    content = bytearray(made.path.read_bytes())
    content[-4096:] = b"\x7f" * 4096
    made.path.write_bytes(content)
    with pytest.raises(HelpdeskError, match="damaged"):
        restore(url, made.path)


@pytest.mark.usefixtures("refused")
def test_missing_file_is_told(url: str, target: Path) -> None:
    with pytest.raises(
        HelpdeskError, match=r"copy.db is not there\. Nothing was changed.*Name the file that helpdesk db backup"
    ):
        restore(url, target / "copy.db")


@pytest.mark.usefixtures("refused")
def test_a_folder_in_place_of_a_backup_is_told(url: str, target: Path) -> None:
    with pytest.raises(
        HelpdeskError, match=r"backups is a folder\. Nothing was changed.*Name the file that helpdesk db backup"
    ):
        restore(url, target)


@pytest.mark.usefixtures("refused")
def test_a_backup_with_a_name_that_no_file_can_have_is_told(url: str, target: Path) -> None:
    with pytest.raises(HelpdeskError, match="File name too long"):
        restore(url, target / ("x" * 300))


NO_BACKUP = r"copy.db is no backup of a helpdesk\. Nothing was changed.*Name the file that helpdesk db backup wrote"


@pytest.mark.usefixtures("refused")
@pytest.mark.parametrize(
    "statement",
    [
        "PRAGMA user_version = 3",
        "CREATE TABLE other (a)",
        "CREATE TABLE alembic_version (version_num TEXT)",
    ],
    ids=["no table", "another program", "another program with Alembic"],
)
def test_a_database_that_is_not_of_a_helpdesk_is_refused(url: str, target: Path, statement: str) -> None:
    sql(f"sqlite:///{target / 'copy.db'}", statement)
    with pytest.raises(HelpdeskError, match=NO_BACKUP):
        restore(url, target / "copy.db")


@pytest.mark.usefixtures("refused")
@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("DELETE FROM secret_key", NO_BACKUP),
        ("DELETE FROM alembic_version", NO_BACKUP),
        (
            "UPDATE alembic_version SET version_num = '9999'",
            r"copy.db was made by a newer version.*\(schema 9999\).*Nothing was",
        ),
        ("ALTER TABLE ticket RENAME TO case_", NO_BACKUP),
    ],
    ids=["no keys", "no version", "newer", "a table is missing"],
)
def test_a_backup_that_an_upgrade_or_a_new_key_would_hide_is_refused(
    url: str, target: Path, statement: str, words: str
) -> None:
    made = make_backup(url, target / "copy.db", NOW)
    with closing(sqlite3.connect(made.path)) as connection, connection:
        connection.execute(statement)
    with pytest.raises(HelpdeskError, match=words):
        restore(url, made.path)


def test_a_database_that_was_never_started_is_no_backup(file_url: str, url: str, target: Path) -> None:
    """Restored it would get keys of its own, whatever they are."""
    upgrade(f"sqlite:///{target / 'never.db'}")
    made = make_backup(f"sqlite:///{target / 'never.db'}", target / "copy.db", NOW)
    with pytest.raises(HelpdeskError, match=NO_BACKUP):
        restore(url, made.path)
    if is_file(url):
        assert not path_of(url).exists()
    else:
        assert sql(url, "SELECT count(*) FROM secret_key") == [(0,)]


@pytest.mark.usefixtures("refused")
def test_restoration_is_refused_while_a_worker_runs(used: Database, url: str, target: Path) -> None:
    made = make_backup(url, target / "copy.db", NOW)
    with used.presence(timedelta(minutes=1)), pytest.raises(HelpdeskError, match="A worker runs on this database"):
        restore(url, made.path)


def test_restoration_is_refused_while_another_program_has_the_file_open(
    used_file: Database, file_url: str, target: Path
) -> None:
    made = make_backup(file_url, target / "copy.db", NOW)
    before = contents(file_url)
    with used_file.reading() as uow:
        uow.tickets.by_number(1001)
        with pytest.raises(HelpdeskError, match="Another program has the database"):
            restore(file_url, made.path)
    assert nothing_changed(file_url, before)


def test_backup_of_an_older_schema_is_brought_forward(url: str, target: Path) -> None:
    old = target / "old.db"
    engine = create_engine(f"sqlite:///{old}")
    with engine.begin() as connection:
        config = alembic_config()
        config.attributes["connection"] = connection
        command.upgrade(config, REVISIONS[0])
        load_secrets(connection, SECRET)
    engine.dispose()
    made = make_backup(f"sqlite:///{old}", target / "copy.db", NOW)
    assert sql(f"sqlite:///{made.path}", "SELECT version_num FROM alembic_version") == [(REVISIONS[0],)]
    assert restore(url, made.path) is None
    with closing(open_database(url, SECRET)) as again, again.reading() as uow:
        assert uow.mailboxes.all() == []
    # The backup itself stays as it was.
    assert sql(f"sqlite:///{made.path}", "SELECT version_num FROM alembic_version") == [(REVISIONS[0],)]
