"""The copy of one collection: a table, and the transactions in which it changes."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Table, select
from sqlalchemy.engine import Connection, Engine

from airflow_provider_seventime.contract.spec import CollectionSpec
from airflow_provider_seventime.warehouse.databases import MYSQL_LIKE
from airflow_provider_seventime.warehouse.errors.messages import Work
from airflow_provider_seventime.warehouse.errors.rejected_record import find_rejected_record
from airflow_provider_seventime.warehouse.rows import RowConverter
from airflow_provider_seventime.warehouse.schema.columns import DELETED_AT, ID, column_name
from airflow_provider_seventime.warehouse.schema.tables import (
    check_table,
    has_column,
    has_table,
    is_prepared,
    prepare_table,
    table_of,
)
from airflow_provider_seventime.warehouse.transactions import Transactions
from airflow_provider_seventime.warehouse.values import record_id
from airflow_provider_seventime.warehouse.write.merge import merge_records
from airflow_provider_seventime.warehouse.write.removal import delete_rows, mark_rows, rows_not_read

_CHECK = Work("the table was looked at", "CREATE, ALTER, SELECT, INSERT, UPDATE, DELETE")
_READ = Work("rows were looked for", "SELECT")
_PREPARE = Work(
    "the table was made or widened", "CREATE, ALTER, SELECT, INSERT, UPDATE", "the next run goes on from there"
)
_MERGE = Work("a batch was written", "SELECT, INSERT, UPDATE", "nothing of the batch was written")
_DELETE = Work("rows were deleted", "SELECT, DELETE", "none of them was deleted")
_MARK = Work("rows were marked as deleted", "SELECT, UPDATE", "none of them was marked")


# By two connections: on one the server writes, while for the other the rows are made ready. SQLite has one writer, and
# of other databases it is not known whether they keep two from standing in each other's way.
_WRITES_TOGETHER = {"postgresql": 2} | dict.fromkeys(MYSQL_LIKE, 2)


class CollectionCopy:
    """A table that holds a collection. Every method that writes does so in one transaction.

    ::

        copy = CollectionCopy(engine, "seventime_time_logs", TIME_LOGS)
        copy.prepare()
        copy.merge(records, synced_at=read_at)

    Each method raises ``ConfigError`` where the database will refuse the same again (a missing right or schema, a wrong
    password), and ``WarehouseError`` where it failed; then nothing of that call was written, unless the error says that
    the connection was lost with the COMMIT. What stood in each other's way is tried again before.

    :param engine: to the database; the caller disposes of it.
    :param table: ``table`` or ``schema.table``.
    :param resource: the collection.
    :param marks_deletions: the table has a column ``deleted_at``, for :meth:`mark_deleted`. A table that has the column
        already keeps to it whatever is given here.
    :param sleep: waits for so many seconds before another try.
    :ivar writes_together: how many batches are best merged at once, each by a thread of its own.
    :raises ConfigError: the name is no name of a table.
    """

    def __init__(
        self,
        engine: Engine,
        table: str,
        resource: CollectionSpec,
        *,
        marks_deletions: bool = False,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.writes_together = _WRITES_TOGETHER.get(engine.dialect.name, 1)
        self._resource = resource
        self._rows = RowConverter(resource)
        self._table = table_of(resource, table, marks_deletions=marks_deletions)
        self._with_marks = table_of(resource, table, marks_deletions=True)
        self._looked = False
        self._transactions = Transactions(engine, self._table, sleep)

    def check(self) -> None:
        """See :func:`.tables.check_table`."""
        self._transactions.read(_CHECK, lambda connection: check_table(connection, self._resource, self._with_marks))

    def is_empty(self) -> bool:
        """Tell whether there is no table, or no row in it."""

        def look(connection: Connection) -> bool:
            one = select(self._table.columns[ID]).limit(1)
            return not has_table(connection, self._table) or connection.execute(one).first() is None

        return self._transactions.read(_READ, look)

    def prepare(self) -> None:
        """See :func:`.tables.prepare_table`."""
        if not self._transactions.read(_PREPARE, lambda connection: is_prepared(connection, self._table)):
            self._transactions.write(
                _PREPARE, lambda connection: prepare_table(connection, self._resource, self._table)
            )

    def row_of(self, record: Mapping[str, Any]) -> dict[str, Any]:
        """See :meth:`.rows.RowConverter.row_of`; nothing is written."""
        return self._rows.row_of(record)

    def merge(self, records: Iterable[Mapping[str, Any]], synced_at: datetime) -> int:
        """Merge one batch of records by id and return how many rows were new or had changed.

        A row that was marked as deleted is unmarked, and counts.

        :param records: as the API answered them, each once.
        :param synced_at: the instant of the read that they come from.
        :raises ProtocolError: a record cannot be a row; nothing of the batch is written.
        """
        given = {record_id(self._resource, record): record for record in records}
        batch = {row_id: given[row_id] for row_id in sorted(given)}

        def write(connection: Connection, some: Mapping[str, Mapping[str, Any]] = batch) -> int:
            return merge_records(connection, self._as_it_is(connection), self._rows, some, synced_at)

        def rejected_record() -> str | None:
            def refuses(ids: Collection[str]) -> bool:
                return self._transactions.refuses(lambda connection: write(connection, {i: batch[i] for i in ids}))

            found = find_rejected_record(list(batch), refuses)
            return None if found is None else f"{self._resource.name} {found!r}"

        return self._transactions.write(_MERGE, write, rejected_record) if batch else 0

    def rows_not_read(
        self, read: Collection[str], *, window: tuple[str, datetime, datetime] | None, equal: Mapping[str, Any]
    ) -> list[str]:
        """Return the ids of the rows that belong to a read and were not among those that it held.

        Rows that are marked as deleted are not among them.

        :param read: ids that were read.
        :param window: the API's name of the instant that decides which rows belong to it, its first instant, and the
            first instant after it; None: all rows.
        :param equal: the API's names of fields, and the values that the rows must have there.
        """
        conditions = {column_name(name): value for name, value in equal.items()}
        by_column = None if window is None else (column_name(window[0]), *window[1:])

        def look(connection: Connection) -> list[str]:
            table = self._as_it_is(connection)
            return rows_not_read(connection, table, read, window=by_column, conditions=conditions)

        return self._transactions.read(_READ, look)

    def delete(self, ids: Collection[str]) -> int:
        """Delete rows by id and return how many there were.

        :param ids: of the rows; none: the database is not asked.
        """
        if not ids:
            return 0
        return self._transactions.write(_DELETE, lambda connection: delete_rows(connection, self._table, ids))

    def mark_deleted(self, ids: Collection[str], deleted_at: datetime) -> int:
        """Mark rows as deleted and return how many there were that had no mark yet.

        :param ids: of the rows; none: the database is not asked.
        :param deleted_at: the instant of the read that did not hold them.
        """
        if not ids:
            return 0
        return self._transactions.write(
            _MARK, lambda connection: mark_rows(connection, self._with_marks, ids, deleted_at)
        )

    def _as_it_is(self, connection: Connection) -> Table:
        """Return the table with ``deleted_at`` where the database has it, made by this run or by an earlier one."""
        if not self._looked:
            if has_column(connection, self._table, DELETED_AT):
                self._table = self._with_marks
            self._looked = True
        return self._table
