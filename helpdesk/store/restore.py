"""Brings a backup back: a checked copy of it first, which then takes the place of the database.

What the helpdesk must remember of a restoration is written into that copy, by `jobs`, so that no database is ever in its
place without it.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, func, select, text

from helpdesk.errors import HelpdeskError
from helpdesk.store.backend import Backend, Work
from helpdesk.store.backup import READ_MARK, check_file, filled, make_private, put_under, remove, to_disk, url_of
from helpdesk.store.copying import copy_rows, count_rows, highest_ticket, set_highest_ticket
from helpdesk.store.database import backend_of, living_workers, open_database, upgrade
from helpdesk.store.faults import told_to_people
from helpdesk.store.revision import is_empty, refuse_older_schema, refuse_what_is_not_ours
from helpdesk.store.schema import data_key, message, metadata, secret_key, ticket
from helpdesk.store.sqlite import Sqlite

# So many tickets may have been opened since the backup: their numbers were told to people, and are not given again.
NUMBERS_PASSED_OVER = 1_000
_FIRST_BYTES = b"SQLite format 3\0"
_BESIDE = ("-wal", "-shm", "-journal")
_REMAINED = "Nothing was changed: the present database is as it was."
# A database that holds nothing but these was never used.
_KEYS = frozenset({secret_key.name, data_key.name})


@dataclass(frozen=True, slots=True)
class Prepared:
    """A copy of a backup, in the newest schema and not in its place yet; when the backup was made, and what it holds."""

    path: Path
    made_at: datetime
    messages: int
    tickets: int

    @property
    def url(self) -> str:
        return url_of(self.path)


@contextmanager
def prepared(backup: Path, url: str, secret: bytes) -> Iterator[Prepared]:
    """A checked copy of the file `backup`, on the disk of the database where it has one; gone at the end.

    Raises HelpdeskError where the file is no backup of ours or damaged, and KeyMismatch. The file itself is only read.
    """
    _refuse_what_is_no_database(backup)
    with ExitStack() as undo:
        with _told(backup):
            copy = _place_for_copy(backend_of(url), backup)
            make_private(copy)
            undo.callback(remove, copy)
            made_at = _copy(backup, copy)
        upgrade(url_of(copy))
        open_database(url_of(copy), secret).close()
        with filled(copy) as connection:
            messages = connection.execute(select(func.count()).select_from(message)).scalar_one()
            tickets = connection.execute(select(func.count()).select_from(ticket)).scalar_one()
            made_at = made_at or _last_seen(connection)
        yield Prepared(copy, made_at, messages, tickets)


def put_in_place(copy: Prepared, url: str, now: datetime, *, replace: bool) -> Path | None:
    """Let a prepared copy be the database at `url`; returns where the one that was there is kept, if there was one in a file.

    On a server the rows of a database that was used go, and only with `replace`. Raises HelpdeskError while a worker runs,
    or any program has the file open.
    """
    refuse_workers(url)
    backend = backend_of(url)
    if isinstance(backend, Sqlite):
        return _replace_file(backend.path, copy, now)
    engine = backend.engine()
    try:
        with told_to_people():
            _have_tables(backend, engine, url)
            _replace_rows(backend, engine, copy, replace=replace)
    finally:
        engine.dispose()
    return None


def refuse_workers(url: str) -> None:
    """Raise HelpdeskError while a worker is at this database."""
    if living := living_workers(url):
        workers = "A worker runs" if living == 1 else f"{living} workers run"
        raise HelpdeskError(f"{workers} on this database. {_REMAINED} Stop every worker, and restore again.")


def _have_tables(backend: Backend, engine: Engine, url: str) -> None:
    """Make the tables where there are none; raises DatabaseUnavailable for those of an older version or another program."""
    with backend.begun(engine, Work.READ) as connection:
        empty = is_empty(connection)
        if not empty:
            refuse_what_is_not_ours(connection)
            refuse_older_schema(connection)
    if empty:
        upgrade(url)


def _replace_rows(backend: Backend, engine: Engine, copy: Prepared, *, replace: bool) -> None:
    """All in one transaction: either the whole backup is there, or all that was there before."""
    with filled(copy.path) as source, backend.begun(engine, Work.UPGRADE) as target:
        used = any(count for name, count in count_rows(target).items() if name not in _KEYS)
        if used and not replace:
            raise HelpdeskError(
                f"The database is not empty. {_REMAINED} To have the backup in its place, keep a copy first with: "
                "helpdesk db backup, and then say: helpdesk db restore --replace"
            )
        highest = max(highest_ticket(source), highest_ticket(target))
        target.execute(text(f"TRUNCATE {', '.join(table.name for table in metadata.sorted_tables)}"))
        copy_rows(source, target)
        set_highest_ticket(target, highest + NUMBERS_PASSED_OVER)
        target.commit()


def _replace_file(path: Path, copy: Prepared, now: datetime) -> Path | None:
    with _told(path):
        present = _close_for_good(path)
        with filled(copy.path) as connection:
            set_highest_ticket(connection, max(present, highest_ticket(connection)) + NUMBERS_PASSED_OVER)
        with closing(sqlite3.connect(copy.path, isolation_level=None)) as raw:
            raw.execute("PRAGMA journal_mode=DELETE")
        # This may take long, so it comes before the present database gives up its place.
        to_disk(copy.path)
        kept = _keep_present(path, now)
        if kept:
            copy.path.replace(path)
            to_disk(path.parent)
        else:
            put_under(copy.path, path)
    return kept


def _refuse_what_is_no_database(backup: Path) -> None:
    with _told(backup), backup.open("rb") as file:
        first = file.read(len(_FIRST_BYTES))
    if first != _FIRST_BYTES:
        raise HelpdeskError(f"{backup} is no backup of a helpdesk. {_REMAINED} Name the file that helpdesk db backup wrote.")


def _place_for_copy(backend: Backend, backup: Path) -> Path:
    """A new name beside the database, so that the copy needs only another name in the end; else beside the backup."""
    beside = backend.path if isinstance(backend, Sqlite) else backup
    if not beside.parent.exists():
        beside.parent.mkdir(mode=0o700, parents=True)
    return beside.with_name(f".{beside.name}.{secrets.token_hex(4)}")


def _copy(backup: Path, copy: Path) -> datetime | None:
    """Copy page by page, check the copy, and take off the mark of a backup; returns the time that it holds."""
    with (
        closing(sqlite3.connect(f"{backup.absolute().as_uri()}?mode=ro", uri=True)) as source,
        closing(sqlite3.connect(copy, isolation_level=None)) as target,
    ):
        source.backup(target)
        check_file(target, backup)
        with suppress(sqlite3.OperationalError):
            made_at = datetime.fromisoformat(target.execute(READ_MARK).fetchone()[0])
            target.execute("DROP TABLE backup_made")
            return made_at
    # A copy that was made by other means.
    return None


def _last_seen(connection: Connection) -> datetime:
    """When this database last took anything in, as far as it knows."""
    last: datetime | None = connection.execute(select(func.max(message.c.stored_at, type_=message.c.stored_at.type))).scalar()
    return last or datetime.fromtimestamp(0, UTC)


def _close_for_good(path: Path) -> int:
    """Bring everything of the present database into its one file; returns the highest number of its tickets, 0 if unknown.

    One that is damaged stays as it is. Raises HelpdeskError while another program has it open.
    """
    if not path.exists():
        return 0
    try:
        with closing(sqlite3.connect(path, timeout=1, isolation_level=None)) as connection:
            # Leaving the WAL needs the database alone, and so tells whether anybody else has it open.
            connection.execute("PRAGMA journal_mode=DELETE")
            row = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'ticket'").fetchone()
            return int(row[0]) if row else 0
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise HelpdeskError(
                f"Another program has the database {path} open. {_REMAINED} Stop the worker and everything else that uses it, "
                "and restore again."
            ) from error
        return 0


def _keep_present(path: Path, now: datetime) -> Path | None:
    """Keep the present database under another name too, with all that belongs to it; None where there is none.

    A WAL that stayed behind would be taken for one of the database that comes in its place. The file itself keeps its name
    until that one takes it, so that no worker that starts meanwhile finds nothing there, and makes a new one.
    """
    kept = path.with_name(f"{path.name}.before-{now:%Y%m%d-%H%M%S}")
    for suffix in _BESIDE:
        with suppress(FileNotFoundError):
            path.with_name(path.name + suffix).rename(kept.with_name(kept.name + suffix))
    if not path.exists():
        return None
    try:
        kept.hardlink_to(path)
    except OSError:
        # Not every file system can give a file two names.
        path.rename(kept)
    return kept


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise HelpdeskError(
            f"{path} can't be used ({error.strerror}). {_REMAINED} Look at its rights, and at the disk."
        ) from error
    except sqlite3.Error as error:
        raise HelpdeskError(f"{path} is damaged, or no database. {_REMAINED} Take another backup.") from error
