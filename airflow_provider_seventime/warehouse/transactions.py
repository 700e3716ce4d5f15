"""Transactions on one table: each is committed completely or not at all, and every error is one of this package."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import Table, func, select
from sqlalchemy.engine import Connection, Engine
from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_random_exponential

from airflow_provider_seventime.contract.spec import CollectionSpec
from airflow_provider_seventime.warehouse.databases import MYSQL_LIKE
from airflow_provider_seventime.warehouse.errors.classify import (
    DatabaseFailure,
    FailureKind,
    classify_error,
    driver_errors,
)
from airflow_provider_seventime.warehouse.errors.messages import Action, error_of
from airflow_provider_seventime.warehouse.rows import Row

ATTEMPTS = 6
FIRST_WAIT_SECONDS = 0.2
LONGEST_WAIT_SECONDS = 5.0

Result = TypeVar("Result")
Arguments = ParamSpec("Arguments")
_WriteRows = Callable[[Connection, Sequence[Row]], object]


class Transactions:
    """Runs functions of ``schema/`` and ``write/`` in transactions on a table.

    ::

        transactions = Transactions(engine, table, TIME_LOGS)
        transactions.read(action, is_prepared, table)               # is_prepared(connection, table)
        transactions.write(action, delete_rows, table, ["a", "b"])  # delete_rows(connection, table, ["a", "b"]), COMMIT

    An attempt that failed because of other transactions (a deadlock, a lock timeout) is repeated a few times.

    :param engine: to the database.
    :param table: the table, for the error messages.
    :param collection: whose records are the rows, for the error messages.
    :param sleep: waits for so many seconds between two attempts.
    """

    def __init__(
        self, engine: Engine, table: Table, collection: CollectionSpec, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._engine = engine
        self._table = table
        self._collection = collection
        self._sleep = sleep
        self._errors = driver_errors(engine.dialect)

    def read(
        self,
        action: Action,
        function: Callable[Concatenate[Connection, Arguments], Result],
        *args: Arguments.args,
        **kwargs: Arguments.kwargs,
    ) -> Result:
        """Return what the function returns; nothing is written.

        :param action: what the function does, for the error messages.
        :param function: takes a connection, and after it the other arguments.
        :raises ConfigError: a right is missing, or the connection is wrong.
        :raises WarehouseError: the database failed.
        """
        try:
            return self._retry(lambda connection: function(connection, *args, **kwargs), writes=False)
        except DatabaseFailure as failure:
            raise error_of(failure, action, self._table, self._engine) from failure

    def write(
        self,
        action: Action,
        function: Callable[Concatenate[Connection, Arguments], Result],
        *args: Arguments.args,
        **kwargs: Arguments.kwargs,
    ) -> Result:
        """Return what the function returns, after everything that it wrote is committed.

        :param action: what the function does, for the error messages.
        :param function: takes a connection in a transaction, and after it the other arguments. Each attempt calls it
            again.
        :raises ConfigError: a right is missing, or the connection is wrong.
        :raises WarehouseError: the database failed; nothing that the function did was written.
        """
        try:
            return self._retry(lambda connection: function(connection, *args, **kwargs), writes=True)
        except DatabaseFailure as failure:
            raise error_of(failure, action, self._table, self._engine) from failure

    def write_rows(
        self,
        action: Action,
        function: Callable[Concatenate[Connection, Sequence[Row], Arguments], Result],
        rows: Sequence[Row],
        *args: Arguments.args,
        **kwargs: Arguments.kwargs,
    ) -> Result:
        """Return what the function returns, after the rows are committed.

        If the database rejects a row, the error names its record. Not every driver names it. So the function is called
        with parts of the batch until one row is left, and each of these calls is rolled back.

        :param action: what the function does, for the error messages.
        :param function: takes a connection in a transaction, rows, and after them the other arguments.
        :param rows: one batch, at least one row.
        :raises ConfigError: a right is missing, or the connection is wrong.
        :raises WarehouseError: the database failed or rejected a row; nothing of the batch was written.
        """

        def write(connection: Connection, some: Sequence[Row] = rows) -> Result:
            return function(connection, some, *args, **kwargs)

        try:
            return self._retry(write, writes=True)
        except DatabaseFailure as failure:
            record_id = self._rejected_id(write, rows) if failure.kind is FailureKind.CONTENT else None
            record = None if record_id is None else f"{self._collection.name} {record_id!r}"
            raise error_of(failure, action, self._table, self._engine, rejected_record=record) from failure

    def _rejected_id(self, write: _WriteRows, rows: Sequence[Row]) -> str | None:
        """Return the id of a row that is rejected on its own, found by halving the batch; None: there is none.

        Two rows may be rejected only together, for example when both have the same value in a unique index.
        """
        suspects = rows
        while len(suspects) > 1:
            middle = len(suspects) // 2
            halves = (suspects[:middle], suspects[middle:])
            rejected = next((half for half in halves if self._is_rejected(write, half)), None)
            if rejected is None:
                return None
            suspects = rejected
        return str(suspects[0][0])

    def _is_rejected(self, write: _WriteRows, rows: Sequence[Row]) -> bool:
        try:
            self._attempt(lambda connection: write(connection, rows), writes=True, commits=False)
        except DatabaseFailure as failure:
            return failure.kind is FailureKind.CONTENT
        return False

    def _retry(self, function: Callable[[Connection], Result], *, writes: bool) -> Result:
        retrying = Retrying(
            retry=retry_if_exception(_is_busy),
            stop=stop_after_attempt(ATTEMPTS),
            wait=wait_random_exponential(multiplier=FIRST_WAIT_SECONDS, max=LONGEST_WAIT_SECONDS),
            sleep=self._sleep,
            reraise=True,
        )
        return retrying(lambda: self._attempt(function, writes=writes, commits=writes))

    def _attempt(self, function: Callable[[Connection], Result], *, writes: bool, commits: bool) -> Result:
        connection: Connection | None = None
        is_committing = False
        try:
            connection = self._engine.connect()
            transaction = connection.begin()
            if writes:
                _prepare_writing(connection)
            result = function(connection)
            if commits:
                is_committing = True
                transaction.commit()
        except self._errors as error:
            failure = classify_error(
                error, self._engine.dialect.name, connected=connection is not None, committing=is_committing
            )
            if connection is not None and failure.is_disconnect:
                connection.invalidate()  # or closing it would send ROLLBACK over a lost connection, and fail too
            elif connection is not None and failure.kind is FailureKind.FORBIDDEN:
                transaction.rollback()
                failure.user = str(connection.execute(select(func.current_user())).scalar())
        else:
            return result
        finally:
            if connection is not None:
                connection.close()
        raise failure  # not from the driver's error, which may quote a row; see errors/classify.py


def _is_busy(error: BaseException) -> bool:
    return isinstance(error, DatabaseFailure) and error.kind is FailureKind.BUSY


def _prepare_writing(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        # Python's driver begins a transaction at the first write of a row: after the reads that decide on it, and not
        # before DDL.
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    if connection.dialect.name in MYSQL_LIKE:
        # Without it a text that is too long is cut, and a number that is too large becomes another one.
        connection.exec_driver_sql("SET SESSION sql_mode = CONCAT(@@SESSION.sql_mode, ',STRICT_ALL_TABLES')")
