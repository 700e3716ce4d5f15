"""Rows over those of the same ``id``, by what the database has for it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import Table, bindparam
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Connection

from airflow_provider_seventime.warehouse.databases import MYSQL_LIKE
from airflow_provider_seventime.warehouse.schema.columns import ID
from airflow_provider_seventime.warehouse.write import bulk_mysql, bulk_sqlite


def _upsert_rows(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Write rows to PostgreSQL by a driver whose COPY is not known."""
    insert = postgresql.insert(table)
    others = {name: insert.excluded[name] for name in rows[0] if name != ID}
    connection.execute(insert.on_conflict_do_update(index_elements=[ID], set_=others), rows)


_UPSERTS: dict[str, Callable[[Connection, Table, Sequence[dict[str, Any]]], None]] = {
    "sqlite": bulk_sqlite.upsert_rows,
    "postgresql": _upsert_rows,
    **dict.fromkeys(MYSQL_LIKE, bulk_mysql.upsert_rows),
}


def write_rows(connection: Connection, table: Table, rows: Sequence[dict[str, Any]], stored: Collection[str]) -> None:
    """Write rows, over those that are there.

    :param connection: to the database, in a transaction.
    :param table: the table.
    :param rows: what to write, one at least; ``record`` as text.
    :param stored: ids of the rows that are there.
    """
    upsert = _UPSERTS.get(connection.dialect.name)
    if upsert is None:
        update_and_insert(connection, table, rows, stored)
    else:
        upsert(connection, table, rows)


def update_and_insert(
    connection: Connection, table: Table, rows: Iterable[dict[str, Any]], stored: Collection[str]
) -> None:
    """Write rows with plain UPDATE and INSERT, for databases without a merge of one statement.

    :param connection: to the database, in a transaction.
    :param table: the table.
    :param rows: what to write.
    :param stored: ids of the rows that are there.
    """
    old: list[dict[str, Any]] = []
    new: list[dict[str, Any]] = []
    for row in rows:
        (old if row[ID] in stored else new).append(row)
    if old:
        update = table.update().where(table.columns[ID] == bindparam("matching_id"))
        connection.execute(update, [{**row, "matching_id": row[ID]} for row in old])
    if new:
        connection.execute(table.insert(), new)
