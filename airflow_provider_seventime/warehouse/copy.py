"""The copy of one collection: a table, and the transactions in which it changes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.engine import Engine

from airflow_provider_seventime.contract.resource import Resource
from airflow_provider_seventime.warehouse.columns import column_name
from airflow_provider_seventime.warehouse.merge import merge_rows
from airflow_provider_seventime.warehouse.removal import delete_rows, rows_not_read
from airflow_provider_seventime.warehouse.rows import row_of
from airflow_provider_seventime.warehouse.tables import check_table, prepare_table, table_of


class CollectionCopy:
    """A table that holds a collection. Every method that writes does so in one transaction.

    ::

        copy = CollectionCopy(engine, "seventime_time_logs", TIME_LOGS)
        copy.prepare()
        copy.merge(records, synced_at=read_at)

    :param engine: to the database; the caller disposes of it.
    :param table: ``table`` or ``schema.table``.
    :param resource: the collection.
    :raises ConfigError: the name is no name of a table.
    """

    def __init__(self, engine: Engine, table: str, resource: Resource) -> None:
        self._engine = engine
        self._resource = resource
        self._table = table_of(resource, table)

    def check(self) -> None:
        """See :func:`.tables.check_table`."""
        with self._engine.connect() as connection:
            check_table(connection, self._table)

    def prepare(self) -> None:
        """See :func:`.tables.prepare_table`."""
        with self._engine.begin() as connection:
            prepare_table(connection, self._resource, self._table)

    def row_of(self, record: Mapping[str, Any]) -> dict[str, Any]:
        """See :func:`.rows.row_of`; nothing is written."""
        return row_of(self._resource, record)

    def merge(self, records: Iterable[Mapping[str, Any]], synced_at: datetime) -> int:
        """Merge one batch of records by id and return how many rows were new or had changed.

        :param records: as the API answered them, each once.
        :param synced_at: the instant of the read that they come from.
        :raises ProtocolError: a record cannot be a row; nothing of the batch is written.
        """
        rows = [self.row_of(record) for record in records]
        with self._engine.begin() as connection:
            return merge_rows(connection, self._table, rows, synced_at)

    def rows_not_read(
        self, field: str, start: datetime, end: datetime, equal: Mapping[str, Any], read: Collection[str]
    ) -> list[str]:
        """Return the ids of the rows of a window that were not among those read.

        :param field: the API's name of the instant that decides which rows belong to the window.
        :param start: its first instant.
        :param end: the first instant after it.
        :param equal: the API's names of fields, and the values that the rows must have there.
        :param read: ids that were read.
        """
        conditions = {column_name(name): value for name, value in equal.items()}
        with self._engine.connect() as connection:
            return rows_not_read(
                connection, self._table, window=(column_name(field), start, end), conditions=conditions, read=read
            )

    def delete(self, ids: Collection[str]) -> int:
        """Delete rows by id and return how many there were.

        :param ids: of the rows; none: the database is not asked.
        """
        if not ids:
            return 0
        with self._engine.begin() as connection:
            return delete_rows(connection, self._table, ids)
