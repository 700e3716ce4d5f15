"""Records into the table by ``id``: new ones in, changed ones over, the same ones left alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Table, Text, cast, literal, select
from sqlalchemy.engine import Connection

from airflow_provider_seventime import exact_json
from airflow_provider_seventime.warehouse.databases import MYSQL_LIKE
from airflow_provider_seventime.warehouse.rows import RowConverter
from airflow_provider_seventime.warehouse.schema.columns import DELETED_AT, ID, RECORD, SYNCED_AT
from airflow_provider_seventime.warehouse.write.bulk_postgresql import has_copy, merge_by_copy
from airflow_provider_seventime.warehouse.write.upserts import write_rows

# Their keys are told apart and sorted as Python does it.
_SORTED_AS_HERE = frozenset({"sqlite"}) | MYSQL_LIKE
# Below what the oldest database in use takes as parameters of one statement (SQLite before 3.32: 999).
_IDS_PER_STATEMENT = 500

Item = TypeVar("Item")


def merge_records(
    connection: Connection,
    table: Table,
    rows: RowConverter,
    records: Mapping[str, Mapping[str, Any]],
    synced_at: datetime,
) -> int:
    """Merge records into the table and return how many rows were new or had changed.

    A row whose stored record says the same is not touched, ``synced_at`` included, unless it was marked as deleted.

    :param connection: to the database, in a transaction.
    :param table: as it is in the database: with ``deleted_at`` where it has that.
    :param rows: of the table's collection.
    :param records: one batch, by id and in the order of ids, so that two batches at once do not wait for each other.
    :param synced_at: the instant of the read that they come from.
    :raises ProtocolError: a record cannot be a row.
    """
    if has_copy(connection):
        return merge_by_copy(connection, table, rows, records.values(), synced_at)
    texts = {row_id: exact_json.encode(record).decode() for row_id, record in records.items()}
    stored = _stored_records(connection, table, list(records))
    written_anew = {SYNCED_AT: synced_at} | ({DELETED_AT: None} if DELETED_AT in table.columns else {})
    changed = [
        rows.row_of(record) | {RECORD: texts[row_id]} | written_anew
        for row_id, record in records.items()
        if row_id not in stored or not _says_the_same(stored[row_id], texts[row_id], record)
    ]
    if changed:
        write_rows(connection, table, changed, stored)
    return len(changed)


def same_json(one: Any, other: Any) -> bool:
    """Tell whether two JSON values say the same, whatever the order of keys and the spelling of numbers (1.0, 1)."""
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
    """Cut items into lists of at most ``size``."""
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk


def _stored_records(connection: Connection, table: Table, ids: Sequence[str]) -> dict[str, str | None]:
    """Return the records that are there, as text; None where the row is marked as deleted.

    :param ids: sorted.
    """
    if connection.dialect.name in _SORTED_AS_HERE and not _any_between(connection, table, ids[0], ids[-1]):
        return {}  # as a rule where a table is filled for the first time: ids grow with time
    # Read as text: drivers that decode JSON themselves make floats of the decimals.
    record = cast(table.columns[RECORD], Text)
    marked = table.columns[DELETED_AT].is_not(None) if DELETED_AT in table.columns else literal(False)
    found: dict[str, str | None] = {}
    for some in chunks(ids):
        answer = connection.execute(select(table.columns[ID], record, marked).where(table.columns[ID].in_(some)))
        found.update((row_id, None if is_marked else text) for row_id, text, is_marked in answer)
    return found


def _any_between(connection: Connection, table: Table, first: str, last: str) -> bool:
    one = select(table.columns[ID]).where(table.columns[ID].between(first, last)).limit(1)
    return connection.execute(one).first() is not None


def _says_the_same(stored: str | None, text: str, record: Mapping[str, Any]) -> bool:
    if stored == text or stored is None:
        return stored is not None
    try:
        return same_json(exact_json.decode(stored), record)
    except ValueError:
        return False  # somebody has been at it: it differs from every record, and is written anew
