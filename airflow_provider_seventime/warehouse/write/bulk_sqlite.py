"""Upserts into SQLite: the driver takes a row's values as they are, without SQLAlchemy's work on each of them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import Connection

from airflow_provider_seventime.warehouse.schema.keys import key_names


def upsert_rows(connection: Connection, table: Table, names: tuple[str, ...], rows: Sequence[tuple[Any, ...]]) -> None:
    """Write rows over those of the same key. The transaction is the only one that writes, so no row changes meanwhile.

    :param connection: to the database, in a transaction.
    :param table: the table.
    :param names: columns of the rows, in the table's order.
    :param rows: at least one; numbers and instants as text, see :data:`.rows.Row`.
    """
    connection.exec_driver_sql(_statement(table, names), list(rows))


@lru_cache(maxsize=8)  # every batch of a table has the same statement
def _statement(table: Table, names: tuple[str, ...]) -> str:
    insert = sqlite.insert(table).inline()
    key, dialect = key_names(table), sqlite.dialect()
    values = {name: insert.excluded[name] for name in names if name not in key}
    upsert = insert.on_conflict_do_update(index_elements=key, set_=values)
    return str(upsert.compile(dialect=dialect, column_keys=names))
