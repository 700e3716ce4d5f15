"""Which rows a read did not hold, and taking rows out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Table, select
from sqlalchemy.engine import Connection

from airflow_provider_seventime.warehouse.columns import ID
from airflow_provider_seventime.warehouse.merge import chunks


def rows_not_read(
    connection: Connection,
    table: Table,
    *,
    window: tuple[str, datetime, datetime],
    conditions: Mapping[str, Any],
    read: Collection[str],
) -> list[str]:
    """Return the ids of the rows that belong to a window and were not among those read.

    :param connection: to the database.
    :param table: the table, prepared.
    :param window: column of the instant that decides, its first instant, and the first instant after it.
    :param conditions: column to value: only rows that have these.
    :param read: ids that were read.
    """
    column, start, end = window
    instant = table.columns[column]
    same = [table.columns[name] == value for name, value in conditions.items()]
    ids = connection.execute(select(table.columns[ID]).where(instant >= start, instant < end, *same)).scalars()
    return [row_id for row_id in ids if row_id not in read]


def delete_rows(connection: Connection, table: Table, ids: Iterable[str]) -> int:
    """Delete rows by id and return how many there were.

    :param connection: to the database, in a transaction.
    :param table: the table.
    :param ids: of the rows to delete.
    """
    return sum(connection.execute(table.delete().where(table.columns[ID].in_(some))).rowcount for some in chunks(ids))
