"""Problems of the columns of an existing table, each with the SQL that repairs it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Column, Integer, String, Table
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeEngine

from airflow_provider_seventime.contract.spec import CollectionSpec, FieldKind
from airflow_provider_seventime.warehouse.databases import MYSQL_LIKE
from airflow_provider_seventime.warehouse.schema.columns import ACCOUNT, DELETED_AT, ID, RECORD, SYNCED_AT
from airflow_provider_seventime.warehouse.schema.compatibility import column_kinds, is_compatible

_NOT_IN_THE_RECORD = frozenset({ACCOUNT, ID, RECORD, SYNCED_AT, DELETED_AT})
# Types of one family differ only in size, so a column that is widened has lost nothing. A column of another type may
# have lost values that the record still has: it is dropped, and filled again from the record.
_FAMILIES: Mapping[FieldKind | None, type[TypeEngine[Any]]] = {
    FieldKind.ID: String,
    FieldKind.TEXT: String,
    FieldKind.INTEGER: Integer,
}


def column_problems(
    collection: CollectionSpec, table: Table, found: Sequence[Mapping[str, Any]], dialect: Dialect
) -> Iterator[str]:
    """Yield a line for each column that would change or reject values of a row.

    :param collection: the collection.
    :param table: the table as it should be, with ``deleted_at``.
    :param found: the columns of the existing table, as SQLAlchemy's inspector returns them.
    :param dialect: of the database.
    """
    kinds = column_kinds(collection)
    for existing in found:
        name = existing["name"]
        if name in kinds and name in table.columns:
            yield from _own_column_problems(table, table.columns[name], kinds[name], existing, dialect)
        elif not existing["nullable"] and not _has_default(existing):
            yield f"{name}, which this package did not add, is NOT NULL and has no default, so no row can be inserted"


def _own_column_problems(
    table: Table, column: Column[Any], kind: FieldKind | None, existing: Mapping[str, Any], dialect: Dialect
) -> Iterator[str]:
    if not is_compatible(kind, existing["type"], dialect.name):
        widened = kind in _FAMILIES and isinstance(existing["type"], _FAMILIES[kind])
        found, needed = _ddl(existing["type"], dialect), _ddl(column.type, dialect)
        yield f"{column.name} is {found} and must be {needed}: {_retyped(table, column, dialect, widened=widened)}"
    elif column.nullable and not existing["nullable"]:
        yield f"{column.name} is NOT NULL, and a record may lack it: {_nullable(table, column, dialect)}"


def alteration(table: Table, dialect: Dialect, change: str) -> str:
    """Return the statement for a change of the table."""
    return f"ALTER TABLE {dialect.identifier_preparer.format_table(table)} {change}"


def account_sql(table: Table, account: str, dialect: Dialect) -> str:
    """Return the statements that add ``account`` to the key of a table that lacks it.

    :param table: the table as it should be, with ``account``.
    :param account: the account of the rows that the table has.
    :param dialect: of the database.
    """
    quote = dialect.identifier_preparer.quote
    if dialect.name == "sqlite":  # it cannot change a key
        old = quote(f"{table.name}_old")
        return f"{alteration(table, dialect, f'RENAME TO {old}')} (the next run makes a new one)"
    value = account.replace("'", "''")
    declared = f"{quote(ACCOUNT)} {_ddl(table.columns[ACCOUNT].type, dialect)} NOT NULL DEFAULT '{value}'"
    if dialect.name in MYSQL_LIKE:
        keyed = alteration(table, dialect, f"DROP PRIMARY KEY, ADD PRIMARY KEY ({quote(ACCOUNT)}, {quote(ID)})")
    else:
        constraint = quote(f"{table.name}_pkey")
        keyed = alteration(
            table, dialect, f"DROP CONSTRAINT {constraint}, ADD PRIMARY KEY ({quote(ACCOUNT)}, {quote(ID)})"
        )
    added = alteration(table, dialect, f"ADD {declared}")
    return f"{added}; {keyed} (the account of its present rows is {account!r} then)"


def modification(column: Column[Any], dialect: Dialect) -> str:
    """Return the change that gives a column of MySQL the type it must have, without comment and default."""
    name = dialect.identifier_preparer.quote(column.name)
    return f"MODIFY {name} {_ddl(column.type, dialect)}" + ("" if column.nullable else " not null")


def _has_default(existing: Mapping[str, Any]) -> bool:
    return existing.get("default") is not None or any(
        existing.get(way) not in (None, False) for way in ("computed", "identity", "autoincrement")
    )


def _ddl(found: TypeEngine[Any], dialect: Dialect) -> str:
    return str(found.compile(dialect=dialect)).lower()


def _retyped(table: Table, column: Column[Any], dialect: Dialect, *, widened: bool) -> str:
    if column.name not in _NOT_IN_THE_RECORD and (dialect.name == "sqlite" or not widened):
        return _recreated(table, column, dialect)
    if dialect.name == "sqlite":
        old = dialect.identifier_preparer.quote(f"{table.name}_old")
        return f"{alteration(table, dialect, f'RENAME TO {old}')} (the next run makes a new one)"
    if dialect.name in MYSQL_LIKE:
        return alteration(table, dialect, modification(column, dialect))
    name, text = dialect.identifier_preparer.quote(column.name), _ddl(column.type, dialect)
    using = f"{name} AT TIME ZONE 'UTC'" if text.startswith("timestamp") else f"{name}::{text}"
    return alteration(table, dialect, f"ALTER COLUMN {name} TYPE {text}" + ("" if widened else f" USING {using}"))


def _nullable(table: Table, column: Column[Any], dialect: Dialect) -> str:
    if dialect.name in MYSQL_LIKE:
        return alteration(table, dialect, modification(column, dialect))
    if dialect.name == "postgresql":
        return alteration(
            table, dialect, f"ALTER COLUMN {dialect.identifier_preparer.quote(column.name)} DROP NOT NULL"
        )
    return _recreated(table, column, dialect)


def _recreated(table: Table, column: Column[Any], dialect: Dialect) -> str:
    dropped = alteration(table, dialect, f"DROP COLUMN {dialect.identifier_preparer.quote(column.name)}")
    return f"{dropped} (the next run adds it again and fills it from {RECORD})"
