"""Transactions on one table: each is done completely or not at all, and every error is one of this package."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Table, func, select
from sqlalchemy.engine import Connection, Engine
from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_random_exponential

from airflow_provider_seventime.warehouse.databases import MYSQL_LIKE
from airflow_provider_seventime.warehouse.errors.classify import (
    DatabaseFailure,
    FailureKind,
    classify_error,
    driver_errors,
)
from airflow_provider_seventime.warehouse.errors.messages import Action, error_of

ATTEMPTS = 6
FIRST_WAIT_SECONDS = 0.2
LONGEST_WAIT_SECONDS = 5.0

Result = TypeVar("Result")


class Transactions:
    """Runs functions in transactions on a table.

    An attempt that failed because of other transactions (a deadlock, a lock timeout) is repeated a few times.

    :param engine: to the database.
    :param table: the table, for the error messages.
    :param sleep: waits for so many seconds between two attempts.
    """

    def __init__(self, engine: Engine, table: Table, sleep: Callable[[float], None] = time.sleep) -> None:
        self._engine = engine
        self._table = table
        self._sleep = sleep
        self._errors = driver_errors(engine.dialect)

    def read(self, action: Action, function: Callable[[Connection], Result]) -> Result:
        """Return what the function returns; nothing is written.

        :param action: what the function does, for the error messages.
        :param function: takes a connection.
        :raises ConfigError: a right is missing, or the connection is wrong.
        :raises WarehouseError: the database failed.
        """
        return self._run(action, lambda: self._attempt(function, writes=False, commits=False))

    def write(
        self,
        action: Action,
        function: Callable[[Connection], Result],
        rejected_record: Callable[[], str | None] = lambda: None,
    ) -> Result:
        """Return what the function returns, after everything that it wrote is committed.

        :param action: what the function does, for the error messages.
        :param function: takes a connection in a transaction; each attempt calls it again.
        :param rejected_record: returns the name of the record that the database rejects; called when it rejects one.
        :raises ConfigError: a right is missing, or the connection is wrong.
        :raises WarehouseError: the database failed; nothing that the function did was written.
        """
        return self._run(action, lambda: self._attempt(function, writes=True, commits=True), rejected_record)

    def is_rejected(self, function: Callable[[Connection], object]) -> bool:
        """Return whether the database rejects a row that the function writes; the transaction is rolled back.

        :param function: as for :meth:`write`.
        """
        try:
            self._attempt(function, writes=True, commits=False)
        except DatabaseFailure as failure:
            return failure.kind is FailureKind.CONTENT
        return False

    def _run(
        self, action: Action, attempt: Callable[[], Result], rejected_record: Callable[[], str | None] = lambda: None
    ) -> Result:
        retrying = Retrying(
            retry=retry_if_exception(_is_busy),
            stop=stop_after_attempt(ATTEMPTS),
            wait=wait_random_exponential(multiplier=FIRST_WAIT_SECONDS, max=LONGEST_WAIT_SECONDS),
            sleep=self._sleep,
            reraise=True,
        )
        try:
            return retrying(attempt)
        except DatabaseFailure as failure:
            record = rejected_record() if failure.kind is FailureKind.CONTENT else None
            raise error_of(failure, action, self._table, self._engine, rejected_record=record) from failure

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
