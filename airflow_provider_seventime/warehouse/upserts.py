"""Rows over those of the same ``id``, by what the database has for it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import Table, bindparam
from sqlalchemy.dialects import mysql, postgresql, sqlite
from sqlalchemy.engine import Connection
from sqlalchemy.sql import Executable

from airflow_provider_seventime.warehouse.columns import ID
from airflow_provider_seventime.warehouse.packets import fitting_statements
from airflow_provider_seventime.warehouse.types import MYSQL_LIKE

_UPSERTS: dict[str, Any] = {
    "sqlite": sqlite.insert,
    "postgresql": postgresql.insert,
    "mysql": mysql.insert,
    "mariadb": mysql.insert,
}


def has_upsert(dialect_name: str) -> bool:
    """Tell whether that database merges in one statement, which takes ``id`` as its key."""
    return dialect_name in _UPSERTS


def write_rows(connection: Connection, table: Table, rows: Sequence[dict[str, Any]], stored: Collection[str]) -> None:
    """Write rows, over those that are there.

    :param connection: to the database, in a transaction.
    :param table: the table.
    :param rows: what to write; ``record`` as text.
    :param stored: ids of the rows that are there.
    """
    name = connection.dialect.name
    if not has_upsert(name):
        update_and_insert(connection, table, rows, stored)
        return
    upsert = _upsert(name, table, rows[0])
    for some in fitting_statements(connection, rows) if name in MYSQL_LIKE else [rows]:
        connection.execute(upsert, some)


def _upsert(dialect_name: str, table: Table, row: Collection[str]) -> Executable:
    statement = _UPSERTS[dialect_name](table)
    others = [column for column in row if column != ID]
    if dialect_name in MYSQL_LIKE:
        upsert: Executable = statement.on_duplicate_key_update({name: statement.inserted[name] for name in others})
    else:
        upsert = statement.on_conflict_do_update(
            index_elements=[ID], set_={name: statement.excluded[name] for name in others}
        )
    return upsert


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
