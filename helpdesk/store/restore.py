"""Brings a backup back: a checked copy of it takes the place of the database, wholly or not at all.

What the helpdesk must remember of a restoration is written into that copy, by `jobs`, so that no database is ever in its
place without it.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, text

from helpdesk.errors import HelpdeskError
from helpdesk.store.backend import Backend, Work
from helpdesk.store.backup import filled, put_under, to_disk
from helpdesk.store.checked_copy import REMAINED, Prepared, give_to_owner_of, told
from helpdesk.store.copying import copy_rows, count_rows, highest_ticket, set_highest_ticket
from helpdesk.store.database import backend_of, living_workers, upgrade
from helpdesk.store.faults import told_to_people
from helpdesk.store.revision import is_empty, refuse_older_schema, refuse_what_is_not_ours
from helpdesk.store.schema import data_key, metadata, secret_key
from helpdesk.store.sqlite import Sqlite

# So many tickets may have been opened since the backup: their numbers were told to people, and are not given again.
NUMBERS_PASSED_OVER = 1_000
_BESIDE = ("-wal", "-shm", "-journal")
# A database that holds nothing but these was never used.
_KEYS = frozenset({secret_key.name, data_key.name})


def put_in_place(copy: Prepared, url: str, now: datetime, *, replace: bool) -> Path | None:
    """Let a prepared copy be the database at `url`; returns where the one that was there is kept, if there was one in a file.

    On a server the rows of a database that was used go, and only with `replace`. Raises HelpdeskError while a worker runs,
    or any program has the file open.
    """
    _refuse_workers(url)
    backend = backend_of(url)
    if isinstance(backend, Sqlite):
        return _replace_file(backend.path, copy, now)
    engine = backend.engine()
    try:
        with told_to_people():
            if _is_empty(backend, engine, replace=replace):
                upgrade(url)
            _replace_rows(backend, engine, copy, replace=replace)
    finally:
        engine.dispose()
    return None


def refuse_place(url: str, *, replace: bool) -> None:
    """Raise, before anything is done, what `put_in_place` would: for a worker that runs, and rows or tables that are there."""
    _refuse_workers(url)
    backend = backend_of(url)
    if isinstance(backend, Sqlite):
        return
    engine = backend.engine()
    try:
        with told_to_people():
            _is_empty(backend, engine, replace=replace)
    finally:
        engine.dispose()


def _refuse_workers(url: str) -> None:
    if living := living_workers(url):
        workers = "A worker runs" if living == 1 else f"{living} workers run"
        raise HelpdeskError(f"{workers} on this database. {REMAINED} Stop every worker, and restore again.")


def _is_empty(backend: Backend, engine: Engine, *, replace: bool) -> bool:
    """Whether there are no tables; raises HelpdeskError for those of an older version or another program, and for rows that
    nobody said to replace.
    """
    with backend.begun(engine, Work.READ) as connection:
        if is_empty(connection):
            return True
        refuse_what_is_not_ours(connection)
        refuse_older_schema(connection)
        _refuse_used(connection, replace=replace)
    return False


def _refuse_used(connection: Connection, *, replace: bool) -> None:
    if not replace and any(count for name, count in count_rows(connection).items() if name not in _KEYS):
        raise HelpdeskError(
            f"The database is not empty. {REMAINED} To have the backup in its place, keep a copy first with: "
            "helpdesk db backup, and then say: helpdesk db restore --replace"
        )


def _replace_rows(backend: Backend, engine: Engine, copy: Prepared, *, replace: bool) -> None:
    """All in one transaction: either the whole backup is there, or all that was there before."""
    with filled(copy.path) as source, backend.begun(engine, Work.UPGRADE) as target:
        _refuse_used(target, replace=replace)
        highest = max(highest_ticket(source), highest_ticket(target))
        target.execute(text(f"TRUNCATE {', '.join(table.name for table in metadata.sorted_tables)}"))
        copy_rows(source, target)
        set_highest_ticket(target, highest + NUMBERS_PASSED_OVER)
        target.commit()


def _replace_file(path: Path, copy: Prepared, now: datetime) -> Path | None:
    with told(path):
        present = _close_for_good(path)
        with filled(copy.path) as connection:
            set_highest_ticket(connection, max(present, highest_ticket(connection)) + NUMBERS_PASSED_OVER)
        with closing(sqlite3.connect(copy.path, isolation_level=None)) as raw:
            raw.execute("PRAGMA journal_mode=DELETE")
        give_to_owner_of(path if path.exists() else path.parent, copy.path)
        # This may take long, so it comes before the present database gives up its place.
        to_disk(copy.path)
        kept = _keep_present(path, now)
        if kept:
            copy.path.replace(path)
            to_disk(path.parent)
        else:
            put_under(copy.path, path)
    return kept


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
                f"Another program has the database {path} open. {REMAINED} Stop the worker and everything else that uses it, "
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
