"""Removal: the search for rows that a read did not return, and their deletion or mark."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Table, select
from sqlalchemy.engine import Connection

from airflow_provider_seventime.warehouse.schema.columns import DELETED_AT, ID
from airflow_provider_seventime.warehouse.write.merge import chunks

_ROWS_AT_A_TIME = 10_000


def rows_not_read(
    connection: Connection,
    table: Table,
    read_ids: Container[str],
    *,
    window: tuple[str, datetime, datetime] | None,
    conditions: Mapping[str, Any],
) -> list[str]:
    """Return the ids of the rows that belong to a read and that the read did not return.

    Rows that are marked as deleted are not among them.

    :param connection: to the database.
    :param table: the table, prepared.
    :param read_ids: ids of the read, which are looked up in ascending order.
    :param window: column of an instant, first instant, and first instant after the window; None: all rows.
    :param conditions: column to value: only rows that have these values.
    """
    clauses = [table.columns[name] == value for name, value in conditions.items()]
    if window is not None:
        column, start, end = window
        clauses += [table.columns[column] >= start, table.columns[column] < end]
    if DELETED_AT in table.columns:
        clauses.append(table.columns[DELETED_AT].is_(None))
    # MySQL compares texts without regard to case, accents and blanks at the end: the texts are compared here again.
    texts = {name: value for name, value in conditions.items() if isinstance(value, str)}
    row_id = table.columns[ID]
    columns = (row_id, *(table.columns[name] for name in texts))
    # In parts: all ids of a large table need more memory than the rest of a sync.
    rows = select(*columns).where(*clauses).order_by(row_id).limit(_ROWS_AT_A_TIME)
    missing: list[str] = []
    found = connection.execute(rows).all()
    while found:
        missing += [one for one, *held in found if held == list(texts.values()) and one not in read_ids]
        found = connection.execute(rows.where(row_id > found[-1][0])).all()
    return missing


def delete_rows(connection: Connection, table: Table, ids: Iterable[str]) -> int:
    """Delete rows by id and return how many there were.

    :param connection: to the database, in a transaction.
    :param table: the table.
    :param ids: of the rows to delete.
    """
    delete = table.delete()
    return sum(connection.execute(delete.where(table.columns[ID].in_(some))).rowcount for some in chunks(sorted(ids)))


def mark_rows(connection: Connection, table: Table, ids: Iterable[str], deleted_at: datetime) -> int:
    """Mark rows as deleted and return how many had no mark yet.

    :param connection: to the database, in a transaction.
    :param table: the table, with ``deleted_at``.
    :param ids: of the rows to mark.
    :param deleted_at: instant of the read that did not return them.
    """
    mark = table.update().values({DELETED_AT: deleted_at}).where(table.columns[DELETED_AT].is_(None))
    return sum(connection.execute(mark.where(table.columns[ID].in_(some))).rowcount for some in chunks(sorted(ids)))
