"""Copy of one collection: a table, and the transactions in which it changes."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Container, Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Table
from sqlalchemy.engine import Engine

from airflow_provider_seventime.contract.spec import CollectionSpec
from airflow_provider_seventime.warehouse.databases import MYSQL_LIKE
from airflow_provider_seventime.warehouse.errors.messages import Action
from airflow_provider_seventime.warehouse.misfits import Misfits
from airflow_provider_seventime.warehouse.rows import Row, RowConverter
from airflow_provider_seventime.warehouse.schema.columns import DELETED_AT, column_name
from airflow_provider_seventime.warehouse.schema.tables import (
    check_table,
    has_column,
    has_table,
    is_empty_table,
    is_prepared,
    prepare_table,
    table_of,
)
from airflow_provider_seventime.warehouse.transactions import Transactions
from airflow_provider_seventime.warehouse.write.merge import chunks, merge_rows
from airflow_provider_seventime.warehouse.write.newer import MergeResult
from airflow_provider_seventime.warehouse.write.removal import delete_rows, mark_rows, rows_among, rows_not_read

_CHECK = Action("checking the table", "CREATE, ALTER, SELECT, INSERT, UPDATE, DELETE")
_SEARCH = Action("searching for rows", "SELECT")
_PREPARE = Action(
    "creating the table or adding columns to it",
    "CREATE, ALTER, SELECT, INSERT, UPDATE",
    "the next run continues from there",
)
_MERGE = Action("writing a batch", "SELECT, INSERT, UPDATE", "nothing of the batch was written")
_DELETE = Action("deleting rows", "SELECT, DELETE", "none of them was deleted")
_MARK = Action("marking rows as deleted", "SELECT, UPDATE", "none of them was marked")

# Two connections: the server writes the rows of one while those of the other are prepared. SQLite has one writer, and
# on other databases two writers may block each other.
_BATCHES_AT_A_TIME = {"postgresql": 2} | dict.fromkeys(MYSQL_LIKE, 2)


class CollectionCopy:
    """Table that holds a copy of a collection. Every method that writes does so in one transaction.

    ::

        copy = CollectionCopy(engine, "seventime_time_logs", TIME_LOGS)
        copy.prepare()
        copy.merge([copy.row_of(record, exact_json.encode(record)) for record in records], synced_at=read_at)

    Each method raises ``ConfigError`` where the database will refuse the same call again (a missing right or schema, a
    wrong password), and ``WarehouseError`` where it failed. Then nothing of that call was written, unless the error
    says that the connection was lost during the COMMIT. Deadlocks and lock timeouts are retried first.

    :param engine: to the database; the caller disposes of it.
    :param table: ``table`` or ``schema.table``.
    :param collection: the collection.
    :param marks_deletions: the table has a column ``deleted_at``, for :meth:`mark_deleted`. A table that has the column
        already keeps it, whatever is given here.
    :param account: the value of the column ``account``, for a table that holds several accounts. Only its rows are
        read, written and removed. None: the table has no such column.
    :param misfits: collects values that their fields cannot hold; None: they are errors.
    :param sleep: waits for so many seconds before another attempt.
    :ivar batches_at_a_time: how many batches are best merged at the same time, each by a thread of its own.
    :raises ConfigError: the name is not the name of a table.
    """

    def __init__(
        self,
        engine: Engine,
        table: str,
        collection: CollectionSpec,
        *,
        marks_deletions: bool = False,
        account: str | None = None,
        misfits: Misfits | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.batches_at_a_time = _BATCHES_AT_A_TIME.get(engine.dialect.name, 1)
        self._collection = collection
        self._converter = RowConverter(collection, misfits)
        self._table = table_of(collection, table, marks_deletions=marks_deletions, account=account)
        self._with_marks = table_of(collection, table, marks_deletions=True, account=account)
        self._is_reflected = False
        self._transactions = Transactions(engine, self._table, collection, sleep)

    def check(self) -> None:
        """Check that the table exists or can be created; see :func:`.tables.check_table`."""
        self._transactions.read(_CHECK, check_table, self._collection, self._with_marks)

    def is_empty(self) -> bool:
        """Return whether the table does not exist or has no row of the account."""
        return self._transactions.read(_SEARCH, is_empty_table, self._table)

    @property
    def exists(self) -> bool:
        """True if the table exists."""
        return self._transactions.read(_SEARCH, has_table, self._table)

    @property
    def marks_deletions(self) -> bool:
        """True if the table has the column ``deleted_at``, from this run or an earlier one."""
        return DELETED_AT in self._actual_table(_SEARCH).columns

    def prepare(self) -> None:
        """Create the table, or add the columns that it lacks; see :func:`.tables.prepare_table`."""
        if not self._transactions.read(_PREPARE, is_prepared, self._table):
            self._transactions.write(_PREPARE, prepare_table, self._collection, self._table)

    def row_of(self, record: Mapping[str, Any], json: bytes) -> Row:
        """Convert a record to a row; see :meth:`.rows.RowConverter.row_of`."""
        return self._converter.row_of(record, json)

    def merge(self, rows: Iterable[Row], synced_at: datetime) -> MergeResult:
        """Merge one batch of rows by id.

        A row that was marked as deleted is unmarked, and counts.

        :param rows: from :meth:`row_of`; of two with the same id the last one counts.
        :param synced_at: instant of the read that the rows come from.
        """
        by_id = {row[0]: row for row in rows}
        batch = [by_id[row_id] for row_id in sorted(by_id)]
        if not batch:
            return MergeResult()
        table = self._actual_table(_MERGE)
        return self._transactions.write_rows(_MERGE, merge_rows, batch, table, self._converter, synced_at)

    def rows_not_read(
        self,
        read_ids: Container[str],
        *,
        window: tuple[str, datetime, datetime] | None,
        equal: Mapping[str, Any],
    ) -> list[str]:
        """Return the ids of the rows that belong to a read and that the read did not return.

        Rows that are marked as deleted are not among them.

        :param read_ids: ids of the read, which are looked up in ascending order.
        :param window: the API's name of the instant that decides which rows belong to the read, its first instant, and
            the first instant after it; None: all rows.
        :param equal: the API's names of fields, and the values that the rows must have there.
        """
        conditions = {column_name(name): value for name, value in equal.items()}
        by_column = None if window is None else (column_name(window[0]), *window[1:])
        table = self._actual_table(_SEARCH)
        return self._transactions.read(_SEARCH, rows_not_read, table, read_ids, window=by_column, conditions=conditions)

    def rows_among(self, ids: Iterable[str], *, equal: Mapping[str, Any]) -> list[str]:
        """Return those of some ids that have a row with certain values and without a mark.

        :param ids: to look for.
        :param equal: the API's names of fields, and the values that the rows must have there.
        """
        conditions = {column_name(name): value for name, value in equal.items()}
        table = self._actual_table(_SEARCH)
        return [
            found
            for some in chunks(ids)
            for found in self._transactions.read(_SEARCH, rows_among, table, some, conditions=conditions)
        ]

    def delete(self, ids: Collection[str]) -> int:
        """Delete rows by id and return how many there were.

        :param ids: of the rows; none: no statement is sent.
        """
        if not ids:
            return 0
        return self._transactions.write(_DELETE, delete_rows, self._table, ids)

    def mark_deleted(self, ids: Collection[str], deleted_at: datetime) -> int:
        """Mark rows as deleted and return how many had no mark yet.

        :param ids: of the rows; none: no statement is sent.
        :param deleted_at: instant of the read that did not return them.
        """
        if not ids:
            return 0
        return self._transactions.write(_MARK, mark_rows, self._with_marks, ids, deleted_at)

    def _actual_table(self, action: Action) -> Table:
        """Return the table with ``deleted_at`` where the database has that column, from this run or an earlier one.

        :param action: that needs the table, for the error messages.
        """
        if not self._is_reflected:
            if self._transactions.read(action, has_column, self._table, DELETED_AT):
                self._table = self._with_marks
            self._is_reflected = True
        return self._table
