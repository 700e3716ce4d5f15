"""Upserts into MySQL and MariaDB: this module writes the statements with their values.

The drivers put values into a statement one by one, in Python, which takes longer than the server takes for the rows.

Literals: https://mariadb.com/kb/en/string-literals/, https://dev.mysql.com/doc/refman/8.4/en/string-literals.html.
The limit: https://mariadb.com/kb/en/server-system-variables/#max_allowed_packet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import Table, func, literal_column
from sqlalchemy.dialects import mysql
from sqlalchemy.engine import Connection

from airflow_provider_seventime.warehouse.errors.classify import DatabaseFailure, FailureKind
from airflow_provider_seventime.warehouse.schema.columns import DELETED_AT, SYNCED_AT
from airflow_provider_seventime.warehouse.schema.keys import key_names
from airflow_provider_seventime.warehouse.schema.types import ExactNumber
from airflow_provider_seventime.warehouse.write.newer import MODIFIED, older_condition

_NO_BACKSLASH_ESCAPES = "NO_BACKSLASH_ESCAPES"

Writer = Callable[[Any], str]


def upsert_rows(connection: Connection, table: Table, names: tuple[str, ...], rows: Sequence[tuple[Any, ...]]) -> None:
    """Write rows over those of the same key that are not newer, with as many rows a statement as the server takes.

    :param connection: to the database, in a transaction.
    :param table: the table.
    :param names: columns of the rows.
    :param rows: at least one; numbers and instants as text, see :data:`.rows.Row`.
    :raises DatabaseFailure: one row is larger than the server takes. The server would end the connection, which some
        drivers report as a lost connection, as if another attempt could help.
    """
    settings = connection.exec_driver_sql("SELECT @@max_allowed_packet, @@SESSION.sql_mode").one()
    largest, sql_mode = int(settings[0]), str(settings[1])
    writers = _writers(table, names, backslash_escapes=_NO_BACKSLASH_ESCAPES not in sql_mode)
    head, tail = _upsert_around(connection, table, names)
    room = largest - len(head) - len(tail) - 1  # one byte is the command's own
    tuples = (_literals(writers, row) for row in rows)
    for values in _filled(tuples, room, largest):
        _execute(connection, b"%b%b%b" % (head, values, tail))


def _execute(connection: Connection, statement: bytes) -> None:
    """Execute a statement as it is; SQLAlchemy would write it to its log, rows and all."""
    driver: Any = connection.connection.driver_connection
    if connection.dialect.driver == "mysqlconnector":
        # Its cursors search every statement for DELIMITER, which the text of a row may contain.
        driver.cmd_query(statement)
        return
    cursor = driver.cursor()
    try:
        cursor.execute(statement)
    finally:
        cursor.close()


def _upsert_around(connection: Connection, table: Table, names: Sequence[str]) -> tuple[bytes, bytes]:
    """Return the text of an upsert before its values, and the text after them."""
    # Inline, or SQLAlchemy would ask MariaDB for the ids, and errors would come only when these are fetched.
    insert = mysql.insert(table).inline().values({name: literal_column("?") for name in names})
    older = older_condition(table, table.columns, insert.inserted, connection.dialect)
    # The server assigns from left to right, and the condition sees what was assigned before: what it reads comes last.
    last = [name for name in (DELETED_AT, MODIFIED, SYNCED_AT) if name in names]
    first = [name for name in names if name not in (*last, *key_names(table))]
    keep_newer = [(name, func.IF(older, table.columns[name], insert.inserted[name])) for name in (*first, *last)]
    upsert = insert.on_duplicate_key_update(keep_newer)
    text = str(upsert.compile(dialect=connection.dialect, column_keys=names))
    head, _, tail = text.partition(f"({', '.join('?' * len(names))})")
    return head.encode(), tail.encode()


def _filled(tuples: Iterable[str], room_bytes: int, largest: int) -> Iterator[bytes]:
    """Yield tuples joined by commas, as many at a time as there is room for."""
    some: list[bytes] = []
    taken = 0
    for written in map(str.encode, tuples):
        needed = len(written) + 1
        if needed > room_bytes:
            raise DatabaseFailure(
                FailureKind.CONTENT, f"it is larger than max_allowed_packet, which is {largest} bytes"
            )
        if taken + needed > room_bytes:
            yield b",".join(some)
            some, taken = [], 0
        some.append(written)
        taken += needed
    yield b",".join(some)


def _writers(table: Table, names: Iterable[str], *, backslash_escapes: bool) -> list[Writer]:
    """Return the function that writes the literal of a text, for each column.

    :param backslash_escapes: the server reads a backslash as the beginning of an escape.
    """
    write_text = _write_text if backslash_escapes else _write_text_plainly
    # Without quotes, or the server would read a number as text and convert it.
    return [str if isinstance(table.columns[name].type, ExactNumber) else write_text for name in names]


def _literals(writers: Iterable[Writer], row: tuple[Any, ...]) -> str:
    written = [
        write(value) if type(value) is str else _OTHERS[type(value)](value)
        for write, value in zip(writers, row, strict=True)
    ]
    return f"({','.join(written)})"


_OTHERS: dict[type, Writer] = {
    type(None): lambda _: "NULL",
    bool: lambda value: "1" if value else "0",
    int: str,
}


def _write_text(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"


def _write_text_plainly(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
