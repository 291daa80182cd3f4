"""A backup that is to be brought back is looked at first, and copied: what is no backup of ours goes no further than here.

No table and no key is ever made for one that has none. The way into the place of the database is in `restore`.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, func, select

from helpdesk.errors import HelpdeskError, KeyMismatch
from helpdesk.store.backend import Backend
from helpdesk.store.backup import READ_MARK, check_file, filled, make_private, remove, url_of
from helpdesk.store.database import backend_of, open_database, upgrade
from helpdesk.store.revision import REVISIONS
from helpdesk.store.schema import data_key, message, secret_key, ticket
from helpdesk.store.sqlite import Sqlite

REMAINED = "Nothing was changed: the present database is as it was."
_NAME_IT = "Name the file that helpdesk db backup wrote."
_FIRST_BYTES = b"SQLite format 3\0"
# Every version of the helpdesk has these.
_ALWAYS = frozenset({"alembic_version", secret_key.name, data_key.name, message.name, ticket.name})


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
    with ExitStack() as undo:
        with told(backup):
            _refuse_what_is_no_database(backup)
            copy = _place_for_copy(backend_of(url), backup)
            make_private(copy)
            undo.callback(remove, copy)
            made_at = _copy(backup, copy)
        upgrade(url_of(copy))
        _refuse_another_key(copy, backup, secret)
        with filled(copy) as connection:
            messages = connection.execute(select(func.count()).select_from(message)).scalar_one()
            tickets = connection.execute(select(func.count()).select_from(ticket)).scalar_one()
            made_at = made_at or _last_seen(connection)
        yield Prepared(copy, made_at, messages, tickets)


def give_to_owner_of(pattern: Path, path: Path) -> None:
    """What root has made can be opened by nobody else, such as the user of the service; others may not give files away."""
    if os.geteuid() == 0:
        owner = pattern.stat()
        os.chown(path, owner.st_uid, owner.st_gid)


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Say what is wrong with a file, before anything was changed."""
    try:
        yield
    except OSError as error:
        raise HelpdeskError(
            f"{path} can't be used ({error.strerror}). {REMAINED} Look at its rights, and at the disk."
        ) from error
    except sqlite3.Error as error:
        raise HelpdeskError(f"{path} is damaged, or no database. {REMAINED} Take another backup.") from error


def _refuse_what_is_no_database(backup: Path) -> None:
    try:
        with backup.open("rb") as file:
            first = file.read(len(_FIRST_BYTES))
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as error:
        what = "is a folder" if isinstance(error, IsADirectoryError) else "is not there"
        raise HelpdeskError(f"{backup} {what}. {REMAINED} {_NAME_IT}") from error
    if first != _FIRST_BYTES:
        raise _no_backup(backup)


def _no_backup(backup: Path) -> HelpdeskError:
    return HelpdeskError(f"{backup} is no backup of a helpdesk. {REMAINED} {_NAME_IT}")


def _refuse_what_is_not_of_a_helpdesk(copy: sqlite3.Connection, backup: Path) -> None:
    """A file without our tables would be given them by an upgrade, and one without keys new ones, which open nothing."""
    if not {row[0] for row in copy.execute("SELECT name FROM sqlite_master WHERE type = 'table'")} >= _ALWAYS:
        raise _no_backup(backup)
    version = copy.execute("SELECT version_num FROM alembic_version").fetchone()
    if version is None or copy.execute(f"SELECT 1 FROM {secret_key.name}").fetchone() is None:  # noqa: S608 - our own name
        raise _no_backup(backup)
    if version[0] not in REVISIONS:
        raise HelpdeskError(
            f"{backup} was made by a newer version of helpdesk (schema {version[0]}). {REMAINED} Install that version, and "
            "restore with it."
        )


def _refuse_another_key(copy: Path, backup: Path, secret: bytes) -> None:
    try:
        open_database(url_of(copy), secret).close()
    except KeyMismatch as error:
        raise KeyMismatch(
            f"HELPDESK_SECRET_KEY is not the key that the backup {backup} was sealed with, so nothing in it can be read. "
            f"{REMAINED} Put the key that stood in .env when the backup was made there again, or take another backup."
        ) from error


def _place_for_copy(backend: Backend, backup: Path) -> Path:
    """A new name beside the database, so that the copy needs only another name in the end; else beside the backup."""
    beside = backend.path if isinstance(backend, Sqlite) else backup
    _make_folder(beside.parent)
    return beside.with_name(f".{beside.name}.{secrets.token_hex(4)}")


def _copy(backup: Path, copy: Path) -> datetime | None:
    """Copy page by page, check the copy, and take off the mark of a backup; returns the time that it holds."""
    with (
        closing(sqlite3.connect(f"{backup.absolute().as_uri()}?mode=ro", uri=True)) as source,
        closing(sqlite3.connect(copy, isolation_level=None)) as target,
    ):
        source.backup(target)
        check_file(target, backup)
        _refuse_what_is_not_of_a_helpdesk(target, backup)
        with suppress(sqlite3.OperationalError):
            made_at = datetime.fromisoformat(target.execute(READ_MARK).fetchone()[0])
            target.execute("DROP TABLE backup_made")
            return made_at
    # A copy that was made by other means.
    return None


def _make_folder(folder: Path) -> None:
    if not folder.exists():
        _make_folder(folder.parent)
        folder.mkdir(mode=0o700)
        give_to_owner_of(folder.parent, folder)


def _last_seen(connection: Connection) -> datetime:
    """When this database last took anything in, as far as it knows."""
    last: datetime | None = connection.execute(select(func.max(message.c.stored_at, type_=message.c.stored_at.type))).scalar()
    return last or datetime.fromtimestamp(0, UTC)
