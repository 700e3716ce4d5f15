"""Upserts into SQLite: the driver takes a row's values as they are, without SQLAlchemy's work on each of them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import Connection

from airflow_provider_seventime.warehouse.schema.columns import ID


def upsert_rows(connection: Connection, table: Table, names: tuple[str, ...], rows: Sequence[tuple[Any, ...]]) -> None:
    """Write rows over those of the same ``id``.

    :param connection: to the database, in a transaction.
    :param table: the table.
    :param names: columns of the rows, in the table's order.
    :param rows: at least one; numbers and instants as text, see :data:`.rows.Row`.
    """
    connection.exec_driver_sql(_statement(table, names), list(rows))


@lru_cache(maxsize=8)  # every batch of a table has the same statement
def _statement(table: Table, names: tuple[str, ...]) -> str:
    insert = sqlite.insert(table).inline()
    values = {name: insert.excluded[name] for name in names if name != ID}
    upsert = insert.on_conflict_do_update(index_elements=[ID], set_=values)
    return str(upsert.compile(dialect=sqlite.dialect(), column_keys=names))
