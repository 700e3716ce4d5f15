"""The table of a collection: named, checked, created, and widened when the contract has grown."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any
from warnings import catch_warnings, filterwarnings

from sqlalchemy import MetaData, Table, inspect
from sqlalchemy.engine import Connection
from sqlalchemy.engine.reflection import Inspector

from airflow_provider_seventime.contract.spec import CollectionSpec
from airflow_provider_seventime.exceptions import ConfigError
from airflow_provider_seventime.warehouse.databases import MYSQL_LIKE, WITH_UPSERT
from airflow_provider_seventime.warehouse.schema import mysql_tables
from airflow_provider_seventime.warehouse.schema.added_columns import NOT_FILLED_YET, add_columns, fill_columns
from airflow_provider_seventime.warehouse.schema.columns import ID, RECORD, columns_of
from airflow_provider_seventime.warehouse.schema.locks import table_lock
from airflow_provider_seventime.warehouse.schema.repair_sql import column_problems

_NAME = re.compile(r"[^\s\"'`;.%\[\]]+")


def table_of(resource: CollectionSpec, name: str, *, marks_deletions: bool = False) -> Table:
    """Return the table that holds a collection; the database is not asked.

    :param resource: the collection.
    :param name: ``table``, or ``schema.table``.
    :param marks_deletions: see :func:`.columns.columns_of`.
    :raises ConfigError: the name is empty, or is none that a database takes without quotes of its own.
    """
    schema, _, table = name.strip().rpartition(".")
    if not all(_NAME.fullmatch(part) for part in [table, *(schema.split(".") if "." in name else [])]):
        raise ConfigError(f"table: {name!r} is no name of a table; write table or schema.table, without quotes")
    columns = columns_of(resource, marks_deletions=marks_deletions)
    return Table(
        table,
        MetaData(),
        *columns,
        schema=schema or None,
        # Whatever the server's own default is: other engines have no transactions.
        mysql_engine="InnoDB",
        mariadb_engine="InnoDB",
    )


def has_table(connection: Connection, table: Table) -> bool:
    """Tell whether the table is there."""
    return bool(inspect(connection).has_table(table.name, schema=table.schema))


def has_column(connection: Connection, table: Table, name: str) -> bool:
    """Tell whether the table is there and has that column."""
    return has_table(connection, table) and any(column["name"] == name for column in _columns(connection, table))


def check_table(connection: Connection, resource: CollectionSpec, table: Table) -> None:
    """Find out whether the table is there, or can be made, and is one that records can be merged into.

    :param connection: to the database; nothing is written.
    :param resource: the collection.
    :param table: from :func:`table_of`, with ``deleted_at``.
    :raises ConfigError: the schema is missing, the connection does not speak Unicode, a table of that name is no copy
        of Seven Time, or one of its columns would not keep what its field may hold; with the statement that mends it.
    """
    inspector = inspect(connection)
    _check_schema(inspector, table)
    if connection.dialect.name in MYSQL_LIKE:
        mysql_tables.check_session(connection)
    if not has_table(connection, table):
        return
    found = _columns(connection, table)
    _check_identity(connection, inspector, table, {column["name"] for column in found})
    problems = list(column_problems(resource, table, found, connection.dialect))
    if connection.dialect.name in MYSQL_LIKE:
        problems += mysql_tables.table_problems(connection, inspector, table)
    if problems:
        listed = "\n".join(f"  - {problem}" for problem in problems)
        raise ConfigError(f"table: {table.fullname} does not keep every row as it comes; mend it first:\n{listed}")


def _check_schema(inspector: Inspector, table: Table) -> None:
    # A schema with a dot has its database in front, and the database's own list of schemas has not.
    if table.schema and "." not in table.schema and table.schema not in inspector.get_schema_names():
        raise ConfigError(f"table: there is no schema {table.schema!r} for {table.fullname}; create it first")


def _check_identity(connection: Connection, inspector: Inspector, table: Table, found: Collection[str]) -> None:
    missing = [name for name in (ID, RECORD) if name not in found]
    if missing:
        raise ConfigError(
            f"table: {table.fullname} exists and lacks the column {' and '.join(missing)}, so no sync made it; "
            "give another name, or rename that table"
        )
    key = inspector.get_pk_constraint(table.name, schema=table.schema).get("constrained_columns") or []
    if connection.dialect.name in WITH_UPSERT and list(key) != [ID]:
        raise ConfigError(
            f"table: the primary key of {table.fullname} is {', '.join(key) or 'missing'} and must be {ID}, which "
            "records are merged by; give another name, or make id the primary key"
        )


def is_prepared(connection: Connection, table: Table) -> bool:
    """Tell whether the table is there with all of its columns, and all of them are filled.

    :param connection: to the database.
    :param table: from :func:`table_of`.
    """
    return has_table(connection, table) and not _missing(connection, table) and not _unfilled(connection, table)


def prepare_table(connection: Connection, resource: CollectionSpec, table: Table) -> None:
    """Create the table, or add the columns that the contract has gained since; what the user added is left alone.

    New columns are filled from ``record`` in all rows, read now or not. A run that does the same is waited for.

    :param connection: to the database, in a transaction.
    :param resource: the collection.
    :param table: from :func:`table_of`, checked with :func:`check_table`.
    :raises ProtocolError: a stored record cannot be read.
    """
    with table_lock(connection, table):
        if not has_table(connection, table):
            table.create(connection, checkfirst=False)
            return
        missing = _missing(connection, table)
        add_columns(connection, table, missing)
        fill_columns(connection, resource, table, [*missing, *_unfilled(connection, table)])


def _missing(connection: Connection, table: Table) -> list[str]:
    present = {column["name"] for column in _columns(connection, table)}
    return [column.name for column in table.columns if column.name not in present]


def _unfilled(connection: Connection, table: Table) -> list[str]:
    found = _columns(connection, table)
    return [column["name"] for column in found if column.get("comment") == NOT_FILLED_YET]


def _columns(connection: Connection, table: Table) -> list[Mapping[str, Any]]:
    with catch_warnings():
        # A column of the user may have a type of an extension, which is of no concern here.
        filterwarnings("ignore", message="Did not recognize type")
        return list(inspect(connection).get_columns(table.name, schema=table.schema))
