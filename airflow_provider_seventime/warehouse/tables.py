"""The table of a collection: named, checked, created, and widened when the contract has grown."""

from __future__ import annotations

import re

from sqlalchemy import MetaData, Table, inspect
from sqlalchemy.engine import Connection
from sqlalchemy.engine.reflection import Inspector

from airflow_provider_seventime.contract.resource import Resource
from airflow_provider_seventime.exceptions import ConfigError
from airflow_provider_seventime.warehouse.columns import ID, RECORD, columns_of
from airflow_provider_seventime.warehouse.growth import add_columns
from airflow_provider_seventime.warehouse.merge import has_upsert

_NAME = re.compile(r"[^\s\"'`;.\[\]]+")


def table_of(resource: Resource, name: str) -> Table:
    """Return the table that holds a collection; the database is not asked.

    :param resource: the collection.
    :param name: ``table``, or ``schema.table``.
    :raises ConfigError: the name is empty, or is none that a database takes without quotes of its own.
    """
    schema, _, table = name.strip().rpartition(".")
    if not all(_NAME.fullmatch(part) for part in [table, *(schema.split(".") if "." in name else [])]):
        raise ConfigError(f"table: {name!r} is no name of a table; write table or schema.table, without quotes")
    return Table(table, MetaData(), *columns_of(resource), schema=schema or None)


def check_table(connection: Connection, table: Table) -> None:
    """Find out whether the table is there, or can be made, and is one that records can be merged into.

    :param connection: to the database; nothing is written.
    :param table: from :func:`table_of`.
    :raises ConfigError: the schema is missing, or a table of that name is no copy of Seven Time.
    """
    inspector = inspect(connection)
    _check_schema(inspector, table)
    if not inspector.has_table(table.name, schema=table.schema):
        return
    missing = [name for name in (ID, RECORD) if name not in _column_names(inspector, table)]
    if missing:
        raise ConfigError(
            f"table: {table.fullname} exists and lacks the column {' and '.join(missing)}, so no sync made it; "
            "give another name, or rename that table"
        )
    key = inspector.get_pk_constraint(table.name, schema=table.schema).get("constrained_columns") or []
    if has_upsert(connection.dialect.name) and list(key) != [ID]:
        raise ConfigError(
            f"table: the primary key of {table.fullname} is {', '.join(key) or 'missing'} and must be {ID}, which "
            "records are merged by; give another name, or make id the primary key"
        )


def _check_schema(inspector: Inspector, table: Table) -> None:
    # A schema with a dot has its database in front, and the database's own list of schemas has not.
    if table.schema and "." not in table.schema and table.schema not in inspector.get_schema_names():
        raise ConfigError(f"table: there is no schema {table.schema!r} for {table.fullname}; create it first")


def prepare_table(connection: Connection, resource: Resource, table: Table) -> None:
    """Create the table, or add the columns that the contract has gained since; what the user added is left alone.

    New columns are filled from ``record`` in all rows, read now or not, within the caller's transaction.

    :param connection: to the database, in a transaction.
    :param resource: the collection.
    :param table: from :func:`table_of`, checked with :func:`check_table`.
    :raises ProtocolError: a stored record cannot be read.
    """
    inspector = inspect(connection)
    if not inspector.has_table(table.name, schema=table.schema):
        table.create(connection)
        return
    present = _column_names(inspector, table)
    missing = [column for column in table.columns if column.name not in present]
    if missing:
        add_columns(connection, resource, table, missing)


def _column_names(inspector: Inspector, table: Table) -> set[str]:
    return {column["name"] for column in inspector.get_columns(table.name, schema=table.schema)}
