"""Merge of rows by ``id``: new rows are inserted, changed ones overwritten, unchanged ones not touched."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import islice
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Table, Text, cast, select
from sqlalchemy.engine import Connection

from airflow_provider_seventime import exact_json
from airflow_provider_seventime.warehouse.databases import MYSQL_LIKE
from airflow_provider_seventime.warehouse.rows import Row, RowConverter, python_values
from airflow_provider_seventime.warehouse.schema.columns import ACCOUNT, DELETED_AT, ID, RECORD, SYNCED_AT
from airflow_provider_seventime.warehouse.schema.keys import account_of, in_account
from airflow_provider_seventime.warehouse.values import instant_as_text, instant_from_text
from airflow_provider_seventime.warehouse.write.bulk_postgresql import has_copy, merge_by_copy
from airflow_provider_seventime.warehouse.write.newer import MODIFIED, MergeResult, Times, is_older
from airflow_provider_seventime.warehouse.write.upserts import BULK_UPSERTS, upsert_typed_rows

# Their keys are case-sensitive and sorted by bytes, as Python's texts are.
_SORTED_AS_IN_PYTHON = frozenset({"sqlite"}) | MYSQL_LIKE
# The oldest database in use takes 999 parameters a statement (SQLite before 3.32).
_IDS_PER_STATEMENT = 500

Item = TypeVar("Item")


class _Stored(NamedTuple):
    """Stored reading of a record.

    :param record: its JSON; None where the row is marked as deleted.
    :param times: that decide which reading is newer.
    """

    record: str | None
    times: Times


def merge_rows(
    connection: Connection, rows: Sequence[Row], table: Table, converter: RowConverter, synced_at: datetime
) -> MergeResult:
    """Merge rows into the table.

    A row whose stored record has the same values is not touched, ``synced_at`` included, unless it was marked as
    deleted. A reading that is older than the stored one is not written, see :mod:`.newer`.

    :param connection: to the database, in a transaction.
    :param rows: one batch, each id once, sorted by id, so that two batches at once do not wait for each other.
    :param table: as it is in the database: with ``deleted_at`` where it has that column.
    :param converter: that made the rows.
    :param synced_at: instant of the read that the rows come from.
    """
    if has_copy(connection):
        return merge_by_copy(connection, table, converter, rows, instant_as_text(synced_at))
    stored = _stored_records(connection, table, [row[0] for row in rows])
    differing = [row for row in rows if row[0] not in stored or not _is_same_record(stored[row[0]], row[-1])]
    changed = _newer_rows(differing, stored, converter, synced_at)
    if not changed:
        return MergeResult(0, len(differing))
    marks = [None] if DELETED_AT in table.columns else []
    account = account_of(table)
    first = () if account is None else (account,)
    names = (*[ACCOUNT for _ in first], *converter.columns, SYNCED_AT, *[DELETED_AT for _ in marks])
    upsert = BULK_UPSERTS.get(connection.dialect.name)
    if upsert is not None:
        last = (instant_as_text(synced_at), *marks)
        upsert(connection, table, names, [(*first, *row, *last) for row in changed])
    else:
        typed = [[*first, *python_values(converter.collection, row), synced_at, *marks] for row in changed]
        upsert_typed_rows(connection, table, [dict(zip(names, row, strict=True)) for row in typed], stored)
    return MergeResult(len(changed), len(differing) - len(changed))


def _newer_rows(
    rows: Sequence[Row], stored: Mapping[str, _Stored], converter: RowConverter, synced_at: datetime
) -> list[Row]:
    """Return the rows whose reading is not older than the stored one."""
    place = converter.columns.index(MODIFIED) if MODIFIED in converter.columns else None
    newer: list[Row] = []
    for row in rows:
        modified = None if place is None or row[place] is None else instant_from_text(row[place])
        found = stored.get(row[0])
        if found is None or not is_older(Times(modified, synced_at), found.times):
            newer.append(row)
    return newer


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


def _stored_records(connection: Connection, table: Table, ids: Sequence[str]) -> dict[str, _Stored]:
    """Return what is stored of records, by id.

    :param ids: sorted.
    """
    account = account_of(table)
    if connection.dialect.name in _SORTED_AS_IN_PYTHON and not _any_between(connection, table, ids[0], ids[-1]):
        return {}  # as a rule where a table is filled for the first time: ids grow with time
    # Read as text: drivers that decode JSON themselves convert decimals to floats.
    record = cast(table.columns[RECORD], Text)
    names = [name for name in (MODIFIED, SYNCED_AT, DELETED_AT) if name in table.columns]
    columns = (table.columns[ID], record, *(table.columns[name] for name in names))
    found: dict[str, _Stored] = {}
    for some in chunks(ids):
        rows = connection.execute(select(*columns).where(table.columns[ID].in_(some), *in_account(table, account)))
        for row_id, text, *instants in rows:
            at = dict(zip(names, instants, strict=True))
            times = Times(at.get(MODIFIED), at.get(SYNCED_AT), at.get(DELETED_AT))
            found[row_id] = _Stored(text if times.deleted is None else None, times)
    return found


def _any_between(connection: Connection, table: Table, first: str, last: str) -> bool:
    between = table.columns[ID].between(first, last)
    one = select(table.columns[ID]).where(between, *in_account(table, account_of(table))).limit(1)
    return connection.execute(one).first() is not None


def _is_same_record(stored: _Stored, json: str) -> bool:
    if stored.record is None or stored.record == json:
        return stored.record is not None
    try:
        return same_json(exact_json.decode(stored.record), exact_json.decode(json))
    except ValueError:
        return False  # a text that was edited by hand and is no JSON any more: it is overwritten
