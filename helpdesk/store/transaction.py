"""One transaction's statements, with the keys of what it reads and writes; the repositories share it.

Statements go through here, so that every error of the database is told in our words.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, CursorResult, Executable, Insert, Row, bindparam, insert, select
from sqlalchemy.exc import SQLAlchemyError

from helpdesk.core.addresses import lookup_form
from helpdesk.errors import DatabaseUnavailable, HelpdeskError
from helpdesk.store.crypto import HashPurpose, Key, Vault, encode_text
from helpdesk.store.dialects import ByDialect
from helpdesk.store.faults import RowRefused, cause_to_show, in_words
from helpdesk.store.ids import IdSource
from helpdesk.store.keys import Secrets
from helpdesk.store.schema import data_key

Parameters = Mapping[str, object]
Batch = Sequence[Parameters]
# A row's fields have the types of their columns, which SQLAlchemy can't tell for statements made of tables.
AnyRow = Row[*tuple[Any, ...]]
Rows = CursorResult[*tuple[Any, ...]]

_NOT_FOR_WRITING = "a unit of work for reading was asked to write"
# One name for all, so that the driver keeps the statements: it means the innermost of that name, in every database.
_SAVEPOINT = "SAVEPOINT part"
_RELEASE = "RELEASE SAVEPOINT part"
_ROLLBACK = "ROLLBACK TO SAVEPOINT part"
_WRAPPED_KEY = select(data_key.c.wrapped).where(data_key.c.scope_id == bindparam("scope_id"))
_ADD_DATA_KEY = insert(data_key)


class Transaction:
    """A connection inside BEGIN. Only one that was begun for writing may write."""

    def __init__(
        self, connection: Connection, secrets: Secrets, ids: IdSource, recent: dict[str, dict[str, Key]], *, writing: bool
    ) -> None:
        self._connection = connection
        self._secrets = secrets
        self._later: list[tuple[Executable, Parameters]] = []
        self._flushed = 0
        self._addresses: dict[str, bytes] = {}
        # How many savepoints were rolled back: what was remembered before the last one may no longer be so.
        self.undone = 0
        # Set once the database failed: what was written until then may be half of something, and must not be kept.
        self._broken_off: DatabaseUnavailable | None = None
        # In PostgreSQL a refused row ends the part in which it was written: nothing can be asked until that is undone, and
        # COMMIT would quietly keep nothing. In SQLite only the statement is undone.
        self._refusal_ends_part = connection.dialect.name == "postgresql"
        self._refused: RowRefused | None = None
        self.writing = writing
        self.ids = ids
        self.vault = Vault(secrets.master, self._fetch_key, self._store_key, recent)

    def read(self, statement: Executable, parameters: Parameters | None = None) -> Rows:
        return self._run(statement, parameters)

    def write(self, statement: Executable | ByDialect, parameters: Parameters | Batch | None = None) -> int:
        """Run an INSERT, UPDATE or DELETE, for each set of parameters; returns how many rows it changed."""
        if not self.writing:
            raise RuntimeError(_NOT_FOR_WRITING)
        return self._run(self._in_dialect(statement), parameters).rowcount

    def insert_numbered(self, statement: Insert, parameters: Parameters) -> int:
        """Insert one row, and return the number that the database gave it as its primary key."""
        if not self.writing:
            raise RuntimeError(_NOT_FOR_WRITING)
        key: Sequence[int] = self._run(statement, parameters).inserted_primary_key or ()
        return key[0]

    def write_later(self, statement: Executable | ByDialect, parameters: Parameters) -> None:
        """Run an INSERT or UPDATE that can't fail on its own, with its like, before the commit or the next `flush`."""
        self._later.append((self._in_dialect(statement), parameters))

    def flush(self) -> None:
        """Write what was put off; needed before reading the same rows in this transaction."""
        batches: dict[Executable, list[Parameters]] = {}
        for statement, parameters in self._later[self._flushed :]:
            batches.setdefault(statement, []).append(parameters)
        for statement, batch in batches.items():
            self.write(statement, batch)
        self._flushed = len(self._later)

    def commit(self) -> None:
        """Keep what was written; raises DatabaseUnavailable when that can't be done, or an earlier statement met that.

        Raises RowRefused where that ended the whole transaction.
        """
        if self._broken_off:
            raise self._broken_off
        if self._refused:
            raise self._refused
        self.flush()
        self._later.clear()
        self._flushed = 0
        try:
            self._connection.commit()
        except SQLAlchemyError as error:
            # After a COMMIT that failed SQLite's transaction is still open, and would be in the way of the next one.
            self._connection.invalidate()
            raise self._noted(in_words(error)) from cause_to_show(error)

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """A part that can fail alone: an exception inside undoes that part only, and goes on up.

        Where the database refused a row inside and nobody told, the part is undone all the same.
        """
        put_off, flushed = len(self._later), self._flushed
        self._run(_SAVEPOINT)
        done = False
        try:
            yield
            done = True
        finally:
            refused = self._refused
            if done and not refused:
                self._run(_RELEASE)
            else:
                self._undo(put_off, flushed)
            if done and refused:
                raise refused

    def hash(self, purpose: HashPurpose, *values: str) -> bytes:
        """The keyed hash of these values, under which a row is found again."""
        return self._secrets.hash(purpose, *map(encode_text, values))

    def hash_of_address(self, address: str) -> bytes:
        """The keyed hash of an address, however it is spelled; the few of a transaction are asked for again and again."""
        known = self._addresses.get(address)
        if known is None:
            known = self._addresses[address] = self.hash(HashPurpose.ADDRESS, lookup_form(address))
        return known

    def _in_dialect(self, statement: Executable | ByDialect) -> Executable:
        return statement[self._connection.dialect.name] if isinstance(statement, Mapping) else statement

    def _run(self, statement: Executable | str, parameters: Parameters | Batch | None = None) -> Rows:
        if self._refused and statement is not _ROLLBACK:
            raise self._refused
        try:
            if isinstance(statement, str):
                return self._connection.exec_driver_sql(statement)
            return self._connection.execute(statement, parameters)
        except SQLAlchemyError as error:
            raise self._noted(in_words(error)) from cause_to_show(error)

    def _undo(self, put_off: int, flushed: int) -> None:
        if self._broken_off:
            return
        self._run(_ROLLBACK)
        self._refused = None
        # A savepoint outlives its rollback, and would stand before the one around it, which has the same name.
        self._run(_RELEASE)
        # What was put off earlier and flushed inside is undone as well, and written again by the next flush.
        del self._later[put_off:]
        self._flushed = flushed
        self.undone += 1

    def _noted(self, error: HelpdeskError) -> HelpdeskError:
        if isinstance(error, DatabaseUnavailable):
            self._broken_off = error
        elif self._refusal_ends_part and isinstance(error, RowRefused):
            self._refused = error
        return error

    def _fetch_key(self, scope_id: str) -> bytes | None:
        row = self.read(_WRAPPED_KEY, {"scope_id": scope_id}).first()
        return row.wrapped if row else None

    def _store_key(self, scope_id: str, wrapped: bytes) -> None:
        self.write_later(_ADD_DATA_KEY, {"scope_id": scope_id, "wrapped": wrapped})
