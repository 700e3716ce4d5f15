"""Table of a collection: its name, its check, its creation, and columns added by a newer contract."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any
from warnings import catch_warnings, filterwarnings

from sqlalchemy import MetaData, Table, inspect, select
from sqlalchemy.engine import Connection
from sqlalchemy.engine.reflection import Inspector

from airflow_provider_seventime.contract.spec import CollectionSpec
from airflow_provider_seventime.exceptions import ConfigError
from airflow_provider_seventime.warehouse.databases import MYSQL_LIKE, WITH_UPSERT
from airflow_provider_seventime.warehouse.schema import mysql_tables
from airflow_provider_seventime.warehouse.schema.added_columns import NOT_FILLED_YET, add_columns, fill_columns
from airflow_provider_seventime.warehouse.schema.columns import (
    ACCOUNT,
    DELETED_AT,
    ID,
    RECORD,
    SYNCED_AT,
    column_name,
    columns_of,
)
from airflow_provider_seventime.warehouse.schema.keys import account_of, in_account, key_names
from airflow_provider_seventime.warehouse.schema.locks import table_lock
from airflow_provider_seventime.warehouse.schema.repair_sql import account_sql, column_problems

# A copy has these beside the fields of its collection.
_OWN_COLUMNS = len((ACCOUNT, ID, RECORD, SYNCED_AT, DELETED_AT))
_NAME = re.compile(r"[^\s\"'`;.%\[\]]+")


def table_of(
    collection: CollectionSpec, name: str, *, marks_deletions: bool = False, account: str | None = None
) -> Table:
    """Return the table of a collection, without a query.

    :param collection: the collection.
    :param name: ``table``, or ``schema.table``.
    :param marks_deletions: see :func:`.columns.columns_of`.
    :param account: value of the column ``account``; None: the table has no such column.
    :raises ConfigError: the name is empty, or has a character that needs quotes.
    """
    schema, _, table = name.strip().rpartition(".")
    if not all(_NAME.fullmatch(part) for part in [table, *(schema.split(".") if "." in name else [])]):
        raise ConfigError(f"table: {name!r} is not the name of a table; write table or schema.table, without quotes")
    columns = columns_of(collection, marks_deletions=marks_deletions, by_account=account is not None)
    return Table(
        table,
        MetaData(),
        *columns,
        schema=schema or None,
        info={} if account is None else {ACCOUNT: account},
        # The server's default may be an engine without transactions.
        mysql_engine="InnoDB",
        mariadb_engine="InnoDB",
    )


def has_table(connection: Connection, table: Table) -> bool:
    """Return whether the table exists."""
    return bool(inspect(connection).has_table(table.name, schema=table.schema))


def is_empty_table(connection: Connection, table: Table) -> bool:
    """Return whether the table does not exist or has no row of the account."""
    one = select(table.columns[ID]).where(*in_account(table, account_of(table))).limit(1)
    return not has_table(connection, table) or connection.execute(one).first() is None


def has_column(connection: Connection, table: Table, name: str) -> bool:
    """Return whether the table exists and has that column."""
    return has_table(connection, table) and any(column["name"] == name for column in _columns(connection, table))


def check_table(connection: Connection, collection: CollectionSpec, table: Table) -> None:
    """Check that the table exists or can be created, and that records can be merged into it.

    :param connection: to the database; nothing is written.
    :param collection: the collection.
    :param table: from :func:`table_of`, with ``deleted_at``.
    :raises ConfigError: the schema is missing, the connection cannot send all of Unicode, the table is not a copy of
        Seven Time, or one of its columns would not keep every value of its field; with the SQL that repairs it.
    """
    # SQLAlchemy gives MySQL the length of an alias.
    longest = 64 if connection.dialect.name in MYSQL_LIKE else connection.dialect.max_identifier_length
    if len(table.name.encode()) > longest:
        raise ConfigError(
            f"table: the name {table.name} has {len(table.name.encode())} bytes, and the database takes {longest}\n"
            "Give a shorter name"
        )
    inspector = inspect(connection)
    _check_schema(inspector, table)
    if connection.dialect.name in MYSQL_LIKE:
        mysql_tables.check_session(connection)
    if not has_table(connection, table):
        return
    found = _columns(connection, table)
    names = {column["name"] for column in found}
    _check_columns(collection, table, names)
    _check_key(connection, inspector, table)
    problems = list(column_problems(collection, table, found, connection.dialect))
    if connection.dialect.name in MYSQL_LIKE:
        problems += mysql_tables.table_problems(connection, inspector, table)
    if problems:
        listed = "\n".join(f"  - {problem}" for problem in problems)
        raise ConfigError(f"table: {table.fullname} would change or reject values of a row. Repair it first:\n{listed}")


def _check_schema(inspector: Inspector, table: Table) -> None:
    # A schema with a dot is database.schema, and the database's list of schemas has no such names.
    if table.schema and "." not in table.schema and table.schema not in inspector.get_schema_names():
        raise ConfigError(f"table: the schema {table.schema!r} of {table.fullname} does not exist; create it first")


def _check_columns(collection: CollectionSpec, table: Table, found: Collection[str]) -> None:
    """Check that a table is a copy of the collection: it has id, record, and most columns of the fields."""
    missing = [name for name in (ID, RECORD) if name not in found]
    if missing:
        raise ConfigError(
            f"table: {table.fullname} exists and lacks the column {' and '.join(missing)}, so it is not a copy of "
            "Seven Time; give another name, or rename that table"
        )
    fields = [column_name(field) for field in collection.fields]
    present = [name for name in fields if name in found]
    others = len(found) - len(present)
    if 2 * len(present) < len(fields) and others > _OWN_COLUMNS:
        raise ConfigError(
            f"table: {table.fullname} has {len(present)} of the {len(fields)} columns of {collection.name}, and "
            f"{others} others, so it is a copy of another collection; give another name, or rename that table"
        )


def _check_key(connection: Connection, inspector: Inspector, table: Table) -> None:
    key = inspector.get_pk_constraint(table.name, schema=table.schema).get("constrained_columns") or []
    account = account_of(table)
    if account is None and ACCOUNT in key:
        raise ConfigError(
            f"table: {table.fullname} holds several accounts: account is part of its key\n"
            "Give account, the name of this account in that column"
        )
    if account is not None and ACCOUNT not in key:
        raise ConfigError(
            f"table: {table.fullname} has no account in its key, and account={account!r} was given\n"
            f"Give another table, or change this one: {account_sql(table, account, connection.dialect)}"
        )
    if connection.dialect.name in WITH_UPSERT and sorted(key) != key_names(table):
        raise ConfigError(
            f"table: the primary key of {table.fullname} is {', '.join(key) or 'missing'} and must be "
            f"{', '.join(key_names(table))}, the key that records are merged by; give another name, or change the key"
        )


def is_prepared(connection: Connection, table: Table) -> bool:
    """Return whether the table exists with all of its columns, and all of them are filled.

    :param connection: to the database.
    :param table: from :func:`table_of`.
    """
    return has_table(connection, table) and not _missing(connection, table) and not _unfilled(connection, table)


def prepare_table(connection: Connection, collection: CollectionSpec, table: Table) -> None:
    """Create the table, or add the columns of fields that are new in the contract; the user's own columns stay.

    New columns are filled from ``record`` in all rows. Waits while another run does the same.

    :param connection: to the database, in a transaction.
    :param collection: the collection.
    :param table: from :func:`table_of`, checked with :func:`check_table`.
    :raises ProtocolError: a stored record cannot be read.
    """
    with table_lock(connection, table):
        if not has_table(connection, table):
            table.create(connection, checkfirst=False)
            return
        missing = _missing(connection, table)
        add_columns(connection, table, missing)
        fill_columns(connection, collection, table, [*missing, *_unfilled(connection, table)])


def _missing(connection: Connection, table: Table) -> list[str]:
    present = {column["name"] for column in _columns(connection, table)}
    return [column.name for column in table.columns if column.name not in present]


def _unfilled(connection: Connection, table: Table) -> list[str]:
    found = _columns(connection, table)
    return [column["name"] for column in found if column.get("comment") == NOT_FILLED_YET]


def _columns(connection: Connection, table: Table) -> list[Mapping[str, Any]]:
    with catch_warnings():
        # A column that the user added may have the type of an extension.
        filterwarnings("ignore", message="Did not recognize type")
        return list(inspect(connection).get_columns(table.name, schema=table.schema))
