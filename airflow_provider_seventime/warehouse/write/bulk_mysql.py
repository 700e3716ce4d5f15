"""Many rows at a time into MySQL and MariaDB: the statements are written here.

Its drivers put values into a statement one by one, in Python, which takes longer than the server takes for the rows.

Literals: https://mariadb.com/kb/en/string-literals/, https://dev.mysql.com/doc/refman/8.4/en/string-literals.html.
The limit: https://mariadb.com/kb/en/server-system-variables/#max_allowed_packet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Table, literal_column
from sqlalchemy.dialects import mysql
from sqlalchemy.engine import Connection

from airflow_provider_seventime.warehouse.errors.classify import DatabaseFailure, Kind
from airflow_provider_seventime.warehouse.schema.columns import ID
from airflow_provider_seventime.warehouse.schema.types import instant_as_text

_NO_BACKSLASH_ESCAPES = "NO_BACKSLASH_ESCAPES"


def upsert_rows(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write rows over those of the same ``id``, as many with a statement as the server takes.

    :param connection: to the database, in a transaction.
    :param table: the table.
    :param rows: what to write, one at least, all with the same columns; ``record`` as text.
    :raises DatabaseFailure: a row alone is more than the server takes. It would hang up on it, of which some drivers
        say that the connection was lost, as if another try might help.
    """
    settings = connection.exec_driver_sql("SELECT @@max_allowed_packet, @@SESSION.sql_mode").one()
    largest, sql_mode = int(settings[0]), str(settings[1])
    writers = _writers(backslash_escapes=_NO_BACKSLASH_ESCAPES not in sql_mode)
    head, tail = _upsert_around(connection, table, list(rows[0]))
    room = largest - len(head) - len(tail) - 1  # a byte of it tells that a statement follows
    tuples = (f"({','.join([writers[type(value)](value) for value in row.values()])})" for row in rows)
    for values in _filled(tuples, room, largest):
        _execute(connection, b"%b%b%b" % (head, values, tail))


def _execute(connection: Connection, statement: bytes) -> None:
    """Have a statement executed as it is; SQLAlchemy would write it to its log, rows and all."""
    driver: Any = connection.connection.driver_connection
    if connection.dialect.driver == "mysqlconnector":
        # Its cursors look for DELIMITER in every statement, and may take the text of a row for it.
        driver.cmd_query(statement)
        return
    cursor = driver.cursor()
    try:
        cursor.execute(statement)
    finally:
        cursor.close()


def _upsert_around(connection: Connection, table: Table, names: Sequence[str]) -> tuple[bytes, bytes]:
    """Return what stands before the values of an upsert, and after them."""
    # Inline, or SQLAlchemy would ask MariaDB for the ids, with which errors come only when these are fetched.
    insert = mysql.insert(table).inline().values({name: literal_column("?") for name in names})
    upsert = insert.on_duplicate_key_update({name: insert.inserted[name] for name in names if name != ID})
    text = str(upsert.compile(dialect=connection.dialect, column_keys=names))
    head, _, tail = text.partition(f"({', '.join('?' * len(names))})")
    return head.encode(), tail.encode()


def _filled(tuples: Iterable[str], room_bytes: int, largest: int) -> Iterator[bytes]:
    some: list[bytes] = []
    taken = 0
    for written in map(str.encode, tuples):
        needed = len(written) + 1
        if needed > room_bytes:
            raise DatabaseFailure(Kind.CONTENT, f"it is larger than max_allowed_packet, which is {largest} bytes")
        if taken + needed > room_bytes:
            yield b",".join(some)
            some, taken = [], 0
        some.append(written)
        taken += needed
    yield b",".join(some)


def _writers(*, backslash_escapes: bool) -> dict[type, Callable[[Any], str]]:
    """Return what writes a literal of each type that a row has.

    :param backslash_escapes: the server reads a backslash as the beginning of an escape.
    """
    return {
        type(None): lambda _: "NULL",
        bool: lambda value: "1" if value else "0",
        int: str,
        Decimal: lambda value: format(value, "f"),  # with an exponent it would be read as a float
        str: _write_text if backslash_escapes else _write_text_plainly,
        datetime: lambda value: f"'{instant_as_text(value)}'",
    }


def _write_text(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"


def _write_text_plainly(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
