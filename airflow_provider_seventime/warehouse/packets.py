"""How much MySQL and MariaDB take as one statement.

https://mariadb.com/kb/en/server-system-variables/#max_allowed_packet
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy.engine import Connection

from airflow_provider_seventime.warehouse.columns import RECORD
from airflow_provider_seventime.warehouse.failures import DatabaseFailure, Kind

# A row is at most its record, the same again in its columns, and both with every character behind a backslash.
_STATEMENT_PER_RECORD = 4
# The names of the columns, and their values that are no text.
_REST_BYTES = 8 * 1024
_ESCAPED = (b"\0", b"\n", b"\r", b"\x1a", b'"', b"'", b"\\")


def fitting_statements(connection: Connection, rows: Sequence[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """Cut rows into what fits a statement: the drivers make one of many rows, and the server has a limit for it.

    :param connection: to the database.
    :param rows: what to write; ``record`` as text.
    :raises DatabaseFailure: a row alone does not fit. The server would hang up on it, and what a driver says of that is
        at times that the connection was lost, as if another try might help.
    """
    largest: int = connection.exec_driver_sql("SELECT @@max_allowed_packet").scalar_one()
    some: list[dict[str, Any]] = []
    room = largest
    for row in rows:
        needed = _STATEMENT_PER_RECORD * len(row[RECORD].encode())
        if needed > largest and _statement_bytes(row) > largest:
            raise DatabaseFailure(Kind.CONTENT, f"it is larger than max_allowed_packet, which is {largest} bytes")
        if some and needed > room:
            yield some
            some, room = [], largest
        some.append(row)
        room -= needed
    yield some


def _statement_bytes(row: Mapping[str, Any]) -> int:
    texts = [value.encode() for value in row.values() if isinstance(value, str)]
    return _REST_BYTES + sum(len(text) + sum(map(text.count, _ESCAPED)) for text in texts)
