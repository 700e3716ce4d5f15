"""What is wrong with the columns of a table that is there, each with the statement that mends it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Column, Integer, String, Table
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeEngine

from airflow_provider_seventime.contract.spec import CollectionSpec, FieldKind
from airflow_provider_seventime.warehouse.databases import MYSQL_LIKE
from airflow_provider_seventime.warehouse.schema.columns import DELETED_AT, ID, RECORD, SYNCED_AT
from airflow_provider_seventime.warehouse.schema.compatibility import fits, kinds_of

_NOT_IN_THE_RECORD = frozenset({ID, RECORD, SYNCED_AT, DELETED_AT})
# Types of one family differ in how much they hold only: a column that is widened had lost nothing. Where it may have
# lost what the record still has, it is made and filled anew.
_FAMILIES: Mapping[FieldKind | None, type[TypeEngine[Any]]] = {
    FieldKind.ID: String,
    FieldKind.TEXT: String,
    FieldKind.INTEGER: Integer,
}


def column_problems(
    resource: CollectionSpec, table: Table, found: Sequence[Mapping[str, Any]], dialect: Dialect
) -> Iterator[str]:
    """Yield a line for each column that would not take every row as it is.

    :param resource: the collection.
    :param table: the table as it should be, with ``deleted_at``.
    :param found: the columns that it has, as SQLAlchemy's inspector tells them.
    :param dialect: of the database.
    """
    kinds = kinds_of(resource)
    for there in found:
        name = there["name"]
        if name in kinds:
            yield from _problems_of_ours(table, table.columns[name], kinds[name], there, dialect)
        elif not there["nullable"] and not _fills_itself(there):
            yield f"{name}, which is not of this package, is NOT NULL and has no default, so no row can be added"


def _problems_of_ours(
    table: Table, column: Column[Any], kind: FieldKind | None, there: Mapping[str, Any], dialect: Dialect
) -> Iterator[str]:
    if not fits(kind, there["type"], dialect.name):
        widened = kind in _FAMILIES and isinstance(there["type"], _FAMILIES[kind])
        found, needed = _spelled(there["type"], dialect), _spelled(column.type, dialect)
        yield f"{column.name} is {found} and must be {needed}: {_retyped(table, column, dialect, widened=widened)}"
    elif column.nullable and not there["nullable"]:
        yield f"{column.name} is NOT NULL, and a record may come without it: {_freed(table, column, dialect)}"


def alteration(table: Table, dialect: Dialect, change: str) -> str:
    """Return the statement for a change of the table."""
    return f"ALTER TABLE {dialect.identifier_preparer.format_table(table)} {change}"


def modification(column: Column[Any], dialect: Dialect) -> str:
    """Return the change that gives a column of MySQL its own type, and takes off whatever else was said of it."""
    name = dialect.identifier_preparer.quote(column.name)
    return f"MODIFY {name} {_spelled(column.type, dialect)}" + ("" if column.nullable else " not null")


def _fills_itself(there: Mapping[str, Any]) -> bool:
    return there.get("default") is not None or any(
        there.get(way) not in (None, False) for way in ("computed", "identity", "autoincrement")
    )


def _spelled(found: TypeEngine[Any], dialect: Dialect) -> str:
    return str(found.compile(dialect=dialect)).lower()


def _retyped(table: Table, column: Column[Any], dialect: Dialect, *, widened: bool) -> str:
    if column.name not in _NOT_IN_THE_RECORD and (dialect.name == "sqlite" or not widened):
        return _made_anew(table, column, dialect)
    if dialect.name == "sqlite":
        old = dialect.identifier_preparer.quote(f"{table.name}_old")
        return f"{alteration(table, dialect, f'RENAME TO {old}')} (the next run makes a new one)"
    if dialect.name in MYSQL_LIKE:
        return alteration(table, dialect, modification(column, dialect))
    name, text = dialect.identifier_preparer.quote(column.name), _spelled(column.type, dialect)
    using = f"{name} AT TIME ZONE 'UTC'" if text.startswith("timestamp") else f"{name}::{text}"
    return alteration(table, dialect, f"ALTER COLUMN {name} TYPE {text}" + ("" if widened else f" USING {using}"))


def _freed(table: Table, column: Column[Any], dialect: Dialect) -> str:
    if dialect.name in MYSQL_LIKE:
        return alteration(table, dialect, modification(column, dialect))
    if dialect.name == "postgresql":
        return alteration(
            table, dialect, f"ALTER COLUMN {dialect.identifier_preparer.quote(column.name)} DROP NOT NULL"
        )
    return _made_anew(table, column, dialect)


def _made_anew(table: Table, column: Column[Any], dialect: Dialect) -> str:
    dropped = alteration(table, dialect, f"DROP COLUMN {dialect.identifier_preparer.quote(column.name)}")
    return f"{dropped} (the next run adds it again and fills it from {RECORD})"
