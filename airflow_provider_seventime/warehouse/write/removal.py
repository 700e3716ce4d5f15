"""Removal: the search for rows that a read did not return, and their deletion or mark."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Table, select
from sqlalchemy.engine import Connection
from sqlalchemy.sql import ColumnElement

from airflow_provider_seventime.warehouse.schema.columns import DELETED_AT, ID
from airflow_provider_seventime.warehouse.schema.keys import account_of, in_account
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
    clauses = _clauses(table, conditions)
    if window is not None:
        column, start, end = window
        clauses += [table.columns[column] >= start, table.columns[column] < end]
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


def rows_among(connection: Connection, table: Table, ids: Sequence[str], *, conditions: Mapping[str, Any]) -> list[str]:
    """Return those of some ids that have a row with certain values and without a mark.

    :param connection: to the database.
    :param table: the table, prepared.
    :param ids: to look for, few enough for one statement.
    :param conditions: column to value.
    """
    row_id = table.columns[ID]
    texts = {name: value for name, value in conditions.items() if isinstance(value, str)}
    columns = (row_id, *(table.columns[name] for name in texts))
    rows = connection.execute(select(*columns).where(row_id.in_(ids), *_clauses(table, conditions)).order_by(row_id))
    return [one for one, *held in rows if held == list(texts.values())]


def _clauses(table: Table, conditions: Mapping[str, Any]) -> list[ColumnElement[bool]]:
    clauses = [table.columns[name] == value for name, value in conditions.items()]
    clauses += in_account(table, account_of(table))
    if DELETED_AT in table.columns:
        clauses.append(table.columns[DELETED_AT].is_(None))
    return clauses


def delete_rows(connection: Connection, table: Table, ids: Iterable[str]) -> int:
    """Delete rows by id and return how many there were.

    :param connection: to the database, in a transaction.
    :param table: the table.
    :param ids: of the rows to delete.
    """
    delete = table.delete().where(*in_account(table, account_of(table)))
    return sum(connection.execute(delete.where(table.columns[ID].in_(some))).rowcount for some in chunks(sorted(ids)))


def mark_rows(connection: Connection, table: Table, ids: Iterable[str], deleted_at: datetime) -> int:
    """Mark rows as deleted and return how many had no mark yet.

    :param connection: to the database, in a transaction.
    :param table: the table, with ``deleted_at``.
    :param ids: of the rows to mark.
    :param deleted_at: instant of the read that did not return them.
    """
    mark = (
        table.update()
        .values({DELETED_AT: deleted_at})
        .where(table.columns[DELETED_AT].is_(None), *in_account(table, account_of(table)))
    )
    return sum(connection.execute(mark.where(table.columns[ID].in_(some))).rowcount for some in chunks(sorted(ids)))
