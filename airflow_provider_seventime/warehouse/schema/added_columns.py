"""Columns added to the table of an earlier version of the contract, filled from the stored records.

PostgreSQL and SQLite add and fill them in one transaction. MySQL and MariaDB commit with every change of a table: there
the comment of a column marks it as not filled yet, and the next run that finds the mark fills it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy import Column, MetaData, Table, Text, bindparam, cast, select
from sqlalchemy.engine import Connection
from sqlalchemy.schema import CreateColumn

from airflow_provider_seventime import exact_json
from airflow_provider_seventime.contract.spec import CollectionSpec
from airflow_provider_seventime.warehouse.databases import MYSQL_LIKE
from airflow_provider_seventime.warehouse.schema.columns import ACCOUNT, ID, RECORD, column_name
from airflow_provider_seventime.warehouse.schema.keys import in_account
from airflow_provider_seventime.warehouse.schema.repair_sql import alteration, modification
from airflow_provider_seventime.warehouse.values import typed_value

NOT_FILLED_YET = "Added by airflow-provider-seventime, which is filling it"

_ROWS_AT_A_TIME = 1_000


def add_columns(connection: Connection, table: Table, names: Collection[str]) -> None:
    """Add columns to the table.

    :param connection: to the database, in a transaction.
    :param table: the table, which exists.
    :param names: of its columns that do not exist yet.
    """
    dialect = connection.dialect
    comment = NOT_FILLED_YET if dialect.name in MYSQL_LIKE else None
    for name in names:
        added = Table(table.name, MetaData(), Column(name, table.columns[name].type, comment=comment))
        described = CreateColumn(added.columns[name]).compile(dialect=dialect)
        connection.exec_driver_sql(alteration(table, dialect, f"ADD {described}"))


def fill_columns(connection: Connection, collection: CollectionSpec, table: Table, names: Collection[str]) -> None:
    """Fill columns from ``record`` in every row.

    :param connection: to the database, in a transaction.
    :param collection: the collection.
    :param table: the table.
    :param names: of its columns; a column of no field stays empty.
    :raises MisfitError: a stored record has a value that its column cannot hold.
    """
    fields = {field: kind for field, kind in collection.fields.items() if column_name(field) in names}
    fill = table.update().where(table.columns[ID] == bindparam("matching_id"))
    commits_itself = connection.dialect.name in MYSQL_LIKE
    for account, batch in _stored_batches(connection, table) if fields else ():
        connection.execute(
            fill.where(*in_account(table, account)),
            [
                {"matching_id": row_id}
                | {column_name(field): typed_value(collection, record, field, kind) for field, kind in fields.items()}
                for row_id, record in batch
            ],
        )
        if commits_itself:
            connection.exec_driver_sql("COMMIT")  # releases the locks of the rows
    for name in names if commits_itself else ():
        change = modification(table.columns[name], connection.dialect)
        connection.exec_driver_sql(alteration(table, connection.dialect, change))


def _stored_batches(
    connection: Connection, table: Table
) -> Iterator[tuple[str | None, list[tuple[str, dict[str, Any]]]]]:
    """Yield the rows of every account in batches, each with its account."""
    accounts: list[str | None] = [None]
    if ACCOUNT in table.columns:
        accounts = list(connection.execute(select(table.columns[ACCOUNT]).distinct()).scalars())
    for account in accounts:
        for batch in _batches_of(connection, table, account):
            yield account, batch


def _batches_of(
    connection: Connection, table: Table, account: str | None
) -> Iterator[list[tuple[str, dict[str, Any]]]]:
    row_id = table.columns[ID]
    # Locked, so that the values of a batch that is merged at the same time are not overwritten with older ones.
    everything = (
        select(row_id, cast(table.columns[RECORD], Text))
        .where(*in_account(table, account))
        .order_by(row_id)
        .limit(_ROWS_AT_A_TIME)
        .with_for_update()
    )
    rows = connection.execute(everything).all()
    while rows:
        yield [(found, exact_json.decode(text)) for found, text in rows]
        rows = connection.execute(everything.where(row_id > rows[-1][0])).all()
