"""Upserts: rows written over those of the same key, by the statement that each database offers."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Sequence
from typing import Any

from sqlalchemy import Table, bindparam, not_
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Connection

from airflow_provider_seventime.warehouse.databases import MYSQL_LIKE
from airflow_provider_seventime.warehouse.schema.columns import ID
from airflow_provider_seventime.warehouse.schema.keys import account_of, in_account, key_names
from airflow_provider_seventime.warehouse.write import bulk_mysql, bulk_sqlite
from airflow_provider_seventime.warehouse.write.newer import older_condition

BULK_UPSERTS: dict[str, Callable[[Connection, Table, tuple[str, ...], Sequence[tuple[Any, ...]]], None]] = {
    "sqlite": bulk_sqlite.upsert_rows,
    **dict.fromkeys(MYSQL_LIKE, bulk_mysql.upsert_rows),
}
"""Functions that take many rows of :data:`.rows.Row` at once, by SQLAlchemy's name of the dialect."""


def upsert_typed_rows(
    connection: Connection, table: Table, rows: Sequence[dict[str, Any]], stored: Container[str]
) -> None:
    """Write rows through SQLAlchemy's types, to a database or by a driver that has no faster way here.

    :param connection: to the database, in a transaction.
    :param table: the table.
    :param rows: column to value, at least one row; instants as ``datetime``, numbers as ``Decimal``.
    :param stored: ids of the rows that the table has.
    """
    if connection.dialect.name == "postgresql":
        insert = postgresql.insert(table)
        key = key_names(table)
        others = {name: insert.excluded[name] for name in rows[0] if name not in key}
        newer = not_(older_condition(table, table.columns, insert.excluded, connection.dialect))
        connection.execute(insert.on_conflict_do_update(index_elements=key, set_=others, where=newer), rows)
    else:
        _update_and_insert(connection, table, rows, stored)


def _update_and_insert(
    connection: Connection, table: Table, rows: Iterable[dict[str, Any]], stored: Container[str]
) -> None:
    """Write rows with plain UPDATE and INSERT, which every database has."""
    old: list[dict[str, Any]] = []
    new: list[dict[str, Any]] = []
    for row in rows:
        (old if row[ID] in stored else new).append(row)
    if old:
        account = in_account(table, account_of(table))
        update = table.update().where(table.columns[ID] == bindparam("matching_id"), *account)
        connection.execute(update, [{**row, "matching_id": row[ID]} for row in old])
    if new:
        connection.execute(table.insert(), new)
