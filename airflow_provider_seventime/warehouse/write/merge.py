"""Merge of rows by ``id``: new rows are inserted, changed ones overwritten, unchanged ones not touched."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Table, Text, cast, literal, select
from sqlalchemy.engine import Connection

from airflow_provider_seventime import exact_json
from airflow_provider_seventime.warehouse.databases import MYSQL_LIKE
from airflow_provider_seventime.warehouse.rows import Row, RowConverter, python_values
from airflow_provider_seventime.warehouse.schema.columns import DELETED_AT, ID, RECORD, SYNCED_AT
from airflow_provider_seventime.warehouse.values import instant_as_text
from airflow_provider_seventime.warehouse.write.bulk_postgresql import has_copy, merge_by_copy
from airflow_provider_seventime.warehouse.write.upserts import BULK_UPSERTS, upsert_typed_rows

# Their keys are case-sensitive and sorted by bytes, as Python's texts are.
_SORTED_AS_IN_PYTHON = frozenset({"sqlite"}) | MYSQL_LIKE
# The oldest database in use takes 999 parameters a statement (SQLite before 3.32).
_IDS_PER_STATEMENT = 500

Item = TypeVar("Item")


def merge_rows(
    connection: Connection, rows: Sequence[Row], table: Table, converter: RowConverter, synced_at: datetime
) -> int:
    """Merge rows into the table and return how many were new or changed.

    A row whose stored record has the same values is not touched, ``synced_at`` included, unless it was marked as
    deleted.

    :param connection: to the database, in a transaction.
    :param rows: one batch, each id once, sorted by id, so that two batches at once do not wait for each other.
    :param table: as it is in the database: with ``deleted_at`` where it has that column.
    :param converter: that made the rows.
    :param synced_at: instant of the read that the rows come from.
    """
    if has_copy(connection):
        return merge_by_copy(connection, table, converter, rows, instant_as_text(synced_at))
    stored = _stored_records(connection, table, [row[0] for row in rows])
    changed = [row for row in rows if row[0] not in stored or not _is_same_record(stored[row[0]], row[-1])]
    if not changed:
        return 0
    marks = [None] if DELETED_AT in table.columns else []
    names = (*converter.columns, SYNCED_AT, *[DELETED_AT for _ in marks])
    upsert = BULK_UPSERTS.get(connection.dialect.name)
    if upsert is not None:
        last = (instant_as_text(synced_at), *marks)
        upsert(connection, table, names, [row + last for row in changed])
    else:
        typed = [[*python_values(converter.collection, row), synced_at, *marks] for row in changed]
        upsert_typed_rows(connection, table, [dict(zip(names, row, strict=True)) for row in typed], stored)
    return len(changed)


def same_json(one: Any, other: Any) -> bool:
    """Return whether two JSON values are equal, whatever the order of keys and the notation of numbers (1.0 and 1)."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same_json(value, other[key]) for key, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same_json, one, other))
    if _is_number(one) and _is_number(other):
        return bool(one == other)
    return type(one) is type(other) and bool(one == other)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def chunks(items: Iterable[Item], size: int = _IDS_PER_STATEMENT) -> Iterator[list[Item]]:
    """Yield items in lists of at most ``size``."""
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk


def _stored_records(connection: Connection, table: Table, ids: Sequence[str]) -> dict[str, str | None]:
    """Return the JSON of the stored records by id; None where the row is marked as deleted.

    :param ids: sorted.
    """
    if connection.dialect.name in _SORTED_AS_IN_PYTHON and not _any_between(connection, table, ids[0], ids[-1]):
        return {}  # as a rule where a table is filled for the first time: ids grow with time
    # Read as text: drivers that decode JSON themselves convert decimals to floats.
    record = cast(table.columns[RECORD], Text)
    is_marked = table.columns[DELETED_AT].is_not(None) if DELETED_AT in table.columns else literal(False)
    found: dict[str, str | None] = {}
    for some in chunks(ids):
        rows = connection.execute(select(table.columns[ID], record, is_marked).where(table.columns[ID].in_(some)))
        found.update((row_id, None if marked else text) for row_id, text, marked in rows)
    return found


def _any_between(connection: Connection, table: Table, first: str, last: str) -> bool:
    one = select(table.columns[ID]).where(table.columns[ID].between(first, last)).limit(1)
    return connection.execute(one).first() is not None


def _is_same_record(stored: str | None, json: str) -> bool:
    if stored is None or stored == json:
        return stored is not None
    try:
        return same_json(exact_json.decode(stored), exact_json.decode(json))
    except ValueError:
        return False  # a text that was edited by hand and is no JSON any more: it is overwritten
