"""Which rows a read did not hold, and taking rows out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Table, select
from sqlalchemy.engine import Connection

from airflow_provider_seventime.warehouse.schema.columns import DELETED_AT, ID
from airflow_provider_seventime.warehouse.write.merge import chunks


def rows_not_read(
    connection: Connection,
    table: Table,
    read: Collection[str],
    *,
    window: tuple[str, datetime, datetime] | None,
    conditions: Mapping[str, Any],
) -> list[str]:
    """Return the ids of the rows that belong to a read and were not among those that it held.

    Rows that are marked as deleted are not among them.

    :param connection: to the database.
    :param table: the table, prepared.
    :param read: ids that were read.
    :param window: column of the instant that decides, its first instant, and the first instant after it; None: all
        rows.
    :param conditions: column to value: only rows that have these.
    """
    wanted = [table.columns[name] == value for name, value in conditions.items()]
    if window is not None:
        column, start, end = window
        wanted += [table.columns[column] >= start, table.columns[column] < end]
    if DELETED_AT in table.columns:
        wanted.append(table.columns[DELETED_AT].is_(None))
    # MySQL takes texts for equal that differ in case, in accents or in blanks at the end.
    texts = {name: value for name, value in conditions.items() if isinstance(value, str)}
    found = connection.execute(select(table.columns[ID], *(table.columns[name] for name in texts)).where(*wanted))
    return [row_id for row_id, *held in found if held == list(texts.values()) and row_id not in read]


def delete_rows(connection: Connection, table: Table, ids: Iterable[str]) -> int:
    """Delete rows by id and return how many there were.

    :param connection: to the database, in a transaction.
    :param table: the table.
    :param ids: of the rows to delete.
    """
    delete = table.delete()
    return sum(connection.execute(delete.where(table.columns[ID].in_(some))).rowcount for some in chunks(sorted(ids)))


def mark_rows(connection: Connection, table: Table, ids: Iterable[str], deleted_at: datetime) -> int:
    """Mark rows as deleted and return how many there were that had no mark yet.

    :param connection: to the database, in a transaction.
    :param table: the table, with ``deleted_at``.
    :param ids: of the rows to mark.
    :param deleted_at: the instant of the read that did not hold them.
    """
    mark = table.update().values({DELETED_AT: deleted_at}).where(table.columns[DELETED_AT].is_(None))
    return sum(connection.execute(mark.where(table.columns[ID].in_(some))).rowcount for some in chunks(sorted(ids)))
