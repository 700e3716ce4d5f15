"""A database read with its own driver, without the types of this package."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from airflow_provider_seventime import exact_json
from airflow_provider_seventime.contract.spec import FieldKind


class Database:
    """An empty database.

    :param kind: ``sqlite``, ``postgresql`` or ``mariadb``.
    :param connection: the Airflow connection to it, in JSON.
    """

    def __init__(self, kind: str, connection: str) -> None:
        self.kind = kind
        self._parts = json.loads(connection)

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Return the rows of a statement as the driver returns them; none if it has no result."""
        with closing(self._connect()) as connection, closing(connection.cursor()) as cursor:
            cursor.execute(sql)
            found = cursor.fetchall() if cursor.description else []
            connection.commit()
            return [tuple(row) for row in found]

    def rows(self, table: str) -> Iterator[dict[str, Any]]:
        """Yield the rows of a table by column, ``record`` as text."""
        with closing(self._connect()) as connection, closing(connection.cursor()) as cursor:
            cursor.execute(f"select * from {table} where 1 = 0")
            cursor.fetchall()
            names = [column[0] for column in cursor.description]
            # PostgreSQL's driver would convert its numbers to floats.
            quote = "`" if self.kind == "mariadb" else '"'
            wanted = [
                "cast(record as text)" if name == "record" and self.kind == "postgresql" else f"{quote}{name}{quote}"
                for name in names
            ]
            cursor.execute(f"select {', '.join(wanted)} from {table}")
            for row in cursor.fetchall():
                yield dict(zip(names, row, strict=True))

    def _connect(self) -> Any:
        if self.kind == "sqlite":
            return sqlite3.connect(self._parts["host"])
        server = {"host": self._parts["host"], "port": self._parts["port"], "user": self._parts["login"]}
        if self.kind == "postgresql":
            import psycopg2

            return psycopg2.connect(dbname=self._parts["schema"], **server)
        import mysql.connector

        return mysql.connector.connect(database=self._parts["schema"], **server)

    def expected(self, kind: FieldKind, value: Any) -> Any:
        """Return the value that the driver must return for a field of a record."""
        if value is None or (value == "" and kind not in (FieldKind.ID, FieldKind.TEXT)):
            return None
        if kind is FieldKind.INSTANT:
            return self._instant(value)
        if kind is FieldKind.BOOLEAN:
            return value if self.kind == "postgresql" else int(value)
        if kind is FieldKind.NUMBER:
            return Decimal(repr(float(value))) if self.kind == "sqlite" else Decimal(value)
        return int(value) if kind is FieldKind.INTEGER else str(value)

    def _instant(self, text: str) -> datetime | str:
        instant = datetime.fromisoformat(text).astimezone(UTC)
        if self.kind == "postgresql":
            return instant
        naive = instant.replace(tzinfo=None)
        return naive if self.kind == "mariadb" else naive.isoformat(" ", "microseconds")

    def actual(self, kind: FieldKind, value: Any) -> Any:
        """Return a value of the driver for comparison. SQLite stores decimals as doubles."""
        if kind is FieldKind.NUMBER and value is not None and self.kind == "sqlite":
            return Decimal(repr(float(value)))
        return value


def record_of(row: dict[str, Any]) -> Any:
    """Return the record of a row, its numbers with their digits."""
    return exact_json.decode(row["record"])
