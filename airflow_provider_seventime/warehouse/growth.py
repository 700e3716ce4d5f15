"""New columns for a table that an earlier version of the contract made, filled from the records it holds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Column, Table, Text, bindparam, cast, select
from sqlalchemy.engine import Connection
from sqlalchemy.schema import CreateColumn

from airflow_provider_seventime import exact_json
from airflow_provider_seventime.contract.resource import Resource
from airflow_provider_seventime.warehouse.columns import ID, RECORD, column_name
from airflow_provider_seventime.warehouse.rows import typed_value

_ROWS_AT_A_TIME = 1_000


def add_columns(connection: Connection, resource: Resource, table: Table, missing: Sequence[Column[Any]]) -> None:
    """Add columns to the table and fill them from ``record`` in every row.

    :param connection: to the database, in a transaction.
    :param resource: the collection.
    :param table: the table, which is there.
    :param missing: columns of it that are not.
    :raises ProtocolError: a stored record has a value that its new column cannot hold.
    """
    if connection.dialect.name == "sqlite":
        # Python's driver begins a transaction at the first write of rows only, and ALTER TABLE would stand outside it.
        connection.exec_driver_sql("BEGIN")
    preparer = connection.dialect.identifier_preparer
    for column in missing:
        described = CreateColumn(column).compile(dialect=connection.dialect)
        connection.exec_driver_sql(f"ALTER TABLE {preparer.format_table(table)} ADD {described}")
    names = {column.name for column in missing}
    fields = {field: kind for field, kind in resource.fields.items() if column_name(field) in names}
    if not fields:
        return
    fill = table.update().where(table.columns[ID] == bindparam("matching_id"))
    for batch in _stored_batches(connection, table):
        connection.execute(
            fill,
            [
                {"matching_id": row_id}
                | {column_name(field): typed_value(resource, record, field, kind) for field, kind in fields.items()}
                for row_id, record in batch
            ],
        )


def _stored_batches(connection: Connection, table: Table) -> Iterator[list[tuple[str, dict[str, Any]]]]:
    row_id = table.columns[ID]
    everything = select(row_id, cast(table.columns[RECORD], Text)).order_by(row_id).limit(_ROWS_AT_A_TIME)
    rows = connection.execute(everything).all()
    while rows:
        yield [(found, exact_json.decode(text)) for found, text in rows]
        rows = connection.execute(everything.where(row_id > rows[-1][0])).all()
