"""Rows into the table by ``id``: new ones in, changed ones over, the same ones left alone."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Table, Text, bindparam, cast, select
from sqlalchemy.dialects import mysql, postgresql, sqlite
from sqlalchemy.engine import Connection
from sqlalchemy.sql import Executable

from airflow_provider_seventime import exact_json
from airflow_provider_seventime.warehouse.columns import ID, RECORD, SYNCED_AT

# Below what the oldest database in use takes as parameters of one statement (SQLite before 3.32: 999).
_IDS_PER_STATEMENT = 500

_UPSERTS: dict[str, Any] = {
    "sqlite": sqlite.insert,
    "postgresql": postgresql.insert,
    "mysql": mysql.insert,
    "mariadb": mysql.insert,
}

Item = TypeVar("Item")


def merge_rows(connection: Connection, table: Table, rows: Iterable[dict[str, Any]], synced_at: datetime) -> int:
    """Merge rows into the table and return how many were new or had changed.

    A row whose stored record says the same is not touched, ``synced_at`` included.

    :param connection: to the database, in a transaction.
    :param table: from :func:`.tables.table_of`.
    :param rows: from :func:`.rows.row_of`, each ``id`` once; one batch.
    :param synced_at: the instant of the read that they come from.
    """
    given = {row[ID]: row for row in rows}
    stored = _stored_records(connection, table, list(given))
    changed = [
        {**row, SYNCED_AT: synced_at}
        for row_id, row in given.items()
        if row_id not in stored or not same_json(stored[row_id], row[RECORD])
    ]
    if changed:
        _write(connection, table, changed, stored)
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


def _stored_records(connection: Connection, table: Table, ids: Sequence[str]) -> dict[str, Any]:
    # Read as text: drivers that decode JSON themselves make floats of the decimals.
    record = cast(table.columns[RECORD], Text)
    found: dict[str, Any] = {}
    for some in chunks(ids):
        answer = connection.execute(select(table.columns[ID], record).where(table.columns[ID].in_(some)))
        found.update((row_id, _decode(text)) for row_id, text in answer)
    return found


def _decode(text: str) -> Any:
    try:
        return exact_json.decode(text)
    except ValueError:
        return None  # somebody has been at it: differs from every record, and is written anew


def has_upsert(dialect_name: str) -> bool:
    """Tell whether that database merges in one statement, which takes ``id`` as its key."""
    return dialect_name in _UPSERTS


def _write(connection: Connection, table: Table, rows: list[dict[str, Any]], stored: Collection[str]) -> None:
    if has_upsert(connection.dialect.name):
        connection.execute(_upsert(connection.dialect.name, table), rows)
        return
    update_and_insert(connection, table, rows, stored)


def _upsert(dialect_name: str, table: Table) -> Executable:
    statement = _UPSERTS[dialect_name](table)
    others = [column.name for column in table.columns if column.name != ID]
    if dialect_name in ("mysql", "mariadb"):
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
