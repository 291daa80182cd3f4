"""What each kind of database has to give: an engine, transactions, and locks that last as long as their holder's process."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import AbstractContextManager
from datetime import timedelta
from enum import Enum, auto
from typing import Protocol

from sqlalchemy import Connection, Engine

from helpdesk.errors import DatabaseUnavailable
from helpdesk.store.presence import Lock, Presence


class Work(Enum):
    """What a transaction is for. Whoever decides is alone; whoever delivers need not be, where the database can do that."""

    READ = auto()
    # Reads everything, for as long as that takes.
    COPY = auto()
    DECIDE = auto()
    DELIVER = auto()
    UPGRADE = auto()


class Backend(Protocol):
    """A database that may not be there yet. Every method raises DatabaseUnavailable when it can't be used."""

    @property
    def patience(self) -> float:
        """How many seconds to wait for the database while others use it."""
        ...

    def prepare(self, *, create: bool) -> None:
        """With `create` make the place where the database is to be; without, refuse one where nothing was ever stored."""
        ...

    def none_yet(self) -> DatabaseUnavailable:
        """What to tell a person who looks into a database that was never made."""
        ...

    def holds_something(self) -> bool:
        """Whether there is a database to open; raises where there is none and none could be made."""
        ...

    def engine(self) -> Engine: ...

    def begun(self, engine: Engine, work: Work) -> AbstractContextManager[Connection]:
        """A connection in a transaction that is rolled back unless it is committed."""
        ...

    def presence(self, longest_lease: timedelta) -> Presence:
        """A new worker, which has not joined yet; `longest_lease` is that of its claims."""
        ...

    def dead_among(self, engine: Engine, numbers: Collection[int], longest_lease: timedelta) -> list[int]:
        """Those of these workers that surely are at work no more."""
        ...

    def living(self, engine: Engine) -> int:
        """How many workers are alive now; needs no tables."""
        ...

    def turn(self, name: str) -> Lock | None:
        """The lock of this name; None while another process, or another part of this one, has it."""
        ...
