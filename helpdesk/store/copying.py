"""Copies every row of one database into another of the same schema, whichever of the two kinds each is.

Sealed values stay sealed: nothing here needs a key.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, Executable, Table, bindparam, func, insert, null, select, text, update

from helpdesk.store.schema import delivery_content, message, message_content, metadata

_ROWS_AT_ONCE = 500
# A row of these may hold a mail of many megabytes.
_CONTENTS_AT_ONCE = 8
_CONTENTS = frozenset({message_content.name, delivery_content.name})

_DUPLICATES = select(message.c.id, message.c.duplicate_of).where(message.c.duplicate_of.is_not(None))
_SET_DUPLICATE = (
    update(message)
    .where(message.c.id == bindparam("row_id"))
    .values(duplicate_of=bindparam("twin_id", type_=message.c.id.type))
)


def copy_rows(source: Connection, target: Connection) -> dict[str, int]:
    """Copy all tables, parents before children; returns how many rows each had. Holds few rows in memory at a time."""
    copied = {table.name: _copy_table(source, target, table) for table in metadata.sorted_tables}
    for rows in _portions(source, _DUPLICATES, _ROWS_AT_ONCE):
        target.execute(_SET_DUPLICATE, [{"row_id": row["id"], "twin_id": row["duplicate_of"]} for row in rows])
    set_highest_ticket(target, highest_ticket(source))
    return copied


def count_rows(connection: Connection) -> dict[str, int]:
    """How many rows each table has."""
    return {
        table.name: connection.execute(select(func.count()).select_from(table)).scalar_one() for table in metadata.sorted_tables
    }


def highest_ticket(connection: Connection) -> int:
    """The highest number that was ever given to a ticket, of which the row may be gone."""
    if connection.dialect.name == "sqlite":
        return int(connection.execute(text("SELECT seq FROM sqlite_sequence WHERE name = 'ticket'")).scalar_one())
    last = connection.execute(text("SELECT last_value, is_called FROM ticket_number_seq")).one()
    return int(last.last_value) if last.is_called else int(last.last_value) - 1


def set_highest_ticket(connection: Connection, number: int) -> None:
    """Let the next ticket get the number behind this one."""
    if connection.dialect.name == "sqlite":
        connection.execute(text("UPDATE sqlite_sequence SET seq = :number WHERE name = 'ticket'"), {"number": number})
    else:
        connection.execute(text("SELECT setval('ticket_number_seq', :number)"), {"number": number})


def _copy_table(source: Connection, target: Connection, table: Table) -> int:
    # A duplicate may stand before the message that it repeats, so what it repeats is written when all of them are there.
    columns = [null().label("duplicate_of") if column is message.c.duplicate_of else column for column in table.columns]
    copied = 0
    for rows in _portions(source, select(*columns), _CONTENTS_AT_ONCE if table.name in _CONTENTS else _ROWS_AT_ONCE):
        target.execute(insert(table), rows)
        copied += len(rows)
    return copied


def _portions(connection: Connection, statement: Executable, size: int) -> Iterator[list[dict[str, object]]]:
    result = connection.execute(statement, execution_options={"yield_per": size})
    for partition in result.mappings().partitions():
        yield [dict(row) for row in partition]
